/**
 * Round trips as tables for a terminal.
 *
 * @module
 */

import { wrapText } from "../system/text.ts";
import { type Column, layOutColumns } from "../terminal/columns.ts";
import { formatIn, unitFor } from "../timing/durations.ts";
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

/** Width of a column of durations, in characters. */
const timeWidth = 7;

/**
 * Writes results as two tables: what became of the samples, and how long they were away. Columns for which the lines are
 * too short follow below the others, each time with the case in front.
 *
 * @param results Results of the cases
 * @param width Length of the longest line, in characters, at least 25; default 80
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
export function tabulateRoundTrips(results: readonly RoundTripResult[], width = 80): string[] {
  const longest = Math.max(0, ...results.map(({ report }) => report.roundTrips.max).filter(Number.isFinite));
  const unit = unitFor(longest);
  const hasOverhead = results.some(({ clientOverhead }) => clientOverhead !== undefined);
  const reports = results.map(({ report }) => report);
  const rows = results.flatMap(({ report, clientOverhead }) => [
    { rate: report.rate, values: report.values, durations: report.roundTrips, jitter: formatIn(unit, report.jitter) },
    ...(clientOverhead === undefined ? [] : [{ rate: "own", values: "", durations: clientOverhead, jitter: "" }]),
  ]);
  return [
    ...layOutColumns(
      caseColumns(reports),
      countColumns.map(([name, width, of]) => ({ width, cells: [name, ...reports.map(of)] })),
      width,
    ),
    "",
    ...wrapText(
      `Round trip in ${unit.symbol}` +
        (hasOverhead ? " (own: the client's own overhead, over loopback; not subtracted)" : ""),
      width,
    ),
    ...layOutColumns(
      caseColumns(rows),
      [
        ...timeColumns.map(([name, of]) =>
          timeColumn(name, rows.map(({ durations }) => formatIn(unit, of(durations))))
        ),
        timeColumn("jitter", rows.map(({ jitter }) => jitter)),
      ],
      width,
    ),
  ];
}

function caseColumns(cases: readonly { rate: string | number; values: string | number }[]): readonly Column[] {
  return [
    { width: 8, cells: ["rate", ...cases.map(({ rate }) => rate)] },
    { width: 7, cells: ["values", ...cases.map(({ values }) => values)] },
  ];
}

function timeColumn(name: string, cells: readonly string[]): Column {
  return { width: timeWidth, cells: [name, ...cells] };
}
