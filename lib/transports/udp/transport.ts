/**
 * What `udp` is made of, whether its datagrams go one by one or in batches.
 *
 * @module
 */

import { createBuffers, createBurstReader } from "./bursts.ts";
import { countUdpDrops } from "./kernel_drops.ts";
import { listenDatagram } from "../listen.ts";
import { createSender, maximumUdpLength, noRemote } from "../send.ts";
import { toUdpAddress } from "../address.ts";
import { type Endpoint, formatEndpoint, isSameEndpoint, resolveRemote } from "./endpoint.ts";
import { isGroup } from "./ip.ts";
import type { SocketName, UdpBatches } from "./batches.ts";
import type { MulticastOptions, ReadyOptions, Transport, TransportOptions } from "../transport.ts";

/** A buffer as long as any datagram: a shorter one would cut datagrams without a word. */
const receiveBufferLength = 65_536;

/** How many datagrams are taken in a row from Deno before they are handed over. */
const burstLength = 32;

/** How many batches are taken in a row past Deno, whose own calls let timers and signals have their turn. */
const batchesInRow = 16;

/** Opens the socket. */
export function listenUdp(local: Endpoint, multicast: MulticastOptions | undefined): Deno.DatagramConn {
  return listenDatagram({
    transport: "udp",
    ...local,
    // Several receivers of one group on one machine share its port.
    reuseAddress: multicast !== undefined,
    // Deno switches this off, and the system on: who sends to a group without being in it should reach this machine.
    loopback: multicast === undefined || multicast.loop === true,
  }, formatEndpoint(local));
}

/** Makes a transport of a socket. */
export function createUdpTransport(
  conn: Deno.DatagramConn,
  firstRemote: Endpoint | undefined,
  { anySource = false, onIgnored }: TransportOptions,
  batches?: UdpBatches,
): Transport {
  const bound = conn.addr as Deno.NetAddr;
  const local = formatEndpoint(bound);
  const reader = createBurstReader(conn, batches ? [batches.buffer] : createBuffers(burstLength, receiveBufferLength));
  const received: Uint8Array[] = [];
  let route: { remote: string; send: Transport["send"] } | undefined;
  let remoteName: SocketName | undefined;
  let source: Endpoint | undefined;
  let inRow = 0;
  let ignored = 0;
  let closed = false;
  let finalDrops: number | undefined;
  if (firstRemote !== undefined) aim(firstRemote);

  function aim(address: Endpoint): void {
    const destination: Deno.NetAddr = { transport: "udp", ...address };
    const name = batches?.nameOf(address);
    remoteName = name;
    const text = formatEndpoint(address);
    const send = createSender({
      remote: text,
      maximumLength: maximumUdpLength,
      sendOne: (datagram) => conn.send(datagram, destination),
      sendMany: batches && name && ((datagrams, start) => closed ? 0 : batches.send(datagrams, start, name)),
      isClosed: () => closed,
    });
    route = { remote: text, send };
    source = anySource || isGroup(address.hostname) ? undefined : address;
  }

  function ignore(from: Endpoint): void {
    ignored++;
    onIgnored?.(formatEndpoint(from));
  }

  /** Takes what is there without waiting, so that there are so many; whether there was anything. */
  function takeBatch(limit: number): boolean {
    const room = limit - received.length;
    const wanted = source === undefined ? undefined : remoteName;
    return batches !== undefined && !closed && room > 0 && batches.receive(received, room, wanted, ignore);
  }

  /** Waits for datagrams that are wanted. */
  async function receive(limit = Infinity): Promise<readonly Uint8Array[]> {
    received.length = 0;
    while (!closed && received.length === 0) {
      if (++inRow <= batchesInRow && takeBatch(limit)) continue;
      inRow = 0;
      try {
        const messages = await reader.read(limit);
        for (const [datagram, from] of messages) {
          if (isWanted(from as Deno.NetAddr)) received.push(datagram);
          else ignore(from as Deno.NetAddr);
        }
      } catch (error) {
        // Windows reports here that an earlier datagram found no receiver.
        if (!closed && !(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
      takeBatch(limit); // what came with it
    }
    if (closed) received.length = 0;
    return received;
  }

  function isWanted(from: Endpoint): boolean {
    return source === undefined || isSameEndpoint(from, source);
  }

  const countDrops = () => batches?.countDrops() ?? countUdpDrops(bound);

  const transport: Transport = {
    local,
    get remote() {
      return route?.remote;
    },
    maximumLength: maximumUdpLength,
    receiveBuffer: batches?.receiveBuffer,
    get ignored() {
      return ignored;
    },
    receive,
    // The route is that of the whole batch, whatever is set meanwhile.
    send: (datagrams) => route === undefined ? Promise.reject(noRemote(local)) : route.send(datagrams),
    async setRemote(address) {
      aim(await resolveRemote(toUdpAddress(address), bound));
    },
    // deno-lint-ignore require-await -- a reason to end becomes a rejection
    async ready({ signal }: ReadyOptions = {}) {
      signal?.throwIfAborted();
    },
    countKernelDrops: () => closed ? finalDrops : countDrops(),
    close() {
      if (closed) return;
      finalDrops = countDrops();
      closed = true;
      conn.close();
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}
