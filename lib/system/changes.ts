/**
 * Waits for a change of something that others change: any number of calls wait, and each change wakes all of them.
 *
 * @module
 */

/** Wakes the calls that wait for a change. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  /** Wakes all calls that wait; those that begin to wait by it wait for the next change. */
  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Waits until a condition holds, which is looked at now and after each change.
   *
   * @param condition The condition
   * @param signal Ends the wait
   * @throws The signal's reason, if it ends the wait
   */
  async until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!condition()) await this.#next(signal);
  }

  #next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const abort = () => {
        this.#waiting.delete(wake);
        reject(signal?.reason);
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
