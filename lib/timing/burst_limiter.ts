/**
 * Catching up: a sender that is late sends what is overdue in short bursts, so that it does not overrun the receiver.
 *
 * @module
 */

import { sleep } from "../system/wait.ts";

/** Lateness above which a datagram is overdue, in seconds: a busy machine is late by some milliseconds all the time. */
const overdue = 0.01;

/** The longest burst at low rates, in datagrams. */
const usualLength = 8;

/** Length of a burst at high rates, in seconds of the rate: more than the pause takes, so that the sender catches up. */
const burstSeconds = 0.009;

/** The pause behind a burst, in milliseconds; a timer takes 1 to 2 ms more. */
const pauseMs = 1;

/** Tells whether a lateness, in seconds, is more than a wait that was a little too long. */
export function isOverdue(lateness: number): boolean {
  return lateness > overdue;
}

/** Overdue datagrams that were sent in bursts. */
export interface BurstFigures {
  /** Number of datagrams that went in bursts of two or more. */
  datagrams: number;
  /** Length of the longest burst, in datagrams. */
  longest: number;
}

/** Limits the bursts of one sender. */
export class BurstLimiter {
  readonly #figures: BurstFigures = { datagrams: 0, longest: 0 };
  #length = 0;

  /** The bursts so far. */
  get figures(): BurstFigures {
    return { ...this.#figures };
  }

  /**
   * Counts a datagram that is about to be sent.
   *
   * @param lateness Time since it was due, in seconds
   * @param rate Datagrams per second of a sender that is not late
   * @returns Whether to send what is prepared, and to {@linkcode pause} then
   */
  add(lateness: number, rate: number): boolean {
    if (!isOverdue(lateness)) {
      this.#length = 0;
      return false;
    }
    this.#length++;
    if (this.#length > 1) this.#figures.datagrams += this.#length === 2 ? 2 : 1;
    if (this.#length > 1 && this.#length > this.#figures.longest) this.#figures.longest = this.#length;
    return this.#length >= Math.max(usualLength, Math.ceil(rate * burstSeconds));
  }

  /** Waits between two bursts. */
  async pause(signal?: AbortSignal): Promise<void> {
    this.#length = 0;
    await sleep(pauseMs, signal);
  }
}
