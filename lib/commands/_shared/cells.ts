/**
 * Cells of tables for eyes: names and values, short enough to be read at a glance.
 *
 * @module
 */

import { isComplex, type Value } from "../../samples/sample.ts";
import { replaceControls } from "../../system/text.ts";

const significantDigits = 5;

/** Floats from here on have more digits in front of the point, and are written without decimals up to the limit. */
const wholeFrom = 10 ** significantDigits;
const wholeLimit = 1e9;

/** The longest name of a column. */
const longestTitle = 24;

/** Returns the name of a column, cut to a length that leaves room for others. */
export function formatTitle(title: string): string {
  const plain = replaceControls(title);
  return plain.length <= longestTitle ? plain : `${plain.slice(0, longestTitle - 1)}…`;
}

/**
 * Writes a value.
 *
 * @param value The value
 * @param digits Decimals of floats; default: five significant digits
 */
export function formatValue(value: NonNullable<Value>, digits?: number): string {
  if (typeof value === "number") return formatFloat(value, digits);
  if (!isComplex(value)) return String(value);
  const imag = formatFloat(value.imag, digits);
  return `${formatFloat(value.real, digits)}${/^[-+]/.test(imag) ? "" : "+"}${imag}j`;
}

/**
 * Writes a value into a width: with fewer digits where it is too long, never without its exponent or its imaginary part.
 *
 * @param value The value
 * @param width The most characters; less than a number with one digit takes is not kept
 */
export function fitValue(value: NonNullable<Value>, width: number): string {
  let text = formatValue(value);
  for (let digits = significantDigits; text.length > width && digits > 0; digits--) {
    text = formatSignificant(value, digits);
  }
  return text;
}

function formatSignificant(value: NonNullable<Value>, digits: number): string {
  if (typeof value === "bigint") return Number(value).toExponential(digits - 1);
  if (typeof value === "boolean") return String(value);
  const write = (number: number) =>
    Number.isFinite(number) ? number.toPrecision(digits) : formatFloat(number, undefined);
  if (typeof value === "number") return write(value);
  const imag = write(value.imag);
  return `${write(value.real)}${/^[-+]/.test(imag) ? "" : "+"}${imag}j`;
}

function formatFloat(value: number, digits: number | undefined): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (digits !== undefined) return value.toFixed(digits);
  const size = Math.abs(value);
  return size >= wholeFrom && size < wholeLimit ? value.toFixed(0) : value.toPrecision(significantDigits);
}
