/**
 * Fast path: floats with a fixed number of decimals as bytes, several times as fast as JavaScript's `toFixed`, which
 * `fixedText` uses.
 *
 * The digits before the point are an integer that the float holds. The rest of it times a power of ten, which is a
 * float up to 10^22, is exact as the sum of two floats (Dekker 1971), so that it can be rounded as the number itself.
 *
 * No index is out of range here; saying so (`as number`) costs less than a default.
 *
 * @module
 */

import { upperHalf, writeEight, writeText } from "./float_digits.ts";
import { fixedText } from "./numbers.ts";

/** Length of the longest text of a float: a sign, 309 digits, a point and 31 decimals. */
export const longestFixed = 342;

/** Floats below have a whole part that 32 bits hold. */
const limit = 1e9;

/** The most decimals that are written here, in two parts that 32 bits hold. */
const maximumDecimals = 17;

/** Fractions below are 0 with so many decimals, and the parts of their products might be too small for a float. */
const smallest = 1e-30;

/** Floats from here on are integers, or 0.5 behind them. */
const halves = 2 ** 52;

const zero = 48;
const minus = 45;
const point = 46;

const powers = Float64Array.from({ length: maximumDecimals + 1 }, (_, exponent) => Number(`1e${exponent}`));
const upperPowers = powers.map(upperHalf);

/**
 * Writes a float as `fixedText` does, as ASCII.
 *
 * @param value Any float
 * @param decimals 0 to 31
 * @param bytes The array to write to, with room for {@linkcode longestFixed} bytes
 * @param pos Index of the first byte
 * @returns Index after the last byte
 */
export function writeFixed(value: number, decimals: number, bytes: Uint8Array, pos: number): number {
  const magnitude = Math.abs(value);
  // Without decimals it is the whole part that is rounded.
  if (!(magnitude < limit) || decimals > maximumDecimals || decimals === 0) {
    return writeText(fixedText(value, decimals), bytes, pos);
  }
  if (value < 0 || value === 0 && 1 / value < 0) bytes[pos++] = minus;
  let whole = Math.floor(magnitude) | 0;
  const fraction = magnitude - whole;

  // All decimals are `high + low`.
  const power = powers[decimals] as number;
  let high = 0;
  let low = 0;
  if (fraction >= smallest) {
    const upperPower = upperPowers[decimals] as number;
    const lowerPower = power - upperPower;
    const upper = upperHalf(fraction);
    const lower = fraction - upper;
    high = fraction * power;
    low = ((upper * upperPower - high) + upper * lowerPower + lower * upperPower) + lower * lowerPower;
  }

  // Half goes to even.
  const floor = Math.floor(high);
  let carry: number;
  if (high < halves) {
    const rest = high - floor;
    carry = rest > 0.5 || rest === 0.5 && (low > 0 || low === 0 && floor % 2 !== 0) ? 1 : 0;
  } else {
    carry = Math.floor(low);
    const rest = low - carry;
    if (rest > 0.5 || rest === 0.5 && (floor % 2 + carry) % 2 !== 0) carry++;
  }

  // The last eight decimals, and those before them.
  let front = Math.floor(floor / 1e8);
  let back = floor - front * 1e8 + carry;
  if (back < 0) {
    back += 1e8;
    front--;
  } else if (back >= 1e8) {
    back -= 1e8;
    front++;
  }
  if (decimals > 8 ? front === powers[decimals - 8] : front * 1e8 + back === power) {
    front = 0;
    back = 0;
    whole++;
  }

  pos = writeWhole(whole, bytes, pos);
  bytes[pos++] = point;
  if (decimals <= 8) {
    writeDigits(back | 0, decimals, bytes, pos);
    return pos + decimals;
  }
  writeDigits(front | 0, decimals - 8, bytes, pos);
  pos += decimals - 8;
  writeEight(back | 0, bytes, pos);
  return pos + 8;
}

/**
 * Writes an integer.
 *
 * @param number The integer; any other number is written as JavaScript does
 * @param bytes The array to write to
 * @param pos Index of the first byte
 * @returns Index after the last byte
 */
export function writeInteger(number: number | bigint, bytes: Uint8Array, pos: number): number {
  const value = Number(number);
  if (value < 0 || (value | 0) !== value) return writeText(String(number), bytes, pos);
  return writeWhole(value | 0, bytes, pos);
}

/** Writes an integer of 32 bits that is not negative; returns the index after it. */
function writeWhole(number: number, bytes: Uint8Array, pos: number): number {
  let length = 1;
  for (let rest = number; rest >= 10; rest = (rest / 10) | 0) length++;
  writeDigits(number, length, bytes, pos);
  return pos + length;
}

/** Writes the last digits of an integer of 32 bits, with leading zeros. */
export function writeDigits(number: number, count: number, bytes: Uint8Array, pos: number): void {
  for (let i = pos + count - 1; i >= pos; i--) {
    const rest = (number / 10) | 0;
    bytes[i] = zero + number - rest * 10;
    number = rest;
  }
}
