/**
 * Counts what the sequence numbers of received samples tell: missing, duplicate and reordered samples, and restarts.
 *
 * @module
 */

import type { Sample, Timestamp } from "./sample.ts";
import { secondsBetween } from "./timestamp.ts";

/** Counters of what the sequence numbers of received samples tell. Samples without a number tell nothing. */
export interface SequenceCounters {
  /**
   * Numbers that were left out and have not come since; exact up to 2^53. Their samples were lost on the way, or never
   * sent: a hook such as `decimate` or `limit_rate` leaves some out, and a generator those of the steps that it misses.
   * Both look the same to who receives.
   */
  missing: number;
  /** Samples whose number had come before. */
  duplicate: number;
  /** Samples that came after one with a higher number; they are not missing. */
  reordered: number;
  /** How often the sender began anew. */
  restarts: number;
}

/** How far back a number may lie to be told a duplicate or late one from a sender that began anew: a power of two. */
const windowLength = 1024;
const slotMask = windowLength - 1;

/** Follows the sequence numbers of one sender. */
export interface SequenceTracker {
  /** The counters, which go on changing. */
  readonly counters: Readonly<SequenceCounters>;
  /** Takes the next sample, in the order of arrival. */
  track(sample: Sample): void;
}

/**
 * Makes a tracker for the samples of one sender.
 *
 * Missing, duplicate and late samples are told apart within the last 1024 numbers; behind 2^64 - 1 the numbers go on with
 * 0. What is missing before the first sample or after the last one cannot be known. A sender began anew
 *
 * - where a number lies further back than that,
 * - where a number is nearer to 0 than to the highest one, and its origin timestamp is later than that one's,
 * - where 0 comes again and no timestamps say that it is an old sample, as VILLASnode has it. The next sample may show
 *   that this 0 was a duplicate, because it goes on with the numbers before: it is counted as one then.
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
export function createSequenceTracker(): SequenceTracker {
  const counters: SequenceCounters = { missing: 0, duplicate: 0, reordered: 0, restarts: 0 };
  /** Whether a number has come, for the last `windowLength` numbers up to the highest one. */
  const seen = new Uint8Array(windowLength);
  let highest: bigint | undefined;
  let highestTime: Timestamp | undefined;
  /** The highest number's place in `seen`. */
  let highestSlot = 0;
  /** How far the first number lies behind the highest one. */
  let firstBack = 0;
  /** A 0 that has come again: counted as a restart, until the next sample shows what it was. */
  let repeatedZero: Sample | undefined;

  function begin(sequence: bigint, time: Timestamp | undefined): void {
    seen.fill(0);
    seen[highestSlot] = 1;
    highest = sequence;
    highestTime = time;
    firstBack = 0;
  }

  function advance(sequence: bigint, time: Timestamp | undefined, steps: number): void {
    if (steps < windowLength) {
      for (let step = 1; step < steps; step++) seen[(highestSlot + step) & slotMask] = 0;
      highestSlot = (highestSlot + steps) & slotMask;
    } else {
      seen.fill(0);
    }
    seen[highestSlot] = 1;
    counters.missing += steps - 1;
    highest = sequence;
    highestTime = time;
    firstBack += steps;
  }

  function hasCome(back: number): boolean {
    return seen[(highestSlot - back) & slotMask] === 1;
  }

  function takeOld(back: number): void {
    if (hasCome(back)) {
      counters.duplicate++;
      return;
    }
    counters.reordered++;
    seen[(highestSlot - back) & slotMask] = 1;
    // What was sent before the first sample that came has never been counted as missing.
    if (back < firstBack) counters.missing--;
  }

  function takeNotHigher(sample: Sample, sequence: bigint, back: number): void {
    const { tsOrigin } = sample;
    const age = tsOrigin && highestTime && secondsBetween(highestTime, tsOrigin);
    // A later time alone proves little: senders that do not count, or two of them at a time, have it too.
    if (back >= windowLength || (age !== undefined && age < 0 && distance(sequence, 0n) < back)) {
      counters.restarts++;
      begin(sequence, tsOrigin);
    } else if (sequence === 0n && age === undefined && back > 0 && hasCome(back)) {
      counters.restarts++;
      repeatedZero = sample;
    } else {
      takeOld(back);
    }
  }

  /** Finds out what a repeated 0 was, from the sample behind it. */
  function decide(zero: Sample, sequence: bigint, top: bigint): void {
    const back = distance(top, sequence);
    const fromZero = distance(sequence, 0n);
    repeatedZero = undefined;
    // Only a sender that began anew sends 0 and the numbers next to it again, one after the other.
    if (back >= 0 && back < windowLength && hasCome(back) && (fromZero === 1 || fromZero < back)) {
      begin(0n, zero.tsOrigin);
    } else {
      counters.restarts--;
      takeOld(distance(top, 0n));
    }
  }

  return {
    counters,
    track(sample) {
      const { sequence, tsOrigin } = sample;
      if (sequence === undefined) return;
      if (highest === undefined) {
        begin(sequence, tsOrigin);
        return;
      }
      if (repeatedZero !== undefined) {
        if (sequence === 0n) {
          counters.duplicate++;
          return;
        }
        decide(repeatedZero, sequence, highest);
      }
      const steps = distance(sequence, highest);
      if (steps > 0) advance(sequence, tsOrigin, steps);
      else takeNotHigher(sample, sequence, -steps);
    },
  };
}

/**
 * How far a number lies before another one. Where 2^64 - 1 and 0 are near, it is counted across them; far ones are no
 * wrap-around but a jump or a new beginning.
 */
function distance(sequence: bigint, from: bigint): number {
  const steps = Number(sequence - from);
  if (steps > -windowLength && steps < windowLength) return steps;
  const wrapped = Number(BigInt.asIntN(64, sequence - from));
  return wrapped > -windowLength && wrapped < windowLength ? wrapped : steps;
}
