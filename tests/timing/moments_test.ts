import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Moments } from "@villas/client/timing";
import { fc } from "../_properties.ts";

Deno.test("Moments has only NaN where there are no numbers", () => {
  const { count, min, mean, max, standardDeviation } = new Moments();
  assertEquals([count, min, mean, max, standardDeviation], [0, NaN, NaN, NaN, NaN]);
});

Deno.test("Moments has the mean and the standard deviation that two passes give, far from 0, too", () => {
  const numbers = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(fc.property(numbers, fc.constantFrom(0, 1e9), (offsets, origin) => {
    const values = offsets.map((offset) => origin + offset);
    const moments = new Moments();
    for (const value of values) moments.record(value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    assertEquals([moments.count, moments.min, moments.max], [values.length, Math.min(...values), Math.max(...values)]);
    assertAlmostEquals(moments.mean, mean, 1e-5);
    assertAlmostEquals(moments.standardDeviation, Math.sqrt(variance), 1e-4);
  }));
});
