import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { control, type Controller, type Sample } from "@villas/client";
import { ControlLoop } from "@villas/client/controllers";
import { answer } from "./_answer.ts";
import { openPair } from "./_pair.ts";

Deno.test("control() calls a step for each sample, and answers with its number and time", async () => {
  await using pair = await openPair("2f");
  const tsOrigin = { sec: 1_700_000_000, nsec: 5 };
  await pair.node.send([{ sequence: 7n, tsOrigin, values: [1, 2] }, { sequence: 9n, tsOrigin, values: [3, 4] }]);
  const { steps, outputs, ending } = await control(pair.client, ([a = 0, b = 0]) => [a + b, a - b], { count: 2 });
  const samples: Sample[] = [];
  while (samples.length < 2) samples.push(...(await pair.node.receive()).flat());
  assertEquals(samples, [{ sequence: 7n, tsOrigin, values: [3, -1] }, { sequence: 9n, tsOrigin, values: [7, -1] }]);
  assertEquals({ steps, outputs, ending }, { steps: 2, outputs: 2, ending: "count" });
});

Deno.test("control() tells each step the time since the one before by the samples' own clock, and its sum", async () => {
  await using pair = await openPair();
  const seen: number[][] = [];
  for (const nsec of [0, 250_000_000, 750_000_000]) await pair.node.send({ tsOrigin: { sec: 3, nsec }, values: [1] });
  await control(pair.client, (_values, { dt, time, index }) => void seen.push([index, dt, time]), { count: 3 });
  assertEquals(seen, [[0, 0, 0], [1, 0.25, 0.25], [2, 0.5, 0.75]]);
});

Deno.test("control() takes outputs in each form: list, typed array, single value, names, and nothing", async () => {
  const signals = { in: "f", out: [{ name: "a", type: "float" }, { name: "b", type: "float" }] } as const;
  const outputs = [[1, 2], new Float64Array([3, 4]), new Float32Array([5, 6]), { b: 8, a: 7 }, undefined, null, []];
  const { values, faults } = await answer({ signals, step: (_, { index }) => outputs[index] }, outputs.map(() => [0]));
  assertEquals([values, faults], [[[1, 2], [3, 4], [5, 6], [7, 8]], []]);
  assertEquals((await answer({ signals: "f", step: () => 5 }, [[0]])).values, [[5]]);
});

Deno.test("control() converts outputs to the types of the signals where nothing is lost", async () => {
  const step = () => [1, 2, 3n, true, 4, { real: 1, imag: 2 }];
  const { values } = await answer({ signals: { in: "f", out: "f2ib2c" }, step }, [[0]]);
  assertEquals(values, [[1, 2n, 3n, true, { real: 4, imag: 0 }, { real: 1, imag: 2 }]]);
});

Deno.test("control() at a fixed rate steps on a grid, numbers its outputs from 0, and knows the age of the input", async () => {
  await using pair = await openPair();
  const times: number[] = [];
  await pair.node.send({ sequence: 70n, values: [1] });
  const step = (
    [value = 0]: readonly number[],
    { time, age, sequence }: { time: number; age: number; sequence: bigint },
  ) => {
    times.push(time);
    assert(age >= 0 && age < 60 && sequence === 70n);
    return [value];
  };
  const begin = performance.now();
  const { steps, skipped, inputAge } = await control(pair.client, { rate: 500, step }, { count: 50 });
  const elapsed = (performance.now() - begin) / 1000;
  const sent = await pair.rest();
  assertEquals(sent.map(({ sequence }) => sequence), Array.from({ length: 50 }, (_, index) => BigInt(index)));
  // Steps that were left out are in the time: it follows the clock.
  assertAlmostEquals(times.at(-1) ?? 0, (steps - 1 + skipped) / 500, 1e-9);
  assert((times.at(-1) ?? 0) <= elapsed, `${times.at(-1)} > ${elapsed}`);
  assertEquals(inputAge.count, 50);
});

Deno.test("control() at a fixed rate leaves out the steps that a long one has missed, and tells it by dt", async () => {
  await using pair = await openPair();
  await pair.node.send({ values: [1] });
  const found: number[] = [];
  const step = (_: unknown, { dt, index }: { dt: number; index: number }) => {
    found.push(dt);
    if (index === 1) { for (const end = performance.now() + 55; performance.now() < end;); }
  };
  const { skipped } = await control(pair.client, { rate: 100, step }, { count: 3 });
  assert(skipped >= 4, String(skipped));
  assert((found[2] ?? 0) > 0.045, String(found));
  assertAlmostEquals(found.reduce((sum, dt) => sum + dt, 0), 0.01 * (2 + skipped), 1e-9);
});

