/**
 * JSON formats: a format from functions that turn a sample into JSON and back.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { checkSample } from "../check.ts";
import type { SampleWriter } from "./json_sample.ts";
import { JsonScanner } from "./json_scanner.ts";
import { type Json, type JsonObject, type Place, positionOf } from "./json_tree.ts";
import { createJsonWriter, findNonFinite, type JsonNode, type JsonOptions } from "./json_writer.ts";
import type { PlainJsonReader } from "./plain_json.ts";
import { createTextFormat } from "../text/text_format.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** The particulars of a JSON format. */
export interface JsonLayout {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** Returns the reason why VILLASnode would not accept this sample in a datagram, if there is one. */
  findProblem?(sample: Sample): string | undefined;
  /** Turns a sample into JSON. */
  pack(sample: Sample): JsonNode;
  /**
   * Creates the writer that writes the same as `pack` says in a faster way; undefined if these options do not allow it.
   */
  createSampleWriter?: (() => SampleWriter) | undefined;
  /** Turns JSON of a datagram into a sample. */
  readonly unpack: Unpack;
  /**
   * Creates the function that turns the JSON of one file into samples, if a file has names of its own; default
   * `unpack`.
   */
  unpackFile?: (() => Unpack) | undefined;
  /** Fast path: reads plain text, if the format has any. */
  readonly plain?: PlainJsonReader | undefined;
  /** See {@linkcode Format.unmatchedNames}. */
  readonly unmatchedNames?: ReadonlySet<string> | undefined;
}

/** Turns JSON into a sample; may throw {@linkcode DecodeError}. */
export type Unpack = (object: JsonObject, place: Place) => Sample;

/**
 * Most values beyond one per character, in one datagram or chunk of a file; only unset ones can be so many. More are
 * refused, because a few bytes that name the last of many signals must not fill the memory.
 */
const maximumUnset = 2 ** 24;

const maximumInt64 = 2n ** 63n - 1n;

const decoder = new TextDecoder();

/**
 * Creates a JSON format: an array of objects in a datagram, an object per line in a file.
 *
 * @param layout The particulars of the format
 * @param options The options of the format
 * @returns The format
 */
export function createJsonFormat(layout: JsonLayout, options: JsonOptions): Format {
  const { name, pack, unpack, unpackFile, createSampleWriter, unmatchedNames, plain } = layout;
  const { signals, sequence: withSequence = true } = options;
  const writeNode = createJsonWriter(options);
  const datagram = createSampleWriter?.();

  function check(sample: Sample, index: number): void {
    checkSample(name, sample, index, signals);
    const { sequence = 0n, values } = sample;
    const reason = withSequence && sequence > maximumInt64
      ? `its sequence number ${sequence} is above 2^63 - 1, the largest that VILLASnode accepts in JSON`
      : findNonFinite(values) ?? layout.findProblem?.(sample);
    if (reason !== undefined) throw new EncodeError(name, reason, index);
  }

  function createHandler(unpack: Unpack, onDecodeError: (error: DecodeError) => void) {
    let taken: Sample[] | undefined;
    let room = 0;
    const scanner = new JsonScanner(name, (object, place) => {
      const sample = unpack(object, place);
      room -= sample.values.length;
      if (room < 0) throw createDecodeError(name, "too many values are not set", place);
      taken?.push(sample);
    }, onDecodeError);
    return {
      line(text: string, number: number, samples: Sample[]) {
        if (samples !== taken) room = maximumUnset;
        taken = samples;
        room += text.length;
        scanner.line(text, number);
      },
      end: () => scanner.end(),
      plainLine: plain && ((bytes: Uint8Array, start: number, _number: number, samples: Sample[]) => {
        return scanner.isIdle ? plain.readLine(bytes, start, samples) : -1;
      }),
    };
  }

  const format = createTextFormat({
    name,
    carriesTypes: true,
    createDatagramHandler: () =>
      createHandler(unpack, (error) => {
        throw error;
      }),
    decodePlain: plain && ((datagram) => plain.readDatagram(datagram)),
    createFileHandler: (onDecodeError) => createHandler(unpackFile?.() ?? unpack, onDecodeError),
    writeDatagram(samples) {
      samples.forEach(check);
      if (datagram === undefined) return writeNode(samples.map(pack));
      datagram.clear();
      for (let i = 0; i < samples.length; i++) {
        const sample = samples[i];
        datagram.text(i === 0 ? "[" : ", ");
        if (sample !== undefined) datagram.sample(sample);
      }
      datagram.text(samples.length === 0 ? "[]" : "]");
      return datagram.bytes;
    },
    createFileWriter() {
      if (createSampleWriter === undefined) {
        return (samples) => samples.map((sample) => `${writeNode(pack(sample))}\n`).join("");
      }
      const encode = createLineEncoder(createSampleWriter());
      return (samples) => decoder.decode(encode(samples));
    },
    createByteEncoder: createSampleWriter && (() => createLineEncoder(createSampleWriter())),
  });
  return unmatchedNames === undefined ? format : { ...format, unmatchedNames };
}

