/**
 * What is measured of round trips, and how: the terms of `measureRoundTrips`.
 *
 * @module
 */

import type { Histogram } from "../timing/histogram.ts";
import type { MachineLoad } from "../system/machine.ts";
import type { Timestamp } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";

/** What to send. */
export interface RoundTripCase {
  /** Samples a second. */
  rate: number;
  /** Values in each sample. */
  values: number;
  /** How many samples to send at most; default: as many as the duration allows. */
  count?: number;
  /** How long to send at most, in seconds; default: until the count is reached, or 10 s without one. */
  duration?: number;
}

/** One sample that came back for the first time, as it was sent. */
export interface RoundTrip {
  /** Which case it belongs to: its place in {@linkcode RoundTripOptions.cases}. */
  case: number;
  /** Its number among the samples of the case, from 0. */
  index: number;
  /** When it was sent, by this machine's clock. */
  tsOrigin: Timestamp;
  /** When it was sent, in seconds since the first sample of the case. */
  elapsed: number;
  /** How long it was away, in seconds. */
  seconds: number;
}

/** How to measure. */
export interface RoundTripOptions {
  /** The cases, measured one after the other. */
  cases: readonly RoundTripCase[];
  /** How long to send before each case what is not counted, in seconds; default 0. */
  warmup?: number;
  /** How long to go on receiving after the last sample of each case, in seconds; default 0.5. */
  cooldown?: number;
  /** A sample that takes longer than this, in seconds, is late; default: as long as the cooldown. */
  late?: number;
  /** Ends the measurement when nothing at all has come back this long after the first sample, in seconds. */
  timeout?: number;
  /** What the values are; default: floats. */
  signals?: readonly Signal[];
  /** Ends the measurement; the case that is measured then is reported as far as it came. */
  signal?: AbortSignal;
  /** Called before each case, which begins when this is done. */
  before?: (index: number) => Promise<void> | void;
  /** Called with the report of each case when sending begins; its figures go on changing. */
  onCase?: (report: RoundTripReport, index: number) => void;
  /** Called for each sample that has come back. */
  onRoundTrip?: (roundTrip: RoundTrip) => void;
}

/**
 * What became of the samples of one case. `sent` is `received`, `lost`, and those that came back corrupted and in no
 * other way.
 */
export interface RoundTripReport {
  /** Samples a second that were asked for. */
  readonly rate: number;
  /** Values in each sample. */
  readonly values: number;
  /** How many samples were to be sent. */
  readonly planned: number;
  /** When the first sample was sent, in seconds since 1970. */
  readonly started: number;
  /** When the last sample was sent, in seconds since 1970. */
  readonly stopped: number;
  /** Samples that the system took. */
  readonly sent: number;
  /** Samples that came back as they were sent, late or not; each is counted once. */
  readonly received: number;
  /** Samples that did not come back, as far as it is known: until the end of the cooldown, or later if others came. */
  readonly lost: number;
  /** How often a sample came back that had come back before. */
  readonly duplicate: number;
  /** Samples that came back after one that was sent after them. */
  readonly reordered: number;
  /** Samples that took longer than the limit, or came back when their case was over; they are received nonetheless. */
  readonly late: number;
  /**
   * How often something came back that is not what was sent: other values, types, timestamp or number, or nothing that
   * can be read. Where it cannot be told which sample it was, it is taken to be one that did not come back otherwise.
   */
  readonly corrupted: number;
  /** Samples that were none of this measurement's: those of an earlier one. */
  readonly unexpected: number;
  /** Samples that the system did not take because the remote was not there; they are not counted as sent. */
  readonly undelivered: number;
  /** Samples that were still on their way when the measurement was ended early; they are counted as lost. */
  readonly outstanding: number;
  /** How long those received were away, from before they were encoded until after they were decoded. */
  readonly roundTrips: Histogram;
  /**
   * How much the round trip changes from one sample to the next that comes back, in seconds: RFC 3550's interarrival
   * jitter (6.4.1), with round trips in the place of its transit times. NaN for fewer than two.
   */
  readonly jitter: number;
  /** Samples that were sent when the next one was due already, or later. */
  readonly missedDeadlines: number;
  /** How long after they were due the samples were sent: also what the runtime's event loop was late. */
  readonly delays: Histogram;
  /** Datagrams that the kernel dropped at this socket before they could be received; undefined where it does not say. */
  readonly kernelDrops: number | undefined;
  /** How busy this machine was meanwhile; undefined where the system does not say. */
  readonly machine: MachineLoad | undefined;
  /** Whether the case came to its end. */
  readonly isComplete: boolean;
}

/** How long a case takes that says nothing about it, in seconds. */
const defaultDuration = 10;

/**
 * How many samples a case sends.
 *
 * @param testCase The case
 * @returns Their number
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
