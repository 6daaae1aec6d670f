/**
 * Fast path: floats from decimal text, read where they stand among the bytes, bit for bit as JavaScript's `Number`
 * reads them, without a string for each.
 *
 * The digits are an integer D, which a power of ten 10^q makes the number.
 *
 * - Where D is below 2^53 and 10^|q| is a float, one multiplication or division of two exact floats rounds once, and
 *   therefore as IEEE 754 wants it (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990).
 * - Otherwise D is `head * 10^n + tail`, both of them exact. The product of `head` and its power of ten is computed as
 *   the sum of two floats (Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971), and what
 *   the tail adds goes into the smaller one. The error has a bound: where both ends of the interval around the result
 *   that holds the number round to the same float, so does the number, because rounding is monotonic (Ziv, "Fast
 *   Evaluation of Elementary Mathematical Functions with Correctly Rounded Last Bit", 1991).
 * - What remains, such as the middle between two floats, is left to `Number`.
 *
 * No index is out of range here; saying so (`as number`) costs less than a default.
 *
 * @module
 */

import { upperHalf } from "./float_digits.ts";

const zero = 48;
const plus = 43;
const minus = 45;
const point = 46;
const lowerE = 101;

/** Digits of an integer that is exact in 32 bits. */
const digitsOfPart = 9;

/** Digits of an integer that is exact as a float. */
const digitsOfFloat = 15;

/** A head that a tail is small beside. */
const smallestHead = 1e8;

/**
 * The largest exponent, up and down, with which no part of a product overflows or loses digits to underflow: D is below
 * 10^25, and the smallest part of a power is 2^-106 of it.
 */
const maximumPower = 280;

/** Powers of ten up to this one are floats. */
const maximumExactPower = 22;

/**
 * Bound of the relative error of the sum of two floats. The tail adds less than 2^-26 to a head of nine digits, so that
 * the four roundings of what it is part of (its power, its product and two sums) cost at most 2^-79 each. All others,
 * and what the two floats of a power lack, are below 2^-103.
 */
const sumError = 2 ** -76;

/** Powers of ten as sums of two floats; the first one also as the sum of two halves. The entry of 10^q is q + 280. */
const highPowers = new Float64Array(2 * maximumPower + 1);
const upperPowers = new Float64Array(2 * maximumPower + 1);
const lowPowers = new Float64Array(2 * maximumPower + 1);

/** The powers that are floats. */
const exactPowers = Float64Array.from({ length: maximumExactPower + 1 }, (_, power) => Number(`1e${power}`));

/** Computes a power of ten when it is needed first: few of them ever are. */
function definePower(power: number): void {
  const index = power + maximumPower;
  const high = Number(`1e${power}`);
  highPowers[index] = high;
  upperPowers[index] = upperHalf(high);
  lowPowers[index] = power < 0
    ? lowOfFraction(high, 10n ** BigInt(-power))
    : Number(10n ** BigInt(power) - BigInt(high));
}

/** Computes by how much 1 / `divisor` exceeds the float next to it. */
function lowOfFraction(high: number, divisor: bigint): number {
  // `high * 2^shift` is an integer, and the difference is computed to 60 bits more than that.
  let shift = 0;
  let scaled = high;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  const scaledDifference = ((1n << BigInt(shift)) - BigInt(scaled) * divisor) * (1n << 60n) / divisor;
  // One power of two after the other, as both together may be below the smallest float.
  return Number(scaledDifference) * 2 ** -60 * 2 ** (-shift >> 1) * 2 ** (-shift - (-shift >> 1));
}

/**
 * Reads decimal numbers: a sign or none, digits with a point among them or none, and an exponent or none, as C's
 * `strtod` and JSON have them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DecimalReader } from "./decimal.ts";
 *
 * const reader = new DecimalReader();
 * const bytes = new TextEncoder().encode("-230.10,7");
 * assertEquals([reader.read(bytes, 0, bytes.length), reader.end, reader.isInteger], [-230.1, 7, false]);
 * assertEquals([reader.read(bytes, 8, bytes.length), reader.end, reader.isInteger], [7, 9, true]);
 * assertEquals([reader.read(bytes, 7, bytes.length), reader.end], [NaN, 7]);
 * ```
 */
export class DecimalReader {
  /** Index after the last number; the index where it should have begun, if there was none. */
  end = 0;
  /** True if the last number has neither a point nor an exponent. */
  isInteger = false;
  /** Number of digits after its point. */
  decimals = 0;

