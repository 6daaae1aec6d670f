/**
 * Samples that were sent and may come back, in memory that does not grow.
 *
 * @module
 */

import type { Timestamp } from "../samples/sample.ts";

/** Status of a sample that was sent. */
export const status = {
  /** It has not come back. */
  pending: 0,
  /** It has come back, but not as it was sent. */
  corrupted: 1,
  /** It has come back as it was sent. */
  returned: 2,
} as const;

/** The last samples that were sent, in a ring: each array has one of their properties, by slot. */
export class PendingSamples {
  /** Time of sending the sample, in milliseconds of `performance.now()`. */
  readonly sentAt: Float64Array;
  /** Whole seconds of its origin timestamp. */
  readonly sec: Float64Array;
  /** Nanoseconds of its origin timestamp. */
  readonly nsec: Float64Array;
  /** The owner that {@linkcode PendingSamples.add} was given. */
  readonly owner: Int32Array;
  /** Its {@linkcode status}. */
  readonly status: Uint8Array;
  readonly #length: number;
  #next = 0;

  /**
   * Creates a ring without samples.
   *
   * @param minimum How many of the last samples it remembers at least
   */
  constructor(minimum: number) {
    this.#length = 2 ** Math.ceil(Math.log2(Math.max(2, minimum)));
    this.sentAt = new Float64Array(this.#length);
    this.sec = new Float64Array(this.#length);
    this.nsec = new Float64Array(this.#length);
    this.owner = new Int32Array(this.#length);
    this.status = new Uint8Array(this.#length);
  }

  /** Sequence number of the next sample: all from 0 up to it were sent. */
  get next(): number {
    return this.#next;
  }

  /** Adds the next sample; returns its sequence number. */
  add(sentAt: number, tsOrigin: Timestamp, owner: number): number {
    const slot = this.#next & (this.#length - 1);
    this.sentAt[slot] = sentAt;
    this.sec[slot] = tsOrigin.sec;
    this.nsec[slot] = tsOrigin.nsec;
    this.owner[slot] = owner;
    this.status[slot] = status.pending;
    return this.#next++;
  }

  /** Finds the slot of a sequence number; undefined where it was never sent, or too many samples were sent since. */
  find(sequence: bigint | number): number | undefined {
    const isKnown = sequence < this.#next && sequence >= Math.max(0, this.#next - this.#length);
    return isKnown ? Number(sequence) & (this.#length - 1) : undefined;
  }
}
