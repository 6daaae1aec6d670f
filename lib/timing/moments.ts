/**
 * Moments of many numbers, in one pass.
 *
 * @module
 */

/**
 * Count, extremes, mean and standard deviation of many numbers, each NaN where there are no numbers.
 *
 * @see B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", Technometrics 4 (1962)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Moments } from "@villas/client/timing";
 *
 * const moments = new Moments();
 * for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) moments.record(value);
 * assertEquals([moments.count, moments.mean, moments.standardDeviation], [8, 5, 2]);
 * ```
 */
export class Moments {
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  #mean = 0;
  /** Sum of the squared distances from the mean, kept up to date as the mean moves. */
  #squares = 0;

  /** Number of numbers. */
  get count(): number {
    return this.#count;
  }

  /** The smallest. */
  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  /** The mean. */
  get mean(): number {
    return this.#count === 0 ? NaN : this.#mean;
  }

  /** The largest. */
  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /** The standard deviation: the root of the mean squared distance from the mean. */
  get standardDeviation(): number {
    return this.#count === 0 ? NaN : Math.sqrt(this.#squares / this.#count);
  }

  /**
   * Adds a number.
   *
   * @param value The number, which is finite
   */
  record(value: number): void {
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }
}
