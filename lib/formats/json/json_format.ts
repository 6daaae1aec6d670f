/**
 * Makes a format out of functions that turn a sample into JSON and back: what all formats that are JSON have in common.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { checkSample } from "../check.ts";
import { createJsonScanner } from "./json_scanner.ts";
import type { PlainJsonReader } from "./plain_json.ts";
import { type Json, type JsonObject, type Place, positionOf } from "./json_tree.ts";
import { createJsonWriter, findNonFinite, type JsonNode, type JsonOptions } from "./json_writer.ts";
import { createTextFormat } from "../text/text.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** What is special about a format that is JSON. */
export interface JsonFraming {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** Why VILLASnode would not take this sample in a datagram, if it would not. */
  findFault?(sample: Sample): string | undefined;
  /** Turns a sample into JSON. */
  pack(sample: Sample): JsonNode;
  /**
   * Writes what `pack` says, in a faster way, as ASCII that is valid until the next call; undefined where there is none for
   * these options.
   */
  writeBytes?: ((sample: Sample) => Uint8Array) | undefined;
  /** Turns JSON of a datagram into a sample. */
  readonly unpack: Unpack;
  /** Starts to turn the JSON of one file into samples, where a file has names of its own; default is `unpack`. */
  unpackFile?: (() => Unpack) | undefined;
  /** Fast path for a text that looks as most do, where there is one. */
  readonly plain?: PlainJsonReader | undefined;
  /** Names that were ignored, as {@linkcode Format.unmatchedNames} says. */
  readonly unmatchedNames?: ReadonlySet<string> | undefined;
}

/** Turns JSON into a sample; throws {@linkcode DecodeError} by {@linkcode fault}. */
export type Unpack = (object: JsonObject, place: Place) => Sample;

/**
 * Values beyond one a character, which only those can be that are not set: more than that in one datagram or piece of a file
 * are refused, because a few bytes that name the last of many signals shall not fill the memory.
 */
const maximumUnset = 2 ** 24;

const maximumInt64 = 2n ** 63n - 1n;

const decoder = new TextDecoder();

const lineFeed = 10;

/** Makes the format: an array of objects in a datagram, an object a line in a file. */
export function createJsonFormat(framing: JsonFraming, options: JsonOptions): Format {
  const { name, pack, unpack, unpackFile, writeBytes, unmatchedNames, plain } = framing;
  const { signals, sequence: withSequence = true } = options;
  const writeNode = createJsonWriter(options);
  const write = writeBytes === undefined
    ? (sample: Sample) => writeNode(pack(sample))
    : (sample: Sample) => decoder.decode(writeBytes(sample));

  function check(sample: Sample, index: number): void {
    checkSample(name, sample, index, signals);
    const { sequence = 0n, values } = sample;
    const why = withSequence && sequence > maximumInt64
      ? `its sequence number ${sequence} is above those of 63 bits that VILLASnode takes in JSON`
      : findNonFinite(values) ?? framing.findFault?.(sample);
    if (why !== undefined) throw new EncodeError(name, why, index);
  }

  function createHandler(unpack: Unpack, onDecodeError: (error: DecodeError) => void) {
    let taken: Sample[] | undefined;
    let room = 0;
    const scanner = createJsonScanner(name, (object, place) => {
      const sample = unpack(object, place);
      room -= sample.values.length;
      if (room < 0) throw fault(name, "too many values are not set", place);
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
    createDatagramHandler: () =>
      createHandler(unpack, (error) => {
        throw error;
      }),
    decodePlain: plain && ((datagram) => plain.readDatagram(datagram)),
    createFileHandler: (onDecodeError) => createHandler(unpackFile?.() ?? unpack, onDecodeError),
    writeDatagram(samples) {
      samples.forEach(check);
      return writeBytes === undefined ? writeNode(samples.map(pack)) : `[${samples.map(write).join(", ")}]`;
    },
    fileWriter: () => (samples) => samples.map((sample) => `${write(sample)}\n`).join(""),
    createByteEncoder: writeBytes && (() => createLineGatherer(writeBytes)),
  });
  return unmatchedNames === undefined ? format : { ...format, unmatchedNames };
}

/** Makes what writes samples as lines, which are valid until the next call. */
function createLineGatherer(writeBytes: (sample: Sample) => Uint8Array): (samples: readonly Sample[]) => Uint8Array {
  let lines = new Uint8Array(4096);
  return (samples) => {
    let length = 0;
    for (const sample of samples) {
      const line = writeBytes(sample);
      const end = length + line.length + 1;
      if (end > lines.length) {
        const longer = new Uint8Array(2 * end);
        longer.set(lines.subarray(0, length));
        lines = longer;
      }
      lines.set(line, length);
      lines[end - 1] = lineFeed;
      length = end;
    }
    return lines.subarray(0, length);
  };
}

/** The error for a value that is not what it should be. */
export function fault(format: string, why: string, place: Place): DecodeError {
  return new DecodeError(format, why, positionOf(place));
}

/** The same value, if it is an object. */
export function asObject(format: string, value: Json, place: Place): JsonObject {
  if (typeof value === "object" && value?.kind === "object") return value;
  throw fault(format, "expected an object", place);
}

/** The same value, if it is an integer in a range. */
export function asInteger(format: string, value: Json, place: Place, maximum: bigint): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= maximum) return value;
  throw fault(format, `expected an integer from 0 to ${maximum}`, place);
}

/** A value of a sample. A float signal takes an integer as well, because most other writers leave out the fraction. */
export function asValue(format: string, value: Json, place: Place, signal?: Signal): Value {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "bigint":
      if (signal?.type === "float") return Number(value);
      if (BigInt.asIntN(64, value) === value) return value;
      throw fault(format, "the integer is out of the range of 64 bits", place);
    case "object":
      // A float that JSON has no number for.
      if (value === null) return signal?.type === "float" ? NaN : null;
      if (value.kind === "object") return asComplex(format, value, place);
  }
  throw fault(format, `expected a number, true, false or {"real": ..., "imag": ...}`, place);
}

function asComplex(format: string, { names, items, places }: JsonObject, place: Place): Value {
  const part = (name: string): number => {
    const index = names.lastIndexOf(name);
    const value = items[index];
    if (typeof value === "number" || typeof value === "bigint") return Math.fround(Number(value));
    if (value === null) return NaN;
    throw fault(format, `expected a number for "${name}" of a complex value`, places[index] ?? place);
  };
  return { real: part("real"), imag: part("imag") };
}

/** The last second that a timestamp can have. */
export const maximumSecond = BigInt(Number.MAX_SAFE_INTEGER);

/** A timestamp of milliseconds since 1970. */
export function asMilliseconds(format: string, value: Json, place: Place): Timestamp {
  const milliseconds = typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? BigInt(Math.floor(value))
    : asInteger(format, value, place, maximumSecond);
  return { sec: Number(milliseconds / 1000n), nsec: Number(milliseconds % 1000n) * 1_000_000 };
}

/** Milliseconds since 1970, rounded down as in VILLASnode. */
export function toMilliseconds({ sec, nsec }: Timestamp): bigint {
  return BigInt(sec) * 1000n + BigInt(Math.floor(nsec / 1_000_000));
}
