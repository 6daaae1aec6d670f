/**
 * Options of running a controller.
 *
 * @module
 */

import type { ControlFault } from "./faults.ts";
import type { Values } from "./_outputs.ts";
import type { Sample } from "../samples/sample.ts";

/** A step that has ended, as a log or a display sees it. */
export interface StepRecord {
  /** Name of the link that the newest sample came from. */
  readonly link: string;
  /** The newest sample. */
  readonly sample: Sample;
  /** The values that were sent last on that link, whatever sent them; undefined until there are any. */
  readonly sent: Values | undefined;
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
  /** Called with the first fault of each cause. */
  onFault?: (fault: ControlFault) => void;
  /** Called when samples come again after a silence. */
  onRecovery?: (link: string) => void;
  /** Called with each step after its output is on its way. */
  onStep?: (step: StepRecord) => void;
  /** Called with the name of a link when samples of it have come. */
  onReceive?: (link: string) => void;
  /** Called after the steps that were due; the next ones wait until it is done. */
  onPause?: () => Promise<void> | void;
}
