/**
 * What is wrong with a link: what is observed on it, and the findings that follow.
 *
 * @module
 */

export { diagnose, type Expectations, type Finding, type LayoutFinder } from "./diagnosis.ts";
export { type LinkObservation, observeLink, type ObserveOptions } from "./observation.ts";
