import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { createOutput, type Sink } from "../../lib/system/output.ts";

/** A sink that keeps what it is given; it writes when it is allowed to. */
function createSink(isTerminal = false) {
  const writes: string[] = [];
  let gate = Promise.resolve();
  let failure: Error | undefined;
  let taken = Infinity;
  const sink: Sink = {
    isTerminal: () => isTerminal,
    async write(bytes) {
      await gate;
      if (failure !== undefined) throw failure;
      const piece = bytes.subarray(0, taken);
      writes.push(new TextDecoder().decode(piece));
      return piece.length;
    },
  };
  return {
    sink,
    writes,
    block(until: Promise<void>) {
      gate = until;
    },
    failWith(error: Error) {
      failure = error;
    },
    take(bytes: number) {
      taken = bytes;
    },
  };
}

Deno.test("createOutput() collects what is written until it is flushed", async () => {
  const { sink, writes } = createSink();
  const output = createOutput(sink);
  output.write("a");
  output.write(new Uint8Array([0x62]));
  output.write("c");
  assertEquals(writes, []);
  await output.flush();
  assertEquals(writes, ["abc"]);
});

Deno.test("createOutput() writes soon without being flushed", async () => {
  const written = Promise.withResolvers<string>();
  const output = createOutput({
    write(bytes) {
      written.resolve(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  output.write("soon");
  assertEquals(await written.promise, "soon");
  await output.flush();
});

Deno.test("createOutput() writes at once on a terminal", async () => {
  const { sink, writes } = createSink(true);
  const output = createOutput(sink);
  assert(output.isTerminal);
  output.write("now");
  await Promise.resolve();
  assertEquals(writes, ["now"]);
  await output.flush();
});

Deno.test("createOutput() writes everything where the sink takes a few bytes at a time", async () => {
  const { sink, writes, take } = createSink();
  take(3);
  const output = createOutput(sink);
  output.write("abcdefgh");
  await output.flush();
  assertEquals(writes, ["abc", "def", "gh"]);
});

Deno.test("createOutput() copies bytes, which may be used again", async () => {
  const { sink, writes } = createSink();
  const output = createOutput(sink);
  const bytes = new Uint8Array([0x61]);
  output.write(bytes);
  bytes[0] = 0x62;
  await output.flush();
  assertEquals(writes, ["a"]);
});

Deno.test("createOutput() is full while a slow reader lets much wait, and drains", async () => {
  const { sink, block, writes } = createSink();
  const reader = Promise.withResolvers<void>();
  block(reader.promise);
  const output = createOutput(sink);
  let length = 0;
  while (!output.isFull) {
    output.write("x".repeat(10_000));
    length += 10_000;
  }
  const drained = output.drain();
  reader.resolve();
  await drained;
  assertFalse(output.isFull);
  await output.flush();
  assertEquals(writes.join("").length, length);
});

Deno.test("createOutput() tells when nobody reads any more, and takes what comes then", async () => {
  const { sink, failWith } = createSink();
  failWith(new Deno.errors.BrokenPipe());
  const output = createOutput(sink);
  output.write("a");
  await output.flush();
  assert(output.broken.aborted);
  output.write("b");
  await output.flush();
  await output.drain();
});

Deno.test("createOutput() throws what else the system says, such as a full disk", async () => {
  const { sink, failWith } = createSink();
  failWith(new Error("No space left on device"));
  const output = createOutput(sink);
  output.write("a");
  await assertRejects(() => output.flush(), Error, "No space left");
  assert(output.broken.aborted);
});

Deno.test("createOutput() gives up on a reader that does not read", async () => {
  const { sink, block } = createSink();
  const never = Promise.withResolvers<void>();
  block(never.promise);
  const output = createOutput(sink);
  output.write("a");
  await output.flush(1);
  never.resolve();
});

Deno.test("createOutput() keeps the order of text and bytes, and does not write over what is still being written", async () => {
  const { sink, writes, take } = createSink();
  take(50_000);
  const output = createOutput(sink);
  let expected = "";
  for (let index = 0; index < 400; index++) {
    const piece = `${index} `.repeat(200 + index);
    expected += piece;
    output.write(index % 3 === 0 ? piece : new TextEncoder().encode(piece));
    if (index % 50 === 0) await output.flush();
  }
  output.write(new Uint8Array(200_000).fill(0x78));
  await output.flush();
  assertEquals(writes.join("") === `${expected}${"x".repeat(200_000)}`, true);
});
