/**
 * Binary formats: a format from the layout of one sample.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { append } from "../../system/lists.ts";
import { checkBuffer } from "../check.ts";
import type { ScanReceiver } from "../column_ranges.ts";
import { type Fail, type Frames, FrameStreamDecoder } from "./stream_decoder.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** The layout of a binary format's samples. Positions count in the view, which may show more than one datagram. */
export interface Layout {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** Most samples in a datagram; default: any number. */
  readonly samplesPerDatagram?: number;
  /** Checks a sample that is about to be written; returns its length in bytes. */
  measure(sample: Sample, index: number, framing: "datagram" | "file"): number;
  /** Writes a sample that was measured; returns the position after it. */
  write(sample: Sample, view: DataView, position: number): number;
  /** Reads a datagram. */
  read(view: DataView, start: number, end: number, fail: Fail): Sample[];
  /** Returns the division of a file into samples; throws TypeError if the options do not tell it. */
  frames(): Frames;
  /** Returns the division of a file into samples that are told to a receiver, and not read; missing where they must be. */
  readonly scannedFrames?: ((receiver: ScanReceiver) => Frames) | undefined;
  /** See {@linkcode Format.isNumbered}. */
  readonly isNumbered?: boolean;
  /** Creates a check that a sample fits those before it in a file, if a file needs one. */
  createFileCheck?(): (sample: Sample, index: number) => void;
}

/**
 * Creates a format from a layout. No binary format of this kind carries the types of the values.
 *
 * @param layout The layout
 * @returns The format
 */
export function createBinaryFormat(layout: Layout): Format {
  const { name, measure, write, read, scannedFrames, samplesPerDatagram = Infinity, isNumbered = false } = layout;
  // Buffers are reused from one datagram to the next, and so is the view of the last one.
  let view: DataView = new DataView(new ArrayBuffer(0));
  let start = 0;

  function show(bytes: Uint8Array): void {
    if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
    start = bytes.byteOffset;
  }

  const fail: Fail = (reason, position) => {
    throw new DecodeError(name, reason, { offset: position - start });
  };

  function measureAll(samples: readonly Sample[]): number {
    if (samples.length > samplesPerDatagram) {
      throw new EncodeError(name, "a datagram of this format holds only one sample", samplesPerDatagram);
    }
    let length = 0;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      if (sample !== undefined) length += measure(sample, i, "datagram");
    }
    return length;
  }

  function writeAll(samples: readonly Sample[], buffer: Uint8Array): void {
    show(buffer);
    let position = start;
    for (const sample of samples) position = write(sample, view, position);
  }

  return {
    name,
    isText: false,
    carriesTypes: false,
    isNumbered,
    decode(datagram) {
      show(datagram);
      return read(view, start, start + datagram.length, fail);
    },
    encode(samples) {
      const datagram = new Uint8Array(measureAll(samples));
      writeAll(samples, datagram);
      return datagram;
    },
    encodeInto(samples, buffer) {
      const length = measureAll(samples);
      checkBuffer(length, buffer);
      writeAll(samples, buffer);
      return length;
    },
    createDecoder: (onDecodeError) => new FrameStreamDecoder(name, layout.frames(), onDecodeError),
    createScanner: scannedFrames &&
      ((receiver, onDecodeError) => new FrameStreamDecoder(name, scannedFrames(receiver), onDecodeError)),
    createEncoder() {
      const check = layout.createFileCheck?.();
      return (samples) => {
        let length = 0;
        for (const [index, sample] of samples.entries()) {
          length += measure(sample, index, "file");
          check?.(sample, index);
        }
        const bytes = new Uint8Array(length);
        writeAll(samples, bytes);
        return bytes;
      };
    },
  };
}

/**
 * Reads a datagram of consecutive frames.
 *
 * @param frames The division into samples
 * @param view A view of the memory of the datagram
 * @param start Position of the datagram in the view
 * @param end Position after it
 * @param fail Called with the first error
 * @returns The samples
 */
export function readFrames(frames: Frames, view: DataView, start: number, end: number, fail: Fail): Sample[] {
  let samples: Sample[] | undefined;
  let position = start;
  while (position < end) {
    const left = end - position;
    if (left < frames.headerLength) {
      fail(`it ends inside a header of ${frames.headerLength} bytes, of which it has ${left}`, position);
    }
    const length = frames.measure(view, position, fail);
    if (left < length) fail(`it ends inside a message of ${length} bytes, of which it has ${left}`, position);
    const sample = frames.read(view, position, position + length, fail);
    if (sample !== undefined) samples = append(samples, sample);
    position += length;
  }
  return samples ?? [];
}

/**
 * Returns the low 32 bits of a sequence number.
 *
 * @param sequence The sequence number, if there is one
 * @returns The number; 0 if there is none
 */
export function lowSequence(sequence: bigint | undefined): number {
  return sequence === undefined ? 0 : Number(BigInt.asUintN(32, sequence));
}
