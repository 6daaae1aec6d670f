/**
 * How well a command has kept its rate, in figures: as text for a person, as an object for a program.
 *
 * @module
 */

import type { Histogram } from "../../timing/histogram.ts";
import type { PaceMeter } from "../../timing/pace_meter.ts";

/** Durations, in seconds; NaN, which is null in JSON, where there are none. */
export interface DurationSummary {
  /** The shortest. */
  min: number;
  /** The mean. */
  mean: number;
  /** The median. */
  p50: number;
  /** What 99 of 100 do not exceed. */
  p99: number;
  /** What 999 of 1000 do not exceed. */
  p999: number;
  /** The longest. */
  max: number;
}

/** How well a rate was kept. */
export interface PaceSummary {
  /** Steps that came so late that the next one was due. */
  missedDeadlines: number;
  /** Time from one step to the next. */
  gap: DurationSummary;
  /** How late the steps came. */
  late: DurationSummary;
  /** How late the last step came, in seconds: all that the rate has drifted. */
  drift: number;
}

/** Takes the figures of a meter. */
export function summarizePace({ missed, gaps, lateness, lastLateness }: PaceMeter): PaceSummary {
  return {
    missedDeadlines: missed,
    gap: summarizeDurations(gaps),
    late: summarizeDurations(lateness),
    drift: lastLateness,
  };
}

function summarizeDurations(histogram: Histogram): DurationSummary {
  const { min, mean, max, percentile } = histogram;
  return { min, mean, p50: percentile(50), p99: percentile(99), p999: percentile(99.9), max };
}

/** The figures as lines of text. */
export function describePace({ gaps, lateness, lastLateness }: PaceMeter): string[] {
  if (gaps.count === 0) return [];
  const percentiles = (histogram: Histogram) =>
    ([["p50", 50], ["p99", 99], ["p99.9", 99.9]] as const)
      .map(([name, percent]) => `${name} ${microseconds(histogram.percentile(percent))}`).join(", ");
  return [
    `From one to the next, in microseconds: min ${microseconds(gaps.min)}, ${percentiles(gaps)}, ` +
    `max ${microseconds(gaps.max)}`,
    `Late, in microseconds: ${percentiles(lateness)}, max ${microseconds(lateness.max)}, the last ${
      microseconds(lastLateness)
    }`,
  ];
}

function microseconds(seconds: number): string {
  return (seconds * 1e6).toFixed(0);
}
