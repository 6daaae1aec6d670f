import { assertEquals } from "@std/assert";
import { seededRandom } from "../_random.ts";
import { middleOf, randomDecimal, readDecimal } from "./_decimals.ts";

/** Compares with `Number`, the sign of zero and all bits included. */
function assertReadsAsNumber(text: string): void {
  const { value, length } = readDecimal(text);
  assertEquals(length, text.length, `end of ${text}`);
  if (!Object.is(value, Number(text))) assertEquals(value, Number(text), text);
}

/** The middle between a float and the next one, with a sign in front and something behind the last digit. */
function middles(value: number): string[] {
  const { digits, exponent } = middleOf(value);
  const text = String(digits);
  const below = String(digits - 1n);
  return [
    `${text}e${exponent}`,
    `-${text}e${exponent}`,
    `${text}.0000000000000000000000001e${exponent}`,
    `${below}e${exponent}`,
    `${below}.9999999999999999999999999e${exponent}`,
    `0.${text}e${exponent + text.length}`,
    `${text.slice(0, 1)}.${text.slice(1)}e${exponent + text.length - 1}`,
    `${text.slice(0, 18)}e${exponent + text.length - 18}`,
  ];
}

const adversarial: Record<string, readonly string[]> = {
  "zeros of both signs": ["0", "-0", "+0", "0.0", "-0.0", "-0.", "-.0", "0e0", "-0e999", "0.00000000000000000000e-400"],
  "measured values": [
    "230.10000000000000000",
    "0.02224500000000000",
    "-0.00000000000000001",
    "49.987654321098765",
    "123456.12345678901234567",
    "12345678.12345678901234567",
    "123456789.12345678901234567",
    "0.012345678901234567",
    "1.2345678901234567e-07",
    "100000.00000000000000000",
  ],
  "integers around 2^53": [
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740994",
    "9007199254740995",
    "9007199254740993.0",
    "9007199254740992.99999999999999999999",
    "9007199254740993.00000000000000000001",
    "9999999999999999",
    "99999999999999999999999",
    "18446744073709551615",
  ],
  "points without digits on one side": ["1.", ".5", "+.5", "-1.e3", ".5e-3", "5.e+3"],
  "leading zeros": [
    "007",
    "-0001.5",
    "000000000000000000001.5",
    "0000000000000000000000000",
    "00.000000000000000000001",
  ],
  "powers of ten at both ends of what is exact": [
    "1e22",
    "1e23",
    "9e22",
    "9007199254740991e22",
    "1e-22",
    "3e-23",
    "1e-23",
  ],
  "exponents at both ends": [
    "1e400",
    "-1e400",
    "1e-400",
    "1e999999999999",
    "-1e-999999999999",
    "1e+0000000000000000000005",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793e289",
    "1e279",
    "1e280",
    "1e281",
    "1.5e-280",
    "1.5e-281",
    "123456789.123456789e-271",
    "123456789.123456789e272",
  ],
  "subnormal floats": ["5e-324", "2e-324", "3e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-310"],
  "the smallest normal float": ["2.2250738585072014e-308", "2.2250738585072011e-308", "2.225073858507201136e-308"],
  "800 digits": [
    "1".repeat(800),
    `0.${"3".repeat(800)}`,
    `${"9".repeat(400)}.${"9".repeat(400)}e-390`,
    `0.${"0".repeat(300)}${"7".repeat(500)}`,
    `1.${"0".repeat(799)}`,
    `1.${"0".repeat(798)}1`,
  ],
};

for (const [what, texts] of Object.entries(adversarial)) {
  Deno.test(`DecimalReader reads ${what} as Number does`, () => {
    for (const text of texts) assertReadsAsNumber(text);
  });
}

Deno.test("DecimalReader rounds the middle between two floats as Number does, and what is next to it", () => {
  const values = [
    1,
    1.5,
    0.1,
    230.1,
    1e15,
    2 ** 53,
    2 ** 60,
    1e22,
    1e-5,
    1e100,
    1e-100,
    1e279,
    1e-279,
    5e-324,
    2 ** -1022,
  ];
  for (const value of values) middles(value).forEach(assertReadsAsNumber);
});

Deno.test("DecimalReader reads 100,000 random texts as Number does", () => {
  const random = seededRandom(13);
  for (let i = 0; i < 100_000; i++) assertReadsAsNumber(randomDecimal(random));
});

Deno.test("DecimalReader says where a number ends, and whether it is an integer", () => {
  const cases: [text: string, length: number, isInteger: boolean][] = [
    ["12", 2, true],
    ["-12x", 3, true],
    ["1.5.2", 3, false],
    ["1e", 1, true],
    ["1e+", 1, true],
    ["1.e", 2, false],
    ["1e5", 3, false],
    ["1E-5e", 4, false],
    ["12 ", 2, true],
    ["99999999999999999999", 20, true],
    ["99999999999999999999.e", 21, false],
    ["1/2", 1, true],
    ["1:", 1, true],
  ];
  for (const [text, length, isInteger] of cases) {
    const { value, ...rest } = readDecimal(text);
    assertEquals([rest, value], [{ length, isInteger }, Number(text.slice(0, length))], text);
  }
});

Deno.test("DecimalReader finds no number where none begins", () => {
  for (const text of ["", "-", "+", ".", "-.", "e5", ".e5", "nan", "inf", " 1", "--1", "é", "/", ":"]) {
    const { value, length } = readDecimal(text);
    assertEquals([value, length], [NaN, 0], text);
  }
});
