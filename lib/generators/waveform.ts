/**
 * VILLASnode's signal generators as functions of time.
 *
 * @module
 */

import type { Signal } from "../samples/signals.ts";
import { createNormalSource } from "./_random.ts";

/** All shapes of signals, under VILLASnode's names. */
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

/** The shapes that `mixed` signals take in turn (`enum Type` in VILLASnode's `include/villas/nodes/signal.hpp`). */
const mixture = ["random", "sine", "square", "triangle", "ramp", "counter", "constant", "pulse"] as const;

/**
 * One generated signal, with the names and defaults of VILLASnode's node type `signal.v2`.
 */
export interface GeneratedSignal {
  /** Shape of the signal. */
  signal: Shape;
  /** Name of the signal; default: `signal` and its index. */
  name?: string;
  /** Unit of the signal. */
  unit?: string;
  /** Frequency in Hz; for a `ramp`, the length of its period in seconds. Default 1. */
  frequency?: number;
  /** Amplitude; for a `counter`, the rise per step; ignored by `random` and `pulse`. Default 1. */
  amplitude?: number;
  /**
   * Standard deviation of a step of `random`; default 0.2, as in a VILLASnode configuration (`villas signal`: 0.02).
   */
  stddev?: number;
  /** Offset added to all values, and the start of `random`; default 0. */
  offset?: number;
  /** Initial phase in radians, of `sine`, `square`, `triangle` and `pulse`; default 0. */
  phase?: number;
  /** Width of a `pulse` in steps of the rate, both ends included; default 1. */
  pulse_width?: number;
  /** Value of a `pulse` outside its width; default 0. */
  pulse_low?: number;
  /** Value of a `pulse` at the start of each period; default 1. */
  pulse_high?: number;
}

/** Options shared by all signals of {@linkcode createWaveforms}. */
export interface WaveformOptions {
  /** Steps per second, used by `pulse` only; default 10. */
  rate?: number;
  /** Seed of `random` signals, a whole number from 0 to 2^53 - 1; default: a new one each time. */
  seed?: number;
}

/**
 * A signal as a function of time. Only `random` has a state: each call takes one more step.
 *
 * @param time Time since the start, in seconds
 * @param counter Index of the step, from 0
 * @returns The value, always a float
 */
export type Waveform = (time: number, counter: number) => number;

/**
 * Creates the functions of time that a VILLASnode with these signals computes.
 *
 * Some of them may surprise: a `square` is low in the first half of its period, and a `triangle` starts at its top; the
 * `frequency` of a `ramp` is its period in seconds; a `pulse` is high for one step more than its width, because both
 * ends count; `random` is a walk, and its first value is one step away from the offset. The same seed always gives the
 * same signal, but VILLASnode's own `random` has no seed and differs. `mixed` signals are in turn `random`, `sine`,
 * `square`, `triangle`, `ramp`, `counter`, `constant` and `pulse`.
 *
 * @param signals The signals to compute
 * @param options The rate and the seed
 * @returns One function per signal
 * @throws {RangeError} If the seed is not a whole number from 0 to 2^53 - 1
 * @throws {TypeError} If a signal has a shape that does not exist
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

/**
 * Returns a seed that has probably never been used before.
 *
 * @returns A whole number from 0 to 2^32 - 1
 */
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
  // The order of the operations is VILLASnode's: any other would round differently. `%` is C's `fmod`.
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

/** Replaces `mixed` by the shapes that it takes in turn; only mixed signals count. */
function unmix(signals: readonly GeneratedSignal[]): readonly GeneratedSignal[] {
  let mixed = 0;
  return signals.map((description) =>
    description.signal === "mixed"
      ? { ...description, signal: mixture[mixed++ % mixture.length] ?? "random" }
      : description
  );
}

/**
 * Returns the signal list of generated signals: floats, with the names that VILLASnode's tool gives them: `signal0`, `signal1`
 * and so on, by their index, unless they have their own.
 *
 * @param signals The generated signals
 * @returns Their names, units and types
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toSignalList } from "@villas/client/generators";
 *
 * assertEquals(toSignalList([{ signal: "sine", name: "va", unit: "V" }, { signal: "mixed" }]), [
 *   { name: "va", unit: "V", type: "float" },
 *   { name: "signal1", type: "float" },
 * ]);
 * ```
 */
export function toSignalList(signals: readonly GeneratedSignal[]): Signal[] {
  return signals.map(({ name = "", unit }, index) => {
    const signal = { name: name || `signal${index}`, type: "float" } as const;
    return unit === undefined ? signal : { ...signal, unit };
  });
}
