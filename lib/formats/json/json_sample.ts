/**
 * Fast path: writes the samples of `json` in VILLASnode's default style, byte for byte as `createJsonWriter` does.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import { writeInteger } from "../text/fixed_digits.ts";
import { longestFloat, writeFloat, writeText } from "../text/float_digits.ts";
import { createJsonWriter, type JsonNode, type JsonOptions } from "./json_writer.ts";

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
 * Tells whether options ask for the style that {@linkcode SampleWriter} has.
 *
 * @param options The options of the format
 * @returns Whether they do
 */
export function hasDefaultStyle(options: JsonOptions): boolean {
  const { indent = 0, compact = false, sort_keys = false, real_precision = 17 } = options;
  return indent === 0 && !compact && !sort_keys && real_precision === 17;
}

/** A writer of samples as objects, into memory that is used again. */
export class SampleWriter {
  readonly #withSequence: boolean;
  readonly #withOrigin: boolean;
  readonly #withReceived: boolean;
  readonly #withData: boolean;
  readonly #write: (node: JsonNode) => string;
  #bytes = new Uint8Array(4096);
  #pos = 0;

  /**
   * Creates the writer.
   *
   * @param options The options of the format, of the default style
   */
  constructor(options: JsonOptions) {
    const { sequence = true, ts_origin = true, ts_received = false, data = true } = options;
    this.#withSequence = sequence;
    this.#withOrigin = ts_origin;
    this.#withReceived = ts_received;
    this.#withData = data;
    this.#write = createJsonWriter(options);
  }

  /** The text, ASCII, valid until the next call of any other member. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#pos);
  }

  /** Removes the text; the memory stays. */
  clear(): void {
    this.#pos = 0;
  }

  /**
   * Writes characters around samples.
   *
   * @param text The characters, ASCII
   */
  text(text: string): void {
    this.#reserve(text.length);
    this.#pos = writeText(text, this.#bytes, this.#pos);
  }

  /**
   * Writes a sample.
   *
   * @param sample The sample
   */
  sample({ tsOrigin, tsReceived, newSimulation, newFrame, sequence, values }: Sample): void {
    // A file may get numbers that no format can read; they must not break the rest.
    const number = this.#withSequence && sequence !== undefined ? String(sequence) : "";
    this.#reserve(longestFrame + number.length + values.length * longestValue);
    this.#bytes[this.#pos++] = opening;
    const origin = this.#withOrigin ? tsOrigin : undefined;
    const received = this.#withReceived ? tsReceived : undefined;
    if (origin !== undefined || received !== undefined) {
      this.#put(names.times);
      if (origin !== undefined) this.#putTimestamp(names.origin, origin);
      if (received !== undefined) this.#putTimestamp(names.received, received);
      this.#bytes[this.#pos++] = closing;
    }
    if (newSimulation || newFrame) {
      this.#separate();
      this.#put(names.flags);
      this.#putFlag(names.newSimulation, newSimulation);
      this.#putFlag(names.newFrame, newFrame);
      this.#bytes[this.#pos++] = closingList;
    }
    if (number !== "") {
      this.#separate();
      this.#put(names.sequence);
      this.#pos = writeText(number, this.#bytes, this.#pos);
    }
    if (this.#withData) {
      this.#separate();
      this.#put(names.data);
      this.#putValues(values);
      this.#bytes[this.#pos++] = closingList;
    }
    this.#bytes[this.#pos++] = closing;
  }

  /** Makes room after the text; the memory at least doubles where it must grow. */
  #reserve(count: number): void {
    const length = this.#pos + count;
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }

  #put(text: Uint8Array): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#pos + i] = text[i] as number;
    this.#pos += text.length;
  }

  /** Writes a comma unless the next member or item is the first one. */
  #separate(): void {
    const last = this.#bytes[this.#pos - 1];
    if (last === opening || last === openingList) return;
    this.#bytes[this.#pos++] = comma;
    this.#bytes[this.#pos++] = space;
  }

  #putTimestamp(name: Uint8Array, { sec, nsec }: Timestamp): void {
    this.#separate();
    this.#put(name);
    this.#pos = writeInteger(sec, this.#bytes, this.#pos);
    this.#bytes[this.#pos++] = comma;
    this.#bytes[this.#pos++] = space;
    this.#pos = writeInteger(nsec, this.#bytes, this.#pos);
    this.#bytes[this.#pos++] = closingList;
  }

  #putFlag(name: Uint8Array, isSet: boolean | undefined): void {
    if (!isSet) return;
    this.#separate();
    this.#put(name);
  }

  #putValues(values: readonly Value[]): void {
    for (let i = 0; i < values.length; i++) {
      if (i > 0) {
        this.#bytes[this.#pos++] = comma;
        this.#bytes[this.#pos++] = space;
      }
      const value = values[i] ?? null;
      if (typeof value === "number" && Number.isFinite(value)) {
        this.#pos = writeFloat(value, this.#bytes, this.#pos);
        continue;
      }
      const text = this.#write(value);
      if (text.length > longestValue) {
        this.#reserve(longestFrame + text.length + (values.length - i) * longestValue);
      }
      this.#pos = writeText(text, this.#bytes, this.#pos);
    }
  }
}
