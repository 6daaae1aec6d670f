import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatSignals, parseSignals, type Signal, type SignalType, type Value } from "@villas/client";
import { findMismatch, typeOfValue } from "@villas/client/samples";

const typesOf = (signals: readonly Signal[]) => signals.map(({ type }) => type);

const notations: [string, SignalType[], string][] = [
  ["", [], ""],
  ["f", ["float"], "f"],
  ["fibc", ["float", "integer", "boolean", "complex"], "fibc"],
  ["2f", ["float", "float"], "2f"],
  ["1f1f", ["float", "float"], "2f"],
  ["0f", [], ""],
  ["0fi", ["integer"], "i"],
  ["002b", ["boolean", "boolean"], "2b"],
  ["3fbic", ["float", "float", "float", "boolean", "integer", "complex"], "3fbic"],
];
for (const [notation, types, shortest] of notations) {
  Deno.test(`parseSignals reads "${notation}"`, () => {
    assertEquals(parseSignals(notation), types.map((type, i) => ({ name: `signal${i}`, type })));
    assertEquals(formatSignals(parseSignals(notation)), shortest);
  });
}

Deno.test("parseSignals reads 64 floats, which is VILLASnode's default", () => {
  const signals = parseSignals("64f");
  assertEquals(signals.length, 64);
  assertEquals(signals[63], { name: "signal63", type: "float" });
});

Deno.test("parseSignals reads as many signals as it may", () => {
  assertEquals(parseSignals("65536f").length, 65_536);
  assertEquals(parseSignals("65535fi").length, 65_536);
});

Deno.test("parseSignals reads a list, as JSON and as such", () => {
  const list = [{ name: "va", unit: "V" }, { type: "integer" }, { name: "z", type: "complex", init: 0 }, {}];
  const signals: Signal[] = [
    { name: "va", unit: "V", type: "float" },
    { type: "integer" },
    { name: "z", type: "complex" },
    { type: "float" },
  ];
  assertEquals(parseSignals(list), signals);
  assertEquals(parseSignals(` ${JSON.stringify(list)}`), signals);
  assertEquals(parseSignals("[]"), []);
});

const expected = 'expected counts and letters such as "64f2i", with f (float), i (integer), b (boolean), c (complex)';
const wrong: [string | unknown[], string][] = [
  ["x", `Cannot parse "x" as a signal list at "x": ${expected}`],
  ["2f3x1i", `Cannot parse "2f3x1i" as a signal list at "3x1i": ${expected}`],
  ["64", `Cannot parse "64" as a signal list at "64": ${expected}`],
  ["f ", `Cannot parse "f " as a signal list at " ": ${expected}`],
  ["F", `Cannot parse "F" as a signal list at "F": ${expected}`],
  ["-1f", `Cannot parse "-1f" as a signal list at "-1f": ${expected}`],
  ["1.5f", `Cannot parse "1.5f" as a signal list at "1.5f": ${expected}`],
  ["float", `Cannot parse "float" as a signal list at "loat": ${expected}`],
  ["65537f", 'Cannot parse "65537f" as a signal list: more than 65536 signals'],
  ["65536fi", 'Cannot parse "65536fi" as a signal list: more than 65536 signals'],
  [`${"9".repeat(400)}f`, `Cannot parse "${"9".repeat(400)}f" as a signal list: more than 65536 signals`],
  [[1], "Cannot take entry 0 of the signal list as a signal: expected an object with name, unit and type"],
  [[{}, null], "Cannot take entry 1 of the signal list as a signal: expected an object with name, unit and type"],
  [
    [{ type: "double" }],
    'Cannot take entry 0 of the signal list as a signal: its type is "double", not float, integer, boolean or complex',
  ],
  [
    '[{"type": 1}]',
    "Cannot take entry 0 of the signal list as a signal: its type is 1, not float, integer, boolean or complex",
  ],
  [[{ name: 1 }], "Cannot take entry 0 of the signal list as a signal: its name is no string"],
  [[{ unit: null }], "Cannot take entry 0 of the signal list as a signal: its unit is no string"],
];
for (const [notation, message] of wrong) {
  Deno.test(`parseSignals refuses ${JSON.stringify(notation).slice(0, 40)}`, () => {
    assertEquals(assertThrows(() => parseSignals(notation), SyntaxError).message, message);
  });
}

Deno.test("parseSignals says where JSON is wrong", () => {
  const error = assertThrows(() => parseSignals("[{]"), SyntaxError, "Cannot parse the signal list as JSON: ");
  assertEquals((error.cause as Error).name, "SyntaxError");
});

Deno.test("formatSignals writes what parseSignals reads", () => {
  const types = fc.array(fc.constantFrom<SignalType>("float", "integer", "boolean", "complex"), { maxLength: 80 });
  fc.assert(fc.property(types, (types) => {
    const notation = formatSignals(types.map((type) => ({ type })));
    assertEquals(typesOf(parseSignals(notation)), types);
    assertEquals(formatSignals(parseSignals(notation)), notation);
  }));
});

const values: [Value, SignalType | "invalid"][] = [
  [1, "float"],
  [NaN, "float"],
  [1n, "integer"],
  [false, "boolean"],
  [{ real: 1, imag: 2 }, "complex"],
  [null, "invalid"],
];
for (const [value, type] of values) {
  Deno.test(`typeOfValue says ${type} of ${Deno.inspect(value)}`, () => assertEquals(typeOfValue(value), type));
}

const mismatches: [Value[], string | Signal[], string | undefined][] = [
  [[], "", undefined],
  [[], "f", undefined],
  [[1, 2n, true, { real: 0, imag: 0 }], "fibc", undefined],
  [[1], "fibc", undefined],
  [[1, 2], "f", "it has 2 values for 1 signals"],
  [[1], "", "it has 1 values for 0 signals"],
  [[1n], "f", "value 0 is of type integer, signal0 of type float"],
  [[1, true], "2f", "value 1 is of type boolean, signal1 of type float"],
  [[null], "f", "value 0 is of type invalid, signal0 of type float"],
  [[{ real: 1, imag: 2 }], [{ name: "va", type: "float" }], "value 0 is of type complex, va of type float"],
  [[1], [{ type: "integer" }], "value 0 is of type float, signal0 of type integer"],
];
for (const [values, signals, why] of mismatches) {
  const shown = typeof signals === "string" ? signals : formatSignals(signals);
  Deno.test(`findMismatch compares ${Deno.inspect(values)} with "${shown}"`, () => {
    assertEquals(findMismatch(values, typeof signals === "string" ? parseSignals(signals) : signals), why);
  });
}

Deno.test("findMismatch lets values that are not set fit any signal, if asked to", () => {
  assertEquals(findMismatch([null, 1, null], parseSignals("ifc"), true), undefined);
  assertEquals(
    findMismatch([null, 1], parseSignals("2i"), true),
    "value 1 is of type float, signal1 of type integer",
  );
});