  /**
   * Reads the longest number that begins at an index.
   *
   * @param bytes The text
   * @param start Index of its first byte
   * @param limit Index after the text
   * @returns The float next to the number, infinite if it is out of range; NaN if no number begins there
   */
  read(bytes: Uint8Array, start: number, limit: number): number {
    let pos = start;
    let code = pos < limit ? bytes[pos] as number : 0;
    const isNegative = code === minus;
    if (isNegative || code === plus) pos++;

    const wholeStart = pos;
    let whole = 0;
    while (pos < limit && (code = (bytes[pos] as number) - zero) >= 0 && code < 10) {
      whole = whole * 10 + code;
      pos++;
    }
    const wholeLength = pos - wholeStart;
    let length = wholeLength;

    // Digits behind the point: in front are those that make one float with the whole number, and behind them the tail.
    let front = 0;
    let frontLength = 0;
    let tail = 0;
    let tailLength = 0;
    let isCut = false;
    let power = 0;
    this.isInteger = true;
    this.decimals = 0;
    if (pos < limit && bytes[pos] === point) {
      this.isInteger = false;
      const fractionStart = ++pos;
      if (whole === 0) {
        while (pos < limit && bytes[pos] === zero) pos++;
      }
      const frontStart = pos;
      let stop = pos + Math.max(Math.min(digitsOfPart, digitsOfFloat - wholeLength), 0);
      if (stop > limit) stop = limit;
      while (pos < stop && (code = (bytes[pos] as number) - zero) >= 0 && code < 10) {
        front = Math.imul(front, 10) + code | 0;
        pos++;
      }
      frontLength = pos - frontStart;
      stop = pos + digitsOfPart;
      if (stop > limit) stop = limit;
      while (pos < stop && (code = (bytes[pos] as number) - zero) >= 0 && code < 10) {
        tail = Math.imul(tail, 10) + code | 0;
        pos++;
      }
      power = fractionStart - pos;
      tailLength = pos - frontStart - frontLength;
      if (pos === stop) {
        pos = endOfDigits(bytes, pos, limit);
        isCut = pos > stop;
      }
      this.decimals = pos - fractionStart;
      length += pos - fractionStart;
    }
    if (length === 0) {
      this.end = start;
      return NaN;
    }
    if (pos < limit && ((bytes[pos] as number) | 0x20) === lowerE) {
      const end = endOfExponent(bytes, pos, limit);
      if (end > pos) {
        power += readExponent(bytes, pos, end);
        pos = end;
        this.isInteger = false;
      }
    }
    this.end = pos;

    const head = whole * (exactPowers[frontLength] as number) + front;
    let value = NaN;
    if (head < 2 ** 53) {
      if (tailLength === 0 && power >= -maximumExactPower && power <= maximumExactPower) {
        // `-power` would be -0 at times, for which V8 gives up its fast code.
        value = power < 0 ? head / (exactPowers[0 - power] as number) : head * (exactPowers[power] as number);
      } else if (
        power >= -maximumPower && power + tailLength <= maximumPower && (tailLength === 0 || head >= smallestHead)
      ) {
        value = sum(head, tail, tailLength, power, isCut);
      }
    }
    // It is NaN where it is not certain.
    if (value !== value) return numberOf(bytes, start, pos);
    return isNegative ? -value : value;
  }
}

function endOfDigits(bytes: Uint8Array, start: number, limit: number): number {
  let pos = start;
  while (pos < limit && isDigit(bytes[pos] as number)) pos++;
  return pos;
}

/**
 * Computes the float next to (head * 10^length + tail) * 10^power, or NaN where it is not certain which one that is.
 *
 * @param head An integer below 2^53, at least 10^8 if there is a tail
 * @param tail An integer of up to nine digits
 * @param length Number of its digits
 * @param power The exponent, at least -280; together with the length at most 280
 * @param isCut Whether the number has more digits, which add something below 1 to the tail
 */
function sum(head: number, tail: number, length: number, power: number, isCut: boolean): number {
  const index = power + length + maximumPower;
  if (highPowers[index] === 0) definePower(power + length);
  if (highPowers[index - length] === 0) definePower(power);
  const highPower = highPowers[index] as number;
  const upperPower = upperPowers[index] as number;
  const lowerPower = highPower - upperPower;
  const upper = upperHalf(head);
  const lower = head - upper;
  const product = head * highPower;
  const excess = ((upper * upperPower - product) + upper * lowerPower + lower * upperPower) + lower * lowerPower;
  const small = excess + (head * (lowPowers[index] as number) + tail * (highPowers[index - length] as number));

  const value = product + small;
  const difference = small - (value - product);
  const error = value * (isCut ? sumError + 2 / (head * (exactPowers[length] as number)) : sumError);
  return value + (difference + error) === value && value + (difference - error) === value ? value : NaN;
}

/** Tells whether a character is a digit. */
export function isDigit(code: number): boolean {
  return (code - zero >>> 0) < 10;
}

/** Reads at most nine digits. */
function readPart(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = Math.imul(value, 10) + ((bytes[i] as number) - zero) | 0;
  return value;
}

/** Returns the index after the exponent that begins with the `e` at an index; that index if it is not an exponent. */
function endOfExponent(bytes: Uint8Array, start: number, limit: number): number {
  let pos = start + 1;
  if (pos < limit && (bytes[pos] === minus || bytes[pos] === plus)) pos++;
  const digits = pos;
  while (pos < limit && isDigit(bytes[pos] as number)) pos++;
  return pos > digits ? pos : start;
}

/** Reads an exponent; a longer one than any that matters becomes 10^9. */
function readExponent(bytes: Uint8Array, start: number, end: number): number {
  let pos = start + 1;
  const isNegative = bytes[pos] === minus;
  if (isNegative || bytes[pos] === plus) pos++;
  const value = end - pos <= digitsOfPart ? readPart(bytes, pos, end) : 1e9;
  return isNegative ? 0 - value : value;
}

function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return Number(text);
}
