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
   */
  record(samples: readonly Sample[], received: Timestamp): void;
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
  const tracker = createSequenceTracker();
  const oneWayDelay = createDistribution();
  const gapSent = createDistribution();
  const gapReceived = createDistribution();
  const signalCount = createDistribution();
  const jitter = createJitter();
  let samples = 0;
  let lastOrigin: Timestamp | undefined;
  let lastReceived: Timestamp | undefined;

  function recordOrigin(origin: Timestamp, received: Timestamp): void {
    const delay = secondsBetween(received, origin);
    oneWayDelay.record(delay);
    if (lastOrigin !== undefined) gapSent.record(secondsBetween(origin, lastOrigin));
    jitter.record(delay);
    lastOrigin = origin;
  }

  return {
    get figures() {
      return {
        samples,
        ...tracker.counters,
        jitter: Number.isNaN(jitter.seconds) ? null : jitter.seconds,
        oneWayDelay: oneWayDelay.figures,
        gapSent: gapSent.figures,
        gapReceived: gapReceived.figures,
        signalCount: signalCount.figures,
      };
    },
    record(received, time) {
      for (const sample of received) {
        samples++;
        tracker.track(sample);
        signalCount.record(sample.values.length);
        if (sample.tsOrigin !== undefined) recordOrigin(sample.tsOrigin, time);
        if (lastReceived !== undefined) gapReceived.record(secondsBetween(time, lastReceived));
        lastReceived = time;
      }
    },
  };
}
