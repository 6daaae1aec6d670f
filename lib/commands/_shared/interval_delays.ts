/**
 * Delays of what arrives within an interval, as the end of its line.
 *
 * @module
 */

import type { Sample, Timestamp } from "../../samples/sample.ts";
import { secondsBetween } from "../../samples/timestamp.ts";
import { createDistribution } from "../../timing/distribution.ts";
import { formatDuration } from "../../timing/durations.ts";
import { createJitter } from "../../timing/jitter.ts";

/** Delays of the samples of one interval, and the jitter, which goes on as that of RFC 3550 does. */
export class IntervalDelays {
  readonly #jitter = createJitter();
  #delays = createDistribution();

  /** Adds samples that arrived at a time. */
  record(samples: readonly Sample[], received: Timestamp): void {
    for (const { tsOrigin } of samples) {
      if (tsOrigin === undefined) continue;
      const delay = secondsBetween(received, tsOrigin);
      this.#delays.record(delay);
      this.#jitter.record(delay);
    }
  }

  /** Describes the interval as the end of a line, and begins the next one. */
  describe(): string {
    const { p50, max } = this.#delays.figures;
    const { seconds } = this.#jitter;
    this.#delays = createDistribution();
    if (p50 === null || max === null) return "";
    const jitter = Number.isNaN(seconds) ? "" : `, jitter ${formatDuration(seconds)}`;
    return `, delay p50 ${formatDuration(p50)}, max ${formatDuration(max)}${jitter}`;
  }
}
