/**
 * Samples of generated signals, in real time or as fast as they are taken.
 *
 * @module
 */

import { pace } from "../timing/pacing.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import { createWaveforms, type GeneratedSignal, type WaveformOptions } from "./waveform.ts";

/** How to make samples. */
export interface SamplerOptions extends WaveformOptions {
  /** Whether the time is that of the clock instead of the counter's: step / rate after the start. Default true. */
  realtime?: boolean;
  /** Origin timestamp of the first sample where it is not in real time; default: now. */
  start?: Timestamp;
}

/** How to generate samples. */
export interface GenerateOptions extends SamplerOptions {
  /** Number of samples; default: no end. */
  limit?: number;
  /** Ends it; a wait ends at once. */
  signal?: AbortSignal;
}

/**
 * Makes a function that gives the samples of VILLASnode's node type `signal.v2`.
 *
 * In real time the origin timestamp is that of the call, and the values are those of that time since the first call.
 * Otherwise the n-th sample is n / rate seconds after the first one, to the nanosecond, as VILLASnode computes it.
 *
 * @param signals What to generate
 * @param options Which time to take
 * @returns What gives the sample of a step, from step 0 on; its number is the sample's sequence number
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
    // The product, and not nsec / 1e9, is what VILLASnode's `time_to_double` has: the two differ in the last digit.
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
 * Generates samples as VILLASnode's node type `signal.v2` does, in real time or as fast as they are taken.
 *
 * VILLASnode leaves out the samples that it is too late for; here they follow at once, and none is left out. Who wants to
 * know how late they are takes {@linkcode pace} and {@linkcode createSampler} instead.
 *
 * @param signals What to generate
 * @param options How many, and when
 * @returns The samples
 * @throws {RangeError} If the rate is not above 0, or the seed none
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
  // The steps that are not in real time need a rate, too: their timestamps derive from it.
  if (!(rate > 0 && rate < Infinity)) throw new RangeError(`Cannot generate ${rate} samples a second`);
  const sampleOf = createSampler(signals, options);
  if (limit <= 0) return;
  for await (const { index } of pace(realtime ? rate : Infinity, signal)) {
    yield sampleOf(index);
    if (index + 1 >= limit) return;
  }
}
