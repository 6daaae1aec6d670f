/**
 * The times of the samples of a COMTRADE record: by its sampling rates, or by the stamps of the samples.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import type { Configuration } from "./config.ts";

/** A stamp that is missing. */
export const missingStamp = 0xffff_ffff;

/** Stamps are unsigned and have 32 bits: beyond, they begin again. */
const stampRange = 2 ** 32;

/**
 * Tells the time of each sample of a record.
 *
 * With a sampling rate other than 0 the stamps do not count: the first sample is taken at the start, each one after it an
 * interval of its rate later. With rate 0 they count from the start, in microseconds or nanoseconds times the factor of
 * the record; where they fall by more than half of their range, they have begun again.
 *
 * @see IEEE C37.111-2013, 7.4.8 (sampling rates), 7.4.9 (time stamps), 8.4 (data)
 */
export class RecordClock {
  readonly #configuration: Configuration;
  /** Index of the rate of the sample taken last. */
  #rateIndex = 0;
  /** Number of intervals at this rate so far, and the seconds before them. */
  #intervals = -1;
  #base = 0;
  /** The last stamp, and the ranges that were passed, in units of the stamps. */
  #lastStamp = 0;
  #wrapped = 0;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /**
   * Returns the time of the next sample.
   *
   * @param number Its number in the record, from 1, by its place in the data
   * @param stamp Its time stamp; NaN if it is missing
   * @returns The time; undefined if the record does not tell it
   */
  next(number: number, stamp: number): Timestamp | undefined {
    const { rates, stampUnit, timeMultiplier } = this.#configuration;
    let rate = rates[this.#rateIndex];
    while (rate !== undefined && number > rate.lastSample && this.#rateIndex < rates.length - 1) {
      // The intervals of the rate before lead to its last sample.
      this.#base += this.#intervals > 0 ? this.#intervals / rate.rate : 0;
      this.#intervals = Math.min(this.#intervals, 0);
      rate = rates[++this.#rateIndex];
    }
    if (rate !== undefined && rate.rate > 0) {
      this.#intervals++;
      return this.#after(this.#base + this.#intervals / rate.rate);
    }
    if (Number.isNaN(stamp)) return undefined;
    if (this.#lastStamp - stamp > stampRange / 2) this.#wrapped += stampRange;
    this.#lastStamp = stamp;
    const perSecond = 1e9 / stampUnit;
    const units = (this.#wrapped + stamp) * timeMultiplier;
    const seconds = Math.floor(units / perSecond);
    return this.#after(seconds, Math.round((units - seconds * perSecond) * stampUnit));
  }

  #after(seconds: number, nanoseconds = 0): Timestamp {
    const { start } = this.#configuration;
    const whole = Math.floor(seconds);
    const nsec = start.nsec + nanoseconds + Math.round((seconds - whole) * 1e9);
    const carry = Math.floor(nsec / 1e9);
    return { sec: start.sec + whole + carry, nsec: nsec - carry * 1e9 };
  }
}
