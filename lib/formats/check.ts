/**
 * What every format checks before it writes a sample: that a VILLASnode would survive it.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { findMismatch } from "../samples/value_types.ts";
import { EncodeError } from "./errors.ts";

/** The last second that the binary formats can express. */
export const maximumUint32 = 0xffff_ffff;

/**
 * Checks what must hold in every format; throws {@linkcode EncodeError} where it does not.
 *
 * A file may be a recording of what somebody else sent, and then it shall say what that was: `lenient` lets pass what a
 * format can carry though VILLASnode does not survive it, which is a type other than data and values that are not set.
 */
export function checkSample(
  format: string,
  sample: Sample,
  index: number,
  signals?: readonly Signal[],
  lenient = false,
): void {
  const why = findFault(sample, lenient) ??
    (signals === undefined ? undefined : findMismatch(sample.values, signals, lenient));
  if (why !== undefined) throw new EncodeError(format, why, index);
}

function findFault(sample: Sample, lenient: boolean): string | undefined {
  const { type, sequence, tsOrigin, tsReceived, values } = sample;
  if (type !== undefined && !lenient) return `VILLASnode does not survive a sample of type ${type}`;
  if (sequence !== undefined) {
    if (typeof sequence !== "bigint") return `its sequence number is a ${typeof sequence}, not a bigint`;
    if (BigInt.asUintN(64, sequence) !== sequence) {
      return `its sequence number ${sequence} is no unsigned 64-bit integer`;
    }
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "number" || typeof value === "boolean") continue;
    if (value === null || value === undefined) {
      if (lenient) continue;
      return `value ${i} is not set, which VILLASnode does not survive`;
    }
    if (typeof value === "bigint") {
      if (BigInt.asIntN(64, value) !== value) return `value ${i} is ${value}, which is no signed 64-bit integer`;
    } else if (typeof value.real !== "number" || typeof value.imag !== "number") {
      // Not for the type checker but for callers without one: it would go out as a value that is not set.
      return `value ${i} is no number, bigint, boolean or complex number`;
    }
  }
  return findTimeFault("origin timestamp", tsOrigin) ?? findTimeFault("timestamp of reception", tsReceived);
}

function findTimeFault(name: string, timestamp: Timestamp | undefined): string | undefined {
  if (timestamp === undefined) return undefined;
  const { sec, nsec } = timestamp;
  const inRange = Number.isSafeInteger(sec) && sec >= 0 && Number.isInteger(nsec) && nsec >= 0 && nsec <= 999_999_999;
  return inRange ? undefined : `its ${name} of ${sec} s and ${nsec} ns is out of range`;
}
