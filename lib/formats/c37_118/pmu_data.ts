/**
 * The data of one PMU in a data frame: its place, and the units of its 16-bit integers.
 *
 * @see IEEE C37.118.2-2011, table 6
 *
 * @module
 */

import type { Complex } from "../../samples/sample.ts";
import type { PmuConfiguration } from "./configuration.ts";

/** The 16-bit integer that stands for a value that is missing. */
export const missing = -32_768;

/** Units per Hz of a 16-bit frequency, and per Hz/s of a 16-bit ROCOF. */
export const frequencyUnits = 1000;
export const rocofUnits = 100;

/** Units per radian of a 16-bit angle. */
export const angleUnits = 1e4;

/** One PMU in a data frame. */
export interface PmuLayout {
  /** Offset of its STAT in the frame. */
  readonly offset: number;
  /** Index of its first value in a sample. */
  readonly firstValue: number;
  readonly pmu: PmuConfiguration;
  /** Bits of each digital word that are values. */
  readonly bits: readonly (readonly number[])[];
}

/** Turns a phasor by an angle, in radians. */
export function rotate(real: number, imag: number, angle: number): Complex {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { real: real * cos - imag * sin, imag: real * sin + imag * cos };
}
