/**
 * Replays a recording: its samples once more, each when it is due.
 *
 * @module
 */

import { loopRecording, type OpenRecording, type TimingFault } from "./_loop.ts";
import { takeTurn, waitUntil } from "../system/wait.ts";
import type { Sample } from "../samples/sample.ts";

export type { OpenRecording, TimingFault };

/**
 * When the samples of a recording are due: by their own timestamps (`"original"`), at a rate (`"rate"`), or as fast as they
 * come and can be sent (`"fast"`).
 */
export type Timing = "original" | "rate" | "fast";

/** How to replay a recording. */
export interface ReplayOptions {
  /** When samples are due; default `"original"`. */
  timing?: Timing;
  /** Samples a second, for the timing `"rate"`. */
  rate?: number;
  /** How much faster than recorded, for the timing `"original"`; default 1. */
  speed?: number;
  /** How often the recording is replayed; `Infinity` for ever; default 1. */
  loops?: number;
  /** Called once for each kind of fault that the timestamps have, where they are what samples are due by. */
  onFault?: (fault: TimingFault) => void;
  /** Ends the replay; a wait ends at once. */
  signal?: AbortSignal;
}

/** Samples that are due. */
export interface ReplayStep {
  /** The samples, at least one. */
  samples: readonly Sample[];
  /** How many of them came more than a millisecond after they were due. */
  late: number;
  /** How long after it was due the first one came, in seconds; 0 where nothing says when it was due. */
  delay: number;
}

/** What is later than this was not in time, in milliseconds. */
const tolerance = 1;

/** More overdue samples than these are given in several steps, so that the receiver of the steps can do its work. */
const maximumStep = 1024;

/** How long steps may follow each other without a wait, in milliseconds, before the rest of the program has a turn. */
const longestRun = 10;

/**
 * Replays a recording: gives its samples once more, each when it is due, those that are due together in one step.
 *
 * The first sample is due when it is there, and the time of the others runs from when it has been taken, because what is
 * done for the first time takes longer. Delays do not add up: what is overdue follows at once. By the original timing
 *
 * - a sample is due as long after the first one as its origin timestamp says (that of its reception where it has no
 *   other), divided by the speed,
 * - a sample without a timestamp is due with the one before it,
 * - so is one with an earlier timestamp than that; if it is more than a second earlier, the recording is taken to begin
 *   anew with it, and what follows is due by the time that has passed since,
 * - where no time passes in the recording, its loops follow each other at once.
 *
 * In each loop but the first the timestamps go on, as if the recording began anew one mean interval after its last sample,
 * and so do the sequence numbers. A recording without samples is replayed once, whatever the number of loops.
 *
 * @param open Opens the recording, once a loop
 * @param options When samples are due, and how often
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
  const { timing = "original", rate = NaN, speed = 1, loops = 1, onFault, signal } = options;
  if (timing === "rate" && !(rate > 0)) {
    throw new RangeError(`Cannot replay ${rate} samples a second: it must be above 0`);
  }
  if (!(speed > 0)) throw new RangeError(`Cannot replay at ${speed} times the speed: it must be above 0`);
  /** What the times of all samples count from, in milliseconds. */
  let start: number | undefined;
  /** How many samples were due before. */
  let count = 0;
  /** When the rest of the program had its last turn. */
  let turned = performance.now();

  /** When a sample is due. */
  const dueOf = timing === "rate"
    ? () => (start ?? 0) + count++ * 1000 / rate
    : (elapsed = 0) => (start ?? 0) + elapsed / 1e6 / speed;

  for await (const { samples, elapsed } of loopRecording(open, loops, timing === "original" ? onFault : undefined)) {
    if (signal?.aborted) return;
    let time = performance.now();
    let isFirst = start === undefined;
    start ??= time;
    if (timing === "fast") {
      yield { samples, late: 0, delay: 0 };
      continue;
    }
    let due = dueOf(elapsed[0]);
    for (let next = 0; next < samples.length;) {
      if (due > time || time - turned > longestRun) {
        await (due > time ? waitUntil(due, signal) : takeTurn());
        if (signal?.aborted) return;
        time = turned = performance.now();
      }
      const first = next;
      const delay = time - due;
      let late = 0;
      do {
        if (time - due > tolerance) late++;
        next++;
        if (next < samples.length) due = dueOf(elapsed[next]);
      } while (next < samples.length && due <= time && next - first < maximumStep);
      yield { samples: samples.slice(first, next), late, delay: delay / 1000 };
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
