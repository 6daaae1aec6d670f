/**
 * Moves the datagrams of a UDP socket that Deno has opened, many per system call, past Deno.
 *
 * Deno's own calls keep what these cannot do: to wait without a thread, and to say in words what went wrong. So this has
 * only what needs no waiting, and what fails is left to Deno, which meets the same error. (A socket past Deno from the
 * beginning would have to wait in another thread, from which each answer takes 50 µs longer.)
 *
 * @module
 */

import type { Endpoint } from "./endpoint.ts";
import { countSegments, segmentLimits } from "./gso.ts";
import { isIPv4, removeZone } from "./ip.ts";
import {
  findInterface,
  type Libc,
  loadMessageCalls,
  type MessageCalls,
  readOption,
  socketOption,
  writeOption,
} from "./libc.ts";
import { createMessageTable, type MessageTable, tableLength } from "./message_table.ts";
import { isSameSockaddr, readSockaddr, writeSockaddr } from "./sockaddr.ts";

/** Returns instead of waiting (`MSG_DONTWAIT`). */
const dontWait = 0x40;

/**
 * Size of the receive buffer that the kernel is asked for, in bytes with its own bookkeeping, which is most of it: 80,000
 * small datagrams, so a second of 80,000/s, in which V8 compiles what it has only interpreted before. The kernel takes the
 * memory only when they wait.
 */
const receiveBufferLength = 64 * 1024 * 1024;

/** As much as the kernel keeps of what is sent, by default; more bytes are not prepared for one call. */
const sendBufferLength = 212_992;

/**
 * Bytes to receive at once where datagrams are long, at most: what is made of them, and the answers, stay in the caches of a
 * processor core (often 512 KiB) and in the memory that a client has for a batch. Long datagrams gain little by more.
 */
const batchBytes = 192 * 1024;

/** As long as any datagram, in the form that costs least to pass on. */
const longestLength = 65_536n;

const none = new Uint8Array();

/** The word of `SO_MEMINFO` that counts drops (`SK_MEMINFO_DROPS`), and how many words there are. */
const dropsWord = 8;
const memoryWords = 9;

/** An address in the form that the socket's system calls take (`sockaddr`). */
export interface SockAddr {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** True if this process may send there past Deno, and the system knows where that is. */
  readonly isReachable: boolean;
}

/** Moves many datagrams per system call; no method may be called after the socket is closed. */
export class NativeBatches {
  /** Size of the kernel's receive buffer, in bytes with its own bookkeeping; undefined if the kernel does not say. */
  readonly receiveBuffer: number | undefined;
  /** Memory in which Deno may receive a datagram without touching those of a batch. */
  readonly buffer: Uint8Array;
  readonly #libc: Libc;
  /** Loaded for the first datagram. */
  #calls: MessageCalls | undefined;
  readonly #socket: number;
  readonly #local: Endpoint;
  readonly #incoming: MessageTable;
  readonly #nameLength: number;
  /** Length of the address of the first message, which the system sets anew. */
  readonly #firstNameLength = new Uint32Array(1);
  /** True if the last call has received nothing. */
  #wasIdle = false;
  /** Length of the datagram that was sent last, if that one went alone. */
  #lastLength = 0;
  #lastLengthWord = 0n;
  /** Number of datagrams to receive at once, if they are as long as the last ones. */
  #batchLength = tableLength;
  /** Created for the first datagram: who only receives needs none. */
  #outgoing: MessageTable | undefined;
  #lastDestination: SockAddr | undefined;
  /** Which of the limits the way to the destination has not refused, of datagrams that go several as one message. */
  #segmentLimit = 0;
  /** Number of datagrams in each message of the last call. */
  readonly #segments: number[] = [];

  /**
   * Creates the batches of an open socket.
   *
   * @param libc The C library
   * @param socket Descriptor of the socket
   * @param local Its local endpoint
   * @param calls What moves the datagrams; default: the system's calls
   */
  constructor(libc: Libc, socket: number, local: Endpoint, calls?: MessageCalls) {
    this.#calls = calls;
    this.#nameLength = isIPv4(local.hostname) ? 16 : 28;
    this.#libc = libc;
    this.#socket = socket;
    this.#local = local;
    this.#incoming = createMessageTable(this.#nameLength);
    this.receiveBuffer = enlargeReceiveBuffer(libc, socket);
    this.buffer = this.#incoming.spare;
  }

