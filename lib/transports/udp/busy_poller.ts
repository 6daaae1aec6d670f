/**
 * Polls a socket instead of waiting for it: a process that never sleeps is not woken late.
 *
 * The system takes 10 to 30 µs to wake a process that waits, and milliseconds where another one has its core. Asking takes
 * a fraction of a microsecond. Between, the rest of the program has its turns, and after a while without datagrams, or where
 * the core is not free, the process waits as others do.
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

/**
 * Number of polls in a row before the rest of the program has its turn: at most 0.2 ms. A turn takes 900 bytes of memory, and
 * who has few of them has few pauses of the garbage collector.
 */
const pollsInTurn = 250;

/** Longest time without a turn of the rest of the program while datagrams are at hand, in milliseconds. */
const longestTurn = 0.2;

/**
 * A turn of polls that takes longer than this, in milliseconds, was interrupted: another program had the core. The system
 * favours a process that sleeps over one that never does, so polling on would answer far later than waiting.
 */
const longestPolling = 1;

/** Shortest and longest time of waiting after an interruption, in milliseconds: it doubles where they follow each other. */
const shortestRest = 10;
const longestRest = 1000;

/** Time of polling behind which an interruption does not follow the last one, in milliseconds. */
const steadyTime = 1000;

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
  readonly #clock: () => number;
  /** Times of the clock. */
  #turnBegan: number;
  #lastArrival: number;
  /** The end of waiting after an interruption. */
  #restEnd = -Infinity;
  /** How long that is, in milliseconds. */
  #rest = 0;

  /**
   * Creates the poller of a source.
   *
   * @param source The source
   * @param options When to stop polling
   * @param clock Returns the time, in milliseconds
   */
  constructor(
    source: Pollable,
    { idleAfter = defaultIdleAfter }: BusyPollOptions = {},
    clock = () => performance.now(),
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#turnBegan = this.#lastArrival = clock();
    this.#idleAfter = idleAfter * 1000;
  }

  /**
   * Polls until something is taken.
   *
   * @param handle Called when something is taken; returns true if it has dealt with it, and polling goes on
   * @returns True if something was taken; false if the source is closed, or it is time to wait for the system
   */
  async poll(handle?: () => boolean): Promise<boolean> {
    const source = this.#source;
    let begin = this.#clock();
    // Datagrams that are always at hand would keep everything else from its turn.
    if (begin - this.#turnBegan > longestTurn) begin = await this.#giveTurn();
    if (begin < this.#restEnd) return source.take();
    while (!source.isClosed()) {
      for (let polls = 0; polls < pollsInTurn; polls++) {
        if (!source.take()) continue;
        this.#lastArrival = this.#turnBegan; // a fraction of a millisecond early, without asking the clock
        if (handle === undefined || !handle()) return true;
        begin = this.#clock(); // what has been done was no interruption
        if (begin - this.#turnBegan > longestTurn) break;
      }
      const end = this.#clock();
      if (end - begin > longestPolling) {
        this.#beginRest(end);
        return false;
      }
      begin = await this.#giveTurn();
      if (begin - this.#lastArrival > this.#idleAfter) return false;
    }
    return false;
  }

  /** Waits for the system for a while: the core is not free. */
  #beginRest(time: number): void {
    const isSteady = time - this.#restEnd > steadyTime;
    this.#rest = isSteady ? shortestRest : Math.min(2 * this.#rest, longestRest);
    this.#restEnd = time + this.#rest;
  }

  /** Polls again from now on: after a wait, a datagram has come. */
  resume(): void {
    this.#lastArrival = this.#clock();
  }

  /** Gives the rest of the program its turn; returns the time after it. */
  async #giveTurn(): Promise<number> {
    await yieldToEventLoop();
    return this.#turnBegan = this.#clock();
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
