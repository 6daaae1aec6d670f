/**
 * Reduction of a part of the history to what a screen can show: its samples where they are few, else the smallest and the
 * largest value of each pixel.
 *
 * @module
 */

import type { SampleHistory, TimeBase } from "./history.ts";
import { createSummary } from "./range_summary.ts";

/** A part of the history to show. */
export interface ReductionRequest {
  /** The clock to go by. */
  readonly timebase: TimeBase;
  /** Beginning of the window, in seconds since the epoch of that clock. */
  readonly from: number;
  /** End of the window, in the same seconds. */
  readonly to: number;
  /** Time that one pixel takes, in seconds. */
  readonly width: number;
  /** Indices of the channels. */
  readonly channels: readonly number[];
  /** The reduction that the last answer had, which this one continues. */
  readonly mode?: ReductionMode | undefined;
  /** The mark of the last answer, which this one continues; without it, it begins at the beginning of the window. */
  readonly cursor?: number | undefined;
}

/** The samples themselves, or the extremes of each pixel. */
export type ReductionMode = "samples" | "extremes";

/** Rows of a picture, ordered by time. Values that are not finite are gaps. */
export interface Reduction {
  /** Kind of the rows. */
  readonly mode: ReductionMode;
  /** Mark from which the next request can continue. */
  readonly cursor: number;
  /** Rows of earlier answers from this time on are replaced; -Infinity where all are. */
  readonly replacesFrom: number;
  /** Time of each row. */
  readonly times: Float64Array;
  /** Values of each channel, one for each row. */
  readonly values: readonly Float64Array[];
}

/** So many times more samples than pixels are sent as they are, lest a picture at the limit changes all the time. */
const stickiness = 2;

/** A page may ask for no more pixels than this. */
const maximumBuckets = 16_384;

/**
 * Reduces a part of the history.
 *
 * Pixels are counted from the epoch, so that those of the next picture are the same ones, and only new ones need to be
 * sent: the answer continues an earlier one where the request has its mode and cursor.
 *
 * @param history The samples
 * @param request The part
 * @returns Its rows: in the mode `"extremes"` two for each pixel with samples, the extremes in the order in which they
 * occurred
 *
 * @example Ten thousand samples on a hundred pixels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reduceHistory, SampleHistory } from "@villas/client/scope";
 *
 * const history = new SampleHistory();
 * history.push(Array.from({ length: 10_000 }, (_, i) => ({
 *   tsOrigin: { sec: 0, nsec: i * 100_000 },
 *   values: [i === 5000 ? 99 : 1],
 * })));
 * const { mode, times, values } = reduceHistory(history, {
 *   ...{ timebase: "origin", from: 0, to: 1, width: 0.01, channels: [0] },
 * });
 * assertEquals([mode, times.length, Math.max(...values[0] ?? [])], ["extremes", 200, 99]);
 * ```
 */
export function reduceHistory(history: SampleHistory, request: ReductionRequest): Reduction {
  const { timebase, from, to, width, mode } = request;
  const begin = Math.max(history.first, history.indexAt(timebase, from) - 1);
  const end = Math.min(history.end, history.indexAt(timebase, to) + 1);
  // Exactly the width that was asked for, so that the pixels of one picture are those of the next.
  const pixelWidth = Math.max(width, (to - from) / maximumBuckets);
  const isFew = end - begin <= (to - from) / pixelWidth * (mode === "samples" ? 2 * stickiness : 2);
  return isFew ? copySamples(history, request, begin, end) : findExtremes(history, request, begin, end, pixelWidth);
}

/** Copies the samples, with a row of gaps where some are missing. */
function copySamples(history: SampleHistory, request: ReductionRequest, begin: number, end: number): Reduction {
  const { timebase, channels, mode, cursor } = request;
  const continues = mode === "samples" && cursor !== undefined && cursor >= begin && cursor <= history.end;
  // Late samples may have moved the last ones.
  const start = continues ? Math.max(begin, cursor - 64) : begin;
  const numbers = Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
  const isOrdered = numbers.every((number, index) =>
    index === 0 || history.timeAt(timebase, number) >= history.timeAt(timebase, number - 1)
  );
  if (!isOrdered) numbers.sort((a, b) => history.timeAt(timebase, a) - history.timeAt(timebase, b));
  const rows: number[] = [];
  for (const [index, number] of numbers.entries()) {
    if ((index > 0 || start > begin) && history.hasGapBefore(number)) rows.push(-number);
    rows.push(number);
  }
  const timeOf = (number: number) => history.timeAt(timebase, number);
  return {
    mode: "samples",
    cursor: end,
    replacesFrom: continues && start > begin ? (timeOf(start - 1) + timeOf(start)) / 2 : -Infinity,
    times: Float64Array.from(rows, (row) => row > 0 || row === 0 ? timeOf(row) : (timeOf(-row) + timeOf(-row - 1)) / 2),
    values: channels.map((channel) => Float64Array.from(rows, (row) => row < 0 ? NaN : history.valueAt(channel, row))),
  };
}

/** Finds the smallest and the largest value of each pixel. */
function findExtremes(
  history: SampleHistory,
  { timebase, to, channels, mode, cursor }: ReductionRequest,
  begin: number,
  end: number,
  width: number,
): Reduction {
  const bucketOf = (number: number) => Math.floor(history.timeAt(timebase, number) / width);
  const firstBucket = bucketOf(begin);
  const lastBucket = Math.min(bucketOf(end - 1), Math.ceil(to / width));
  const continues = mode === "extremes" && cursor !== undefined && cursor >= firstBucket && cursor <= lastBucket;
  // One more than the last one, which was not complete: a late sample may have come before it.
  const start = continues ? Math.max(firstBucket, cursor - 1) : firstBucket;
  const rows = Math.max(0, lastBucket - start + 1) * 3;
  const times = new Float64Array(rows);
  const values = channels.map(() => new Float64Array(rows));
  const summary = createSummary();
  let row = 0;
  // From the beginning of the pixel, not of the window: its extremes are those of the next picture.
  let number = history.indexAt(timebase, start * width);
  for (let bucket = start; bucket <= lastBucket && number < end; bucket++) {
    const next = Math.min(end, bucket === lastBucket ? end : history.indexAt(timebase, (bucket + 1) * width));
    if (next <= number) continue;
    if (row > 0 || continues) {
      if (hasGap(history, number, next)) {
        times[row] = bucket * width;
        for (const column of values) column[row] = NaN;
        row++;
      }
    }
    times[row] = (bucket + 0.25) * width;
    times[row + 1] = (bucket + 0.75) * width;
    for (let index = 0; index < channels.length; index++) {
      const column = values[index];
      if (column === undefined) continue;
      const { min, max, minAt, maxAt, count } = history.summarize(channels[index] ?? -1, number, next, summary);
      column[row] = count === 0 ? NaN : minAt <= maxAt ? min : max;
      column[row + 1] = count === 0 ? NaN : minAt <= maxAt ? max : min;
    }
    row += 2;
    number = next;
  }
  return {
    mode: "extremes",
    cursor: lastBucket,
    replacesFrom: continues ? start * width : -Infinity,
    times: times.subarray(0, row),
    values: values.map((column) => column.subarray(0, row)),
  };
}

function hasGap(history: SampleHistory, from: number, to: number): boolean {
  for (let number = from; number < to; number++) if (history.hasGapBefore(number)) return true;
  return false;
}
