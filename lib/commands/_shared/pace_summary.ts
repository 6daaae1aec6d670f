/**
 * Figures on how well a command has kept its rate: as text for a person, as an object for a program.
 *
 * @module
 */

import type { Histogram } from "../../timing/histogram.ts";
import type { PaceMeter } from "../../timing/pace_meter.ts";

/** Durations, in seconds; NaN, which is null in JSON, if there are none. */
export interface DurationSummary {
  /** The shortest. */
  min: number;
  /** The mean. */
  mean: number;
  /** The median. */
  p50: number;
  /** The 99th percentile. */
  p99: number;
  /** The 99.9th percentile. */
  p999: number;
  /** The longest. */
  max: number;
}

/** Regularity of the steps. */
export interface PaceSummary {
  /** Steps that came so late that the next one was due already. */
  missedDeadlines: number;
  /** Time from one step to the next. */
  gap: DurationSummary;
  /** Lateness of the steps. */
  late: DurationSummary;
  /** Lateness of the last step, in seconds: the whole drift of the rate. */
  drift: number;
}

/** Collects the figures of a meter. */
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

/** Writes the figures as lines of text. */
export function describePace({ gaps, lateness, lastLateness }: PaceMeter): string[] {
  if (gaps.count === 0) return [];
  const percentiles = (histogram: Histogram) =>
    ([["p50", 50], ["p99", 99], ["p99.9", 99.9]] as const)
      .map(([name, percent]) => `${name} ${microseconds(histogram.percentile(percent))}`).join(", ");
  return [
    `Gaps in µs: min ${microseconds(gaps.min)}, ${percentiles(gaps)}, max ${microseconds(gaps.max)}`,
    `Lateness in µs: ${percentiles(lateness)}, max ${microseconds(lateness.max)}, last ${microseconds(lastLateness)}`,
  ];
}

function microseconds(seconds: number): string {
  return (seconds * 1e6).toFixed(0);
}
