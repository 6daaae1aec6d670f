/**
 * What a sample is: the unit of data that VILLASnode moves, and the root of everything else here.
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
 * One value of a sample. Its JavaScript type is the signal's type, in every format:
 *
 * | VILLASnode | JavaScript |
 * |---|---|
 * | `float` (float64) | `number` |
 * | `integer` (int64) | `bigint` |
 * | `boolean` | `boolean` |
 * | `complex` (two float32) | {@linkcode Complex} |
 * | `invalid`, a value that is not set | `null` |
 *
 * `null` is only ever received: no format sends it, because VILLASnode 1.2 dies on it.
 */
export type Value = number | bigint | boolean | Complex | null;

/**
 * What a message is for. All data is `"data"`, which is left out; `"start"` and `"stop"` are in VILLASnode's schema,
 * but VILLASnode 1.2 neither sends nor survives them: they are received, and never sent.
 */
export type SampleType = "start" | "stop";

/** One sample: values of all signals at one time, and what is known about them. */
export interface Sample {
  /** Set only where the sample is a start or stop mark instead of data. */
  type?: SampleType;
  /** Running number, unsigned 64 bits. VILLASnode drops a sample whose number is not above the last one's. */
  sequence?: bigint;
  /** When the values were measured or computed, by the origin's clock. */
  tsOrigin?: Timestamp;
  /** When the sample was received, by the receiver's clock. */
  tsReceived?: Timestamp;
  /** Whether this is the first sample of a new frame (VILLASnode's `frame` hook sets it). */
  newFrame?: boolean;
  /** Whether this is the first sample of a new simulation (VILLASnode's `restart` hook sets it). */
  newSimulation?: boolean;
  /** The values, in the order of the signals. */
  values: Value[];
}

/** A sample to send: its values may be read-only, and those of floats alone a typed array, which is not copied. */
export interface OutgoingSample extends Omit<Sample, "values"> {
  /** The values, in the order of the signals. */
  values: readonly Value[] | Float64Array;
}

/** Whether a value is complex. */
export function isComplex(value: Value): value is Complex {
  return typeof value === "object" && value !== null;
}
