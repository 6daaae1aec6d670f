/**
 * Samples, the unit of data that VILLASnode moves: values of all signals at one time, with their timestamps, signal lists and
 * sequence numbers. What turns samples into bytes belongs to the formats, what moves them to the client.
 *
 * @module
 */

export { type Complex, isComplex, type Sample, type SampleType, type Timestamp, type Value } from "./sample.ts";
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
export { createSequenceTracker, type SequenceCounters, type SequenceTracker } from "./sequence.ts";
