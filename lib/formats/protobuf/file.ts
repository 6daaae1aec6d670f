/**
 * Reads `protobuf` files in pieces.
 *
 * VILLASnode writes the messages of a file back to back, without a length in front. A message has one field only, which
 * may be repeated, so messages that follow each other are one long message: a sequence of fields, each a sample. This
 * file finds where they begin and end; what is in them is read as in a datagram.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { messageSamples } from "./schema.ts";
import { DecodeError } from "../errors.ts";
import type { Format, StreamDecoder } from "../format.ts";

/** Memory that one sample may take, in bytes: far more than the 64 KiB of the largest datagram. */
const maximumSampleLength = 2 ** 24;

/** Lengths are int32 in every implementation of Protocol Buffers. */
const maximumLength = 2 ** 31 - 1;

/** Groups in groups, limited as protobufjs and Google's implementation do. */
const maximumDepth = 100;

/** Memory that is kept from one sample to the next, in bytes. */
const usualCapacity = 2 ** 16;

/** What a field's first bytes say. */
interface FieldHeader {
  /** Its number and its wire type. */
  tag: number;
  /** How long it is in bytes, these included. */
  length: number;
}

/**
 * Makes what reads a file.
 *
 * @param decode Reads one field, which is a complete message
 * @param onDecodeError Called with what cannot be read
 */
export function createFileReader(decode: Format["decode"], onDecodeError: (error: DecodeError) => void): StreamDecoder {
  // The current field: where it begins in the file, what its head says once that is complete, how many of its bytes
  // came in earlier pieces. Those of a sample, and of an incomplete head, are held.
  let offset = 0;
  let head: FieldHeader | undefined;
  let seen = 0;
  let isHeld = false;
  let held = new Uint8Array(usualCapacity);
  // The numbers of the groups that the current field is in. Nothing writes groups any more, but they can be skipped.
  const groups: number[] = [];
  let isLost = false;

  function push(piece: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    let pos = 0;
    while (pos < piece.length && !isLost) {
      if (head === undefined) {
        if (seen === 0) {
          begin(piece, pos);
        } else {
          hold(piece[pos++] ?? 0);
          begin(held.subarray(0, seen), 0);
        }
      }
      if (isLost) break;
      if (head === undefined) {
        if (seen === 0) {
          // The piece ends in a head: of its few bytes one is held here, and each of the others in its turn.
          hold(piece[pos++] ?? 0);
        }
        continue;
      }
      const { length } = head;
      const end = pos + Math.min(length - seen, piece.length - pos);
      const isWhole = end - pos === length;
      if (isHeld && !isWhole) holdAll(piece.subarray(pos, end));
      else seen += end - pos;
      if (seen === length) {
        if (isHeld) read(isWhole ? piece.subarray(pos, end) : held.subarray(0, length), samples);
        finish(length);
      }
      pos = end;
    }
    return samples;
  }

  /** Reads the head of the field that begins here, if it is complete. */
  function begin(bytes: Uint8Array, start: number): void {
    try {
      head = readFieldHeader(bytes, start);
      if (head !== undefined) countGroups(head);
    } catch (error) {
      isLost = true;
      fail(`${(error as RangeError).message}, so the rest of the file cannot be read,`, offset, error);
      return;
    }
    isHeld = head?.tag === messageSamples && groups.length === 0;
    if (head !== undefined && isHeld && head.length > maximumSampleLength) {
      isHeld = false;
      fail(`a sample takes ${head.length} bytes, more than ${maximumSampleLength},`, offset);
    }
  }

  function countGroups({ tag }: FieldHeader): void {
    const number = tag >>> 3;
    if ((tag & 7) === startGroup && groups.push(number) > maximumDepth) {
      throw new RangeError("groups are nested too deeply");
    }
    if ((tag & 7) === endGroup && groups.pop() !== number) throw new RangeError("a group ends that did not begin");
  }

  function hold(byte: number): void {
    held[seen++] = byte;
  }

  /** Holds bytes; memory grows as they come, because what a length promises may never come. */
  function holdAll(bytes: Uint8Array): void {
    if (seen + bytes.length > held.length) {
      const grown = new Uint8Array(Math.max(2 * held.length, seen + bytes.length));
      grown.set(held.subarray(0, seen));
      held = grown;
    }
    held.set(bytes, seen);
    seen += bytes.length;
  }

  function read(field: Uint8Array, samples: Sample[]): void {
    try {
      samples.push(...decode(field));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      fail(error.reason, offset + (error.offset ?? 0), error);
    }
  }

  function finish(length: number): void {
    offset += length;
    head = undefined;
    seen = 0;
    if (held.length > usualCapacity) held = new Uint8Array(usualCapacity);
  }

  function end(): Sample[] {
    if (!isLost && seen > 0) fail("it ends inside the field that begins", offset);
    else if (!isLost && groups.length > 0) fail("it ends inside a group", offset);
    isLost = true;
    return [];
  }

  function fail(reason: string, offset: number, cause?: unknown): void {
    onDecodeError(new DecodeError("protobuf", reason, { offset }, { source: "file", cause }));
  }

  return { push, end };
}

// Wire types: what follows a tag (https://protobuf.dev/programming-guides/encoding/).
const varint = 0;
const fixed64 = 1;
const delimited = 2;
const startGroup = 3;
const endGroup = 4;
const fixed32 = 5;

/** Reads the first bytes of a field up to where its length is known; throws RangeError where no field has such ones. */
function readFieldHeader(bytes: Uint8Array, start: number): FieldHeader | undefined {
  const tagEnd = findVarintEnd(bytes, start);
  if (tagEnd === undefined) return undefined;
  const tag = readVarint(bytes, start, tagEnd);
  if (tagEnd - start > 5 || tag > 0xffff_ffff) throw new RangeError("a number is longer than its type allows");
  if (tag < 8) throw new RangeError("a field has the number 0");
  const tagLength = tagEnd - start;
  switch (tag & 7) {
    case varint: {
      const end = findVarintEnd(bytes, tagEnd);
      return end === undefined ? undefined : { tag, length: end - start };
    }
    case fixed64:
      return { tag, length: tagLength + 8 };
    case delimited: {
      const end = findVarintEnd(bytes, tagEnd);
      if (end === undefined) return undefined;
      const length = readVarint(bytes, tagEnd, end);
      if (end - tagEnd > 5 || length > maximumLength) throw new RangeError("a number is longer than its type allows");
      return { tag, length: end - start + length };
    }
    case startGroup:
    case endGroup:
      return { tag, length: tagLength };
    case fixed32:
      return { tag, length: tagLength + 4 };
    default:
      throw new RangeError("a field has a wire type that does not exist");
  }
}

/** Where the varint ends that begins here, if it does. */
function findVarintEnd(bytes: Uint8Array, start: number): number | undefined {
  for (let i = start; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) return i + 1;
    if (i - start >= 9) throw new RangeError("a number is longer than its type allows");
  }
  return undefined;
}

/** The value of a varint, exact up to 49 bits and at least as large beyond. */
function readVarint(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = end - 1; i >= start; i--) value = value * 128 + ((bytes[i] ?? 0) & 0x7f);
  return value;
}
