import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createHistogram } from "@villas/client/timing";
import { fc } from "../_properties.ts";

Deno.test("createHistogram() agrees with sorting the durations", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10_000_000_000 }), { minLength: 1, maxLength: 200 }),
      (nanoseconds) => {
        const histogram = createHistogram();
        for (const duration of nanoseconds) histogram.record(duration / 1e9);
        const sorted = nanoseconds.map((duration) => duration / 1e9).sort((a, b) => a - b);
        const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
        const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length;
        assertEquals(histogram.count, sorted.length);
        assertEquals(histogram.min, sorted[0]);
        assertEquals(histogram.max, sorted.at(-1));
        assertAlmostEquals(histogram.mean, mean, mean * 1e-9);
        assertAlmostEquals(histogram.standardDeviation, Math.sqrt(variance), mean * 1e-6);
        for (const percent of [1, 50, 90, 99, 99.9, 100]) {
          const exact = sorted[Math.max(0, Math.ceil(percent / 100 * sorted.length - 1e-9) - 1)] ?? NaN;
          assertAlmostEquals(histogram.percentile(percent), exact, exact * 0.0011 + 1e-9);
        }
      },
    ),
  );
});

Deno.test("createHistogram() has no figures without durations", () => {
  const { count, min, mean, max, standardDeviation, percentile } = createHistogram();
  assertEquals([count, min, mean, max, standardDeviation, percentile(50)], [0, NaN, NaN, NaN, NaN, NaN]);
});

Deno.test("createHistogram() gives every duration back in a bucket that holds it", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000_000_000 }), { maxLength: 100 }), (nanoseconds) => {
      const histogram = createHistogram();
      for (const duration of nanoseconds) histogram.record(duration / 1e9);
      const buckets = histogram.buckets();
      assertEquals(buckets.reduce((sum, { count }) => sum + count, 0), nanoseconds.length);
      for (const { from, to, count } of buckets) {
        const inside = nanoseconds.filter((duration) => duration >= from * 1e9 - 0.1 && duration < to * 1e9 - 0.1);
        assertEquals(inside.length, count);
      }
    }),
  );
});
