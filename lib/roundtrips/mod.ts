/**
 * Measuring an echo: cases of rates and numbers of values, the tracker of the samples, the client's own overhead, and
 * results as logs, tables and pictures. Histograms and timelines belong to `timing`, the echo itself to `client`.
 *
 * @module
 */

export {
  plannedCount,
  type RoundTrip,
  type RoundTripCase,
  type RoundTripOptions,
  type RoundTripReport,
} from "./round_trip.ts";
export { measureRoundTrips } from "./measure.ts";
export { type BaselineOptions, measureLoopbackBaseline } from "./baseline.ts";
export { createRoundTripLog, type RoundTripLog, roundTripLogName } from "./log.ts";
export {
  type DurationSummary,
  findCaveats,
  type RoundTripSummary,
  summarizeDurations,
  summarizeRoundTrips,
} from "./summary.ts";
export { createRoundTripTimeline, drawRoundTrips, type RoundTripCaption, type RoundTripPanel } from "./svg.ts";
export { type RoundTripResult, tabulateRoundTrips } from "./table.ts";
export type { MachineLoad } from "../system/machine.ts";
