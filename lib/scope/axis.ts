/**
 * Axes: ranges that show what there is, ticks at round numbers, and labels that differ from each other.
 *
 * @module
 */

/** A range of an axis, from the smaller to the larger end. */
export type Range = readonly [from: number, to: number];

/** The part of its height that a picture leaves free above and below. */
const margin = 0.06;

/**
 * Returns the range of an axis that shows values well: also those that are nearly the same, and those that are all 0.
 *
 * @param min The smallest value; not finite where there is none
 * @param max The largest value
 * @returns A range with some room at both ends
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rangeOf } from "@villas/client/scope";
 *
 * assertEquals(rangeOf(0, 0), [-1, 1]);
 * const [from, to] = rangeOf(1, 1 + 1e-7);
 * assertEquals(to - from < 2e-7, true);
 * ```
 */
export function rangeOf(min: number, max: number): Range {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [-1, 1];
  const limit = Number.MAX_VALUE / 4;
  if (min < -limit || max > limit) return [-limit, limit];
  const size = Math.max(Math.abs(min), Math.abs(max));
  const height = max - min;
  // Less than the last digits of a float64 is no height.
  if (!(height > size * 1e-14)) {
    // A tenth of the smallest numbers is nothing.
    const room = size === 0 ? 1 : Math.max(size * 0.1, 1e-300);
    return [min - room, max + room];
  }
  return [min - height * margin, max + height * margin];
}

/**
 * Returns ticks at round numbers: 1, 2 or 5 times a power of ten.
 *
 * @param from Beginning of the axis
 * @param to End of the axis
 * @param count The most intervals
 * @returns The ticks within the range, ordered
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ticksOf } from "@villas/client/scope";
 *
 * assertEquals(ticksOf(0.3, 2.2, 5), [0.5, 1, 1.5, 2]);
 * ```
 */
export function ticksOf(from: number, to: number, count: number): number[] {
  const step = stepOf(to - from, count);
  if (!(step > 0)) return [];
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  if (!(last - first < 1000)) return [];
  const digits = Math.max(0, Math.min(100, -Math.floor(Math.log10(step) + 1e-9)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const tick = (first + index) * step;
    return digits > 0 ? Number(tick.toFixed(digits)) : tick;
  });
}

/**
 * Returns ticks as {@linkcode ticksOf} does, but at least two, which a reader needs to tell how large anything is.
 *
 * @param from Beginning of the axis
 * @param to End of the axis
 * @param count The most intervals, if that makes two ticks
 */
export function readableTicks(from: number, to: number, count: number): number[] {
  let ticks = ticksOf(from, to, count);
  for (let more = count + 1; ticks.length === 1 && more < count + 20; more++) ticks = ticksOf(from, to, more);
  return ticks;
}

/** Returns the distance of ticks: the smallest round number that makes no more intervals than `count`. */
function stepOf(length: number, count: number): number {
  const rough = length / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return NaN;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((nice) => nice * power >= rough * (1 - 1e-9)) ?? 10);
}

/**
 * Labels ticks with as many digits as tell them apart. Where the digits would be too many, the labels are relative to a
 * base.
 *
 * @param ticks Ticks in equal distances
 * @returns The labels, and the base that they are relative to, as text; empty for 0
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelTicks } from "@villas/client/scope";
 *
 * assertEquals(labelTicks([0, 0.5, 1]).labels, ["0.0", "0.5", "1.0"]);
 * assertEquals(labelTicks([1, 1.00000005, 1.0000001]), { labels: ["+0", "+50n", "+100n"], base: "1" });
 * ```
 */
export function labelTicks(ticks: readonly number[]): { readonly labels: string[]; readonly base: string } {
  const [first = 0, second = first] = ticks;
  const step = Math.abs(second - first);
  const size = Math.max(...ticks.map(Math.abs), 0);
  if (ticks.length > 1 && size / step > 1e5) {
    return {
      labels: ticks.map((tick) => {
        const distance = roundTo(tick - first, step);
        return `+${formatEngineering(distance)}`;
      }),
      base: String(Number(first.toPrecision(15))),
    };
  }
  const digits = step > 0 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 0;
  if (size >= 1e5 || (size > 0 && size < 1e-2 && digits > 3)) {
    const significant = step > 0 ? Math.min(15, Math.ceil(Math.log10(size / step)) + 2) : 6;
    const labels = ticks.map((tick) => tick === 0 ? "0" : formatEngineering(roundTo(tick, step), significant));
    return { labels, base: "" };
  }
  return { labels: ticks.map((tick) => (Object.is(tick, -0) ? 0 : tick).toFixed(Math.min(digits, 20))), base: "" };
}

/** Rounds away what a subtraction has left behind the last digit that counts. */
function roundTo(value: number, step: number): number {
  return step > 0 ? Math.round(value / step * 1000) / 1000 * step : value;
}

const prefixes = ["q", "r", "y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/**
 * Formats a number with the prefix of a unit, such as `"12.5k"`.
 *
 * @param value The number
 * @param digits Significant digits; default 4, without zeros at the end
 * @returns The text
 */
export function formatEngineering(value: number, digits = 4): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(digits));
  const power = Math.floor(Math.log10(Math.abs(rounded)) / 3 + 1e-9);
  const prefix = prefixes[power + 10];
  if (prefix === undefined) return rounded.toExponential();
  return `${Number((rounded / 10 ** (power * 3)).toPrecision(digits))}${prefix}`;
}

