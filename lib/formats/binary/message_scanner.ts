/**
 * Scans files of `villas.binary` and `villas.web` for times and ranges, without making samples of them.
 *
 * The values of many messages are compared column by column, as integers: the bits of two floats are in the order of the
 * floats, once those of negative ones are turned round. That costs a third of comparing them as floats row by row.
 *
 * @module
 */

import type { HeadColumns, ScanReceiver } from "../column_ranges.ts";
import { maximumNanosecond } from "../check.ts";
import {
  headerLength,
  lengthPosition,
  nsecPosition,
  secPosition,
  sequencePosition,
  valueLength,
  version,
} from "./message_layout.ts";
import type { Frames } from "./stream_decoder.ts";

/** The most messages that are scanned at a time. */
const maximumRun = 4096;

/** Keys of the infinities: those of floats are between them, and those of NaN beyond. */
const largestKey = 0x7f80_0000;
const smallestKey = keyOf(0xff80_0000 | 0);

/**
 * Divides a file of floats into messages that a receiver is told of.
 *
 * @param frames Their division into samples, which reads what is not plain
 * @param isLittleEndian Whether numbers are little endian
 * @param receiver The receiver
 * @returns The division; its samples are never read
 */
export function scanMessages(frames: Frames, isLittleEndian: boolean, receiver: ScanReceiver): Frames {
  const heads: HeadColumns = {
    sequence: new Uint32Array(maximumRun),
    sec: new Uint32Array(maximumRun),
    nsec: new Uint32Array(maximumRun),
  };
  const { ranges } = receiver;

  /** Scans the complete messages of data that begin here and are of the same length, unless one is faulty. */
  function skipRun(view: DataView, start: number, end: number): number {
    const first = view.getUint32(start);
    if (first >>> 24 !== version << 4) return start;
    const width = view.getUint16(start + lengthPosition, isLittleEndian);
    const length = headerLength + valueLength * width;
    const count = readHeads(view, start, Math.min(Math.floor((end - start) / length), maximumRun), length);
    if (count === 0) return start;
    receiver.takeHeads(count, heads);
    const stop = start + count * length;
    for (let column = 0; column < width; column++) {
      scanColumn(view, start + headerLength + valueLength * column, stop, length, column);
    }
    ranges.countRows(width, count);
    return stop;
  }

  /** Reads the heads of messages that begin with the same word; returns the number of those in front of a faulty one. */
  function readHeads(view: DataView, start: number, most: number, length: number): number {
    const { sequence, sec, nsec } = heads;
    const first = view.getInt32(start);
    let position = start;
    for (let index = 0; index < most; index++) {
      const nanoseconds = view.getUint32(position + nsecPosition, isLittleEndian);
      if (view.getInt32(position) !== first || nanoseconds > maximumNanosecond) return index;
      sequence[index] = view.getUint32(position + sequencePosition, isLittleEndian);
      sec[index] = view.getUint32(position + secPosition, isLittleEndian);
      nsec[index] = nanoseconds;
      position += length;
    }
    return most;
  }

  function scanColumn(view: DataView, start: number, stop: number, length: number, column: number): void {
    let smallest = 0x7fff_ffff;
    let largest = -0x8000_0000;
    for (let position = start; position < stop; position += length) {
      const key = keyOf(view.getInt32(position, isLittleEndian));
      if (key < smallest) smallest = key;
      if (key > largest) largest = key;
    }
    if (smallest >= smallestKey && largest <= largestKey) {
      ranges.takeRange(column, floatOf(smallest), floatOf(largest));
      return;
    }
    // There is a NaN among them.
    for (let position = start; position < stop; position += length) {
      ranges.take(column, view.getFloat32(position, isLittleEndian));
    }
  }

  return {
    ...frames,
    skipRun,
    // What is not plain: a mark, or the only message of a piece.
    read(view, start, end, fail) {
      const sample = frames.read(view, start, end, fail);
      if (sample === undefined) return undefined;
      heads.sequence[0] = Number(sample.sequence);
      heads.sec[0] = sample.tsOrigin?.sec ?? 0;
      heads.nsec[0] = sample.tsOrigin?.nsec ?? 0;
      receiver.takeHeads(1, heads);
      for (const [column, value] of sample.values.entries()) ranges.take(column, Number(value));
      ranges.countRows(sample.values.length, 1);
      return undefined;
    },
  };
}

/** Returns the key of the bits of a float: an integer that is in the order of the floats. It is its own inverse. */
function keyOf(bits: number): number {
  return bits ^ bits >> 31 & 0x7fff_ffff;
}

const words = new DataView(new ArrayBuffer(4));

/** Returns the float of a key. */
function floatOf(key: number): number {
  words.setInt32(0, keyOf(key));
  return words.getFloat32(0);
}
