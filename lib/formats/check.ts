/**
 * Checks that all formats share before they encode: that a VILLASnode survives the sample, and that the buffer is large
 * enough.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { findMismatch } from "../samples/value_types.ts";
import { EncodeError } from "./errors.ts";

/** The largest unsigned 32-bit integer, such as the last second that binary formats can carry. */
export const maximumUint32 = 0xffff_ffff;

/** The largest unsigned 64-bit integer, such as the last sequence number. */
export const maximumUint64 = 2n ** 64n - 1n;

/** The most nanoseconds that a timestamp can have. */
export const maximumNanosecond = 999_999_999;

/**
 * Checks a sample against the rules of all formats.
 *
 * A file may record what another program sent, and must keep it as it was: `lenient` accepts what a format can carry
 * though VILLASnode does not survive it, which is a type other than data and unset values.
 *
 * @param format Name of the format, for the message
 * @param sample The sample
 * @param index Index of the sample, for the message
 * @param signals The signals of the receiver, if they are known
 * @param lenient Whether to accept start and stop marks and unset values
 * @throws {EncodeError} If the sample breaks a rule
 */
export function checkSample(
  format: string,
  sample: Sample,
  index: number,
  signals?: readonly Signal[],
  lenient = false,
): void {
  const reason = findProblem(sample, lenient) ??
    (signals === undefined ? undefined : findMismatch(sample.values, signals, lenient));
  if (reason !== undefined) throw new EncodeError(format, reason, index);
}

function findProblem(sample: Sample, lenient: boolean): string | undefined {
  const { type, sequence, tsOrigin, tsReceived, values } = sample;
  if (type !== undefined && !lenient) return `VILLASnode does not survive a sample of type ${type}`;
  if (sequence !== undefined) {
    if (typeof sequence !== "bigint") return `its sequence number is a ${typeof sequence}, not a bigint`;
    if (BigInt.asUintN(64, sequence) !== sequence) {
      return `its sequence number ${sequence} is out of range for an unsigned 64-bit integer`;
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
      if (BigInt.asIntN(64, value) !== value) {
        return `value ${i} is ${value}, which is out of range for a signed 64-bit integer`;
      }
    } else if (typeof value.real !== "number" || typeof value.imag !== "number") {
      // Not for the type checker but for callers without one: it would be sent as an unset value.
      return `value ${i} is not a number, bigint, boolean or complex number`;
    }
  }
  return findTimeProblem("origin timestamp", tsOrigin) ?? findTimeProblem("receive timestamp", tsReceived);
}

function findTimeProblem(name: string, timestamp: Timestamp | undefined): string | undefined {
  if (timestamp === undefined) return undefined;
  const { sec, nsec } = timestamp;
  const inRange = Number.isSafeInteger(sec) && sec >= 0 && Number.isInteger(nsec) && nsec >= 0 &&
    nsec <= maximumNanosecond;
  return inRange ? undefined : `its ${name} of ${sec} s and ${nsec} ns is out of range`;
}

/**
 * Checks that the seconds of a timestamp fit into 32 bits.
 *
 * @param format Name of the format, for the message
 * @param timestamp The timestamp, if there is one
 * @param index Index of the sample, for the message
 * @throws {EncodeError} If it is after the year 2106
 */
export function checkSecond(format: string, timestamp: Timestamp | undefined, index: number): void {
  if (timestamp !== undefined && timestamp.sec > maximumUint32) {
    throw new EncodeError(format, "a timestamp is after the year 2106, where the format ends", index);
  }
}

/**
 * Checks that a datagram fits into the buffer of the caller.
 *
 * @param length Length of the datagram in bytes
 * @param buffer The buffer
 * @throws {RangeError} If it is too small
 */
export function checkBuffer(length: number, buffer: Uint8Array): void {
  if (length > buffer.length) {
    throw new RangeError(`Cannot encode ${length} bytes into a buffer: it has ${buffer.length} bytes`);
  }
}
