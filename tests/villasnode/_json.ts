/**
 * Reads the four JSON formats as VILLASnode does: an array of one object per sample (`lib/formats/json.cpp`,
 * `json_kafka.cpp`, `json_edgeflex.cpp`, `json_reserve.cpp`).
 *
 * @module
 */

import { type Json, type JsonObject, parseJson } from "./_json_tree.ts";
import {
  checkNanoseconds,
  checkType,
  type NodeSample,
  type NodeSignal,
  type NodeSignalType,
  type NodeValue,
  type Reading,
  signalAt,
  Unreadable,
} from "./_reading.ts";

/** Reads one object of the array. */
type ObjectReader = (object: JsonObject, reading: Reading) => NodeSample;

/** Reads format `json`. */
export const readJson = readArray(readPlain);

/** Reads format `json.kafka`. */
export const readKafka = readArray(readKafkaObject);

/** Reads format `json.edgeflex`. */
export const readEdgeflex = readArray(readEdgeflexObject);

/** Reads format `json.reserve`. */
export const readReserve = readArray(readReserveObject);

function readArray(read: ObjectReader): (datagram: Uint8Array, reading: Reading) => NodeSample[] {
  return (datagram, reading) => {
    const root = parseJson(datagram, reading.fault);
    if (!Array.isArray(root)) throw new Unreadable("it is not an array of samples");
    const samples: NodeSample[] = [];
    for (const entry of root) samples.push(read(expectObject(entry, "a sample"), reading));
    return samples;
  };
}

function readPlain(object: JsonObject, reading: Reading): NodeSample {
  const sample: NodeSample = { values: [] };
  const times = object.get("ts");
  if (times !== undefined) {
    const time = expectObject(times, "ts").get("origin");
    if (time !== undefined) sample.time = readTime(time, reading);
    const received = expectObject(times, "ts").get("received");
    if (received !== undefined) readTime(received, reading);
  }
  for (const flag of expectArray(object.get("flags") ?? [], "flags")) {
    if (typeof flag !== "string") throw new Unreadable("a flag is not a string");
    if (flag === "new_frame") sample.newFrame = true;
  }
  takeSequence(sample, object.get("sequence"), reading);
  const data = object.get("data");
  if (data === undefined) throw new Unreadable("data is missing");
  for (const [index, json] of expectArray(data, "data").entries()) {
    const type = typeOfJson(json);
    if (type === undefined) throw new Unreadable(`value ${index} is ${JSON.stringify(json)}, which no signal takes`);
    const signal = signalAt(index, reading);
    // In this format an integer does not do for a float, as it does in the others.
    if (signal !== "any") checkType(index, type, signal, reading);
    sample.values.push(valueOf(json, type, `value ${index}`));
  }
  return sample;
}

function readKafkaObject(object: JsonObject, reading: Reading): NodeSample {
  const payload = object.get("payload");
  if (payload === undefined) throw new Unreadable("payload is missing");
  const entries = expectObject(payload, "payload");
  const sample: NodeSample = { values: [] };
  const milliseconds = entries.get("timestamp");
  if (milliseconds !== undefined) {
    if (typeof milliseconds !== "bigint") throw new Unreadable("timestamp is not an integer");
    sample.time = timeOf(milliseconds, reading);
  }
  takeSequence(sample, entries.get("sequence"), reading);
  const named = [...entries].filter(([name]) => name !== "timestamp" && name !== "sequence");
  takeNamed(sample, named, reading, () => undefined);
  return sample;
}

function readEdgeflexObject(object: JsonObject, reading: Reading): NodeSample {
  const created = object.get("created");
  if (typeof created !== "bigint" && typeof created !== "number") throw new Unreadable("created is not a number");
  const sample: NodeSample = { values: [], time: timeOf(BigInt(Math.trunc(Number(created))), reading) };
  takeNamed(sample, [...object].filter(([name]) => name !== "created"), reading, numberedSignal);
  return sample;
}

function readReserveObject(object: JsonObject, reading: Reading): NodeSample {
  const list = object.get("setpoints") ?? object.get("measurements");
  if (list === undefined) throw new Unreadable("measurements are missing");
  const sample: NodeSample = { values: [] };
  const named: [string, Json][] = [];
  for (const entry of expectArray(list, "measurements")) {
    const measurement = expectObject(entry, "a measurement");
    const [name, value, unit, created] = ["name", "value", "unit", "created"].map((key) => measurement.get(key));
    if (typeof name !== "string") throw new Unreadable("the name of a measurement is not a string");
    if (typeof value !== "number" && typeof value !== "bigint") {
      throw new Unreadable(`the value of ${name} is no number`);
    }
    if (unit !== undefined && typeof unit !== "string") throw new Unreadable(`the unit of ${name} is not a string`);
    if (created !== undefined) {
      if (typeof created !== "bigint" && typeof created !== "number") throw new Unreadable("created is not a number");
      sample.time = timeOf(BigInt(Math.trunc(Number(created))), reading);
    }
    // The reader stores a double, whatever the type of the signal is.
    named.push([name, Number(value)]);
  }
  takeNamed(sample, named, reading, numberedSignal);
  return sample;
}

