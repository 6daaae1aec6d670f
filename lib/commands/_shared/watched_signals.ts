/**
 * The signals of a link as they are watched: the newest values, their extremes, and their course in the last seconds.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";

/** Number of steps of a course, and how long each is, in seconds. */
export const courseSteps = 40;
const stepSeconds = 0.25;

/** More values of a sample than these are not watched: no screen has as many lines. */
const maximumSignals = 1024;

/** One signal that is watched. */
export interface WatchedSignal {
  /** Its name. */
  readonly name: string;
  /** Its unit; empty where it is unknown. */
  readonly unit: string;
  /** The newest value; undefined before the first, and null where it was not set. */
  readonly value: Value | undefined;
  /** Smallest and largest number so far; of a complex signal, magnitude; undefined before the first. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Means of the last steps, the newest last; undefined for those without a value. */
  readonly course: readonly (number | undefined)[];
}

/** The figures of one signal. */
class Track {
  value: Value | undefined;
  min: number | undefined;
  max: number | undefined;
  /** Means and counts of the steps, in a ring. */
  readonly means = new Float64Array(courseSteps);
  readonly counts = new Uint32Array(courseSteps);
}

/** Follows the values of samples. */
export class WatchedSignals {
  readonly #signals: readonly Signal[] | undefined;
  #described: readonly Signal[] | undefined;
  readonly #indices: readonly number[] | undefined;
  readonly #tracks: Track[] = [];
  /** Number of the step that is being filled. */
  #step = 0;

  /**
   * Creates the watch.
   *
   * @param signals The signals, if they are known
   * @param indices Indices of the values to watch; default: all
   */
  constructor(signals: readonly Signal[] | undefined, indices?: readonly number[]) {
    this.#signals = signals;
    this.#indices = indices;
  }

  /** Takes names and units from the other end, as a PMU gives them; those that were known before stay. */
  describe(signals: readonly Signal[] | undefined): void {
    this.#described = signals;
  }

  /**
   * Adds samples.
   *
   * @param samples The samples
   * @param elapsed Seconds since the beginning
   */
  record(samples: readonly Sample[], elapsed: number): void {
    this.#advance(elapsed);
    const place = this.#step % courseSteps;
    for (const { values } of samples) {
      const count = Math.min(this.#indices?.length ?? values.length, maximumSignals);
      for (let row = 0; row < count; row++) {
        const value = values[this.#indices?.[row] ?? row];
        if (value === undefined) continue;
        const track = this.#tracks[row] ??= new Track();
        track.value = value;
        const number = toNumber(value);
        if (number === undefined) continue;
        track.min = Math.min(track.min ?? number, number);
        track.max = Math.max(track.max ?? number, number);
        // No sum, which the largest numbers have not, and whose rounding gives a signal that stands still a course.
        const total = track.counts[place] = (track.counts[place] ?? 0) + 1;
        const mean = track.means[place] ?? 0;
        track.means[place] = total === 1 ? number : mean + (number / total - mean / total);
      }
    }
  }

  /**
   * Returns the signals as they are now.
   *
   * @param elapsed Seconds since the beginning
   */
  list(elapsed: number): WatchedSignal[] {
    this.#advance(elapsed);
    return Array.from({ length: this.#tracks.length }, (_, row) => {
      const { value, min, max, means, counts } = this.#tracks[row] ?? new Track();
      const index = this.#indices?.[row] ?? row;
      const { name = `signal${index}`, unit = "" } = (this.#signals ?? this.#described)?.[index] ?? {};
      const course = Array.from({ length: courseSteps }, (_, step) => {
        const place = (this.#step + 1 + step) % courseSteps;
        return counts[place] === 0 ? undefined : means[place];
      });
      return { name, unit, value, min, max, course };
    });
  }

  /** Empties the steps that have passed since the last samples. */
  #advance(elapsed: number): void {
    const step = Math.floor(elapsed / stepSeconds);
    const first = Math.max(this.#step + 1, step - courseSteps + 1);
    for (let passed = first; passed <= step; passed++) {
      for (const track of this.#tracks) {
        track?.means.fill(0, passed % courseSteps, passed % courseSteps + 1);
        track?.counts.fill(0, passed % courseSteps, passed % courseSteps + 1);
      }
    }
    this.#step = Math.max(this.#step, step);
  }
}

/** Returns a value as a number to compare and to draw; undefined where it is none, such as NaN. */
function toNumber(value: Value): number | undefined {
  if (value === null) return undefined;
  const number = isComplex(value) ? Math.hypot(value.real, value.imag) : Number(value);
  return Number.isFinite(number) ? number : undefined;
}
