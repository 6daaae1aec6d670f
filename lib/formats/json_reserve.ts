/**
 * VILLASnode's format `json.reserve`: one object per sample, with a list of named measurements.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import { typeOfValue } from "../samples/value_types.ts";
import {
  asInteger,
  asMilliseconds,
  asObject,
  createDecodeError,
  createJsonFormat,
  toMilliseconds,
  type Unpack,
} from "./json/json_format.ts";
import { addMember, type JsonObject, type Place } from "./json/json_tree.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { SignalNames } from "./json/signal_names.ts";
import { maximumUint64 } from "./check.ts";
import { checkOptions } from "./options.ts";
import type { Format } from "./format.ts";

const name = "json.reserve";

/**
 * Creates the format `json.reserve`: `{"measurements": [{"name": NAME, "value": VALUE, "unit": UNIT, "created":
 * MILLISECONDS, "sequence": N}, ...]}`.
 *
 * It carries only the milliseconds of the origin timestamp. VILLASnode takes the bits of all values for those of
 * floats: a datagram with any other value is refused, and a file has the value itself. Reading accepts `measurements`
 * or `setpoints`, and values by their names, given or learned, as in {@linkcode jsonEdgeflex}.
 *
 * @param options The signals, whose names and units are written, what to leave out, and the style
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value, or if two signals have the same name
 *
 * @see VILLASnode's `lib/formats/json_reserve.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jsonReserve } from "@villas/client/formats";
 *
 * const format = jsonReserve({ signals: [{ name: "va", unit: "V", type: "float" }] });
 * const datagram = format.encode([{ sequence: 7n, values: [230.5] }]);
 * assertEquals(
 *   new TextDecoder().decode(datagram),
 *   `[{"measurements": [{"name": "va", "value": 230.5, "unit": "V", "sequence": 7}]}]`,
 * );
 * assertEquals(format.decode(datagram), [{ sequence: 7n, values: [230.5] }]);
 * ```
 */
export function jsonReserve(options: JsonOptions = {}): Format {
  checkOptions(name, options, jsonRules);
  const { signals, sequence: withSequence = true, ts_origin: withOrigin = true, data: withData = true } = options;
  const signalNames = new SignalNames(name, signals);

  function findProblem({ values }: Sample): string | undefined {
    const index = values.findIndex((value) => typeof value !== "number");
    if (index < 0) return undefined;
    return `value ${index} is of type ${
      typeOfValue(values[index] ?? null)
    }, whose bits VILLASnode takes for those of a float`;
  }

  function pack({ tsOrigin, sequence, values }: Sample): JsonNode {
    const measurements = (withData ? values : []).map((value, index) => {
      const measurement = new Map<string, JsonNode>([["name", signalNames.at(index)], ["value", value]]);
      const unit = signals?.[index]?.unit;
      if (unit) measurement.set("unit", unit);
      if (withOrigin && tsOrigin !== undefined) measurement.set("created", toMilliseconds(tsOrigin));
      if (withSequence && sequence !== undefined) measurement.set("sequence", sequence);
      return measurement;
    });
    return new Map([["measurements", measurements]]);
  }

  function createUnpack(signalNames: SignalNames): Unpack {
    return ({ names, items, places }, place) => {
      const index = Math.max(names.lastIndexOf("measurements"), names.lastIndexOf("setpoints"));
      const list = items[index];
      if (typeof list !== "object" || list?.kind !== "array") {
        throw createDecodeError(name, `expected a list of "measurements" or "setpoints"`, places[index] ?? place);
      }
      const sample: Sample = { values: [] };
      const fields: JsonObject = { kind: "object", names: [], items: [], places: [] };
      list.items.forEach((item, index) => {
        const at = list.places[index] ?? place;
        unpackMeasurement(sample, fields, asObject(name, item, at), at);
      });
      sample.values = signalNames.collect(fields, place);
      return sample;
    };
  }

  return createJsonFormat({
    name,
    findProblem,
    pack,
    unpack: createUnpack(signalNames),
    unpackFile: () => createUnpack(signalNames.forFile()),
    unmatchedNames: signalNames.unmatched,
  }, options);
}

/** Adds a measurement to the fields. The sample has the time and sequence number of the last one that has them. */
function unpackMeasurement(
  sample: Sample,
  fields: JsonObject,
  { names, items, places }: JsonObject,
  place: Place,
): void {
  const nameIndex = names.lastIndexOf("name");
  const valueIndex = names.lastIndexOf("value");
  const signalName = items[nameIndex];
  const value = items[valueIndex];
  if (typeof signalName !== "string" || value === undefined) {
    throw createDecodeError(name, `expected a measurement with "name" and "value"`, place);
  }
  addMember(fields, signalName, value, places[valueIndex] ?? place);
  for (let i = 0; i < names.length; i++) {
    const item = items[i] ?? null;
    const at = places[i] ?? place;
    if (names[i] === "created") sample.tsOrigin = asMilliseconds(name, item, at);
    if (names[i] === "sequence") sample.sequence = asInteger(name, item, at, maximumUint64);
  }
}
