/**
 * Statistics of received samples as text: a line per second if a person watches, a table at the end.
 *
 * @module
 */

import { type Column, layOutColumns } from "../../terminal/columns.ts";
import type { DistributionFigures } from "../../timing/distribution.ts";
import type { StatisticsFigures } from "../../timing/statistics.ts";

/** Describes what arrived within a second, on one line. */
export function describeInterval(
  { samples, missing, duplicate, reordered, oneWayDelay, gapReceived }: StatisticsFigures,
): string {
  const line = `${samples} samples/s, missing ${missing}, duplicate ${duplicate}, reordered ${reordered}`;
  const delay = oneWayDelay.count === 0 ? "" : `, delay ${showSeconds(oneWayDelay.mean)}`;
  return samples === 0 ? line : `${line}${delay}, gap at most ${showSeconds(gapReceived.max)}`;
}

/** Rows of the table below the count. */
const rows: readonly (keyof DistributionFigures)[] = ["min", "mean", "p50", "p90", "p99", "p999", "max", "stddev"];

/**
 * Writes the figures as lines; none if nothing arrived.
 *
 * @param statistics The figures
 * @param width Length of the longest line of the table, in characters
 */
export function describeStatistics(statistics: StatisticsFigures, width: number): string[] {
  const { samples, oneWayDelay, gapSent, gapReceived, signalCount, jitter, clockSteps } = statistics;
  if (samples === 0) return [];
  const column = (name: string, figures: DistributionFigures, show: (value: number | null) => string): Column => ({
    width: 14,
    cells: [name, String(figures.count), ...rows.map((row) => show(figures[row]))],
  });
  const lines = [
    ...layOutColumns(
      [{ width: 7, cells: ["", "count", ...rows.map((row) => row === "p999" ? "p99.9" : row)].map(leftAligned) }],
      [
        column("one-way delay", oneWayDelay, showSeconds),
        column("gap sent", gapSent, showSeconds),
        column("gap received", gapReceived, showSeconds),
        column("values", signalCount, showNumber),
      ],
      width,
    ),
    `Jitter (RFC 3550) ${showSeconds(jitter)}`,
  ];
  const { count, negative, min } = oneWayDelay;
  if (clockSteps > 0) {
    const times = clockSteps === 1 ? "once" : `${clockSteps} times`;
    lines.push(`The clock of this machine was set ${times} meanwhile: the delays before and after do not compare`);
  }
  if (negative > 0) {
    lines.push(
      `${negative} of ${count} one-way delays ${negative === 1 ? "is" : "are"} below 0: the clocks are at least ` +
        `${showSeconds(-(min ?? 0))} apart, so the delays are meaningless`,
    );
  } else if (count > 0) {
    lines.push("One-way delays include the offset between the two machines' clocks");
  }
  return lines;
}

function leftAligned(name: string): string {
  return name.padEnd(7);
}

/** Writes a time with four digits and a unit. */
export function showSeconds(seconds: number | null): string {
  if (seconds === null) return "-";
  const size = Math.abs(seconds);
  const [factor, unit] = size >= 1 || size === 0 ? [1, "s"] : size >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
  return `${size === 0 ? "0" : fourDigits(seconds * factor)} ${unit}`;
}

function showNumber(value: number | null): string {
  return value === null ? "-" : Number.isInteger(value) ? String(value) : fourDigits(value);
}

/** Writes a number with four digits, or more if there are more before the decimal point. */
function fourDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}
