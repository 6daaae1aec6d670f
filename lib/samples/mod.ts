/**
 * Samples, the unit of data that VILLASnode moves: values of all signals at one time, with their timestamps, signal lists and
 * sequence numbers. What turns samples into bytes belongs to the formats, what moves them to the client.
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
export {
  castFloat,
  defaultSignalCount,
  findMismatch,
  formatSignals,
  type LinkSignals,
  parseDirections,
  parseSignals,
  type Signal,
  type SignalDirections,
  type SignalNotation,
  type SignalType,
  typeOfValue,
} from "./signals.ts";
export { parseValues } from "./values.ts";
export { createSequenceTracker, type SequenceCounters, type SequenceTracker } from "./sequence.ts";
