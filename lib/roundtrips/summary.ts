/**
 * What is to be said about round trips: the figures of a case as plain data, and why they may not be the whole story.
 *
 * @module
 */

import { formatDuration } from "../timing/durations.ts";
import type { Histogram } from "../timing/histogram.ts";
import type { RoundTripReport } from "./round_trip.ts";

/** The figures of many durations, in seconds; null where there are none. */
export interface DurationSummary {
  /** How many durations there are. */
  count: number;
  /** The shortest. */
  min: number | null;
  /** The mean. */
  mean: number | null;
  /** The median: half of them are not longer. */
  p50: number | null;
  /** 90 % of them are not longer. */
  p90: number | null;
  /** 99 % of them are not longer. */
  p99: number | null;
  /** 99.9 % of them are not longer. */
  p999: number | null;
  /** The longest. */
  max: number | null;
  /** The standard deviation. */
  stddev: number | null;
}

/** The figures of one case, ready for JSON. Times are in seconds. */
export interface RoundTripSummary {
  /** Samples a second that were asked for. */
  rate: number;
  /** Values in each sample. */
  values: number;
  /** When the first sample was sent, in seconds since 1970. */
  started: number;
  /** When the last sample was sent, in seconds since 1970. */
  stopped: number;
  /** How many samples were to be sent. */
  planned: number;
  /** See {@linkcode RoundTripReport.sent}, as for those that follow. */
  sent: number;
  /** Samples that came back as they were sent. */
  received: number;
  /** Samples that did not come back. */
  lost: number;
  /** How often a sample came back again. */
  duplicate: number;
  /** Samples that came back after one that was sent after them. */
  reordered: number;
  /** Samples that took longer than the limit. */
  late: number;
  /** How often something came back that is not what was sent. */
  corrupted: number;
  /** Samples of an earlier measurement. */
  unexpected: number;
  /** Samples that the system did not take. */
  undelivered: number;
  /** Samples that were still on their way when the measurement was ended early. */
  outstanding: number;
  /** Datagrams that the kernel dropped at this socket; null where it does not say. */
  kernelDrops: number | null;
  /** Samples that were sent when the next one was due already. */
  missedDeadlines: number;
  /** How long samples were away. */
  roundTrip: DurationSummary;
  /** The interarrival jitter of RFC 3550, of round trips. */
  jitter: number | null;
  /** How long after they were due the samples were sent. */
  delay: DurationSummary;
  /** This client's own share: the round trips to a bare socket of its own; null where it was not estimated. */
  clientOverhead: DurationSummary | null;
  /** How busy this machine was; null where the system does not say. */
  machine: { busy: number; stolen: number } | null;
  /** Whether the case came to its end. */
  complete: boolean;
  /** Why these figures may not be the whole story. */
  caveats: string[];
}

/** Shares of the processors' time above which a machine is said to be busy, or not there. */
const busyShare = 0.9;
const stolenShare = 0.01;

/** How many deadlines may be missed, as a share of all, before it is worth saying that the rate was not kept. */
const missedShare = 0.001;

/**
 * The figures of many durations.
 *
 * @param durations The durations
 * @returns Plain data, in seconds
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
 * The figures of a case.
 *
 * @param report What was measured
 * @param clientOverhead Round trips to a bare socket of this client's own, if there are any
 * @returns Plain data, which JSON can carry
 */
export function summarizeRoundTrips(report: RoundTripReport, clientOverhead?: Histogram): RoundTripSummary {
  const { rate, values, started, stopped, planned, sent, received, lost, duplicate, reordered, late } = report;
  const { corrupted, unexpected, undelivered, outstanding, kernelDrops, missedDeadlines, jitter, machine } = report;
  return {
    ...{ rate, values, started, stopped, planned, sent, received, lost, duplicate, reordered, late },
    ...{ corrupted, unexpected, undelivered, outstanding },
    kernelDrops: kernelDrops ?? null,
    missedDeadlines,
    roundTrip: summarizeDurations(report.roundTrips),
    jitter: Number.isFinite(jitter) ? jitter : null,
    delay: summarizeDurations(report.delays),
    clientOverhead: clientOverhead === undefined ? null : summarizeDurations(clientOverhead),
    machine: machine ?? null,
    complete: report.isComplete,
    caveats: findCaveats(report, clientOverhead),
  };
}

/**
 * Why the figures of a case may not be the whole story.
 *
 * @param report What was measured
 * @param clientOverhead Round trips to a bare socket of this client's own, if there are any
 * @returns Sentences without a period; none where nothing is known to be wrong
 *
 * @example The samples came back from an echo that has no time to spare
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
 * if (report) assertEquals(findCaveats(report)[0], "2 times something came back that is not what was sent");
 * ```
 */
export function findCaveats(report: RoundTripReport, clientOverhead?: Histogram): string[] {
  const { planned, sent, corrupted, unexpected, undelivered, outstanding, kernelDrops, missedDeadlines } = report;
  const { roundTrips, delays, machine } = report;
  const caveats: string[] = [];
  if (!report.isComplete) caveats.push(`It was ended after ${sent} of ${planned} samples`);
  if (outstanding > 0) caveats.push(`${outstanding} of those lost may have been on their way still`);
  if (kernelDrops !== undefined && kernelDrops > 0) {
    caveats.push(
      `Datagrams that the kernel dropped at this socket, because they came back too fast for this client: ${kernelDrops}`,
    );
  }
  if (undelivered > 0) caveats.push(`${samples(undelivered)} not sent because the remote was not there`);
  if (corrupted > 0) caveats.push(`${times(corrupted)} something came back that is not what was sent`);
  if (unexpected > 0) caveats.push(`${times(unexpected)} a sample of an earlier measurement came`);
  if (missedDeadlines > missedShare * sent) {
    caveats.push(
      `${samples(missedDeadlines)} sent when the next one was due already, up to ${formatDuration(delays.max)} ` +
        "late: the rate was not kept evenly",
    );
  }
  if (machine !== undefined && machine.busy > busyShare) {
    caveats.push(`This machine's processors were busy ${percent(machine.busy)} of the time`);
  }
  if (machine !== undefined && machine.stolen > stolenShare) {
    caveats.push(`The host of this virtual machine took ${percent(machine.stolen)} of its processors' time`);
  }
  if (clientOverhead !== undefined && clientOverhead.percentile(50) > roundTrips.percentile(50) / 2) {
    caveats.push("At the median, half of the round trip or more may be this client's own share");
  }
  return caveats;
}

function samples(count: number): string {
  return count === 1 ? "1 sample was" : `${count} samples were`;
}

function times(count: number): string {
  return count === 1 ? "Once" : `${count} times`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
