/**
 * The transport `udp`: VILLASnode's socket node with `layer = "udp"`, over IPv4 and IPv6, unicast, broadcast and
 * multicast.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";
import { lookup } from "node:dns/promises";
import { countUdpDrops } from "./_kernel_drops.ts";
import { listenDatagram } from "./_listen.ts";
import {
  checkLengths,
  maximumUdpLength,
  type MulticastOptions,
  noRemote,
  type Transport,
  type TransportOptions,
} from "./transport.ts";

/** Where the Python client of VILLASnode receives by default. */
const defaultLocal = "udp://0.0.0.0:12001";
/** The same for a remote with an IPv6 address. */
const defaultLocalIPv6 = "udp://[::]:12001";

/** A buffer as long as any datagram: a shorter one would cut datagrams without a word. */
const receiveBufferLength = 65_536;

interface UdpAddress {
  hostname: string;
  port: number;
}

/**
 * Opens a UDP socket.
 *
 * Host names are looked up once, when the socket is opened. Where the remote is a multicast group or a broadcast
 * address, answers come from other addresses than the one sent to, so all sources are received.
 *
 * @param options Addresses such as `udp://127.0.0.1:12001`, `udp://[::1]:12001`, `udp://*:12001`, or `HOST:PORT` as
 * VILLASnode writes it; `local` is `udp://0.0.0.0:12001` by default, and port 0 takes a free one
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another socket has the local address
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address cannot be read
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUdp } from "@villas/client";
 *
 * using a = await openUdp({ local: "udp://127.0.0.1:0" });
 * using b = await openUdp({ local: "udp://127.0.0.1:0", remote: a.local });
 * await b.send([new TextEncoder().encode("hello")]);
 * const [datagram] = await a.receive();
 * assertEquals(new TextDecoder().decode(datagram), "hello");
 * ```
 */
export async function openUdp(options: TransportOptions = {}): Promise<Transport> {
  let remote = options.remote === undefined ? undefined : await resolve(options.remote);
  const local = await resolve(
    options.local ?? (remote !== undefined && isIPv6(remote.hostname) ? defaultLocalIPv6 : defaultLocal),
  );
  if (remote !== undefined) checkFamilies(local, remote);
  const { multicast, anySource = false, onIgnored } = options;
  const conn = listenDatagram({
    transport: "udp",
    ...local,
    // Several receivers of one group on one machine share its port.
    reuseAddress: multicast !== undefined,
    loopback: multicast?.loop ?? false,
  }, format(local));
  try {
    if (multicast !== undefined) await join(conn, multicast);
  } catch (error) {
    conn.close();
    throw new Error(`Cannot join multicast group ${multicast?.group}: ${(error as Error).message}`, { cause: error });
  }
  const bound = conn.addr as Deno.NetAddr;
  const buffer = new Uint8Array(receiveBufferLength);
  const received: Uint8Array[] = [];
  let destination: Deno.NetAddr | undefined;
  let source: UdpAddress | undefined;
  let ignored = 0;
  let closed = false;
  aim(remote);

  function aim(address: UdpAddress | undefined): void {
    remote = address;
    destination = address && { transport: "udp", ...address };
    source = anySource || address === undefined || isGroup(address.hostname) ? undefined : address;
  }

  const transport: Transport = {
    local: format(bound),
    get remote() {
      return remote && format(remote);
    },
    maximumLength: maximumUdpLength,
    get ignored() {
      return ignored;
    },
    async receive() {
      received.length = 0;
      while (!closed) {
        try {
          const [datagram, from] = await conn.receive(buffer) as [Uint8Array, Deno.NetAddr];
          if (source === undefined || (from.port === source.port && unmap(from.hostname) === source.hostname)) {
            received.push(datagram);
            break;
          }
          ignored++;
          onIgnored?.(format(from));
        } catch (error) {
          if (closed) break;
          // Windows reports here that an earlier datagram found no receiver.
          if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
        }
      }
      return received;
    },
    async send(datagrams) {
      if (destination === undefined) throw noRemote(transport.local);
      checkLengths(datagrams, transport);
      for (const datagram of datagrams) await conn.send(datagram, destination);
      return datagrams.length;
    },
    async setRemote(address) {
      const resolved = await resolve(address);
      checkFamilies(local, resolved);
      aim(resolved);
    },
    ready: () => Promise.resolve(),
    countKernelDrops: () => countUdpDrops(bound),
    close() {
      if (closed) return;
      closed = true;
      conn.close();
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}

/** Reads `udp://HOST:PORT`, or `HOST:PORT`; an empty host and `*` are any address. */
function parse(address: string): UdpAddress {
  const [, ipv6, host, digits] = /^(?:udp:\/\/)?(?:\[([^\]]+)\]|([^[\]/:]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) {
    throw new SyntaxError(
      `Cannot parse "${address}" as a UDP address: expected "udp://HOST:PORT" or "udp://[IPV6]:PORT", ` +
        `with a port from 0 to 65535`,
    );
  }
  if (ipv6 !== undefined) return { hostname: canonicalIPv6(ipv6), port };
  return { hostname: host === undefined || host === "" || host === "*" ? "0.0.0.0" : host, port };
}

async function resolve(text: string): Promise<UdpAddress> {
  const address = parse(text);
  if (isIPv4(address.hostname) || isIPv6(address.hostname)) return address;
  try {
    const found = await lookup(address.hostname);
    return { hostname: found.address, port: address.port };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Deno.errors.NotFound(`Cannot find host ${address.hostname}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** IPv6 addresses have many spellings; sources are reported in the canonical one. */
function canonicalIPv6(hostname: string): string {
  return new URL(`http://[${hostname}]`).hostname.slice(1, -1);
}

/** An IPv6 socket that receives over IPv4 sees addresses such as `::ffff:127.0.0.1`. */
function unmap(hostname: string): string {
  return hostname.startsWith("::ffff:") && isIPv4(hostname.slice(7)) ? hostname.slice(7) : hostname;
}

function format({ hostname, port }: UdpAddress): string {
  const host = unmap(hostname);
  return `udp://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function checkFamilies(local: UdpAddress, remote: UdpAddress): void {
  const canSend = isIPv4(local.hostname) ? isIPv4(remote.hostname) : local.hostname === "::" || isIPv6(remote.hostname);
  if (!canSend) {
    throw new TypeError(
      `Cannot send from ${format(local)} to ${format(remote)}: one is an IPv4 address, the other an IPv6 address`,
    );
  }
}

/** Whether datagrams to this address reach several machines, which answer from addresses of their own. */
function isGroup(hostname: string): boolean {
  if (isIPv6(hostname)) return hostname.startsWith("ff");
  const first = Number(hostname.split(".")[0]);
  // Broadcast addresses of a subnet cannot be told from others without its mask; all of them end in 255 in practice.
  return (first >= 224 && first <= 239) || hostname.endsWith(".255");
}

async function join(conn: Deno.DatagramConn, { group, interface: network, loop, ttl }: MulticastOptions) {
  if (isIPv6(group)) {
    const membership = await conn.joinMulticastV6(group, Number(network ?? 0));
    if (loop !== undefined) await membership.setLoopback(loop);
  } else {
    const membership = await conn.joinMulticastV4(group, network ?? "0.0.0.0");
    if (loop !== undefined) await membership.setLoopback(loop);
    if (ttl !== undefined) await membership.setTTL(ttl);
  }
}
