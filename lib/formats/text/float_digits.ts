/**
 * Fast path: floats as text of 17 digits, several times as fast as JavaScript's `toPrecision`, which `jsonText` uses.
 *
 * A float times a power of ten up to 10^22, which is a float itself, is exact as the sum of two floats (Dekker 1971):
 * so is the integer of 17 digits that it rounds to, and its digits need no arithmetic of arbitrary precision.
 *
 * No index is out of range here; saying so (`as number`) instead of providing a default makes a third of the speed.
 *
 * @module
 */

import { jsonText } from "./numbers.ts";

/** Length of the longest text of a float: a sign, 17 digits, a point and an exponent such as `e-308`. */
export const longestFloat = 24;

/** The smallest float that is written without an exponent. */
const smallest = 1e-4;

/** Floats below have at most 15 digits before the point, so that at least one follows it. */
const limit = 1e15;

/** The powers of ten that turn a float in this range into an integer of 17 digits. */
const powers = Float64Array.from({ length: 21 }, (_, exponent) => 10 ** exponent);

/** Returns the upper half of the bits of a float; the difference is the lower half. */
export function upperHalf(value: number): number {
  const spread = value * (2 ** 27 + 1);
  return spread - (spread - value);
}

const upperPowers = powers.map(upperHalf);

/** The two digits of each number below 100. */
const digitPairs = new TextEncoder().encode(
  Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0")).join(""),
);

const zero = 48;
const minus = 45;
const point = 46;

/**
 * Writes a float as `jsonText` does with 17 digits, as ASCII.
 *
 * @param value A finite float
 * @param bytes The array to write to, with room for {@linkcode longestFloat} bytes
 * @param pos Index of the first byte
 * @returns Index after the last byte
 */
export function writeFloat(value: number, bytes: Uint8Array, pos: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= smallest && magnitude < limit)) return writeText(jsonText(value, 17), bytes, pos);
  if (value < 0) bytes[pos++] = minus;

  let exponent = 0;
  while (magnitude >= (powers[exponent + 1] as number)) exponent++;
  // `-exponent` would sometimes be -0, which makes V8 abandon its fast code.
  while (magnitude * (powers[0 - exponent] as number) < 1) exponent--;

  // The integer of 17 digits is `high + low`. Below 1, rounding may have made the exponent one too large or too small.
  let high = 0;
  let low = 0;
  for (;;) {
    const power = powers[16 - exponent] as number;
    const upperPower = upperPowers[16 - exponent] as number;
    const upper = upperHalf(magnitude);
    const lower = magnitude - upper;
    const lowerPower = power - upperPower;
    high = magnitude * power;
    low = ((upper * upperPower - high) + upper * lowerPower + lower * upperPower) + lower * lowerPower;
    if (high < 1e16 || high === 1e16 && low < 0) exponent--;
    else if (high > 1e17 || high === 1e17 && low >= 0) exponent++;
    else break;
  }

  // `high`, being above 2^53, is even: so only `low` has a fraction, and decides what is odd.
  const floor = Math.floor(low);
  const fraction = low - floor;
  const rounded = fraction > 0.5 || fraction === 0.5 && floor % 2 !== 0 ? floor + 1 : floor;
  let front = Math.floor(high / 1e8); // nine digits
  let back = high - front * 1e8 + rounded; // eight digits
  if (back < 0) {
    back += 1e8;
    front--;
  } else if (back >= 1e8) {
    back -= 1e8;
    front++;
  }
  if (front === 1e9) {
    front = 1e8;
    exponent++;
  }

  // Digits are written where those after the point stay; those before it then move one to the left.
  const digits = exponent < 0 ? pos + 1 - exponent : pos + 1;
  const first = (front / 1e8) | 0;
  bytes[digits] = zero + first;
  writeEight((front - first * 1e8) | 0, bytes, digits + 1);
  writeEight(back | 0, bytes, digits + 9);
  let end = digits + 17;
  if (exponent < 0) {
    bytes.fill(zero, pos, digits);
    bytes[pos + 1] = point;
    while (bytes[end - 1] === zero) end--;
    return end;
  }
  for (let i = pos; i <= pos + exponent; i++) bytes[i] = bytes[i + 1] as number;
  bytes[pos + exponent + 1] = point;
  const shortest = pos + exponent + 3;
  while (end > shortest && bytes[end - 1] === zero) end--;
  return end;
}

/** Writes a number below 10^8 with eight digits; `| 0` makes divisions integer divisions, which cost less. */
export function writeEight(number: number, bytes: Uint8Array, pos: number): void {
  const front = (number / 1e4) | 0;
  writeFour(front, bytes, pos);
  writeFour(number - front * 1e4, bytes, pos + 4);
}

function writeFour(number: number, bytes: Uint8Array, pos: number): void {
  const front = (number / 100) | 0;
  const back = number - front * 100;
  bytes[pos] = digitPairs[2 * front] as number;
  bytes[pos + 1] = digitPairs[2 * front + 1] as number;
  bytes[pos + 2] = digitPairs[2 * back] as number;
  bytes[pos + 3] = digitPairs[2 * back + 1] as number;
}

/**
 * Writes ASCII text.
 *
 * @param text The text
 * @param bytes The array to write to, with room for the text
 * @param pos Index of the first byte
 * @returns Index after the last byte
 */
export function writeText(text: string, bytes: Uint8Array, pos: number): number {
  for (let i = 0; i < text.length; i++) bytes[pos++] = text.charCodeAt(i);
  return pos;
}
