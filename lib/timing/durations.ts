/**
 * Durations for people: a unit that fits, and no more digits than mean anything.
 *
 * @module
 */

/** A unit of time. */
export interface TimeUnit {
  /** Its symbol. */
  readonly symbol: string;
  /** How many of it are a second. */
  readonly perSecond: number;
}

const units: readonly [TimeUnit, TimeUnit, TimeUnit] = [
  { symbol: "µs", perSecond: 1e6 },
  { symbol: "ms", perSecond: 1e3 },
  { symbol: "s", perSecond: 1 },
];

/** The unit to write several durations in, of which the longest is this one, in seconds. */
export function unitFor(longest: number): TimeUnit {
  return longest >= 100 ? units[2] : longest >= 0.1 ? units[1] : units[0];
}

/** A duration in seconds, in a unit without its symbol; `-` where there is none. */
export function formatIn({ perSecond }: TimeUnit, seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  const value = seconds * perSecond;
  return value.toFixed(value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 3);
}

/** A duration in seconds with the unit that fits it: `123 µs`, `4.5 ms`. */
export function formatDuration(seconds: number): string {
  const { symbol, perSecond } = seconds >= 1 ? units[2] : seconds >= 1e-3 ? units[1] : units[0];
  return `${Number((seconds * perSecond).toPrecision(3))} ${symbol}`;
}
