/**
 * Measures what a command receives, and shows it: a line a second where a person watches, a table at the end.
 *
 * @module
 */

import { formatDurationCell, formatFourDigits } from "../../timing/durations.ts";
import type { DistributionFigures } from "../../timing/distribution.ts";
import { createStatistics, type Statistics, type StatisticsFigures } from "../../timing/statistics.ts";
import type { Log } from "../../terminal/log.ts";

/** Measures what a command receives. */
export interface Meter extends Pick<Statistics, "figures" | "record">, Disposable {}

/** How often a line is shown, in milliseconds. */
const interval = 1000;

/**
 * Makes what measures, if the options ask for it: for the figures at the end, or for a line a second on a terminal.
 *
 * @param options The command's
 * @param log Where to show the lines
 */
export function createMeter(options: { stats: string | undefined; verbose: boolean }, log: Log): Meter | undefined {
  if (options.stats === undefined && !options.verbose) return undefined;
  const total = createStatistics();
  if (!options.verbose || !log.hasStatus) {
    return {
      get figures() {
        return total.figures;
      },
      record: total.record,
      [Symbol.dispose]: () => {},
    };
  }
  let recent = createStatistics();
  const timer = setInterval(() => {
    log.info(describeInterval(recent.figures));
    recent = createStatistics();
  }, interval);
  return {
    get figures() {
      return total.figures;
    },
    record(samples, received) {
      total.record(samples, received);
      recent.record(samples, received);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** What came within a second, in a line. */
function describeInterval(
  { samples, missing, duplicate, reordered, oneWayDelay, gapReceived }: StatisticsFigures,
): string {
  const line = `${samples} samples/s, missing ${missing}, duplicate ${duplicate}, reordered ${reordered}`;
  const delay = oneWayDelay.count === 0 ? "" : `, delay ${formatDurationCell(oneWayDelay.mean)}`;
  return samples === 0 ? line : `${line}${delay}, gap at most ${formatDurationCell(gapReceived.max)}`;
}

/** The rows of the table below the count. */
const rows: readonly (keyof DistributionFigures)[] = ["min", "mean", "p50", "p90", "p99", "p999", "max", "stddev"];

/** The figures as lines of text, which fit a terminal behind the program's name; none where nothing came. */
export function describeStatistics(statistics: StatisticsFigures): string[] {
  const { samples, oneWayDelay, gapSent, gapReceived, signalCount, jitter } = statistics;
  if (samples === 0) return [];
  const times = [oneWayDelay, gapSent, gapReceived];
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(7) + cells.map((cell) => cell.padStart(14)).join("");
  const lines = [
    row("", ["one-way delay", "gap sent", "gap received", "values"]),
    row("count", [...times, signalCount].map(({ count }) => String(count))),
    ...rows.map((name) => {
      const cells = [...times.map((figures) => formatDurationCell(figures[name])), showNumber(signalCount[name])];
      return row(name === "p999" ? "p99.9" : name, cells);
    }),
    `Jitter (RFC 3550) ${formatDurationCell(jitter)}`,
  ];
  const { count, negative, min } = oneWayDelay;
  if (negative > 0) {
    lines.push(
      `${negative} of ${count} one-way delays ${negative === 1 ? "is" : "are"} below 0: the clocks are at least ` +
        `${formatDurationCell(-(min ?? 0))} apart, so the delays say nothing`,
    );
  } else if (count > 0) {
    lines.push("One-way delays are as wrong as the clocks of the two machines are apart");
  }
  return lines;
}

function showNumber(value: number | null): string {
  return value === null ? "-" : Number.isInteger(value) ? String(value) : formatFourDigits(value);
}
