import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  type Client,
  connect,
  type ConnectOptions,
  createFormat,
  DetectionError,
  EncodeError,
  type Format,
  parseSignals,
  type Sample,
} from "@villas/client";
import { gtnet, json, protobuf, value, villasBinary, villasHuman, villasWeb } from "@villas/client/formats";
import { openMemory, type Transport } from "@villas/client/transports";

const text = (content: string) => new TextEncoder().encode(content);
const sampleOf = (index: number): Sample => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 5 },
  values: [index + 0.5, -1.5],
});

let count = 0;

interface Pair extends AsyncDisposable {
  /** Sends bytes. */
  peer: Transport;
  /** Tells their format. */
  client: Client;
  /** What the client said of it. */
  told: string[];
}

async function openPair(options: ConnectOptions = {}): Promise<Pair> {
  const [local, remote] = [`memory:auto-client-${++count}`, `memory:auto-peer-${count}`];
  const told: string[] = [];
  const peer = await openMemory({ local: remote, remote: local });
  const onDetected = (format: Format, reason: string) => told.push(`${format.name}: ${reason}`);
  const client = await connect({ local, remote, format: "auto", onDetected, ...options });
  return {
    peer,
    client,
    told,
    [Symbol.asyncDispose]() {
      peer.close();
      return client[Symbol.asyncDispose]();
    },
  };
}

Deno.test("connect() with format auto reads csv with the separator that came", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  const format = await createFormat({ type: "csv", separator: ";" });
  await peer.send([format.encode([sampleOf(7)])]);
  assertEquals(await client.receive(), [[sampleOf(7)]]);
  await client.send(sampleOf(8));
  assertEquals(format.decode((await peer.receive())[0] ?? new Uint8Array()), [sampleOf(8)]);
});

Deno.test("connect() with format auto decides on the first datagram that says what it is", async () => {
  const formats = [protobuf(), villasBinary(), villasWeb(), json(), villasHuman(), await createFormat("opal.asyncip")];
  for (const format of formats) {
    await using pair = await openPair();
    const { peer, client, told } = pair;
    assertEquals(client.format.name, "auto");
    await peer.send([format.encode([sampleOf(7)])]);
    const [[sample] = []] = await client.receive();
    assertEquals([sample?.sequence, sample?.values], [7n, [7.5, -1.5]], format.name);
    assertEquals(client.format.name, format.name);
    assertEquals(told.length, 1);
    assert(told[0]?.startsWith(`${format.name}: `));
    await peer.send([format.encode([sampleOf(8)])]);
    await client.receive();
    const { datagrams, samples, refused, missing, duplicate } = client.counters.received;
    assertEquals({ datagrams, samples, refused, missing, duplicate }, {
      datagrams: 2,
      samples: 2,
      refused: 0,
      missing: 0,
      duplicate: 0,
    });
  }
});

Deno.test("connect() with format auto holds back what comes until the format is told, and loses nothing", async () => {
  const errors: Error[] = [];
  await using pair = await openPair({ onRefused: (error) => errors.push(error) });
  const { peer, client, told } = pair;
  const garbage = text("Hello");
  // One datagram at a time: none of the first two decides.
  const received = client.receive();
  await peer.send([garbage]);
  await peer.send([protobuf().encode([sampleOf(0)])]);
  await peer.send([protobuf().encode([sampleOf(1), sampleOf(2)])]);
  assertEquals(await received, [[sampleOf(0)], [sampleOf(1), sampleOf(2)]]);
  assertEquals(told, [
    "protobuf: 2 of 3 datagrams match: it starts with 0x0a and its fields are those of a sample of 2 values",
  ]);
  assertEquals(errors.length, 1);
  const { datagrams, bytes, samples, refused, missing } = client.counters.received;
  const length = protobuf().encode([sampleOf(0)]).length + protobuf().encode([sampleOf(1), sampleOf(2)]).length;
  assertEquals({ datagrams, bytes, samples, refused, missing }, {
    datagrams: 3,
    bytes: 5 + length,
    samples: 3,
    refused: 1,
    missing: 0,
  });
});

