/**
 * Sequence numbers: counting missing, duplicate and reordered samples, and restarts of the sender.
 *
 * @module
 */

import type { Sample, Timestamp } from "./sample.ts";
import { secondsBetween } from "./timestamp.ts";

/** Counters derived from the sequence numbers of received samples. Samples without a number count for nothing. */
export interface SequenceCounters {
  /**
   * Numbers that were skipped and have not arrived since; exact up to 2^53. Their samples were lost on the way or never
   * sent: a hook such as `decimate` or `limit_rate` skips some, and a generator those of the steps that it misses. A
   * receiver cannot tell the two apart.
   */
  missing: number;
  /** Samples whose number had already arrived. */
  duplicate: number;
  /** Samples that arrived after one with a higher number; they are not missing. */
  reordered: number;
  /** Number of times that the sender started over. */
  restarts: number;
}

/**
 * The most that a number may lie behind the highest one and still be that of a duplicate or late sample; beyond, the
 * sender has started over. A power of two.
 */
const windowLength = 1024;
const slotMask = windowLength - 1;

/** Follows the sequence numbers of one sender. */
export interface SequenceTracker {
  /** The counters, updated by each call of {@linkcode SequenceTracker.track}. */
  readonly counters: Readonly<SequenceCounters>;

  /**
   * Takes the next sample, in the order of arrival.
   *
   * @param sample The sample; only its sequence number and origin timestamp are used
   */
  track(sample: Sample): void;
}

/** A tracker that takes many samples in a row at once, as those of a file. */
export interface RunTracker extends SequenceTracker {
  /** True if the last sample had the highest number so far, and nothing is left open about it. */
  readonly isAtHighest: boolean;

  /**
   * Takes the next samples, whose numbers rise by one from the last sample's, which had the highest number.
   *
   * @param last The last number
   * @param count How many they are, 1 or more
   * @param time Origin timestamp of the last one, if it has one
   */
  trackRun(last: bigint, count: number, time: Timestamp | undefined): void;
}

/**
 * Creates a tracker for the samples of one sender.
 *
 * Missing, duplicate and late samples are told apart within the last 1024 numbers; after 2^64 - 1 the numbers continue
 * with 0. Nothing is known about samples missing before the first or after the last one. The sender has started over
 *
 * - if a number lies further back than that,
 * - if a number is nearer to 0 than to the highest one, and its origin timestamp is later than that one's,
 * - if 0 arrives again and no timestamps say that it is an old sample, as VILLASnode has it. The next sample may show
 *   that this 0 was a duplicate, because it continues the numbers before: then it is counted as one.
 *
 * @returns The tracker
 *
 * @see VILLASnode, `lib/hooks/restart.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSequenceTracker } from "@villas/client/samples";
 *
 * const tracker = createSequenceTracker();
 * for (const sequence of [0n, 1n, 4n, 3n, 3n]) tracker.track({ sequence, values: [] });
 * assertEquals(tracker.counters, { missing: 1, duplicate: 1, reordered: 1, restarts: 0 });
 * ```
 */
export function createSequenceTracker(): RunTracker {
  return new WindowTracker();
}

/** A tracker that remembers which of the last 1024 numbers have arrived. */
class WindowTracker implements RunTracker {
  readonly counters: SequenceCounters = { missing: 0, duplicate: 0, reordered: 0, restarts: 0 };
  /** 1 for each of the last `windowLength` numbers, up to the highest one, that has arrived. */
  readonly #seen = new Uint8Array(windowLength);
  #highest: bigint | undefined;
  #highestTime: Timestamp | undefined;
  /** The slot of the highest number in `#seen`. */
  #highestSlot = 0;
  /** Distance from the first number to the highest one. */
  #firstBack = 0;
  #isAtHighest = false;
  /** A 0 that arrived again: counted as a restart until the next sample shows what it was. */
  #repeatedZero: Sample | undefined;

  get isAtHighest(): boolean {
    return this.#isAtHighest;
  }

