/**
 * Samples that show whether they came back as they were sent: their values follow from their sequence numbers.
 *
 * @module
 */

import type { Format } from "../formats/format.ts";
import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";

/** Creates the samples of one case, and checks them when they come back. */
export interface Probe {
  /** True where the format carries origin timestamps to the nanosecond. */
  readonly hasOrigin: boolean;
  /** True where the format carries the values exactly; otherwise only their number and types are compared. */
  readonly hasExactValues: boolean;
  /** Creates the sample with a sequence number. */
  sample(sequence: number, tsOrigin: Timestamp): Sample;
  /** Returns whether values are those of the sample with a sequence number. */
  isIntact(values: readonly Value[], sequence: number): boolean;
}

/** A point in time of which a format must keep every digit. */
const anyTime: Timestamp = { sec: 1_700_000_001, nsec: 123_456_789 };

/**
 * Creates a probe for a format, and finds out which parts of its samples the format carries.
 *
 * @param format The format of the datagrams
 * @param values Number of values per sample
 * @param signals Signals of the values; default: floats
 * @param salt A whole number that makes the values differ from those of other measurements
 * @throws {TypeError} If the format carries no sequence number
 * @throws {EncodeError} If the format cannot carry so many values, or there are fewer signals
 */
export function createProbe(format: Format, values: number, signals?: readonly Signal[], salt = 0): Probe {
  const types = Array.from({ length: values }, (_, index) => signals?.[index]?.type ?? "float");
  const sequence = 77_777;
  const sent = types.map((type, index) => probeValue(type, sequence, index));
  const [back] = format.decode(format.encode([{ sequence: BigInt(sequence), tsOrigin: anyTime, values: sent }]));
  if (back?.sequence !== BigInt(sequence)) {
    const hint = /^(raw|gtnet)$/.test(format.name) ? ` ('{"type": "${format.name}", "fake": true}' does)` : "";
    throw new TypeError(
      `Cannot measure round trips in the format ${format.name}: its datagrams carry no sequence number${hint}`,
    );
  }
  const hasExactValues = isSame(back.values, types, sequence, isSameValue);
  const compare = hasExactValues ? isSameValue : isSameType;
  return {
    hasOrigin: back.tsOrigin?.sec === anyTime.sec && back.tsOrigin.nsec === anyTime.nsec,
    hasExactValues,
    sample(sequence, tsOrigin) {
      const values = new Array<Value>(types.length);
      for (let index = 0; index < types.length; index++) {
        values[index] = probeValue(types[index] ?? "float", sequence + salt, index);
      }
      return { sequence: BigInt(sequence), tsOrigin, values };
    },
    isIntact: (values, sequence) => isSame(values, types, sequence + salt, compare),
  };
}

/** Returns the value with this index of the sample with this sequence number. */
function probeValue(type: SignalType, sequence: number, index: number): Value {
  switch (type) {
    case "float":
      return probeFloat(sequence, index);
    case "integer":
      return BigInt(probeInteger(sequence, index));
    case "boolean":
      return probeBoolean(sequence, index);
    case "complex":
      return { real: probeFloat(sequence, index), imag: -probeFloat(sequence, index) / 2 };
  }
}

/**
 * Returns a float that none of the last 8 million samples and none of the 64 values around it has. Its magnitude is at
 * least 1 and it is a float32, so that every format carries it without loss.
 */
function probeFloat(sequence: number, index: number): number {
  const mantissa = (sequence + Math.floor(index / 64) * 0x12_3457) % 0x80_0000;
  const magnitude = (1 + mantissa / 0x80_0000) * 2 ** (index % 32);
  return index % 64 < 32 ? magnitude : -magnitude;
}

/** Returns an integer of 30 bits, which words of 32 bits carry. */
function probeInteger(sequence: number, index: number): number {
  return (sequence % 0x10_0000) * 1024 + index % 1024;
}

function probeBoolean(sequence: number, index: number): boolean {
  return (Math.floor(sequence / 2 ** (index % 16)) + index) % 2 === 1;
}

function isSame(
  values: readonly Value[],
  types: readonly SignalType[],
  sequence: number,
  compare: typeof isSameValue,
): boolean {
  if (values.length !== types.length) return false;
  for (let index = 0; index < types.length; index++) {
    if (!compare(values[index] ?? null, types[index] ?? "float", sequence, index)) return false;
  }
  return true;
}

function isSameValue(value: Value, type: SignalType, sequence: number, index: number): boolean {
  switch (type) {
    case "float":
      return value === probeFloat(sequence, index);
    case "integer":
      return typeof value === "bigint" && value === BigInt(probeInteger(sequence, index));
    case "boolean":
      return value === probeBoolean(sequence, index);
    case "complex":
      return isComplex(value) && value.real === probeFloat(sequence, index) &&
        value.imag === -probeFloat(sequence, index) / 2;
  }
}

function isSameType(value: Value, type: SignalType): boolean {
  switch (type) {
    case "float":
      return typeof value === "number";
    case "integer":
      return typeof value === "bigint";
    case "boolean":
      return typeof value === "boolean";
    case "complex":
      return isComplex(value);
  }
}
