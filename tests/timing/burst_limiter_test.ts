import { assertEquals } from "@std/assert";
import { BurstLimiter } from "../../lib/timing/burst_limiter.ts";

Deno.test("BurstLimiter asks for a pause behind eight overdue datagrams, and behind 9 ms of a high rate", () => {
  for (const [rate, length] of [[1, 8], [800, 8], [1000, 9], [100_000, 900]] as const) {
    const limiter = new BurstLimiter();
    for (let i = 1; i < length; i++) assertEquals(limiter.add(0.1, rate), false);
    assertEquals(limiter.add(0.1, rate), true);
    assertEquals(limiter.figures, { datagrams: length, longest: length });
  }
});

Deno.test("BurstLimiter counts no datagram that is in time, nor a late one alone", async () => {
  const limiter = new BurstLimiter();
  for (const lateness of [0, 0.001, 0.1, 0, NaN, 0.1]) assertEquals(limiter.add(lateness, 100), false);
  assertEquals(limiter.figures, { datagrams: 0, longest: 0 });
  limiter.add(0.1, 100);
  await limiter.pause();
  limiter.add(0.1, 100);
  assertEquals(limiter.figures, { datagrams: 2, longest: 2 });
});

Deno.test("BurstLimiter never asks a sender without a rate to pause", () => {
  const limiter = new BurstLimiter();
  for (let i = 0; i < 1000; i++) assertEquals(limiter.add(0, Infinity), false);
});
