import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { type Client, connect, type DecodeError } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openMemory } from "@villas/client/transports";
import { encode, newAddress, numbered, openPair, receiveSamples } from "./_pair.ts";

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

Deno.test("stats() and ready() are those of the transport", async () => {
  using pair = await openPair();
  await pair.peer.send(Array.from({ length: 1025 }, () => garbage));
  assertEquals(await pair.client.stats().kernelDrops, 1);
  await assertRejects(() => pair.client.ready({ signal: AbortSignal.abort() }), DOMException);
});
