/**
 * The live picture of a link: a history of samples in bounded memory, its reduction to pixels, a trigger, spectra, and the
 * server of a page that shows them in a browser. Its page is in the folder `page` and is bundled into one module; what
 * receives the samples, and what reads files, is not here.
 *
 * @module
 */

export type { Channel, ComplexPart } from "./channels.ts";
export { type HistoryOptions, SampleHistory, type TimeBase } from "./history.ts";
export type { RangeSummary } from "./range_summary.ts";
export { reduceHistory, type Reduction, type ReductionMode, type ReductionRequest } from "./reduction.ts";
export { Trigger, type TriggerEvent, type TriggerMode, type TriggerSettings, type TriggerState } from "./trigger.ts";
export {
  type Harmonics,
  measureHarmonics,
  type Spectrum,
  spectrumOf,
  transform,
  type WindowFunction,
  windowFunctions,
} from "./spectrum.ts";
export { labelTicks, type Range, rangeOf, ticksOf, type TimeNotation, timeTicks } from "./axis.ts";
export { lookOf, type Theme } from "./colors.ts";
export { ControlDesk, parseControls, type SendSample } from "./controls.ts";
export { LinkMonitor } from "./link_monitor.ts";
export type { Control, LinkFigures, RefusedDatagram } from "./protocol.ts";
export { drawRecordings, type RecordingPictureOptions } from "./picture.ts";
export { drawPicture, type PictureOptions, type PictureTrace } from "./svg.ts";
export { type ListenOptions, type ScopeServer, serveScope } from "./server.ts";
export type { ScopeServerOptions, ScopeSource } from "./source.ts";
