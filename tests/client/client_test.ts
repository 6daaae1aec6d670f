import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type Client,
  ClosedError,
  connect,
  type ConnectOptions,
  type DecodeError,
  EncodeError,
  formatNames,
  type Sample,
  UnfitSampleError,
} from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { type DatagramTransport, openMemory, type Transport } from "@villas/client/transports";
import { overlay } from "./_transport.ts";

const folder = await Deno.makeTempDir({ prefix: "v-" });
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

let addresses = 0;

const newAddress = {
  udp: () => "udp://127.0.0.1:0",
  unix: () => `unix:${folder}/${++addresses}.sock`,
  memory: () => `memory:client-${++addresses}`,
};

/** A transport of the test: opened first, so that a client can be its remote. */
async function openPair(
  options: ConnectOptions = {},
): Promise<{ peer: DatagramTransport; client: Client } & Disposable> {
  const peer = await openMemory();
  const client = await connect({ local: newAddress.memory(), remote: peer.local, ...options });
  await peer.setRemote(client.local);
  return {
    peer,
    client,
    [Symbol.dispose]() {
      peer.close();
      client.close();
    },
  };
}

function numbered(sequence: number, ...values: Sample["values"]): Sample {
  return { sequence: BigInt(sequence), values };
}

async function receiveSamples(client: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < count) {
    const messages = await client.receive();
    if (messages.length === 0) break;
    samples.push(...messages.flat());
  }
  return samples;
}

async function receiveDatagrams(peer: DatagramTransport, count: number): Promise<Uint8Array[]> {
  const datagrams: Uint8Array[] = [];
  while (datagrams.length < count) datagrams.push(...await peer.receive());
  return datagrams;
}

const { encode } = protobuf();
const garbage = new Uint8Array([0xff, 0xff, 0xff]);

for (const [name, address] of Object.entries(newAddress)) {
  Deno.test({
    name: `connect() over ${name} sends and receives samples, and counts them`,
    ignore: name === "unix" && Deno.build.os === "windows",
    fn: async () => {
      await using server = await connect({ local: address(), anySource: true });
      await using client = await connect({ local: address(), remote: server.local, signals: "1f1i1b1c" });
      const samples = [0, 1, 2].map((number) =>
        numbered(number, number / 8, BigInt(number), number > 1, { real: number, imag: -0.5 })
      );
      assertEquals(client.remote, server.local);
      await client.ready();
      for (const sample of samples) await client.send(sample);
      assertEquals(await receiveSamples(server, 3), samples);
      const bytes = samples.reduce((sum, sample) => sum + encode([sample]).length, 0);
      const nothing = { datagrams: 0, bytes: 0, samples: 0 };
      const flawless = { refused: 0, ignored: 0, missing: 0, duplicate: 0, reordered: 0, restarts: 0 };
      assertEquals(client.counters, {
        received: { ...nothing, ...flawless },
        sent: { datagrams: 3, bytes, samples: 3, undelivered: 0, refused: 0 },
      });
      assertEquals(server.counters, {
        received: { datagrams: 3, bytes, samples: 3, ...flawless },
        sent: { ...nothing, undelivered: 0, refused: 0 },
      });
    },
  });
}

Deno.test("connect() is at VILLASnode's Python client's addresses by default", async () => {
  let addresses: string;
  try {
    await using client = await connect();
    addresses = `${client.local} ${client.remote} ${client.format.name}`;
  } catch (error) {
    assertInstanceOf(error, Deno.errors.AddrInUse); // somebody uses them on this machine
    addresses = error.message;
  }
  assert(
    [
      "udp://0.0.0.0:12001 udp://127.0.0.1:12000 protobuf",
      "Cannot open udp://0.0.0.0:12001: the address is in use",
    ].includes(addresses),
    addresses,
  );
});

Deno.test("connect() sends to the default remote of the local address's transport", async () => {
  await using udp = await connect({ local: "udp://127.0.0.1:0" });
  assertEquals(udp.remote, "udp://127.0.0.1:12000");
  await using memory = await connect({ local: newAddress.memory() });
  assertStrictEquals(memory.remote, undefined);
  if (Deno.build.os === "windows") return;
  await using unix = await connect({ local: newAddress.unix() });
  assertEquals(unix.remote, "unix:/var/run/villas-node.server.sock");
});

Deno.test("connect() takes a transport that is open, and closes it at its end", async () => {
  const transport = await openMemory({ remote: "memory:nobody" });
  {
    await using client = await connect({ transport });
    assertEquals([client.local, client.remote], [transport.local, "memory:nobody"]);
    await client.send(numbered(0));
  }
  assertEquals(await transport.receive(), []);
});

Deno.test("connect() takes a format as a name, as VILLASnode's configuration has it, or as such", async () => {
  const format = protobuf();
  for (const specification of ["protobuf", `{ "type": "protobuf" }`, { type: "protobuf" }, format]) {
    await using client = await connect({ local: newAddress.memory(), format: specification });
    assertEquals(client.format.name, "protobuf");
  }
  await using client = await connect({ local: newAddress.memory(), format });
  assertStrictEquals(client.format, format);
});

Deno.test("connect() refuses an unknown format and opens nothing", async () => {
  const local = newAddress.memory();
  await assertRejects(() => connect({ local, format: "nonsense" }), TypeError, 'Cannot find format "nonsense"');
  await assertRejects(() => connect({ local, signals: "2x" }), SyntaxError);
  await using client = await connect({ local });
  assertEquals(client.local, local);
});