Deno.test("iterating over a client of format auto gives every sample once", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  await peer.send([text("?"), ...[0, 1, 2].map((index) => json().encode([sampleOf(index)]))]);
  const sequences: bigint[] = [];
  for await (const { sequence = -1n } of client) {
    sequences.push(sequence);
    if (sequences.length === 3) await peer.send([json().encode([sampleOf(3)])]);
    if (sequences.length === 4) break;
  }
  assertEquals(sequences, [0n, 1n, 2n, 3n]);
});

Deno.test("connect() with format auto copies what it holds back", async () => {
  const buffer = new Uint8Array(100);
  const pieces = [text("?"), protobuf().encode([sampleOf(1)]), protobuf().encode([sampleOf(2)])];
  // As a socket does it: each datagram is in the same memory.
  const transport: Transport = {
    ...await openMemory(),
    local: "memory:reused",
    remote: undefined,
    ignored: 0,
    receive() {
      const piece = pieces.shift() ?? new Uint8Array();
      buffer.fill(0);
      buffer.set(piece);
      return Promise.resolve(piece.length === 0 ? [] : [buffer.subarray(0, piece.length)]);
    },
  };
  await using client = await connect({ transport, format: "auto" });
  assertEquals(await client.receive(), [[sampleOf(1)], [sampleOf(2)]]);
});

Deno.test("connect() with format auto lets empty datagrams pass, and keeps none of them", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  await peer.send(new Array(100).fill(new Uint8Array()));
  await peer.send([protobuf().encode([sampleOf(1)])]);
  assertEquals(await client.receive(), [[sampleOf(1)]]);
  const { datagrams, refused } = client.counters.received;
  assertEquals([datagrams, refused], [101, 0]);
});

Deno.test("connect() with format auto does not guess between raw variants after 8 datagrams, and names them", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  await peer.send([1, 2, 3, 4, 5, 6, 7, 8].map((index) => gtnet().encode([sampleOf(index)])));
  const error = await assertRejects(() => client.receive(), DetectionError);
  assertEquals(
    error.message,
    "Cannot tell the format of what has come: it matches no format that identifies itself, and bare numbers look " +
      "the same in every width and byte order",
  );
  assertEquals(error.detection.candidates.slice(0, 2), [
    { specification: { type: "raw", bits: 32, endianess: "big" }, preview: "2 values: 1.5, -1.5" },
    { specification: { type: "gtnet" }, preview: "2 values: 1.5, -1.5" },
  ]);
  assertEquals(client.counters.received.refused, 8);
  // A program that goes on gets what says what it is.
  await peer.send([protobuf().encode([sampleOf(9)])]);
  assertEquals(await client.receive(), [[sampleOf(9)]]);
});

Deno.test("connect() with format auto does not wait for the eighth datagram for ever, and loses none that comes later", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  await peer.send([gtnet().encode([sampleOf(1)])]);
  const { detection } = await assertRejects(() => client.receive(), DetectionError);
  assert(detection.candidates.length > 1);
  // The transport has been asked for the next datagram already.
  await peer.send([protobuf().encode([sampleOf(2)])]);
  await peer.send([protobuf().encode([sampleOf(3)])]);
  const messages = await client.receive();
  if (messages.length === 1) messages.push(...await client.receive());
  assertEquals(messages, [[sampleOf(2)], [sampleOf(3)]]);
  const { datagrams, refused, samples } = client.counters.received;
  assertEquals([datagrams, refused, samples], [3, 1, 2]);
});

