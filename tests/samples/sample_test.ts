import { assertEquals } from "@std/assert";
import { isComplex, type Value } from "@villas/client";

const values: [Value, boolean][] = [
  [{ real: 0, imag: 0 }, true],
  [0, false],
  [NaN, false],
  [0n, false],
  [false, false],
  [null, false],
];
for (const [value, expected] of values) {
  Deno.test(`isComplex() returns ${expected} for ${Deno.inspect(value)}`, () =>
    assertEquals(isComplex(value), expected));
}
