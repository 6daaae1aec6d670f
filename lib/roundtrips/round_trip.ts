/**
 * Terms of `measureRoundTrips`: the cases, the options and the report.
 *
 * @module
 */

import type { Histogram } from "../timing/histogram.ts";
import type { MachineLoad } from "../system/machine.ts";
import type { Timestamp } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";

/** A case: the samples to send. */
export interface RoundTripCase {
  /** Samples per second. */
  rate: number;
  /** Values in each sample. */
  values: number;
  /** The most samples to send; default: as many as the duration allows. */
  count?: number;
  /** The longest time to send, in seconds; default: until the count is reached, or 10 s without a count. */
  duration?: number;
}

/** The round trip of one sample, which came back as it was sent, and for the first time. */
export interface RoundTrip {
  /** Index of its case in {@linkcode RoundTripOptions.cases}. */
  case: number;
  /** Index of the sample in its case, from 0. */
  index: number;
  /** Time of sending, by this machine's clock. */
  tsOrigin: Timestamp;
  /** Time of sending, in seconds since the first sample of the case. */
  elapsed: number;
  /** Duration of the round trip, in seconds. */
  seconds: number;
}

/** Options of measuring round trips. */
export interface RoundTripOptions {
  /** The cases, measured one after the other. */
  cases: readonly RoundTripCase[];
  /** Time of sending samples that are not counted before each case, in seconds; default 0. */
  warmup?: number;
  /** Time of receiving after the last sample of each case, in seconds; default 0.5. */
  cooldown?: number;
  /** The duration above which a round trip is late, in seconds; default: that of the cooldown. */
  lateThreshold?: number;
  /** Ends the measurement where nothing has come back within this time from the first sample, in seconds. */
  timeout?: number;
  /** Signals of the values; default: floats. */
  signals?: readonly Signal[];
  /** Ends the measurement; the case that is being measured is reported as far as it went. */
  signal?: AbortSignal;
  /** Called before each case, which begins when the promise is resolved. */
  beforeCase?: (index: number) => Promise<void> | void;
  /** Called with the report of each case when its sending begins; the figures go on changing. */
  onCase?: (report: RoundTripReport, index: number) => void;
  /** Called for each sample that has come back. */
  onRoundTrip?: (roundTrip: RoundTrip) => void;
}

/**
 * Report of one case. `sent` is the sum of `received`, `lost`, and the samples that only came back corrupted.
 */
export interface RoundTripReport {
  /** Samples per second that were asked for. */
  readonly rate: number;
  /** Values in each sample. */
  readonly values: number;
  /** Number of samples that were to be sent. */
  readonly planned: number;
  /** Time of sending the first sample, in seconds since 1970. */
  readonly started: number;
  /** Time of sending the last sample, in seconds since 1970. */
  readonly stopped: number;
  /** Samples that the system accepted. */
  readonly sent: number;
  /** Samples that came back as they were sent, late or not; each is counted once. */
  readonly received: number;
  /** Samples that did not come back until the end of the cooldown, or later as long as others came. */
  readonly lost: number;
  /** Number of times that a sample came back again. */
  readonly duplicate: number;
  /** Samples that came back after one that was sent after them. */
  readonly reordered: number;
  /** Samples received whose round trip exceeded the threshold, or that came back when their case was over. */
  readonly lateCount: number;
  /**
   * Number of times that something came back that differs from what was sent: in values, types, timestamp or sequence number, or
   * because it cannot be read. Where it is unclear which sample it was, it is taken for one that did not come back otherwise.
   */
  readonly corrupted: number;
  /** Samples that were none of this measurement's: those of an earlier one. */
  readonly unexpected: number;
  /** Samples that could not be delivered because the remote was unreachable; they do not count as sent. */
  readonly undelivered: number;
  /** Samples that may have been on their way when the measurement was ended early; they count as lost. */
  readonly outstanding: number;
  /** Round trips of the samples received, from before they were encoded until after they were decoded. */
  readonly roundTrips: Histogram;
  /**
   * Variation of the round trip from one sample received to the next, in seconds: the interarrival jitter of RFC 3550
   * (6.4.1), of round trips instead of transit times. NaN for fewer than two.
   */
  readonly jitter: number;
  /** Samples that were sent when the next one was already due. */
  readonly missedDeadlines: number;
  /** Times from when the samples were due to when they were sent, which include delays of the runtime's event loop. */
  readonly lateness: Histogram;
  /** Datagrams that the kernel dropped at this socket; undefined where it does not say. */
  readonly kernelDrops: number | undefined;
  /** Load of this machine during the case; undefined where the system does not say. */
  readonly machine: MachineLoad | undefined;
  /** True where the case was completed. */
  readonly isComplete: boolean;
}

/** Duration of a case without a count or a duration, in seconds. */
const defaultDuration = 10;

/**
 * Returns how many samples a case sends.
 *
 * @param testCase The case
 * @returns The number of samples, at least 1
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plannedCount } from "@villas/client/roundtrips";
 *
 * assertEquals(plannedCount({ rate: 100, values: 8, duration: 2.5 }), 250);
 * assertEquals(plannedCount({ rate: 100, values: 8, duration: 2.5, count: 20 }), 20);
 * ```
 */
export function plannedCount({ rate, count, duration }: RoundTripCase): number {
  const seconds = duration ?? (count === undefined ? defaultDuration : Infinity);
  return Math.min(count ?? Infinity, Math.max(1, Math.round(rate * seconds)));
}
