/**
 * Jitter: the variation of a delay from one packet to the next.
 *
 * @module
 */

/** An estimate of jitter that follows the delays. */
export interface Jitter {
  /** The estimate, in seconds; NaN for fewer than two delays. */
  readonly seconds: number;
  /** Adds the next delay, in seconds, in the order of arrival. */
  record(delay: number): void;
  /** Forgets the last delay, to which the next one does not compare because a clock was set; the estimate stays. */
  forgetLast(): void;
}

/**
 * Creates an estimate of the interarrival jitter of RFC 3550 (6.4.1): with each delay it moves by a sixteenth towards the
 * distance of that delay from the last one. In the RFC the delays are one-way transit times; since only their differences
 * count, any delays will do.
 *
 * @returns The estimate, without any delays yet
 *
 * @see RFC 3550, section 6.4.1 and appendix A.8
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createJitter } from "@villas/client/timing";
 *
 * const jitter = createJitter();
 * for (const delay of [0.010, 0.026, 0.026]) jitter.record(delay);
 * assertAlmostEquals(jitter.seconds, 0.016 / 16 * 15 / 16);
 * ```
 */
export function createJitter(): Jitter {
  let seconds = NaN;
  let last: number | undefined;
  return {
    get seconds() {
      return seconds;
    },
    record(delay) {
      if (last !== undefined) {
        if (Number.isNaN(seconds)) seconds = 0;
        seconds += (Math.abs(delay - last) - seconds) / 16;
      }
      last = delay;
    },
    forgetLast() {
      last = undefined;
    },
  };
}
