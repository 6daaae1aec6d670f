/**
 * Samples, the unit of data that VILLASnode moves: the values of all signals at one time, with timestamps and sequence
 * numbers, and the signal lists that describe them. Turning samples into bytes belongs to the formats, moving them to
 * the client, files of them to the recordings.
 *
 * @module
 */

export {
  type Complex,
  isComplex,
  type OutgoingSample,
  type Sample,
  type SampleType,
  type Timestamp,
  type Value,
} from "./sample.ts";
export { now, nowMilliseconds, secondsBetween, timestampFromMilliseconds } from "./timestamp.ts";
export { type LinkSignals, parseDirections, type SignalDirections } from "./directions.ts";
export {
  defaultSignalCount,
  formatSignals,
  parseSignals,
  type Signal,
  type SignalNotation,
  type SignalType,
} from "./signals.ts";
export { castFloat, findMismatch, typeOfValue } from "./value_types.ts";
export { parseValues } from "./values.ts";
export { createSequenceTracker, type RunTracker, type SequenceCounters, type SequenceTracker } from "./sequence.ts";