  /** Converts an endpoint into the form that the other methods take. */
  sockAddrFor(endpoint: Endpoint): SockAddr {
    const scope = scopeOf(endpoint);
    const bytes = writeSockaddr(endpoint, this.#local, scope);
    return { bytes, words: new Uint32Array(bytes.buffer), isReachable: scope !== undefined && maySendTo(endpoint) };
  }

  /**
   * Takes the datagrams that are there.
   *
   * @param received List to write them to; they are valid until the next call
   * @param places List to write the place of each to, for {@linkcode sourceOf}
   * @param start Index in both lists to begin at
   * @param limit The largest number of datagrams to take
   * @param source The only source to receive from; undefined for all
   * @param ignore Called for each datagram from another source
   * @param isPolling True where this is called again and again: after a call that found none, the next one finds one at most
   * @returns Index behind the last one that was written; -1 if none came, not even from another source
   */
  receive(
    received: Uint8Array[],
    places: (Endpoint | number)[],
    start: number,
    limit: number,
    source: SockAddr | undefined,
    ignore: (from: Endpoint) => void,
    isPolling = false,
  ): number {
    const incoming = this.#incoming;
    const most = Math.min(limit, this.#batchLength);
    const calls = this.#calls ??= loadMessageCalls();
    const count = isPolling && this.#wasIdle
      ? this.#receiveOne(calls)
      : calls.recvmmsg(this.#socket, incoming.headers, most, dontWait, null);
    this.#wasIdle = count <= 0;
    if (count <= 0) return -1;
    let bytes = 0;
    let end = start;
    for (let index = 0; index < count; index++) {
      bytes += incoming.lengthOf(index);
      if (source === undefined || isSameSockaddr(incoming.words, incoming.nameStart(index), source.words)) {
        received[end] = incoming.payload(index);
        places[end] = index;
        end++;
      } else {
        ignore(readSockaddr(incoming.name(index)));
      }
    }
    this.#batchLength = Math.min(tableLength, 1 + Math.floor(batchBytes * count / (bytes + 1)));
    return end;
  }

  /** Takes one datagram, into the first place: by a call that takes a third less time, found or not. */
  #receiveOne({ recvfrom }: MessageCalls): number {
    const { first } = this.#incoming;
    this.#firstNameLength[0] = this.#nameLength;
    const { payload, name } = first;
    const length = recvfrom(this.#socket, payload, longestLength, dontWait, name, this.#firstNameLength);
    if (length < 0) return 0;
    this.#incoming.setFirstLength(length);
    return 1;
  }

  /** Returns where the datagram at a place of the last batch came from. */
  sourceOf(place: number): Endpoint {
    return readSockaddr(this.#incoming.name(place));
  }

  /**
   * Sends datagrams, as many as the system takes at once.
   *
   * @param start Index of the first one
   * @returns Number of datagrams that it took
   */
  send(datagrams: readonly Uint8Array[], start: number, destination: SockAddr): number {
    if (!destination.isReachable) return 0;
    if (datagrams.length - start === 1) return this.#sendOne(datagrams[start] ?? none, destination);
    const outgoing = this.#outgoing ??= createMessageTable(this.#nameLength);
    if (destination !== this.#lastDestination) {
      outgoing.setNames(destination.bytes);
      this.#segmentLimit = 0;
    }
    this.#lastDestination = destination;
    const calls = this.#calls ??= loadMessageCalls();
    const segments = this.#segments;
    let taken = 0;
    let refusals = 0;
    for (;;) {
      this.#prepare(outgoing, datagrams, start + taken);
      if (segments.length === 0) return taken; // all are sent
      const sent = calls.sendmmsg(this.#socket, outgoing.headers, segments.length, dontWait);
      const moved = Math.max(0, sent);
      for (let index = 0; index < moved; index++) taken += segments[index] ?? 0;
      if (moved > 0) refusals = 0;
      if (moved === segments.length) continue;
      if (segments[moved] === 1) { // that one is not taken, not even alone: their number was not the reason
        this.#segmentLimit -= refusals;
        return taken;
      }
      refusals++;
      this.#segmentLimit++; // perhaps it is refused for being several
    }
  }

  /** Sends a datagram that goes alone, from where it is: by a call that takes a quarter less time. */
  #sendOne(datagram: Uint8Array, { bytes }: SockAddr): number {
    const { length } = datagram;
    if (length !== this.#lastLength) {
      this.#lastLength = length;
      this.#lastLengthWord = BigInt(length);
    }
    const { sendto } = this.#calls ??= loadMessageCalls();
    const sent = sendto(this.#socket, datagram, this.#lastLengthWord, dontWait, bytes, this.#nameLength);
    return sent < 0 ? 0 : 1;
  }

  /** Prepares datagrams to be sent. */
  #prepare(outgoing: MessageTable, datagrams: readonly Uint8Array[], start: number): void {
    const end = Math.min(datagrams.length, start + tableLength);
    let length = 0;
    const longest = segmentLimits[this.#segmentLimit] ?? 0;
    this.#segments.length = 0;
    for (let next = start; next < end && length < sendBufferLength;) {
      const count = countSegments(datagrams, next, end, longest);
      for (let index = next; index < next + count; index++) {
        const datagram = datagrams[index] ?? none;
        outgoing.setPayload(index - start, datagram);
        length += datagram.length;
      }
      outgoing.setMessage(this.#segments.length, next - start, count);
      this.#segments.push(count);
      next += count;
    }
  }

  /** Returns the number of datagrams that the kernel dropped of this very socket; undefined if it does not say. */
  countDrops(): number | undefined {
    return readOption(this.#libc, this.#socket, socketOption.memory, memoryWords)?.[dropsWord];
  }
}

/** Asks for a receive buffer that outlives a pause of the receiver; returns the size that the kernel granted. */
function enlargeReceiveBuffer(libc: Libc, socket: number): number | undefined {
  // The kernel doubles what it is asked for. Only a privileged process gets more than net.core.rmem_max.
  const half = receiveBufferLength / 2;
  if (!writeOption(libc, socket, socketOption.receiveBufferForce, half)) {
    writeOption(libc, socket, socketOption.receiveBuffer, half);
  }
  return readOption(libc, socket, socketOption.receiveBuffer, 1)?.[0];
}

/** Returns the index of the interface in an address's zone, 0 without a zone; undefined if there is no such interface. */
function scopeOf({ hostname }: Endpoint): number | undefined {
  const [, zone] = hostname.split("%");
  if (zone === undefined) return 0;
  const index = findInterface(zone) || Number(zone);
  return Number.isInteger(index) ? index : undefined;
}

/** Returns whether Deno would let a datagram pass without a question. */
function maySendTo({ hostname, port }: Endpoint): boolean {
  const address = removeZone(hostname);
  const host = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}
