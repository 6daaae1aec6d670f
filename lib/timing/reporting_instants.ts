/**
 * Reporting instants: the times at which all PMUs of one rate measure, which divide each second of UTC evenly.
 *
 * @module
 */

import type { Timestamp } from "../samples/sample.ts";

/**
 * Finds the first reporting instant at or after a time.
 *
 * @param time The time
 * @param rate Frames per second; below 1, the instants are whole multiples of the period since 1970
 * @returns The instant
 *
 * @see IEC/IEEE 60255-118-1:2018, 6.4.1: the instants are evenly spaced from the whole second on
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextReportingInstant } from "@villas/client/timing";
 *
 * assertEquals(nextReportingInstant({ sec: 7, nsec: 30_000_000 }, 50), { sec: 7, nsec: 40_000_000 });
 * assertEquals(nextReportingInstant({ sec: 7, nsec: 990_000_000 }, 50), { sec: 8, nsec: 0 });
 * assertEquals(nextReportingInstant({ sec: 7, nsec: 1 }, 0.5), { sec: 8, nsec: 0 });
 * ```
 */
export function nextReportingInstant({ sec, nsec }: Timestamp, rate: number): Timestamp {
  if (rate < 1) {
    const period = Math.max(1, Math.round(1 / rate));
    return { sec: Math.ceil((sec + Number(nsec > 0)) / period) * period, nsec: 0 };
  }
  // The quotient is rounded to a thousandth first: an instant that is met exactly is not passed over by its rounding.
  const index = Math.ceil(Math.round(nsec * rate / 1e6) / 1000);
  return index >= rate ? { sec: sec + 1, nsec: 0 } : { sec, nsec: Math.round(index * 1e9 / rate) };
}
