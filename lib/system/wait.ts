/**
 * Waits: for a point in time to microseconds, for a duration, for a promise, each until a signal is aborted.
 *
 * @module
 */

/** Time left when a wait with a timer ends, in milliseconds; the timer's own delay is shorter. */
const timerReserve = 2;

/** The shortest wait that is worth a timer, in milliseconds. */
const shortestTimer = 1;

/** The longest wait of one timer, in milliseconds: the runtime counts them in 32 bits. */
const longestTimer = 2 ** 31 - 1;

/** Time left when naps end, in milliseconds; the system lets them last 50 to 100 µs longer than asked for. */
const napReserve = 0.2;

/** The length of a nap, in milliseconds: what arrives meanwhile waits for its end. */
const napLength = 0.1;

/** A turn of the event loop that took longer than this, in milliseconds, has found something to do. */
const idleTurn = 0.02;

/** A word of memory for naps to wait on; it never changes. */
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Points in time that are near and waited for, and the first of them, in milliseconds of `performance.now()`. */
const awaitedTimes: number[] = [];
let firstAwaited = Infinity;

/**
 * Returns the next point in time that something waits for with {@linkcode waitUntil}, in milliseconds of `performance.now()`,
 * where it is less than 3 ms away; else infinity. Who keeps the rest of the program from its turns gives it one then.
 */
export function nextAwaitedTime(): number {
  return firstAwaited;
}

/**
 * Waits for a point in time, or until the signal is aborted.
 *
 * Timers of the runtime are 1 to 2 ms late. So a timer waits until it is nearly time, naps of a fraction of a millisecond
 * follow, and the rest is a busy wait, in turns with the rest of the program.
 *
 * @param time The time, in milliseconds of `performance.now()`
 * @param signal Ends the wait
 * @param busyWait Whether to leave out the naps, which delay whatever arrives during one
 */
export async function waitUntil(time: number, signal?: AbortSignal, busyWait = false): Promise<void> {
  for (let left = time - performance.now(); left >= timerReserve + shortestTimer; left = time - performance.now()) {
    if (signal?.aborted) return;
    await sleep(left - timerReserve, signal);
  }
  awaitedTimes.push(time);
  firstAwaited = Math.min(...awaitedTimes);
  try {
    await waitNearby(time, signal, busyWait);
  } finally {
    awaitedTimes.splice(awaitedTimes.indexOf(time), 1);
    firstAwaited = Math.min(...awaitedTimes);
  }
}

/** Waits for a point in time that a timer would miss. */
async function waitNearby(time: number, signal: AbortSignal | undefined, busyWait: boolean): Promise<void> {
  // Where the rest of the program has something to do, it finishes all of it before the next nap.
  let isIdle = true;
  for (let now = performance.now(); now < time && !signal?.aborted; now = performance.now()) {
    const left = time - now;
    if (!busyWait && isIdle && left > napReserve) {
      Atomics.wait(never, 0, 0, Math.min(napLength, left - napReserve));
      isIdle = false;
    } else {
      await yieldToEventLoop();
      isIdle = performance.now() - now < idleTurn;
    }
  }
}

/**
 * Waits for a duration, and 1 to 2 ms longer, or until the signal is aborted.
 *
 * @param milliseconds The duration, in milliseconds; one of more than 24 days ends early
 * @param signal Ends the wait
 */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, longestTimer));
  });
  await unlessAborted(elapsed, signal);
  clearTimeout(timer);
}

/**
 * Waits for a promise, or until the signal is aborted. The promise goes on in the background then, and a rejection of it
 * is ignored.
 *
 * @param promise The promise
 * @param signal Ends the wait
 * @returns The result of the promise, or undefined where the signal is aborted first
 */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * Waits for a promise, but not longer than a time. The promise goes on in the background then, and a rejection of it is ignored.
 *
 * @param milliseconds The time, in milliseconds; undefined for as long as it takes
 * @param promise The promise
 * @returns Whether it has resolved
 * @throws What it rejects with within the time
 */
export async function resolvesWithin(milliseconds: number | undefined, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(() => true);
  if (milliseconds === undefined) return await settled;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), milliseconds));
  try {
    return await Promise.race([settled, elapsed]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives the rest of the program one turn: a few microseconds where it has nothing to do. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
