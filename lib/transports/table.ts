/**
 * The table of transports: a new transport is one file and one line here.
 *
 * @module
 */

import type { Transport, TransportOptions } from "./transport.ts";

interface Entry {
  /** Loads the transport's file only when it is used; the specifier is literal, so that `deno compile` embeds it. */
  load: () => Promise<(options: TransportOptions) => Promise<Transport>>;
  /** The same for the transport that moves many datagrams a system call, where there is one. */
  loadBatch?: () => Promise<(options: TransportOptions) => Promise<Transport>>;
  /**
   * Where to send to from a local address if nothing else is said: where VILLASnode's Python client expects VILLASnode.
   */
  defaultRemote?: (local: string | undefined) => string;
}

/** Name of a transport, which its addresses begin with. */
export type TransportName = "udp" | "unix" | "memory";

const transports: Readonly<Record<TransportName, Entry>> = {
  udp: {
    load: async () => (await import("./udp.ts")).openUdp,
    loadBatch: async () => (await import("./udp_batch.ts")).openUdpBatch,
    // A socket of an IPv6 address cannot send over IPv4, unless it is that of any address.
    defaultRemote: (local = "") => `udp://${/\[(?!::\])/.test(local) ? "[::1]" : "127.0.0.1"}:12000`,
  },
  unix: {
    load: async () => (await import("./unix.ts")).openUnix,
    defaultRemote: () => "unix:/var/run/villas-node.server.sock",
  },
  memory: { load: async () => (await import("./memory.ts")).openMemory },
};

/** All transports. */
export const transportNames: readonly TransportName[] = Object.keys(transports) as TransportName[];

/**
 * The name of the transport that an address belongs to.
 *
 * @param address Such as `udp://127.0.0.1:12000`, `unix:/run/a.sock`, or `HOST:PORT` as VILLASnode writes it
 * @returns The transport's name
 * @throws {SyntaxError} If there is no such transport
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { transportOf } from "@villas/client/transports";
 *
 * assertEquals(transportOf("unix:/run/a.sock"), "unix");
 * assertEquals(transportOf("*:12000"), "udp");
 * ```
 */
export function transportOf(address: string): TransportName {
  // "udp:12000" is port 12000 of a machine of that name; every other transport begins with its name and a colon.
  if (address.startsWith("udp://")) return "udp";
  const scheme = /^([a-z]+):./s.exec(address)?.[1];
  if (scheme !== undefined && scheme !== "udp" && Object.hasOwn(transports, scheme)) return scheme as TransportName;
  if (/^[^/]*:\d+$/.test(address)) return "udp";
  throw new SyntaxError(
    `Cannot find the transport of "${address}": expected "udp://HOST:PORT", "unix:PATH" or "memory:NAME"`,
  );
}

/**
 * Where a transport sends to if nothing else is said.
 *
 * @param name Name of the transport
 * @param local The address that it receives on, if it is not the default one
 * @returns The address that VILLASnode's Python client has (on `::1` if `local` is an IPv6 address), or undefined where
 * it has none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultRemoteOf } from "@villas/client/transports";
 *
 * assertEquals(defaultRemoteOf("udp"), "udp://127.0.0.1:12000");
 * assertEquals(defaultRemoteOf("memory"), undefined);
 * ```
 */
export function defaultRemoteOf(name: TransportName, local?: string): string | undefined {
  return transports[name].defaultRemote?.(local);
}

/**
 * Opens the transport that the addresses name.
 *
 * @param options Addresses and what to receive
 * @param fallback The transport to open where there are no addresses
 * @returns The open transport
 * @throws {TypeError} If the two addresses are of different transports, or of one that has no batches where they are
 * asked for
 * @throws {Deno.errors.AddrInUse} If the local address is in use
 */
export async function openTransport(options: TransportOptions, fallback: TransportName = "udp"): Promise<Transport> {
  const [name = fallback, ...others] = new Set(
    [options.local, options.remote].filter((address) => address !== undefined).map(transportOf),
  );
  if (others.length > 0) {
    throw new TypeError(`Cannot connect ${options.local} with ${options.remote}: they are of different transports`);
  }
  const { load, loadBatch } = transports[name];
  if (options.batch === true && loadBatch === undefined) {
    throw new TypeError(`Cannot send and receive in batches over ${name}: only udp can`);
  }
  const open = await (options.batch === true && loadBatch !== undefined ? loadBatch() : load());
  return await open(options);
}
