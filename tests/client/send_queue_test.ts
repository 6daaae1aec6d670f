import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Client,
  ClosedError,
  connect,
  EncodeError,
  formatNames,
  type Sample,
  UnfitSampleError,
} from "@villas/client";
import { type DatagramTransport, openMemory, type Transport } from "@villas/client/transports";
import { encode, newAddress, numbered, openPair, overlay, receiveDatagrams } from "./_pair.ts";

Deno.test("send() and enqueue() reject on a closed client, however it was closed", async () => {
  for (const close of [(client: Client) => client.close(), (_: Client, transport: Transport) => transport.close()]) {
    const transport = await openMemory({ remote: "memory:nobody" });
    const client = await connect({ transport });
    client.enqueue([numbered(0)]);
    close(client, transport);
    assertEquals(await client.closed, undefined);
    const message = `Cannot send from ${client.local}: the client is closed`;
    assertEquals((await assertRejects(() => client.send(numbered(1)), ClosedError)).message, message);
    assertThrows(() => client.enqueue([numbered(1)]), ClosedError, message);
    assertThrows(() => client.enqueueEcho([numbered(1)]), ClosedError, message);
    assertEquals(await client.flush(), { sent: 0, undelivered: 1 }); // what was prepared before
    assertEquals(client.counters.sent, { datagrams: 0, bytes: 0, samples: 0, undelivered: 1, refused: 0 });
  }
});

Deno.test("send() and flush() say how many datagrams went", async () => {
  using pair = await openPair();
  assertEquals(await pair.client.send(numbered(0)), { sent: 1, undelivered: 0 });
  for (let number = 1; number < 4; number++) pair.client.enqueue([numbered(number)]);
  assertEquals(await pair.client.flush(), { sent: 3, undelivered: 0 });
  assertEquals(await pair.client.flush(), { sent: 0, undelivered: 0 });
  assertEquals(await pair.client.send([]), { sent: 0, undelivered: 0 });
});

// The first datagram of c37.118 has a configuration, too, and its samples a frequency: it is tested with its format.
for (const format of formatNames.filter((name) => name !== "c37.118")) {
  Deno.test(`send() takes a typed array of floats as ${format}, and sends the same datagram as for a list`, async () => {
    using pair = await openPair({ format, signals: "any" });
    const floats = format === "value" ? [0.1] : [0.1, -2.5, 3e9];
    const head = { sequence: 7n, tsOrigin: { sec: 1_700_000_000, nsec: 5 } };
    await pair.client.send({ ...head, values: Float64Array.from(floats) });
    await pair.client.send({ ...head, values: Object.freeze(floats) });
    const received = await receiveDatagrams(pair.peer, 2);
    assertEquals(received[0], received[1]);
    const [sample] = pair.client.format.decode(received[0] ?? new Uint8Array());
    assertEquals(sample?.values.length, floats.length);
  });
}

Deno.test("send() guards a typed array of floats like a list", async () => {
  using pair = await openPair({ signals: "2f" });
  await pair.client.send({ values: new Float64Array(2) });
  const error = await assertRejects(() => pair.client.send({ values: new Float64Array(3) }), UnfitSampleError);
  assertEquals(error.fittingSignals, "3f");
  using other = await openPair({ signals: "fi" });
  await assertRejects(() => other.client.send({ values: new Float64Array(2) }), UnfitSampleError, "value 1 is of type");
});

Deno.test({
  name: "send() to a remote that is not there counts its datagram as undelivered, until it is there",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const remote = newAddress.unix();
    await using client = await connect({ local: newAddress.unix(), remote });
    client.enqueue([numbered(0)]);
    client.enqueue([numbered(1), numbered(2)]);
    assertEquals(await client.flush(), { sent: 0, undelivered: 2 });
    assertEquals(await client.send(numbered(2)), { sent: 0, undelivered: 1 });
    assertEquals(client.counters.sent, { datagrams: 0, bytes: 0, samples: 0, undelivered: 3, refused: 0 });
    await using server = await connect({ local: remote, remote: client.local });
    await client.ready();
    await client.send(numbered(3));
    assertEquals(await server.receive(), [[numbered(3)]]);
    const bytes = encode([numbered(3)]).length;
    assertEquals(client.counters.sent, { datagrams: 1, bytes, samples: 1, undelivered: 3, refused: 0 });
  },
});

