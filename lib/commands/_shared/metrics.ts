/**
 * The figures that `--metrics` serves, and what commands measure for them.
 *
 * @module
 */

import type { RouteFigures } from "./bridge_figures.ts";
import type { Listening } from "./listening.ts";
import { startMetricsServer } from "./metrics_server.ts";
import type { HistogramPoint, Labels, MetricFamily, NumberPoint } from "./metrics_text.ts";
import type { Client } from "../../client/client.ts";
import type { ReceivedCounters } from "../../client/counters.ts";
import type { RoundTripReport } from "../../roundtrips/round_trip.ts";
import type { Sample, Timestamp } from "../../samples/sample.ts";
import { secondsBetween } from "../../samples/timestamp.ts";
import type { Log } from "../../terminal/log.ts";
import type { Histogram } from "../../timing/histogram.ts";
import { version } from "../../version.ts";

/** Upper bounds of the buckets of delays, in seconds: from a hop within a machine to a far away one. */
const delayBounds: readonly number[] = [
  ...[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

/** Delays of samples from origin to arrival, as a histogram. */
export class DelayHistogram {
  readonly #counts: number[] = new Array(delayBounds.length + 1).fill(0);
  #sum = 0;
  /** Number of samples that arrived before they were sent, by the clocks of the two machines; they count as 0. */
  negative = 0;

  /** Adds samples that arrived at a time. Bound to this object, so that it can be passed on. */
  readonly record = (samples: readonly Sample[], received: Timestamp): void => {
    for (const { tsOrigin } of samples) {
      if (tsOrigin !== undefined) this.#add(secondsBetween(received, tsOrigin));
    }
  };

  /** Returns the histogram. */
  point(labels: Labels): HistogramPoint {
    return { labels, bounds: delayBounds, counts: [...this.#counts], sum: this.#sum };
  }

  #add(seconds: number): void {
    if (seconds < 0) this.negative++;
    const delay = Math.max(0, seconds);
    this.#sum += delay;
    let index = 0;
    while (delay > (delayBounds[index] ?? Infinity)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }
}

/**
 * Serves metrics.
 *
 * @param address Where to serve
 * @param collect Returns the metrics at the time of a scrape
 * @param log The log that says where they are
 * @throws {Error} If the address cannot be taken
 */
export function serveMetrics(
  address: Listening,
  collect: () => readonly MetricFamily[],
  log: Log,
): AsyncDisposable {
  const started = { labels: {}, value: (performance.timeOrigin ?? Date.now()) / 1000 };
  const client = { labels: { version }, value: 1 };
  return startMetricsServer(address, () => [
    { name: "villas_client", type: "info", help: "Version of the program", points: [client] },
    {
      name: "process_start_time_seconds",
      type: "gauge",
      unit: "seconds",
      help: "Start of the process, in seconds since 1970",
      points: [started],
    },
    ...collect(),
  ], log);
}

/** Collects the metrics of a client. */
export function clientMetrics(command: string, client: Client, delays: DelayHistogram | undefined): MetricFamily[] {
  const { received, sent } = client.counters;
  const labels = { command, local: client.local, ...client.remote !== undefined && { remote: client.remote } };
  const one = (value: number) => [{ labels, value }];
  return [
    ...receivedMetrics([{ labels, received, kernelDrops: client.stats().kernelDrops ?? null }]),
    counter("villas_sent_datagrams", "Datagrams that the system took", one(sent.datagrams)),
    { ...counter("villas_sent_bytes", "Bytes of the datagrams that the system took", one(sent.bytes)), unit: "bytes" },
    counter("villas_sent_samples", "Samples in the datagrams that the system took", one(sent.samples)),
    counter("villas_undelivered_datagrams", "Datagrams that could not be delivered", one(sent.undelivered)),
    counter("villas_unsent_datagrams", "Datagrams that the receiver would not survive", one(sent.refused)),
    ...delays === undefined ? [] : delayMetrics([[labels, delays]]),
  ];
}

/** Collects the metrics of the routes of a bridge. */
export function bridgeMetrics(
  figures: readonly RouteFigures[],
  delays: ReadonlyMap<string, DelayHistogram>,
): MetricFamily[] {
  const inputs = figures.flatMap((route) =>
    (route.inputs ?? [route]).map(({ from, received, kernelDrops }) => ({
      labels: { command: "bridge", route: route.name, local: from },
      received,
      kernelDrops,
    }))
  );
  const outputs = figures.flatMap(({ name, outputs }) =>
    outputs.map((output) => ({ labels: { command: "bridge", route: name, remote: output.to }, output }))
  );
  const each = (read: (output: typeof outputs[number]["output"]) => number) =>
    outputs.map(({ labels, output }) => ({ labels, value: read(output) }));
  const skipped = figures.map(({ name, skipped }) => ({ labels: { command: "bridge", route: name }, value: skipped }));
  const names = new Set(figures.map(({ name }) => name)); // a route that has ended has no series any more
  const running = [...delays].filter(([route]) => names.has(route))
    .map(([route, histogram]) => [{ command: "bridge", route }, histogram] as const);
  return [
    ...receivedMetrics(inputs),
    counter("villas_skipped_samples", "Samples that were left out on purpose", skipped),
    counter("villas_sent_messages", "Messages that were sent", each(({ messages }) => messages)),
    counter("villas_sent_samples", "Samples that were sent", each(({ samples }) => samples)),
    counter(
      "villas_dropped_samples",
      "Samples dropped because a receiver was too slow",
      each(({ dropped }) => dropped),
    ),
    counter("villas_unsent_samples", "Samples that the receiver would not survive", each(({ refused }) => refused)),
    counter(
      "villas_undelivered_samples",
      "Samples that could not be delivered",
      each(({ undelivered }) => undelivered),
    ),
    gauge("villas_waiting_samples", "Samples that wait or are on their way", each(({ waiting }) => waiting)),
    ...delayMetrics(running),
  ];
}

/** Collects the metrics of the cases of a measurement of round trips. */
export function roundTripMetrics(client: Client, reports: readonly RoundTripReport[]): MetricFamily[] {
  const labelsOf = ({ rate, values }: RoundTripReport) => ({ rate: String(rate), values: String(values) });
  const each = (read: (report: RoundTripReport) => number) =>
    reports.map((report) => ({ labels: labelsOf(report), value: read(report) }));
  return [
    ...clientMetrics("rtt", client, undefined),
    counter("villas_rtt_sent_samples", "Samples that were sent to be echoed", each(({ sent }) => sent)),
    counter(
      "villas_rtt_received_samples",
      "Samples that came back as they were sent",
      each(({ received }) => received),
    ),
    counter("villas_rtt_corrupted_samples", "Times that something else came back", each(({ corrupted }) => corrupted)),
    counter("villas_rtt_late_samples", "Samples that came back late", each(({ lateCount }) => lateCount)),
    counter(
      "villas_rtt_missed_deadlines",
      "Samples sent when the next one was due",
      each((report) => report.missedDeadlines),
    ),
    {
      name: "villas_rtt_seconds",
      type: "histogram",
      unit: "seconds",
      help: "Round trips of samples",
      points: reports.map((report) => toPoint(labelsOf(report), report.roundTrips)),
    },
  ];
}

/** What was received at one end. */
interface Input {
  readonly labels: Labels;
  readonly received: ReceivedCounters;
  readonly kernelDrops: number | null;
}

function receivedMetrics(inputs: readonly Input[]): MetricFamily[] {
  const each = (name: keyof ReceivedCounters) =>
    inputs.map(({ labels, received }) => ({ labels, value: received[name] }));
  const drops = inputs.flatMap(({ labels, kernelDrops }) =>
    kernelDrops === null ? [] : [{ labels, value: kernelDrops }]
  );
  return [
    counter("villas_received_datagrams", "Datagrams that were received", each("datagrams")),
    { ...counter("villas_received_bytes", "Bytes of the datagrams that were received", each("bytes")), unit: "bytes" },
    counter("villas_received_samples", "Samples that were received", each("samples")),
    counter("villas_refused_datagrams", "Datagrams that could not be decoded", each("refused")),
    counter("villas_ignored_datagrams", "Datagrams from other sources than the remote", each("ignored")),
    counter("villas_duplicate_samples", "Samples whose number had already arrived", each("duplicate")),
    counter("villas_reordered_samples", "Samples that arrived after one with a higher number", each("reordered")),
    // These two may fall again: a number that was missing comes late, and a repeated 0 turns out to be a duplicate.
    gauge("villas_missing_samples", "Numbers that were skipped and have not arrived since", each("missing")),
    gauge("villas_sender_restarts", "Times that the sender has started over", each("restarts")),
    counter("villas_kernel_dropped_datagrams", "Datagrams that the kernel dropped before they were received", drops),
  ];
}

function delayMetrics(delays: readonly (readonly [Labels, DelayHistogram])[]): MetricFamily[] {
  return [
    {
      name: "villas_delay_seconds",
      type: "histogram",
      unit: "seconds",
      help: "Time of samples from their origin to their arrival, by the clocks of both machines",
      points: delays.map(([labels, histogram]) => histogram.point(labels)),
    },
    counter(
      "villas_negative_delay_samples",
      "Samples that arrived before their origin, because the clocks disagree; their delay counts as 0",
      delays.map(([labels, { negative }]) => ({ labels, value: negative })),
    ),
  ];
}

/** Counts durations in the buckets of delays; a range that lies across a bound counts to where it begins. */
function toPoint(labels: Labels, durations: Histogram): HistogramPoint {
  const counts: number[] = new Array(delayBounds.length + 1).fill(0);
  for (const { from, count } of durations.buckets()) {
    const found = delayBounds.findIndex((bound) => from <= bound);
    const index = found < 0 ? delayBounds.length : found;
    counts[index] = (counts[index] ?? 0) + count;
  }
  return { labels, bounds: delayBounds, counts, sum: durations.count === 0 ? 0 : durations.mean * durations.count };
}

function counter(name: string, help: string, points: readonly NumberPoint[]): MetricFamily {
  return { name, type: "counter", help, points };
}

function gauge(name: string, help: string, points: readonly NumberPoint[]): MetricFamily {
  return { name, type: "gauge", help, points };
}
