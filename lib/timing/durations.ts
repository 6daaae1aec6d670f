/**
 * Durations as text: in a unit that fits, with no more digits than mean anything.
 *
 * @module
 */

/** A unit of time. */
export interface TimeUnit {
  /** Its symbol. */
  readonly symbol: string;
  /** Number of units in one second. */
  readonly perSecond: number;
}

const microseconds: TimeUnit = { symbol: "µs", perSecond: 1e6 };
const milliseconds: TimeUnit = { symbol: "ms", perSecond: 1e3 };
const seconds: TimeUnit = { symbol: "s", perSecond: 1 };

/** Returns the largest unit of which a duration, in seconds, is at least 1; µs below that, and s for 0. */
function unitOf(duration: number): TimeUnit {
  const size = Math.abs(duration);
  return size >= 1 || size === 0 ? seconds : size >= 1e-3 ? milliseconds : microseconds;
}

/**
 * Writes a duration for a sentence: at most three digits that mean something, and its unit.
 *
 * @param duration The duration, in seconds
 * @returns Such as `"123 µs"` or `"4.5 ms"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDuration } from "@villas/client/timing";
 *
 * assertEquals([0.000123, 0.0045, 12.34].map(formatDuration), ["123 µs", "4.5 ms", "12.3 s"]);
 * ```
 */
export function formatDuration(duration: number): string {
  const { symbol, perSecond } = unitOf(duration);
  return `${Number((duration * perSecond).toPrecision(3))} ${symbol}`;
}

/**
 * Writes a duration for a table whose rows have units of their own: always four digits, or all in front of the point if
 * these are more, and its unit.
 *
 * @param duration The duration, in seconds; null where there is none
 * @returns Such as `"283.9 µs"`, `"-2.000 ms"`, `"0 s"`, or `"-"` for null
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDurationCell } from "@villas/client/timing";
 *
 * assertEquals([0.0002839, -0.002, 0, null].map(formatDurationCell), ["283.9 µs", "-2.000 ms", "0 s", "-"]);
 * ```
 */
export function formatDurationCell(duration: number | null): string {
  if (duration === null) return "-";
  const { symbol, perSecond } = unitOf(duration);
  return `${duration === 0 ? "0" : formatFourDigits(duration * perSecond)} ${symbol}`;
}

/**
 * Writes a number with four digits, or all in front of the point if these are more.
 *
 * @param value The number
 * @returns Such as `"1.500"` or `"12345"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatFourDigits } from "@villas/client/timing";
 *
 * assertEquals([1.5, 12.345, 12345.6].map(formatFourDigits), ["1.500", "12.35", "12346"]);
 * ```
 */
export function formatFourDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** Returns the unit for a table of durations of which the longest is this one, in seconds. */
export function unitFor(longest: number): TimeUnit {
  return longest >= 100 ? seconds : longest >= 0.1 ? milliseconds : microseconds;
}

/** Writes a duration, in seconds, in a unit and without its symbol; `-` where it is not finite. */
export function formatIn({ perSecond }: TimeUnit, duration: number): string {
  if (!Number.isFinite(duration)) return "-";
  const value = duration * perSecond;
  return value.toFixed(value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 3);
}
