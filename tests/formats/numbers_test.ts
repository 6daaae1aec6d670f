import { assertEquals } from "@std/assert";
import { fc } from "../_properties.ts";
import { longestFixed, writeFixed } from "../../lib/formats/text/fixed_digits.ts";
import { longestFloat, writeFloat } from "../../lib/formats/text/float_digits.ts";
import { exponentialText, fixedText, jsonText } from "../../lib/formats/text/numbers.ts";
import { finiteFloat } from "./_text_suite.ts";

/** A float above 0 as a fraction of integers, which is exact. */
function toFraction(magnitude: number): { numerator: bigint; denominator: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const significand = bits & (1n << 52n) - 1n | (exponent > 0n ? 1n << 52n : 0n);
  const power = (exponent > 0n ? exponent : 1n) - 1075n;
  return power >= 0n
    ? { numerator: significand << power, denominator: 1n }
    : { numerator: significand, denominator: 1n << -power };
}

/** magnitude * 10^decimals as an integer, ties to even: the definition of C's conversions. */
function scale(magnitude: number, decimals: number): bigint {
  let { numerator, denominator } = toFraction(magnitude);
  if (decimals >= 0) numerator *= 10n ** BigInt(decimals);
  else denominator *= 10n ** BigInt(-decimals);
  const quotient = numerator / denominator;
  const twice = numerator % denominator * 2n;
  return quotient + (twice > denominator || twice === denominator && quotient % 2n === 1n ? 1n : 0n);
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** `%.*f` */
function definedFixed(value: number, decimals: number): string {
  const digits = String(scale(Math.abs(value), decimals)).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return `${signOf(value)}${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ""}`;
}

/** Significant digits and exponent of `%.*e`. */
function definedExponential(magnitude: number, precision: number): { digits: string; exponent: number } {
  if (magnitude === 0) return { digits: "0".repeat(precision), exponent: 0 };
  const { numerator, denominator } = toFraction(magnitude);
  let exponent = 0;
  while (numerator >= denominator * 10n ** BigInt(Math.max(0, exponent + 1))) exponent++;
  while (numerator * 10n ** BigInt(Math.max(0, -exponent)) < denominator) exponent--;
  const digits = String(scale(magnitude, precision - 1 - exponent));
  return digits.length > precision ? { digits: digits.slice(0, -1), exponent: exponent + 1 } : { digits, exponent };
}

/** `%.*g` as jansson adjusts it. */
function definedJson(value: number, precision: number): string {
  const { digits, exponent } = definedExponential(Math.abs(value), precision);
  const short = digits.replace(/0+$/, "") || "0";
  if (exponent < -4 || exponent >= precision) {
    return `${signOf(value)}${short[0]}${short.length > 1 ? `.${short.slice(1)}` : ""}e${exponent}`;
  }
  if (exponent < 0) return `${signOf(value)}0.${"0".repeat(-exponent - 1)}${short}`;
  const padded = short.padEnd(exponent + 1, "0");
  return `${signOf(value)}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || "0"}`;
}

/** Floats of all sizes, many of them short, and many that lie between two texts. */
const float = fc.oneof(
  finiteFloat,
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -60, max: 60 })).map((
    [significand, power],
  ) => significand * 2 ** power),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: -20, max: 25 })).map(([significand, power]) =>
    Number(`${significand}e${power}`)
  ),
);
const precision = fc.oneof(fc.constant(17), fc.integer({ min: 1, max: 31 }));
const runs = { numRuns: 5000 };

Deno.test("fixedText() is %.*f by its definition", () => {
  fc.assert(
    fc.property(float, fc.integer({ min: 0, max: 31 }), (value, decimals) => {
      assertEquals(fixedText(value, decimals), definedFixed(value, decimals));
    }),
    runs,
  );
});

Deno.test("jsonText() is %.*g by its definition, as jansson adjusts it", () => {
  fc.assert(
    fc.property(float, precision, (value, digits) => {
      assertEquals(jsonText(value, digits), definedJson(value, digits));
    }),
    runs,
  );
});

