import { assertEquals, assertThrows } from "@std/assert";
import { formatSignals, parseSignals, type Signal, type SignalType } from "@villas/client";
import { fc } from "../_properties.ts";

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
  Deno.test(`parseSignals() reads "${notation}"`, () => {
    assertEquals(parseSignals(notation), types.map((type, i) => ({ name: `signal${i}`, type })));
    assertEquals(formatSignals(parseSignals(notation)), shortest);
  });
}

Deno.test("parseSignals() reads 64 floats, VILLASnode's default", () => {
  const signals = parseSignals("64f");
  assertEquals(signals.length, 64);
  assertEquals(signals[63], { name: "signal63", type: "float" });
});

Deno.test("parseSignals() reads up to 65536 signals", () => {
  assertEquals(parseSignals("65536f").length, 65_536);
  assertEquals(parseSignals("65535fi").length, 65_536);
});

Deno.test("parseSignals() reads a list, as JSON and as an array", () => {
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
  [[{ name: 1 }], "Cannot take entry 0 of the signal list as a signal: its name is not a string"],
  [[{ unit: null }], "Cannot take entry 0 of the signal list as a signal: its unit is not a string"],
];
for (const [notation, message] of wrong) {
  Deno.test(`parseSignals() refuses ${JSON.stringify(notation).slice(0, 40)}`, () => {
    assertEquals(assertThrows(() => parseSignals(notation), SyntaxError).message, message);
  });
}

Deno.test("parseSignals() keeps the error of broken JSON as the cause", () => {
  const error = assertThrows(() => parseSignals("[{]"), SyntaxError, "Cannot parse the signal list as JSON: ");
  assertEquals((error.cause as Error).name, "SyntaxError");
});

Deno.test("formatSignals() writes what parseSignals() reads", () => {
  const types = fc.array(fc.constantFrom<SignalType>("float", "integer", "boolean", "complex"), { maxLength: 80 });
  fc.assert(fc.property(types, (types) => {
    const notation = formatSignals(types.map((type) => ({ type })));
    assertEquals(typesOf(parseSignals(notation)), types);
    assertEquals(formatSignals(parseSignals(notation)), notation);
  }));
});
