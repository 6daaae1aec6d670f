import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createDistribution } from "@villas/client/timing";
import { TimeDistribution } from "../../lib/controllers/_time_distribution.ts";
import { seededRandom } from "../_random.ts";

Deno.test("TimeDistribution has the figures of createDistribution, for times from nanoseconds to an hour", () => {
  const random = seededRandom(1);
  const times = new TimeDistribution();
  const expected = createDistribution();
  for (let index = 0; index < 5000; index++) {
    const time = 10 ** (random.next() / 2 ** 32 * 12.5 - 9);
    times.record(time);
    expected.record(time);
  }
  for (const [name, value] of Object.entries(expected.figures)) {
    const found = times.figures[name as keyof typeof times.figures];
    assertAlmostEquals(Number(found), Number(value), 1e-3 * Number(value), name);
  }
});

Deno.test("TimeDistribution has no figures without times, and takes what is out of its range as the nearest", () => {
  const times = new TimeDistribution();
  assertEquals([times.figures.count, times.figures.p50, times.figures.max], [0, null, null]);
  for (const time of [-1, 0, 1e-12, 1e6]) times.record(time);
  const { count, negative, min, max, p50 } = times.figures;
  assertEquals([count, negative, min, max], [4, 0, 0, 1e6]);
  assertAlmostEquals(p50 ?? NaN, 0, 1e-9);
});
