/**
 * Figures of a signal over the window as texts: its last value, extremes, mean and RMS, in the way of its type.
 *
 * @module
 */

import { formatValue } from "../axis.ts";
import type { SignalType } from "../../samples/signals.ts";
import type { ChannelStatistics } from "../protocol.ts";

/** The figures. */
export const figures = ["last", "min", "max", "mean", "rms"] as const;

/** One of the figures. */
export type Figure = typeof figures[number];

/**
 * Describes a figure.
 *
 * @param type Type of the signal; integers have all their digits, also beyond the 2^53 up to which numbers hold them
 * @param statistics Its figures; undefined where there are none yet
 * @param figure The figure
 * @param digits Significant digits of what is not an integer
 */
export function describeFigure(
  type: SignalType,
  statistics: ChannelStatistics | undefined,
  figure: Figure,
  digits = 6,
): string {
  const value = statistics?.[figure] ?? NaN;
  if (type === "boolean" && (value === 0 || value === 1)) return value === 1 ? "on" : "off";
  if (type === "integer" && figure !== "mean" && figure !== "rms") {
    const exact = statistics?.integers?.[figure];
    if (exact !== undefined) return exact;
    if (Number.isSafeInteger(value)) return String(value);
  }
  // What is nothing beside the other values, such as the mean of a sine, is 0.
  const size = Math.max(Math.abs(statistics?.min ?? 0), Math.abs(statistics?.max ?? 0));
  return formatValue(Math.abs(value) < size * 1e-9 ? 0 : value, digits);
}
