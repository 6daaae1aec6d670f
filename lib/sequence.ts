/**
 * Counts what the sequence numbers of received samples tell: lost, duplicate and reordered samples, and restarts.
 *
 * @module
 */

import type { Sample, Timestamp } from "./sample.ts";
import { secondsBetween } from "./timestamp.ts";

/** What the sequence numbers of received samples tell. Samples without a number tell nothing. */
export interface SequenceCounters {
  /** Numbers that were left out and have not come since. */
  lost: number;
  /** Samples whose number had come before. */
  duplicate: number;
  /** Samples that came after one with a higher number; they are not lost. */
  reordered: number;
  /** How often the sender began anew. */
  restarts: number;
}

/** How far back a number may lie to be told a duplicate or late one from a sender that began anew. */
const windowLength = 1024;

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
 * Losses, duplicates and late samples are told apart within the last 1024 numbers. A number further back is a sender
 * that began anew, and so is 0, as VILLASnode has it (`lib/hooks/restart.cpp`), except where the origin timestamps say
 * that it is an old sample. What was lost before the first sample or after the last one cannot be known.
 *
 * @returns The tracker
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSequenceTracker } from "@villas/client";
 *
 * const tracker = createSequenceTracker();
 * for (const sequence of [0n, 1n, 4n, 3n, 3n]) tracker.track({ sequence, values: [] });
 * assertEquals(tracker.counters, { lost: 1, duplicate: 1, reordered: 1, restarts: 0 });
 * ```
 */
export function createSequenceTracker(): SequenceTracker {
  const counters: SequenceCounters = { lost: 0, duplicate: 0, reordered: 0, restarts: 0 };
  /** Whether a number has come, for the last `windowLength` numbers up to the highest one. */
  const seen = new Uint8Array(windowLength);
  let first: bigint | undefined;
  let highest = 0n;
  let highestTime: Timestamp | undefined;

  function begin(sequence: bigint, time: Timestamp | undefined): void {
    seen.fill(0);
    first = highest = sequence;
    highestTime = time;
    seen[slot(sequence)] = 1;
  }

  function advance(sequence: bigint, time: Timestamp | undefined, steps: number): void {
    if (steps > 1) {
      counters.lost += steps - 1;
      if (steps >= windowLength) seen.fill(0);
      else for (let back = 1; back < steps; back++) seen[slot(sequence - BigInt(back))] = 0;
    }
    highest = sequence;
    highestTime = time;
    seen[slot(sequence)] = 1;
  }

  function takeOld(sequence: bigint): void {
    if (seen[slot(sequence)] === 1) {
      counters.duplicate++;
      return;
    }
    counters.reordered++;
    seen[slot(sequence)] = 1;
    // What was sent before the first sample that came has never been counted as lost.
    if (first !== undefined && sequence > first) counters.lost--;
  }

  /** Whether a number below the highest one is a new beginning and no late or duplicate sample. */
  function isRestart(sequence: bigint, back: number, time: Timestamp | undefined): boolean {
    if (back >= windowLength) return true;
    if (sequence !== 0n || back === 0) return false;
    if (time !== undefined && highestTime !== undefined) return secondsBetween(time, highestTime) > 0;
    return seen[slot(sequence)] === 1;
  }

  return {
    counters,
    track({ sequence, tsOrigin }) {
      if (sequence === undefined) return;
      if (first === undefined) {
        begin(sequence, tsOrigin);
        return;
      }
      const steps = Number(sequence - highest);
      if (steps > 0) {
        advance(sequence, tsOrigin, steps);
      } else if (isRestart(sequence, -steps, tsOrigin)) {
        counters.restarts++;
        begin(sequence, tsOrigin);
      } else {
        takeOld(sequence);
      }
    },
  };
}

function slot(sequence: bigint): number {
  return Number(sequence % BigInt(windowLength));
}
