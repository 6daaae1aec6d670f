import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect, type Sample, UnfitSampleError } from "@villas/client";
import {
  type Bridge,
  type BridgeOutput,
  type BridgeSink,
  type BridgeSource,
  createBridge,
  createShape,
} from "@villas/client/client";
import { seededRandom } from "../_random.ts";
import { newAddress, numbered, openPair, receiveSamples } from "./_pair.ts";

/** A source that gives messages as the test says. */
class Script implements BridgeSource {
  readonly #messages: (readonly Sample[])[][] = [];
  #hasEnded = false;
  #wake = () => {};

  give(...messages: (readonly Sample[])[]): void {
    this.#messages.push(messages);
    this.#wake();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async receive(): Promise<(readonly Sample[])[]> {
    while (this.#messages.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#messages.shift() ?? [];
  }
}

/** A sink that keeps what it gets, and whose flushes end when the test says so. */
class Shelf implements BridgeSink {
  readonly messages: (readonly Sample[])[] = [];
  #prepared = 0;
  #gate: PromiseWithResolvers<void> | undefined;
  /** What a flush does instead of succeeding. */
  onFlush: ((prepared: number) => { sent: number; undelivered: number }) | undefined;

  enqueue(samples: readonly Sample[]): void {
    this.messages.push(samples);
    this.#prepared++;
  }

  async flush() {
    const prepared = this.#prepared;
    this.#prepared = 0;
    await this.#gate?.promise;
    return this.onFlush?.(prepared) ?? { sent: prepared, undelivered: 0 };
  }

  /** Makes it slow until {@linkcode release}. */
  block(): void {
    this.#gate = Promise.withResolvers();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  get sequences(): (bigint | undefined)[] {
    return this.messages.flat().map(({ sequence }) => sequence);
  }
}

/** Checks that nothing is lost without being counted. */
function assertBalanced({ counters: { samples, skipped, outputs } }: Bridge): void {
  for (const output of outputs) {
    const { samples: sent, dropped, refused, undelivered, waiting } = output;
    assertEquals(sent + dropped + refused + undelivered + waiting, samples - skipped, Deno.inspect(output));
  }
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => numbered(from + index, index));

Deno.test("createBridge() passes samples of one client on to others of other formats, one per datagram", async () => {
  using input = await openPair({ signals: "2f" });
  using json = await openPair({ format: "json" });
  using csv = await openPair({ format: "csv" });
  await using far = await connect({ transport: json.peer, format: "json" });
  const sender = await connect({ transport: input.peer });
  const bridge = createBridge(input.client, [{ sink: json.client }, { sink: csv.client }], { count: 3 });
  const running = bridge.run();
  await sender.send([numbered(1, 1.5, 2), numbered(2, 3, 4)]);
  await sender.send(numbered(3, 5, 6));
  await running;
  assertEquals(await receiveSamples(far, 3), [numbered(1, 1.5, 2), numbered(2, 3, 4), numbered(3, 5, 6)]);
  assertEquals(far.counters.received.datagrams, 3);
  assertEquals(bridge.counters.outputs.map(({ messages, samples }) => [messages, samples]), [[3, 3], [3, 3]]);
  assertBalanced(bridge);
});

Deno.test("createBridge() sends nothing that the guard of an output refuses, and the rest of a message all the same", async () => {
  using output = await openPair({ signals: "f" });
  await using far = await connect({ transport: output.peer });
  const source = new Script();
  const errors: Error[] = [];
  const bridge = createBridge(source, [{ sink: output.client, vectorize: 3 }], {
    onEncodeError: (error) => errors.push(error),
  });
  source.give([numbered(0, 1.5), numbered(1, 7n), numbered(2, 2.5)]);
  source.end();
  await bridge.run();
  assertEquals(await receiveSamples(far, 2), [numbered(0, 1.5), numbered(2, 2.5)]);
  assertEquals(errors.map((error) => error instanceof UnfitSampleError), [true]);
  assertEquals(bridge.counters.outputs[0]?.refused, 1);
  assertBalanced(bridge);
});

Deno.test("createBridge() drops the oldest samples of an output that is slow, counts them, and stops no other", async () => {
  const [slow, fast, source] = [new Shelf(), new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: slow, capacity: 10, patience: 0.001 }, { sink: fast }]);
  slow.block();
  const running = bridge.run();
  for (let index = 0; index < 50; index++) source.give([numbered(index)]);
  while (fast.messages.length < 50) await new Promise((resolve) => setTimeout(resolve, 1));
  const [behind] = bridge.counters.outputs;
  assertEquals([behind?.dropped, behind?.waiting], [39, 11]); // one is on its way, and ten wait
  slow.release();
  source.end();
  await running;
  assertEquals(slow.sequences, [0n, ...range(40, 50).map(({ sequence }) => sequence)]);
  assertEquals(fast.sequences.length, 50);
  assertBalanced(bridge);
});