/** Floats next to which a digit comes or goes. */
const powerOfTen = fc.tuple(fc.integer({ min: -6, max: 18 }), fc.integer({ min: -3, max: 3 })).map(([power, steps]) => {
  const value = Number(`1e${power}`);
  return value + steps * value * Number.EPSILON;
});

Deno.test("writeFloat() is %.17g by its definition, as jansson adjusts it, and stays within its length", () => {
  const bytes = new Uint8Array(2 + longestFloat + 1);
  const decoder = new TextDecoder();
  fc.assert(
    fc.property(fc.oneof(float, powerOfTen, fc.double({ min: -1e17, max: 1e17, noNaN: true })), (value) => {
      bytes.fill(0x21);
      const end = writeFloat(value, bytes, 2);
      assertEquals(decoder.decode(bytes.subarray(0, end)), `!!${definedJson(value, 17)}`);
      assertEquals(bytes.at(-1), 0x21);
    }),
    { numRuns: 20_000 },
  );
});

Deno.test("exponentialText() is %+e by its definition", () => {
  fc.assert(
    fc.property(float, (value) => {
      const { digits, exponent } = definedExponential(Math.abs(value), 7);
      const power = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
      assertEquals(exponentialText(value), `${signOf(value) || "+"}${digits[0]}.${digits.slice(1)}e${power}`);
    }),
    runs,
  );
});

Deno.test("fixedText(), jsonText() and exponentialText() write the texts of C at their limits", () => {
  assertEquals([NaN, Infinity, -Infinity].map((value) => fixedText(value, 3)), ["nan", "inf", "-inf"]);
  assertEquals([NaN, Infinity, -Infinity].map(exponentialText), ["+nan", "+inf", "-inf"]);
  assertEquals([0.5, 1.5, 2.5, -2.5, 1e21].map((value) => fixedText(value, 0)), [
    "0",
    "2",
    "2",
    "-2",
    "1000000000000000000000",
  ]);
  assertEquals(fixedText(2 ** -18, 17), "0.00000381469726562");
  assertEquals(
    [0.1, 1e20, 1e17, 123456789012345680, 1e-5, 1e-4, -0, 1e22, 5e-324].map((value) => jsonText(value, 17)),
    [
      "0.10000000000000001",
      "1e20",
      "1e17",
      "1.2345678901234568e17",
      "1.0000000000000001e-5",
      "0.0001",
      "-0.0",
      "1e22",
      "4.9406564584124654e-324",
    ],
  );
  assertEquals([0.00009999999, 9.5, 8.5].map((value) => jsonText(value, 1)), ["0.0001", "1e1", "8.0"]);
  assertEquals(jsonText(0.1, 0), jsonText(0.1, 17));
});

Deno.test("writeFixed() is %.*f by its definition, and stays within its length", () => {
  const bytes = new Uint8Array(longestFixed + 4);
  const decoder = new TextDecoder();
  const decimals = fc.oneof(fc.constant(17), fc.integer({ min: 0, max: 31 }));
  const check = (value: number, decimals: number) => {
    bytes.fill(0x21);
    const end = writeFixed(value, decimals, bytes, 2);
    assertEquals(decoder.decode(bytes.subarray(0, end + 2)), `!!${definedFixed(value, decimals)}!!`);
  };
  fc.assert(fc.property(float, decimals, check), runs);
  // Halves of the last decimal, what is next to them, and what is rounded up to one more digit in front of the point.
  for (
    const value of [
      0,
      -0,
      0.5,
      1.5,
      2.5,
      0.125,
      0.375,
      2 ** -18,
      3 * 2 ** -18,
      999_999_999.999_999_9,
      9.999_999_999_999_999,
    ]
  ) {
    for (let decimals = 0; decimals <= 20; decimals++) {
      for (const near of [value, -value, value * (1 - 2 ** -53), value * (1 + 2 ** -52), value - 2 ** -52]) {
        check(near, decimals);
      }
    }
  }
  for (const value of [NaN, Infinity, -Infinity]) {
    assertEquals(decoder.decode(bytes.subarray(2, writeFixed(value, 17, bytes, 2))), fixedText(value, 17));
  }
});
