/**
 * Histories to test with.
 *
 * @module
 */

import type { Sample, Value } from "@villas/client";
import { SampleHistory } from "@villas/client/scope";

/** The time at which the samples begin. */
export const start = 1_700_000_000;

/** Creates a sample at a time in seconds since {@linkcode start}; exact to the nanosecond. */
export function sampleAt(time: number, values: Value[], others: Partial<Sample> = {}): Sample {
  const nanoseconds = Math.round(time * 1e9);
  const sec = Math.floor(nanoseconds / 1e9);
  return { tsOrigin: { sec: start + sec, nsec: nanoseconds - sec * 1e9 }, values, ...others };
}

/** Creates a history of numbered samples at a rate. */
export function historyOf(count: number, rate: number, valuesOf: (index: number) => Value[], memory = 2 ** 24) {
  const history = new SampleHistory({ memory });
  const samples = Array.from(
    { length: count },
    (_, index) => sampleAt(index / rate, valuesOf(index), { sequence: BigInt(index) }),
  );
  history.push(samples);
  return history;
}
