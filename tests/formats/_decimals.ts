/**
 * Decimal texts that are hard to round, and random ones: what `DecimalReader` is compared with `Number` on.
 *
 * @module
 */

import { DecimalReader } from "../../lib/formats/text/decimal.ts";
import type { Random } from "../_random.ts";

const words = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();

/** The reader behind other text and in front of a comma, as it is used. */
export function readDecimal(text: string): { value: number; length: number; isInteger: boolean } {
  const reader = new DecimalReader();
  const bytes = encoder.encode(`7,${text},5`);
  const value = reader.read(bytes, 2, bytes.length);
  return { value, length: reader.end - 2, isInteger: reader.isInteger };
}

/** Any finite float that is not negative; all exponents are as likely. */
export function randomFloat(random: Random): number {
  do {
    words.setUint32(0, random.next() >>> 1);
    words.setUint32(4, random.next());
  } while (!Number.isFinite(words.getFloat64(0)));
  return words.getFloat64(0);
}

/** All digits of the middle between a float and the next one, `digits * 10^exponent`. */
export function middleOf(value: number): { digits: bigint; exponent: number } {
  words.setFloat64(0, value);
  const bits = words.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & (1n << 52n) - 1n;
  const mantissa = 2n * (biased === 0 ? fraction : fraction | 1n << 52n) + 1n;
  const power = Math.max(biased, 1) - 1075 - 1;
  if (power >= 0) return { digits: mantissa << BigInt(power), exponent: 0 };
  // 2^-n is 5^n / 10^n.
  return { digits: mantissa * 5n ** BigInt(-power), exponent: power };
}

/** A text that some writer may write, or that is hard to round. */
export function randomDecimal(random: Random): string {
  const sign = random.pick(["", "", "-", "+"]);
  switch (random.below(10)) {
    case 0:
      return sign + randomFloat(random);
    case 1:
      return sign + randomFloat(random).toPrecision(17);
    case 2:
      return sign + randomFloat(random).toExponential(random.below(18)).replace("e", random.pick(["e", "E"]));
    case 3:
      return sign + plainFloat(random).toFixed(random.below(21));
    case 4:
      return sign + plainFloat(random).toPrecision(15 + random.below(3));
    case 5:
      return sign + digits(random, random.below(4)) + digits(random, 1 + random.below(20));
    case 6:
      return `${sign}${digits(random, random.below(25))}.${digits(random, 1 + random.below(40))}`;
    case 7:
      return `${sign}${digits(random, 1 + random.below(20))}.${digits(random, random.below(20))}e${exponent(random)}`;
    case 8:
      return sign + nearMiddle(random, randomFloat(random));
    default:
      return sign + nearMiddle(random, plainFloat(random));
  }
}

/** A measured value: not too large, not too small, and 0 now and then. */
function plainFloat(random: Random): number {
  const value = (random.next() + random.next() / 2 ** 32) / 2 ** 32;
  return random.chance(0.01) ? 0 : value * 10 ** (random.below(18) - 7);
}

/** The middle between two floats, exact, or cut somewhere, or a little above. */
function nearMiddle(random: Random, value: number): string {
  const { digits, exponent } = middleOf(value);
  const text = String(digits);
  const length = random.pick([16, 17, 18, 19, 20, 21, 25, 30, text.length, text.length]);
  let cut = text.slice(0, Math.min(length, text.length));
  const power = exponent + text.length - cut.length;
  if (random.chance(0.3)) cut += "0".repeat(random.below(20)) + "1";
  return withPoint(random, cut, power - (cut.length - Math.min(length, text.length)));
}

/** A number with a point somewhere, if the exponent lets it stand without one, or with an exponent. */
function withPoint(random: Random, digits: string, power: number): string {
  const point = digits.length + power;
  if (power <= 0 && point > -20 && random.chance(0.7)) {
    return point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${"0".repeat(-point)}${digits}`;
  }
  const front = 1 + random.below(Math.min(digits.length, 17));
  return `${digits.slice(0, front)}.${digits.slice(front)}e${power + digits.length - front}`;
}

function digits(random: Random, length: number): string {
  const kind = random.below(6);
  let text = "";
  for (let i = 0; i < length; i++) text += kind === 0 ? "0" : kind === 1 ? "9" : random.below(10);
  return text;
}

function exponent(random: Random): string {
  const limit = random.pick([5, 25, 60, 330, 1000]);
  return random.pick(["", "+", "-", "-0"]) + random.below(limit);
}
