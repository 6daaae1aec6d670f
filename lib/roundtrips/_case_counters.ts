/**
 * Counters of one case: a report that is being written.
 *
 * @module
 */

import type { Probe } from "./probe.ts";
import { plannedCount, type RoundTripCase, type RoundTripReport } from "./round_trip.ts";
import { nowMilliseconds } from "../samples/timestamp.ts";
import type { MachineLoad } from "../system/machine.ts";
import { createHistogram, type Histogram } from "../timing/histogram.ts";
import { createJitter } from "../timing/jitter.ts";

/** Counters of one case; the public ones are those of the report. */
export class CaseCounters implements RoundTripReport {
  readonly rate: number;
  readonly values: number;
  readonly planned: number;
  started: number = nowMilliseconds() / 1000;
  stopped: number = this.started;
  sent = 0;
  received = 0;
  lost = 0;
  duplicate = 0;
  reordered = 0;
  lateCount = 0;
  corrupted = 0;
  unexpected = 0;
  undelivered = 0;
  outstanding = 0;
  readonly roundTrips: Histogram = createHistogram();
  jitter = NaN;
  missedDeadlines = 0;
  readonly lateness: Histogram = createHistogram();
  kernelDrops: number | undefined = undefined;
  machine: MachineLoad | undefined = undefined;
  isComplete = false;

  /** Creates the samples of the case, and checks those that come back. */
  readonly probe: Probe;
  /** Sequence number of the first sample. */
  firstSequence = 0;
  /** Time of sending the first sample, in milliseconds of `performance.now()`. */
  firstSentAt = 0;
  /** Samples that came back corrupted, and not in any other way. */
  corruptedOnly = 0;
  /** Datagrams that cannot be read, or samples of which cannot be told which ones they are. */
  unreadable = 0;
  /** True when the case is over: samples that come back later are late. */
  isOver = false;
  readonly #jitter = createJitter();

  constructor(plan: RoundTripCase, probe: Probe) {
    this.rate = plan.rate;
    this.values = plan.values;
    this.planned = plannedCount(plan);
    this.probe = probe;
  }

  /** Starts to count, with the sample of this sequence number. */
  start(sequence: number): void {
    this.firstSequence = sequence;
    this.firstSentAt = performance.now();
    this.started = nowMilliseconds() / 1000;
  }

  /** Adds the round trip of a sample, in seconds. */
  addRoundTrip(seconds: number): void {
    this.received++;
    this.roundTrips.record(seconds);
    this.#jitter.record(seconds);
    this.jitter = this.#jitter.seconds;
  }

  /** Corrects the number of lost samples, if the case is over. */
  updateLost(): void {
    if (!this.isOver) return;
    this.lost = Math.max(0, this.sent - this.received - this.corruptedOnly - this.unreadable);
  }
}
