/**
 * The sample: the unit of data that VILLASnode moves, and the type that everything else builds on.
 *
 * @module
 */

/**
 * A complex number, VILLASnode's `complex` signal type.
 *
 * VILLASnode stores both parts as float32 (`include/villas/signal_data.hpp`), and so does every binary format: parts
 * that need more precision lose it on the wire.
 */
export interface Complex {
  /** Real part. */
  real: number;
  /** Imaginary part. */
  imag: number;
}

/** A point in time, UTC, as VILLASnode's `struct timespec` has it. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z, 0 or more. Binary formats carry 32 bits (until the year 2106). */
  sec: number;
  /** Nanoseconds of the current second, 0 to 999 999 999. */
  nsec: number;
}

/**
 * One value of a sample. Its JavaScript type carries the signal's type, in every format:
 *
 * | VILLASnode | JavaScript |
 * |---|---|
 * | `float` (float64) | `number` |
 * | `integer` (int64) | `bigint` |
 * | `boolean` | `boolean` |
 * | `complex` (two float32) | {@linkcode Complex} |
 * | `invalid`, an unset value | `null` |
 *
 * `null` is only ever received: no format sends it, because VILLASnode 1.2 does not survive it.
 */
export type Value = number | bigint | boolean | Complex | null;

/**
 * The kind of a sample that is not data. VILLASnode's schema has `"start"` and `"stop"` marks, but VILLASnode 1.2
 * neither sends nor survives them: they are received, and never sent.
 */
export type SampleType = "start" | "stop";

/** One sample: the values of all signals at one time, with their timestamps and sequence number. */
export interface Sample {
  /** Set only if the sample is a start or stop mark instead of data. */
  type?: SampleType;
  /**
   * Sequence number, unsigned 64 bits. VILLASnode drops a sample whose number is not above that of the sample before.
   */
  sequence?: bigint;
  /** Origin timestamp: when the values were measured or computed, by the clock of the origin. */
  tsOrigin?: Timestamp;
  /** Receive timestamp: when the sample arrived, by the receiver's clock. */
  tsReceived?: Timestamp;
  /** Set on the first sample of a new frame (VILLASnode's `frame` hook sets it). */
  newFrame?: boolean;
  /** Set on the first sample of a new simulation (VILLASnode's `restart` hook sets it). */
  newSimulation?: boolean;
  /** The values, in the order of the signals. */
  values: Value[];
}

/**
 * Tells whether a value is complex.
 *
 * @param value A value of a sample
 * @returns Whether it has a real and an imaginary part
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isComplex } from "@villas/client";
 *
 * assertEquals([{ real: 1, imag: -2 }, 1, null].map(isComplex), [true, false, false]);
 * ```
 */
export function isComplex(value: Value): value is Complex {
  return typeof value === "object" && value !== null;
}
