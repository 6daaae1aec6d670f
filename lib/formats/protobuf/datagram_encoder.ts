/**
 * Encodes `protobuf` datagrams.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../../samples/sample.ts";
import { checkSample, checkSecond } from "../check.ts";
import {
  complexImag,
  complexReal,
  floatValueHeader,
  floatValueLength,
  messageSamples,
  sampleNewFrame,
  sampleSequence,
  sampleTsOrigin,
  sampleTsReceived,
  sampleType,
  sampleValues,
  timestampNsec,
  timestampSec,
  Type,
  valueBoolean,
  valueComplex,
  valueInteger,
} from "./schema.ts";
import type { FormatOptions } from "../format.ts";

/** Memory in which a bigint becomes two halves of 32 bits; what is written here is read at once. */
const scratch = new DataView(new ArrayBuffer(8));

/** The two passes over the samples of a datagram. */
export interface DatagramEncoder {
  /** Checks the samples; returns the length of their message in bytes. */
  measure(samples: readonly Sample[]): number;
  /** Writes the samples that were measured last to the start of a buffer. */
  write(samples: readonly Sample[], buffer: Uint8Array): void;
}

/**
 * Creates an encoder of datagrams; `protobuf` documents what it refuses.
 *
 * @param options The options of the format
 * @param lenient Whether to write types other than data and unset values, as a recording needs
 * @returns The encoder
 */
export function createDatagramEncoder(options: FormatOptions, lenient = false): DatagramEncoder {
  const { signals, sequence: withSequence = true, ts_origin: withOrigin = true, ts_received: withReceived = false } =
    options;
  // A length comes before what it measures, so the lengths of all samples are computed first. Those of values, all of
  // them below 128, follow from the values' types.
  const lengths: number[] = [];
  let view: DataView = new DataView(new ArrayBuffer(0));
  let pos = 0;

  function measure(samples: readonly Sample[]): number {
    let total = 0;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      if (sample === undefined) continue;
      check(sample, i);
      const length = measureSample(sample);
      lengths[i] = length;
      total += 1 + uint32Length(length) + length;
    }
    return total;
  }

  function check(sample: Sample, index: number): void {
    checkSample("protobuf", sample, index, signals, lenient);
    if (withOrigin) checkSecond("protobuf", sample.tsOrigin, index);
    if (withReceived) checkSecond("protobuf", sample.tsReceived, index);
  }

  function measureSample(sample: Sample): number {
    let length = 2; // type
    if (withSequence && sample.sequence !== undefined) length += 1 + bigintLength(sample.sequence);
    if (withOrigin && sample.tsOrigin !== undefined) length += 2 + timestampLength(sample.tsOrigin);
    if (withReceived && sample.tsReceived !== undefined) length += 2 + timestampLength(sample.tsReceived);
    if (sample.newFrame) length += 2;
    const { values } = sample;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      length += typeof value === "number" ? floatValueLength : 3 + valueLength(value ?? null);
    }
    return length;
  }

  function write(samples: readonly Sample[], buffer: Uint8Array): void {
    if (view.buffer !== buffer.buffer) view = new DataView(buffer.buffer);
    pos = buffer.byteOffset;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      if (sample === undefined) continue;
      byte(messageSamples);
      uint32(lengths[i] ?? 0);
      writeSample(sample);
    }
  }

  function writeSample(sample: Sample): void {
    byte(sampleType);
    byte(sample.type === "start" ? Type.START : sample.type === "stop" ? Type.STOP : Type.DATA);
    if (withSequence && sample.sequence !== undefined) {
      byte(sampleSequence);
      uint64(sample.sequence);
    }
    if (withOrigin && sample.tsOrigin !== undefined) {
      byte(sampleTsOrigin);
      writeTimestamp(sample.tsOrigin);
    }
    if (withReceived && sample.tsReceived !== undefined) {
      byte(sampleTsReceived);
      writeTimestamp(sample.tsReceived);
    }
    if (sample.newFrame) {
      byte(sampleNewFrame);
      byte(1);
    }
    const { values } = sample;
    for (let i = writeFloatValues(values); i < values.length; i++) writeValue(values[i] ?? null);
  }

  /** Fast path: writes the floats at the start of the values, as most are; returns their number. */
  function writeFloatValues(values: readonly Value[]): number {
    // Variables of this function stay in registers; those that several functions share do not.
    const target = view;
    let at = pos;
    let i = 0;
    for (; i < values.length; i++) {
      const value = values[i];
      if (typeof value !== "number") break;
      target.setUint32(at, floatValueHeader, true);
      target.setFloat64(at + 4, value, true);
      at += floatValueLength;
    }
    pos = at;
    return i;
  }

  function writeTimestamp(timestamp: Timestamp): void {
    byte(timestampLength(timestamp));
    byte(timestampSec);
    uint32(timestamp.sec);
    byte(timestampNsec);
    uint32(timestamp.nsec);
  }

  function writeValue(value: Value): void {
    if (typeof value === "number") {
      view.setUint32(pos, floatValueHeader, true);
      view.setFloat64(pos + 4, value, true);
      pos += floatValueLength;
      return;
    }
    uint32(sampleValues);
    byte(valueLength(value));
    if (typeof value === "bigint") {
      byte(valueInteger);
      uint64(value);
    } else if (typeof value === "boolean") {
      byte(valueBoolean);
      byte(value ? 1 : 0);
    } else if (isComplex(value)) {
      const { real, imag } = value;
      byte(valueComplex);
      byte(complexLength);
      byte(complexReal);
      view.setFloat32(pos, real, true);
      pos += 4;
      byte(complexImag);
      view.setFloat32(pos, imag, true);
      pos += 4;
    }
  }

  function byte(value: number): void {
    view.setUint8(pos++, value);
  }

  function uint32(value: number): void {
    while (value > 0x7f) {
      view.setUint8(pos++, value & 0x7f | 0x80);
      value >>>= 7;
    }
    view.setUint8(pos++, value);
  }

  /** Writes an unsigned integer, or a signed one in two's complement. */
  function uint64(value: bigint): void {
    scratch.setBigUint64(0, value, true);
    let low = scratch.getUint32(0, true);
    let high = scratch.getUint32(4, true);
    while (high !== 0) {
      view.setUint8(pos++, low & 0x7f | 0x80);
      low = (low >>> 7 | high << 25) >>> 0;
      high >>>= 7;
    }
    uint32(low);
  }

  return { measure, write };
}

function uint32Length(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** Returns the length of a 64-bit varint: seven bits per byte, and all 64 of them for a negative number. */
function bigintLength(value: bigint): number {
  scratch.setBigUint64(0, value, true);
  const high = scratch.getUint32(4, true);
  return high === 0 ? uint32Length(scratch.getUint32(0, true)) : Math.ceil((64 - Math.clz32(high)) / 7);
}

function timestampLength({ sec, nsec }: Timestamp): number {
  return 2 + uint32Length(sec) + uint32Length(nsec);
}

const complexLength = 10;

/** Returns the length of a `Value` that is not a float; an unset one is empty. */
function valueLength(value: Value): number {
  if (typeof value === "bigint") return 1 + bigintLength(value);
  if (typeof value === "boolean") return 2;
  return isComplex(value) ? 2 + complexLength : 0;
}