/**
 * Formats a value of a signal for a column of numbers.
 *
 * @param value The number
 * @param digits Significant digits; default 6
 * @returns The text; a dash for what is not a number
 */
export function formatValue(value: number, digits = 6): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 10 ** (digits + 1) || size < 1e-4)) return value.toExponential(digits - 3);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.max(0, Math.min(20, digits - 1 - Math.floor(Math.log10(size)))));
}

/** Formats a time in seconds with the unit that suits it, such as `"12.5 ms"`. */
export function formatDuration(seconds: number, digits = 4): string {
  if (!Number.isFinite(seconds)) return "–";
  const size = Math.abs(seconds);
  if (size >= 60) {
    const [minutes, rest] = [Math.floor(size / 60), size % 60];
    return `${seconds < 0 ? "-" : ""}${minutes} min ${Number(rest.toFixed(1))} s`;
  }
  return size === 0 ? "0 s" : formatEngineering(seconds, digits).replace(/([^\d.+-]?)$/, " $1s");
}

/** Notation of an axis of time: seconds since a beginning, or the time of day here or in UTC. */
export type TimeNotation = "seconds" | "local" | "utc";

const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/**
 * Returns the ticks of an axis of time and their labels.
 *
 * @param from Beginning of the axis, in seconds since the epoch
 * @param to End of the axis, in seconds since the epoch
 * @param count The most intervals
 * @param notation What the labels show
 * @param epoch Seconds since 1970 of the epoch; for the time of day
 * @param zero The time at which seconds count from 0, in seconds since the epoch
 * @returns Ticks and labels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { timeTicks } from "@villas/client/scope";
 *
 * assertEquals(timeTicks(0, 4e-6, 2, "seconds", 0, 0).labels, ["0", "2 µs", "4 µs"]);
 * assertEquals(timeTicks(0, 60, 2, "utc", 3600, 0).labels, ["01:00:00", "01:00:30", "01:01:00"]);
 * ```
 */
export function timeTicks(
  from: number,
  to: number,
  count: number,
  notation: TimeNotation,
  epoch: number,
  zero: number,
): { readonly ticks: number[]; readonly labels: string[] } {
  const length = to - from;
  if (notation === "seconds" || length < 1) {
    const base = notation === "seconds" ? zero : Math.floor(from);
    const ticks = ticksOf(from - base, to - base, count);
    const step = Math.abs((ticks[1] ?? length) - (ticks[0] ?? 0));
    const labels = ticks.map((tick) => notation === "seconds" ? labelSeconds(tick, step) : clockLabel(base, tick));
    return { ticks: ticks.map((tick) => tick + base), labels };
  }
  const rough = length / Math.max(1, count);
  const step = clockSteps.find((nice) => nice >= rough) ?? 3600 * Math.ceil(rough / 3600);
  const offset = notation === "local" ? -new Date((epoch + from) * 1000).getTimezoneOffset() * 60 : 0;
  const shift = ((epoch + offset) % step + step) % step;
  const ticks: number[] = [];
  const first = Math.ceil((from + shift) / step) * step - shift;
  for (let tick = first; tick <= to && ticks.length < 1000; tick += step) ticks.push(tick);
  return { ticks, labels: ticks.map((tick) => clockLabel(tick, 0)) };

  /** Formats the time of day, with the fraction of a second that is counted apart so that it loses nothing. */
  function clockLabel(whole: number, fraction: number): string {
    const [carried, rest] = [
      Math.floor(whole + fraction + 1e-10),
      whole + fraction - Math.floor(whole + fraction + 1e-10),
    ];
    const time = new Date((epoch + carried) * 1000);
    const text = notation === "utc"
      ? time.toISOString().slice(11, 19)
      : [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
    if (fraction === 0 && length >= 1) return text;
    const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(length / Math.max(1, count)))));
    return `${text}${Math.abs(rest).toFixed(digits).slice(1)}`;
  }
}

function labelSeconds(seconds: number, step: number): string {
  if (Math.abs(seconds) < step * 1e-6) return "0";
  const [scale, unit] = step >= 1e-1 || Math.abs(seconds) >= 10
    ? [1, "s"]
    : step >= 1e-4
    ? [1e3, "ms"]
    : step >= 1e-7
    ? [1e6, "µs"]
    : [1e9, "ns"];
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10(step * Number(scale)) + 1e-9)));
  return `${(seconds * Number(scale)).toFixed(digits)} ${unit}`;
}

/**
 * Formats a time of day.
 *
 * @param time Seconds since the epoch
 * @param epoch Seconds since 1970 of the epoch
 * @param notation The time zone
 * @param digits Digits of the fraction of a second, which is cut and not rounded: .9996 is not the next second
 */
export function describeClock(time: number, epoch: number, notation: "local" | "utc", digits: number): string {
  const whole = Math.floor(time);
  const date = new Date((epoch + whole) * 1000);
  const text = notation === "utc" ? date.toISOString().slice(11, 19) : date.toTimeString().slice(0, 8);
  return digits === 0 ? text : `${text}.${String(time - whole).slice(2, 2 + digits).padEnd(digits, "0")}`;
}
