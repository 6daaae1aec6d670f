/**
 * Replays a recording: gives its samples again, each when it is due.
 *
 * @module
 */

import { loopRecording, type OpenRecording, type TimingIssue } from "./_loop.ts";
import type { Sample } from "../samples/sample.ts";
import { waitUntil, yieldToEventLoop } from "../system/wait.ts";

export type { OpenRecording, TimingIssue };

/**
 * Timing of a replay: its samples are due by their own timestamps (`"original"`), at a constant rate (`"rate"`), or as
 * soon as they are read and taken (`"fast"`).
 */
export type Timing = "original" | "rate" | "fast";

/** Options of replaying a recording. */
export interface ReplayOptions {
  /** The timing; default `"original"`. */
  timing?: Timing;
  /** Samples per second, for the timing `"rate"`. */
  rate?: number;
  /** Factor by which the replay is faster than the recording, for the timing `"original"`; default 1. */
  speed?: number;
  /** Number of times that the recording is replayed; `Infinity` for ever; default 1. */
  loops?: number;
  /** Called once for each kind of flaw of the timestamps, with the timing `"original"`. */
  onTimingIssue?: (issue: TimingIssue) => void;
  /** Ends the replay; a wait ends at once. */
  signal?: AbortSignal;
}

/** Samples that are due. */
export interface ReplayStep {
  /** The samples, at least one. */
  samples: readonly Sample[];
  /** Number of samples that were given more than 1 ms after they were due. */
  lateCount: number;
  /** Time from when the first one was due to when it was given, in seconds; 0 with the timing `"fast"`. */
  lateness: number;
}

/** A sample is late where it is given this long after it was due, in milliseconds. */
const lateThreshold = 1;

/** The most overdue samples in one step, so that the consumer of the steps can do its work between them. */
const maximumStepLength = 1024;

/** Longest run of steps without a wait before the rest of the program has a turn, in milliseconds. */
const longestRun = 10;

/**
 * Replays a recording: gives its samples again, each when it is due, those that are due together in one step.
 *
 * The first sample is due as soon as it is read. The time of the others counts from when it has been taken, because
 * whatever a program does for the first time takes longer. Delays do not add up: what is overdue follows at once. By the
 * original timing,
 *
 * - a sample is due as long after the first one as its origin timestamp says (its timestamp of reception where it has no
 *   other), divided by the speed,
 * - a sample without a timestamp is due with the one before it,
 * - so is one with an earlier timestamp than that; if it is more than a second earlier, the recording is taken to restart
 *   with it, and the samples after it are due by the time that has passed since,
 * - where no time passes in the recording, its loops follow each other at once.
 *
 * In each loop but the first, the timestamps go on as if the recording began again one mean interval after its last
 * sample, and so do the sequence numbers. A recording without samples is replayed once, whatever the number of loops.
 *
 * @param open Opens the recording, once for each loop
 * @param options The timing, and the number of loops
 * @returns The samples, when they are due
 * @throws {RangeError} If the rate or the speed is not above 0
 *
 * @example Two samples 20 ms apart, at double speed
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { type Sample } from "@villas/client";
 * import { replay } from "@villas/client/recordings";
 *
 * async function* recording(): AsyncGenerator<Sample[]> {
 *   yield [{ tsOrigin: { sec: 5, nsec: 0 }, values: [1] }, { tsOrigin: { sec: 5, nsec: 20_000_000 }, values: [2] }];
 * }
 * const start = performance.now();
 * const values = [];
 * for await (const { samples } of replay(recording, { speed: 2 })) values.push(samples.map(({ values }) => values));
 * assertEquals(values, [[[1]], [[2]]]);
 * assert(performance.now() - start >= 10);
 * ```
 */
export async function* replay(
  open: OpenRecording,
  options: ReplayOptions = {},
): AsyncGenerator<ReplayStep, void, undefined> {
  const { timing = "original", rate = NaN, speed = 1, loops = 1, onTimingIssue, signal } = options;
  if (timing === "rate" && !(rate > 0)) {
    throw new RangeError(`Cannot replay ${rate} samples per second: the rate must be above 0`);
  }
  if (!(speed > 0)) throw new RangeError(`Cannot replay at ${speed} times the speed: the speed must be above 0`);
  const batches = loopRecording(open, loops, timing === "original" ? onTimingIssue : undefined);
  if (timing === "fast") {
    for await (const { samples } of batches) {
      if (signal?.aborted) return;
      yield { samples, lateCount: 0, lateness: 0 };
    }
    return;
  }
  /** The time that all due times count from, in milliseconds. */
  let start: number | undefined;
  /** Number of samples whose due time has been asked for. */
  let count = 0;
  /** The last turn of the rest of the program. */
  let yielded = performance.now();

  /** The due time of the next sample, in milliseconds. */
  const dueTime = timing === "rate"
    ? () => (start ?? 0) + count++ * 1000 / rate
    : (elapsed = 0) => (start ?? 0) + elapsed / 1e6 / speed;

  for await (const { samples, elapsed } of batches) {
    if (signal?.aborted) return;
    let time = performance.now();
    let isFirst = start === undefined;
    start ??= time;
    let due = dueTime(elapsed[0]);
    for (let next = 0; next < samples.length;) {
      if (due > time || time - yielded > longestRun) {
        await (due > time ? waitUntil(due, signal) : yieldToEventLoop());
        if (signal?.aborted) return;
        time = yielded = performance.now();
      }
      const first = next;
      const lateness = time - due;
      let lateCount = 0;
      do {
        if (time - due > lateThreshold) lateCount++;
        next++;
        if (next < samples.length) due = dueTime(elapsed[next]);
      } while (next < samples.length && due <= time && next - first < maximumStepLength);
      yield { samples: samples.slice(first, next), lateCount, lateness: lateness / 1000 };
      const taken = performance.now();
      if (isFirst) {
        start += taken - time;
        due += taken - time;
        isFirst = false;
      }
      time = taken;
    }
  }
}