Deno.test("createBridge() waits for an output that is patient, and loses nothing", async () => {
  const [slow, source] = [new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: slow, capacity: 4, patience: Infinity }]);
  slow.block();
  const running = bridge.run();
  for (let index = 0; index < 20; index++) source.give([numbered(index)]);
  source.end();
  // It has taken what fits, and waits.
  while ((bridge.counters.outputs[0]?.waiting ?? 0) < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(bridge.counters.samples <= 5, `${bridge.counters.samples} samples were taken`);
  slow.release();
  await running;
  assertEquals(slow.sequences, range(0, 20).map(({ sequence }) => sequence));
  assertEquals(bridge.counters.outputs[0]?.dropped, 0);
});

Deno.test("createBridge() ends although an output never takes what it was given, and counts that as dropped", async () => {
  const [dead, source] = [new Shelf(), new Script()];
  dead.block();
  const bridge = createBridge(source, [{ sink: dead, patience: 0.001 }], { finishTimeout: 0.02 });
  source.give([numbered(0)], [numbered(1)]);
  source.end();
  await bridge.run();
  assertEquals(bridge.counters.outputs[0]?.dropped, 2);
  assertBalanced(bridge);
  dead.release();
});

Deno.test("createBridge() counts what could not be delivered, and goes on", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const errors: string[] = [];
  const bridge = createBridge(source, [{ sink: output }], { onSendError: ({ message }) => errors.push(message) });
  const running = bridge.run();
  output.onFlush = (prepared) => ({ sent: 1, undelivered: prepared - 1 });
  source.give([numbered(0)], [numbered(1)], [numbered(2)]);
  while (bridge.counters.outputs[0]?.samples !== 1) await new Promise((resolve) => setTimeout(resolve, 1));
  output.onFlush = () => {
    throw new Error("Cannot send: no");
  };
  source.give([numbered(3)]);
  while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  output.onFlush = undefined;
  source.give([numbered(4)]);
  source.end();
  await running;
  assertEquals(errors, ["Cannot send: no"]);
  assertEquals(bridge.counters.outputs, [
    { messages: 2, samples: 2, dropped: 0, refused: 0, undelivered: 3, waiting: 0 },
  ]);
});

Deno.test("createBridge() with vectorize fills messages across those that come, and sends the rest at the end", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: output, vectorize: 4 }]);
  source.give(range(0, 3), range(3, 9));
  source.give([numbered(9)]);
  source.end();
  await bridge.run();
  assertEquals(output.messages.map(({ length }) => length), [4, 4, 2]);
  assertEquals(output.sequences, range(0, 10).map(({ sequence }) => sequence));
});

Deno.test("createBridge() with linger sends a message that is not full after that time", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: output, vectorize: 100, linger: 0.01 }]);
  const running = bridge.run();
  source.give(range(0, 3));
  while (output.messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(output.messages.map(({ length }) => length), [3]);
  source.end();
  await running;
});

Deno.test("createBridge() with a rate sends the newest sample only, the first at once and the last one, too", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: output }], { rate: 20 });
  const running = bridge.run();
  source.give(range(0, 1));
  source.give(range(1, 8));
  while (output.messages.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  source.give(range(8, 10));
  source.end();
  await running;
  assertEquals(output.sequences, [0n, 7n, 9n]);
  assertEquals(bridge.counters.skipped, 7);
  assertBalanced(bridge);
});

Deno.test("createBridge() renumbers from 0 without gaps, and from 0 again where the sender starts over", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const bridge = createBridge(source, [{ sink: output }], {
    sequence: "renumber",
    shape: createShape([{ type: "decimate", ratio: 2 }]),
  });
  source.give([...range(5000, 5006), numbered(9000), numbered(9001)]);
  source.give([...range(0, 4)]);
  source.end();
  await bridge.run();
  assertEquals(output.sequences, [0n, 1n, 2n, 3n, 0n, 1n]);
});

Deno.test("createBridge() tells of a jump that a VILLASnode takes for one backwards, once, and not of a smaller one", async () => {
  const tell = async (...sequences: bigint[]) => {
    const [output, source] = [new Shelf(), new Script()];
    const notices: string[] = [];
    const bridge = createBridge(source, [{ sink: output }], { onNotice: (message) => notices.push(message) });
    source.give(sequences.map((sequence) => ({ sequence, values: [] })));
    source.end();
    await bridge.run();
    return notices;
  };
  assertEquals(await tell(0n, 2n ** 31n - 1n, 0n, 2n ** 30n), []);
  const notices = await tell(1n, 2n ** 31n + 1n, 0n, 2n ** 40n);
  assertEquals(notices, [
    "The sequence number jumped from 1 to 2147483649: a VILLASnode takes a step of 2^31 or more for one backwards and " +
    "drops what follows",
  ]);
});

