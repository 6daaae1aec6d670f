/**
 * Statistics of received samples: delays, gaps, missing numbers and jitter, as VILLASnode's `stats` hook measures them.
 *
 * @module
 */

import { createDistribution, type DistributionFigures } from "./distribution.ts";
import { createJitter } from "./jitter.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters } from "../samples/sequence.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/**
 * Figures of received samples. All times are in seconds.
 *
 * | here | VILLASnode's `stats` hook |
 * |---|---|
 * | `oneWayDelay` | `owd`, which leaves out the first sample |
 * | `gapSent` | `gap_sent` |
 * | `gapReceived` | `gap_received` |
 * | `signalCount` | `signal_cnt` |
 * | `jitter` | `rtp.jitter` |
 * | `missing`, `duplicate`, `reordered` | `reordered`, which mixes them |
 */
export interface StatisticsFigures extends SequenceCounters {
  /** Number of samples. */
  samples: number;
  /**
   * Variation of the delay: the interarrival jitter of RFC 3550, section 6.4.1, which does not depend on an offset between
   * the clocks. `null` before the second sample with an origin timestamp.
   */
  jitter: number | null;
  /**
   * Time from origin to reception, which includes the offset between the two machines' clocks. Where `negative` is not 0,
   * there certainly is one.
   */
  oneWayDelay: DistributionFigures;
  /** Time from the origin of a sample to that of the next one; below 0 where an older sample arrived later. */
  gapSent: DistributionFigures;
  /** Time from the reception of a sample to that of the next one; 0 within one datagram. */
  gapReceived: DistributionFigures;
  /** Number of values per sample. */
  signalCount: DistributionFigures;
  /**
   * Number of times that this machine's clock was set while samples came. Gaps are free of it; delays before and after such
   * a step do not compare.
   */
  clockSteps: number;
}

/** Statistics of received samples. */
export interface Statistics {
  /** The figures so far: a copy that does not change any more. */
  readonly figures: StatisticsFigures;
  /**
   * Adds samples in the order of arrival.
   *
   * @param samples The samples
   * @param received When they arrived, by this machine's clock; `tsReceived` of the samples is what others measured
   * @param elapsed The same by a clock that nobody sets, in seconds, such as `performance.now() / 1000`: with it, steps of
   * this machine's clock of a quarter of a second or more are not taken for gaps
   */
  record(samples: readonly Sample[], received: Timestamp, elapsed?: number): void;
}

/**
 * Creates statistics of the samples of one sender.
 *
 * @returns Statistics of no samples yet
 *
 * @see VILLASnode, `lib/hooks/stats.cpp`; RFC 3550, section 6.4.1 and A.8
 *
 * @example Two samples that were sent 100 ms apart and took 2 ms and 3 ms
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createStatistics } from "@villas/client/timing";
 *
 * const statistics = createStatistics();
 * const sample = { sequence: 1n, tsOrigin: { sec: 5, nsec: 0 }, values: [230, 50] };
 * statistics.record([sample], { sec: 5, nsec: 2_000_000 });
 * statistics.record([{ ...sample, sequence: 4n, tsOrigin: { sec: 5, nsec: 100_000_000 } }], { sec: 5, nsec: 103_000_000 });
 * const { missing, jitter, oneWayDelay, gapSent, gapReceived } = statistics.figures;
 * assertEquals([missing, jitter], [2, 0.001 / 16]);
 * assertEquals([oneWayDelay.min, oneWayDelay.max], [0.002, 0.003]);
 * assertEquals([gapSent.max, gapReceived.max], [0.1, 0.101]);
 * ```
 */
export function createStatistics(): Statistics {
  return new SampleStatistics();
}

/** The shortest step of a clock that is told from the delay between its reading and that of the other one, in seconds. */
const shortestStep = 0.25;

class SampleStatistics implements Statistics {
  readonly #tracker = createSequenceTracker();
  readonly #oneWayDelay = createDistribution();
  readonly #gapSent = createDistribution();
  readonly #gapReceived = createDistribution();
  readonly #signalCount = createDistribution();
  readonly #jitter = createJitter();
  #samples = 0;
  #lastOrigin: Timestamp | undefined;
  #lastReceived: Timestamp | undefined;
  #lastElapsed: number | undefined;
  #clockSteps = 0;

  /** Bound to this object, so that it can be passed on. */
  readonly record = (samples: readonly Sample[], received: Timestamp, elapsed?: number): void => {
    let step = this.#findStep(received, elapsed);
    for (const sample of samples) {
      this.#samples++;
      this.#tracker.track(sample);
      this.#signalCount.record(sample.values.length);
      if (sample.tsOrigin !== undefined) this.#recordOrigin(sample.tsOrigin, received);
      if (this.#lastReceived !== undefined) {
        this.#gapReceived.record(secondsBetween(received, this.#lastReceived) - step);
      }
      this.#lastReceived = received;
      step = 0;
    }
  };

  get figures(): StatisticsFigures {
    const jitter = this.#jitter.seconds;
    return {
      samples: this.#samples,
      ...this.#tracker.counters,
      jitter: Number.isNaN(jitter) ? null : jitter,
      oneWayDelay: this.#oneWayDelay.figures,
      gapSent: this.#gapSent.figures,
      gapReceived: this.#gapReceived.figures,
      signalCount: this.#signalCount.figures,
      clockSteps: this.#clockSteps,
    };
  }

  /** Returns by how much the clock was set since the last samples, in seconds; 0 if it was not. */
  #findStep(received: Timestamp, elapsed: number | undefined): number {
    const [before, passed] = [this.#lastReceived, elapsed === undefined ? NaN : elapsed - (this.#lastElapsed ?? NaN)];
    this.#lastElapsed = elapsed;
    if (before === undefined || Number.isNaN(passed)) return 0;
    const step = secondsBetween(received, before) - passed;
    if (Math.abs(step) < shortestStep) return 0;
    this.#clockSteps++;
    this.#jitter.forgetLast();
    return step;
  }

  #recordOrigin(origin: Timestamp, received: Timestamp): void {
    const delay = secondsBetween(received, origin);
    this.#oneWayDelay.record(delay);
    this.#jitter.record(delay);
    if (this.#lastOrigin !== undefined) this.#gapSent.record(secondsBetween(origin, this.#lastOrigin));
    this.#lastOrigin = origin;
  }
}
