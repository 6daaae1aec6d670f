/**
 * Values between two samples.
 *
 * @module
 */

import { isComplex, type Value } from "../../samples/sample.ts";

/** Methods of finding a value between two samples. */
export const interpolationMethods = ["linear", "nearest", "hold"] as const;

/**
 * A method of finding a value between two samples: `"linear"` on the line between them, `"nearest"` the nearer one (the
 * earlier one in the middle), `"hold"` the earlier one.
 */
export type InterpolationMethod = typeof interpolationMethods[number];

/**
 * Returns a value between two samples.
 *
 * Only floats and complex numbers have values in between; the latter in rectangular form, real and imaginary part each on
 * its own line. Integers, booleans and values of two types are held where the method is `"linear"`.
 *
 * @param method The method
 * @param earlier The value of the earlier sample
 * @param later The value of the later sample
 * @param part Part of the time between them that has passed, above 0 and below 1
 * @returns The value; as {@linkcode unsetLike} says if one that it needs is not set
 */
export function interpolate(method: InterpolationMethod, earlier: Value, later: Value, part: number): Value {
  if (method === "nearest") return part <= 0.5 ? earlier : later;
  if (method === "hold") return earlier;
  if (typeof earlier === "number" && typeof later === "number") return interpolateLinearly(earlier, later, part);
  if (typeof earlier === "bigint" || typeof earlier === "boolean") return earlier;
  if (earlier === null || later === null) return unsetLike(earlier ?? later);
  if (!isComplex(earlier) || !isComplex(later)) return earlier;
  return {
    real: interpolateLinearly(earlier.real, later.real, part),
    imag: interpolateLinearly(earlier.imag, later.imag, part),
  };
}

/**
 * Returns what stands for a value that is not known: NaN in the place of a float, and in both parts of a complex number,
 * because files of columns carry these; nothing in the place of an integer or a boolean.
 *
 * @param value A value of the same signal
 */
export function unsetLike(value: Value): Value {
  if (typeof value === "number") return NaN;
  return isComplex(value) ? { real: NaN, imag: NaN } : null;
}

/** Returns the value on a line; a line between two equal values stays at them. */
function interpolateLinearly(earlier: number, later: number, part: number): number {
  const difference = later - earlier;
  // The difference of two large numbers may be beyond what a float64 holds.
  const isBeyond = !Number.isFinite(difference) && Number.isFinite(earlier) && Number.isFinite(later);
  return isBeyond ? earlier * (1 - part) + later * part : earlier + difference * part;
}
