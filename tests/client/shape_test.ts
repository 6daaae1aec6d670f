import { assertEquals, assertThrows } from "@std/assert";
import { createShape, type ShapeStep } from "@villas/client/client";
import { parseSignals, type SignalType } from "@villas/client/samples";
import type { Sample, Value } from "@villas/client";
import { numbered } from "./_pair.ts";

function shapeValues(steps: readonly ShapeStep[], values: Value[], signals?: string): (readonly Value[])[] {
  const { apply } = createShape(steps, signals === undefined ? undefined : parseSignals(signals));
  return apply([numbered(0, ...values)]).map((sample) => sample.values);
}

Deno.test("createShape() without steps gives the same samples, not copies", () => {
  const samples = [numbered(0, 1)];
  assertEquals(createShape([]).apply(samples) === samples, true);
});

Deno.test("createShape() with select takes values in the order of the list, and leaves those unset that are not there", () => {
  assertEquals(shapeValues([{ type: "select", signals: [2, 0, 9] }], [1, 2n, true]), [[true, 1, null]]);
});

Deno.test("createShape() with scale computes as VILLASnode does: integers are cut twice, booleans stay", () => {
  const scale: ShapeStep = { type: "scale", signals: [0, 1, 2, 3, 4], scale: 2.5, offset: 0.6 };
  // 7 * 2.5 is cut to 17, and 17.6 to 17; -7 * 2.5 to -17, and -16.4 to -16.
  assertEquals(shapeValues([scale], [2, 7n, -7n, true, { real: 2, imag: -2 }]), [[
    5.6,
    17n,
    -16n,
    true,
    { real: 5.6, imag: -5 },
  ]]);
});

Deno.test("createShape() with scale 1 and offset 0 keeps all digits of a large integer", () => {
  assertEquals(shapeValues([{ type: "scale", signals: [0] }], [2n ** 62n + 1n]), [[2n ** 62n + 1n]]);
});

const casts: readonly [Value, SignalType, Value][] = [
  [2.9, "integer", 2n],
  [-2.9, "integer", -2n],
  [NaN, "integer", 0n],
  [0.5, "boolean", true],
  [7n, "float", 7],
  [2n ** 62n + 1n, "integer", 2n ** 62n + 1n],
  [0n, "boolean", false],
  [true, "float", 1],
  [true, "integer", 1n],
  [3n, "complex", { real: 3, imag: 0 }],
  [{ real: 1.5, imag: 2 }, "float", 1.5],
  [{ real: -1.5, imag: 2 }, "integer", -1n],
  [{ real: 1, imag: 0 }, "boolean", false],
  [{ real: 1, imag: 2 }, "boolean", true],
  [null, "float", null],
];
for (const [value, newType, expected] of casts) {
  const shown = Deno.inspect(value);
  Deno.test(`createShape() with cast turns ${shown} into ${newType} as VILLASnode does`, () => {
    assertEquals(shapeValues([{ type: "cast", signals: [0], newType }], [value]), [[expected]]);
  });
}

Deno.test("createShape() changes no sample that it was given", () => {
  const sample = numbered(3, 1, 2);
  createShape([{ type: "scale", signals: [0], scale: 2 }, { type: "cast", signals: [1], newType: "integer" }])
    .apply([sample]);
  assertEquals(sample, numbered(3, 1, 2));
});

Deno.test("createShape() with decimate passes on the first of each group, across messages", () => {
  const { apply } = createShape([{ type: "decimate", ratio: 3 }]);
  const passed = [[0, 1], [2, 3, 4], [5, 6]].flatMap((message) => apply(message.map((index) => numbered(index))));
  assertEquals(passed.map(({ sequence }) => sequence), [0n, 3n, 6n]);
});

Deno.test("createShape() with decimate and renumber divides the numbers", () => {
  const { apply } = createShape([{ type: "decimate", ratio: 2, renumber: true }]);
  assertEquals(apply([4, 5, 6, 7].map((index) => numbered(index))).map(({ sequence }) => sequence), [2n, 3n]);
});

Deno.test("createShape() with limit_rate by origin leaves out what follows too early, and passes on what lacks a time", () => {
  const { apply } = createShape([{ type: "limit_rate", rate: 10, mode: "origin" }]);
  const at = (ms: number): Sample => ({ tsOrigin: { sec: 1, nsec: ms * 1e6 }, values: [ms] });
  const passed = apply([at(0), at(50), { values: [-1] }, at(110), at(150), at(300), at(10)]);
  assertEquals(passed.map(({ values }) => values[0]), [0, -1, 110, 300, 10]);
});

Deno.test("createShape() lets each step count the values of the one before, by name and by index", () => {
  const shape = createShape(
    [
      { type: "select", signals: ["b", "a"] },
      { type: "cast", signals: ["b"], newName: "count", newType: "integer", newUnit: "1" },
      { type: "scale", signals: ["count", 1], scale: 2 },
    ],
    parseSignals('[{"name": "a"}, {"name": "b"}]'),
  );
  assertEquals(shape.apply([numbered(0, 1.5, 2.5)]).map(({ values }) => values), [[4n, 3]]);
  assertEquals(shape.signals, [{ name: "count", unit: "1", type: "integer" }, { name: "a", type: "float" }]);
});

const refused: readonly [string, readonly ShapeStep[], string | undefined, string][] = [
  [
    "a name that is not there",
    [{ type: "select", signals: ["x"] }],
    "2f",
    'Cannot find signal "x": there are signal0, signal1',
  ],
  [
    "a name without signals",
    [{ type: "select", signals: ["va"] }],
    undefined,
    'Cannot find signal "va": the signals of the input are not known, so only indices from 0 are',
  ],
  [
    "an index that is too high",
    [{ type: "scale", signals: [2] }],
    "2f",
    "Cannot find signal 2: there are 2, counted from 0",
  ],
  [
    "a new name without signals",
    [{ type: "cast", signals: [0], newName: "va" }],
    undefined,
    "Cannot rename value 0: the signals of the input are not known",
  ],
  ["a ratio of 0", [{ type: "decimate", ratio: 0 }], "f", "Cannot decimate by 0: expected a whole number of 1 or more"],
  ["a rate of 0", [{ type: "limit_rate", rate: 0 }], "f", "Cannot limit the rate to 0 per second: it must be above 0"],
];
for (const [what, steps, signals, message] of refused) {
  Deno.test(`createShape() refuses ${what}`, () => {
    const error = assertThrows(() => createShape(steps, signals === undefined ? undefined : parseSignals(signals)));
    assertEquals((error as Error).message, message);
  });
}
