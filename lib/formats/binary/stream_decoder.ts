/**
 * Decodes files of binary formats in chunks: formats whose samples say at their start how long they are.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { ByteBuffer } from "../_byte_buffer.ts";
import { DecodeError } from "../errors.ts";
import type { StreamDecoder } from "../format.ts";

/** Throws the error for bytes that cannot be decoded, at a position in the memory that a view shows. */
export type Fail = (reason: string, position: number) => never;

/** The division of a file, or of a datagram, into samples. */
export interface Frames {
  /** Bytes at the start of a sample that say how long it is. */
  readonly headerLength: number;
  /** Returns the length of the sample that begins here; fails if none can begin. */
  measure(view: DataView, start: number, fail: Fail): number;
  /** Reads a complete sample; undefined if it is to be ignored. */
  read(view: DataView, start: number, end: number, fail: Fail): Sample | undefined;
  /**
   * Fast path: skips the complete samples that begin here, as far as nothing is wrong with them and nothing is to be read.
   *
   * @returns The position behind them
   */
  skipRun?(view: DataView, start: number, end: number): number;
}

/**
 * A decoder of one file.
 *
 * Samples are read in place; only one that is cut by the end of a chunk is kept until the rest of it comes. Decoding
 * continues after a sample that cannot be decoded. If no sample can begin where one should, nothing tells where the
 * next one does, because anything may look like one: that ends the decoding.
 */
export class FrameStreamDecoder implements StreamDecoder {
  readonly #name: string;
  readonly #frames: Frames;
  readonly #onDecodeError: (error: DecodeError) => void;
  readonly #held = new ByteBuffer();
  /** Start of the current sample in the file. */
  #offset = 0;
  /** Start of the current sample in the view that shows it. */
  #start = 0;
  #isLost = false;

  /**
   * Creates the decoder.
   *
   * @param name Name of the format, for errors
   * @param frames The division of the file into samples
   * @param onDecodeError Called with each error
   */
  constructor(name: string, frames: Frames, onDecodeError: (error: DecodeError) => void) {
    this.#name = name;
    this.#frames = frames;
    this.#onDecodeError = onDecodeError;
  }

  push(chunk: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    if (this.#isLost) return samples;
    let pos = this.#held.length > 0 ? this.#completeHeld(chunk, samples) : 0;
    if (this.#held.length > 0 || this.#isLost) return samples;
    const view = viewOf(chunk);
    while (chunk.length - pos >= this.#frames.headerLength) {
      const next = this.#frames.skipRun?.(view, pos, chunk.length) ?? pos;
      this.#offset += next - pos;
      if (next > pos) {
        pos = next;
        continue;
      }
      const length = this.#measure(view, pos);
      if (length === undefined) return samples;
      if (chunk.length - pos < length) break;
      this.#read(view, pos, length, samples);
      pos += length;
    }
    this.#held.append(chunk.subarray(pos));
    return samples;
  }

  end(): Sample[] {
    if (!this.#isLost && this.#held.length > 0) {
      this.#report("the file ends inside the sample that begins here", this.#offset);
    }
    this.#isLost = true;
    return [];
  }

  /** Continues the sample that was cut by the end of the last chunk; returns the position after it. */
  #completeHeld(chunk: Uint8Array, samples: Sample[]): number {
    let pos = this.#hold(chunk, 0, this.#frames.headerLength);
    if (this.#held.length < this.#frames.headerLength) return pos;
    const length = this.#measure(viewOf(this.#held.bytes), 0);
    if (length === undefined) return chunk.length;
    pos = this.#hold(chunk, pos, length);
    if (this.#held.length < length) return pos;
    this.#read(viewOf(this.#held.bytes), 0, length, samples);
    this.#held.clear();
    return pos;
  }

  /** Keeps bytes of a sample until there are enough of them; returns the position after them. */
  #hold(chunk: Uint8Array, pos: number, wanted: number): number {
    const end = Math.min(chunk.length, pos + Math.max(wanted - this.#held.length, 0));
    this.#held.append(chunk.subarray(pos, end));
    return end;
  }

  #measure(view: DataView, pos: number): number | undefined {
    this.#start = pos;
    try {
      return this.#frames.measure(view, pos, this.#fail);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#isLost = true;
      const reason = `${error.reason}, so the rest of the file cannot be decoded`;
      this.#report(reason, error.offset ?? this.#offset, error);
      return undefined;
    }
  }

  #read(view: DataView, pos: number, length: number, samples: Sample[]): void {
    this.#start = pos;
    let sample: Sample | undefined;
    try {
      sample = this.#frames.read(view, pos, pos + length, this.#fail);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#offset += length;
      this.#onDecodeError(error);
      return;
    }
    this.#offset += length;
    if (sample !== undefined) samples.push(sample);
  }

  readonly #fail: Fail = (reason, position) => {
    throw this.#createError(reason, this.#offset + position - this.#start);
  };

  #report(reason: string, offset: number, cause?: unknown): void {
    this.#onDecodeError(this.#createError(reason, offset, cause));
  }

  #createError(reason: string, offset: number, cause?: unknown): DecodeError {
    return new DecodeError(this.#name, reason, { offset }, { source: "file", cause });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
