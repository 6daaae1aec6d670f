/**
 * Silence: a time without a sample on any link.
 *
 * @module
 */

import type { ControlLink } from "./_link.ts";

/** Longest time between two looks at a limit that is not set, in milliseconds: a reload may set it. */
const recheckMs = 1000;

/** Calls back when no sample has come for a time, which may change; again after each such time. */
export class IdleWatch {
  readonly #links: readonly ControlLink[];
  readonly #limit: () => number | undefined;
  readonly #callback: (link: ControlLink) => void;
  readonly #started = performance.now();
  /** When it last called back; the time begins anew then. */
  #called = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Begins to watch.
   *
   * @param links The links; those without signals to receive are left out
   * @param limit Returns the longest time without a sample, in seconds; undefined where there is none
   * @param callback Called with the link that has been silent for the longest time
   */
  constructor(
    links: readonly ControlLink[],
    limit: () => number | undefined,
    callback: (link: ControlLink) => void,
  ) {
    this.#links = links.filter(({ isWithoutInputs }) => !isWithoutInputs);
    this.#limit = limit;
    this.#callback = callback;
    this.#check();
  }

  /** Ends watching. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const [first, ...others] = this.#links;
    if (first === undefined) return;
    const limit = this.#limit();
    let left = recheckMs;
    if (limit !== undefined) {
      const oldest = others.reduce((oldest, link) => link.arrival < oldest.arrival ? link : oldest, first);
      const since = Math.max(oldest.arrival, this.#started, this.#called);
      left = since + limit * 1000 - performance.now();
      if (left <= 0) {
        this.#called = performance.now();
        left = limit * 1000;
        this.#callback(oldest);
      }
    }
    this.#timer = setTimeout(() => this.#check(), Math.max(1, left));
  }
}
