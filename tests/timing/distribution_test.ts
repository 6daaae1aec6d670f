import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createDistribution } from "@villas/client/timing";
import { fc } from "../_properties.ts";

Deno.test("createDistribution() agrees with sorting the numbers, of any sign and size", () => {
  const number = fc.oneof(
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.double({ min: -1e-3, max: 1e-3, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-12),
    fc.integer({ min: -3, max: 3 }),
  );
  fc.assert(fc.property(fc.array(number, { minLength: 1, maxLength: 2000 }), (numbers) => {
    const distribution = createDistribution();
    for (const value of numbers) distribution.record(value);
    const { count, negative, min, mean, max, stddev, p50, p90, p99, p999 } = distribution.figures;
    const sorted = numbers.toSorted((a, b) => a - b);
    const spread = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
    const exactMean = numbers.reduce((sum, value) => sum + value / numbers.length, 0);
    const variance = numbers.reduce((sum, value) => sum + (value - exactMean) ** 2 / numbers.length, 0);
    assertEquals([count, negative], [numbers.length, numbers.filter((value) => value < 0).length]);
    assert(min === sorted[0] && max === sorted.at(-1));
    assertAlmostEquals(mean ?? NaN, exactMean, 1e-9 * spread + 1e-15);
    assertAlmostEquals(stddev ?? NaN, Math.sqrt(variance), 1e-6 * spread + 1e-15);
    for (const [percent, found] of [[50, p50], [90, p90], [99, p99], [99.9, p999]] as const) {
      const exact = sorted[Math.ceil(percent * 10 * numbers.length / 1000) - 1] ?? NaN;
      assertAlmostEquals(found ?? NaN, exact, Math.abs(exact) * 0.0005 + 1e-300, `p${percent}`);
    }
  }));
});

Deno.test("createDistribution() has no figures without numbers", () => {
  assertEquals(createDistribution().figures, {
    count: 0,
    negative: 0,
    min: null,
    mean: null,
    max: null,
    stddev: null,
    p50: null,
    p90: null,
    p99: null,
    p999: null,
  });
});

Deno.test("createDistribution() leaves out what is no finite number, and has no -0", () => {
  const distribution = createDistribution();
  for (const value of [NaN, Infinity, -Infinity, -0]) distribution.record(value);
  const { count, negative, p50 } = distribution.figures;
  assertEquals([count, negative, p50], [1, 0, 0]);
});

Deno.test("createDistribution() tells p99.9 of a thousand numbers from their maximum", () => {
  const distribution = createDistribution();
  for (let value = 1; value <= 1000; value++) distribution.record(value);
  const { p50, p90, p99, p999, max } = distribution.figures;
  assertEquals([p50, p90, p99, p999, max], [500, 900, 990, 999, 1000]);
});
