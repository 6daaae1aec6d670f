import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Controller } from "@villas/client";
import { ControlLoop } from "@villas/client/controllers";
import { openPair } from "./_pair.ts";

Deno.test("ControlLoop.replace() keeps the state and the parameters that were set, and takes the rest of the new controller", async () => {
  await using pair = await openPair();
  const loop = new ControlLoop(pair.client, {
    parameters: { kp: 1, ki: 10 },
    step: (
      _: readonly number[],
      { state, parameters },
    ) => [state.count = 1, Number(parameters.kp), Number(parameters.ki)],
  }, { stuckTimeout: 0.05 });
  const running = loop.run();
  loop.setParameter("kp", 2);
  await pair.node.send({ values: [0] });
  assertEquals((await pair.expect(1))[0]?.values, [1, 2, 10]);
  const next = {
    parameters: { kp: 5, ki: 50 },
    safe: [9, 9, 9],
    step: (_: readonly number[], { state, parameters, isReloaded }: Parameters<Controller["step"]>[1]) => {
      return [Number(state.count) + Number(isReloaded), Number(parameters.kp), Number(parameters.ki)];
    },
  };
  const broken = { ...next, init: () => Promise.reject(new Error("half a file")) };
  await assertRejects(() => loop.replace(broken), Error, "half a file");
  const endless = { ...next, init: () => new Promise<void>(() => {}) };
  await assertRejects(() => loop.replace(endless), Error, "its init has not ended after 0.05 s");
  await loop.replace(next);
  await pair.node.send({ values: [0] });
  assertEquals((await pair.expect(1))[0]?.values, [2, 2, 50]);
  loop.end();
  await running;
  assertEquals((await pair.rest())[0]?.values, [9, 9, 9]);
  assertEquals(loop.figures.reloads, 1);
});

Deno.test("ControlLoop.setParameter() rejects a parameter that is not there, and another type", async () => {
  await using pair = await openPair();
  const loop = new ControlLoop(pair.client, { parameters: { kp: 1 }, step: () => [1] });
  assertThrows(() => loop.setParameter("kd", 1), TypeError, 'Unknown parameter "kd"');
  assertThrows(() => loop.setParameter("kp", true), TypeError, "Cannot set parameter kp to true: it is a number");
});

Deno.test("ControlLoop keeps parameters within the ranges of the controller, and rejects ranges that do not fit", async () => {
  await using pair = await openPair("f");
  const step = () => undefined;
  const loop = new ControlLoop(pair.client, { step, parameters: { gain: 2 }, ranges: { gain: [0, 10] } });
  assertThrows(
    () => loop.setParameter("gain", 11),
    TypeError,
    "Cannot set parameter gain to 11: its range is 0 to 10",
  );
  assertThrows(() => loop.setParameter("gain", NaN), TypeError);
  loop.setParameter("gain", 10);
  // What was set stays only where the new controller takes it.
  await loop.replace({ step, parameters: { gain: 3 }, ranges: { gain: [0, 5] } });
  assertEquals([loop.parameters, loop.parameterRanges], [{ gain: 3 }, { gain: [0, 5] }]);
  const wrong: readonly [ranges: unknown, message: string][] = [
    [{ gain: [0, 1] }, "its parameter gain is 2, which is outside of its range 0 to 1"],
    [{ gain: [3] }, "its range of gain is not a list of two numbers, the smaller one first"],
    [{ gain: [3, 1] }, "its range of gain is not a list of two numbers, the smaller one first"],
    [{ isOn: [0, 1] }, 'its ranges have "isOn", and there is no such number among its parameters'],
  ];
  for (const [ranges, message] of wrong) {
    const controller = { step, parameters: { gain: 2, isOn: true }, ranges } as unknown as Controller;
    assertThrows(() => new ControlLoop(pair.client, controller), TypeError, message);
    await assertRejects(() => loop.replace(controller), TypeError, message);
  }
});
