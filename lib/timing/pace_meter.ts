/**
 * Measures how well a rate is kept.
 *
 * @module
 */

import { createHistogram, type Histogram } from "./histogram.ts";
import type { Step } from "./pacing.ts";

/** A meter of how well a rate is kept. */
export interface PaceMeter {
  /** Number of steps. */
  readonly steps: number;
  /** Number of steps that were so late that the next one was due. */
  readonly missed: number;
  /** Times from one step to the next. */
  readonly gaps: Histogram;
  /** Times from when the steps were due to when they came. */
  readonly lateness: Histogram;
  /** Lateness of the last step, in seconds: as delays do not add up, this is all that the rate has drifted. */
  readonly lastLateness: number;
  /** Adds a step; call it when the work of the step is done. */
  record(step: Step): void;
}

/**
 * Creates a meter of the steps of a {@linkcode pace}.
 *
 * @returns The meter
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createPaceMeter, pace } from "@villas/client/timing";
 *
 * const meter = createPaceMeter();
 * for await (const step of pace(1000)) {
 *   meter.record(step);
 *   if (step.index === 20) break;
 * }
 * assertEquals([meter.steps, meter.gaps.count, meter.lateness.count], [21, 20, 21]);
 * ```
 */
export function createPaceMeter(): PaceMeter {
  const gaps = createHistogram();
  const lateness = createHistogram();
  let missed = 0;
  let lastLateness = 0;
  let last: number | undefined;
  return {
    get steps() {
      return lateness.count;
    },
    get missed() {
      return missed;
    },
    gaps,
    lateness,
    get lastLateness() {
      return lastLateness;
    },
    record(step) {
      const time = performance.now();
      if (last !== undefined) gaps.record((time - last) / 1000);
      last = time;
      lastLateness = step.lateness;
      lateness.record(step.lateness);
      if (step.missed) missed++;
    },
  };
}
