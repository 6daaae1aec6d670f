/**
 * Summaries of round trips: the figures of a case as plain data, and why they may not be the whole story.
 *
 * @module
 */

import type { MachineLoad } from "../system/machine.ts";
import { plural, times } from "../system/text.ts";
import { formatDuration } from "../timing/durations.ts";
import type { Histogram } from "../timing/histogram.ts";
import type { RoundTripReport } from "./round_trip.ts";

/** Figures of many durations, in seconds; null where there are none. */
export interface DurationSummary {
  /** Number of durations. */
  count: number;
  /** The shortest. */
  min: number | null;
  /** The mean. */
  mean: number | null;
  /** The median. */
  p50: number | null;
  /** The duration that 90 % of them do not exceed. */
  p90: number | null;
  /** The duration that 99 % of them do not exceed. */
  p99: number | null;
  /** The duration that 99.9 % of them do not exceed. */
  p999: number | null;
  /** The longest. */
  max: number | null;
  /** The standard deviation. */
  stddev: number | null;
}

/** Figures of one case as plain data, for JSON. Times are in seconds. */
export interface RoundTripSummary {
  /** Samples per second that were asked for. */
  rate: number;
  /** Values in each sample. */
  values: number;
  /** Time of sending the first sample, in seconds since 1970. */
  started: number;
  /** Time of sending the last sample, in seconds since 1970. */
  stopped: number;
  /** Number of samples that were to be sent. */
  planned: number;
  /** Samples that the system accepted; see {@linkcode RoundTripReport} for this and the counters below. */
  sent: number;
  /** Samples that came back as they were sent. */
  received: number;
  /** Samples that did not come back. */
  lost: number;
  /** Number of times that a sample came back again. */
  duplicate: number;
  /** Samples that came back after one that was sent after them. */
  reordered: number;
  /** Samples received whose round trip exceeded the threshold. */
  lateCount: number;
  /** Number of times that something came back that differs from what was sent. */
  corrupted: number;
  /** Samples of an earlier measurement. */
  unexpected: number;
  /** Samples that could not be delivered. */
  undelivered: number;
  /** Samples that may have been on their way when the measurement was ended early. */
  outstanding: number;
  /** Datagrams that the kernel dropped at this socket; null where it does not say. */
  kernelDrops: number | null;
  /** Samples that were sent when the next one was already due. */
  missedDeadlines: number;
  /** Round trips of the samples received. */
  roundTrip: DurationSummary;
  /** The interarrival jitter of RFC 3550, of round trips. */
  jitter: number | null;
  /** Times from when the samples were due to when they were sent. */
  lateness: DurationSummary;
  /** The client's overhead: round trips of the loopback baseline; null where it was not measured. */
  clientOverhead: DurationSummary | null;
  /** Load of this machine; null where the system does not say. */
  machine: MachineLoad | null;
  /** True where the case was completed. */
  complete: boolean;
  /** Why these figures may not be the whole story. */
  caveats: string[];
}

/** Shares of the processors' time above which a machine is reported as busy, or as taken away by its host. */
const busyShare = 0.9;
const stolenShare = 0.01;

/** Share of missed deadlines above which it is reported that the rate was not kept. */
const missedShare = 0.001;

/**
 * Summarizes many durations.
 *
 * @param durations The durations
 * @returns Their figures, in seconds
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { summarizeDurations } from "@villas/client/roundtrips";
 * import { createHistogram } from "@villas/client/timing";
 *
 * const histogram = createHistogram();
 * histogram.record(0.5);
 * assertEquals(summarizeDurations(histogram).max, 0.5);
 * ```
 */
export function summarizeDurations(durations: Histogram): DurationSummary {
  const { count, min, mean, max, standardDeviation } = durations;
  const finite = (seconds: number) => Number.isFinite(seconds) ? seconds : null;
  const at = (percent: number) => finite(durations.percentile(percent));
  return {
    count,
    min: finite(min),
    mean: finite(mean),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: finite(max),
    stddev: finite(standardDeviation),
  };
}

