/**
 * Grids of time: the multiples of a period since 1970, each rounded to the nearest nanosecond.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import type { SampleRate } from "./rate.ts";

const nanosecondsPerSecond = 1_000_000_000;

/**
 * A grid of time, and a point on it.
 *
 * The points are the multiples of the period since 1970-01-01T00:00:00Z: recordings of different labs meet on the same ones,
 * and so do whole seconds where the rate is a whole number of hertz. A point is rounded from the exact fraction, not from the
 * point before it: after any number of steps the error is at most half a nanosecond.
 */
export class TimeGrid {
  readonly #rate: SampleRate;
  /** Denominator of the fractions of a nanosecond: twice the steps, as half of one is what rounding adds. */
  readonly #denominator: number;
  /** One period: seconds, nanoseconds, and the fraction of a nanosecond. */
  readonly #period: { readonly sec: number; readonly nsec: number; readonly fraction: number };
  #sec = 0;
  #nsec = 0;
  #fraction = 0;
  #index = 0n;

  /** Creates the grid, at its first point. */
  constructor(rate: SampleRate) {
    this.#rate = rate;
    const denominator = 2n * rate.steps;
    const period = 2n * rate.nanoseconds;
    this.#denominator = Number(denominator);
    this.#period = { ...split(period / denominator), fraction: Number(period % denominator) };
    this.#place(0n);
  }

  /** Number of the point; the first one, in 1970, is 0. */
  get index(): bigint {
    return this.#index;
  }

  /** The time of the point. */
  get time(): Timestamp {
    return { sec: this.#sec, nsec: this.#nsec };
  }

  /** Moves to the first point that is not before a time. */
  seek({ sec, nsec }: Timestamp): void {
    const { steps, nanoseconds } = this.#rate;
    const time = BigInt(sec) * BigInt(nanosecondsPerSecond) + BigInt(nsec);
    // The point n is at floor((2 n nanoseconds + steps) / (2 steps)).
    const least = 2n * steps * time - steps;
    const period = 2n * nanoseconds;
    this.#place(least <= 0n ? 0n : (least + period - 1n) / period);
  }

  /** Moves to the next point. */
  next(): void {
    const { sec, nsec, fraction } = this.#period;
    this.#index++;
    this.#sec += sec;
    this.#nsec += nsec;
    this.#fraction += fraction;
    if (this.#fraction >= this.#denominator) {
      this.#fraction -= this.#denominator;
      this.#nsec++;
    }
    if (this.#nsec >= nanosecondsPerSecond) {
      this.#nsec -= nanosecondsPerSecond;
      this.#sec++;
    }
  }

  #place(index: bigint): void {
    const { steps, nanoseconds } = this.#rate;
    const numerator = 2n * index * nanoseconds + steps;
    const denominator = 2n * steps;
    const { sec, nsec } = split(numerator / denominator);
    this.#index = index;
    this.#sec = sec;
    this.#nsec = nsec;
    this.#fraction = Number(numerator % denominator);
  }
}

function split(nanoseconds: bigint): Timestamp {
  const perSecond = BigInt(nanosecondsPerSecond);
  return { sec: Number(nanoseconds / perSecond), nsec: Number(nanoseconds % perSecond) };
}
