/**
 * Timestamps: reading the clock, and arithmetic.
 *
 * @module
 */

import type { Timestamp } from "./sample.ts";

/** Difference between the two clocks of {@linkcode now}, in milliseconds, above which the finer one is set again. */
const clockTolerance = 2;

/** Milliseconds since 1970 at which `performance.now()` was 0. */
let clockOffset = performance.timeOrigin;

/**
 * Returns the current time by the system's clock, in milliseconds since 1970.
 *
 * `performance.now()` is finer than `Date.now()` but does not follow when the system's clock is set: if the two differ
 * by more than 2 ms, `Date.now()` is right.
 *
 * @returns Milliseconds, with a fraction
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { nowMilliseconds } from "@villas/client/samples";
 *
 * assertAlmostEquals(nowMilliseconds(), Date.now(), 1000);
 * ```
 */
export function nowMilliseconds(): number {
  const coarse = Date.now();
  const monotonic = performance.now();
  if (Math.abs(clockOffset + monotonic - coarse) > clockTolerance) followClock();
  return clockOffset + monotonic;
}

/**
 * Sets the finer clock if the system's clock has been set. The two may also differ because the process was suspended
 * between reading one and the other: then the finer one was right, and setting it would turn the time back.
 */
function followClock(): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = performance.now();
    const coarse = Date.now();
    const after = performance.now();
    if (after - before > clockTolerance / 2) continue;
    // `Date.now()` leaves out the fraction, half a millisecond on average.
    if (Math.abs(clockOffset + after - coarse) > clockTolerance) clockOffset = coarse + 0.5 - after;
    return;
  }
}

/**
 * Returns the current time by the system's clock.
 *
 * @returns Now, UTC, with the resolution of `performance.now()` (a microsecond or better)
 *
 * @example The origin timestamp of a new sample
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { now, type Sample } from "@villas/client";
 *
 * const sample: Sample = { sequence: 0n, tsOrigin: now(), values: [230.1] };
 * assertAlmostEquals(sample.tsOrigin?.sec ?? 0, Date.now() / 1000, 2);
 * ```
 */
export function now(): Timestamp {
  return timestampFromMilliseconds(nowMilliseconds());
}

/**
 * Converts milliseconds since 1970, such as `Date.now()`, to a timestamp.
 *
 * @param milliseconds 0 or more; a fraction counts to the nanosecond as far as a float64 holds it
 * @returns The same point in time
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { timestampFromMilliseconds } from "@villas/client/samples";
 *
 * assertEquals(timestampFromMilliseconds(1_700_000_000_123.5), { sec: 1_700_000_000, nsec: 123_500_000 });
 * ```
 */
export function timestampFromMilliseconds(milliseconds: number): Timestamp {
  const sec = Math.floor(milliseconds / 1e3);
  const nsec = Math.round((milliseconds - sec * 1e3) * 1e6);
  return nsec < 1e9 ? { sec, nsec } : { sec: sec + 1, nsec: nsec - 1e9 };
}

/**
 * Returns the time from `earlier` to `later` in seconds, negative if `later` comes before `earlier`.
 *
 * It is exact to the nanosecond for spans up to 104 days (2^53 ns), and to the precision of a float64 beyond.
 *
 * @param later The point in time to measure to
 * @param earlier The point in time to measure from
 * @returns The difference in seconds
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { secondsBetween } from "@villas/client";
 *
 * assertEquals(secondsBetween({ sec: 8, nsec: 0 }, { sec: 7, nsec: 750_000_000 }), 0.25);
 * ```
 */
export function secondsBetween(later: Timestamp, earlier: Timestamp): number {
  return ((later.sec - earlier.sec) * 1e9 + (later.nsec - earlier.nsec)) / 1e9;
}