/** Puts named values in the order of the signals; a value whose name no signal has is lost. */
function takeNamed(
  sample: NodeSample,
  named: readonly (readonly [string, Json])[],
  reading: Reading,
  fallback: (name: string) => number | undefined,
): void {
  const { signals, fault } = reading;
  if (signals === "any") {
    for (const [name, json] of named) {
      const type = typeOfJson(json);
      if (type === undefined) throw new Unreadable(`value ${name} is ${JSON.stringify(json)}, which no signal takes`);
      sample.values.push(valueOf(json, type, name));
    }
    return;
  }
  const places = new Map<number, NodeValue>();
  for (const [name, json] of named) {
    const found: number = signals.findIndex((signal) => signal.name === name);
    const index: number = found >= 0 ? found : fallback(name) ?? -1;
    const signal = signals[index];
    if (signal === undefined) {
      fault(`no signal is named "${name}": its value is lost`);
      continue;
    }
    if (places.has(index)) fault(`signal "${name}" comes twice`);
    const value = takeJson(json, signal);
    if (value === undefined) {
      fault(`value ${name} is ${textOf(json)}, which a signal of type ${signal.type} does not take`);
    } else places.set(index, value);
  }
  for (let index = 0; index < places.size; index++) {
    const value = places.get(index);
    if (value === undefined) {
      // The node counts what it has found, so that values behind a gap are taken for others or not at all.
      fault(`value ${index} is missing before others`);
      return;
    }
    sample.values.push(value);
  }
}

/** Finds the place in a name such as `signal_3`, which two of the formats take for want of a signal of that name. */
function numberedSignal(name: string): number | undefined {
  const [, digits] = /^signal_([0-9]{1,5})/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Takes a value for a signal, as `SignalData::parseJson` does: any number will do for a float. */
function takeJson(json: Json, { type }: NodeSignal): NodeValue | undefined {
  if (type === "float" && typeof json === "bigint") return Number(json);
  return typeOfJson(json) === type ? valueOf(json, type, "a value") : undefined;
}

function typeOfJson(json: Json): NodeSignalType | undefined {
  switch (typeof json) {
    case "number":
      return "float";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return json instanceof Map ? "complex" : undefined;
  }
}

function valueOf(json: Json, type: NodeSignalType, name: string): NodeValue {
  if (type !== "complex") return json as number | bigint | boolean;
  const [real, imag] = ["real", "imag"].map((key) => (json as JsonObject).get(key));
  const isNumber = (part: Json | undefined) => typeof part === "number" || typeof part === "bigint";
  if (!isNumber(real) || !isNumber(imag)) throw new Unreadable(`${name} has no numbers real and imag`);
  return { real: Math.fround(Number(real)), imag: Math.fround(Number(imag)) };
}

function takeSequence(sample: NodeSample, json: Json | undefined, { fault }: Reading): void {
  if (json === undefined) return;
  if (typeof json !== "bigint") throw new Unreadable("sequence is not an integer");
  if (json < 0n) fault(`the sequence number ${json} is negative`);
  else sample.sequence = json;
}

function readTime(json: Json, reading: Reading): { sec: bigint; nsec: bigint } {
  const [sec, nsec] = expectArray(json, "a timestamp");
  if (typeof sec !== "bigint" || typeof nsec !== "bigint") throw new Unreadable("a timestamp is not of two integers");
  if (sec < 0n) reading.fault(`a timestamp has ${sec} seconds`);
  checkNanoseconds(nsec, reading);
  return { sec, nsec };
}

function timeOf(milliseconds: bigint, { fault }: Reading): { sec: bigint; nsec: bigint } {
  if (milliseconds < 0n) fault(`a timestamp has ${milliseconds} milliseconds`);
  return { sec: milliseconds / 1000n, nsec: milliseconds % 1000n * 1_000_000n };
}

function expectArray(json: Json, name: string): Json[] {
  if (!Array.isArray(json)) throw new Unreadable(`${name} is not an array`);
  return json;
}

function expectObject(json: Json, name: string): JsonObject {
  if (!(json instanceof Map)) throw new Unreadable(`${name} is not an object`);
  return json;
}

function textOf(json: Json): string {
  return typeof json === "object" && json !== null ? "an object or array" : String(json);
}
