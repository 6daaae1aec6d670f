import { assertEquals, assertRejects } from "@std/assert";
import { Changes } from "../../lib/system/changes.ts";

Deno.test("Changes until() does not wait where the condition holds", async () => {
  await new Changes().until(() => true);
});

Deno.test("Changes notify() wakes all that wait, and those whose condition does not hold go on waiting", async () => {
  const changes = new Changes();
  let value = 0;
  const ended: number[] = [];
  const waits = [1, 1, 2].map((wanted) => changes.until(() => value >= wanted).then(() => ended.push(wanted)));
  changes.notify();
  await Promise.resolve();
  assertEquals(ended, []);
  value = 1;
  changes.notify();
  await Promise.all(waits.slice(0, 2));
  assertEquals(ended, [1, 1]);
  value = 2;
  changes.notify();
  await Promise.all(waits);
  assertEquals(ended, [1, 1, 2]);
});

Deno.test("Changes until() rejects with the signal's reason, before and during the wait, and wakes others later", async () => {
  const changes = new Changes();
  const controller = new AbortController();
  let isDone = false;
  const aborted = assertRejects(() => changes.until(() => isDone, controller.signal), Error, "given up");
  const other = changes.until(() => isDone);
  controller.abort(new Error("given up"));
  await aborted;
  await assertRejects(() => changes.until(() => isDone, controller.signal), Error, "given up");
  isDone = true;
  changes.notify();
  await other;
});