Deno.test("send() puts several samples into one datagram", async () => {
  using pair = await openPair({ signals: "any" });
  const samples = [numbered(0, 1.5), numbered(1, 2n)];
  await pair.client.send(samples);
  assertEquals(await pair.peer.receive(), [encode(samples)]);
  assertEquals(pair.client.counters.sent.samples, 2);
});

Deno.test("send() and enqueue() send nothing for no samples", async () => {
  using pair = await openPair();
  await pair.client.send([]);
  pair.client.enqueue([]);
  await pair.client.flush();
  await pair.client.send(numbered(1));
  assertEquals(await pair.peer.receive(), [encode([numbered(1)])]);
  assertEquals(pair.client.counters.sent.datagrams, 1);
});

Deno.test("enqueue() prepares datagrams that flush() sends in their order", async () => {
  using pair = await openPair();
  for (let number = 0; number < 100; number++) pair.client.enqueue([numbered(number, number / 3)]);
  assertEquals(pair.client.counters.sent.datagrams, 0);
  await pair.client.flush();
  const sent = Array.from({ length: 100 }, (_, number) => encode([numbered(number, number / 3)]));
  assertEquals(await pair.peer.receive(), sent);
  assertEquals(pair.client.counters.sent, {
    datagrams: 100,
    bytes: sent.reduce((sum, { length }) => sum + length, 0),
    samples: 100,
    undelivered: 0,
    refused: 0,
  });
});

Deno.test("flush() of nothing sends nothing", async () => {
  using pair = await openPair();
  await pair.client.flush();
  assertEquals(pair.client.counters.sent.datagrams, 0);
});

Deno.test("enqueue() takes more than its memory holds", async () => {
  using pair = await openPair({ signals: "any" });
  const values = Array.from({ length: 5000 }, (_, index) => index / 7);
  const samples = Array.from({ length: 20 }, (_, number) => numbered(number, ...values));
  for (const sample of samples) pair.client.enqueue([sample]);
  await pair.client.flush();
  assertEquals(await pair.peer.receive(), samples.map((sample) => encode([sample])));
});

Deno.test("send() by many callers at a time keeps the order of the calls and all bytes", async () => {
  using pair = await openPair();
  // Each of them begins anew as soon as it may, while others wait for their turn.
  let calls = 0;
  const called: Sample[] = [];
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (let round = 0; round < 30; round++) {
      const number = calls++;
      const sample = numbered(number, ...Array.from({ length: number % 40 }, (_, index) => number + index / 64));
      called.push(sample);
      await pair.client.send(sample);
      if (number % 3 === 0) await Promise.resolve();
    }
  }));
  const received: Uint8Array[] = [];
  while (received.length < calls) received.push(...await pair.peer.receive());
  assertEquals(received, called.map((sample) => encode([sample])));
  assertEquals(pair.client.counters.sent.datagrams, 300);
});

/** A transport that takes its time: each send ends when the test says so. */
function slow(
  transport: DatagramTransport,
): { transport: DatagramTransport; batches: Uint8Array[][]; release: (() => void)[] } {
  const batches: Uint8Array[][] = [];
  const release: (() => void)[] = [];
  const send = async (datagrams: readonly Uint8Array[]) => {
    await new Promise<void>((resolve) => release.push(resolve));
    batches.push(datagrams.map((datagram) => datagram.slice())); // read at the very end
    return datagrams.length;
  };
  return {
    transport: overlay(transport, { send }),
    batches,
    release,
  };
}

