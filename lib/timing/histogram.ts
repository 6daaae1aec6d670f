/**
 * Histograms of durations: percentiles that can be trusted, from an HDR histogram.
 *
 * @module
 */

import { build, type JsHistogram } from "npm:hdr-histogram-js@3.0.1";
import { Moments } from "./moments.ts";

/** A range of durations that a histogram does not distinguish, and their number. */
export interface Bucket {
  /** The shortest of these durations, in seconds. */
  from: number;
  /** The shortest duration above this bucket, in seconds. */
  to: number;
  /** Number of durations in it. */
  count: number;
}

/** A histogram of durations, all in seconds. */
export interface Histogram {
  /** Number of durations. */
  readonly count: number;
  /** The shortest; NaN where there are none. */
  readonly min: number;
  /** The mean; NaN where there are none. */
  readonly mean: number;
  /** The longest; NaN where there are none. */
  readonly max: number;
  /** Standard deviation: the root of the mean squared distance from the mean; NaN where there are none. */
  readonly standardDeviation: number;
  /** Adds a duration. */
  record(seconds: number): void;
  /** Returns the duration that this share of all durations, in percent, does not exceed; NaN where there are none. */
  percentile(percent: number): number;
  /** Returns the buckets that hold any durations, from the shortest on. */
  buckets(): Bucket[];
}

/**
 * Creates an empty histogram of durations from 1 ns to an hour. Percentiles are within 0.1 % of the true value, all other
 * figures are exact, and memory does not grow with the count.
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
  const moments = new Moments();
  return {
    get count() {
      return moments.count;
    },
    get min() {
      return moments.min;
    },
    get mean() {
      return moments.mean;
    },
    get max() {
      return moments.max;
    },
    get standardDeviation() {
      return moments.standardDeviation;
    },
    record(seconds) {
      moments.record(seconds);
      hdr.recordValue(Math.max(1, Math.round(seconds * 1e9)));
    },
    percentile: (percent) => moments.count === 0 ? NaN : Math.min(moments.max, hdr.getValueAtPercentile(percent) / 1e9),
    buckets() {
      const buckets: Bucket[] = [];
      for (let index = 0; index < hdr.countsArrayLength; index++) {
        const count = hdr.getCountAtIndex(index);
        if (count === 0) continue;
        const from = hdr.valueFromIndex(index);
        buckets.push({ from: from / 1e9, to: hdr.nextNonEquivalentValue(from) / 1e9, count });
      }
      return buckets;
    },
  };
}
