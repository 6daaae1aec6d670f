/**
 * What `udp` is made of, whether its datagrams go one by one or in batches.
 *
 * @module
 */

import { countUdpDrops } from "./_kernel_drops.ts";
import { listenDatagram } from "./_listen.ts";
import { checkLengths, maximumUdpLength, noRemote, sendInOrder } from "./_send.ts";
import { formatAddress, isGroup, isSameAddress, resolveRemote, type UdpAddress } from "./_udp_address.ts";
import type { SocketName, UdpBatches } from "./_udp_batches.ts";
import type { MulticastOptions, ReadyOptions, Transport, TransportOptions } from "./transport.ts";

/** A buffer as long as any datagram: a shorter one would cut datagrams without a word. */
const receiveBufferLength = 65_536;

/** How many batches are taken in a row past Deno, whose own calls let timers and signals have their turn. */
const batchesInRow = 16;

/** Where datagrams go to, in the forms that are needed for each. */
interface Destination {
  readonly text: string;
  readonly address: Deno.NetAddr;
  readonly name: SocketName | undefined;
}

/** Opens the socket. */
export function listenUdp(local: UdpAddress, multicast: MulticastOptions | undefined): Deno.DatagramConn {
  return listenDatagram({
    transport: "udp",
    ...local,
    // Several receivers of one group on one machine share its port.
    reuseAddress: multicast !== undefined,
    // Deno switches this off, and the system on: who sends to a group without being in it should reach this machine.
    loopback: multicast === undefined || multicast.loop === true,
  }, formatAddress(local));
}

/** Makes a transport of a socket. */
export function createUdpTransport(
  conn: Deno.DatagramConn,
  firstRemote: UdpAddress | undefined,
  { anySource = false, onIgnored }: TransportOptions,
  batches?: UdpBatches,
): Transport {
  const bound = conn.addr as Deno.NetAddr;
  const local = formatAddress(bound);
  const buffer = batches?.buffer ?? new Uint8Array(receiveBufferLength);
  const received: Uint8Array[] = [];
  let destination: Destination | undefined;
  let source: UdpAddress | undefined;
  let inRow = 0;
  let ignored = 0;
  let closed = false;
  let finalDrops: number | undefined;
  if (firstRemote !== undefined) aim(firstRemote);

  function aim(address: UdpAddress): void {
    destination = {
      text: formatAddress(address),
      address: { transport: "udp", ...address },
      name: batches?.nameOf(address),
    };
    source = anySource || isGroup(address.hostname) ? undefined : address;
  }

  function ignore(from: UdpAddress): void {
    ignored++;
    onIgnored?.(formatAddress(from));
  }

  /** Takes what is there without waiting; whether there was anything. */
  function takeBatch(): boolean {
    const wanted = source === undefined ? undefined : destination?.name;
    return batches !== undefined && !closed && batches.receive(received, wanted, ignore);
  }

  const countDrops = () => batches?.countDrops() ?? countUdpDrops(bound);

  const transport: Transport = {
    local,
    get remote() {
      return destination?.text;
    },
    maximumLength: maximumUdpLength,
    receiveBuffer: batches?.receiveBuffer,
    get ignored() {
      return ignored;
    },
    async receive() {
      received.length = 0;
      while (!closed && received.length === 0) {
        if (++inRow <= batchesInRow && takeBatch()) continue;
        inRow = 0;
        try {
          const [datagram, from] = await conn.receive(buffer);
          if (source === undefined || isSameAddress(from as Deno.NetAddr, source)) received.push(datagram);
          else ignore(from as Deno.NetAddr);
        } catch (error) {
          // Windows reports here that an earlier datagram found no receiver.
          if (!closed && !(error instanceof Deno.errors.ConnectionReset)) throw error;
        }
        takeBatch(); // what came with it
      }
      if (closed) received.length = 0;
      return received;
    },
    async send(datagrams) {
      if (destination === undefined) throw noRemote(local);
      const { text, address, name } = destination; // of the whole batch, whatever is set meanwhile
      checkLengths(datagrams, maximumUdpLength, text);
      const sendOne = (datagram: Uint8Array) => conn.send(datagram, address);
      const sendMany = batches && name && ((start: number) => closed ? 0 : batches.send(datagrams, start, name));
      return await sendInOrder(datagrams, sendOne, text, () => closed, sendMany);
    },
    async setRemote(address) {
      aim(await resolveRemote(address, bound));
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
