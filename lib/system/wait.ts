/**
 * Waits for a point in time, to microseconds.
 *
 * @module
 */

/** A timer waits until this long before it is time, in milliseconds; it is late by less than that. */
const timerReserve = 2;

/** What a timer waits for at least, in milliseconds: less is not worth it. */
const shortestTimer = 1;

/** What a timer waits for at most, in milliseconds: the runtime counts them in 32 bits. */
const longestTimer = 2 ** 31 - 1;

/** Sleeps end this long before it is time, in milliseconds; the system lets them last 50 to 100 µs longer than asked for. */
const napReserve = 0.2;

/** How long a sleep lasts, in milliseconds: what comes meanwhile waits for its end. */
const napLength = 0.1;

/** A turn of the event loop that took longer than this, in milliseconds, has found something to do. */
const idleTurn = 0.02;

/** What sleeps are waits for: it never changes. */
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/**
 * Waits for a point in time, or until the signal is aborted.
 *
 * Timers of the runtime are 1 to 2 ms late. So a timer waits until it is nearly time, sleeps of a fraction of a millisecond
 * follow, and what is left is waited for awake, in turns with the rest of the program.
 *
 * @param time When, as `performance.now()` tells it
 * @param signal Ends the wait
 * @param awake Whether to leave out the sleeps, which what comes meanwhile has to wait for
 */
export async function waitUntil(time: number, signal?: AbortSignal, awake = false): Promise<void> {
  // Where the rest of the program has something to do, it is let do all of it before the next sleep.
  let isIdle = true;
  for (let now = performance.now(); now < time && !signal?.aborted;) {
    const left = time - now;
    if (left >= timerReserve + shortestTimer) {
      await waitWithTimer(left - timerReserve, signal);
    } else if (!awake && isIdle && left > napReserve) {
      Atomics.wait(never, 0, 0, Math.min(napLength, left - napReserve));
      isIdle = false;
    } else {
      await takeTurn();
      isIdle = performance.now() - now < idleTurn;
    }
    now = performance.now();
  }
}

/** Waits some milliseconds at most, and 1 to 2 more, or until the signal is aborted. */
function waitWithTimer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(milliseconds, longestTimer));
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Lets the rest of the program have one turn, a few microseconds if it has nothing to do. */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
