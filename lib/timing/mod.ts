/**
 * Clocks and pace: steps at a fixed rate and how well it was kept, histograms, distributions, moments, statistics, jitter,
 * timelines, and durations as text. Measurements made with them belong to other rooms: round trips to `roundtrips`, links
 * to `diagnosis`.
 *
 * @module
 */

export { pace, type PaceOptions, type Step } from "./pacing.ts";
export { formatDuration, formatDurationCell, formatFourDigits } from "./durations.ts";
export { Moments } from "./moments.ts";
export { createPaceMeter, type PaceMeter } from "./pace_meter.ts";
export { type Bucket, createHistogram, type Histogram } from "./histogram.ts";
export { drawHistogram, type HistogramScale } from "./histogram_text.ts";
export { createJitter, type Jitter } from "./jitter.ts";
export { createTimeline, type Timeline } from "./timeline.ts";
export { createDistribution, type Distribution, type DistributionFigures } from "./distribution.ts";
export { createStatistics, type Statistics, type StatisticsFigures } from "./statistics.ts";
export { nextReportingInstant } from "./reporting_instants.ts";
