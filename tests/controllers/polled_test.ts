/**
 * Tests controllers whose transport polls: a step is taken in the turn of the poll, and only what has to wait does.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { connect } from "@villas/client";
import { type Controller, ControlLoop, type ControlOptions } from "@villas/client/controllers";
import { openMemory } from "@villas/client/transports";
import { PolledTransport, settle } from "../client/_polled.ts";

async function start(controller: Partial<Controller>, options: ControlOptions = {}) {
  const polled = new PolledTransport(await openMemory({ remote: "memory:nobody" }));
  const client = await connect({ transport: polled.transport, signals: "f" });
  const loop = new ControlLoop(client, { step: (values) => values, ...controller }, options);
  const running = loop.run();
  await settle();
  const end = async () => {
    polled.end();
    await running;
  };
  return { loop, polled, running, end };
}

Deno.test("control() takes steps and sends their outputs in the turn of a poll", async () => {
  const seen: unknown[] = [];
  const { loop, polled, end } = await start({}, {
    onStep: ({ sequence, outputs }) => seen.push([sequence, outputs]),
    onReceive: (link, messages) => seen.push([link, messages.length]),
  });
  assertEquals([polled.find(1), polled.sent], [true, [1]]);
  assertEquals([polled.find(2, 3), polled.sent], [true, [1, 2, 3]]);
  assertEquals(seen, [[1n, [1]], ["node", 1], [2n, [2]], [3n, [3]], ["node", 2]]);
  await end();
  assertEquals([loop.figures.steps, loop.figures.outputs, loop.figures.received], [3, 3, 3]);
});

Deno.test("control() waits for an asynchronous step before it takes what is polled next", async () => {
  const steps: PromiseWithResolvers<readonly number[]>[] = [];
  const { loop, polled, end } = await start({
    step: () => {
      const step = Promise.withResolvers<readonly number[]>();
      steps.push(step);
      return step.promise;
    },
  });
  assertEquals([polled.find(1), polled.sent], [true, []]);
  steps[0]?.resolve([1]);
  await settle();
  assertEquals(polled.sent, [1]);
  // The second of two that come together waits a turn for the first one, and not for ever.
  assertEquals(polled.find(2, 3), false);
  steps[1]?.resolve([2]);
  await settle();
  steps[2]?.resolve([3]);
  await settle();
  assertEquals(polled.sent, [1, 2, 3]);
  assertEquals(loop.figures.faults.overlap, 0);
  assertEquals(polled.find(4), true);
  assertEquals(polled.find(5), false, "the step before goes on");
  await settle();
  assertEquals(loop.figures.faults.overlap, 1);
  steps[3]?.resolve([4]);
  await settle();
  await end();
});

Deno.test("control() waits where the system does not take an output at once", async () => {
  const { polled, end } = await start({});
  const { promise, resolve } = Promise.withResolvers<number>();
  polled.onSend = () => promise;
  polled.room = 0;
  assertEquals([polled.find(1), polled.sent], [false, [[1]]]);
  await settle();
  assertEquals(polled.find(2), false, "nobody receives yet");
  resolve(1);
  await settle();
  polled.room = Infinity;
  assertEquals([polled.find(3), polled.sent], [true, [[1], 3]]);
  await end();
});

Deno.test("control() waits for its pause before it takes what is polled next", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { polled, end } = await start({}, { onPause: () => promise });
  assertEquals(polled.find(1), false);
  await settle();
  assertEquals([polled.find(2), polled.sent], [false, [1]]);
  resolve();
  await settle();
  await end();
});

Deno.test("control() notes the samples of a poll at a fixed rate, and leaves the steps to the rate", async () => {
  const { loop, polled, end } = await start({ rate: 0.001 });
  assertEquals([polled.find(1, 2), polled.sent], [true, []]);
  assertEquals([loop.figures.received, loop.figures.outputs], [2, 0]);
  await end();
});
