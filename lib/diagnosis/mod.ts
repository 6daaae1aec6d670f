/**
 * Diagnosis of a link: what is observed on it, and the findings that follow from that. What prevents a link from being
 * opened is not observed; the command `doctor` explains it.
 *
 * @module
 */

export { diagnoseConnection } from "./connection.ts";
export { diagnose, type Expectations, type Finding, type LayoutFinder } from "./diagnosis.ts";
export { type LinkObservation, observeLink, type ObserveOptions, type ReasonCounter } from "./observation.ts";
export {
  type AnsweredVersion,
  observeStream,
  type StatusCounts,
  type StreamCircumstances,
  type StreamObservation,
} from "./stream_observation.ts";
export { diagnoseStream } from "./stream_diagnosis.ts";
export { type ProbeOptions, probeStream } from "./stream_probe.ts";
export {
  type ErrorFigures,
  type MeasurementErrorFigures,
  MeasurementErrors,
  type ReferenceSource,
  totalVectorError,
} from "./measurement_errors.ts";
