/**
 * The transport `udp`: VILLASnode's socket node with `layer = "udp"`, over IPv4 and IPv6, unicast, broadcast and
 * multicast.
 *
 * @module
 */

import { countUdpDrops } from "./_kernel_drops.ts";
import { listenDatagram } from "./_listen.ts";
import { checkMulticast, joinMulticast } from "./_multicast.ts";
import { checkLengths, maximumUdpLength, noRemote, sendInOrder } from "./_send.ts";
import {
  formatAddress,
  isGroup,
  isSameAddress,
  resolveAddresses,
  resolveRemote,
  type UdpAddress,
} from "./_udp_address.ts";
import type { ReadyOptions, Transport, TransportOptions } from "./transport.ts";

/** A buffer as long as any datagram: a shorter one would cut datagrams without a word. */
const receiveBufferLength = 65_536;

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
  const { multicast, anySource = false, onIgnored } = options;
  if (multicast !== undefined) checkMulticast(multicast);
  const addresses = await resolveAddresses(options.local, options.remote);
  const conn = listenDatagram({
    transport: "udp",
    ...addresses.local,
    // Several receivers of one group on one machine share its port.
    reuseAddress: multicast !== undefined,
    // Deno switches this off, and the system on: who sends to a group without being in it should reach this machine.
    loopback: multicast === undefined || multicast.loop === true,
  }, formatAddress(addresses.local));
  if (multicast !== undefined) {
    try {
      await joinMulticast(conn, multicast);
    } catch (error) {
      conn.close();
      throw error;
    }
  }
  const bound = conn.addr as Deno.NetAddr;
  const local = formatAddress(bound);
  const buffer = new Uint8Array(receiveBufferLength);
  const received: Uint8Array[] = [];
  let remote: string | undefined;
  let destination: Deno.NetAddr | undefined;
  let source: UdpAddress | undefined;
  let ignored = 0;
  let closed = false;
  let finalDrops: number | undefined;
  if (addresses.remote !== undefined) aim(addresses.remote);

  function aim(address: UdpAddress): void {
    remote = formatAddress(address);
    destination = { transport: "udp", ...address };
    source = isGroup(address.hostname) ? undefined : address;
  }

  const transport: Transport = {
    local,
    get remote() {
      return remote;
    },
    maximumLength: maximumUdpLength,
    get ignored() {
      return ignored;
    },
    async receive() {
      received.length = 0;
      while (!closed) {
        let from: Deno.Addr;
        try {
          const arrival = await conn.receive(buffer);
          received[0] = arrival[0];
          from = arrival[1];
        } catch (error) {
          // Windows reports here that an earlier datagram found no receiver.
          if (closed || error instanceof Deno.errors.ConnectionReset) continue;
          throw error;
        }
        if (anySource || source === undefined || isSameAddress(from as Deno.NetAddr, source)) break;
        received.length = 0;
        ignored++;
        onIgnored?.(formatAddress(from as Deno.NetAddr));
      }
      if (closed) received.length = 0;
      return received;
    },
    async send(datagrams) {
      if (remote === undefined || destination === undefined) throw noRemote(local);
      checkLengths(datagrams, maximumUdpLength, remote);
      const address = destination; // of the whole batch, whatever is set meanwhile
      return await sendInOrder(datagrams, (datagram) => conn.send(datagram, address), remote, () => closed);
    },
    async setRemote(address) {
      aim(await resolveRemote(address, bound));
    },
    // deno-lint-ignore require-await -- a reason to end becomes a rejection
    async ready({ signal }: ReadyOptions = {}) {
      signal?.throwIfAborted();
    },
    countKernelDrops: () => closed ? finalDrops : countUdpDrops(bound),
    close() {
      if (closed) return;
      finalDrops = countUdpDrops(bound);
      closed = true;
      conn.close();
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}
