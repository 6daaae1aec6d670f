/**
 * The table of transports: a new transport is one file, one line here, and its addresses in `address.ts`.
 *
 * @module
 */

import { type Address, isConnecting, parseAddress, secureSchemes, type TransportName } from "./address.ts";
import type { SynchrophasorConnectionOptions } from "./c37_118.ts";
import type { ConnectionOptions } from "./link/options.ts";
import type { Transport } from "./transport.ts";
import type { AmqpOptions } from "./amqp/options.ts";
import type { MqttOptions } from "./mqtt/options.ts";
import type { UdpOptions } from "./udp.ts";

/** Options of all transports; those of another transport than the one that is opened must be left out. */
export type OpenOptions = UdpOptions & ConnectionOptions & SynchrophasorConnectionOptions & {
  /** Options of MQTT. */
  mqtt?: MqttOptions;
  /** Options of AMQP. */
  amqp?: AmqpOptions;
};

interface Entry {
  /** Loads the transport's file only when it is used; the specifier is literal, so that `deno compile` embeds it. */
  load: () => Promise<(options: OpenOptions) => Promise<Transport>>;
  /** Returns the address that VILLASnode's Python client sends to, if it has one for this transport. */
  defaultRemote?: (local: Address | undefined) => string;
}

const transports: Readonly<Partial<Record<TransportName, Entry>>> = {
  udp: {
    load: async () => (await import("./udp.ts")).openUdp,
    // A socket of an IPv6 address cannot send over IPv4, unless it is that of any address.
    defaultRemote: (local) => `udp://${/^(?!::$).*:/.test(local?.host ?? "") ? "[::1]" : "127.0.0.1"}:12000`,
  },
  unix: {
    load: async () => (await import("./unix.ts")).openUnix,
    defaultRemote: () => "unix:/var/run/villas-node.server.sock",
  },
  ws: { load: async () => (await import("./ws.ts")).openWebSocket },
  memory: { load: async () => (await import("./memory.ts")).openMemory },
  mqtt: { load: async () => (await import("./mqtt.ts")).openMqtt },
  amqp: { load: async () => (await import("./amqp.ts")).openAmqp },
  "c37.118": { load: async () => (await import("./c37_118.ts")).openSynchrophasors },
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
  return transports[name]?.defaultRemote?.(typeof local === "string" ? parseAddress(local) : local);
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
  checkOptions(options, name, [local, remote]);
  const entry = transports[name];
  if (entry === undefined) {
    throw new TypeError(`Cannot open ${(local ?? remote)?.text}: there is no transport ${name} yet`);
  }
  const open = await entry.load();
  return await open({ ...options, ...local && { local }, ...remote && { remote } });
}

function toAddress(address: string | Address | undefined): Address | undefined {
  return typeof address === "string" ? parseAddress(address) : address;
}

/** Returns whether an end shows a certificate: clients of brokers, and servers of WebSockets. */
function showsCertificate(end: Address | undefined, local: Address | undefined): boolean {
  return end?.isSecure === true && (end.transport !== "ws" || end === local);
}

/** Checks that no option is given to a transport that does not have it, which would leave it out without a word. */
function checkOptions(options: OpenOptions, name: TransportName, ends: readonly (Address | undefined)[]): void {
  const { batch = false, busyPoll = false, multicast, whenDown, tlsCa, tlsCert, tlsKey, credentials, check = true } =
    options;
  const connects = isConnecting(name);
  if (name !== "udp") {
    if (batch) throw new TypeError(`Cannot send and receive in batches over ${name}: only udp can`);
    if (busyPoll !== false) {
      throw new TypeError(`Cannot poll for datagrams over ${name} instead of waiting: only udp can`);
    }
    if (multicast !== undefined) throw new TypeError(`Cannot join a multicast group over ${name}: only udp can`);
  }
  if (!connects && whenDown !== undefined) {
    throw new TypeError(`Cannot choose what to do when the connection is down over ${name}: it has no connections`);
  }
  if (!connects && credentials !== undefined) {
    throw new TypeError(`Cannot use a user, a password or a token over ${name}: it asks for none`);
  }
  if (tlsCa !== undefined && !ends.some((end) => end?.isSecure)) {
    throw new TypeError(
      `Cannot use certificates of authorities over ${name}: only ${secureSchemes.join(", ")} use them`,
    );
  }
  if (options.synchrophasors !== undefined && name !== "c37.118") {
    throw new TypeError(`Cannot use options of synchrophasors over ${name}: only c37.118 has them`);
  }
  if ((tlsCert !== undefined || tlsKey !== undefined) && !ends.some((end) => showsCertificate(end, ends[0]))) {
    throw new TypeError(`Cannot show a certificate over ${name}: only mqtts, amqps and servers of wss can`);
  }
  if (options.mqtt !== undefined && name !== "mqtt") throw new TypeError(`Cannot use options of MQTT over ${name}`);
  if (options.amqp !== undefined && name !== "amqp") throw new TypeError(`Cannot use options of AMQP over ${name}`);
  if (options.formats !== undefined && name !== "ws") {
    throw new TypeError(`Cannot serve other formats over ${name}: only ws does`);
  }
  if (!check && name !== "ws") {
    throw new TypeError(`Cannot leave out the check of the other end over ${name}: only ws has one`);
  }
}
