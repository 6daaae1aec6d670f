/**
 * What the binary formats share: a format from the layout of one sample.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { maximumUint32 } from "../check.ts";
import { createFrameReader, type Fail, type Frames } from "./frames.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** How a binary format lays out its samples. Positions are those of the view, which shows more than one datagram. */
export interface Layout {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** How many samples a datagram can hold; any number where nothing is said. */
  readonly samplesPerDatagram?: number;
  /** Checks a sample that is about to be written; how many bytes it takes. */
  measure(sample: Sample, index: number, framing: "datagram" | "file"): number;
  /** Writes a sample that was measured; the position behind it. */
  write(sample: Sample, view: DataView, position: number): number;
  /** Reads a datagram. */
  read(view: DataView, start: number, end: number, fail: Fail): Sample[];
  /** How a file divides into samples; may throw where the options do not tell. */
  frames(): Frames;
  /** Whether each sample in a datagram has a sequence number; see {@linkcode Format.isNumbered}. */
  readonly isNumbered?: boolean;
  /** Makes a check of how one sample of a file fits those before, where a file needs one. */
  followUp?(): (sample: Sample, index: number) => void;
}

/** Makes a format of a layout. */
export function createBinaryFormat(layout: Layout): Format {
  const { name, measure, write, read, samplesPerDatagram = Infinity, isNumbered = false } = layout;
  // Buffers are used again from one datagram to the next, and so is the view of the last one.
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
      throw new EncodeError(name, "a datagram of this format holds one sample only", samplesPerDatagram);
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
      if (length > buffer.length) {
        throw new RangeError(`Cannot encode ${length} bytes into a buffer: it has ${buffer.length} bytes`);
      }
      writeAll(samples, buffer);
      return length;
    },
    createDecoder: (onDecodeError) => createFrameReader(name, layout.frames(), onDecodeError),
    createEncoder() {
      const check = layout.followUp?.();
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

/** Reads a datagram that consists of frames, one behind the other. */
export function readFrames(frames: Frames, view: DataView, start: number, end: number, fail: Fail): Sample[] {
  const samples: Sample[] = [];
  let position = start;
  while (position < end) {
    const left = end - position;
    if (left < frames.headerLength) {
      fail(`it ends inside a header of ${frames.headerLength} bytes, of which it has ${left},`, position);
    }
    const length = frames.measure(view, position, fail);
    if (left < length) fail(`it ends inside a message of ${length} bytes, of which it has ${left},`, position);
    const sample = frames.read(view, position, position + length, fail);
    if (sample !== undefined) samples.push(sample);
    position += length;
  }
  return samples;
}

/** Refuses an origin timestamp whose seconds need more than 32 bits. */
export function checkSeconds(format: string, sample: Sample, index: number): void {
  if (sample.tsOrigin !== undefined && sample.tsOrigin.sec > maximumUint32) {
    throw new EncodeError(format, "a timestamp is after the year 2106, which the format ends with", index);
  }
}

/** The low 32 bits of a sequence number; 0 where there is none. */
export function lowSequence(sequence: bigint | undefined): number {
  return sequence === undefined ? 0 : Number(BigInt.asUintN(32, sequence));
}
