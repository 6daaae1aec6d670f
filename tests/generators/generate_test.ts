import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type Sample, secondsBetween, type Timestamp } from "@villas/client";
import { createSampler, generate, type GeneratedSignal } from "@villas/client/generators";
import { fc } from "../_properties.ts";

const sine: GeneratedSignal[] = [{ signal: "sine" }];

Deno.test("createSampler() returns the values of `villas signal sine -nl 10` to the last digit", () => {
  const sample = createSampler(sine, { realtime: false });
  const values = Array.from({ length: 10 }, (_, step) => Number(sample(step).values[0]).toFixed(17));
  assertEquals(values, [
    "0.00000000000000000",
    "0.58778525229247314",
    "0.95105651629515353",
    "0.95105651629515353",
    "0.58778525229247325",
    "0.00000000000000012",
    "-0.58778525229247336",
    "-0.95105651629515353",
    "-0.95105651629515364",
    "-0.58778525229247336",
  ]);
});

Deno.test("createSampler() computes the time from the step if it is not in real time", () => {
  const start: Timestamp = { sec: 1_700_000_000, nsec: 999_999_999 };
  const sample = createSampler([{ signal: "ramp", frequency: 1e9 }], { realtime: false, rate: 4, start });
  assertEquals([0, 1, 4, 9].map(sample), [
    { sequence: 0n, tsOrigin: { sec: 1_700_000_000, nsec: 999_999_999 }, values: [0] },
    { sequence: 1n, tsOrigin: { sec: 1_700_000_001, nsec: 249_999_999 }, values: [0.25] },
    { sequence: 4n, tsOrigin: { sec: 1_700_000_001, nsec: 999_999_999 }, values: [1] },
    { sequence: 9n, tsOrigin: { sec: 1_700_000_003, nsec: 249_999_999 }, values: [2.25] },
  ]);
});

Deno.test("createSampler() keeps computed time within a nanosecond for any rate", () => {
  const timestamp = fc.record({ sec: fc.nat(2 ** 31), nsec: fc.nat(999_999_999) });
  fc.assert(
    fc.property(timestamp, fc.double({ min: 0.01, max: 1e6, noNaN: true }), fc.nat(1e6), (start, rate, step) => {
      const { tsOrigin } = createSampler(sine, { realtime: false, rate, start })(step);
      assert(tsOrigin !== undefined && tsOrigin.nsec >= 0 && tsOrigin.nsec < 1e9);
      // A difference above 104 days is not exact.
      assertAlmostEquals(secondsBetween(tsOrigin, start), step / rate, 1.1e-9 + step / rate * 1e-15);
    }),
  );
});

Deno.test("createSampler() computes the values at the origin timestamp in real time", () => {
  const sample = createSampler([{ signal: "ramp", frequency: 1e9 }]);
  const first = sample(0);
  const later = performance.now() + 5;
  while (performance.now() < later);
  const second = sample(1);
  assert(first.tsOrigin !== undefined && second.tsOrigin !== undefined);
  assertEquals(first.values, [0]);
  assertAlmostEquals(first.tsOrigin.sec, Date.now() / 1000, 10);
  assertEquals(second.values, [secondsBetween(second.tsOrigin, first.tsOrigin)]);
  assert(Number(second.values[0]) >= 0.004);
});

Deno.test("generate() yields the given number of samples, numbered from 0", async () => {
  for (const realtime of [false, true]) {
    const samples = await Array.fromAsync(generate([{ signal: "counter" }], { realtime, rate: 2000, limit: 30 }));
    assertEquals(samples.map(({ sequence }) => sequence), Array.from({ length: 30 }, (_, i) => BigInt(i)));
    assertEquals(samples.map(({ values }) => values), Array.from({ length: 30 }, (_, i) => [i]));
  }
  assertEquals(await Array.fromAsync(generate(sine, { limit: 0 })), []);
});

Deno.test("generate() yields no sample in real time before it is due", async () => {
  const start = performance.now();
  let last: Sample | undefined;
  for await (last of generate(sine, { rate: 500, limit: 11 }));
  assert(performance.now() - start >= 19.9);
  assertEquals(last?.sequence, 10n);
});

Deno.test("generate() yields a year of samples without waiting if it is not in real time", async () => {
  const samples = await Array.fromAsync(generate(sine, { realtime: false, rate: 1 / 86_400, limit: 366 }));
  const [first, last] = [samples[0]?.tsOrigin, samples[365]?.tsOrigin];
  assert(first !== undefined && last !== undefined);
  assertEquals(secondsBetween(last, first), 365 * 86_400);
});

Deno.test("generate() ends when the signal is aborted, in real time or not", async () => {
  for (const realtime of [false, true]) {
    const controller = new AbortController();
    let count = 0;
    for await (const _ of generate(sine, { realtime, rate: 0.001, signal: controller.signal })) {
      if (count++ === 0) setTimeout(() => controller.abort());
    }
    assert(count >= 1);
  }
});

Deno.test("generate() refuses a rate that is not above 0", async () => {
  for (const rate of [0, -1, NaN, Infinity]) {
    await assertRejects(() => generate(sine, { rate, realtime: false }).next(), RangeError, `Cannot generate ${rate}`);
  }
});
