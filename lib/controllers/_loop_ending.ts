/**
 * The end of a loop: what brings it about, and what the run rejects with.
 *
 * @module
 */

import type { ControlEnding } from "./figures.ts";

/** The end of a loop, which comes once. */
export class LoopEnding {
  /** Reason of the end; undefined before. */
  reason: ControlEnding | undefined;
  /** True when it has come; asking the signal takes as long as a short step. */
  isReached = false;
  /** The error that the run rejects with. */
  failure: { readonly error: unknown } | undefined;
  readonly #ended = new AbortController();

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Ends the loop; the first reason counts. */
  end(reason: ControlEnding): void {
    this.reason ??= reason;
    this.isReached = true;
    this.#ended.abort();
  }

  /** Ends the loop with an error. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.end("fault");
  }

  /** Waits for the end. */
  wait(): Promise<void> {
    const { signal } = this;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
}
