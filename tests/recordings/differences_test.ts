import { assertEquals } from "@std/assert";
import type { Sample, Value } from "@villas/client";
import { type CompareOptions, type Difference, findDifferences } from "@villas/client/recordings";
import { fc } from "../_properties.ts";
import { sample as sampleArbitrary } from "../_arbitraries.ts";

const time = { sec: 1_700_000_000, nsec: 500 };

/** What two samples with one value each differ in. */
function ofValues(a: Value, b: Value, options?: CompareOptions): readonly Difference[] {
  return findDifferences({ values: [a] }, { values: [b] }, options);
}

const equalValues: [string, Value, Value, number?][] = [
  ["0 and -0", 0, -0],
  ["NaN and NaN", NaN, NaN],
  ["two infinities", Infinity, Infinity],
  ["floats as far apart as epsilon", 1, 1.25, 0.25],
  ["integers", 2n ** 63n - 1n, 2n ** 63n - 1n],
  ["booleans", true, true],
  ["values that are not set", null, null],
  ["complex numbers whose difference has the magnitude of epsilon", { real: 0, imag: 0 }, { real: 3, imag: 4 }, 5],
  ["complex numbers with the same part that is no number", { real: NaN, imag: -0 }, { real: NaN, imag: 0 }],
];

for (const [name, a, b, epsilon] of equalValues) {
  Deno.test(`findDifferences() takes ${name} for equal`, () => {
    const options = epsilon === undefined ? {} : { epsilon };
    assertEquals([...ofValues(a, b, options), ...ofValues(b, a, options)], []);
  });
}

const differentValues: [string, Value, Value, Omit<Difference, "value">, CompareOptions?][] = [
  ["floats further apart than epsilon", 1, 1.25, { kind: "data", distance: 0.25 }, { epsilon: 0.2 }],
  ["floats one bit apart without epsilon", 1, 1 + 2 ** -52, { kind: "data", distance: 2 ** -52 }, { epsilon: 0 }],
  ["NaN and a number", NaN, 1, { kind: "data" }],
  ["infinities of two signs", Infinity, -Infinity, { kind: "data", distance: Infinity }],
  ["integers that a float64 cannot tell apart", 2n ** 62n, 2n ** 62n + 1n, { kind: "data", distance: 1n }],
  ["the ends of the integers", -(2n ** 63n), 2n ** 63n - 1n, { kind: "data", distance: 2n ** 64n - 1n }],
  ["integers whatever epsilon is", 1n, 2n, { kind: "data", distance: 1n }, { epsilon: 5 }],
  ["booleans", true, false, { kind: "data" }],
  ["a float and an integer of the same value", 1, 1n, { kind: "type" }],
  ["a boolean and an integer", true, 1n, { kind: "type" }],
  ["a value that is not set and one that is", null, 0, { kind: "type" }],
  ["imaginary parts", { real: 1, imag: 2 }, { real: 1, imag: 5 }, { kind: "data", distance: 3 }],
  [
    "a part that is no number, beside an infinity",
    { real: NaN, imag: Infinity },
    { real: 1, imag: 0 },
    { kind: "data" },
  ],
];

for (const [name, a, b, difference, options] of differentValues) {
  Deno.test(`findDifferences() finds ${name}`, () => {
    assertEquals(ofValues(a, b, options), [{ ...difference, value: 0 }]);
    assertEquals(ofValues(b, a, options), [{ ...difference, value: 0 }]);
  });
}

Deno.test("findDifferences() finds timestamps that are earlier as well as later, beyond epsilon", () => {
  const earlier: Sample = { tsOrigin: time, values: [] };
  const later: Sample = { tsOrigin: { ...time, nsec: 1501 }, values: [] };
  assertEquals(findDifferences(earlier, later), [{ kind: "timestamp", distance: 1.001e-6 }]);
  assertEquals(findDifferences(later, earlier), [{ kind: "timestamp", distance: 1.001e-6 }]);
  assertEquals(findDifferences(earlier, { tsOrigin: { ...time, nsec: 1500 }, values: [] }), []);
});

Deno.test("findDifferences() takes what both lack for equal, and finds what one lacks", () => {
  const bare: Sample = { values: [] };
  assertEquals(findDifferences(bare, bare), []);
  assertEquals(findDifferences(bare, { sequence: 0n, tsOrigin: time, values: [] }), [
    { kind: "sequence" },
    { kind: "timestamp" },
  ]);
});

Deno.test("findDifferences() does not compare values where their numbers differ", () => {
  assertEquals(findDifferences({ values: [1, 2, 3] }, { values: [9, 9] }), [{ kind: "values", distance: 1 }]);
});

Deno.test("findDifferences() returns everything in VILLASnode's order", () => {
  const a: Sample = { sequence: 2n ** 64n - 1n, tsOrigin: time, values: [1, 2, 3n, true] };
  const b: Sample = { sequence: 0n, tsOrigin: { sec: 1_700_000_001, nsec: 500 }, values: [1, 2n, 4n, true] };
  assertEquals(findDifferences(a, b), [
    { kind: "sequence", distance: 2n ** 64n - 1n },
    { kind: "timestamp", distance: 1 },
    { kind: "type", value: 1 },
    { kind: "data", value: 2, distance: 1n },
  ]);
  assertEquals(findDifferences(a, b, { sequence: false, timestamp: false, data: false }), []);
});

Deno.test("findDifferences() does not look at timestamps of reception, flags and types of samples", () => {
  const other: Sample = { type: "start", tsReceived: time, newFrame: true, newSimulation: true, values: [] };
  assertEquals(findDifferences({ values: [] }, other), []);
});

Deno.test("findDifferences() finds nothing between a sample and its copy, and the same in both directions", () => {
  fc.assert(fc.property(sampleArbitrary, sampleArbitrary, (a, b) => {
    assertEquals(findDifferences(a, structuredClone(a), { epsilon: 0 }), []);
    assertEquals(findDifferences(a, b), findDifferences(b, a));
  }));
});
