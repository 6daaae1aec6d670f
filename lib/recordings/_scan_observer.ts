/**
 * Follows what a scanner tells of a recording, instead of its samples.
 *
 * @module
 */

import { ColumnRanges, type HeadColumns, type ScanReceiver } from "../formats/column_ranges.ts";
import { createSequenceTracker } from "../samples/sequence.ts";
import type { RecordingInfo, SignalFigures } from "./recording_info.ts";
import { TimeObserver } from "./_time_observer.ts";

/** Follows what a scanner tells of a recording, instead of its samples. */
export class ScanObserver implements ScanReceiver {
  readonly ranges = new ColumnRanges();
  readonly #tracker = createSequenceTracker();
  readonly #times = new TimeObserver();
  #samples = 0;

  /** Number of samples so far. */
  get samples(): number {
    return this.#samples;
  }

  takeHeads(count: number, heads: HeadColumns): void {
    this.#samples += count;
    this.#times.observeAll(count, heads.sec, heads.nsec);
    for (let index = 0; index < count; index++) {
      this.#track(heads, index);
      index += this.#skipInOrder(heads, index + 1, count);
    }
  }

  /** Returns what is known at the end. */
  conclude(): RecordingInfo {
    const signals = Array.from({ length: this.ranges.width }, (_, column): SignalFigures => {
      const [float, nan] = [this.ranges.valueCount(column), this.ranges.nanCount(column)];
      // A negative zero is not smaller than the other one.
      const [minimum, maximum] = [this.ranges.minimum(column) + 0, this.ranges.maximum(column) + 0];
      return { types: float > 0 ? { float } : {}, nan, ...float > nan && { minimum, maximum } };
    });
    return {
      samples: this.#samples,
      signals,
      ...this.#times.conclude(),
      ...this.#samples > 0 && { sequence: { ...this.#tracker.counters } },
    };
  }

  #track({ sequence, sec, nsec }: HeadColumns, index: number): void {
    const tsOrigin = { sec: sec[index] ?? 0, nsec: nsec[index] ?? 0 };
    this.#tracker.track({ sequence: BigInt(sequence[index] ?? 0), tsOrigin, values: [] });
  }

  /** Skips numbers that rise by one, which nearly all do, and gives them to the tracker at once; returns how many they are. */
  #skipInOrder({ sequence, sec, nsec }: HeadColumns, start: number, end: number): number {
    if (!this.#tracker.isAtHighest) return 0;
    let index = start;
    for (; index < end; index++) {
      // From 2^32 - 1 to 0 is not a step of one.
      if ((sequence[index] ?? 0) - (sequence[index - 1] ?? 0) !== 1) break;
    }
    const last = index - 1;
    if (index > start) {
      const time = { sec: sec[last] ?? 0, nsec: nsec[last] ?? 0 };
      this.#tracker.trackRun(BigInt(sequence[last] ?? 0), index - start, time);
    }
    return index - start;
  }
}