Deno.test("enqueue() during a send leaves its bytes alone, and what waits goes together", async () => {
  const { transport, batches, release } = slow(await openMemory({ remote: "memory:nobody" }));
  await using client = await connect({ transport });
  const samples = Array.from({ length: 9 }, (_, number) => numbered(number, number * 1.5, -number));
  const [first = numbered(0), ...others] = samples;
  const sends = [client.send(first)];
  await Promise.resolve(); // the first send begins
  for (const sample of others.slice(0, 4)) sends.push(client.send(sample));
  for (const sample of others.slice(4)) client.enqueue([sample]);
  sends.push(client.flush());
  while (batches.length < 2) {
    release.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(sends);
  assertEquals(batches, [[encode([first])], others.map((sample) => encode([sample]))]);
});

Deno.test("a send that fails fails for its callers, and the next one is sent", async () => {
  const memory = await openMemory({ remote: "memory:nobody" });
  let failures = 1;
  const send = (datagrams: readonly Uint8Array[]) =>
    failures-- > 0 ? Promise.reject(new Error("the cable is cut")) : memory.send(datagrams);
  const transport = overlay(memory, { send });
  await using client = await connect({ transport });
  await assertRejects(() => client.send(numbered(0)), Error, "the cable is cut");
  await client.send(numbered(1));
  assertEquals(client.counters.sent, {
    datagrams: 1,
    bytes: encode([numbered(1)]).length,
    samples: 1,
    undelivered: 0,
    refused: 0,
  });
});

Deno.test("send() refuses what the signals do not allow, before anything is sent", async () => {
  using pair = await openPair({ signals: "2f" });
  await assertRejects(() => pair.client.send([numbered(0, 1, 2), numbered(1, 1, 2n)]), EncodeError);
  assertThrows(() => pair.client.enqueue([numbered(1, 1, 2, 3)]), EncodeError);
  await pair.client.flush();
  await pair.client.send(numbered(2, 1, 2));
  assertEquals(await pair.peer.receive(), [encode([numbered(2, 1, 2)])]);
  assertEquals(pair.client.counters.sent.datagrams, 1);
});

Deno.test("what was prepared before a sample that is refused stays prepared", async () => {
  using pair = await openPair({ signals: "1f" });
  pair.client.enqueue([numbered(0, 0.5)]);
  assertThrows(() => pair.client.enqueue([numbered(1, true)]), EncodeError);
  pair.client.enqueue([numbered(2, 2.5)]);
  await pair.client.flush();
  assertEquals(await pair.peer.receive(), [encode([numbered(0, 0.5)]), encode([numbered(2, 2.5)])]);
});

Deno.test("send() says how long a datagram would be that is too long, and for whom", async () => {
  using pair = await openPair({ signals: "any" });
  const tooLong = numbered(0, ...Array<number>(7000).fill(0.1));
  const message = `Cannot send a datagram of ${encode([tooLong]).length} bytes to ${pair.peer.local}: ` +
    `a datagram has at most 65507 bytes`;
  // With room in the memory for batches, and without it.
  const long = numbered(1, ...Array<number>(5000).fill(0.1));
  for (let round = 0; round < 8; round++) {
    assertEquals(assertThrows(() => pair.client.enqueue([tooLong]), RangeError).message, message);
    pair.client.enqueue([long]);
  }
  assertEquals((await assertRejects(() => pair.client.send(tooLong), RangeError)).message, message);
  await pair.client.flush();
  assertEquals((await pair.peer.receive()).length, 8);
});

Deno.test("send() and enqueue() refuse to send without a remote", async () => {
  await using client = await connect({ transport: await openMemory({ local: newAddress.memory() }) });
  const message = `Cannot send from ${client.local}: no remote address is set`;
  assertEquals((await assertRejects(() => client.send(numbered(0)), TypeError)).message, message);
  assertEquals(assertThrows(() => client.enqueue([numbered(0)]), TypeError).message, message);
});
