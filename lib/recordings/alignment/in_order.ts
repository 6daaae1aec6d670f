/**
 * Samples in the order of their times.
 *
 * @module
 */

import type { Sample, Timestamp } from "../../samples/sample.ts";
import { compareTimes } from "./times.ts";

/** Number of samples within which those out of order find their place. */
export const orderingWindow = 64;

/** Counts of samples that have no place in the order of time. */
export interface OrderCounters {
  /** Samples without a timestamp. */
  untimed: number;
  /** Samples whose time another one has had. */
  repeated: number;
  /** Samples that came more than {@linkcode orderingWindow} samples after one of a later time. */
  late: number;
}

/** A sample, and the time by which it is put into order. */
export interface TimedSample {
  readonly time: Timestamp;
  readonly sample: Sample;
}

/**
 * Puts samples into the order of their timestamps of origin, or of reception where they have no other, as far as that is
 * possible within {@linkcode orderingWindow} samples. Of samples with the same time the first one counts; start and stop
 * marks, which are not data, are left out.
 *
 * @param batches The samples in batches
 * @param counters Counts those that are left out
 * @returns Batches of samples, each later than the one before
 */
export async function* inOrder(
  batches: AsyncIterable<readonly Sample[]>,
  counters: OrderCounters,
): AsyncGenerator<TimedSample[], void, undefined> {
  /** Samples that an earlier one may still come before, in order, behind those that were passed on. */
  let waiting: TimedSample[] = [];
  let passed = 0;
  /** The latest time that was passed on. */
  let last: Timestamp | undefined;

  const insert = (entry: TimedSample): void => {
    let index = waiting.length;
    let order = 1;
    while (index > passed && (order = compareTimes(entry.time, waiting[index - 1]?.time ?? entry.time)) < 0) index--;
    if (index > passed && order === 0) counters.repeated++;
    else if (index === waiting.length) waiting.push(entry);
    else waiting.splice(index, 0, entry);
  };

  for await (const samples of batches) {
    for (const sample of samples) {
      if (sample.type !== undefined) continue;
      const time = sample.tsOrigin ?? sample.tsReceived;
      if (time === undefined) {
        counters.untimed++;
        continue;
      }
      const order = last === undefined ? 1 : compareTimes(time, last);
      if (order < 0) counters.late++;
      else if (order === 0) counters.repeated++;
      else insert({ time, sample });
      if (waiting.length - passed > orderingWindow) last = waiting[passed++]?.time;
    }
    if (passed === 0) continue;
    yield waiting.slice(0, passed);
    waiting = waiting.slice(passed);
    passed = 0;
  }
  if (waiting.length > 0) yield waiting;
}