/**
 * Summarizes a case.
 *
 * @param report The report of the case
 * @param clientOverhead Round trips of the loopback baseline, where it was measured
 * @returns Plain data, which JSON can carry
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { protobuf } from "@villas/client/formats";
 * import { measureLoopbackBaseline, summarizeRoundTrips } from "@villas/client/roundtrips";
 *
 * const report = await measureLoopbackBaseline({ rate: 500, values: 8, count: 5 }, { format: protobuf() });
 * const { sent, clientOverhead } = summarizeRoundTrips(report);
 * assertEquals([sent, clientOverhead], [5, null]);
 * ```
 */
export function summarizeRoundTrips(report: RoundTripReport, clientOverhead?: Histogram): RoundTripSummary {
  const { rate, values, started, stopped, planned, sent, received, lost, duplicate, reordered, lateCount } = report;
  const { corrupted, unexpected, undelivered, outstanding, kernelDrops, missedDeadlines, jitter, machine } = report;
  return {
    ...{ rate, values, started, stopped, planned, sent, received, lost, duplicate, reordered, lateCount },
    ...{ corrupted, unexpected, undelivered, outstanding },
    kernelDrops: kernelDrops ?? null,
    missedDeadlines,
    roundTrip: summarizeDurations(report.roundTrips),
    jitter: Number.isFinite(jitter) ? jitter : null,
    lateness: summarizeDurations(report.lateness),
    clientOverhead: clientOverhead === undefined ? null : summarizeDurations(clientOverhead),
    machine: machine ?? null,
    complete: report.isComplete,
    caveats: findCaveats(report, clientOverhead),
  };
}

/**
 * Finds the reasons why the figures of a case may not be the whole story.
 *
 * @param report The report of the case
 * @param clientOverhead Round trips of the loopback baseline, where it was measured
 * @returns Sentences without a period; none where nothing is known to be wrong
 *
 * @example An echo that answers with other values
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, echo } from "@villas/client";
 * import { findCaveats, measureRoundTrips } from "@villas/client/roundtrips";
 *
 * await using far = await connect({ local: "memory:f", remote: "memory:n" });
 * const near = await connect({ local: "memory:n", remote: "memory:f" });
 * const echoing = echo(far, { reply: [0] });
 * const [report] = await measureRoundTrips(near, { cases: [{ rate: 100, values: 1, count: 2 }], cooldown: 0.05 });
 * far.close();
 * await echoing;
 * if (report) assertEquals(findCaveats(report)[0], "Something came back that differs from what was sent: twice");
 * ```
 */
export function findCaveats(report: RoundTripReport, clientOverhead?: Histogram): string[] {
  const { planned, sent, corrupted, unexpected, undelivered, outstanding, kernelDrops, missedDeadlines } = report;
  const { roundTrips, lateness, machine } = report;
  const caveats: string[] = [];
  if (!report.isComplete) caveats.push(`The measurement was ended after ${sent} of ${planned} samples`);
  if (outstanding > 0) caveats.push(`${outstanding} of the lost samples may still have been on their way`);
  if (kernelDrops !== undefined && kernelDrops > 0) {
    caveats.push(
      `The kernel dropped ${plural(kernelDrops, "datagram")} at this socket, which came back too fast for this client`,
    );
  }
  if (undelivered > 0) {
    caveats.push(`${plural(undelivered, "sample")} could not be delivered: the remote was unreachable`);
  }
  if (corrupted > 0) caveats.push(`Something came back that differs from what was sent: ${times(corrupted)}`);
  if (unexpected > 0) caveats.push(`${plural(unexpected, "sample")} of an earlier measurement came back`);
  if (missedDeadlines > missedShare * sent) {
    caveats.push(
      `${plural(missedDeadlines, "sample")} missed the deadline, up to ${formatDuration(lateness.max)} late: ` +
        "the rate was not kept evenly",
    );
  }
  if (machine !== undefined && machine.busy > busyShare) {
    caveats.push(`This machine's processors were busy ${percent(machine.busy)} of the time`);
  }
  if (machine !== undefined && machine.stolen > stolenShare) {
    caveats.push(`The host of this virtual machine took ${percent(machine.stolen)} of its processors' time`);
  }
  if (clientOverhead !== undefined && clientOverhead.percentile(50) > roundTrips.percentile(50) / 2) {
    caveats.push("At the median, half of the round trip or more may be this client's own overhead");
  }
  return caveats;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
