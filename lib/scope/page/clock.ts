/**
 * The clock of a live picture: the right edge of the window moves evenly, though samples come in bursts.
 *
 * @module
 */

/** Time over which the newest samples are looked at, in seconds. */
const memory = 2;

/** The part of a deviation that is made up for in each second. */
const pull = 3;

/**
 * The most of the window that is left free at its right edge. Where samples stop, or come less often than a short window
 * is long, the last of them stay in view.
 */
const mostFree = 0.5;

/** Follows the time of the newest sample. */
export class LiveClock {
  /** Distances of the newest sample from the page's clock, with the time at which each was seen. */
  #seen: { readonly at: number; readonly offset: number }[] = [];
  #offset: number | undefined;
  /** Time of the newest sample. */
  #newest = 0;
  #readAt = 0;

  /** Forgets everything: the time was set back, or another clock is shown. */
  reset(): void {
    this.#seen = [];
    this.#offset = undefined;
  }

  /**
   * Adds the time of the newest sample.
   *
   * @param newest Its time, in seconds
   * @param at The page's clock, in seconds
   */
  see(newest: number, at: number): void {
    const offset = newest - at;
    this.#newest = newest;
    this.#seen = this.#seen.filter((seen) => at - seen.at < memory && seen.offset > offset);
    this.#seen.push({ at, offset });
  }

  /**
   * Returns the time at the right edge of the window.
   *
   * @param at The page's clock, in seconds
   * @param span Length of the window: where the edge is further off than that, it jumps
   */
  edge(at: number, span: number): number | undefined {
    const target = this.#seen[0]?.offset;
    if (target === undefined) return undefined;
    const elapsed = Math.max(0, at - this.#readAt);
    this.#readAt = at;
    const distance = target - (this.#offset ?? target);
    const isFar = this.#offset === undefined || Math.abs(distance) > span / 2;
    this.#offset = isFar ? target : (this.#offset ?? target) + distance * Math.min(1, elapsed * pull);
    return Math.min(at + this.#offset, this.#newest + span * mostFree);
  }
}
