/**
 * The sample of `raw` and `gtnet`, which differ only in their defaults: consecutive words of one width.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../../samples/sample.ts";
import type { SignalType } from "../../samples/signals.ts";
import { typeOfValue } from "../../samples/value_types.ts";
import { createBinaryFormat } from "./binary_format.ts";
import { checkSample, checkSecond, maximumNanosecond } from "../check.ts";
import type { Fail, Frames } from "./stream_decoder.ts";
import { boolean, checkOptions, oneOf } from "../options.ts";
import { createWordAccess } from "./word_access.ts";
import { EncodeError } from "../errors.ts";
import type { Format, FormatOptions } from "../format.ts";

/** Options of `raw` and `gtnet`, besides the common ones. */
export interface RawOptions extends FormatOptions {
  /** Width of a word in bits; default 32. Floats need 32 or 64 bits. */
  bits?: 8 | 16 | 32 | 64;
  /** Byte order, in VILLASnode's spelling; default `"little"` for `raw`, `"big"` for `gtnet`; not with 8 bits. */
  endianess?: "little" | "big";
  /**
   * Whether each sample begins with a sequence number, seconds and nanoseconds; default false; not with 8 or 16 bits.
   */
  fake?: boolean;
}

const headerWords = 3;

/**
 * Creates one of the two formats.
 *
 * @param name Name of the format
 * @param endianess The default byte order
 * @param options The options of the format
 * @returns The format
 */
export function createWordFormat(name: string, endianess: "little" | "big", options: RawOptions): Format {
  checkOptions(name, options, { bits: oneOf(8, 16, 32, 64), endianess: oneOf("little", "big"), fake: boolean });
  const { signals, bits = 32, fake = false, sequence: withSequence = true, ts_origin: withOrigin = true } = options;
  if (bits === 8 && options.endianess !== undefined) {
    throw new TypeError(`Cannot set option "endianess" of format ${name}: one byte has no byte order`);
  }
  if (bits < 32 && fake) {
    throw new TypeError(
      `Cannot set option "fake" of format ${name}: a timestamp does not fit into words of ${bits} bits`,
    );
  }
  const types = signals?.map(({ type }) => type);
  const defaultType: SignalType = bits < 32 ? "integer" : "float";
  const wordLength = bits / 8;
  const headerLength = fake ? headerWords * wordLength : 0;
  const minimum = -(2n ** BigInt(bits - 1));
  const maximum = -minimum - 1n;
  const words = createWordAccess(bits, (options.endianess ?? endianess) === "little");

  function measure(sample: Sample, index: number): number {
    checkSample(name, sample, index, signals);
    if (fake && withOrigin && bits === 32) checkSecond(name, sample.tsOrigin, index);
    const { values } = sample;
    if (values.length === 0 && !fake) {
      throw new EncodeError(name, "it has no values, so it would have no bytes", index);
    }
    let count = values.length;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      if (isComplex(value)) count++;
      if (typeof value === "bigint" ? value < minimum || value > maximum : bits < 32 && typeof value !== "boolean") {
        const what = typeof value === "bigint" ? `${value}` : `of type ${typeOfValue(value)}`;
        throw new EncodeError(name, `value ${i} is ${what}, which does not fit into ${bits} bits`, index);
      }
    }
    return headerLength + count * wordLength;
  }

  function write(sample: Sample, view: DataView, start: number): number {
    let position = start;
    if (fake) {
      const { sequence = 0n, tsOrigin } = sample;
      const { sec, nsec } = (withOrigin ? tsOrigin : undefined) ?? { sec: 0, nsec: 0 };
      words.setInteger(view, position, withSequence ? sequence : 0n);
      words.setInteger(view, position + wordLength, BigInt(sec));
      words.setInteger(view, position + 2 * wordLength, BigInt(nsec));
      position += headerLength;
    }
    const { values } = sample;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      if (typeof value === "number") {
        words.setFloat(view, position, value);
      } else if (isComplex(value)) {
        // VILLASnode holds both parts as float32, whatever the width of a word.
        words.setFloat(view, position, Math.fround(value.real));
        position += wordLength;
        words.setFloat(view, position, Math.fround(value.imag));
      } else {
        words.setInteger(view, position, BigInt(value ?? 0));
      }
      position += wordLength;
    }
    return position;
  }

  function readDatagram(view: DataView, start: number, end: number, fail: Fail): Sample[] {
    const length = end - start;
    if (length === 0) return [];
    if (length % wordLength !== 0) fail(`its ${length} bytes are not a whole number of words of ${bits} bits`, end);
    if (length < headerLength) fail(`it ends inside a header of ${headerWords} words`, end);
    return [readSample(view, start, end, fail)];
  }

  function readSample(view: DataView, start: number, end: number, fail: Fail): Sample {
    const sample: Sample = { values: [] };
    if (fake) {
      const sec = Number(words.getUnsigned(view, start + wordLength));
      const nsec = Number(words.getUnsigned(view, start + 2 * wordLength));
      if (!Number.isSafeInteger(sec)) {
        fail(`a timestamp has ${sec} seconds, more than a float64 holds exactly`, start + wordLength);
      }
      if (nsec > maximumNanosecond) {
        fail(`a timestamp has ${nsec} nanoseconds, more than ${maximumNanosecond}`, start + 2 * wordLength);
      }
      sample.sequence = words.getUnsigned(view, start);
      sample.tsOrigin = { sec, nsec };
    }
    const { values } = sample;
    let position = start + headerLength;
    while (position < end) {
      const type = types === undefined ? defaultType : types[values.length];
      if (type === undefined) fail(`it has more words than ${types?.length} signals need`, position);
      if (type === "complex" && end - position < 2 * wordLength) {
        fail(`it ends inside value ${values.length}`, position);
      }
      values.push(readValue(view, position, type, values.length, fail));
      position += type === "complex" ? 2 * wordLength : wordLength;
    }
    return sample;
  }

  function readValue(view: DataView, position: number, type: SignalType, index: number, fail: Fail): Value {
    if (type === "integer") return words.getInteger(view, position);
    if (type === "boolean") return words.getInteger(view, position) !== 0n;
    if (bits < 32) fail(`value ${index} is of type ${type}, which ${bits} bits cannot carry`, position);
    const real = words.getFloat(view, position);
    return type === "float" ? real : { real, imag: words.getFloat(view, position + wordLength) };
  }

  /** Divides a file into samples of the same length, which only the signals tell. */
  function frames(): Frames {
    if (types === undefined) {
      throw new TypeError(`Cannot decode a file of ${name}: option "signals" must say how long a sample is`);
    }
    const length = headerLength + wordLength * types.reduce((sum, type) => sum + (type === "complex" ? 2 : 1), 0);
    if (length === 0) throw new TypeError(`Cannot decode a file of ${name}: a sample of no signals has no bytes`);
    return { headerLength: length, measure: () => length, read: readSample };
  }

  /** Checks that all samples of a file have the same length, for the same reason. */
  function createFileCheck(): (sample: Sample, index: number) => void {
    let expected = types?.join();
    return ({ values }, index) => {
      const found = values.map(typeOfValue).join();
      expected ??= found;
      if (found === expected) return;
      const why = "its values are not of the types that all samples of the file must have";
      throw new EncodeError(name, `${why}: they are ${found || "none"}, not ${expected || "none"}`, index);
    };
  }

  return createBinaryFormat({
    name,
    isNumbered: fake,
    samplesPerDatagram: 1,
    measure,
    write,
    read: readDatagram,
    frames,
    createFileCheck,
  });
}
