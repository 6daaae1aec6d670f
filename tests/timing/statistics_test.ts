import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Sample, Timestamp } from "@villas/client";
import { timestampFromMilliseconds } from "@villas/client/samples";
import { createStatistics } from "@villas/client/timing";
import { fc } from "../_properties.ts";
import { sample as sampleArbitrary, timestamp } from "../_arbitraries.ts";

const start = 1_700_000_000_000;
const at = (milliseconds: number): Timestamp => timestampFromMilliseconds(start + milliseconds);

/** The figures of samples that were sent and received at these times, in milliseconds. */
function measure(...times: [sequence: number, sent: number, received: number][]) {
  const statistics = createStatistics();
  for (const [sequence, sent, received] of times) {
    statistics.record([{ sequence: BigInt(sequence), tsOrigin: at(sent), values: [1, 2] }], at(received));
  }
  return statistics.figures;
}

Deno.test("createStatistics() knows nothing of no samples", () => {
  const { samples, missing, jitter, oneWayDelay, gapReceived } = createStatistics().figures;
  assertEquals([samples, missing, jitter, oneWayDelay.mean, gapReceived.count], [0, 0, null, null, 0]);
});

Deno.test("createStatistics() measures delays from the first sample on, and gaps from the second", () => {
  const { samples, oneWayDelay, gapSent, gapReceived, signalCount } = measure([0, 0, 5], [1, 10, 17], [2, 20, 26]);
  assertEquals([samples, oneWayDelay.count, gapSent.count, gapReceived.count], [3, 3, 2, 2]);
  assertEquals([oneWayDelay.min, oneWayDelay.p50, oneWayDelay.max], [0.005, oneWayDelay.p50, 0.007]);
  assertAlmostEquals(oneWayDelay.p50 ?? NaN, 0.006, 0.006 * 0.0005);
  assertEquals([gapSent.min, gapSent.max, gapSent.stddev], [0.01, 0.01, 0]);
  assertEquals([gapReceived.min, gapReceived.max], [0.009, 0.012]);
  assertEquals([signalCount.min, signalCount.max, signalCount.p99], [2, 2, 2]);
});

Deno.test("createStatistics() computes the jitter of RFC 3550, whatever the clocks say", () => {
  let jitter = 0;
  for (const change of [2, 1, 3]) jitter += (change - jitter) / 16;
  for (const offset of [0, -3_600_000, 86_400_000]) {
    const figures = measure([0, 0, offset + 5], [1, 10, offset + 17], [2, 20, offset + 26], [3, 30, offset + 39]);
    assertAlmostEquals(figures.jitter ?? NaN, jitter / 1000, 1e-12);
  }
});

Deno.test("createStatistics() has no jitter of one sample, and none of equal delays", () => {
  assertEquals(measure([0, 0, 5]).jitter, null);
  assertEquals(measure([0, 0, 5], [1, 10, 15]).jitter, 0);
});

Deno.test("createStatistics() counts delays below 0 and keeps them exactly", () => {
  const { count, negative, min, max } = measure([0, 10, 3], [1, 20, 12], [2, 30, 35]).oneWayDelay;
  assertEquals([count, negative, min, max], [3, 2, -0.008, 0.005]);
});

Deno.test("createStatistics() counts missing, duplicate and reordered samples, and the sent gap of a late one", () => {
  const figures = measure([0, 0, 1], [3, 30, 31], [2, 20, 32], [2, 20, 33], [6, 60, 61]);
  const { missing, duplicate, reordered, restarts, gapSent } = figures;
  assertEquals({ missing, duplicate, reordered, restarts }, { missing: 3, duplicate: 1, reordered: 1, restarts: 0 });
  assertEquals([gapSent.negative, gapSent.min, gapSent.max], [1, -0.01, 0.04]);
});

Deno.test("createStatistics() has no gap between the receptions of one datagram's samples", () => {
  const statistics = createStatistics();
  const samples: Sample[] = [1n, 2n, 3n].map((sequence) => ({ sequence, values: [] }));
  statistics.record(samples, at(0));
  statistics.record(samples.map((sample) => ({ ...sample, tsReceived: at(99) })), at(4));
  const { oneWayDelay, gapReceived } = statistics.figures;
  assertEquals([oneWayDelay.count, gapReceived.count, gapReceived.p50, gapReceived.max], [0, 5, 0, 0.004]);
});

Deno.test("createStatistics() takes any samples", () => {
  const batch = fc.tuple(fc.array(sampleArbitrary), timestamp);
  fc.assert(fc.property(fc.array(batch), (batches) => {
    const statistics = createStatistics();
    for (const [samples, received] of batches) statistics.record(samples, received);
    assertEquals(statistics.figures.samples, batches.flatMap(([samples]) => samples).length);
    JSON.stringify(statistics.figures, (key, value) => {
      assertEquals(typeof value === "number" && !Number.isFinite(value), false, key);
      return value;
    });
  }));
});

Deno.test("createStatistics() takes no step of the clock for a gap, and counts it", () => {
  const statistics = createStatistics();
  const arrivals: [received: number, elapsed: number][] = [[100, 5], [100.1, 5.1], [3700.2, 5.2], [99.3, 5.3], [
    99.4,
    5.401,
  ]];
  for (const [received, elapsed] of arrivals) {
    const sec = Math.floor(received);
    statistics.record([{ values: [1] }], { sec, nsec: Math.round((received - sec) * 1e9) }, elapsed);
  }
  const { gapReceived, clockSteps } = statistics.figures;
  assertEquals([clockSteps, gapReceived.count], [2, 4]);
  assertAlmostEquals(gapReceived.min ?? 0, 0.1, 1e-6);
  assertAlmostEquals(gapReceived.max ?? 0, 0.1, 1e-6);
});

Deno.test("createStatistics() takes no step of the clock for jitter", () => {
  const statistics = createStatistics();
  for (const [elapsed, step] of [[1, 0], [2, 0], [3, 3600], [4, 3600]] as const) {
    const sample = { tsOrigin: { sec: 100 + elapsed, nsec: 0 }, values: [1] };
    statistics.record([sample], { sec: 100 + elapsed + step, nsec: 5_000_000 }, elapsed);
  }
  const { jitter, clockSteps } = statistics.figures;
  assertEquals(clockSteps, 1);
  assertAlmostEquals(jitter ?? NaN, 0, 1e-9);
});
