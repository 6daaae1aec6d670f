import { assert, assertEquals, assertRejects } from "@std/assert";
import { pace } from "@villas/client";

Deno.test("pace() gives every index once, none before it is due", async () => {
  const start = performance.now();
  const indices: number[] = [];
  for await (const { index, late } of pace(500)) {
    indices.push(index);
    assert(late >= 0);
    assert(performance.now() - start >= index * 2 - 0.01, `step ${index} came early`);
    if (index === 20) break;
  }
  assertEquals(indices, Array.from({ length: 21 }, (_, i) => i));
});

Deno.test("pace() catches up after a delay and says how late it is", async () => {
  const steps: { index: number; late: number }[] = [];
  for await (const step of pace(1000)) {
    steps.push(step);
    if (step.index === 0) {
      const until = performance.now() + 10;
      while (performance.now() < until);
    }
    if (step.index === 9) break;
  }
  assertEquals(steps.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert((steps[1]?.late ?? 0) > 0.008);
});

Deno.test("pace() ends at once when the signal is aborted", async () => {
  const controller = new AbortController();
  let steps = 0;
  for await (const _ of pace(0.001, controller.signal)) {
    steps++;
    queueMicrotask(() => controller.abort());
  }
  assertEquals(steps, 1);
});

Deno.test("pace() gives nothing where the signal is aborted already", async () => {
  for await (const _ of pace(1, AbortSignal.abort())) assert(false);
});

Deno.test("pace() refuses a rate that is not above 0", async () => {
  await assertRejects(() => pace(0).next(), RangeError, "Cannot keep a rate of 0 a second: it must be above 0");
  await assertRejects(() => pace(NaN).next(), RangeError);
});
