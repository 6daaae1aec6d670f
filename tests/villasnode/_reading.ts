/**
 * Shared parts of the readers of the node model: the signals that a node has, and what a reader hands back.
 *
 * @module
 */

/** VILLASnode's names of the signal types (`lib/signal_type.cpp`). */
export type NodeSignalType = "float" | "integer" | "boolean" | "complex";

/** One entry of a node's `in.signals`. */
export interface NodeSignal {
  /** Name, which the JSON formats with names look values up by. */
  readonly name: string;
  /** Type that a value must have. */
  readonly type: NodeSignalType;
}

/** The signals of a node, or `"any"` to check only the syntax of a format. */
export type NodeSignals = readonly NodeSignal[] | "any";

/** A value as a node holds it (`include/villas/signal_data.hpp`). */
export type NodeValue = number | bigint | boolean | { real: number; imag: number };

/** A sample as a node reads it from a datagram. */
export interface NodeSample {
  /** Sequence number, where the datagram has one. */
  sequence?: bigint;
  /** Origin timestamp, where the datagram has one: seconds since 1970 and nanoseconds. */
  time?: { sec: bigint; nsec: bigint };
  /** Set by the flag of the first sample of a frame. */
  newFrame?: boolean;
  /** Values, in the order of the signals. */
  values: NodeValue[];
}

/** A datagram that is being read. */
export interface Reading {
  /** Options of the format, under VILLASnode's names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Signals of the node. */
  readonly signals: NodeSignals;
  /** Set for the first datagram that the node reads. */
  readonly isFirst: boolean;
  /** Notes one reason why the datagram does not fit; reading goes on. */
  fault(reason: string): void;
}

/** Reads the samples of one datagram; throws {@linkcode Unreadable} where nothing behind a place can be read. */
export type Reader = (datagram: Uint8Array, reading: Reading) => NodeSample[];

/** The reason why a reader stops. */
export class Unreadable extends Error {}

const types: Readonly<Record<string, NodeSignalType>> = { f: "float", i: "integer", b: "boolean", c: "complex" };

/**
 * Lists the signals of VILLASnode's short notation, named `signal0`, `signal1`, ... (`lib/signal_list.cpp`).
 *
 * @param notation Counts and letters, such as `"3f1i"`
 */
export function signalsOf(notation: string): NodeSignal[] {
  if (!/^([0-9]*[fibc])*$/.test(notation)) throw new TypeError(`Cannot read "${notation}" as signals`);
  const found = [...notation.matchAll(/([0-9]*)([fibc])/g)].flatMap(([, count, letter]) =>
    new Array<string>(count === "" ? 1 : Number(count)).fill(letter ?? "")
  );
  return found.map((letter, index) => ({ name: `signal${index}`, type: types[letter] as NodeSignalType }));
}

/** Type of a value; the model has no values that are not set. */
export function typeOfNodeValue(value: NodeValue): NodeSignalType {
  switch (typeof value) {
    case "number":
      return "float";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return "complex";
  }
}

/**
 * Finds the signal of a value; `"any"` where every value will do.
 *
 * @throws {Unreadable} Where the node has none: it looks it up with a check of the index and does not survive a value
 * too many (`SignalList::getByIndex`)
 */
export function signalAt(index: number, { signals }: Reading): NodeSignal | "any" {
  if (signals === "any") return signals;
  const signal = signals[index];
  if (signal === undefined) throw new Unreadable(`value ${index}: the node has ${signals.length} signals`);
  return signal;
}

/** Notes a value of another type than its signal's, which protobuf and json check first of all. */
export function checkType(index: number, found: NodeSignalType, signal: NodeSignal, { fault }: Reading): void {
  if (found !== signal.type) fault(`value ${index} is of type ${found}, ${signal.name} of type ${signal.type}`);
}

/** Notes nanoseconds that are a second or more. */
export function checkNanoseconds(nsec: bigint, { fault }: Reading): void {
  if (nsec < 0n || nsec > 999_999_999n) fault(`a timestamp has ${nsec} nanoseconds`);
}
