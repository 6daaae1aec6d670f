/**
 * Compares samples, and makes some.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "@villas/client";

/**
 * Whether two lists of samples are the same in every bit that a sample has: -0 is not 0, and NaN is NaN. It is here
 * because a million comparisons with `assertEquals` take minutes.
 */
export function sameSamples(a: readonly Sample[], b: readonly Sample[]): boolean {
  return a.length === b.length && a.every((sample, i) => sameSample(sample, b[i]));
}

function sameSample(a: Sample, b: Sample | undefined): boolean {
  return b !== undefined && a.type === b.type && a.sequence === b.sequence && a.newFrame === b.newFrame &&
    a.newSimulation === b.newSimulation && sameTimestamp(a.tsOrigin, b.tsOrigin) &&
    sameTimestamp(a.tsReceived, b.tsReceived) && a.values.length === b.values.length &&
    a.values.every((value, i) => sameValue(value, b.values[i]));
}

function sameTimestamp(a?: Timestamp, b?: Timestamp): boolean {
  return a === undefined || b === undefined ? a === b : a.sec === b.sec && a.nsec === b.nsec;
}

function sameValue(a: Value, b: Value | undefined): boolean {
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    return Object.is(a.real, b.real) && Object.is(a.imag, b.imag);
  }
  return Object.is(a, b);
}
