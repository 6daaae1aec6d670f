/**
 * Values of samples as text, in the formats that are made of lines.
 *
 * @module
 */

import { isComplex, type Timestamp, type Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { fixedText } from "./numbers.ts";

/** What VILLASnode writes for a value that is not set. */
const invalid = "<?>";

// What C's strtod reads, but for hexadecimal floats.
const decimal =
  "(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?";
const floatPattern = new RegExp(`^[-+]?(?:${decimal})$`);
const integerPattern = /^[-+]?[0-9]+$/;
// Python writes two signs in a row where the second part is negative: 1.0+-2.0i.
const complexPattern = new RegExp(
  `^(?<real>[-+]?(?:${decimal}))$|^(?:(?<first>[-+]?(?:${decimal}))(?=[-+]))?(?<imag>[-+]{0,2}(?:${decimal}))[ij]$`,
);

/** A float has up to 309 digits in front of the point; what is longer than this is refused without a closer look. */
const maximumLength = 2048;

/** What is wrong with a text; where it stands is known to the caller. */
export class TextValueError extends Error {}

/** Writes a value as VILLASnode does; a value that is not set as `nan`, which all readers of floats take. */
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
 * Reads a value. The signal says of which type it is; without one, the text does: it is complex with an `i` or `j` at its
 * end, an integer with nothing but digits, else a float.
 *
 * @throws {TextValueError} If it is no such value
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

/** Reads a float. */
export function readFloat(text: string): number {
  if (!floatPattern.test(text)) throw new TextValueError(`expected a float, got ${excerpt(text)}`);
  const value = Number(text);
  // JavaScript knows neither of C's names; all other texts that the pattern lets through are numbers.
  if (Number.isNaN(value)) return /nan/i.test(text) ? NaN : text.startsWith("-") ? -Infinity : Infinity;
  if (!Number.isFinite(value) && !/inf/i.test(text)) {
    throw new TextValueError(`${excerpt(text)} is out of the range of a float`);
  }
  return value;
}

function readInteger(text: string): bigint {
  const value = integerPattern.test(text) ? BigInt(text) : undefined;
  if (value === undefined) throw new TextValueError(`expected an integer, got ${excerpt(text)}`);
  if (BigInt.asIntN(64, value) === value) return value;
  throw new TextValueError(`${excerpt(text)} is out of the range of 64 bits`);
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

/** Reads an integer from 0 to a maximum. */
export function readUnsigned(what: string, text: string, maximum: bigint): bigint {
  const value = text.length <= maximumLength && /^[0-9]+$/.test(text) ? BigInt(text) : undefined;
  if (value !== undefined && value <= maximum) return value;
  throw new TextValueError(`expected a ${what} from 0 to ${maximum}, got ${excerpt(text)}`);
}

/** Reads the whole seconds of a timestamp. */
export function readSecond(text: string): number {
  return Number(readUnsigned("second", text, BigInt(Number.MAX_SAFE_INTEGER)));
}

/** Reads the nanoseconds of a timestamp: they are no fraction, `5` is 5 ns. */
export function readNanosecond(text: string): number {
  return Number(readUnsigned("nanosecond", text, 999_999_999n));
}

/** The time that lies an offset in seconds behind another one, to the nanosecond; none where the offset is not finite. */
export function addOffset({ sec, nsec }: Timestamp, offset: number): Timestamp | undefined {
  if (!Number.isFinite(offset)) return undefined;
  // The text of an offset has few digits: its binary value is rounded to the nanosecond that was meant.
  const whole = Math.floor(offset);
  const nanoseconds = nsec + Math.round((offset - whole) * 1e9);
  const carry = Math.floor(nanoseconds / 1e9);
  const sum = { sec: sec + whole + carry, nsec: nanoseconds - carry * 1e9 };
  if (Number.isSafeInteger(sum.sec) && sum.sec >= 0) return sum;
  throw new TextValueError(`the offset of ${offset} s leads out of the range of a timestamp`);
}

/** The start of a text, for a message. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
