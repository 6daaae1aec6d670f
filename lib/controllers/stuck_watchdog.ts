/**
 * A watchdog outside the thread of a controller, for a step that never returns: nothing in the thread itself can notice it.
 *
 * @module
 */

import { looksPerLimit, type SafeLink, stuckWorkerName, type WatchPlan } from "./_stuck_worker.ts";

export type { SafeLink } from "./_stuck_worker.ts";

/** Options of a {@linkcode StuckWatchdog}. */
export interface StuckWatchdogOptions {
  /** Longest time for which the thread may do nothing but one thing, in seconds. */
  limit: number;
  /** Number of links. */
  links: number;
  /** Called where the watchdog cannot work, with the reason. */
  onError?: (reason: string) => void;
}

/**
 * Watches the thread that it is created in. Where that does not come to its timers for the time limit, as in a loop without
 * an end, another thread sends the safe values from a socket of its own, writes an error, and ends the process with status 1
 * (with `SIGKILL` where Deno does not allow FFI). So it is for programs that do nothing else, such as `villas-client run`.
 */
export class StuckWatchdog implements Disposable {
  /** Shared memory for the sequence number of the last sample of each link. */
  readonly sequences: BigInt64Array;
  readonly #limit: number;
  readonly #beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Starts the thread.
   *
   * @param options The time limit, and the number of links
   */
  constructor({ limit, links, onError }: StuckWatchdogOptions) {
    this.#limit = limit;
    this.sequences = new BigInt64Array(new SharedArrayBuffer(links * BigInt64Array.BYTES_PER_ELEMENT)).fill(-1n);
    this.#worker = new Worker(new URL("./_stuck_worker.ts", import.meta.url), {
      type: "module",
      name: stuckWorkerName,
    });
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      onError?.(event.message);
    });
    this.#timer = setInterval(() => Atomics.add(this.#beats, 0, 1), limit * 1000 / looksPerLimit);
  }

  /**
   * Says what to do where the thread is stuck; it is watched from now on.
   *
   * @param place Place of the step, for the message
   * @param links The safe values of each link; undefined where it has none
   */
  plan(place: string, links: readonly (SafeLink | undefined)[]): void {
    const plan: WatchPlan = {
      limit: this.#limit,
      beats: this.#beats,
      sequences: this.sequences,
      links,
      place,
    };
    this.#worker.postMessage(plan);
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#worker.terminate();
  }
}
