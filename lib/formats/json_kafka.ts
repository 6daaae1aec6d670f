/**
 * VILLASnode's format `json.kafka`: one object per sample, with the schema that Kafka Connect expects beside each
 * payload.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import type { SignalType } from "../samples/signals.ts";
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
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { SignalNames } from "./json/signal_names.ts";
import { maximumUint64 } from "./check.ts";
import { checkOptions, type OptionRule } from "./options.ts";
import type { Format } from "./format.ts";

/** Options of {@linkcode jsonKafka}. */
export interface JsonKafkaOptions extends JsonOptions {
  /**
   * Members of the schema besides `fields`: strings, numbers, booleans, and arrays and objects of them. Default
   * `{ type: "struct", name: "villas-node.Value" }`.
   */
  schema?: Readonly<Record<string, unknown>>;
}

const name = "json.kafka";

const objectRule: OptionRule = {
  expected: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Kafka's names of the types. It has none for complex values. */
const kafkaTypes: Record<SignalType | "invalid", string> = {
  float: "double",
  integer: "int64",
  boolean: "boolean",
  complex: "unknown",
  invalid: "unknown",
};

/**
 * Creates the format `json.kafka`: `{"schema": {..., "fields": [...]}, "payload": {"timestamp": MILLISECONDS,
 * "sequence": N, "NAME": VALUE, ...}}`.
 *
 * It carries only the milliseconds of the origin timestamp. Values are read from the payload by their names, given or
 * learned, as in {@linkcode jsonEdgeflex}; the schema is not read.
 *
 * @param options The signals, whose names are those of the fields, what to leave out, and the style
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value, if two signals have the same name, or
 * if one is named `timestamp` or `sequence`
 *
 * @see VILLASnode's `lib/formats/json_kafka.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { jsonKafka } from "@villas/client/formats";
 *
 * const format = jsonKafka({ signals: parseSignals("fi") });
 * const datagram = format.encode([{ sequence: 7n, values: [230.5, -1n] }]);
 * assertStringIncludes(
 *   new TextDecoder().decode(datagram),
 *   `"payload": {"sequence": 7, "signal0": 230.5, "signal1": -1}`,
 * );
 * assertEquals(format.decode(datagram), [{ sequence: 7n, values: [230.5, -1n] }]);
 * ```
 */
export function jsonKafka(options: JsonKafkaOptions = {}): Format {
  checkOptions(name, options, { schema: objectRule, ...jsonRules });
  const {
    signals,
    sequence: withSequence = true,
    ts_origin: withOrigin = true,
    data: withData = true,
    schema = { type: "struct", name: "villas-node.Value" },
  } = options;
  const signalNames = new SignalNames(name, signals, ["timestamp", "sequence"]);
  const schemaNodes = Object.entries(schema).map(([key, value]) => [key, toNode(value)] as const);

  function pack({ tsOrigin, sequence, values }: Sample): JsonNode {
    const fields: JsonNode[] = [];
    const payload = new Map<string, JsonNode>();
    const add = (field: string, type: string, value: JsonNode) => {
      fields.push(new Map<string, JsonNode>([["type", type], ["optional", false], ["field", field]]));
      payload.set(field, value);
    };
    if (withOrigin && tsOrigin !== undefined) add("timestamp", "int64", toMilliseconds(tsOrigin));
    if (withSequence && sequence !== undefined) add("sequence", "int64", sequence);
    if (withData) values.forEach((value, index) => add(signalNames.at(index), kafkaTypes[typeOfValue(value)], value));
    return new Map<string, JsonNode>([["schema", new Map([...schemaNodes, ["fields", fields]])], ["payload", payload]]);
  }

  function createUnpack(signalNames: SignalNames): Unpack {
    return (object, place) => {
      const index = object.names.lastIndexOf("payload");
      const payloadPlace = object.places[index];
      if (payloadPlace === undefined) throw createDecodeError(name, `the object has no "payload"`, place);
      const payload = asObject(name, object.items[index] ?? null, payloadPlace);
      const sample: Sample = { values: signalNames.collect(payload, payloadPlace) };
      const { names, items, places } = payload;
      for (let i = 0; i < names.length; i++) {
        const item = items[i] ?? null;
        const at = places[i] ?? payloadPlace;
        if (names[i] === "timestamp") sample.tsOrigin = asMilliseconds(name, item, at);
        else if (names[i] === "sequence") sample.sequence = asInteger(name, item, at, maximumUint64);
      }
      return sample;
    };
  }

  return createJsonFormat({
    name,
    pack,
    unpack: createUnpack(signalNames),
    unpackFile: () => createUnpack(signalNames.forFile()),
    unmatchedNames: signalNames.unmatched,
  }, options);
}

/** Returns the JSON of a part of a schema, in which whole numbers are integers. */
function toNode(value: unknown): JsonNode {
  if (Array.isArray(value)) return value.map(toNode);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, member]) => [key, toNode(member)]));
  }
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value as JsonNode;
}