Deno.test("counters are a copy that does not change", async () => {
  using pair = await openPair();
  const before = pair.client.counters;
  await pair.client.send(numbered(0));
  assertEquals(before.sent.datagrams, 0);
  assertEquals(pair.client.counters.sent.datagrams, 1);
});

Deno.test("counters have exactly what was received, refused, ignored, missing, duplicate, late and begun anew", async () => {
  const errors: DecodeError[] = [];
  using pair = await openPair({ onDecodeError: (error) => errors.push(error) });
  const { client, peer } = pair;
  using stranger = await openMemory({ remote: client.local });
  const runs = [[0, 1, 3, 2, 2, 6, 7], [1500], [0, 1]];
  const datagrams = runs.flat().map((number) => encode([numbered(number, number)]));
  await stranger.send([garbage, encode([numbered(9)])]);
  await peer.send([...datagrams.slice(0, 3), garbage, ...datagrams.slice(3), garbage]);
  assertEquals((await receiveSamples(client, 10)).map(({ sequence }) => Number(sequence)), runs.flat());
  const bytes = datagrams.reduce((sum, { length }) => sum + length, 2 * garbage.length);
  assertEquals(client.counters.received, {
    datagrams: 12,
    bytes,
    samples: 10,
    refused: 2,
    ignored: 2,
    missing: 2 + 1492, // 4 and 5, and 8 to 1499
    duplicate: 1,
    reordered: 1,
    restarts: 1,
  });
  assertEquals(errors.map(({ name, format }) => `${name} ${format}`), Array(2).fill("DecodeError protobuf"));
});

Deno.test("onIgnored is told where an ignored datagram is from", async () => {
  const ignored: string[] = [];
  using pair = await openPair({ onIgnored: (from) => ignored.push(from) });
  using stranger = await openMemory({ remote: pair.client.local });
  await stranger.send([encode([numbered(1)])]);
  await pair.peer.send([encode([numbered(2)])]);
  assertEquals(await receiveSamples(pair.client, 1), [numbered(2)]);
  assertEquals(ignored, [stranger.local]);
});

Deno.test("receive() waits on when all that came is refused or empty", async () => {
  using pair = await openPair();
  const receiving = pair.client.receive();
  await pair.peer.send([garbage]);
  await pair.peer.send([new Uint8Array()]);
  await pair.peer.send([encode([numbered(5)])]);
  assertEquals(await receiving, [[numbered(5)]]);
  const { datagrams, refused, samples } = pair.client.counters.received;
  assertEquals({ datagrams, refused, samples }, { datagrams: 3, refused: 1, samples: 1 });
});

Deno.test("receive() gives the samples of each datagram, in their order", async () => {
  using pair = await openPair();
  const messages = [[numbered(0), numbered(1), numbered(2)], [numbered(3)], [numbered(4), numbered(5)]];
  await pair.peer.send(messages.map((samples) => encode(samples)));
  assertEquals(await pair.client.receive(), messages);
  const { datagrams, samples } = pair.client.counters.received;
  assertEquals({ datagrams, samples }, { datagrams: 3, samples: 6 });
});

Deno.test("receive() throws what the format must not throw", async () => {
  const broken = {
    ...protobuf(),
    decode: () => {
      throw new RangeError("a bug");
    },
  };
  using pair = await openPair({ format: broken });
  await pair.peer.send([garbage]);
  await assertRejects(() => pair.client.receive(), RangeError, "a bug");
});

Deno.test("iterating gives each sample, and ends when the client is closed", async () => {
  using pair = await openPair();
  await pair.peer.send([encode([numbered(0), numbered(1)]), encode([numbered(2)])]);
  const received: bigint[] = [];
  for await (const { sequence = -1n } of pair.client) {
    received.push(sequence);
    if (sequence === 2n) pair.client.close();
  }
  assertEquals(received, [0n, 1n, 2n]);
});

Deno.test("iterating ends when the client is closed while it waits", async () => {
  using pair = await openPair();
  const next = pair.client[Symbol.asyncIterator]().next();
  pair.client.close();
  assertEquals(await next, { done: true, value: undefined });
});

Deno.test("an iteration that is left early goes on with the next sample", async () => {
  using pair = await openPair();
  await pair.peer.send([encode([numbered(0), numbered(1), numbered(2)]), encode([numbered(3)])]);
  const received: bigint[] = [];
  while (received.length < 4) {
    for await (const { sequence = -1n } of pair.client) {
      received.push(sequence);
      break;
    }
  }
  assertEquals(received, [0n, 1n, 2n, 3n]);
});

Deno.test("await using closes the client, and close() may be called again", async () => {
  const local = newAddress.memory();
  let closed: Client;
  {
    await using client = await connect({ local });
    closed = client;
  }
  closed.close();
  assertEquals(await closed.receive(), []);
  await using again = await connect({ local });
  assertEquals(again.local, local);
});

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

for (const format of formatNames) {
  Deno.test(`send() takes a typed array of floats as ${format}, and sends the same datagram as for a list`, async () => {
    using pair = await openPair({ format });
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

Deno.test("stats() and ready() are those of the transport", async () => {
  using pair = await openPair();
  await pair.peer.send(Array.from({ length: 1025 }, () => garbage));
  assertEquals(await pair.client.stats().kernelDrops, 1);
  await assertRejects(() => pair.client.ready({ signal: AbortSignal.abort() }), DOMException);
});
