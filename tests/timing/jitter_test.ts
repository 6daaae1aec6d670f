import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createJitter } from "@villas/client/timing";

Deno.test("createJitter() is not known for fewer than two delays", () => {
  const jitter = createJitter();
  assertEquals(jitter.seconds, NaN);
  jitter.record(1);
  assertEquals(jitter.seconds, NaN);
});

Deno.test("createJitter() is 0 for delays that do not change, however long they are", () => {
  const jitter = createJitter();
  for (let i = 0; i < 100; i++) jitter.record(3);
  assertEquals(jitter.seconds, 0);
});

Deno.test("createJitter() nears the distance of delays that change by as much each time", () => {
  const jitter = createJitter();
  for (let i = 0; i < 500; i++) jitter.record(i % 2 === 0 ? 0.010 : 0.013);
  assertAlmostEquals(jitter.seconds, 0.003, 1e-9);
});
