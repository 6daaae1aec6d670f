import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createTimeline } from "@villas/client/timing";
import { fc } from "../_properties.ts";

Deno.test("createTimeline() agrees with sorting the durations of each part", () => {
  const duration = fc.double({ min: 1e-6, max: 100, noNaN: true });
  const elapsed = fc.double({ min: 0, max: 9.999, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(elapsed, duration), { minLength: 1, maxLength: 50 }), (entries) => {
    const timeline = createTimeline(10, 5);
    for (const [time, seconds] of entries) timeline.record(time, seconds);
    for (let slot = 0; slot < 5; slot++) {
      const sorted = entries.filter(([time]) => Math.floor(time / 2) === slot).map(([, seconds]) => seconds)
        .sort((a, b) => a - b);
      assertEquals(timeline.count(slot), sorted.length);
      assertEquals(timeline.countBetween(slot, 1e-7, 400), sorted.length);
      for (const percent of [1, 50, 99, 100]) {
        const exact = sorted[Math.max(0, Math.ceil(percent / 100 * sorted.length - 1e-9) - 1)] ?? NaN;
        assertAlmostEquals(timeline.percentile(slot, percent), exact, exact * 0.0111);
      }
    }
  }));
});

Deno.test("createTimeline() takes what is outside for the first and the last part, and the ends of its range", () => {
  const timeline = createTimeline(10, 5);
  timeline.record(-1, 1e-9);
  timeline.record(11, 1e6);
  assertEquals([0, 1, 2, 3, 4].map((slot) => timeline.count(slot)), [1, 0, 0, 0, 1]);
  assertAlmostEquals(timeline.percentile(0, 50), 1e-7, 2e-9);
  assertAlmostEquals(timeline.percentile(4, 50), 429.5, 10);
});

Deno.test("createTimeline() counts a duration in one of the ranges that follow each other", () => {
  const timeline = createTimeline(1, 1);
  for (let i = 0; i < 1000; i++) timeline.record(0, 1e-6 * 1.01 ** i);
  let total = 0;
  for (let cell = 0; cell < 256; cell++) {
    total += timeline.countBetween(0, 1e-7 * 2 ** (cell / 8), 1e-7 * 2 ** ((cell + 1) / 8));
  }
  assertEquals(total, 1000);
});
