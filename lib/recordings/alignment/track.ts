/**
 * One recording among those that are aligned: the samples around a point in time.
 *
 * @module
 */

import type { Timestamp, Value } from "../../samples/sample.ts";
import type { TimedSample } from "./in_order.ts";
import { interpolate, type InterpolationMethod, unsetLike } from "./interpolate.ts";
import { compareTimes, nanosecondsBetween } from "./times.ts";

/** Settings of finding values between samples. */
export interface TrackSettings {
  readonly method: InterpolationMethod;
  /** Longest time between two samples, in nanoseconds, within which there are values. */
  readonly maximumGap: number;
  /** Longest time, in nanoseconds, between a sample and a point in time at which it is taken to be. */
  readonly tolerance: number;
  /** Value where there is none; undefined for what {@linkcode unsetLike} says. */
  readonly fill?: Value | undefined;
}

/** A recording that is followed through time. */
export class Track {
  readonly #batches: AsyncIterator<readonly TimedSample[], void, undefined>;
  readonly #settings: TrackSettings;
  #batch: readonly TimedSample[] = [];
  #index = 0;
  #hasEnded = false;
  #previous: TimedSample | undefined;
  #next: TimedSample | undefined;
  /** Nanoseconds between the two; from one sample to the next it is asked for many times. */
  #gap = 0;
  #width: number | undefined;
  #gaps = 0;
  #wide = 0;
  #beginsFrame = false;
  #beginsSimulation = false;

  /**
   * Creates the track, before its first sample.
   *
   * @param samples The samples in batches, in order
   * @param settings How to find values between them
   * @param width Number of values; default: those that the first sample has
   */
  constructor(samples: AsyncIterable<readonly TimedSample[]>, settings: TrackSettings, width?: number) {
    this.#width = width;
    this.#batches = samples[Symbol.asyncIterator]();
    this.#settings = settings;
  }

  /** The first sample after the point in time; undefined behind the last one. */
  get next(): TimedSample | undefined {
    return this.#next;
  }

  /** True if samples have to be read to know the next one. */
  get isStarved(): boolean {
    return this.#next === undefined && !this.#hasEnded;
  }

  /** Number of gaps so far that are too long to be bridged. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Number of samples so far that have more values than they should. */
  get wide(): number {
    return this.#wide;
  }

  /** True if the last sample was some time before a point in time. */
  hasEndedBefore(time: Timestamp): boolean {
    return this.#next === undefined && this.#hasEnded && !this.#isSimultaneous(time);
  }

  /** Reads samples, where the next one is not known. */
  async read(): Promise<void> {
    while (this.isStarved) {
      const { done, value } = await this.#batches.next();
      if (done) this.#hasEnded = true;
      else this.#take(value);
    }
  }

  /**
   * Moves to a point in time that is not before the present one.
   *
   * @param time The point
   * @returns False if samples have to be read first; it is to be called again then
   */
  tryMoveTo(time: Timestamp): boolean {
    while (this.#next !== undefined && compareTimes(this.#next.time, time) <= 0) this.step();
    return !this.isStarved;
  }

  /** Moves to the next sample. */
  step(): void {
    if (this.#next === undefined) return;
    this.#previous = this.#next;
    const { newFrame = false, newSimulation = false, values } = this.#previous.sample;
    if (values.length > (this.#width ?? 0)) this.#wide++;
    this.#beginsFrame ||= newFrame;
    this.#beginsSimulation ||= newSimulation;
    this.#setNext(this.#batch[this.#index++]);
  }

  /** Tells whether there are values at a point in time that is not behind the next sample. */
  covers(time: Timestamp): boolean {
    if (this.#previous === undefined) return false;
    return this.#next !== undefined && !this.#isInGap || this.#isSimultaneous(time);
  }

  /**
   * Adds the values at a point in time that is not behind the next sample to those of a row.
   *
   * @param time The point in time
   * @param row The values of other recordings, to which these are added
   */
  addValues(time: Timestamp, row: Value[]): void {
    const width = this.#width ?? 0;
    const previous = this.#previous?.sample.values ?? [];
    const next = this.#next?.sample.values ?? [];
    if (!this.covers(time)) {
      const { fill } = this.#settings;
      for (let index = 0; index < width; index++) row.push(fill ?? unsetLike(previous[index] ?? next[index] ?? null));
    } else if (this.#isSimultaneous(time)) {
      for (let index = 0; index < width; index++) row.push(previous[index] ?? null);
    } else {
      const part = this.#elapsed(time) / this.#gap;
      const { method } = this.#settings;
      for (let index = 0; index < width; index++) {
        row.push(interpolate(method, previous[index] ?? null, next[index] ?? null, part));
      }
    }
  }

  /** Returns the marks of the samples since it was called last: whether a frame, or a simulation, has begun. */
  takeMarks(): { readonly newFrame: boolean; readonly newSimulation: boolean } {
    const marks = { newFrame: this.#beginsFrame, newSimulation: this.#beginsSimulation };
    this.#beginsFrame = this.#beginsSimulation = false;
    return marks;
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  /** Returns the nanoseconds from the previous sample to a point in time; negative if the sample is behind it. */
  #elapsed(time: Timestamp): number {
    return this.#previous === undefined ? Infinity : nanosecondsBetween(this.#previous.time, time);
  }

  #isSimultaneous(time: Timestamp): boolean {
    return Math.abs(this.#elapsed(time)) <= this.#settings.tolerance;
  }

  /** True if the point in time lies between two samples that are too far from each other. */
  get #isInGap(): boolean {
    return this.#gap > this.#settings.maximumGap;
  }

  #take(batch: readonly TimedSample[]): void {
    this.#batch = batch;
    this.#index = 1;
    this.#width ??= batch[0]?.sample.values.length;
    this.#setNext(batch[0]);
  }

  #setNext(entry: TimedSample | undefined): void {
    this.#next = entry;
    if (entry === undefined || this.#previous === undefined) return;
    this.#gap = nanosecondsBetween(this.#previous.time, entry.time);
    if (this.#isInGap) this.#gaps++;
  }
}
