/**
 * Keeps a rate: the n-th step is due at a fixed time, however late the ones before it were.
 *
 * @module
 */

/** Longer waits of `setTimeout` than these many milliseconds are late by about one; the rest is waited for in steps. */
const timerSlack = 1;

/** A step of a {@linkcode pace}. */
export interface Step {
  /** Number of the step, from 0 and without gaps. */
  index: number;
  /** How long after it was due it came, in seconds. */
  late: number;
}

/**
 * Steps at a constant rate.
 *
 * The n-th step is due n / rate seconds after the first one, so that delays do not add up: steps that are overdue follow
 * at once, none is left out.
 *
 * @param rate Steps a second
 * @param signal Ends the steps; a wait ends at once
 * @returns The steps, each when it is due
 *
 * @example Five steps at 1 kHz
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pace } from "@villas/client";
 *
 * const indices = [];
 * for await (const { index } of pace(1000)) {
 *   indices.push(index);
 *   if (index === 4) break;
 * }
 * assertEquals(indices, [0, 1, 2, 3, 4]);
 * ```
 */
export async function* pace(rate: number, signal?: AbortSignal): AsyncGenerator<Step, void, undefined> {
  if (!(rate > 0)) throw new RangeError(`Cannot keep a rate of ${rate} a second: it must be above 0`);
  const start = performance.now();
  for (let index = 0; !signal?.aborted; index++) {
    const due = start + index * 1000 / rate;
    while (performance.now() < due && !signal?.aborted) await wait(due - performance.now(), signal);
    if (signal?.aborted) return;
    yield { index, late: (performance.now() - due) / 1000 };
  }
}

/** Waits at most some milliseconds; shorter where the timer would be late, or when the signal is aborted. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, milliseconds - timerSlack));
    signal?.addEventListener("abort", end, { once: true });
  });
}
