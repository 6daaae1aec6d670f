/**
 * Memory for `recvmmsg` and `sendmmsg`: messages, their addresses and their bytes.
 *
 * All of it is one block, which lives as long as the table does. So no address in it outlives what it points to, and
 * lengths are read and written as words of 32 bits, without an object for each.
 *
 * @see `recvmmsg(2)`, `sendmsg(2)`; the layouts are those of 64-bit Linux
 *
 * @module
 */

import { sockaddrRoom } from "./sockaddr.ts";

/** The largest number of datagrams that one call moves. */
export const tableLength = 64;

/** As long as any datagram: a shorter place would cut datagrams without a word. */
const payloadLength = 65_536;

/** From one place to the next: a power of two would put the beginnings of all into the same lines of the cache. */
const payloadStride = payloadLength + 192;

/** Sizes of `struct mmsghdr`, of `struct iovec`, and of a `struct cmsghdr` with one number behind it. */
const headerLength = 64;
const vectorLength = 16;
const controlLength = 24;

/** Words of an `mmsghdr`, of an `iovec` and of a `cmsghdr`. */
const headerWord = { name: 0, nameLength: 2, vector: 4, vectors: 6, control: 8, controlLength: 10, length: 14 };
const vectorWord = { base: 0, length: 2 };
const controlWord = { length: 0, level: 2, type: 3, value: 4 };

/** The control message that says how long the datagrams are that one message is cut into (`UDP_SEGMENT`, `udp(7)`). */
const segmentControl = { length: 18, level: 17, type: 103 };

const namesStart = tableLength * headerLength;
const vectorsStart = namesStart + tableLength * sockaddrRoom;
const controlsStart = vectorsStart + tableLength * vectorLength;
const payloadsStart = controlsStart + tableLength * controlLength;

/** Messages for one call of the system. */
export interface MessageTable {
  /** The messages, which the system is given. */
  readonly headers: Uint8Array<ArrayBuffer>;
  /** The memory as words, for the addresses in it. */
  readonly words: Uint32Array;
  /** A place beside those of the messages for one more datagram. */
  readonly spare: Uint8Array;
  /** The places of the first message, to receive it alone. */
  readonly first: { readonly payload: Uint8Array; readonly name: Uint8Array };
  /** Returns the index of the word that a message's address begins with. */
  nameStart(index: number): number;
  /** Returns a message's address. */
  name(index: number): Uint8Array;
  /** Returns the length of a message that was received. */
  lengthOf(index: number): number;
  /** Sets the length of the first message, which was received alone. */
  setFirstLength(length: number): void;
  /** Returns the bytes of a message that was received: valid until the next call. */
  payload(index: number): Uint8Array;
  /** Sets the address of all messages. */
  setNames(name: Uint8Array): void;
  /** Sets one of the payloads to send. */
  setPayload(index: number, bytes: Uint8Array): void;
  /**
   * Sets a message of payloads to send.
   *
   * @param index Index of the message
   * @param first Index of the first payload
   * @param count Number of payloads; the system cuts a message of several into datagrams as long as the first one
   */
  setMessage(index: number, first: number, count: number): void;
}

/** Creates a table whose messages are ready to be received, with addresses of a given length. */
export function createMessageTable(nameLength: number): MessageTable {
  const memory = new ArrayBuffer(payloadsStart + (tableLength + 1) * payloadStride);
  const bytes = new Uint8Array(memory);
  const words = new Uint32Array(memory, 0, payloadsStart / 4);
  // Below 2^47, as all addresses of a process are.
  const address = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
  const payloads: Uint8Array[] = [];

  for (let index = 0; index < tableLength; index++) {
    setPointer(header(index, headerWord.name), namesStart + index * sockaddrRoom);
    words[header(index, headerWord.nameLength)] = nameLength;
    setPointer(header(index, headerWord.vector), vectorsStart + index * vectorLength);
    words[header(index, headerWord.vectors)] = 1;
    setPointer(vector(index, vectorWord.base), payloadsStart + index * payloadStride);
    words[vector(index, vectorWord.length)] = payloadLength;
    setPointer(header(index, headerWord.control), controlsStart + index * controlLength);
    words[control(index, controlWord.length)] = segmentControl.length;
    words[control(index, controlWord.level)] = segmentControl.level;
    words[control(index, controlWord.type)] = segmentControl.type;
  }

  function subarray(index: number, length: number): Uint8Array {
    const start = payloadsStart + index * payloadStride;
    return bytes.subarray(start, start + length);
  }

  function header(index: number, word: number): number {
    return index * headerLength / 4 + word;
  }

  function vector(index: number, word: number): number {
    return (vectorsStart + index * vectorLength) / 4 + word;
  }

  function control(index: number, word: number): number {
    return (controlsStart + index * controlLength) / 4 + word;
  }

  function setPointer(word: number, offset: number): void {
    words[word] = address + offset; // its lower 32 bits
    words[word + 1] = (address + offset) / 2 ** 32;
  }

  return {
    headers: bytes.subarray(0, namesStart),
    words,
    spare: subarray(tableLength, payloadLength),
    first: { payload: subarray(0, payloadLength), name: bytes.subarray(namesStart, namesStart + nameLength) },
    nameStart: (index) => (namesStart + index * sockaddrRoom) / 4,
    name(index) {
      const start = namesStart + index * sockaddrRoom;
      return bytes.subarray(start, start + nameLength);
    },
    lengthOf: (index) => words[header(index, headerWord.length)] ?? 0,
    setFirstLength: (length) => words[header(0, headerWord.length)] = length,
    payload(index) {
      const length = words[header(index, headerWord.length)] ?? 0;
      const last = payloads[index];
      // Datagrams of one sender are often of one length, and then no new view is needed.
      if (last?.length === length) return last;
      return payloads[index] = subarray(index, length);
    },
    setNames(name) {
      for (let index = 0; index < tableLength; index++) bytes.set(name, namesStart + index * sockaddrRoom);
    },
    setPayload(index, datagram) {
      bytes.set(datagram, payloadsStart + index * payloadStride);
      words[vector(index, vectorWord.length)] = datagram.length;
    },
    setMessage(index, first, count) {
      setPointer(header(index, headerWord.vector), vectorsStart + first * vectorLength);
      words[header(index, headerWord.vectors)] = count;
      words[header(index, headerWord.controlLength)] = count === 1 ? 0 : controlLength;
      words[control(index, controlWord.value)] = words[vector(first, vectorWord.length)] ?? 0;
    },
  };
}