/** Creates the function that writes samples as lines, which are valid until its next call. */
function createLineEncoder(writer: SampleWriter): (samples: readonly Sample[]) => Uint8Array {
  return (samples) => {
    writer.clear();
    for (const sample of samples) {
      writer.sample(sample);
      writer.text("\n");
    }
    return writer.bytes;
  };
}

/**
 * Creates the error for a value that is not what it should be.
 *
 * @param format Name of the format
 * @param reason The reason, as a clause
 * @param place Place of the value
 * @returns The error
 */
export function createDecodeError(format: string, reason: string, place: Place): DecodeError {
  return new DecodeError(format, reason, positionOf(place));
}

/** Returns the value if it is an object; otherwise throws {@linkcode DecodeError}. */
export function asObject(format: string, value: Json, place: Place): JsonObject {
  if (typeof value === "object" && value?.kind === "object") return value;
  throw createDecodeError(format, "expected an object", place);
}

/** Returns the value if it is an integer from 0 to a maximum; otherwise throws {@linkcode DecodeError}. */
export function asInteger(format: string, value: Json, place: Place, maximum: bigint): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= maximum) return value;
  throw createDecodeError(format, `expected an integer from 0 to ${maximum}`, place);
}

/**
 * Returns the value of a sample that JSON stands for. A float signal accepts an integer as well, because most other
 * writers leave out the fraction.
 *
 * @param format Name of the format, for errors
 * @param value The JSON value
 * @param place Its place, for errors
 * @param signal The signal of the value, if it is known
 * @returns The value
 * @throws {DecodeError} If it is not a value of a sample
 */
export function asValue(format: string, value: Json, place: Place, signal?: Signal): Value {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "bigint":
      if (signal?.type === "float") return Number(value);
      if (BigInt.asIntN(64, value) === value) return value;
      throw createDecodeError(format, "the integer is out of range for a signed 64-bit integer", place);
    case "object":
      // A float that JSON has no number for.
      if (value === null) return signal?.type === "float" ? NaN : null;
      if (value.kind === "object") return asComplex(format, value, place);
  }
  throw createDecodeError(format, `expected a number, true, false or {"real": ..., "imag": ...}`, place);
}

function asComplex(format: string, { names, items, places }: JsonObject, place: Place): Value {
  const part = (name: string): number => {
    const index = names.lastIndexOf(name);
    const value = items[index];
    if (typeof value === "number" || typeof value === "bigint") return Math.fround(Number(value));
    if (value === null) return NaN;
    throw createDecodeError(format, `expected a number for "${name}" of a complex value`, places[index] ?? place);
  };
  return { real: part("real"), imag: part("imag") };
}

/** The largest number of seconds in a timestamp. */
export const maximumSecond = BigInt(Number.MAX_SAFE_INTEGER);

/** Returns the timestamp of milliseconds since 1970; throws {@linkcode DecodeError} for any other value. */
export function asMilliseconds(format: string, value: Json, place: Place): Timestamp {
  const milliseconds = typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? BigInt(Math.floor(value))
    : asInteger(format, value, place, maximumSecond);
  return { sec: Number(milliseconds / 1000n), nsec: Number(milliseconds % 1000n) * 1_000_000 };
}

/** Returns milliseconds since 1970, rounded down as in VILLASnode. */
export function toMilliseconds({ sec, nsec }: Timestamp): bigint {
  return BigInt(sec) * 1000n + BigInt(Math.floor(nsec / 1_000_000));
}
