/**
 * Polls a socket instead of waiting for it: a process that never sleeps is not woken late.
 *
 * The system takes 10 to 30 µs to wake a process that waits, and milliseconds where another one has its core. Asking takes
 * a fraction of a microsecond. Between, the rest of the program has its turns, and after a while without datagrams the
 * process waits as others do.
 *
 * @module
 */

import { yieldToEventLoop } from "../../system/wait.ts";
import { countProcessors, loadLibc } from "./libc.ts";

/** Settings of polling for datagrams instead of waiting. */
export interface BusyPollOptions {
  /**
   * Time without a datagram after which the process waits for the next one, in seconds, above 0; default 0.1. That one is
   * received as late as without polling.
   */
  idleAfter?: number;
}

/** Number of polls in a row before the rest of the program has its turn: at most 0.1 ms. */
const pollsInTurn = 100;

/** Longest time without a turn of the rest of the program while datagrams are at hand, in milliseconds. */
const longestTurn = 0.2;

/** Time without a datagram after which polling ends, in seconds. */
const defaultIdleAfter = 0.1;

/** Source of what is polled for. */
export interface Pollable {
  /** Takes what is there, without waiting; returns whether there was anything. */
  take(): boolean;
  /** True if nothing will ever be there again. */
  isClosed(): boolean;
}

/** Polls for datagrams. */
export class BusyPoller {
  readonly #source: Pollable;
  /** The time without a datagram after which polling ends, in milliseconds. */
  readonly #idleAfter: number;
  /** Times of `performance.now()`. */
  #turnBegan = 0;
  #lastArrival = performance.now();

  /**
   * Creates the poller of a source.
   *
   * @param source The source
   * @param options When to stop polling
   */
  constructor(source: Pollable, { idleAfter = defaultIdleAfter }: BusyPollOptions = {}) {
    this.#source = source;
    this.#idleAfter = idleAfter * 1000;
  }

  /**
   * Polls until something is taken.
   *
   * @returns True if something was taken; false if the source is closed, or it is time to wait for the system
   */
  async poll(): Promise<boolean> {
    const source = this.#source;
    // Datagrams that are always at hand would keep everything else from its turn.
    if (performance.now() - this.#turnBegan > longestTurn) await this.#giveTurn();
    while (!source.isClosed()) {
      for (let polls = 0; polls < pollsInTurn; polls++) {
        if (!source.take()) continue;
        this.#lastArrival = this.#turnBegan; // a fraction of a millisecond early, without asking the clock
        return true;
      }
      await this.#giveTurn();
      if (this.#turnBegan - this.#lastArrival > this.#idleAfter) return false;
    }
    return false;
  }

  /** Polls again from now on: after a wait, a datagram has come. */
  resume(): void {
    this.#lastArrival = performance.now();
  }

  async #giveTurn(): Promise<void> {
    await yieldToEventLoop();
    this.#turnBegan = performance.now();
  }
}

/**
 * Checks that polling is possible and of use, and asks the user for nothing.
 *
 * @throws {Deno.errors.NotSupported} If it is not; the message says why
 * @throws {RangeError} If the time after which it ends is not above 0
 */
export function checkPolling({ idleAfter = defaultIdleAfter }: BusyPollOptions): void {
  if (!(idleAfter > 0)) {
    throw new RangeError(`Cannot use ${idleAfter} as idleAfter: expected a number of seconds above 0`);
  }
  try {
    loadLibc();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    throw cannotPoll(error.message);
  }
  if (countProcessors() < 2) throw cannotPoll("this machine has one core, which the sender and the system need, too");
}

/** Creates the error for polling that is not possible. */
export function cannotPoll(reason: string): Error {
  return new Deno.errors.NotSupported(`Cannot poll for datagrams instead of waiting: ${reason}`);
}
