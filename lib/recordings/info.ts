/**
 * Describes a recording in one pass over its samples: times, rate, gaps, and the range of each signal.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters } from "../samples/sequence.ts";
import type { SignalType } from "../samples/signals.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/** Intervals of which the usual one is found. */
const usualIntervals = 1000;

/** An interval that is as many times longer than the usual one is a gap: one sample is missing there. */
const gapFactor = 1.5;

/** Figures of one signal. */
export interface SignalFigures {
  /** Types of its values, and how many have each; `"invalid"` are those that are not set. */
  types: Partial<Record<SignalType | "invalid", number>>;
  /** The smallest and the largest number; exact for integers. Missing where there is none. */
  minimum?: number | bigint;
  /** The largest number. */
  maximum?: number | bigint;
  /** Number of values that are NaN. */
  nan: number;
}

/** What is known of a recording. */
export interface RecordingInfo {
  /** Number of samples. */
  samples: number;
  /** Figures of each signal. */
  signals: SignalFigures[];
  /** The earliest and the latest timestamp of origin, or of reception where there is none of origin. */
  start?: Timestamp;
  /** The latest timestamp. */
  end?: Timestamp;
  /** Samples per second from the first to the last timestamp. */
  rate?: number;
  /** The usual interval between samples in seconds: the median of the first 1000. */
  interval?: number;
  /** Number of intervals that are more than half longer than the usual one, and the longest of them in seconds. */
  gaps: { count: number; longest: number; longestAt?: Timestamp };
  /** Number of samples without a timestamp, with the timestamp of the one before, and with an earlier one. */
  times: { missing: number; repeated: number; backward: number };
  /** Figures of the sequence numbers; undefined where no sample has one. */
  sequence?: SequenceCounters;
}

/**
 * Describes a recording.
 *
 * @param batches The samples in batches
 * @returns What is known of it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeRecording } from "@villas/client/recordings";
 *
 * async function* recording() {
 *   yield [0, 1, 2, 5].map((sec) => ({ tsOrigin: { sec, nsec: 0 }, sequence: BigInt(sec), values: [sec / 2] }));
 * }
 * const info = await describeRecording(recording());
 * assertEquals([info.samples, info.rate, info.gaps.count, info.sequence?.missing], [4, 0.6, 1, 2]);
 * assertEquals([info.signals[0]?.minimum, info.signals[0]?.maximum], [0, 2.5]);
 * ```
 */
export async function describeRecording(batches: AsyncIterable<readonly Sample[]>): Promise<RecordingInfo> {
  const observer = new RecordingObserver();
  for await (const samples of batches) observer.observe(samples);
  return observer.conclude();
}

/** Follows the samples of a recording. */
class RecordingObserver {
  readonly #signals: SignalObserver[] = [];
  readonly #tracker = createSequenceTracker();
  readonly #times = { missing: 0, repeated: 0, backward: 0 };
  readonly #gaps: RecordingInfo["gaps"] = { count: 0, longest: 0 };
  /** Intervals, until there are enough of them to tell the usual one; each with the time that it ends at. */
  #first: { interval: number; end: Timestamp }[] | undefined = [];
  #usual: number | undefined;
  #samples = 0;
  #timed = 0;
  #numbered = 0;
  #last: Timestamp | undefined;
  #start: Timestamp | undefined;
  #end: Timestamp | undefined;

  observe(samples: readonly Sample[]): void {
    this.#samples += samples.length;
    for (const sample of samples) {
      if (sample.sequence !== undefined) {
        this.#numbered++;
        this.#tracker.track(sample);
      }
      this.#observeTime(sample.tsOrigin ?? sample.tsReceived);
      const { values } = sample;
      while (this.#signals.length < values.length) this.#signals.push(new SignalObserver());
      for (let index = 0; index < values.length; index++) this.#signals[index]?.observe(values[index] ?? null);
    }
  }

  conclude(): RecordingInfo {
    this.#settleIntervals();
    const info: RecordingInfo = {
      samples: this.#samples,
      signals: this.#signals.map((signal) => signal.conclude()),
      gaps: this.#gaps,
      times: this.#times,
    };
    if (this.#start !== undefined && this.#end !== undefined) {
      info.start = this.#start;
      info.end = this.#end;
      const span = secondsBetween(this.#end, this.#start);
      if (span > 0) info.rate = (this.#timed - 1) / span;
    }
    if (this.#usual !== undefined) info.interval = this.#usual;
    if (this.#numbered > 0) info.sequence = { ...this.#tracker.counters };
    return info;
  }

  #observeTime(time: Timestamp | undefined): void {
    if (time === undefined) {
      this.#times.missing++;
      return;
    }
    this.#timed++;
    const last = this.#last;
    this.#last = time;
    if (last === undefined) {
      this.#start = this.#end = time;
      return;
    }
    const interval = secondsBetween(time, last);
    if (interval > 0) {
      this.#observeInterval(interval, time);
      if (this.#end === undefined || secondsBetween(time, this.#end) > 0) this.#end = time;
    } else if (interval === 0) {
      this.#times.repeated++;
    } else {
      this.#times.backward++;
      if (this.#start === undefined || secondsBetween(time, this.#start) < 0) this.#start = time;
    }
  }

  #observeInterval(interval: number, end: Timestamp): void {
    if (this.#first === undefined) {
      if (interval > (this.#usual ?? 0) * gapFactor) this.#countGap(interval, end);
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
    for (const { interval, end } of first) if (interval > this.#usual * gapFactor) this.#countGap(interval, end);
  }

  #countGap(interval: number, end: Timestamp): void {
    this.#gaps.count++;
    if (interval <= this.#gaps.longest) return;
    this.#gaps.longest = interval;
    this.#gaps.longestAt = end;
  }
}

/** Follows the values of one signal. Most are floats, which are the fast path. */
class SignalObserver {
  #floats = 0;
  #nan = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #integers = 0;
  #minimumInteger: bigint | undefined;
  #maximumInteger: bigint | undefined;
  #booleans = 0;
  #complex = 0;
  #unset = 0;

  observe(value: Value): void {
    if (typeof value === "number") {
      this.#floats++;
      if (value < this.#minimum) this.#minimum = value;
      if (value > this.#maximum) this.#maximum = value;
      if (value !== value) this.#nan++;
    } else if (typeof value === "bigint") {
      this.#integers++;
      if (this.#minimumInteger === undefined || value < this.#minimumInteger) this.#minimumInteger = value;
      if (this.#maximumInteger === undefined || value > this.#maximumInteger) this.#maximumInteger = value;
    } else if (typeof value === "boolean") {
      this.#booleans++;
    } else if (isComplex(value)) {
      this.#complex++;
    } else {
      this.#unset++;
    }
  }

  conclude(): SignalFigures {
    const counts = {
      float: this.#floats,
      integer: this.#integers,
      boolean: this.#booleans,
      complex: this.#complex,
      invalid: this.#unset,
    };
    const figures: SignalFigures = {
      types: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      nan: this.#nan,
    };
    const least = smaller(this.#minimumInteger, this.#floats > this.#nan ? this.#minimum : undefined);
    const most = larger(this.#maximumInteger, this.#floats > this.#nan ? this.#maximum : undefined);
    if (least !== undefined) figures.minimum = least;
    if (most !== undefined) figures.maximum = most;
    return figures;
  }
}

function smaller(one: bigint | undefined, other: number | undefined): bigint | number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function larger(one: bigint | undefined, other: number | undefined): bigint | number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
