/**
 * VILLASnode's `json` format: an array of samples a datagram, a sample a line in a file.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import { asInteger, asValue, createJsonFormat, fault, maximumSecond } from "./json/json_format.ts";
import type { Json, JsonObject, Place } from "./json/json_tree.ts";
import { PlainJsonReader } from "./json/plain_json.ts";
import { createSampleWriter } from "./json/json_sample.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { checkOptions } from "./options.ts";
import type { Format } from "./format.ts";

export type { JsonOptions } from "./json/json_writer.ts";

const name = "json";
const maximumUint64 = 2n ** 64n - 1n;

/**
 * Makes the format `json`.
 *
 * A float always has a fraction or an exponent (`1.0`) and an integer has neither, with all its digits: VILLASnode dies
 * on `1` in a float signal. A datagram is refused where VILLASnode would not take it as it was meant: with NaN or an
 * infinity, which it leaves out so that the other values move, and with a sequence number above 2^63 - 1. In files, which
 * take all that was received, these floats and values that are not set are `null`.
 *
 * Reading takes an array or objects in a row, over any number of lines. Where the signals say float, `1` is one and
 * `null` is NaN. `NaN` and `Infinity`, as Python writes them, are read too. What is no object with any of `ts`, `flags`,
 * `sequence` and `data` is an error; other names are ignored.
 *
 * @param options What the values are, what to leave out, and the style
 * @returns The format
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
    if (!isSample) throw fault(name, "the object has none of ts, flags, sequence and data", place);
    return sample;
  }

  function unpackData(sample: Sample, data: Json, place: Place): void {
    if (typeof data !== "object" || data?.kind !== "array") throw fault(name, "expected an array of values", place);
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
    writeBytes: createSampleWriter(options),
    plain: new PlainJsonReader(signals),
  }, options);
}

function packTimestamp({ sec, nsec }: Timestamp): JsonNode {
  return [BigInt(sec), BigInt(nsec)];
}

function unpackTimestamps(sample: Sample, ts: Json, place: Place): void {
  if (typeof ts !== "object" || ts?.kind !== "object") throw fault(name, "expected an object of timestamps", place);
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
    throw fault(name, "expected a timestamp of seconds and nanoseconds", place);
  }
  const [sec = null, nsec = null] = value.items;
  const [secPlace = place, nsecPlace = place] = value.places;
  return {
    sec: Number(asInteger(name, sec, secPlace, maximumSecond)),
    nsec: Number(asInteger(name, nsec, nsecPlace, 999_999_999n)),
  };
}

function unpackFlags(sample: Sample, flags: Json, place: Place): void {
  if (typeof flags !== "object" || flags?.kind !== "array") throw fault(name, "expected an array of flags", place);
  if (flags.items.includes("new_simulation")) sample.newSimulation = true;
  if (flags.items.includes("new_frame")) sample.newFrame = true;
}
