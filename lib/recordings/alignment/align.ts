/**
 * Recordings on one time: a recording at another rate, or several ones side by side.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import { TimeGrid } from "./grid.ts";
import { inOrder, type OrderCounters } from "./in_order.ts";
import type { InterpolationMethod } from "./interpolate.ts";
import type { SampleRate } from "./rate.ts";
import { compareTimes, nanosecondsBetween } from "./times.ts";
import { Track } from "./track.ts";

/** Options of aligning recordings. */
export interface AlignOptions {
  /**
   * Rate of the samples: they are at the multiples of its period since 1970, rounded to nanoseconds. Default: the times of
   * all recordings.
   */
  rate?: SampleRate | undefined;
  /** Method of finding values between two samples of a recording; default `"linear"`. */
  method?: InterpolationMethod | undefined;
  /**
   * Longest time between two samples of a recording, in seconds, within which it has values. Default: 1,000,000 periods of
   * the rate; without a rate, any time.
   */
  maximumGap?: number | undefined;
  /**
   * Longest time between samples of different recordings, in seconds, that counts as none: they make one sample, at the time
   * of the first of them. Default 0. It means nothing with a rate.
   */
  tolerance?: number | undefined;
  /**
   * The time of the result: that which all recordings have in common (`"inner"`), or that of any of them (`"outer"`);
   * default `"inner"`.
   */
  range?: "inner" | "outer" | undefined;
  /** Value where a recording has none; default: NaN for floats and complex numbers, unset for integers and booleans. */
  fill?: Value | undefined;
}

/** A recording that is to be aligned. */
export interface UnalignedRecording {
  /** Its samples. */
  readonly batches: AsyncIterable<readonly Sample[]>;
  /** Number of its values; what a sample has beyond them is left out. Default: those that the first sample has. */
  readonly width?: number | undefined;
}

/** Counts of an alignment: its result, and what it could not use. */
export interface AlignmentCounters extends OrderCounters {
  /** Samples of the result. */
  samples: number;
  /** Times between two samples that were too long to find values in them. */
  gaps: number;
  /** Samples with more values than their recording has signals; the surplus ones are left out. */
  wide: number;
}

/** Recordings that are being aligned. */
export interface Alignment {
  /** Counts so far. */
  readonly counters: Readonly<AlignmentCounters>;
  /** Reads the aligned samples in batches, none of them empty, in constant memory. It may be called once. */
  batches(): AsyncGenerator<Sample[], void, undefined>;
}

/** Number of samples in a batch. */
const batchLength = 1024;

/** Default of the longest gap, in periods of the rate: a step of the clock must not fill the disk. */
const defaultGap = 1_000_000;

/**
 * Aligns recordings: each sample of the result has the values of all of them, one recording behind the other.
 *
 * Samples count by their timestamps of origin, or of reception where they have no other. Those out of order find their place
 * within 64 samples; those that come later than that, have the time of another sample of the same recording, or have no
 * time, are left out and counted. Values between samples are found as {@linkcode AlignOptions.method} says; of integers and
 * booleans it is the earlier or the nearer one. The result is numbered from 0; at a rate, the numbers count periods, so that
 * missing ones show where nothing was found. The marks of new frames and simulations go to the next sample; times of
 * reception do not.
 *
 * @param recordings The recordings
 * @param options The times of the result, and how to find values there
 * @returns The result, which reads the recordings as it is read
 *
 * @example A recording of 2 Hz at 4 Hz
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { align, parseSampleRate } from "@villas/client/recordings";
 *
 * async function* recording() {
 *   yield [0, 500_000_000].map((nsec) => ({ tsOrigin: { sec: 1, nsec }, values: [nsec / 1e6, nsec > 0] }));
 * }
 * const { batches } = align([{ batches: recording() }], { rate: parseSampleRate("4Hz") });
 * assertEquals((await Array.fromAsync(batches())).flat(), [
 *   { sequence: 0n, tsOrigin: { sec: 1, nsec: 0 }, values: [0, false] },
 *   { sequence: 1n, tsOrigin: { sec: 1, nsec: 250_000_000 }, values: [250, false] },
 *   { sequence: 2n, tsOrigin: { sec: 1, nsec: 500_000_000 }, values: [500, true] },
 * ]);
 * ```
 */
export function align(recordings: readonly UnalignedRecording[], options: AlignOptions = {}): Alignment {
  const aligner = new Aligner(recordings, options);
  return {
    get counters() {
      return aligner.counters;
    },
    batches: () => aligner.batches(),
  };
}

/** Samples of a recording have to be read first. */
type Starved = "starved";

