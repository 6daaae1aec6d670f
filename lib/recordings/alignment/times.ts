/**
 * Arithmetic of times that are put into order.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";

/** Returns how a time compares to another one: negative if it is earlier. */
export function compareTimes(one: Timestamp, other: Timestamp): number {
  return one.sec - other.sec || one.nsec - other.nsec;
}

/** Returns the nanoseconds from an earlier time to a later one: exact up to 104 days, a float64 beyond. */
export function nanosecondsBetween(earlier: Timestamp, later: Timestamp): number {
  return (later.sec - earlier.sec) * 1e9 + (later.nsec - earlier.nsec);
}
