import { assert, assertEquals, assertRejects } from "@std/assert";
import { control } from "@villas/client";
import { ControlError, type ControlFault } from "@villas/client/controllers";
import { answer } from "./_answer.ts";
import { openPair } from "./_pair.ts";

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
