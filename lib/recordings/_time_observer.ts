/**
 * Follows the timestamps of a recording: start, end, rate, the usual interval, and gaps.
 *
 * @module
 */

import type { Timestamp } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";
import type { RecordingInfo } from "./recording_info.ts";

/** Intervals of which the usual one is found. */
const usualIntervals = 1000;

/** An interval that is as many times longer than the usual one is a gap: one sample is missing there. */
const gapFactor = 1.5;

/** What the timestamps tell of a recording. */
export type TimeFigures = Pick<RecordingInfo, "start" | "end" | "rate" | "interval" | "gaps" | "times">;

/** Follows timestamps. */
export class TimeObserver {
  readonly #times = { missing: 0, repeated: 0, backward: 0 };
  readonly #gaps: RecordingInfo["gaps"] = { count: 0, longest: 0 };
  /** Intervals, until there are enough of them to tell the usual one; each with the time that it ends at. */
  #first: { interval: number; end: Timestamp }[] | undefined = [];
  #usual: number | undefined;
  /** The longest interval that is not a gap, and the same in nanoseconds, of 31 bits; known once the usual one is. */
  #limit = Infinity;
  #limitNanoseconds = 0;
  #count = 0;
  #lastSec = 0;
  #lastNsec = 0;
  #start: Timestamp | undefined;
  /** The latest timestamp; undefined as long as it is the last one. */
  #end: Timestamp | undefined;

  /** Takes the next sample, which has no timestamp. */
  observeMissing(): void {
    this.#times.missing++;
  }

  /** Takes the timestamp of the next sample. */
  observe(sec: number, nsec: number): void {
    const last = this.#last;
    const time = { sec, nsec };
    const interval = secondsBetween(time, last);
    this.#lastSec = sec;
    this.#lastNsec = nsec;
    this.#count++;
    if (this.#start === undefined) {
      this.#start = time;
    } else if (interval > 0) {
      this.#observeInterval(interval, time);
      if (this.#end !== undefined && secondsBetween(time, this.#end) > 0) this.#end = undefined;
    } else if (interval === 0) {
      this.#times.repeated++;
    } else {
      this.#times.backward++;
      this.#end ??= last;
      if (secondsBetween(time, this.#start) < 0) this.#start = time;
    }
  }

  /** Takes the timestamps of the next samples, as many as it says. */
  observeAll(count: number, sec: Uint32Array, nsec: Uint32Array): void {
    for (let index = 0; index < count; index++) {
      this.observe(sec[index] ?? 0, nsec[index] ?? 0);
      index += this.#skipUsual(index + 1, count, sec, nsec);
    }
  }

  /** Skips intervals that are neither gaps nor steps back, which nearly all are; returns their number. */
  #skipUsual(start: number, end: number, sec: Uint32Array, nsec: Uint32Array): number {
    if (this.#first !== undefined || this.#end !== undefined) return 0;
    const limit = this.#limitNanoseconds;
    let lastSec = sec[start - 1] ?? 0;
    let lastNsec = nsec[start - 1] ?? 0;
    let index = start;
    for (; index < end; index++) {
      const nextSec = sec[index] ?? 0;
      const nextNsec = nsec[index] ?? 0;
      const seconds = nextSec - lastSec | 0;
      const interval = nextNsec - lastNsec + (seconds === 1 ? 1_000_000_000 : 0) | 0;
      if ((seconds !== 0 && seconds !== 1) || interval <= 0 || interval > limit) break;
      lastSec = nextSec;
      lastNsec = nextNsec;
    }
    if (index > start) {
      this.#lastSec = lastSec;
      this.#lastNsec = lastNsec;
      this.#count += index - start;
    }
    return index - start;
  }

  /** Returns what is known at the end. */
  conclude(): TimeFigures {
    this.#settleIntervals();
    const figures: TimeFigures = { gaps: this.#gaps, times: this.#times };
    if (this.#start !== undefined) {
      figures.start = this.#start;
      figures.end = this.#end ?? this.#last;
      const span = secondsBetween(figures.end, this.#start);
      if (span > 0) figures.rate = (this.#count - 1) / span;
    }
    if (this.#usual !== undefined) figures.interval = this.#usual;
    return figures;
  }

  get #last(): Timestamp {
    return { sec: this.#lastSec, nsec: this.#lastNsec };
  }

  #observeInterval(interval: number, end: Timestamp): void {
    if (this.#first === undefined) {
      if (interval > this.#limit) this.#countGap(interval, end);
      return;
    }
    this.#first.push({ interval, end });
    if (this.#first.length === usualIntervals) this.#settleIntervals();
  }

  /** Finds the usual interval, and the gaps among those so far. */
  #settleIntervals(): void {
    const first = this.#first ?? [];
    this.#first = undefined;
    if (first.length === 0) return;
    const sorted = first.map(({ interval }) => interval).sort((a, b) => a - b);
    this.#usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    this.#limit = this.#usual * gapFactor;
    this.#limitNanoseconds = nanosecondsWithin(this.#limit);
    for (const { interval, end } of first) if (interval > this.#limit) this.#countGap(interval, end);
  }

  #countGap(interval: number, end: Timestamp): void {
    this.#gaps.count++;
    if (interval <= this.#gaps.longest) return;
    this.#gaps.longest = interval;
    this.#gaps.longestAt = end;
  }
}

/** Returns the most nanoseconds, up to 2^31 - 1, that are no more than a number of seconds. */
function nanosecondsWithin(seconds: number): number {
  const nearest = Math.min(Math.round(seconds * 1e9), 0x7fff_ffff);
  return nearest / 1e9 > seconds ? nearest - 1 : nearest;
}
