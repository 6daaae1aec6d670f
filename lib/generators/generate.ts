/**
 * Samples of generated signals, in real time or as fast as they are consumed.
 *
 * @module
 */

import { pace } from "../timing/pacing.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import { createWaveforms, type GeneratedSignal, type WaveformOptions } from "./waveform.ts";

/** Options of {@linkcode createSampler}. */
export interface SamplerOptions extends WaveformOptions {
  /** Whether time is read from the clock (default) instead of computed from the step: step / rate after the start. */
  realtime?: boolean;
  /** Origin timestamp of the first sample if it is not in real time; default: now. */
  start?: Timestamp;
}

/** Options of {@linkcode generate}. */
export interface GenerateOptions extends SamplerOptions {
  /** Number of samples; default: unlimited. */
  limit?: number;
  /** Ends the generation when aborted, also while waiting for the next step. */
  signal?: AbortSignal;
}

/**
 * Creates a function that returns the samples of VILLASnode's node type `signal.v2`.
 *
 * In real time the origin timestamp is the time of the call, and the values are those at the time since the first call.
 * Otherwise the n-th sample is n / rate seconds after the first one, to the nanosecond, as VILLASnode computes it.
 *
 * @param signals The signals to generate
 * @param options The rate, the source of time and the seed
 * @returns A function that returns the sample of a step, from step 0 on; the step is the sample's sequence number
 * @throws {RangeError} If the seed is not a whole number from 0 to 2^53 - 1
 * @throws {TypeError} If a signal has a shape that does not exist
 *
 * @see VILLASnode, `SignalNode::_read` in `lib/nodes/signal.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSampler } from "@villas/client/generators";
 *
 * const sample = createSampler([{ signal: "ramp" }], { rate: 4, realtime: false, start: { sec: 7, nsec: 0 } });
 * assertEquals(sample(0), { sequence: 0n, tsOrigin: { sec: 7, nsec: 0 }, values: [0] });
 * assertEquals(sample(3), { sequence: 3n, tsOrigin: { sec: 7, nsec: 750_000_000 }, values: [0.75] });
 * ```
 */
export function createSampler(
  signals: readonly GeneratedSignal[],
  options: SamplerOptions = {},
): (step: number) => Sample {
  const { rate = 10, realtime = true, start } = options;
  const waveforms = createWaveforms(signals, options);
  let started = realtime ? undefined : start;

  function timeOf(step: number): [Timestamp, number] {
    if (realtime) {
      const tsOrigin = now();
      started ??= tsOrigin;
      return [tsOrigin, secondsBetween(tsOrigin, started)];
    }
    started ??= now();
    const seconds = step / rate;
    const sec = Math.floor(seconds);
    const nsec = Math.floor((seconds - sec) * 1e9);
    // VILLASnode's `time_to_double` has this product, not nsec / 1e9: the two differ in the last digit.
    return [addTime(started, sec, nsec), sec + nsec * 1e-9];
  }

  return (step) => {
    const [tsOrigin, time] = timeOf(step);
    return { sequence: BigInt(step), tsOrigin, values: waveforms.map((waveform) => waveform(time, step)) };
  };
}

function addTime(start: Timestamp, sec: number, nsec: number): Timestamp {
  const sum = start.nsec + nsec;
  return sum < 1e9 ? { sec: start.sec + sec, nsec: sum } : { sec: start.sec + sec + 1, nsec: sum - 1e9 };
}

/**
 * Generates samples as VILLASnode's node type `signal.v2` does, in real time or as fast as they are consumed.
 *
 * VILLASnode skips the samples that it is too late for; here they follow at once, and none is skipped. To learn how
 * late they are, use {@linkcode pace} and {@linkcode createSampler} instead.
 *
 * @param signals The signals to generate
 * @param options The number of samples, the rate, the source of time and the seed
 * @returns The samples
 * @throws {RangeError} If the rate is not above 0, or the seed is not a whole number from 0 to 2^53 - 1
 * @throws {TypeError} If a signal has a shape that does not exist
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { generate } from "@villas/client/generators";
 *
 * const values = [];
 * for await (const sample of generate([{ signal: "counter" }, { signal: "square" }], { rate: 1000, limit: 3 })) {
 *   values.push(sample.values);
 * }
 * assertEquals(values, [[0, -1], [1, -1], [2, -1]]);
 * ```
 */
export async function* generate(
  signals: readonly GeneratedSignal[],
  options: GenerateOptions = {},
): AsyncGenerator<Sample, void, undefined> {
  const { rate = 10, realtime = true, limit = Infinity, signal } = options;
  // Samples that are not in real time need a rate as well: their timestamps derive from it.
  if (!(rate > 0 && rate < Infinity)) {
    throw new RangeError(`Cannot generate ${rate} samples per second: expected a rate above 0`);
  }
  const sampleOf = createSampler(signals, options);
  if (limit <= 0) return;
  for await (const { index } of pace(realtime ? rate : Infinity, signal)) {
    yield sampleOf(index);
    if (index + 1 >= limit) return;
  }
}
