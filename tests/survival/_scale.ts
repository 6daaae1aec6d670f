/**
 * How much of the long tests is done: all of it, or the part that `RECORDING_SCALE` says, such as 0.002 in CI.
 *
 * @module
 */

const scale = Number(Deno.env.get("RECORDING_SCALE") ?? 1);
if (!(scale > 0 && scale <= 1)) throw new RangeError("RECORDING_SCALE is not a number above 0, and up to 1");

/** True if all of it is done. */
export const isFull = scale === 1;

/** Returns the part of a count that is to be done, and not less than a minimum. */
export function scaled(count: number, minimum: number): number {
  return Math.max(Math.round(count * scale), minimum);
}
