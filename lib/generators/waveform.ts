/**
 * VILLASnode's signal generators as functions of time.
 *
 * @module
 */

import type { Signal } from "../samples/signals.ts";
import { createNormalSource } from "./_random.ts";

/** All shapes of signals, by VILLASnode's names. */
export const shapes = [
  "sine",
  "square",
  "triangle",
  "ramp",
  "random",
  "counter",
  "constant",
  "mixed",
  "pulse",
] as const;

/** The shape of a signal. */
export type Shape = typeof shapes[number];

/** What `mixed` stands for, one after the other (`enum Type` in VILLASnode's `include/villas/nodes/signal.hpp`). */
const mixture = ["random", "sine", "square", "triangle", "ramp", "counter", "constant", "pulse"] as const;

/**
 * One generated signal, with the names and defaults of VILLASnode's node type `signal.v2`; all phases are in radians.
 */
export interface GeneratedSignal {
  /** Its shape. */
  signal: Shape;
  /** Name of the signal; default: that of the shape. */
  name?: string;
  /** Unit of the signal. */
  unit?: string;
  /** Periods a second, in Hz; of a `ramp`, though, the length of a period in seconds. Default 1. */
  frequency?: number;
  /** Amplitude; what a `counter` rises by a step; no matter for `random` and `pulse`. Default 1. */
  amplitude?: number;
  /** Standard deviation of a step of `random`; default 0.2, as in a VILLASnode configuration (`villas signal`: 0.02). */
  stddev?: number;
  /** What is added to all values, and where `random` begins; default 0. */
  offset?: number;
  /** Phase at the beginning, in radians, of `sine`, `square`, `triangle` and `pulse`; default 0. */
  phase?: number;
  /** How long a `pulse` is high, in steps of the rate, limits included; default 1. */
  pulse_width?: number;
  /** What a `pulse` is mostly; default 0. */
  pulse_low?: number;
  /** What a `pulse` is at the beginning of each period; default 1. */
  pulse_high?: number;
}

/** What signals share. */
export interface WaveformOptions {
  /** Steps a second, which only a `pulse` asks for; default 10. */
  rate?: number;
  /** What `random` signals derive from, a whole number from 0 to 2^53 - 1; default: another one each time. */
  seed?: number;
}

/**
 * A signal as a function of time. Only `random` remembers what it gave before: each call takes one more step.
 *
 * @param time Time since the beginning, in seconds
 * @param counter Number of the step, from 0
 * @returns The value, always a float
 */
export type Waveform = (time: number, counter: number) => number;

/**
 * Makes the functions of time that a VILLASnode with these signals computes.
 *
 * Some of them are not what one may expect: a `square` is low in the first half of its period and a `triangle` begins at
 * its top; the `frequency` of a `ramp` is its period in seconds; a `pulse` is high for one step more than its width,
 * because the limit counts; `random` is a walk, and its first value is one step away from the offset. What a seed gives
 * is always the same, but not what VILLASnode's own, unseeded `random` gives. `mixed` signals are in turn `random`, `sine`,
 * `square`, `triangle`, `ramp`, `counter`, `constant` and `pulse`.
 *
 * @param signals What to compute
 * @param options What the signals share
 * @returns One function a signal
 * @throws {RangeError} If the seed is no whole number from 0 to 2^53 - 1
 *
 * @see VILLASnode, `lib/nodes/signal.cpp`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { createWaveforms } from "@villas/client/generators";
 *
 * const [sine, square] = createWaveforms([{ signal: "sine", amplitude: 10 }, { signal: "square" }]);
 * assertAlmostEquals(sine?.(0.25, 0) ?? NaN, 10);
 * assertEquals(square?.(0, 0), -1);
 * ```
 */
export function createWaveforms(signals: readonly GeneratedSignal[], options: WaveformOptions = {}): Waveform[] {
  const { rate = 10, seed = randomSeed() } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`Cannot take ${seed} as a seed: expected a whole number from 0 to 2^53 - 1`);
  }
  return unmix(signals).map((signal, index) => createWaveform(signal, rate, () => createNormalSource(seed, index)));
}

/** A seed that was probably never used before. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function createWaveform(description: GeneratedSignal, rate: number, createNormal: () => () => number): Waveform {
  const {
    signal,
    frequency = 1,
    amplitude = 1,
    stddev = 0.2,
    offset = 0,
    phase = 0,
    pulse_width = 1,
    pulse_low = 0,
    pulse_high = 1,
  } = description;
  // The order of the operations is VILLASnode's: another one would round differently. `%` is C's `fmod`.
  const periods = (time: number) => (time * frequency + phase / (2 * Math.PI)) % 1;
  switch (signal) {
    case "sine":
      return (time) => offset + amplitude * Math.sin(time * frequency * 2 * Math.PI + phase);
    case "square":
      return (time) => offset + amplitude * (periods(time) < 0.5 ? -1 : 1);
    case "triangle":
      return (time) => offset + amplitude * (Math.abs(periods(time) - 0.5) - 0.25) * 4;
    case "ramp":
      return (time) => offset + amplitude * (time % frequency);
    case "random": {
      const normal = createNormal();
      let last = offset;
      return () => last += stddev * normal();
    }
    case "counter":
      return (_, counter) => offset + amplitude * counter;
    case "constant":
      return () => offset + amplitude;
    case "pulse":
      return (time) => (Math.abs(periods(time)) <= pulse_width / rate ? pulse_high : pulse_low) + offset;
    default:
      throw new TypeError(`Cannot generate a signal of shape "${signal}": there are ${shapes.join(", ")}`);
  }
}

/** The signals with the shapes that `mixed` stands for; only mixed signals count. */
function unmix(signals: readonly GeneratedSignal[]): readonly GeneratedSignal[] {
  let mixed = 0;
  return signals.map((description) =>
    description.signal === "mixed"
      ? { ...description, signal: mixture[mixed++ % mixture.length] ?? "random" }
      : description
  );
}

/**
 * The signal list of generated signals: floats, with the names that VILLASnode gives them.
 *
 * @param signals What is generated
 * @returns Names, units and types
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toSignalList } from "@villas/client/generators";
 *
 * assertEquals(toSignalList([{ signal: "sine", name: "va", unit: "V" }, { signal: "mixed" }]), [
 *   { name: "va", unit: "V", type: "float" },
 *   { name: "random", type: "float" },
 * ]);
 * ```
 */
export function toSignalList(signals: readonly GeneratedSignal[]): Signal[] {
  return unmix(signals).map(({ signal, name = signal, unit }) =>
    unit === undefined ? { name, type: "float" } : { name, unit, type: "float" }
  );
}
