/**
 * Finds the differences between two samples.
 *
 * @module
 */

import { type Complex, isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import { typeOfValue } from "../samples/value_types.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/** Kinds of differences, in the order in which they are looked for: `"length"` is that of the whole stream. */
export const differenceKinds = ["length", "sequence", "timestamp", "values", "type", "data"] as const;

/**
 * Kind of a difference between two samples:
 *
 * | kind | meaning |
 * |---|---|
 * | `"length"` | one stream has ended, the other one goes on |
 * | `"sequence"` | the sequence numbers differ, or only one sample has one |
 * | `"timestamp"` | the origin timestamps differ, or only one sample has one |
 * | `"values"` | the numbers of values differ |
 * | `"type"` | the types of a value differ |
 * | `"data"` | a value differs |
 */
export type DifferenceKind = typeof differenceKinds[number];

/** Options of comparing samples. */
export interface CompareOptions {
  /**
   * The largest absolute difference at which floats, complex numbers and timestamps (in seconds) count as equal; default
   * 1e-6, as in VILLASnode.
   */
  epsilon?: number;
  /** Compares sequence numbers; default true. */
  sequence?: boolean;
  /** Compares origin timestamps; default true. */
  timestamp?: boolean;
  /** Compares the values, their types and their number; default true. */
  data?: boolean;
  /**
   * Takes an integer and a float for equal where their numbers are, as text without types has them (`1` and `1.0`); default
   * false: their types differ.
   */
  untyped?: boolean;
}

/** One difference between two samples. */
export interface Difference {
  /** Its kind. */
  kind: DifferenceKind;
  /** Index of the value, from 0 (`"type"`, `"data"`). */
  value?: number;
  /**
   * The distance, where it is a number: in seconds for timestamps, the magnitude of the difference for complex numbers. It
   * is exact for integers and sequence numbers.
   */
  distance?: number | bigint;
}

const none: readonly Difference[] = [];

/**
 * Compares two samples.
 *
 * - Floats are equal where their difference is at most epsilon; complex numbers, where its magnitude is at most epsilon;
 *   so 0 and -0 are equal. NaN equals NaN, an infinity equals itself, and both equal nothing else; for VILLASnode NaN
 *   equals anything.
 * - Integers and booleans are compared exactly, whatever epsilon is.
 * - Timestamps may differ by epsilon in either direction; VILLASnode only looks for earlier ones in the second sample.
 * - What both samples lack is equal. Timestamps of reception and flags are not compared.
 * - Samples with different numbers of values are not compared value by value.
 *
 * @param expected One sample
 * @param actual The other one
 * @param options What to compare, and how exactly
 * @returns All differences, in the order in which VILLASnode looks for them; empty where the samples are equal
 *
 * @see VILLASnode, `sample_cmp` in `lib/sample.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findDifferences } from "@villas/client/recordings";
 *
 * const expected = { sequence: 1n, values: [1.5, 7n, NaN] };
 * assertEquals(findDifferences(expected, { sequence: 1n, values: [1.5 + 1e-7, 7n, NaN] }), []);
 * assertEquals(findDifferences(expected, { sequence: 3n, values: [2, 7, NaN] }), [
 *   { kind: "sequence", distance: 2n },
 *   { kind: "data", value: 0, distance: 0.5 },
 *   { kind: "type", value: 1 },
 * ]);
 * ```
 */
export function findDifferences(expected: Sample, actual: Sample, options: CompareOptions = {}): readonly Difference[] {
  const { epsilon = 1e-6, sequence = true, timestamp = true, data = true, untyped = false } = options;
  let found: Difference[] | undefined;
  if (sequence && expected.sequence !== actual.sequence) {
    (found ??= []).push(withDistance("sequence", sequenceDistance(expected.sequence, actual.sequence)));
  }
  if (timestamp) {
    const seconds = timestampDistance(expected.tsOrigin, actual.tsOrigin);
    if (!(seconds <= epsilon)) (found ??= []).push(withDistance("timestamp", seconds));
  }
  if (data) {
    const { length } = expected.values;
    if (length !== actual.values.length) {
      (found ??= []).push(withDistance("values", Math.abs(length - actual.values.length)));
    } else {
      for (let index = 0; index < length; index++) {
        const a = expected.values[index] ?? null;
        const b = actual.values[index] ?? null;
        const isMixed = untyped && typeof a !== typeof b && isNumber(a) && isNumber(b);
        const difference = isMixed ? compareValues(Number(a), Number(b), epsilon) : compareValues(a, b, epsilon);
        if (difference !== undefined) (found ??= []).push({ ...difference, value: index });
      }
    }
  }
  return found ?? none;
}

function withDistance(kind: DifferenceKind, distance: number | bigint): Difference {
  return Number.isNaN(distance) ? { kind } : { kind, distance };
}

function sequenceDistance(a: bigint | undefined, b: bigint | undefined): number | bigint {
  if (a === undefined || b === undefined) return NaN;
  return a > b ? a - b : b - a;
}

/** Returns the distance in seconds; NaN where there is only one timestamp. */
function timestampDistance(a: Timestamp | undefined, b: Timestamp | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : NaN;
  return Math.abs(secondsBetween(a, b));
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compareValues(a: Value, b: Value, epsilon: number): Difference | undefined {
  if (typeof a === "number" && typeof b === "number") {
    const distance = floatDistance(a, b);
    return distance <= epsilon ? undefined : withDistance("data", distance);
  }
  if (a === b) return undefined;
  if (typeOfValue(a) !== typeOfValue(b)) return { kind: "type" };
  if (typeof a === "bigint" && typeof b === "bigint") return { kind: "data", distance: a > b ? a - b : b - a };
  if (!isComplex(a) || !isComplex(b)) return { kind: "data" };
  const distance = complexDistance(a, b);
  return distance <= epsilon ? undefined : withDistance("data", distance);
}

/** Returns the distance of two floats; NaN where one of them is NaN. */
function floatDistance(a: number, b: number): number {
  // The difference of an infinity or NaN from itself is NaN.
  return Object.is(a, b) ? 0 : Math.abs(a - b);
}

function complexDistance(a: Complex, b: Complex): number {
  const real = floatDistance(a.real, b.real);
  const imag = floatDistance(a.imag, b.imag);
  // An infinite part would hide that the other part is NaN.
  return Number.isNaN(real) || Number.isNaN(imag) ? NaN : Math.hypot(real, imag);
}
