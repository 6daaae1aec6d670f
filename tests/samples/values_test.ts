import { assertEquals, assertThrows } from "@std/assert";
import { parseSignals, type Value } from "@villas/client";
import { parseValues } from "@villas/client/samples";

const cases: [string, Value][] = [
  ["1", 1],
  ["-1", -1],
  ["2.5", 2.5],
  [".5", 0.5],
  ["1.", 1],
  ["1e3", 1000],
  ["1e-3f", 0.001],
  ["1f", 1],
  ["nan", NaN],
  ["-inf", -Infinity],
  ["Infinity", Infinity],
  ["-0", -0],
  ["7i", 7n],
  ["-7i", -7n],
  ["+7i", 7n],
  ["9223372036854775807i", 2n ** 63n - 1n],
  ["-9223372036854775808i", -(2n ** 63n)],
  ["true", true],
  ["false", false],
  ["1+2j", { real: 1, imag: 2 }],
  ["1-2j", { real: 1, imag: -2 }],
  ["-1e-3-2.5e+1j", { real: -0.001, imag: -25 }],
  ["2j", { real: 0, imag: 2 }],
  ["-2j", { real: 0, imag: -2 }],
  ["1+j", { real: 1, imag: 1 }],
  ["1-j", { real: 1, imag: -1 }],
  ["1c", { real: 1, imag: 0 }],
  ["nan+infj", { real: NaN, imag: Infinity }],
];

for (const [text, value] of cases) {
  Deno.test(`parseValues() reads ${text}`, () => assertEquals(parseValues(text), [value]));
}

for (
  const text of ["", "x", "1.5i", "7ii", "1+2", "1 2", "--1", "0x10", "9223372036854775808i", "1+2i", "j1", "+", "c"]
) {
  Deno.test(`parseValues() refuses "${text}"`, () => {
    assertThrows(() => parseValues(text), SyntaxError, `Cannot take "${text}" as value 0: expected a float`);
  });
}

Deno.test("parseValues() reads several values with spaces around them", () => {
  assertEquals(parseValues("1, 2i ,true"), [1, 2n, true]);
});

Deno.test("parseValues() takes the types from the signals", () => {
  assertEquals(parseValues("1,2,1,3", parseSignals("fibc")), [1, 2n, true, { real: 3, imag: 0 }]);
  assertEquals(parseValues("1f,2i,false,3+1j", parseSignals("fibc")), [1, 2n, false, { real: 3, imag: 1 }]);
});

Deno.test("parseValues() refuses a value that its signal cannot have, and one too many", () => {
  assertThrows(
    () => parseValues("1.5", parseSignals("i")),
    SyntaxError,
    'Cannot take "1.5" as values: value 0 is of type float, signal0 of type integer',
  );
  assertThrows(() => parseValues("1,2", parseSignals("f")), SyntaxError, "it has 2 values for 1 signal");
});
