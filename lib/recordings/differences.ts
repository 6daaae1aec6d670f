/**
 * What two samples differ in.
 *
 * @module
 */

import { type Complex, isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import { typeOfValue } from "../samples/value_types.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/** What samples can differ in, in the order in which they are looked at: `"length"` is that of the whole stream. */
export const differenceKinds = ["length", "sequence", "timestamp", "values", "type", "data"] as const;

/**
 * What two samples differ in:
 *
 * | kind | meaning |
 * |---|---|
 * | `"length"` | one stream has ended, the other one goes on |
 * | `"sequence"` | the sequence numbers, or only one has any |
 * | `"timestamp"` | the origin timestamps, or only one has any |
 * | `"values"` | how many values there are |
 * | `"type"` | the type of a value |
 * | `"data"` | a value |
 */
export type DifferenceKind = typeof differenceKinds[number];

/** What to compare, and how exactly. */
export interface CompareOptions {
  /**
   * How far apart floats, complex numbers and timestamps (in seconds) may be to count as equal: the absolute difference;
   * default 1e-6, as in VILLASnode.
   */
  epsilon?: number;
  /** Whether to compare sequence numbers; default true. */
  sequence?: boolean;
  /** Whether to compare origin timestamps; default true. */
  timestamp?: boolean;
  /** Whether to compare the values, their types and their number; default true. */
  data?: boolean;
}

/** One thing that two samples differ in. */
export interface Difference {
  /** What it is. */
  kind: DifferenceKind;
  /** Which of the values it is, from 0, where it is one (`"type"`, `"data"`). */
  value?: number;
  /**
   * How far apart they are, where that is a number: seconds for timestamps, the magnitude of the difference for complex
   * numbers. It is exact for integers and sequence numbers.
   */
  distance?: number | bigint;
}

const none: readonly Difference[] = [];

/**
 * Compares two samples.
 *
 * - Floats are equal where they are not further apart than epsilon; complex numbers, where the magnitude of their
 *   difference is not above it; so 0 and -0 are equal. NaN is equal to NaN, and an infinity to itself, and both to nothing
 *   else; VILLASnode takes NaN for equal to anything.
 * - Integers and booleans are compared exactly, whatever epsilon is.
 * - Timestamps may be apart by epsilon in either direction; VILLASnode looks only for earlier ones in the second sample.
 * - What both samples lack is equal. Timestamps of reception and flags are not compared.
 * - Samples that have not the same number of values are not compared value by value.
 *
 * @param expected One sample
 * @param actual The other one
 * @param options What to compare, and how exactly
 * @returns All that they differ in, in the order in which VILLASnode looks for it; empty where they are equal
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
  const { epsilon = 1e-6, sequence = true, timestamp = true, data = true } = options;
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
        const difference = compareValues(expected.values[index] ?? null, actual.values[index] ?? null, epsilon);
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

/** How far apart they are in seconds; NaN where there is only one. */
function timestampDistance(a: Timestamp | undefined, b: Timestamp | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : NaN;
  return Math.abs(secondsBetween(a, b));
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

/** How far apart two floats are; NaN where that is no number, because one of them is none. */
function floatDistance(a: number, b: number): number {
  // Also for infinities and NaN, whose difference from themselves is no number.
  return Object.is(a, b) ? 0 : Math.abs(a - b);
}

function complexDistance(a: Complex, b: Complex): number {
  const real = floatDistance(a.real, b.real);
  const imag = floatDistance(a.imag, b.imag);
  // An infinity would hide that the other part is no number.
  return Number.isNaN(real) || Number.isNaN(imag) ? NaN : Math.hypot(real, imag);
}
