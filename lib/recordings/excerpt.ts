/**
 * Excerpts of recordings: a part of their time, every n-th sample, some of the values.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/** A point in time: a timestamp, or seconds from the first sample of the recording. */
export type TimePoint = Timestamp | { readonly elapsed: number };

/** The part of a recording. */
export interface ExcerptOptions {
  /** The first time that belongs to it. */
  from?: TimePoint;
  /** The first time that does not belong to it any more. */
  to?: TimePoint;
  /** Takes every n-th sample of that; default 1. */
  every?: number;
  /** Takes the values of these indices, in this order; default: all. */
  indices?: readonly number[];
}

/**
 * Reduces a recording to a part of it.
 *
 * With a time, samples without a timestamp do not belong to it, as nobody knows when they were. Samples count by their
 * timestamps of origin, or of reception where they have no other; a value that is missing in a sample stays unset.
 *
 * @param batches The samples in batches
 * @param options What belongs to the excerpt
 * @returns The samples of the excerpt in batches, none of them empty
 * @throws {RangeError} If `every` is not a whole number of 1 or more
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { excerpt } from "@villas/client/recordings";
 *
 * async function* recording() {
 *   yield [0, 1, 2, 3, 4].map((sec) => ({ tsOrigin: { sec, nsec: 0 }, values: [sec, -sec] }));
 * }
 * const found = await Array.fromAsync(excerpt(recording(), { from: { elapsed: 1 }, to: { sec: 4, nsec: 0 }, indices: [1] }));
 * assertEquals(found.flat().map(({ values }) => values), [[-1], [-2], [-3]]);
 * ```
 */
export async function* excerpt(
  batches: AsyncIterable<Sample[]>,
  options: ExcerptOptions,
): AsyncGenerator<Sample[], void, undefined> {
  const { from, to, every = 1, indices } = options;
  if (!Number.isInteger(every) || every < 1) throw new RangeError(`Cannot take every ${every}-th sample`);
  let first: Timestamp | undefined;
  let count = 0;

  const isBefore = (time: Timestamp, point: TimePoint): boolean =>
    "elapsed" in point ? secondsBetween(time, first ?? time) < point.elapsed : secondsBetween(time, point) < 0;
  const belongs = ({ tsOrigin, tsReceived }: Sample): boolean => {
    if (from === undefined && to === undefined) return true;
    const time = tsOrigin ?? tsReceived;
    if (time === undefined) return false;
    first ??= time;
    return (from === undefined || !isBefore(time, from)) && (to === undefined || isBefore(time, to));
  };

  for await (const samples of batches) {
    const chosen = samples.filter((sample) => belongs(sample) && count++ % every === 0);
    if (chosen.length === 0) continue;
    yield indices === undefined
      ? chosen
      : chosen.map((sample) => ({ ...sample, values: indices.map((index) => sample.values[index] ?? null) }));
  }
}
