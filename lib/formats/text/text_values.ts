/**
 * Values of samples as text, in the formats that are made of lines.
 *
 * @module
 */

import { isComplex, type Timestamp, type Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { maximumNanosecond } from "../check.ts";
import { fixedText } from "./numbers.ts";

/** VILLASnode's text of an unset value. */
const invalid = "<?>";

// The floats that C's strtod reads, except hexadecimal ones.
const decimal =
  "(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?";
const floatPattern = new RegExp(`^[-+]?(?:${decimal})$`);
const integerPattern = /^[-+]?[0-9]+$/;
// Python writes two signs in a row if the imaginary part is negative: 1.0+-2.0i.
const complexPattern = new RegExp(
  `^(?<real>[-+]?(?:${decimal}))$|^(?:(?<first>[-+]?(?:${decimal}))(?=[-+]))?(?<imag>[-+]{0,2}(?:${decimal}))[ij]$`,
);

/** Longest text that is parsed: a float has up to 309 digits before the point. */
const maximumLength = 2048;

/** Text that is not a value of the expected kind. The message is the reason; the caller knows the position. */
export class TextValueError extends Error {}

/**
 * Writes a value as VILLASnode does.
 *
 * @param value The value; an unset one becomes `nan`, which all readers of floats accept
 * @param precision Decimals of a float
 * @returns The text
 */
export function writeValue(value: Value, precision: number): string {
  switch (typeof value) {
    case "number":
      return fixedText(value, precision);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "1" : "0";
  }
  if (!isComplex(value)) return "nan";
  const imag = fixedText(Math.fround(value.imag), precision);
  return `${fixedText(Math.fround(value.real), precision)}${imag.startsWith("-") ? "" : "+"}${imag}i`;
}

/**
 * Reads a value. Its type is that of the signal; without one, the text tells it: complex if it ends with `i` or `j`, an
 * integer if it has nothing but digits, otherwise a float.
 *
 * @param text The text
 * @param signal The signal of the value, if it is known
 * @returns The value
 * @throws {TextValueError} If the text is not such a value
 */
export function readValue(text: string, signal: Signal | undefined): Value {
  if (text === invalid) return null;
  if (text.length > maximumLength) throw new TextValueError(`expected a value, got ${excerpt(text)}`);
  switch (signal?.type) {
    case "float":
      return readFloat(text);
    case "integer":
      return readInteger(text);
    case "boolean":
      return readBoolean(text);
    case "complex":
      return readComplex(text);
  }
  if (integerPattern.test(text)) return readInteger(text);
  return /[ij]$/.test(text) ? readComplex(text) : readFloat(text);
}

/**
 * Reads a float.
 *
 * @param text The text, also C's `nan`, `inf` and `infinity`
 * @returns The float
 * @throws {TextValueError} If the text is not a float, or the float is out of range
 */
export function readFloat(text: string): number {
  if (!floatPattern.test(text)) throw new TextValueError(`expected a float, got ${excerpt(text)}`);
  const value = Number(text);
  // JavaScript has other names for C's nan and inf; all other texts that match the pattern are numbers.
  if (Number.isNaN(value)) return /nan/i.test(text) ? NaN : text.startsWith("-") ? -Infinity : Infinity;
  if (!Number.isFinite(value) && !/inf/i.test(text)) {
    throw new TextValueError(`${excerpt(text)} is out of range for a float`);
  }
  return value;
}

function readInteger(text: string): bigint {
  const value = integerPattern.test(text) ? BigInt(text) : undefined;
  if (value === undefined) throw new TextValueError(`expected an integer, got ${excerpt(text)}`);
  if (BigInt.asIntN(64, value) === value) return value;
  throw new TextValueError(`${excerpt(text)} is out of range for a signed 64-bit integer`);
}

function readBoolean(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  if (!integerPattern.test(text)) throw new TextValueError(`expected 0 or 1, got ${excerpt(text)}`);
  return readInteger(text) !== 0n;
}

function readComplex(text: string): Value {
  const { real, first, imag } = complexPattern.exec(text)?.groups ?? {};
  if (real === undefined && imag === undefined) {
    throw new TextValueError(`expected a complex number such as 1.5-2.5i, got ${excerpt(text)}`);
  }
  return {
    real: Math.fround(readFloat(real ?? first ?? "0")),
    imag: Math.fround(readFloat((imag ?? "0").replace(/^[-+](?=[-+])/, ""))),
  };
}

/**
 * Reads an integer from 0 to a maximum.
 *
 * @param name Name of the number, for the message
 * @param text The text
 * @param maximum The largest accepted number
 * @returns The integer
 * @throws {TextValueError} If the text is not such an integer
 */
export function readUnsigned(name: string, text: string, maximum: bigint): bigint {
  const value = text.length <= maximumLength && /^[0-9]+$/.test(text) ? BigInt(text) : undefined;
  if (value !== undefined && value <= maximum) return value;
  throw new TextValueError(`expected a ${name} from 0 to ${maximum}, got ${excerpt(text)}`);
}

/** Reads the whole seconds of a timestamp; throws {@linkcode TextValueError}. */
export function readSecond(text: string): number {
  return Number(readUnsigned("second", text, BigInt(Number.MAX_SAFE_INTEGER)));
}

/** Reads the nanoseconds of a timestamp, not a fraction: `5` is 5 ns; throws {@linkcode TextValueError}. */
export function readNanosecond(text: string): number {
  return Number(readUnsigned("nanosecond", text, BigInt(maximumNanosecond)));
}

/**
 * Adds an offset to a timestamp, to the nanosecond.
 *
 * @param timestamp The timestamp
 * @param offset The offset in seconds
 * @returns The sum; undefined if the offset is not finite
 * @throws {TextValueError} If the sum is out of range for a timestamp
 */
export function addOffset({ sec, nsec }: Timestamp, offset: number): Timestamp | undefined {
  if (!Number.isFinite(offset)) return undefined;
  // The text of an offset has few digits: rounding its binary value gives the nanosecond that was meant.
  const whole = Math.floor(offset);
  const nanoseconds = nsec + Math.round((offset - whole) * 1e9);
  const carry = Math.floor(nanoseconds / 1e9);
  const sum = { sec: sec + whole + carry, nsec: nanoseconds - carry * 1e9 };
  if (Number.isSafeInteger(sum.sec) && sum.sec >= 0) return sum;
  throw new TextValueError(`the offset of ${offset} s leads to a timestamp out of range`);
}

/** Quotes the start of a text, for a message. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
