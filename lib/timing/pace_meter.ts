/**
 * Measures how well a rate is kept.
 *
 * @module
 */

import { createHistogram, type Histogram } from "./histogram.ts";
import type { Step } from "./pacing.ts";

/** How well a rate was kept so far. */
export interface PaceMeter {
  /** Number of steps. */
  readonly steps: number;
  /** Number of steps that came so late that the next one was due. */
  readonly missed: number;
  /** Time from one step to the next. */
  readonly gaps: Histogram;
  /** How late the steps came. */
  readonly lateness: Histogram;
  /** How late the last step came, in seconds: as delays do not add up, all that the rate has drifted. */
  readonly lastLate: number;
  /** Adds a step; to be called when that is done which the step is for. */
  record(step: Step): void;
}

/**
 * Makes what measures the steps of a {@linkcode pace}.
 *
 * @returns The meter
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { createPaceMeter, pace } from "@villas/client/timing";
 *
 * const meter = createPaceMeter();
 * for await (const step of pace(1000)) {
 *   meter.record(step);
 *   if (step.index === 20) break;
 * }
 * assertEquals([meter.steps, meter.gaps.count], [21, 20]);
 * assert(meter.gaps.mean > 0.0009);
 * ```
 */
export function createPaceMeter(): PaceMeter {
  const gaps = createHistogram();
  const lateness = createHistogram();
  let missed = 0;
  let lastLate = 0;
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
    get lastLate() {
      return lastLate;
    },
    record(step) {
      const time = performance.now();
      if (last !== undefined) gaps.record((time - last) / 1000);
      last = time;
      lastLate = step.late;
      lateness.record(step.late);
      if (step.missed) missed++;
    },
  };
}
