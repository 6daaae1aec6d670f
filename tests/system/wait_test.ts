import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  nextAwaitedTime,
  resolvesWithin,
  sleep,
  unlessAborted,
  waitUntil,
  yieldToEventLoop,
} from "@villas/client/system";

Deno.test("unlessAborted() gives what the promise resolves to, or rejects as it does", async () => {
  const { signal } = new AbortController();
  assertEquals(await unlessAborted(Promise.resolve(5)), 5);
  assertEquals(await unlessAborted(Promise.resolve(5), signal), 5);
  await assertRejects(() => unlessAborted(Promise.reject(new RangeError("x")), signal), RangeError, "x");
});

Deno.test("unlessAborted() gives undefined as soon as the signal is aborted, whatever the promise does later", async () => {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<number>();
  const waiting = unlessAborted(promise, controller.signal);
  controller.abort();
  assertEquals(await waiting, undefined);
  assertEquals(await unlessAborted(promise, controller.signal), undefined);
  reject(new Error("later")); // which nobody is told
  await yieldToEventLoop();
});

Deno.test("sleep() lasts at least as long as asked for, and ends at once when the signal is aborted", async () => {
  const started = performance.now();
  await sleep(5);
  assert(performance.now() - started >= 4.9);
  const controller = new AbortController();
  const sleeping = sleep(3_600_000, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(3_600_000, controller.signal);
});

for (const busyWait of [false, true]) {
  Deno.test(`waitUntil() never ends early${busyWait ? " with a busy wait" : ""}`, async () => {
    for (const milliseconds of [0.05, 0.5, 4]) {
      const time = performance.now() + milliseconds;
      await waitUntil(time, undefined, busyWait);
      assert(performance.now() >= time);
    }
  });
}

Deno.test("nextAwaitedTime() is the first near point in time that something waits for, and infinite without one", async () => {
  assertEquals(nextAwaitedTime(), Infinity);
  const time = performance.now() + 1;
  const late = waitUntil(time + 1);
  assertEquals(nextAwaitedTime(), time + 1);
  const early = waitUntil(time);
  assertEquals(nextAwaitedTime(), time);
  const controller = new AbortController();
  const far = waitUntil(time + 3_600_000, controller.signal);
  assertEquals(nextAwaitedTime(), time, "a timer waits for what is far");
  await early;
  assertEquals(nextAwaitedTime(), time + 1);
  await late;
  controller.abort();
  await far;
  assertEquals(nextAwaitedTime(), Infinity);
});

Deno.test("resolvesWithin() says whether a promise has resolved in time, and rejects as it does", async () => {
  assertEquals(await resolvesWithin(60_000, Promise.resolve(5)), true);
  assertEquals(await resolvesWithin(undefined, Promise.resolve(5)), true);
  await assertRejects(() => resolvesWithin(60_000, Promise.reject(new RangeError("x"))), RangeError, "x");
  const { promise, reject } = Promise.withResolvers<number>();
  assertEquals(await resolvesWithin(1, promise), false);
  reject(new Error("later")); // which nobody is told
  await yieldToEventLoop();
});
