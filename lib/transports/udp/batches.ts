/**
 * Moves the datagrams of a UDP socket that Deno has opened, many a call, past Deno.
 *
 * Deno's own calls keep what these cannot do: to wait without a thread, and to say in words what went wrong. So here is
 * only what needs no waiting, and what fails is left to Deno, which meets the same error. (A socket past Deno from the
 * beginning would have to wait in another thread, from which each answer takes 50 microseconds longer.)
 *
 * @module
 */

import { type Libc, readOption, socketOption, writeOption } from "./libc.ts";
import { createMessageTable, tableLength } from "./message_table.ts";
import { isSameSockaddr, readSockaddr, writeSockaddr } from "./sockaddr.ts";
import { countRun } from "./gso.ts";
import type { Endpoint } from "./endpoint.ts";
import { isIPv4 } from "./ip.ts";

/** Returns instead of waiting (`MSG_DONTWAIT`). */
const dontWait = 0x40;

/**
 * What is asked of the kernel to keep of datagrams that wait, in bytes with its own bookkeeping, which is most of it:
 * 80,000 small datagrams, so a second of 80,000/s, in which V8 compiles what it has only interpreted before. The kernel
 * takes the memory only when they wait.
 */
const receiveBufferLength = 64 * 1024 * 1024;

/** As much as the kernel keeps of what is sent, by default; more bytes are not prepared for one call. */
const sendBufferLength = 212_992;

const none = new Uint8Array();

/** The word of `SO_MEMINFO` that counts drops (`SK_MEMINFO_DROPS`), and how many words there are. */
const dropsWord = 8;
const memoryWords = 9;

/** An address in the form that the socket's system calls have. */
export interface SocketName {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Whether this process may send there past Deno, and the system knows where that is. */
  readonly isReachable: boolean;
}

/** Moves datagrams many a call. */
export interface UdpBatches {
  /** What the kernel keeps of datagrams that wait, in bytes with its own bookkeeping; undefined if it does not say. */
  readonly receiveBuffer: number | undefined;
  /** Where Deno may receive a datagram without touching those of a batch. */
  readonly buffer: Uint8Array;
  /** Puts an address into the form that the other functions take. */
  nameOf(address: Endpoint): SocketName;
  /**
   * Takes the datagrams that are there.
   *
   * @param received Where they are appended; they are valid until the next call
   * @param limit How many to take at most
   * @param source Whose datagrams are wanted; undefined for all
   * @param ignore Called for each of the others
   * @returns Whether there were any
   */
  receive(
    received: Uint8Array[],
    limit: number,
    source: SocketName | undefined,
    ignore: (from: Endpoint) => void,
  ): boolean;
  /**
   * Sends datagrams, as many as the system takes at once.
   *
   * @param start The first one
   * @returns How many it took
   */
  send(datagrams: readonly Uint8Array[], start: number, destination: SocketName): number;
  /** How many datagrams the kernel dropped of this very socket; undefined if it does not say. */
  countDrops(): number | undefined;
}

/** Makes what moves the datagrams of an open socket; none of its functions may be called after the socket is closed. */
export function createUdpBatches(libc: Libc, socket: number, local: Endpoint): UdpBatches {
  const nameLength = isIPv4(local.hostname) ? 16 : 28;
  const incoming = createMessageTable(nameLength);
  const outgoing = createMessageTable(nameLength);
  let lastDestination: SocketName | undefined;
  /** Whether the way to the destination takes runs as one message. */
  let takesRuns = true;
  /** How many datagrams each message of the last call had. */
  const runs: number[] = [];

  return {
    receiveBuffer: enlargeReceiveBuffer(libc, socket),
    buffer: incoming.spare,
    nameOf(address) {
      const scope = scopeOf(libc, address);
      const bytes = writeSockaddr(address, local, scope);
      return { bytes, words: new Uint32Array(bytes.buffer), isReachable: scope !== undefined && maySendTo(address) };
    },
    receive(received, limit, source, ignore) {
      const count = libc.recvmmsg(socket, incoming.headers, Math.min(limit, tableLength), dontWait, null);
      for (let index = 0; index < count; index++) {
        if (source === undefined || isSameSockaddr(incoming.words, incoming.nameStart(index), source.words)) {
          received.push(incoming.payload(index));
        } else {
          ignore(readSockaddr(incoming.name(index)));
        }
      }
      return count > 0;
    },
    send(datagrams, start, destination) {
      if (!destination.isReachable) return 0;
      if (destination !== lastDestination) {
        outgoing.setNames(destination.bytes);
        takesRuns = true;
      }
      lastDestination = destination;
      let taken = 0;
      for (;;) {
        prepare(datagrams, start + taken);
        if (runs.length === 0) return taken; // all are sent
        const moved = Math.max(0, libc.sendmmsg(socket, outgoing.headers, runs.length, dontWait));
        for (let index = 0; index < moved; index++) taken += runs[index] ?? 0;
        if (moved === runs.length) continue;
        if (runs[moved] === 1) return taken; // that one is not taken
        takesRuns = false; // perhaps it is for being several: from now on they go alone
      }
    },
    countDrops: () => readOption(libc, socket, socketOption.memory, memoryWords)?.[dropsWord],
  };

  /** Prepares datagrams to be sent. */
  function prepare(datagrams: readonly Uint8Array[], start: number): void {
    const end = Math.min(datagrams.length, start + tableLength);
    let length = 0;
    runs.length = 0;
    for (let next = start; next < end && length < sendBufferLength;) {
      const run = takesRuns ? countRun(datagrams, next, end) : 1;
      for (let index = next; index < next + run; index++) {
        const datagram = datagrams[index] ?? none;
        outgoing.setPayload(index - start, datagram);
        length += datagram.length;
      }
      outgoing.setMessage(runs.length, next - start, run);
      runs.push(run);
      next += run;
    }
  }
}

/** Asks for a receive buffer that outlives a pause of the receiver; what the kernel granted, in its own count. */
function enlargeReceiveBuffer(libc: Libc, socket: number): number | undefined {
  // The kernel doubles what it is asked for. Only a privileged process gets more than net.core.rmem_max.
  const half = receiveBufferLength / 2;
  if (!writeOption(libc, socket, socketOption.receiveBufferForce, half)) {
    writeOption(libc, socket, socketOption.receiveBuffer, half);
  }
  return readOption(libc, socket, socketOption.receiveBuffer, 1)?.[0];
}

/** Index of the interface that an address on a link names, 0 where it names none; undefined if there is no such one. */
function scopeOf(libc: Libc, { hostname }: Endpoint): number | undefined {
  const [, zone] = hostname.split("%");
  if (zone === undefined) return 0;
  const index = libc.if_nametoindex(new TextEncoder().encode(`${zone}\0`)) || Number(zone);
  return Number.isInteger(index) ? index : undefined;
}

/** Whether Deno would let a datagram pass without a question. */
function maySendTo({ hostname, port }: Endpoint): boolean {
  const [address = hostname] = hostname.split("%");
  const host = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}
