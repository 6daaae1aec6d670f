/**
 * VILLASnode's format `json`: an array of samples per datagram, a sample per line in a file.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import { asInteger, asValue, createDecodeError, createJsonFormat, maximumSecond } from "./json/json_format.ts";
import type { Json, JsonObject, Place } from "./json/json_tree.ts";
import { PlainJsonReader } from "./json/plain_json.ts";
import { hasDefaultStyle, SampleWriter } from "./json/json_sample.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { maximumNanosecond, maximumUint64 } from "./check.ts";
import { checkOptions } from "./options.ts";
import type { Format } from "./format.ts";

export type { JsonOptions } from "./json/json_writer.ts";

const name = "json";

/**
 * Creates the format `json`.
 *
 * A float always has a fraction or an exponent (`1.0`), and an integer has neither, but all its digits: VILLASnode does
 * not survive `1` in a float signal. Encoding refuses a datagram that VILLASnode would misread: with NaN or an
 * infinity, which it leaves out so that the other values move, or with a sequence number above 2^63 - 1. In files,
 * which keep everything that was received, these floats and unset values are `null`.
 *
 * Reading accepts an array or consecutive objects, over any number of lines. For a float signal, `1` is a float and
 * `null` is NaN. `NaN` and `Infinity`, as Python writes them, are read as well. Anything but an object with one of
 * `ts`, `flags`, `sequence` and `data` is an error; other names are ignored.
 *
 * @param options The signals, what to leave out, and the style
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/json.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { json } from "@villas/client/formats";
 *
 * const format = json();
 * const datagram = format.encode([{ sequence: 7n, tsOrigin: { sec: 1, nsec: 5 }, values: [230, -1n] }]);
 * assertEquals(
 *   new TextDecoder().decode(datagram),
 *   `[{"ts": {"origin": [1, 5]}, "sequence": 7, "data": [230.0, -1]}]`,
 * );
 * assertEquals(format.decode(datagram), [{ sequence: 7n, tsOrigin: { sec: 1, nsec: 5 }, values: [230, -1n] }]);
 * ```
 */
export function json(options: JsonOptions = {}): Format {
  checkOptions(name, options, jsonRules);
  const {
    signals,
    sequence: withSequence = true,
    ts_origin: withOrigin = true,
    ts_received: withReceived = false,
    data: withData = true,
  } = options;

  function pack({ tsOrigin, tsReceived, newSimulation, newFrame, sequence, values }: Sample): JsonNode {
    const object = new Map<string, JsonNode>();
    const ts = new Map<string, JsonNode>();
    if (withOrigin && tsOrigin !== undefined) ts.set("origin", packTimestamp(tsOrigin));
    if (withReceived && tsReceived !== undefined) ts.set("received", packTimestamp(tsReceived));
    if (ts.size > 0) object.set("ts", ts);
    if (newSimulation || newFrame) {
      object.set("flags", [...newSimulation ? ["new_simulation"] : [], ...newFrame ? ["new_frame"] : []]);
    }
    if (withSequence && sequence !== undefined) object.set("sequence", sequence);
    if (withData) object.set("data", values);
    return object;
  }

  function unpack({ names, items, places }: JsonObject, place: Place): Sample {
    const sample: Sample = { values: [] };
    let isSample = false;
    for (let i = 0; i < names.length; i++) {
      const item = items[i] ?? null;
      const at = places[i] ?? place;
      switch (names[i]) {
        case "ts":
          unpackTimestamps(sample, item, at);
          break;
        case "flags":
          unpackFlags(sample, item, at);
          break;
        case "sequence":
          sample.sequence = asInteger(name, item, at, maximumUint64);
          break;
        case "data":
          unpackData(sample, item, at);
          break;
        default:
          continue;
      }
      isSample = true;
    }
    if (!isSample) throw createDecodeError(name, "the object has none of ts, flags, sequence and data", place);
    return sample;
  }

  function unpackData(sample: Sample, data: Json, place: Place): void {
    if (typeof data !== "object" || data?.kind !== "array") {
      throw createDecodeError(name, "expected an array of values", place);
    }
    const { items, places } = data;
    const values = sample.values = new Array(items.length);
    for (let i = 0; i < items.length; i++) {
      const item = items[i] ?? null;
      values[i] = typeof item === "number" ? item : asValue(name, item, places[i] ?? place, signals?.[i]);
    }
  }

  return createJsonFormat({
    name,
    pack,
    unpack,
    createSampleWriter: hasDefaultStyle(options) ? () => new SampleWriter(options) : undefined,
    plain: new PlainJsonReader(signals),
  }, options);
}

function packTimestamp({ sec, nsec }: Timestamp): JsonNode {
  return [BigInt(sec), BigInt(nsec)];
}

function unpackTimestamps(sample: Sample, ts: Json, place: Place): void {
  if (typeof ts !== "object" || ts?.kind !== "object") {
    throw createDecodeError(name, "expected an object of timestamps", place);
  }
  const { names, items, places } = ts;
  for (let i = 0; i < names.length; i++) {
    const item = items[i] ?? null;
    const at = places[i] ?? place;
    if (names[i] === "origin") sample.tsOrigin = unpackTimestamp(item, at);
    if (names[i] === "received") sample.tsReceived = unpackTimestamp(item, at);
  }
}

function unpackTimestamp(value: Json, place: Place): Timestamp {
  if (typeof value !== "object" || value?.kind !== "array" || value.items.length !== 2) {
    throw createDecodeError(name, "expected a timestamp of seconds and nanoseconds", place);
  }
  const [sec = null, nsec = null] = value.items;
  const [secPlace = place, nsecPlace = place] = value.places;
  return {
    sec: Number(asInteger(name, sec, secPlace, maximumSecond)),
    nsec: Number(asInteger(name, nsec, nsecPlace, BigInt(maximumNanosecond))),
  };
}

function unpackFlags(sample: Sample, flags: Json, place: Place): void {
  if (typeof flags !== "object" || flags?.kind !== "array") {
    throw createDecodeError(name, "expected an array of flags", place);
  }
  if (flags.items.includes("new_simulation")) sample.newSimulation = true;
  if (flags.items.includes("new_frame")) sample.newFrame = true;
}
