/**
 * Options of running a controller.
 *
 * @module
 */

import type { ControlFault } from "./faults.ts";
import type { Sample, Timestamp, Value } from "../samples/sample.ts";

/** A step that has ended, or the safe values instead, as a log or a display sees it. */
export interface StepRecord {
  /** Number of the sample that was answered; at a fixed rate the number of the step. */
  readonly sequence: bigint;
  /** Origin timestamp of the sample that was answered, if it has one; at a fixed rate the time of the step. */
  readonly tsOrigin: Timestamp | undefined;
  /** Values of the newest sample of each link; NaN, 0 or false for those that have not come yet. */
  readonly inputs: readonly Value[];
  /** The values that were sent last to each link, whatever sent them; NaN, 0 or false where nothing was sent yet. */
  readonly outputs: readonly Value[];
}

/** Options of running a controller. */
export interface ControlOptions {
  /** Ends it. */
  signal?: AbortSignal;
  /** Ends it after this number of steps. */
  count?: number;
  /** Ends it after this time, in seconds. */
  duration?: number;
  /** Ends it when no sample has come for this time, in seconds. */
  timeout?: number;
  /**
   * Longest time from when a step is due, or its sample has come, to its output, in seconds. What comes later is a fault.
   */
  deadline?: number;
  /** Ends an asynchronous step, and everything, when it has not ended after this time, in seconds; default: none. */
  stuckTimeout?: number;
  /** Ends it at the first fault, and rejects with it; default false. */
  strict?: boolean;
  /** Waits actively for the steps of a fixed rate, at the price of one processor; default false. */
  busyWait?: boolean;
  /** Memory that gets the sequence number of the last sample of each link, for a watchdog of another thread. */
  sequences?: BigInt64Array;
  /** Called with the first fault of each cause. */
  onFault?: (fault: ControlFault) => void;
  /** Called when samples come again after a silence. */
  onRecovery?: (link: string) => void;
  /** Called with each step after its output is on its way. */
  onStep?: (step: StepRecord) => void;
  /** Called with the name of a link and the samples of each datagram that has come, after their answers are on their way. */
  onReceive?: (link: string, messages: readonly (readonly Sample[])[]) => void;
  /** Called after the steps that were due; the next ones wait until it is done. */
  onPause?: () => Promise<void> | void;
}
