/**
 * Distributions of numbers of any sign and size. They stand beside the histogram, which holds durations only: none below
 * 0, as differences between two clocks may be, and nothing but time.
 *
 * @module
 */

import { Moments } from "./moments.ts";

/** Figures of many numbers; each is `null` where there are no numbers. */
export interface DistributionFigures {
  /** Number of numbers. */
  count: number;
  /** Number of those below 0. */
  negative: number;
  /** The smallest. */
  min: number | null;
  /** The mean. */
  mean: number | null;
  /** The largest. */
  max: number | null;
  /** Standard deviation: the root of the mean squared distance from the mean. */
  stddev: number | null;
  /** The median. */
  p50: number | null;
  /** The number that 90 % of all do not exceed. */
  p90: number | null;
  /** The number that 99 % of all do not exceed. */
  p99: number | null;
  /** The number that 99.9 % of all do not exceed. */
  p999: number | null;
}

/** A distribution of numbers. */
export interface Distribution {
  /** The figures of the numbers so far. */
  readonly figures: DistributionFigures;
  /** Adds a number; NaN and infinities are ignored. */
  record(value: number): void;
}

/** Number of bits of a float64's upper half that are left out: those of its fraction beyond the first 10. */
const droppedBits = 10;
const half = 1 << (droppedBits - 1);

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** Index of the half of a float64 that has its sign, its exponent and the first 20 bits of its fraction. */
const upper = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Creates an empty distribution. Percentiles are within 0.05 % of the true value, and exact for whole numbers up to 2048;
 * all other figures are exact. Memory grows with the spread of the numbers, not with their count: at most 1024 counters
 * for each power of two.
 *
 * @returns The distribution
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDistribution } from "@villas/client/timing";
 *
 * const distribution = createDistribution();
 * for (let value = -1; value <= 1000; value++) distribution.record(value);
 * const { count, negative, min, mean, max, p50, p99 } = distribution.figures;
 * assertEquals([count, negative, min, mean, max, p50, p99], [1002, 1, -1, 499.5, 1000, 499, 990]);
 * ```
 */
export function createDistribution(): Distribution {
  const moments = new Moments();
  /** Number of numbers by their upper bits. */
  const counts = new Map<number, number>();
  let negative = 0;

  function percentiles(percents: readonly number[]): (number | null)[] {
    const { count, min, max } = moments;
    const ordered = [...counts].map(([bits, times]) => [valueOf(bits), times] as const).sort(([a], [b]) => a - b);
    return percents.map((percent) => {
      // Of 1000 numbers, 999 do not exceed p99.9, which floats have as 999.0000000000001.
      let left = Math.max(1, Math.ceil(percent / 100 * count - 1e-6));
      for (const [value, times] of ordered) {
        left -= times;
        if (left <= 0) return Math.min(max, Math.max(min, value));
      }
      return null;
    });
  }

  return {
    get figures() {
      const { count, min, mean, max, standardDeviation } = moments;
      const [p50 = null, p90 = null, p99 = null, p999 = null] = percentiles([50, 90, 99, 99.9]);
      const figure = (value: number) => count === 0 ? null : value;
      return {
        count,
        negative,
        min: figure(min),
        mean: figure(mean),
        max: figure(max),
        stddev: figure(standardDeviation),
        p50,
        p90,
        p99,
        p999,
      };
    },
    record(value) {
      if (!Number.isFinite(value)) return;
      moments.record(value);
      if (value < 0) negative++;
      const bits = bitsOf(value);
      counts.set(bits, (counts.get(bits) ?? 0) + 1);
    },
  };
}

/** Returns the upper bits of a float64, rounded: its neighbours have the same ones. */
function bitsOf(value: number): number {
  float[0] = value + 0; // turns -0 into 0
  return ((words[upper] ?? 0) + half) >> droppedBits;
}

/** Returns the number in the middle of those that have these upper bits. */
function valueOf(bits: number): number {
  words[1 - upper] = 0;
  words[upper] = bits << droppedBits;
  return float[0] ?? 0;
}
