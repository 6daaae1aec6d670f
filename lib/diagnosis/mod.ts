/**
 * Diagnosis of a link: what is observed on it, and the findings that follow from that. What prevents a link from being
 * opened is not observed; the command `doctor` explains it.
 *
 * @module
 */

export { diagnoseConnection } from "./connection.ts";
export { diagnose, type Expectations, type Finding, type LayoutFinder } from "./diagnosis.ts";
export { type LinkObservation, observeLink, type ObserveOptions, type ReasonCounter } from "./observation.ts";