Deno.test("control() limits outputs in range and rate, and counts that", async () => {
  const limits = [{ min: 0, max: 10 }, { rate: 1 }];
  const outputs = [[-5, 0], [15, 1000], [7, 1000]];
  const { values, figures, faults } = await answer({ signals: "2f", limits, step: (_, { index }) => outputs[index] }, [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  assertEquals(values.map(([first]) => first), [0, 10, 7]);
  assertEquals([figures.limited, faults], [4, []]);
  const [, [, second] = [], [, third] = []] = values.map((list) => list.map(Number));
  assert(second !== undefined && second < 60 && third !== undefined && third >= second && third < 60);
});

Deno.test("control() calls init before the first step and stop after the last one, with the same state", async () => {
  const calls: unknown[] = [];
  await answer({
    safe: [0],
    init: ({ state }) => void calls.push(["init", (state as Record<string, number>).count = 1]),
    step: (_, { state }) => void calls.push(["step", (state as Record<string, number>).count = 2]),
    stop: ({ state }) => void calls.push(["stop", (state as Record<string, number>).count]),
  }, [[0]]);
  assertEquals(calls, [["init", 1], ["step", 2], ["stop", 2]]);
});

Deno.test("control() between two nodes gives the newest samples by link, and sends all outputs or none", async () => {
  await using grid = await openPair();
  await using load = await openPair();
  const seen: unknown[] = [];
  const outputs = [{ load: [1] }, { grid: [2], load: [NaN] }, { grid: [3], load: [4] }, { gird: [5] }];
  const faults: string[] = [];
  const controlling = control({ grid: grid.client, load: load.client }, {
    step: (input: Record<string, number[] | undefined>, { link, index }) => {
      seen.push([link, input.grid?.[0], input.load?.[0]]);
      return outputs[index];
    },
    safe: { grid: [0] },
  }, { count: 4, onFault: ({ message }) => faults.push(message) });
  await grid.node.send({ sequence: 5n, values: [10] });
  const sent = [await load.expect(1)];
  await load.node.send({ sequence: 6n, values: [20] });
  sent.push(await grid.expect(1));
  await load.node.send({ sequence: 7n, values: [21] });
  sent.push(await grid.expect(1), await load.expect(1));
  await grid.node.send({ sequence: 8n, values: [11] });
  await controlling;
  assertEquals(seen, [["grid", 10, undefined], ["load", 10, 20], ["load", 10, 21], ["grid", 11, 21]]);
  assertEquals(sent.map(([sample]) => [sample?.sequence, sample?.values[0]]), [[0n, 1], [0n, 0], [1n, 3], [7n, 4]]);
  assertEquals(faults, [
    "Value 0 is NaN, for link load",
    'The output has "gird": expected outputs by the names of the links: grid, load',
  ]);
});

Deno.test("control() rejects safe values and limits that do not fit the signals, before anything is sent", async () => {
  await using pair = await openPair("f");
  const wrong: [Partial<Controller>, string][] = [
    [{ safe: [1, 2] }, "its safe has 2 entries for 1 signal"],
    [{ safe: { speed: 1 } }, 'its safe has "speed", and there is no such signal: expected signal0'],
    [{ safe: [NaN] }, "its safe does not fit: Value 0 is NaN"],
    [{ limits: [{ min: 3, max: 2 }] }, "its limits of output 0 have a min of 3 and a max of 2"],
    [{ limits: [{ rate: -1 }] }, "its limits of output 0 have a rate of -1: it must be above 0"],
  ];
  for (const [part, message] of wrong) {
    assertThrows(() => new ControlLoop(pair.client, { signals: "f", step: () => [1], ...part }), TypeError, message);
  }
});

Deno.test("control() keeps its numbers above those of safe values, and starts over with the sender", async () => {
  await using pair = await openPair();
  const controller = { safe: [0], step: ([value = 0]: readonly number[]) => [value] };
  const loop = new ControlLoop(pair.client, controller);
  const running = loop.run();
  const numbers: (bigint | undefined)[] = [];
  const send = async (sequence: bigint) => {
    await pair.node.send({ sequence, values: [1] });
    numbers.push(...(await pair.expect(1)).map(({ sequence }) => sequence));
  };
  await send(5n);
  loop.reportError(new Error("elsewhere"));
  numbers.push(...(await pair.expect(1)).map(({ sequence }) => sequence));
  await send(6n);
  await send(9n);
  await send(0n);
  await send(1n);
  loop.end();
  await running;
  assertEquals(numbers, [5n, 6n, 7n, 9n, 0n, 1n]);
});
