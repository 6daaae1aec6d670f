/**
 * The client: a transport and a format, samples in and samples out, with counters, detection of formats, the guard of what
 * is sent, the echo, and bridges. Files belong to the recordings, measuring an echo to the round trips.
 *
 * @module
 */

export type { Client } from "./client.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export type { ReceiveOptions, WaitOptions } from "./receive_queue.ts";
export type { SendResult } from "./send_queue.ts";
export { ClosedError, TimeoutError } from "./errors.ts";
export { UnfitSampleError } from "./guard.ts";
export { type Damage, DamagedMessageError } from "./damage.ts";
export { DetectionError } from "./auto_format.ts";
export type { Counters, ReceivedCounters, SentCounters } from "./counters.ts";
export { echo, type EchoOptions } from "./echo.ts";
export { receiveSamples, type ReceiveSamplesOptions } from "./receive.ts";
export {
  type Bridge,
  type BridgeCounters,
  type BridgeOptions,
  type BridgeOutput,
  type BridgeSink,
  type BridgeSource,
  createBridge,
  type OutputCounters,
} from "./bridge.ts";
export { createMerge, type Merge, type MergeOptions, type MergePart } from "./merge.ts";
export {
  type CastStep,
  createShape,
  type DecimateStep,
  type LimitRateStep,
  type ScaleStep,
  type SelectStep,
  type Shape,
  type ShapeStep,
  type SignalReference,
} from "./shape.ts";
