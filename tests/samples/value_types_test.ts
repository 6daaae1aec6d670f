import { assertEquals } from "@std/assert";
import { formatSignals, parseSignals, type Signal, type SignalType, type Value } from "@villas/client";
import { castFloat, findMismatch, typeOfValue } from "@villas/client/samples";

const values: [Value, SignalType | "invalid"][] = [
  [1, "float"],
  [NaN, "float"],
  [1n, "integer"],
  [false, "boolean"],
  [{ real: 1, imag: 2 }, "complex"],
  [null, "invalid"],
];
for (const [value, type] of values) {
  Deno.test(`typeOfValue() returns ${type} for ${Deno.inspect(value)}`, () => assertEquals(typeOfValue(value), type));
}

const mismatches: [Value[], string | Signal[], string | undefined][] = [
  [[], "", undefined],
  [[], "f", undefined],
  [[1, 2n, true, { real: 0, imag: 0 }], "fibc", undefined],
  [[1], "fibc", undefined],
  [[1, 2], "f", "it has 2 values for 1 signal"],
  [[1], "", "it has 1 value for 0 signals"],
  [[1n], "f", "value 0 is of type integer, signal0 of type float"],
  [[1, true], "2f", "value 1 is of type boolean, signal1 of type float"],
  [[null], "f", "value 0 is of type invalid, signal0 of type float"],
  [[{ real: 1, imag: 2 }], [{ name: "va", type: "float" }], "value 0 is of type complex, va of type float"],
  [[1], [{ type: "integer" }], "value 0 is of type float, signal0 of type integer"],
];
for (const [values, signals, why] of mismatches) {
  const shown = typeof signals === "string" ? signals : formatSignals(signals);
  Deno.test(`findMismatch() compares ${Deno.inspect(values)} with "${shown}"`, () => {
    assertEquals(findMismatch(values, typeof signals === "string" ? parseSignals(signals) : signals), why);
  });
}

Deno.test("findMismatch() accepts unset values for any signal if asked to", () => {
  assertEquals(findMismatch([null, 1, null], parseSignals("ifc"), true), undefined);
  assertEquals(
    findMismatch([null, 1], parseSignals("2i"), true),
    "value 1 is of type float, signal1 of type integer",
  );
});

const casts: [number, SignalType, Value][] = [
  [2.7, "float", 2.7],
  [NaN, "float", NaN],
  [2.7, "integer", 2n],
  [-2.7, "integer", -2n],
  [-0.5, "integer", 0n],
  [2 ** 63 - 1024, "integer", 2n ** 63n - 1024n],
  [2 ** 63, "integer", 2n ** 63n - 1n],
  [Infinity, "integer", 2n ** 63n - 1n],
  [-(2 ** 63), "integer", -(2n ** 63n)],
  [-Infinity, "integer", -(2n ** 63n)],
  [NaN, "integer", 0n],
  [0, "boolean", false],
  [-0, "boolean", false],
  [-0.1, "boolean", true],
  [NaN, "boolean", true],
  [1.5, "complex", { real: 1.5, imag: 0 }],
];
for (const [value, type, expected] of casts) {
  Deno.test(`castFloat() casts ${Deno.inspect(value)} to type ${type}`, () => {
    assertEquals(castFloat(value, type), expected);
  });
}
