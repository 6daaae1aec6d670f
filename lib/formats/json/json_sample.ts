/**
 * Fast path: writes the samples of `json` in VILLASnode's default style, byte for byte as `createJsonWriter` does.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import { longestFloat, writeFloat, writeText } from "../text/float_digits.ts";
import { createJsonWriter, type JsonOptions } from "./json_writer.ts";

/** Length of the longest text of a value: a complex one, with its names. */
const longestValue = 2 * longestFloat + `{"real": , "imag": }, `.length;

/** More than the length of everything around the values, except the sequence number. */
const longestFrame = 256;

const encoder = new TextEncoder();

const comma = 44;
const space = 32;
const opening = 123;
const closing = 125;
const openingList = 91;
const closingList = 93;

const names = {
  times: encoder.encode('"ts": {'),
  origin: encoder.encode('"origin": ['),
  received: encoder.encode('"received": ['),
  flags: encoder.encode('"flags": ['),
  newSimulation: encoder.encode('"new_simulation"'),
  newFrame: encoder.encode('"new_frame"'),
  sequence: encoder.encode('"sequence": '),
  data: encoder.encode('"data": ['),
};

/**
 * Creates the function that writes a sample as an object.
 *
 * @param options The options of the format
 * @returns The function, or undefined if the options ask for another style. Its result, ASCII, is valid until its next
 * call.
 */
export function createSampleWriter(options: JsonOptions): ((sample: Sample) => Uint8Array) | undefined {
  const { indent = 0, compact = false, sort_keys = false, real_precision = 17 } = options;
  if (indent > 0 || compact || sort_keys || real_precision !== 17) return undefined;
  const { sequence: withSequence = true, ts_origin: withOrigin = true, ts_received: withReceived = false } = options;
  const { data: withData = true } = options;
  const write = createJsonWriter(options);
  let bytes = new Uint8Array(4096);
  let pos = 0;

  /** Makes room after the bytes that have been written. */
  function reserve(length: number): void {
    if (pos + length <= bytes.length) return;
    const longer = new Uint8Array(pos + length);
    longer.set(bytes.subarray(0, pos));
    bytes = longer;
  }

  function put(text: Uint8Array): void {
    bytes.set(text, pos);
    pos += text.length;
  }

  /** Writes a comma unless the next member or item is the first one. */
  function separate(): void {
    const last = bytes[pos - 1];
    if (last === opening || last === openingList) return;
    bytes[pos++] = comma;
    bytes[pos++] = space;
  }

  function putTimestamp(name: Uint8Array, { sec, nsec }: Timestamp): void {
    separate();
    put(name);
    pos = writeText(String(sec), bytes, pos);
    bytes[pos++] = comma;
    bytes[pos++] = space;
    pos = writeText(String(nsec), bytes, pos);
    bytes[pos++] = closingList;
  }

  function putFlag(name: Uint8Array, isSet: boolean | undefined): void {
    if (!isSet) return;
    separate();
    put(name);
  }

  function putValues(values: readonly Value[]): void {
    for (let i = 0; i < values.length; i++) {
      if (i > 0) {
        bytes[pos++] = comma;
        bytes[pos++] = space;
      }
      const value = values[i] ?? null;
      if (typeof value === "number" && Number.isFinite(value)) {
        pos = writeFloat(value, bytes, pos);
        continue;
      }
      const text = write(value);
      if (text.length > longestValue) reserve(longestFrame + text.length + (values.length - i) * longestValue);
      pos = writeText(text, bytes, pos);
    }
  }

  return ({ tsOrigin, tsReceived, newSimulation, newFrame, sequence, values }) => {
    pos = 0;
    // A file may get numbers that no format can read; they must not break the rest.
    const number = withSequence && sequence !== undefined ? String(sequence) : "";
    reserve(longestFrame + number.length + values.length * longestValue);
    bytes[pos++] = opening;
    const origin = withOrigin ? tsOrigin : undefined;
    const received = withReceived ? tsReceived : undefined;
    if (origin !== undefined || received !== undefined) {
      put(names.times);
      if (origin !== undefined) putTimestamp(names.origin, origin);
      if (received !== undefined) putTimestamp(names.received, received);
      bytes[pos++] = closing;
    }
    if (newSimulation || newFrame) {
      separate();
      put(names.flags);
      putFlag(names.newSimulation, newSimulation);
      putFlag(names.newFrame, newFrame);
      bytes[pos++] = closingList;
    }
    if (number !== "") {
      separate();
      put(names.sequence);
      pos = writeText(number, bytes, pos);
    }
    if (withData) {
      separate();
      put(names.data);
      putValues(values);
      bytes[pos++] = closingList;
    }
    bytes[pos++] = closing;
    return bytes.subarray(0, pos);
  };
}
