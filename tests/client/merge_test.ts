import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Sample, Value } from "@villas/client";
import { type BridgeSource, createMerge, type Merge, type MergeOptions } from "@villas/client/client";

/** An input that gives messages when the test says so. */
class Script implements BridgeSource {
  readonly #messages: Sample[][] = [];
  #ending: { readonly error?: Error } | undefined;
  #wake = () => {};
  /** Number of calls that have taken messages. */
  reads = 0;

  give(...messages: Sample[][]): void {
    this.#messages.push(...messages);
    this.#wake();
  }

  end(error?: Error): void {
    this.#ending = error === undefined ? {} : { error };
    this.#wake();
  }

  async receive(): Promise<Sample[][]> {
    while (this.#messages.length === 0 && this.#ending === undefined) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#messages.length === 0 && this.#ending?.error !== undefined) throw this.#ending.error;
    this.reads++;
    return this.#messages.splice(0, 1);
  }
}

const sample = (sequence: number, ...values: Value[]): Sample => ({
  sequence: BigInt(sequence),
  tsOrigin: { sec: 1000 + sequence, nsec: sequence },
  values,
});

/** Two inputs of two values each, and what merges them. */
function open(options: MergeOptions = {}) {
  const [left, right] = [new Script(), new Script()];
  const merge = createMerge([left, right], [{ input: 0, take: [0, 1] }, { input: 1, take: [1] }], options);
  return { left, right, merge };
}

/** Takes what comes of one message of an input; an input's next message is read after that. */
async function next(merge: Merge): Promise<readonly Sample[]> {
  return (await merge.receive()).flat();
}

async function takeAll(merge: Merge): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let messages; (messages = await merge.receive()).length > 0;) samples.push(...messages.flat());
  return samples;
}

Deno.test("createMerge() with any gives each sample beside the newest values of the others, numbered from 0", async () => {
  const { left, right, merge } = open();
  left.give([sample(7, 1, 2)]);
  right.give([sample(3, 8, 9)]);
  assertEquals(await next(merge), [{ ...sample(3, 1, 2, 9), sequence: 0n }]);
  left.give([sample(8, 3, 4)]);
  assertEquals(await next(merge), [{ ...sample(8, 3, 4, 9), sequence: 1n }]);
  left.give([sample(9, 5, 6), sample(10, 7, 8)]); // a message stays one
  assertEquals(await merge.receive(), [[
    { ...sample(9, 5, 6, 9), sequence: 2n },
    { ...sample(10, 7, 8, 9), sequence: 3n },
  ]]);
  right.give([sample(4, 0, -1)]);
  assertEquals((await next(merge)).map(({ values }) => values), [[7, 8, -1]]);
  assertEquals(merge.received, [{ messages: 3, samples: 4 }, { messages: 2, samples: 2 }]);
  assertEquals(merge.merged, 1);
});

Deno.test("createMerge() with all waits for each input, and takes the last sample of a message", async () => {
  const { left, right, merge } = open({ mode: "all" });
  left.give([sample(2, 2, 2), sample(3, 3, 3)]);
  right.give([sample(5, 0, 5)]);
  assertEquals(await next(merge), [{ ...sample(5, 3, 3, 5), sequence: 0n }]);
  right.give([sample(6, 0, 6)], [sample(7, 0, 7)]);
  while (right.reads < 3) await new Promise((resolve) => setTimeout(resolve));
  left.give([sample(4, 4, 4)]);
  assertEquals(await next(merge), [{ ...sample(4, 4, 4, 7), sequence: 1n }]);
});

Deno.test("createMerge() lets inputs outside of the mask give values only", async () => {
  for (const mode of ["any", "all"] as const) {
    const { left, right, merge } = open({ mode, mask: [1] });
    left.give([sample(1, 1, 1)]);
    right.give([sample(5, 0, 5)]);
    assertEquals((await next(merge)).map(({ values }) => values), [[1, 1, 5]], mode);
    left.give([sample(2, 2, 2)], [sample(3, 3, 3)]);
    left.end();
    while (left.reads < 4) await new Promise((resolve) => setTimeout(resolve));
    right.give([sample(6, 0, 6)]);
    right.end();
    assertEquals((await takeAll(merge)).map(({ values }) => values), [[3, 3, 6]], mode);
  }
});

Deno.test("createMerge() keeps the number of the sample that completes a merged one, if it is to", async () => {
  const { left, right, merge } = open({ keepSequence: true });
  left.give([sample(40, 1, 1)]);
  right.give([sample(7, 0, 5)]);
  assertEquals((await next(merge)).map(({ sequence }) => sequence), [7n]);
  left.give([{ values: [2, 2] }]);
  assertEquals(await next(merge), [{ values: [2, 2, 5] }]);
});

Deno.test("createMerge() takes numbers, lengths and times of samples, and leaves values that are missing as they were", async () => {
  const input = new Script();
  const takes = [[2], "sequence", "length", "origin", "received"] as const;
  const merge = createMerge([input], takes.map((take) => ({ input: 0, take })));
  input.give([{ ...sample(7, 1, 2, 3), tsReceived: { sec: 5, nsec: 1 } }]);
  assertEquals((await next(merge)).map(({ values }) => values), [[3, 7n, 3n, 1007n, 5n]]);
  input.give([{ values: [1] }]);
  assertEquals((await next(merge)).map(({ values }) => values), [[3, null, 1n, null, null]]);
});

Deno.test("createMerge() merges nothing before every input has sent something, and marks are nothing", async () => {
  const { left, right, merge } = open();
  left.give([sample(1, 1, 1)], [sample(2, 2, 2)]);
  right.give([{ type: "start", values: [] }], [sample(1, 0, 9)]);
  right.end();
  left.end();
  assertEquals((await takeAll(merge)).map(({ values }) => values), [[2, 2, 9]]);
});

Deno.test("createMerge() reads no more of an input before what it has sent is taken", async () => {
  const { left, right, merge } = open();
  right.give([sample(1, 0, 1)]);
  left.give([sample(1, 1, 1)]);
  await next(merge);
  left.give(...Array.from({ length: 10 }, (_, index) => [sample(index, index, 0)]));
  const [message] = await merge.receive({ limit: 1 });
  assertEquals(message?.length, 1);
  assertEquals(left.reads <= 3, true, `${left.reads} reads`);
});

Deno.test("createMerge() ends when nothing can complete a sample any more, and fails with an input", async () => {
  const any = open();
  any.left.end();
  any.right.give([sample(1, 0, 1)]);
  any.right.end();
  assertEquals(await takeAll(any.merge), []);
  const all = open({ mode: "all" });
  all.left.end();
  assertEquals(await takeAll(all.merge), []);
  const failing = open();
  failing.left.end(new RangeError("broken"));
  await assertRejects(() => takeAll(failing.merge), RangeError, "broken");
});

Deno.test("createMerge() refuses inputs that do not exist, and nothing", () => {
  const source = new Script();
  assertThrows(() => createMerge([source], [{ input: 1, take: [0] }]), RangeError, "Cannot merge input 1: there are 1");
  assertThrows(
    () => createMerge([source], [{ input: 0, take: [0] }], { mask: [2] }),
    RangeError,
    "Cannot merge input 2",
  );
  assertThrows(() => createMerge([source], []), RangeError, "Cannot merge nothing");
});
