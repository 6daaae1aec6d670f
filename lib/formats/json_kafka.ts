/**
 * VILLASnode's `json.kafka` format: one object a sample, with the schema that Kafka Connect wants beside each payload.
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
  createJsonFormat,
  fault,
  toMilliseconds,
  type Unpack,
} from "./json/json_format.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { SignalNames } from "./json/names.ts";
import { checkOptions, type OptionRule } from "./options.ts";
import type { Format } from "./format.ts";

/** Options of {@linkcode jsonKafka}. */
export interface JsonKafkaOptions extends JsonOptions {
  /**
   * Members of the schema besides `fields`; texts, numbers, booleans and what is made of them. Default is
   * `{ type: "struct", name: "villas-node.Value" }`.
   */
  schema?: Readonly<Record<string, unknown>>;
}

const name = "json.kafka";
const maximumUint64 = 2n ** 64n - 1n;

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
 * Makes the format `json.kafka`: `{"schema": {..., "fields": [...]}, "payload": {"timestamp": MILLISECONDS, "sequence": N,
 * "NAME": VALUE, ...}}`.
 *
 * Of the time of origin it carries only the milliseconds. Values are read from the payload by their names, given or learned,
 * as in `json.edgeflex`; the schema is not read.
 *
 * @param options The signals, whose names are the fields', what to leave out, and the style
 * @returns The format
 * @throws {TypeError} If two signals have the same name, or one is named `timestamp` or `sequence`
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
      if (payloadPlace === undefined) throw fault(name, `the object has no "payload"`, place);
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

/** Part of a schema from a configuration, where whole numbers are integers. */
function toNode(value: unknown): JsonNode {
  if (Array.isArray(value)) return value.map(toNode);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, member]) => [key, toNode(member)]));
  }
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value as JsonNode;
}
