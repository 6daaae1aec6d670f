/**
 * Timelines of durations: their distribution in each part of a measurement, in memory that does not grow.
 *
 * @module
 */

/** The distributions of the durations of a measurement, over its time. */
export interface Timeline {
  /** Length of the measurement, in seconds. */
  readonly span: number;
  /** Number of parts (slots) that it is divided into. */
  readonly slots: number;
  /** Adds a duration, in seconds, that belongs to a time since the start, in seconds. */
  record(elapsed: number, seconds: number): void;
  /** Returns the number of durations of a part. */
  count(slot: number): number;
  /** Counts the durations of a part that are at least as long as `from` and shorter than `to`, in seconds. */
  countBetween(slot: number, from: number, to: number): number;
  /** Returns the duration that this share of a part's durations, in percent, does not exceed; NaN where there are none. */
  percentile(slot: number, percent: number): number;
}

/** Bins are a 32nd of an octave wide: durations that differ by more than 2.2 % are distinguished. */
const binsPerOctave = 32;

/** Lower edge of the first bin, which takes shorter durations, too, in seconds. */
const shortest = 1e-7;

/** Number of bins: 32 octaves, up to 7 minutes. */
const bins = 32 * binsPerOctave;

/**
 * Creates an empty timeline. Durations from 0.1 µs to 7 minutes are kept with an error of 1.1 %.
 *
 * @param span Length of the measurement, in seconds; later durations count for the last part
 * @param slots Number of parts to divide it into
 * @returns The timeline
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { createTimeline } from "@villas/client/timing";
 *
 * const timeline = createTimeline(10, 5);
 * timeline.record(0.5, 0.001);
 * timeline.record(9.9, 0.002);
 * assertEquals([0, 1, 2, 3, 4].map((slot) => timeline.count(slot)), [1, 0, 0, 0, 1]);
 * assertAlmostEquals(timeline.percentile(4, 50), 0.002, 0.00003);
 * ```
 */
export function createTimeline(span: number, slots: number): Timeline {
  const counts = new Uint32Array(slots * bins);
  const totals = new Uint32Array(slots);

  function sum(slot: number, from: number, to: number): number {
    let total = 0;
    for (let bin = Math.max(0, from); bin < Math.min(bins, to); bin++) total += counts[slot * bins + bin] ?? 0;
    return total;
  }

  return {
    span,
    slots,
    record(elapsed, seconds) {
      const slot = Math.min(slots - 1, Math.max(0, Math.floor(elapsed / span * slots)));
      const place = slot * bins + Math.min(bins - 1, Math.max(0, Math.floor(binOf(seconds))));
      counts[place] = (counts[place] ?? 0) + 1;
      totals[slot] = (totals[slot] ?? 0) + 1;
    },
    count: (slot) => totals[slot] ?? 0,
    countBetween: (slot, from, to) => sum(slot, Math.round(binOf(from)), Math.round(binOf(to))),
    percentile(slot, percent) {
      const wanted = Math.max(1, Math.ceil((totals[slot] ?? 0) * percent / 100 - 1e-9));
      let seen = 0;
      for (let bin = 0; bin < bins; bin++) {
        seen += counts[slot * bins + bin] ?? 0;
        if (seen >= wanted) return shortest * 2 ** ((bin + 0.5) / binsPerOctave);
      }
      return NaN;
    },
  };
}

function binOf(seconds: number): number {
  return Math.log2(seconds / shortest) * binsPerOctave;
}
