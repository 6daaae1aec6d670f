/**
 * Vectors of `protobuf` and their samples, as VILLASnode 1.2 sent them, and pieces of datagrams.
 *
 * @module
 */

import type { Sample, Timestamp } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { delimited } from "./_wire.ts";

/** The format without options. */
export const format = protobuf();
/** The folder of the vectors. */
export const data = new URL("../data/", import.meta.url);
/** Reads a vector. */
export const read = (name: string) => Deno.readFileSync(new URL(name, data));

/** Writes a datagram of one sample of these fields. */
export const sampleOf = (...fields: (Uint8Array | readonly number[])[]) => delimited(1, ...fields);
/** Writes a datagram of one sample of one value of these fields. */
export const valueOf = (...fields: (Uint8Array | readonly number[])[]) => sampleOf(delimited(100, ...fields));

/** Returns a timestamp of the vectors. */
export const at = (nsec: number): Timestamp => ({ sec: 1_700_000_000, nsec });
/** Rounds to float32. */
export const f32 = Math.fround;
/** The samples of `datagrams/float-vec8-0.bin`. */
export const floatSamples: Sample[] = [
  [0, -0, 0],
  [1.25, -0.1, 1e-300],
  [2.5, -0.2, 2e-300],
  [3.75, -0.30000000000000004, 3e-300],
  [5, -0.4, 4e-300],
  [6.25, -0.5, 5e-300],
  [7.5, -0.6000000000000001, 6e-300],
  [8.75, -0.7000000000000001, 7e-300],
].map((values, i) => ({ sequence: BigInt(i), tsOrigin: at(123_456_789 + i), values }));

/** The samples of `datagrams/mixed-vec4-0.bin`. */
export const mixedSamples: Sample[] = [
  { sequence: 0n, tsOrigin: at(1), values: [1.5, -7n, true, { real: 1.25, imag: -2.5 }] },
  { sequence: 1n, tsOrigin: at(100_000_001), values: [-0, 2n ** 63n - 1n, false, { real: f32(0.1), imag: f32(0.2) }] },
  { sequence: 2n, tsOrigin: at(200_000_001), values: [1e308, -(2n ** 63n), true, { real: 0, imag: -3 }] },
  { sequence: 3n, tsOrigin: at(300_000_001), values: [0.1, 0n, false, { real: 5, imag: 0 }] },
];
