/**
 * The transport `udp`: VILLASnode's socket node with `layer = "udp"`, over IPv4 and IPv6, unicast, broadcast and
 * multicast.
 *
 * @module
 */

import { checkMulticast, joinMulticast } from "./udp/multicast.ts";
import { toUdpAddress } from "./address.ts";
import { resolveEndpoints } from "./udp/endpoint.ts";
import { createUdpTransport, listenUdp } from "./udp/transport.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/**
 * Opens a UDP socket.
 *
 * Host names are looked up once, when the socket is opened; of the addresses of a name, one that fits the other end is
 * taken. Where the remote is a multicast group or a broadcast address, answers come from other addresses than the one
 * sent to, so all sources are received.
 *
 * @param options Addresses such as `udp://127.0.0.1:12001`, `udp://[::1]:12001`, `udp://*:12001`, or `HOST:PORT` as
 * VILLASnode writes it; `local` is `udp://0.0.0.0:12001` by default (`udp://[::]:12001` if the remote has an IPv6
 * address), and port 0 takes a free one
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another socket has the local address
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {Deno.errors.NotFound} If a host name cannot be found
 * @throws {RangeError} If the multicast time to live is out of range
 * @throws {SyntaxError} If an address cannot be read
 * @throws {TypeError} If one address is of IPv4 and the other of IPv6, or the multicast group is none
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUdp } from "@villas/client/transports";
 *
 * using a = await openUdp({ local: "udp://127.0.0.1:0" });
 * using b = await openUdp({ local: "udp://127.0.0.1:0", remote: a.local });
 * await b.send([new TextEncoder().encode("hello")]);
 * const [datagram] = await a.receive();
 * assertEquals(new TextDecoder().decode(datagram), "hello");
 * ```
 */
export async function openUdp(options: TransportOptions = {}): Promise<Transport> {
  const { multicast } = options;
  if (multicast !== undefined) checkMulticast(multicast);
  const addresses = await resolveEndpoints(
    options.local === undefined ? undefined : toUdpAddress(options.local),
    options.remote === undefined ? undefined : toUdpAddress(options.remote),
  );
  const conn = listenUdp(addresses.local, multicast);
  if (multicast !== undefined) await joinMulticast(conn, multicast);
  return createUdpTransport(conn, addresses.remote, options);
}