Deno.test("createBridge() notices samples that go round", async () => {
  const [a, b] = [newAddress.memory(), newAddress.memory()];
  // What it sends to b comes back from there: two bridges that face each other.
  await using first = await connect({ local: a, remote: b });
  await using second = await connect({ local: b, remote: a });
  const notices: string[] = [];
  const forward = createBridge(first, [{ sink: first }], {
    onNotice(message) {
      notices.push(message);
      second.close();
      first.close();
    },
  });
  const back = createBridge(second, [{ sink: second }]);
  await first.send({ sequence: 1n, tsOrigin: { sec: 5, nsec: 7 }, values: [1.5] });
  await Promise.all([forward.run(), back.run()]);
  assertEquals(notices, ["The same sample comes again and again: what is sent seems to lead back here, in a loop"]);
  assertEquals(forward.hasLooped, true);
});

Deno.test("createBridge() takes samples of one time that differ, and single duplicates, for no loop", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const tsOrigin = { sec: 1, nsec: 2 };
  const bridge = createBridge(source, [{ sink: output }]);
  source.give([{ tsOrigin, values: [0] }]);
  source.give(Array.from({ length: 20 }, (_, index) => ({ tsOrigin, values: [index + 1] })));
  source.give([{ tsOrigin, values: [0] }]);
  source.end();
  await bridge.run();
  assertEquals(bridge.hasLooped, false);
});

Deno.test("createBridge() gives samples for a recording their time of arrival, and keeps one that they have", async () => {
  const [output, source] = [new Shelf(), new Script()];
  const tsReceived = { sec: 1, nsec: 2 };
  const before = Date.now() / 1000 - 1;
  source.give([numbered(0), { ...numbered(1), tsReceived }]);
  source.end();
  await createBridge(source, [{ sink: output }], { stampArrival: true }).run();
  const [first, second] = output.messages.flat();
  assert((first?.tsReceived?.sec ?? 0) > before);
  assertEquals(second?.tsReceived, tsReceived);
});

Deno.test("createBridge() sends what waits before it throws the error of its source", async () => {
  const output = new Shelf();
  const messages = [[numbered(0)], [numbered(1)]];
  const source: BridgeSource = {
    receive() {
      const message = messages.shift();
      return message === undefined ? Promise.reject(new Error("the cable is cut")) : Promise.resolve([message]);
    },
  };
  const bridge = createBridge(source, [{ sink: output, vectorize: 5 }]);
  await assertRejects(() => bridge.run(), Error, "the cable is cut");
  assertEquals(output.messages.map(({ length }) => length), [2]);
});

const outOfRange: readonly [string, () => Bridge, string][] = [
  ["count", () => createBridge(new Script(), [], { count: 0 }), "Cannot use 0 as the count"],
  [
    "rate",
    () => createBridge(new Script(), [], { rate: -1 }),
    "Cannot send -1 samples per second: the rate must be above 0",
  ],
  [
    "vectorize",
    () => createBridge(new Script(), [{ sink: new Shelf(), vectorize: 1.5 }]),
    "Cannot use 1.5 as the number of samples per message",
  ],
  ["capacity", () => createBridge(new Script(), [{ sink: new Shelf(), capacity: 0 }]), "Cannot use 0 as the capacity"],
];
for (const [what, create, message] of outOfRange) {
  Deno.test(`createBridge() refuses a ${what} that is out of range`, () => {
    assertThrows(create, RangeError, message);
  });
}

Deno.test("createBridge() loses nothing without counting it, whatever its outputs do: 50 random plans", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const shelves = Array.from({ length: 1 + random.below(3) }, () => new Shelf());
    const outputs = shelves.map((sink): BridgeOutput => ({
      sink,
      vectorize: random.pick([1, 1, 3, 8]),
      ...random.chance(0.3) && { linger: 0.001 },
      capacity: random.pick([1, 5, 64, 1024]),
      patience: 0.0005,
    }));
    const source = new Script();
    const options = {
      finishTimeout: 0.005,
      ...random.chance(0.3) && { shape: createShape([{ type: "decimate", ratio: 3 }]) },
    };
    const bridge = createBridge(source, outputs, options);
    const running = bridge.run();
    let next = 0;
    for (let step = 0; step < 20; step++) {
      const shelf = random.pick(shelves);
      const act = random.below(4);
      if (act === 0) shelf.block();
      else if (act === 1) shelf.release();
      else if (act === 2) {
        shelf.onFlush = random.pick([
          undefined,
          (prepared: number) => ({ sent: 0, undelivered: prepared }),
          () => {
            throw new Error("refused");
          },
        ]);
      }
      const length = 1 + random.below(30);
      source.give(range(next, next + length), [numbered(next + length)]);
      next += length + 1;
      if (random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, random.below(2)));
      assertBalanced(bridge);
    }
    source.end();
    await running;
    assertEquals(bridge.counters.samples, next, `seed ${seed}`);
    assertBalanced(bridge);
    assertEquals(bridge.counters.outputs.every(({ waiting }) => waiting === 0), true, `seed ${seed}`);
    for (const shelf of shelves) shelf.release();
  }
});
