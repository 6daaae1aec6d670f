/**
 * Statistics of what a command receives: a line per second if a person watches, a table at the end.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { DistributionFigures } from "../../timing/distribution.ts";
import type { Statistics, StatisticsFigures } from "../../timing/statistics.ts";
import { type Column, layOutColumns } from "../../terminal/columns.ts";
import type { Log } from "../../terminal/log.ts";
import { checkInterval, receivedTotals, reportIntervals } from "./intervals.ts";

/** Measures what a command receives, and reports it while it runs. */
export interface StatsReporter extends Pick<Statistics, "figures" | "record">, Disposable {
  /** Prints the lines of `--interval`, if there are any, until the handle is disposed of. */
  watch(client: Client): Disposable;
}

/** Options of the reporter. */
interface ReporterValues {
  readonly stats: string | undefined;
  readonly verbose: boolean;
  readonly interval?: number | undefined;
  readonly quiet: boolean;
}

/** Time between two lines of `--verbose`, in milliseconds. */
const verboseInterval = 1000;

/**
 * Creates a reporter if the options ask for one: for the figures at the end, for a line per interval, or for a line per
 * second on a terminal.
 *
 * @param values Values of the command's options
 * @param log The log that shows the lines
 * @throws {InputError} If the options contradict each other
 */
export async function createStatsReporter(values: ReporterValues, log: Log): Promise<StatsReporter | undefined> {
  checkInterval({ interval: undefined, ...values });
  const { stats, verbose, interval } = values;
  if (stats === undefined && interval === undefined && !verbose) return undefined;
  // Who asks for no statistics does not load what makes them.
  const { createStatistics } = await import("../../timing/statistics.ts");
  const { IntervalDelays } = await import("./interval_delays.ts");
  const total = createStatistics();
  const delays = interval === undefined ? undefined : new IntervalDelays();
  let recent = interval === undefined && verbose && log.hasStatus ? createStatistics() : undefined;
  const timer = recent && setInterval(() => {
    if (recent !== undefined) log.info(describeInterval(recent.figures));
    recent = createStatistics();
  }, verboseInterval);
  return {
    get figures() {
      return total.figures;
    },
    record(samples, received) {
      const elapsed = performance.now() / 1000;
      total.record(samples, received, elapsed);
      delays?.record(samples, received);
      recent?.record(samples, received, elapsed);
    },
    watch: (client) => reportIntervals(interval, log, () => receivedTotals(client), () => delays?.describe() ?? ""),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Describes what arrived within a second, on one line. */
function describeInterval(
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
