import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { control, type Controller, type OutgoingSample, type Sample } from "@villas/client";
import { ControlError, type ControlFault, ControlLoop, type ControlOptions } from "@villas/client/controllers";
import { openPair } from "./_pair.ts";

/** Sends samples with these values, and waits until a controller has answered and ended. */
async function answer(
  controller: Controller<never, never>,
  inputs: readonly OutgoingSample["values"][],
  options: ControlOptions = {},
) {
  await using pair = await openPair(controller.signals ?? "any");
  const faults: ControlFault[] = [];
  for (const [index, values] of inputs.entries()) await pair.node.send({ sequence: BigInt(index), values });
  const figures = await control(pair.client, controller as Controller, {
    count: inputs.length,
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const sent = await pair.rest();
  return { figures, faults, sent, values: sent.map(({ values }) => values) };
}

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

/** What a controller does wrong, the kind of the fault, and what is said. */
const mistakes: readonly [name: string, output: () => unknown, kind: string, message: string][] = [
  [
    "throws",
    () => (undefined as unknown as number[])[0],
    "exception",
    "TypeError: Cannot read properties of undefined (reading '0')",
  ],
  [
    "throws what is not an error",
    () => {
      throw "nothing left"; // deno-lint-ignore-line
    },
    "exception",
    "Uncaught nothing left",
  ],
  ["returns NaN", () => [NaN, 1], "value", "Value 0 (voltage) is NaN"],
  ["returns an infinite value", () => [1, -Infinity], "value", "Value 1 (breaker) is -Infinity"],
  ["returns too few values", () => [1], "length", "The output has 1 value for 2"],
  ["returns too many values", () => [1, 2, 3], "length", "The output has 3 values for 2"],
  ["returns a text", () => "1", "type", "The output is a JavaScript string, not values"],
  ["returns a text among values", () => ["1", 2], "type", "Value 0 (voltage) is a JavaScript string, not float"],
  ["returns an integer for a float", () => [1n, 2], "type", "Value 0 (voltage) is of type integer, not float"],
  ["returns undefined in a list", () => [1, undefined], "type", "Value 1 (breaker) is undefined, not float"],
  [
    "names a signal that is not there",
    () => ({ voltage: 1, braker: 2 }),
    "type",
    'The output has "braker", and there is no such signal: expected voltage, breaker',
  ],
  ["omits a signal", () => ({ voltage: 1 }), "length", 'The output lacks "breaker"'],
  ["rejects", () => Promise.reject(new RangeError("too far")), "exception", "RangeError: too far"],
];

for (const [name, output, kind, message] of mistakes) {
  Deno.test(`control() counts and reports a controller that ${name}, and sends the safe values`, async () => {
    const signals = { in: "f", out: [{ name: "voltage", type: "float" }, { name: "breaker", type: "float" }] } as const;
    const step = (_: unknown, { index }: { index: number }) => index === 1 ? [8, 9] : output() as number[];
    const safe = { voltage: 230, breaker: 0 };
    await using pair = await openPair(signals);
    const faults: ControlFault[] = [];
    const running = control(pair.client, { signals, safe, step }, { count: 3, onFault: (fault) => faults.push(fault) });
    const sent = [];
    for (let sequence = 0n; sequence < 3n; sequence++) {
      await pair.node.send({ sequence, values: [0] });
      sent.push(...await pair.expect(1));
    }
    const { faults: counts } = await running;
    sent.push(...await pair.rest());
    // The second one is right, and the last safe values come behind the end.
    assertEquals(sent.map(({ values }) => values), [[230, 0], [8, 9], [230, 0], [230, 0]]);
    assertEquals(sent.map(({ sequence }) => sequence), [0n, 1n, 2n, 3n]);
    assertEquals(faults.map(({ kind, message, isSafeSent }) => [kind, message, isSafeSent]), [[kind, message, true]]);
    assertEquals(Object.entries(counts).filter(([, count]) => count > 0), [[kind, 2]]);
  });
}

Deno.test("control() sends nothing for a fault of a controller without safe values", async () => {
  const { values, faults } = await answer({ step: (_, { index }) => [index === 0 ? NaN : 1] }, [[0], [0]]);
  assertEquals([values, faults.map(({ isSafeSent }) => isSafeSent)], [[[1]], [false]]);
});

Deno.test("control() reports what the node would not survive as refused", async () => {
  await using pair = await openPair({});
  await pair.node.send({ values: [0] });
  const faults: ControlFault[] = [];
  await control(pair.client, () => [7n], { count: 1, onFault: (fault) => faults.push(fault) });
  assertEquals(faults.map(({ kind }) => kind), ["refused"]);
});

Deno.test("control() with strict rejects with the first fault, after the safe values", async () => {
  await using pair = await openPair();
  await pair.node.send({ sequence: 4n, values: [0] });
  const controller = { safe: [0], step: () => [NaN] };
  const { fault } = await assertRejects(() => control(pair.client, controller, { strict: true }), ControlError);
  assertEquals(fault.kind, "value");
  assertEquals((await pair.rest()).map(({ values }) => values), [[0], [0]]);
});

Deno.test("control() discards a result that is later than the deadline", async () => {
  const step = () => {
    for (const end = performance.now() + 20; performance.now() < end;);
    return [1];
  };
  const { values, figures } = await answer({ safe: [0], step }, [[0]], { deadline: 0.01 });
  assertEquals([values, figures.faults.deadline], [[[0], [0]], 1]);
});

Deno.test("control() sends the safe values at the deadline of an asynchronous step, and discards its late result", async () => {
  await using pair = await openPair();
  const { promise, resolve } = Promise.withResolvers<number[]>();
  await pair.node.send({ sequence: 0n, values: [0] });
  const ended = new AbortController();
  const controlling = control(pair.client, { safe: [0], step: () => promise }, {
    deadline: 0.01,
    signal: ended.signal,
  });
  const first = await pair.expect(1);
  resolve([5]);
  await promise;
  ended.abort();
  const { faults } = await controlling;
  assertEquals([...first, ...await pair.rest()].map(({ values }) => values), [[0], [0]]);
  assertEquals(faults.deadline, 1);
});

Deno.test("control() never calls an asynchronous step before the one before has ended: that is an overlap", async () => {
  await using pair = await openPair();
  const { promise, resolve } = Promise.withResolvers<void>();
  let running = 0;
  const step = async ([value = 0]: readonly number[]) => {
    assertEquals(++running, 1);
    await promise;
    running--;
    return [value];
  };
  const controlling = control(pair.client, { safe: [-1], step }, { count: 2 });
  await pair.node.send({ sequence: 0n, values: [10] });
  await pair.node.send({ sequence: 1n, values: [11] });
  const [overlap] = await pair.expect(1);
  resolve();
  const [late] = await pair.expect(1);
  await pair.node.send({ sequence: 2n, values: [12] });
  const { faults, steps } = await controlling;
  const last = await pair.rest();
  // The late answer is numbered on, so that the node does not drop it.
  assertEquals([overlap, late, ...last].map((sample) => [sample?.sequence, sample?.values[0]]), [
    [1n, -1],
    [2n, 10],
    [3n, 12],
    [4n, -1],
  ]);
  assertEquals([faults.overlap, steps], [1, 2]);
});

Deno.test("control() takes an asynchronous step that is done at once for each sample of a batch", async () => {
  const { values, faults } = await answer({ step: ([v = 0]: readonly number[]) => Promise.resolve([v]) }, [[1], [2], [
    3,
  ]]);
  assertEquals([values, faults], [[[1], [2], [3]], []]);
});

Deno.test("control() ends when an asynchronous step does not end, with the safe values", async () => {
  const { values, figures } = await answer({ safe: [0], step: () => new Promise<never>(() => {}) }, [[1]], {
    count: 2,
    stuckTimeout: 0.02,
  });
  assertEquals([values, figures.ending], [[[0]], "stuck"]);
});

Deno.test("control() sends the safe values and takes no step when no sample comes, until one does", async () => {
  await using pair = await openPair();
  const recovered = Promise.withResolvers<string>();
  const controller = { rate: 200, watchdog: 0.03, safe: [0], step: ([value = 0]: readonly number[]) => [value] };
  const ended = new AbortController();
  const faults: string[] = [];
  const controlling = control(pair.client, controller, {
    signal: ended.signal,
    onFault: ({ message }) => faults.push(message),
    onRecovery: recovered.resolve,
  });
  await pair.node.send({ values: [1] });
  const found: number[] = [];
  while (found.at(-1) !== 0) found.push(...(await pair.expect(1)).map(({ values }) => Number(values[0])));
  assertEquals(found[0], 1);
  await pair.node.send({ values: [2] });
  assertEquals(await recovered.promise, "node");
  while (found.at(-1) !== 2) found.push(...(await pair.expect(1)).map(({ values }) => Number(values[0])));
  ended.abort();
  const figures = await controlling;
  assertEquals(faults, ["No sample came for 0.03 s"]);
  assert(figures.faults.silence >= 1);
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

Deno.test("control() ends, and sends its safe values, though init or stop never end", async () => {
  for (const part of ["init", "stop"] as const) {
    await using pair = await openPair("f");
    const controller = { step: () => [1], safe: [0], [part]: () => new Promise<void>(() => {}) };
    const { ending, faults } = await control(pair.client, controller, { duration: 0.02, stuckTimeout: 0.01 });
    assertEquals([ending, faults.deadline], ["duration", part === "stop" ? 1 : 0], part);
    assertEquals((await pair.rest()).at(-1)?.values, [0], part);
  }
});

Deno.test("control() takes what a getter of an output throws for an exception of the controller", async () => {
  const broken = {
    get power(): number {
      throw new Error("no power");
    },
  };
  const named = [{ name: "power", type: "float" }] as const;
  const { faults, values } = await answer({ signals: { in: "f", out: named }, safe: [0], step: () => broken }, [[1]]);
  assertEquals(faults.map(({ kind, message, error }) => [kind, message, (error as Error).message]), [
    ["exception", "Error: no power", "no power"],
  ]);
  assertEquals(values, [[0], [0]]);
  const thenable = {
    get then(): number {
      throw new Error("not now");
    },
  };
  const asked = await answer({ signals: "f", step: () => thenable as unknown as number[] }, [[1]]);
  assertEquals(asked.faults.map(({ message }) => message), ["Error: not now"]);
});

Deno.test("control() does not run a controller whose init throws, and sends its safe values", async () => {
  await using pair = await openPair();
  const controller = {
    safe: [3],
    init() {
      throw new Error("no such table");
    },
    step: () => [1],
  };
  const error = await assertRejects(() => control(pair.client, controller), ControlError, "no such table");
  assertEquals(error.fault.kind, "exception");
  assertEquals((await pair.rest()).at(-1)?.values, [3]);
});

Deno.test("control() ends after a duration, a silence or a closed client, with the safe values as far as it can", async () => {
  const step = () => [1];
  for (const [options, ending] of [[{ duration: 0.02 }, "duration"], [{ timeout: 0.02 }, "timeout"]] as const) {
    const { figures, values } = await answer({ safe: [0], step }, [], { ...options, count: 9 });
    assertEquals([figures.ending, values], [ending, [[0]]]);
  }
  await using pair = await openPair();
  setTimeout(() => pair.client.close(), 1);
  assertEquals((await control(pair.client, { safe: [0], step })).ending, "closed");
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
    [{ safe: [1, 2] }, "its safe has 2 entries for 1 signals"],
    [{ safe: { speed: 1 } }, 'its safe has "speed", and there is no such signal: expected signal0'],
    [{ safe: [NaN] }, "its safe does not fit: Value 0 is NaN"],
    [{ limits: [{ min: 3, max: 2 }] }, "its limits of output 0 have a min of 3 and a max of 2"],
    [{ limits: [{ rate: -1 }] }, "its limits of output 0 have a rate of -1: it must be above 0"],
  ];
  for (const [part, message] of wrong) {
    assertThrows(() => new ControlLoop(pair.client, { signals: "f", step: () => [1], ...part }), TypeError, message);
  }
});

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
