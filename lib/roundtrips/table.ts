/**
 * Round trips as tables for a terminal.
 *
 * @module
 */

import { formatIn, type TimeUnit, unitFor } from "../timing/durations.ts";
import type { Histogram } from "../timing/histogram.ts";
import type { RoundTripReport } from "./round_trip.ts";

/** Result of measuring one case. */
export interface RoundTripResult {
  /** The report of the measurement. */
  report: RoundTripReport;
  /** The client's overhead, where the loopback baseline was measured. */
  clientOverhead?: Histogram;
}

/** Columns of counters, and their widths: 79 characters together with those of the case. */
const countColumns: readonly [name: string, width: number, of: (report: RoundTripReport) => number][] = [
  ["sent", 10, ({ sent }) => sent],
  ["received", 9, ({ received }) => received],
  ["lost", 7, ({ lost }) => lost],
  ["dup", 6, ({ duplicate }) => duplicate],
  ["reorder", 8, ({ reordered }) => reordered],
  ["late", 6, ({ lateCount }) => lateCount],
  ["corrupt", 8, ({ corrupted }) => corrupted],
  ["missed", 8, ({ missedDeadlines }) => missedDeadlines],
];

/** Columns of durations, 7 characters each. */
const timeColumns: readonly [name: string, of: (durations: Histogram) => number][] = [
  ["min", ({ min }) => min],
  ["mean", ({ mean }) => mean],
  ["p50", (durations) => durations.percentile(50)],
  ["p90", (durations) => durations.percentile(90)],
  ["p99", (durations) => durations.percentile(99)],
  ["p99.9", (durations) => durations.percentile(99.9)],
  ["max", ({ max }) => max],
  ["stddev", ({ standardDeviation }) => standardDeviation],
];

/**
 * Writes results as two tables of at most 80 columns: what became of the samples, and how long they were away.
 *
 * @param results Results of the cases
 * @returns The lines
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { protobuf } from "@villas/client/formats";
 * import { measureLoopbackBaseline, tabulateRoundTrips } from "@villas/client/roundtrips";
 *
 * const report = await measureLoopbackBaseline({ rate: 500, values: 8, count: 5 }, { format: protobuf() });
 * assertEquals(tabulateRoundTrips([{ report }]).slice(0, 2), [
 *   "    rate values      sent received   lost   dup reorder  late corrupt  missed",
 *   `     500      8         5        5      0     0       0     0       0${String(report.missedDeadlines).padStart(8)}`,
 * ]);
 * ```
 */
export function tabulateRoundTrips(results: readonly RoundTripResult[]): string[] {
  const longest = Math.max(0, ...results.map(({ report }) => report.roundTrips.max).filter(Number.isFinite));
  const unit = unitFor(longest);
  const hasOverhead = results.some(({ clientOverhead }) => clientOverhead !== undefined);
  return [
    caseColumns("rate", "values") + countColumns.map(([name, width]) => name.padStart(width)).join(""),
    ...results.map(({ report }) =>
      caseColumns(report.rate, report.values) +
      countColumns.map(([, width, of]) => String(of(report)).padStart(width)).join("")
    ),
    "",
    `Round trip in ${unit.symbol}${
      hasOverhead ? " (own: the client's own overhead, over loopback; not subtracted)" : ""
    }`,
    caseColumns("rate", "values") + [...timeColumns.map(([name]) => name), "jitter"].map(pad).join(""),
    ...results.flatMap(({ report, clientOverhead }) => [
      caseColumns(report.rate, report.values) + times(report.roundTrips, unit) + pad(formatIn(unit, report.jitter)),
      ...(clientOverhead === undefined ? [] : [caseColumns("own", "") + times(clientOverhead, unit)]),
    ]),
  ];
}

function caseColumns(rate: number | string, values: number | string): string {
  return String(rate).padStart(8) + String(values).padStart(7);
}

function times(durations: Histogram, unit: TimeUnit): string {
  return timeColumns.map(([, of]) => pad(formatIn(unit, of(durations)))).join("");
}

function pad(text: string): string {
  return text.padStart(7);
}