  trackRun(last: bigint, count: number, time: Timestamp | undefined): void {
    for (let step = Math.max(count - windowLength, 0); step < count; step++) {
      this.#seen[(this.#highestSlot + 1 + step) & slotMask] = 1;
    }
    this.#highestSlot = (this.#highestSlot + count) & slotMask;
    this.#highest = last;
    this.#highestTime = time;
    this.#firstBack += count;
  }

  track(sample: Sample): void {
    const { sequence, tsOrigin } = sample;
    if (sequence === undefined) return;
    this.#isAtHighest = true;
    if (this.#highest === undefined) {
      this.#begin(sequence, tsOrigin);
      return;
    }
    if (this.#repeatedZero !== undefined) {
      if (sequence === 0n) {
        this.counters.duplicate++;
        return;
      }
      this.#resolveZero(this.#repeatedZero, sequence, this.#highest);
    }
    const steps = distance(sequence, this.#highest);
    if (steps > 0) return this.#advance(sequence, tsOrigin, steps);
    this.#isAtHighest = false;
    this.#trackNotHigher(sample, sequence, -steps);
  }

  #begin(sequence: bigint, time: Timestamp | undefined): void {
    this.#seen.fill(0);
    this.#seen[this.#highestSlot] = 1;
    this.#highest = sequence;
    this.#highestTime = time;
    this.#firstBack = 0;
  }

  #advance(sequence: bigint, time: Timestamp | undefined, steps: number): void {
    if (steps < windowLength) {
      for (let step = 1; step < steps; step++) this.#seen[(this.#highestSlot + step) & slotMask] = 0;
      this.#highestSlot = (this.#highestSlot + steps) & slotMask;
    } else {
      this.#seen.fill(0);
    }
    this.#seen[this.#highestSlot] = 1;
    this.counters.missing += steps - 1;
    this.#highest = sequence;
    this.#highestTime = time;
    this.#firstBack += steps;
  }

  #hasArrived(back: number): boolean {
    return this.#seen[(this.#highestSlot - back) & slotMask] === 1;
  }

  #trackOld(back: number): void {
    if (this.#hasArrived(back)) {
      this.counters.duplicate++;
      return;
    }
    this.counters.reordered++;
    this.#seen[(this.#highestSlot - back) & slotMask] = 1;
    // Samples sent before the first one that arrived were never counted as missing.
    if (back < this.#firstBack) this.counters.missing--;
  }

  #trackNotHigher(sample: Sample, sequence: bigint, back: number): void {
    const { tsOrigin } = sample;
    const age = tsOrigin && this.#highestTime && secondsBetween(this.#highestTime, tsOrigin);
    // A later time alone proves little: senders that do not count have it too, and so have two senders at a time.
    if (back >= windowLength || (age !== undefined && age < 0 && distance(sequence, 0n) < back)) {
      this.counters.restarts++;
      this.#begin(sequence, tsOrigin);
    } else if (sequence === 0n && age === undefined && back > 0 && this.#hasArrived(back)) {
      this.counters.restarts++;
      this.#repeatedZero = sample;
    } else {
      this.#trackOld(back);
    }
  }

  /** Finds out what a repeated 0 was, from the sample after it. */
  #resolveZero(zero: Sample, sequence: bigint, highest: bigint): void {
    const back = distance(highest, sequence);
    const fromZero = distance(sequence, 0n);
    this.#repeatedZero = undefined;
    // Only a sender that has started over sends 0 and the numbers next to it again, in a row.
    if (back >= 0 && back < windowLength && this.#hasArrived(back) && (fromZero === 1 || fromZero < back)) {
      this.#begin(0n, zero.tsOrigin);
    } else {
      this.counters.restarts--;
      this.#trackOld(distance(highest, 0n));
    }
  }
}

/**
 * Returns how far a number lies after another one. If 2^64 - 1 and 0 are near, it is counted across them; far numbers
 * are not a wrap-around but a jump or a restart.
 */
function distance(sequence: bigint, from: bigint): number {
  const steps = Number(sequence - from);
  if (steps > -windowLength && steps < windowLength) return steps;
  const wrapped = Number(BigInt.asIntN(64, sequence - from));
  return wrapped > -windowLength && wrapped < windowLength ? wrapped : steps;
}