Deno.test("connect() with format auto does not decide on as many datagrams of one format as of another", async () => {
  await using pair = await openPair();
  const [a, b] = [protobuf().encode([sampleOf(1)]), villasBinary().encode([sampleOf(1)])];
  // The first one decides at once, where it comes alone; all at a time leave it open.
  await pair.peer.send([a, b, a, b, a, b, a, b]);
  const { detection } = await assertRejects(() => pair.client.receive(), DetectionError);
  assertEquals(detection.reason, "the datagrams match protobuf and villas.binary equally well");
  assertEquals(detection.candidates.map(({ specification }) => specification.type), ["protobuf", "villas.binary"]);
});

Deno.test("connect() with format auto counts what is of another format later as refused", async () => {
  const errors: string[] = [];
  await using pair = await openPair({ onRefused: (error) => errors.push(error.message) });
  const { peer, client } = pair;
  await peer.send([protobuf().encode([sampleOf(1)])]);
  await client.receive();
  await peer.send([json().encode([sampleOf(2)]), protobuf().encode([sampleOf(3)])]);
  assertEquals(await client.receive(), [[sampleOf(3)]]);
  assertEquals(errors.length, 1);
  assertEquals(client.counters.received.refused, 1);
});

Deno.test("a client of format auto that is closed reports what it holds back, and ends", async () => {
  const errors: string[] = [];
  await using pair = await openPair({ onRefused: (error) => errors.push(error.message) });
  const { peer, client } = pair;
  await peer.send([text("Hello")]);
  const received = client.receive();
  while (client.counters.received.datagrams === 0) await Promise.resolve();
  client.close();
  assertEquals(await received, []);
  assertEquals(errors, [
    'Cannot decode datagram as auto: it is text that matches no format of VILLASnode: it starts with "Hello"',
  ]);
  assertEquals(client.counters.received.refused, 1);
  assertEquals(await client.receive(), []);
});

Deno.test("a client of format auto sends nothing before it knows the format, and in that format then", async () => {
  await using pair = await openPair();
  const { peer, client } = pair;
  await assertRejects(
    () => client.send(sampleOf(0)),
    EncodeError,
    "Cannot encode sample 0 as auto: nothing has come yet that tells which format it is",
  );
  assertEquals(client.counters.sent.refused, 1);
  await peer.send([villasWeb().encode([sampleOf(1)])]);
  await client.receive();
  await client.send(sampleOf(2));
  assertEquals(await peer.receive(), [villasWeb().encode([sampleOf(2)])]);
});

Deno.test("connect() gives the signals and the options of format auto to the format that is told", async () => {
  await using pair = await openPair({
    format: '{"type": "auto", "ts_received": true}',
    signals: parseSignals("i"),
  });
  const { peer, client } = pair;
  await peer.send([value().encode([{ values: [7n] }])]);
  assertEquals(await client.receive(), [[{ values: [7n] }]]);
  await assertRejects(() => client.send({ values: [7.5] }), EncodeError, "value 0 is of type float");

  await using other = await openPair({ format: { type: "auto", ts_received: true } });
  const received: Sample = { tsReceived: { sec: 1, nsec: 2 }, values: [1] };
  await other.peer.send([protobuf({ ts_received: true }).encode([received])]);
  assertEquals(await other.client.receive(), [[received]]);
  await other.client.send(received);
  assertEquals(await other.peer.receive(), [protobuf({ ts_received: true }).encode([received])]);
});

Deno.test("connect() refuses options that not every format has with format auto", async () => {
  const error = await assertRejects(
    () => connect({ local: "memory:x", format: { type: "auto", bits: 32 } }),
    TypeError,
  );
  assertEquals(error.message.startsWith('Cannot set option "bits" of format auto: it has signals'), true);
});

Deno.test("the format auto reads and writes no files", async () => {
  await using pair = await openPair();
  const { format } = pair.client;
  assertThrows(() => format.createDecoder(() => {}), TypeError, "Cannot read a file as auto");
  const write = format.createEncoder();
  assertInstanceOf(assertThrows(() => write([sampleOf(1)])), EncodeError);
  assertThrows(() => format.decode(new Uint8Array(3)), Error, "its format is not known");
});
