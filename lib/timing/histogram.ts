/**
 * Durations and what can honestly be said of many of them: percentiles from an HDR histogram.
 *
 * @module
 */

import { build, type JsHistogram } from "npm:hdr-histogram-js@3.0.1";

/** Durations that a histogram does not tell apart, and how many of them there are. */
export interface Bucket {
  /** The shortest of these durations, in seconds. */
  from: number;
  /** The shortest duration that is too long for this bucket, in seconds. */
  to: number;
  /** How many durations. */
  count: number;
}

/** Many durations, all in seconds. */
export interface Histogram {
  /** How many durations there are. */
  readonly count: number;
  /** The shortest; NaN where there are none. */
  readonly min: number;
  /** The mean; NaN where there are none. */
  readonly mean: number;
  /** The longest; NaN where there are none. */
  readonly max: number;
  /** Standard deviation of the durations, that is, the root of the mean squared distance from the mean. */
  readonly standardDeviation: number;
  /** Adds a duration. */
  record(seconds: number): void;
  /** The duration that this share of all durations, in percent, does not exceed. */
  percentile(percent: number): number;
  /** The buckets that hold any durations, from the shortest on. */
  buckets(): Bucket[];
}

/**
 * Makes an empty histogram of durations from 1 ns to an hour. Percentiles are within 0.1 % of the true value, memory does
 * not grow with the count; minimum and maximum are exact, mean and standard deviation those of the true values.
 *
 * @returns The histogram
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createHistogram } from "@villas/client/timing";
 *
 * const histogram = createHistogram();
 * for (let i = 1; i <= 1000; i++) histogram.record(i / 1e6);
 * assertAlmostEquals(histogram.percentile(99), 990e-6, 1e-6);
 * assertAlmostEquals(histogram.mean, 500.5e-6, 1e-12);
 * ```
 */
export function createHistogram(): Histogram {
  const hdr = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000_000,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  }) as JsHistogram; // which it is without WebAssembly
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  let mean = 0;
  // Sum of squared distances from the mean, kept up to date as the mean moves (Welford 1962).
  let squares = 0;
  return {
    get count() {
      return count;
    },
    get min() {
      return count === 0 ? NaN : min;
    },
    get mean() {
      return count === 0 ? NaN : mean;
    },
    get max() {
      return count === 0 ? NaN : max;
    },
    get standardDeviation() {
      return count === 0 ? NaN : Math.sqrt(squares / count);
    },
    record(seconds) {
      count++;
      min = Math.min(min, seconds);
      max = Math.max(max, seconds);
      const distance = seconds - mean;
      mean += distance / count;
      squares += distance * (seconds - mean);
      hdr.recordValue(Math.max(1, Math.round(seconds * 1e9)));
    },
    percentile: (percent) => count === 0 ? NaN : Math.min(max, hdr.getValueAtPercentile(percent) / 1e9),
    buckets() {
      const buckets: Bucket[] = [];
      for (let index = 0; index < hdr.countsArrayLength; index++) {
        const inside = hdr.getCountAtIndex(index);
        if (inside === 0) continue;
        const from = hdr.valueFromIndex(index);
        buckets.push({ from: from / 1e9, to: hdr.nextNonEquivalentValue(from) / 1e9, count: inside });
      }
      return buckets;
    },
  };
}
