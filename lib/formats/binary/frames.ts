/**
 * Reads the files of binary formats whose samples tell at their start how long they are.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { DecodeError } from "../errors.ts";
import type { StreamDecoder } from "../format.ts";

/** Reports bytes that cannot be read, and where they are in the memory that a view shows. */
export type Fail = (reason: string, position: number) => never;

/** How a file, or a datagram, divides into samples. */
export interface Frames {
  /** Bytes at the start of a sample that tell how long it is. */
  readonly headerLength: number;
  /** How long the sample is that begins here; it fails where none can begin. */
  measure(view: DataView, start: number, fail: Fail): number;
  /** Reads a complete sample; nothing where it is to be ignored. */
  read(view: DataView, start: number, end: number, fail: Fail): Sample | undefined;
}

/**
 * Makes what reads a file.
 *
 * Samples are read where they are; only one that a piece ends in is kept until the rest of it comes. Behind a sample
 * that cannot be read goes on the next one. Where none can begin, nothing tells where the next one does: anything may
 * look like one. So that ends the reading.
 */
export function createFrameReader(
  name: string,
  frames: Frames,
  onDecodeError: (error: DecodeError) => void,
): StreamDecoder {
  const { headerLength } = frames;
  let held = new Uint8Array(headerLength);
  let heldView = new DataView(held.buffer);
  let seen = 0;
  // Where the current sample begins: in the file, and in the view that shows it.
  let offset = 0;
  let start = 0;
  let isLost = false;

  const fail: Fail = (reason, position) => {
    throw new DecodeError(name, reason, { offset: offset + position - start }, { source: "file" });
  };

  function push(piece: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    if (isLost) return samples;
    let pos = seen > 0 ? complete(piece, samples) : 0;
    if (seen > 0 || isLost) return samples;
    const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
    while (piece.length - pos >= headerLength) {
      const length = measure(view, pos);
      if (length === undefined) return samples;
      if (piece.length - pos < length) break;
      read(view, pos, length, samples);
      pos += length;
    }
    take(piece, pos, piece.length - pos);
    return samples;
  }

  /** Goes on with the sample that the last piece ended in; where the piece goes on behind it. */
  function complete(piece: Uint8Array, samples: Sample[]): number {
    let pos = take(piece, 0, headerLength);
    if (seen < headerLength) return pos;
    const length = measure(heldView, 0);
    if (length === undefined) return piece.length;
    pos = take(piece, pos, length);
    if (seen < length) return pos;
    seen = 0;
    read(heldView, 0, length, samples);
    return pos;
  }

  /** Keeps bytes of a sample until there are `wanted` of them; where the piece goes on behind them. */
  function take(piece: Uint8Array, pos: number, wanted: number): number {
    const end = Math.min(piece.length, pos + Math.max(wanted - seen, 0));
    const total = seen + end - pos;
    if (total > held.length) {
      const grown = new Uint8Array(Math.max(total, 2 * held.length));
      grown.set(held.subarray(0, seen));
      held = grown;
      heldView = new DataView(held.buffer);
    }
    held.set(piece.subarray(pos, end), seen);
    seen = total;
    return end;
  }

  function measure(view: DataView, pos: number): number | undefined {
    start = pos;
    try {
      return frames.measure(view, pos, fail);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      isLost = true;
      const reason = `${error.reason.replace(/,$/, "")}, so the rest of the file cannot be read,`;
      onDecodeError(
        new DecodeError(name, reason, { offset: error.offset ?? offset }, { source: "file", cause: error }),
      );
      return undefined;
    }
  }

  function read(view: DataView, pos: number, length: number, samples: Sample[]): void {
    start = pos;
    let sample: Sample | undefined;
    try {
      sample = frames.read(view, pos, pos + length, fail);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      offset += length;
      onDecodeError(error);
      return;
    }
    offset += length;
    if (sample !== undefined) samples.push(sample);
  }

  function end(): Sample[] {
    if (!isLost && seen > 0) {
      onDecodeError(new DecodeError(name, "it ends inside the sample that begins", { offset }, { source: "file" }));
    }
    isLost = true;
    return [];
  }

  return { push, end };
}
