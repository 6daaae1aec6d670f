/**
 * Polls a socket instead of waiting for it: a process that never sleeps is not woken late.
 *
 * The system takes 10 to 30 µs to wake a process that waits, and milliseconds where another one has its core. Asking takes
 * a fraction of a microsecond. Between, the rest of the program has its turns, and after a while without datagrams, or where
 * the core is not free, the process waits as others do.
 *
 * @module
 */

import { nextAwaitedTime, yieldToEventLoop } from "../../system/wait.ts";
import { countProcessors, loadLibc } from "./libc.ts";

/** Settings of polling for datagrams instead of waiting. */
export interface BusyPollOptions {
  /**
   * Time without a datagram after which the process waits for the next one, in seconds, above 0; default 0.1. That one is
   * received as late as without polling.
   */
  idleAfter?: number;
}

/** Number of polls, which take some 20 µs, between two looks at the clock. */
const pollsPerLook = 50;

/**
 * Time after which the rest of the program has its turn, in milliseconds. A turn takes 10 µs and 500 bytes of memory: who has
 * few of them has few pauses of the garbage collector.
 */
const longestTurn = 0.2;

/**
 * Polls that take longer than this from one look at the clock to the next, in milliseconds, were interrupted: another program
 * had the core, or the machine had none.
 */
const longestPolling = 1;

/**
 * An interruption that comes this soon after the last one, or after the wait that followed it, in milliseconds, means that
 * another program wants the core for long. The system favours a process that sleeps over one that never does, so polling on
 * would answer far later than waiting.
 */
const soonAfter = 20;

/** Shortest and longest time of waiting after interruptions, in milliseconds: it doubles where they follow each other. */
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
  #interrupted = -Infinity;
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
    let time = this.#clock();
    // Datagrams that are always at hand would keep everything else from its turn.
    if (time - this.#turnBegan > longestTurn) time = await this.#giveTurn();
    if (time < this.#restEnd) return source.take();
    while (!source.isClosed()) {
      for (let polls = 1; time - this.#turnBegan <= longestTurn && time < nextAwaitedTime(); polls++) {
        const isTaken = source.take();
        if (!isTaken && polls % pollsPerLook !== 0) continue;
        const before = time;
        time = this.#clock();
        const isDisturbed = time - before > longestPolling && this.#mustRest(time);
        if (isTaken) {
          this.#lastArrival = time;
          if (handle === undefined || !handle()) return true;
          time = this.#clock(); // what has been done was no interruption
        }
        if (isDisturbed) return false;
      }
      time = await this.#giveTurn();
      if (time - this.#lastArrival > this.#idleAfter) return false;
    }
    return false;
  }

  /** Takes note of an interruption that has just ended; returns whether to wait for the system, because the core is not free. */
  #mustRest(time: number): boolean {
    const sinceLast = time - Math.max(this.#interrupted, this.#restEnd);
    this.#interrupted = time;
    if (sinceLast > soonAfter) return false; // a short visit, or a moment that the machine itself was not there
    const isSteady = time - this.#restEnd > steadyTime;
    this.#rest = isSteady ? shortestRest : Math.min(2 * this.#rest, longestRest);
    this.#restEnd = time + this.#rest;
    return true;
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
