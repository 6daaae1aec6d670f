/**
 * Figures of a running controller: its steps, how long they took and how late they were, and what was sent.
 *
 * @module
 */

import type { FaultKind } from "./faults.ts";
import { TimeDistribution } from "./_time_distribution.ts";
import type { DistributionFigures } from "../timing/distribution.ts";

/**
 * Reason why a controller ended: its signal, a number of steps, the end of its time, no sample for the time limit, a client
 * that was closed, a fault that was to end it, or a step that did not return.
 */
export type ControlEnding = "signal" | "count" | "duration" | "timeout" | "closed" | "fault" | "stuck";

/** Figures of a controller; times are in seconds. */
export interface ControlFigures {
  /** Reason of the end; undefined before. */
  readonly ending: ControlEnding | undefined;
  /** Number of steps that were begun. */
  readonly steps: number;
  /** Number of steps at a fixed rate that were left out, because the next one was due already. */
  readonly skipped: number;
  /** Number of samples that came. */
  readonly received: number;
  /** Number of outputs that were sent. */
  readonly outputs: number;
  /** Number of samples with the safe values that were sent. */
  readonly safeOutputs: number;
  /** Number of values that the limits have changed. */
  readonly limited: number;
  /** Number of faults by kind. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Number of times that the controller was replaced while it ran. */
  readonly reloads: number;
  /** Time from the call of a step until its output is ready to be sent. */
  readonly stepTime: DistributionFigures;
  /** Time from when a step was due to its call: at a fixed rate on the grid of the rate, else from the arrival of its sample. */
  readonly lateness: DistributionFigures;
  /** Time since the newest sample came, at the call of a step; only at a fixed rate. */
  readonly inputAge: DistributionFigures;
}

/** Measures the steps of a controller. */
export class StepMeter {
  steps = 0;
  skipped = 0;
  reloads = 0;
  readonly stepTime = new TimeDistribution();
  readonly lateness = new TimeDistribution();
  readonly inputAge = new TimeDistribution();
}
