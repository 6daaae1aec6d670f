import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Value } from "@villas/client";
import { SampleHistory, Trigger, type TriggerSettings } from "@villas/client/scope";
import { historyOf, sampleAt } from "./_history.ts";

const rising: TriggerSettings = { event: "rising", mode: "normal", channel: 0, level: 0, hysteresis: 0, position: 0.5 };

/** A sine of 1 Hz that begins at 0, at 100 samples per second. */
const sine = (index: number): Value[] => [Math.sin(2 * Math.PI * (index + 0.25) / 100)];

Deno.test("Trigger finds the last edge with a complete picture, between two samples", () => {
  const history = historyOf(1000, 100, sine);
  // The sine rises through 0 a quarter of a sample before each whole second.
  assertAlmostEquals(new Trigger(rising).search(history, "origin", 1) ?? NaN, 8.9975, 1e-6);
  const falling = new Trigger({ ...rising, event: "falling" });
  // That of 9.4975 s has its picture at 9.9975 s, and the last sample is one of 9.99 s.
  assertAlmostEquals(falling.search(history, "origin", 1) ?? NaN, 8.4975, 1e-6);
  const early = new Trigger({ ...rising, position: 0 });
  assertAlmostEquals(early.search(history, "origin", 1) ?? NaN, 7.9975, 1e-6);
});

Deno.test("Trigger with hysteresis does not take noise for edges", () => {
  const noisy = (index: number): Value[] => [(index % 100 < 50 ? -1 : 1) + (index % 2 === 0 ? 0.3 : -0.3)];
  const near = historyOf(400, 100, (index) => [index % 2 === 0 ? 0.3 : -0.3]);
  assert(new Trigger(rising).search(near, "origin", 0.1) !== undefined);
  assertEquals(new Trigger({ ...rising, hysteresis: 0.5 }).search(near, "origin", 0.1), undefined);
  const found = new Trigger({ ...rising, hysteresis: 0.5 }).search(historyOf(400, 100, noisy), "origin", 1);
  assert(found !== undefined && found > 2.48 && found < 2.51, `${found}`);
});

Deno.test("Trigger finds edges of booleans, frames and gaps", () => {
  const history = new SampleHistory();
  for (let number = 0; number < 300; number++) {
    if (number > 250 && number < 260) continue;
    const newFrame = number % 70 === 0;
    history.push([
      sampleAt(number / 100, [number >= 123], { sequence: BigInt(number), ...newFrame ? { newFrame } : {} }),
    ]);
  }
  const find = (event: TriggerSettings["event"]) =>
    new Trigger({ ...rising, event, level: 0.5 }).search(history, "origin", 0.2);
  assertAlmostEquals(
    new Trigger({ ...rising, event: "rising", level: 0.5 }).search(history, "origin", 2) ?? NaN,
    1.225,
  );
  assertEquals([find("gap"), find("frame")], [2.6, 2.8]);
});

Deno.test("Trigger single holds its first event until it is armed again", () => {
  const history = new SampleHistory();
  const trigger = new Trigger({ ...rising, mode: "single" });
  const shown: (number | undefined)[] = [];
  for (let number = 0; number < 500; number++) {
    history.push([sampleAt(number / 100, sine(number))]);
    if (number === 350) {
      assertEquals(trigger.state, "held");
      trigger.arm();
    }
    if (number % 10 === 0) shown.push(trigger.search(history, "origin", 0.5));
  }
  const distinct = [...new Set(shown.map((time) => time === undefined ? undefined : Math.round(time)))];
  assertEquals(distinct, [undefined, 1, 3]);
});

Deno.test("Trigger auto runs freely while there are no events, and normal does not", () => {
  const values = (index: number): Value[] => [index < 200 ? Math.sin(index / 5) : 0.5];
  const history = historyOf(1000, 100, values);
  const [auto, normal] = (["auto", "normal"] as const).map((mode) => new Trigger({ ...rising, mode }));
  const early = historyOf(200, 100, values);
  assert(auto?.search(early, "origin", 0.2) !== undefined);
  assertEquals(auto?.search(history, "origin", 0.2), undefined);
  assert(normal?.search(early, "origin", 0.2) !== undefined);
  assert(normal?.search(history, "origin", 0.2) !== undefined);
});

Deno.test("Trigger looks at each sample once, also when the history has begun anew", () => {
  const history = historyOf(500, 100, sine);
  const trigger = new Trigger(rising);
  trigger.search(history, "origin", 1);
  history.push(Array.from({ length: 300 }, (_, index) => sampleAt(-1000 + index / 100, sine(index))));
  assertEquals(history.run, 1);
  const found = trigger.search(history, "origin", 1);
  assert(found !== undefined && found < 3, `${found}`);
});
