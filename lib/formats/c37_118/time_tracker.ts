/**
 * Missing data frames, which have no numbers: found by their times and the rate.
 *
 * @module
 */

import type { Sample, Timestamp } from "../../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters, type SequenceTracker } from "../../samples/sequence.ts";
import { secondsBetween } from "../../samples/timestamp.ts";

/** A gap between two frames above this, in seconds, is that of a clock that was set, or of a sender that was off. */
const longestGap = 3600;

/**
 * A tracker of the data frames of one stream: their times, in periods of the announced rate, are what sequence numbers are
 * elsewhere. Each is counted from the latest one before it, so that the times need not be whole periods.
 */
export class TimeTracker implements SequenceTracker {
  readonly #tracker = createSequenceTracker();
  readonly #rate: () => number;
  #latest: { readonly time: Timestamp; readonly period: bigint } | undefined;

  /**
   * Creates the tracker.
   *
   * @param rate Returns the frames per second, 0 while they are not known: nothing is counted then
   */
  constructor(rate: () => number) {
    this.#rate = rate;
  }

  get counters(): Readonly<SequenceCounters> {
    return this.#tracker.counters;
  }

  track({ tsOrigin }: Sample): void {
    const rate = this.#rate();
    if (tsOrigin === undefined || rate === 0) return;
    const latest = this.#latest;
    const gap = latest === undefined ? 0 : secondsBetween(tsOrigin, latest.time);
    const hasJumped = Math.abs(gap) > longestGap;
    const period = latest === undefined
      ? BigInt(Math.round(tsOrigin.sec * rate)) + 1n
      : latest.period + (hasJumped ? 1n : BigInt(Math.round(gap * rate)));
    // A time before 1970 by a fault of the sender: below 0 there are no numbers.
    if (period < 0n) return;
    if (latest === undefined || period > latest.period) this.#latest = { time: tsOrigin, period };
    this.#tracker.track({ sequence: period, values: [] });
  }
}
