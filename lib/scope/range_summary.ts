/**
 * Summaries of many values, which make it quick to find extremes and means of millions.
 *
 * @module
 */

/** A summary of one channel over a range of samples; values that are not finite count for nothing. */
export interface RangeSummary {
  /** Smallest value; Infinity where there is none. */
  min: number;
  /** Largest value; -Infinity where there is none. */
  max: number;
  /** Number of the sample with the smallest value, or one less than 64 before it. */
  minAt: number;
  /** Number of the sample with the largest value, or one less than 64 before it. */
  maxAt: number;
  /** Sum of the values. */
  sum: number;
  /** Sum of their squares. */
  squares: number;
  /** Number of the values. */
  count: number;
}

/** Numbers of a summary that is kept: smallest, largest, sum, sum of squares, count. */
export const summaryLength = 5;

/** Creates a summary of nothing. */
export function createSummary(): RangeSummary {
  return { min: Infinity, max: -Infinity, minAt: 0, maxAt: 0, sum: 0, squares: 0, count: 0 };
}

/** Makes a summary one of nothing. */
export function resetSummary(summary: RangeSummary): void {
  summary.min = Infinity;
  summary.max = -Infinity;
  summary.minAt = 0;
  summary.maxAt = 0;
  summary.sum = 0;
  summary.squares = 0;
  summary.count = 0;
}

/** Adds values to a summary; `number` is that of the first one. */
export function addValues(
  column: Float64Array,
  slot: number,
  number: number,
  length: number,
  into: RangeSummary,
): void {
  for (let index = 0; index < length; index++) {
    const value = column[slot + index] ?? NaN;
    if (value - value !== 0) continue;
    if (value < into.min) {
      into.min = value;
      into.minAt = number + index;
    }
    if (value > into.max) {
      into.max = value;
      into.maxAt = number + index;
    }
    into.sum += value;
    into.squares += value * value;
    into.count++;
  }
}

/** Writes the summary of some values into a list of summaries. */
export function writeSummary(
  column: Float64Array,
  slot: number,
  length: number,
  summaries: Float64Array,
  at: number,
): void {
  let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0];
  for (let index = slot; index < slot + length; index++) {
    const value = column[index] ?? NaN;
    // Infinity and NaN are the values that minus themselves are not 0.
    if (value - value !== 0) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    squares += value * value;
    count++;
  }
  summaries[at] = min;
  summaries[at + 1] = max;
  summaries[at + 2] = sum;
  summaries[at + 3] = squares;
  summaries[at + 4] = count;
}

/** Adds a summary that was written to one that is gathered; `number` is that of its first value. */
export function addSummary(summaries: Float64Array, at: number, number: number, into: RangeSummary): void {
  const [min = Infinity, max = -Infinity] = [summaries[at], summaries[at + 1]];
  if (min < into.min) [into.min, into.minAt] = [min, number];
  if (max > into.max) [into.max, into.maxAt] = [max, number];
  into.sum += summaries[at + 2] ?? 0;
  into.squares += summaries[at + 3] ?? 0;
  into.count += summaries[at + 4] ?? 0;
}
