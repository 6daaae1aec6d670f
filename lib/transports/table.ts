/**
 * The table of transports: a new transport is one file, one line here, and its addresses in `address.ts`.
 *
 * @module
 */

import { type Address, parseAddress, type TransportName } from "./address.ts";
import type { Transport, TransportOptions } from "./transport.ts";
import type { UdpOptions } from "./udp.ts";

/** Options of all transports; those of another transport than the one that is opened must be left out. */
export type OpenOptions = TransportOptions & UdpOptions;

interface Entry {
  /** Loads the transport's file only when it is used; the specifier is literal, so that `deno compile` embeds it. */
  load: () => Promise<(options: OpenOptions) => Promise<Transport>>;
  /** Returns the address that VILLASnode's Python client sends to, if it has one for this transport. */
  defaultRemote?: (local: Address | undefined) => string;
}

const transports: Readonly<Record<TransportName, Entry>> = {
  udp: {
    load: async () => (await import("./udp.ts")).openUdp,
    // A socket of an IPv6 address cannot send over IPv4, unless it is that of any address.
    defaultRemote: (local) => `udp://${/^(?!::$).*:/.test(local?.host ?? "") ? "[::1]" : "127.0.0.1"}:12000`,
  },
  unix: {
    load: async () => (await import("./unix.ts")).openUnix,
    defaultRemote: () => "unix:/var/run/villas-node.server.sock",
  },
  memory: { load: async () => (await import("./memory.ts")).openMemory },
};

/**
 * Returns the address that a transport sends to by default, which is that of VILLASnode's Python client.
 *
 * @param name Name of the transport
 * @param local Address to receive on, if it is not the default one: an IPv6 address sends to `::1`
 * @returns Text of the address; undefined where the transport has no default
 * @throws {SyntaxError} If `local` is a text that is not an address
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultRemoteFor } from "@villas/client/transports";
 *
 * assertEquals(defaultRemoteFor("udp"), "udp://127.0.0.1:12000");
 * assertEquals(defaultRemoteFor("memory"), undefined);
 * ```
 */
export function defaultRemoteFor(name: TransportName, local?: string | Address): string | undefined {
  return transports[name].defaultRemote?.(typeof local === "string" ? parseAddress(local) : local);
}

/**
 * Opens the transport that the addresses name.
 *
 * @param options Addresses and what to receive
 * @param fallback The transport to open where there are no addresses
 * @returns The open transport
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If the two addresses are of different transports, or the transport does not have such an option
 * @throws {Deno.errors.AddrInUse} If the local address is in use
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openTransport, parseAddress } from "@villas/client/transports";
 *
 * using transport = await openTransport({ local: parseAddress("memory:opened"), remote: "memory:nobody" });
 * assertEquals(transport.local, "memory:opened");
 * ```
 */
export async function openTransport(options: OpenOptions, fallback: TransportName = "udp"): Promise<Transport> {
  const local = toAddress(options.local);
  const remote = toAddress(options.remote);
  const name = local?.transport ?? remote?.transport ?? fallback;
  if (local !== undefined && remote !== undefined && local.transport !== remote.transport) {
    throw new TypeError(`Cannot connect ${local.text} with ${remote.text}: they are of different transports`);
  }
  if (name !== "udp") checkOptions(options, name);
  const open = await transports[name].load();
  return await open({ ...options, ...local && { local }, ...remote && { remote } });
}

function toAddress(address: string | Address | undefined): Address | undefined {
  return typeof address === "string" ? parseAddress(address) : address;
}

/** Checks that no option of `udp` is given to another transport, which would leave it out without a word. */
function checkOptions({ batch, busyPoll = false, multicast }: OpenOptions, name: TransportName): void {
  if (batch === true) throw new TypeError(`Cannot send and receive in batches over ${name}: only udp can`);
  if (busyPoll !== false) {
    throw new TypeError(`Cannot poll for datagrams over ${name} instead of waiting: only udp can`);
  }
  if (multicast !== undefined) throw new TypeError(`Cannot join a multicast group over ${name}: only udp can`);
}
