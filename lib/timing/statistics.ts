/**
 * What received samples say about the way that they came: delays, gaps, missing numbers and jitter, as VILLASnode's `stats` hook
 * measures them.
 *
 * @module
 */

import { createDistribution, type DistributionFigures } from "./distribution.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters } from "../samples/sequence.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/**
 * What received samples say about the way that they came. All times are in seconds.
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
  /** How many samples there are. */
  samples: number;
  /**
   * How much the delay varies: the interarrival jitter of RFC 3550, section 6.4.1, which does not depend on whether the
   * clocks agree. `null` before the second sample with an origin timestamp.
   */
  jitter: number | null;
  /**
   * From origin to reception, by the two clocks: as wrong as they are apart. Where `negative` is not 0, they certainly
   * are.
   */
  oneWayDelay: DistributionFigures;
  /** From the origin of a sample to that of the next one; below 0 where an older sample came later. */
  gapSent: DistributionFigures;
  /** From the reception of a sample to that of the next one; 0 within one datagram. */
  gapReceived: DistributionFigures;
  /** How many values the samples have. */
  signalCount: DistributionFigures;
}

/** Measures received samples. */
export interface Statistics {
  /** What they say so far: a copy that does not change any more. */
  readonly figures: StatisticsFigures;
  /**
   * Takes samples in the order of arrival.
   *
   * @param samples What has come
   * @param received When it came, by this machine's clock; what the samples say about it is what others measured
   */
  record(samples: readonly Sample[], received: Timestamp): void;
}

/**
 * Makes what measures the samples of one sender.
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
  let samples = 0;
  let lastOrigin: Timestamp | undefined;
  let lastReceived: Timestamp | undefined;
  let lastDelay: number | undefined;
  let jitter: number | undefined;

  function takeOrigin(origin: Timestamp, received: Timestamp): void {
    const delay = secondsBetween(received, origin);
    oneWayDelay.record(delay);
    if (lastOrigin !== undefined) gapSent.record(secondsBetween(origin, lastOrigin));
    if (lastDelay !== undefined) {
      jitter ??= 0;
      jitter += (Math.abs(delay - lastDelay) - jitter) / 16;
    }
    lastOrigin = origin;
    lastDelay = delay;
  }

  return {
    get figures() {
      return {
        samples,
        ...tracker.counters,
        jitter: jitter ?? null,
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
        if (sample.tsOrigin !== undefined) takeOrigin(sample.tsOrigin, time);
        if (lastReceived !== undefined) gapReceived.record(secondsBetween(time, lastReceived));
        lastReceived = time;
      }
    },
  };
}
