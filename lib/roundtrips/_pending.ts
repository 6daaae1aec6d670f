/**
 * Remembers samples that were sent, for as long as they may come back, in memory that does not grow.
 *
 * @module
 */

import type { Timestamp } from "../samples/sample.ts";

/** What is known about a sample that was sent. */
export const fate = {
  /** It has not come back. */
  pending: 0,
  /** It has come back, but not as it was sent. */
  corrupted: 1,
  /** It has come back as it was sent. */
  returned: 2,
} as const;

/** The last samples that were sent. What is known about one stands in each array at its place. */
export interface PendingSamples {
  /** The sequence number of the next sample: all from 0 up to it were sent. */
  readonly next: number;
  /** When it was sent, in milliseconds of `performance.now()`. */
  readonly sentAt: Float64Array;
  /** Its origin timestamp, whole seconds. */
  readonly sec: Float64Array;
  /** Its origin timestamp, nanoseconds. */
  readonly nsec: Float64Array;
  /** Whose it is: a number that {@linkcode PendingSamples.add} was given. */
  readonly owner: Int32Array;
  /** What has become of it: a {@linkcode fate}. */
  readonly fate: Uint8Array;
  /** Takes the next sample; its sequence number. */
  add(sentAt: number, tsOrigin: Timestamp, owner: number): number;
  /** The place of a sequence number; undefined where it was never sent, or too many others were sent since. */
  find(sequence: bigint | number): number | undefined;
}

/**
 * Makes a memory of samples.
 *
 * @param atLeast How many of the last samples it has to remember
 */
export function createPendingSamples(atLeast: number): PendingSamples {
  const length = 2 ** Math.ceil(Math.log2(Math.max(2, atLeast)));
  const mask = length - 1;
  const sentAt = new Float64Array(length);
  const sec = new Float64Array(length);
  const nsec = new Float64Array(length);
  const owner = new Int32Array(length);
  const fates = new Uint8Array(length);
  let next = 0;
  return {
    get next() {
      return next;
    },
    sentAt,
    sec,
    nsec,
    owner,
    fate: fates,
    add(at, tsOrigin, whose) {
      const place = next & mask;
      sentAt[place] = at;
      sec[place] = tsOrigin.sec;
      nsec[place] = tsOrigin.nsec;
      owner[place] = whose;
      fates[place] = fate.pending;
      return next++;
    },
    find(sequence) {
      return sequence < next && sequence >= Math.max(0, next - length) ? Number(sequence) & mask : undefined;
    },
  };
}
