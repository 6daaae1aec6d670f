/**
 * Clocks and pace: steps at a fixed rate and how well they were kept, histograms, distributions, statistics, jitter and
 * timelines. What is measured with them (round trips, links) belongs to the rooms of that.
 *
 * @module
 */

export { pace, type PaceOptions, type Step } from "./pacing.ts";
export { createPaceMeter, type PaceMeter } from "./pace_meter.ts";
export { type Bucket, createHistogram, type Histogram } from "./histogram.ts";
export { drawHistogram, type HistogramScale } from "./histogram_text.ts";
export { createJitter, type Jitter } from "./jitter.ts";
export { createTimeline, type Timeline } from "./timeline.ts";
export { createDistribution, type Distribution, type DistributionFigures } from "./distribution.ts";
export { createStatistics, type Statistics, type StatisticsFigures } from "./statistics.ts";
