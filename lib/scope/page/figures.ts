/**
 * Figures of a signal over the window as texts: its last value, extremes, mean and RMS, in the way of its type.
 *
 * @module
 */

import { formatEngineering, formatValue } from "../axis.ts";
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
 * @param format Formats what is not an integer; default: six significant digits
 */
export function describeFigure(
  type: SignalType,
  statistics: ChannelStatistics | undefined,
  figure: Figure,
  format = formatValue as (value: number) => string,
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
  return format(Math.abs(value) < size * 1e-9 ? 0 : value);
}

/** Formats a number in about eight characters, as the labels of axes are: `-14.467m`. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  const size = Math.abs(value);
  return size >= 0.1 && size < 1 ? String(Number(value.toPrecision(5))) : formatEngineering(value, 5);
}
