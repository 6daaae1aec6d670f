/**
 * Distribution of times, for a loop that records several per sample: its counters lie side by side in memory that never
 * grows, where those of `createDistribution` are in a map.
 *
 * @module
 */

import type { DistributionFigures } from "../timing/distribution.ts";
import { Moments } from "../timing/moments.ts";

/** Counters for each power of two: percentiles are within 0.05 % of the true value. */
const countersPerOctave = 1024;

/** The shortest time that is told apart from shorter ones, 2^-30 s (0.9 ns), and the longest one, 2^12 s. */
const smallestExponent = -30;
const largestExponent = 12;

/** Number of bits of a float64's upper half that are left out, and the offset of its exponent (IEEE 754). */
const droppedBits = 10;
const half = 1 << (droppedBits - 1);
const base = (1023 + smallestExponent) * countersPerOctave;
const length = (largestExponent - smallestExponent) * countersPerOctave;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
const upper = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** A distribution of times, in seconds. */
export class TimeDistribution {
  readonly #moments = new Moments();
  readonly #counts = new Uint32Array(length);

  /** Adds a time; one below 0 counts as 0. */
  record(seconds: number): void {
    const time = seconds > 0 ? seconds : 0;
    this.#moments.record(time);
    float[0] = time;
    const index = (((words[upper] ?? 0) + half) >> droppedBits) - base;
    const place = index < 0 ? 0 : index < length ? index : length - 1;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** The figures of the times so far. */
  get figures(): DistributionFigures {
    const { count, min, mean, max, standardDeviation } = this.#moments;
    const [p50, p90, p99, p999] = [50, 90, 99, 99.9].map((percent) => this.#percentile(percent));
    const figure = (value: number | undefined) => count === 0 || value === undefined ? null : value;
    return {
      count,
      negative: 0,
      min: figure(min),
      mean: figure(mean),
      max: figure(max),
      stddev: figure(standardDeviation),
      p50: figure(p50),
      p90: figure(p90),
      p99: figure(p99),
      p999: figure(p999),
    };
  }

  #percentile(percent: number): number {
    const { count, min, max } = this.#moments;
    // Of 1000 times, 999 do not exceed p99.9, which floats have as 999.0000000000001.
    let left = Math.max(1, Math.ceil(percent / 100 * count - 1e-6));
    for (let place = 0; place < length; place++) {
      left -= this.#counts[place] ?? 0;
      if (left <= 0) return Math.min(max, Math.max(min, timeAt(place)));
    }
    return max;
  }
}

/** Returns the time in the middle of those that one counter has. */
function timeAt(place: number): number {
  words[1 - upper] = 0;
  words[upper] = (place + base) << droppedBits;
  return float[0] ?? 0;
}
