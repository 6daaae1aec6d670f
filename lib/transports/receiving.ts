/**
 * Parts that receiving has in common: the limit of a call, and turns of calls that overlap.
 *
 * @module
 */

/**
 * Checks a limit, which is a whole number of 1 or more, or infinity.
 *
 * @param limit The number
 * @param name Name of the number, for the message
 * @throws {RangeError} If it is not
 */
export function checkLimit(limit: number, name = "limit"): void {
  if (limit >= 1 && (Number.isSafeInteger(limit) || limit === Infinity)) return;
  throw new RangeError(`Cannot use ${limit} as the ${name}: expected a whole number of 1 or more`);
}

/** Copies datagrams, which are valid until the next call of `receive` only. */
export function copyDatagrams(datagrams: readonly Uint8Array[]): Uint8Array[] {
  return datagrams.map((datagram) => datagram.slice());
}

/** Turns of calls that overlap: one after the other, in the order in which they came. */
export class Turns {
  #isTaken = false;
  readonly #waiting = new Set<() => void>();

  /** True if another call waits for its turn. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes the turn if it is free; returns whether it was. Without a promise: most calls have no rival. */
  take(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }

  /**
   * Waits for the turn, which was not free.
   *
   * @param signal Gives the wait up
   * @throws The signal's reason; the turn is not taken then
   */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const begin = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(begin);
        reject(signal?.reason);
      };
      this.#waiting.add(begin);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Ends the turn, and begins that of the call that has waited longest. */
  pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isTaken = false;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }
}