class Aligner {
  /** The grid, at the point of the next sample; undefined where the times are those of the recordings. */
  readonly #grid: TimeGrid | undefined;
  /** In nanoseconds. */
  readonly #tolerance: number;
  readonly #isInner: boolean;
  readonly #tracks: readonly Track[];
  readonly #order: OrderCounters = { untimed: 0, repeated: 0, late: 0 };
  /** Number of samples so far, and that of the first one's point on the grid. */
  #count = 0;
  #first: bigint | undefined;

  constructor(recordings: readonly UnalignedRecording[], options: AlignOptions) {
    const { rate, method = "linear", range = "inner" } = options;
    this.#grid = rate && new TimeGrid(rate);
    // On a grid, nothing but the grid says which samples are at the same time.
    this.#tolerance = rate === undefined ? Math.round((options.tolerance ?? 0) * 1e9) : 0;
    this.#isInner = range === "inner";
    const longest = rate === undefined ? Infinity : defaultGap * Number(rate.nanoseconds) / Number(rate.steps);
    const maximumGap = options.maximumGap === undefined ? longest : Math.round(options.maximumGap * 1e9);
    const settings = { method, maximumGap, tolerance: this.#tolerance, fill: options.fill };
    this.#tracks = recordings.map(({ batches, width }) => new Track(inOrder(batches, this.#order), settings, width));
  }

  get counters(): AlignmentCounters {
    const gaps = this.#tracks.reduce((sum, track) => sum + track.gaps, 0);
    const wide = this.#tracks.reduce((sum, track) => sum + track.wide, 0);
    return { samples: this.#count, ...this.#order, gaps, wide };
  }

  async *batches(): AsyncGenerator<Sample[], void, undefined> {
    try {
      const start = await this.#begin();
      if (start === undefined) return;
      this.#grid?.seek(start);
      let batch: Sample[] = [];
      for (;;) {
        const sample = this.#grid === undefined ? this.#nextMerged() : this.#nextOf(this.#grid);
        if (sample === undefined) break;
        if (sample === "starved") {
          for (const track of this.#tracks) await track.read();
        } else if (batch.push(sample) === batchLength) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    } finally {
      for (const track of this.#tracks) await track.close();
    }
  }

  /** Reads the first sample of each recording; returns the first time of the result, if it has any. */
  async #begin(): Promise<Timestamp | undefined> {
    for (const track of this.#tracks) await track.read();
    const firsts = this.#tracks.map(({ next }) => next?.time);
    const known = firsts.filter((time) => time !== undefined).sort(compareTimes);
    if (!this.#isInner) return known[0];
    const start = known.length === firsts.length ? known.at(-1) : undefined;
    if (start === undefined) return undefined;
    for (const track of this.#tracks) {
      while (track.next !== undefined && compareTimes(track.next.time, start) < 0) {
        track.step();
        if (track.isStarved) await track.read();
      }
    }
    return start;
  }

  /** Creates the sample at the next point of a grid; undefined at the end. */
  #nextOf(grid: TimeGrid): Sample | Starved | undefined {
    for (;;) {
      const { time } = grid;
      for (const track of this.#tracks) if (!track.tryMoveTo(time)) return "starved";
      if (this.#isInner && this.#tracks.some((track) => track.hasEndedBefore(time))) return undefined;
      if (this.#tracks.some((track) => track.covers(time))) {
        this.#first ??= grid.index;
        const sample = this.#createSample(time, grid.index - this.#first);
        grid.next();
        return sample;
      }
      const next = this.#nextTime();
      if (next === undefined) return undefined;
      grid.seek(next);
    }
  }

  /** Creates the sample at the next time at which a recording has one; undefined at the end. */
  #nextMerged(): Sample | Starved | undefined {
    if (this.#tracks.some(({ isStarved }) => isStarved)) return "starved";
    const time = this.#nextTime();
    if (time === undefined) return undefined;
    if (this.#isInner && this.#tracks.some((track) => track.hasEndedBefore(time))) return undefined;
    for (const track of this.#tracks) {
      if (track.next !== undefined && nanosecondsBetween(time, track.next.time) <= this.#tolerance) track.step();
    }
    return this.#createSample(time, BigInt(this.#count));
  }

  /** Returns the time of the next sample of any recording. */
  #nextTime(): Timestamp | undefined {
    let earliest: Timestamp | undefined;
    for (const { next } of this.#tracks) {
      if (next !== undefined && (earliest === undefined || compareTimes(next.time, earliest) < 0)) earliest = next.time;
    }
    return earliest;
  }

  #createSample(time: Timestamp, sequence: bigint): Sample {
    this.#count++;
    const values: Value[] = [];
    const sample: Sample = { sequence, tsOrigin: time, values };
    for (const track of this.#tracks) {
      track.addValues(time, values);
      const { newFrame, newSimulation } = track.takeMarks();
      if (newFrame) sample.newFrame = true;
      if (newSimulation) sample.newSimulation = true;
    }
    return sample;
  }
}
