/**
 * Promises of receiving, tested the same way for a client over each transport.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, DetectionError, echo, receiveSamples, type Sample, TimeoutError } from "@villas/client";
import {
  type DatagramTransport,
  openMemory,
  openUdp,
  openUnix,
  type TransportOptions,
} from "@villas/client/transports";
import { encode, newAddress, numbered, overlay } from "./_pair.ts";

interface Kit {
  name: string;
  open: (options: TransportOptions) => Promise<DatagramTransport>;
  newAddress: () => string;
  ignore?: boolean;
}

const kits: Kit[] = [
  { name: "udp", open: (options) => openUdp({ batch: false, ...options }), newAddress: newAddress.udp },
  {
    name: "udp in batches",
    open: (options) => openUdp({ batch: true, ...options }),
    newAddress: newAddress.udp,
    ignore: Deno.build.os !== "linux",
  },
  {
    name: "udp, polled",
    open: (options) => openUdp({ busyPoll: true, ...options }),
    newAddress: newAddress.udp,
    ignore: Deno.build.os !== "linux" || navigator.hardwareConcurrency < 2,
  },
  {
    name: "unix",
    open: openUnix,
    newAddress: newAddress.unix,
    ignore: Deno.build.os === "windows",
  },
  { name: "memory", open: openMemory, newAddress: newAddress.memory },
];

interface Pair extends Disposable {
  client: Client;
  /** Sends samples with these numbers, one per datagram. */
  send: (...numbers: number[]) => Promise<void>;
  /** Sends one datagram of samples with these numbers. */
  sendTogether: (...numbers: number[]) => Promise<void>;
}

const numbersOf = (messages: Sample[][]) => messages.map((samples) => samples.map(({ sequence }) => Number(sequence)));

async function openPair({ open, newAddress }: Kit): Promise<Pair> {
  const peer = await open({ local: newAddress() });
  const transport = await open({ local: newAddress(), remote: peer.local });
  await peer.setRemote(transport.local);
  const client = await connect({ transport });
  return {
    client,
    async send(...numbers) {
      for (const number of numbers) await peer.send([encode([numbered(number, number)])]);
    },
    async sendTogether(...numbers) {
      await peer.send([encode(numbers.map((number) => numbered(number, number)))]);
    },
    [Symbol.dispose]() {
      client.close();
      peer.close();
    },
  };
}

for (const kit of kits) {
  const test = (words: string, fn: (pair: Pair) => Promise<void>) =>
    Deno.test({
      name: `a client over ${kit.name}: ${words}`,
      ignore: kit.ignore === true,
      fn: async () => {
        using pair = await openPair(kit);
        await fn(pair);
      },
    });

  test("overlapping calls of receive() get each sample once, in the order of the calls", async ({ client, send }) => {
    const receiving = Array.from({ length: 5 }, () => client.receive({ limit: 1 }));
    await send(0, 1, 2, 3, 4);
    assertEquals((await Promise.all(receiving)).map(numbersOf), [0, 1, 2, 3, 4].map((number) => [[number]]));
  });

  test("overlapping calls of receive() all end when the client is closed", async ({ client }) => {
    const receiving = [client.receive(), client.receive({ timeout: 60 }), client.receive()];
    client.close();
    assertEquals(await Promise.all(receiving), [[], [], []]);
  });

  test("two iterations share the samples: each one once, in order", async ({ client, send, sendTogether }) => {
    const all: number[] = [];
    const iterate = async () => {
      const own: number[] = [];
      for await (const { sequence } of client) {
        own.push(Number(sequence));
        if (all.push(Number(sequence)) === 40) client.close();
      }
      return own;
    };
    const iterating = [iterate(), iterate()];
    for (let number = 0; number < 40; number += 4) {
      await sendTogether(number, number + 1);
      await send(number + 2, number + 3);
    }
    const own = await Promise.all(iterating);
    assertEquals(all.length, 40);
    assertEquals(own.flat().sort((a, b) => a - b), Array.from({ length: 40 }, (_, number) => number));
    for (const numbers of own) assertEquals(numbers, [...numbers].sort((a, b) => a - b));
  });

  test("receive() after an iteration that was left early gets what it still held", async (pair) => {
    const { client, sendTogether, send } = pair;
    await sendTogether(0, 1, 2);
    await send(3);
    for await (const { sequence } of client) {
      if (sequence === 0n) break;
    }
    const received = numbersOf(await client.receive({ limit: 1 }));
    assertEquals(received, [[1, 2]]);
    assertEquals(numbersOf(await client.receive()), [[3]]);
  });

  test("a signal ends a wait with its reason, and the next call gets what comes", async ({ client, send }) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const waiting = client.receive({ signal: controller.signal });
    controller.abort(reason);
    assertEquals(await assertRejects(() => waiting), reason);
    await send(0);
    assertEquals(numbersOf(await client.receive()), [[0]]);
  });

  test("a signal that has come already ends a call though there are samples, which stay", async (pair) => {
    const { client, send } = pair;
    await send(0);
    await assertRejects(() => client.receive({ signal: AbortSignal.abort() }), DOMException, "aborted");
    assertEquals(numbersOf(await client.receive({ signal: new AbortController().signal })), [[0]]);
  });

  test("a time limit ends a wait with a TimeoutError, and nothing is lost", async ({ client, send }) => {
    for (let round = 0; round < 5; round++) {
      const error = await assertRejects(() => client.receive({ timeout: 0.005 }), TimeoutError);
      assertEquals(error.message, `No sample came to ${client.local} within 0.005 s`);
      assertEquals(error.timeout, 0.005);
    }
    await send(0, 1);
    const received = numbersOf(await client.receive({ limit: 1, timeout: 60 }));
    assertEquals([...received, ...numbersOf(await client.receive({ limit: 1 }))], [[0], [1]]);
  });

  test("a call that waits for its turn may be given up, and the others keep theirs", async ({ client, send }) => {
    const controller = new AbortController();
    const first = client.receive({ limit: 1 });
    const second = client.receive({ signal: controller.signal });
    const third = client.receive({ limit: 1 });
    controller.abort();
    await assertRejects(() => second, DOMException);
    await send(0, 1);
    assertEquals([numbersOf(await first), numbersOf(await third)], [[[0]], [[1]]]);
  });

  test("samples() ends by its signal or time limit, and an iteration after it goes on", async (pair) => {
    const { client, sendTogether } = pair;
    await sendTogether(0, 1, 2, 3);
    const controller = new AbortController();
    const received: number[] = [];
    await assertRejects(async () => {
      for await (const { sequence } of client.samples({ signal: controller.signal })) {
        received.push(Number(sequence));
        if (sequence === 1n) controller.abort(new Error("enough"));
      }
    }, "enough");
    await assertRejects(async () => {
      for await (const { sequence } of client.samples({ timeout: 0.01 })) received.push(Number(sequence));
    }, TimeoutError);
    assertEquals(received, [0, 1, 2, 3]);
  });

  test("receiveSamples() ends by its signal or time limit", async ({ client, send }) => {
    await assertRejects(() => receiveSamples(client, { timeout: 0.01 }), TimeoutError);
    const controller = new AbortController();
    const receiving = receiveSamples(client, {
      signal: controller.signal,
      onPause: () => controller.abort(new Error("enough")),
    });
    await send(0);
    await assertRejects(() => receiving, Error, "enough");
  });
}

const [, , , memory = kits[0]] = kits;

async function withMemory(fn: (pair: Pair) => Promise<void>): Promise<void> {
  if (memory === undefined) throw new Error("there is no such transport");
  using pair = await openPair(memory);
  await fn(pair);
}

for (
  const [name, called, call] of [
    ["limit", "receive()", (client: Client, limit: number) => client.receive({ limit })],
    ["count", "receiveSamples()", (client: Client, count: number) => receiveSamples(client, { count })],
    ["count", "echo()", (client: Client, count: number) => echo(client, { count })],
  ] as const
) {
  Deno.test(`${called} refuses a ${name} that is not a whole number of 1 or more`, () =>
    withMemory(async ({ client, send }) => {
      for (const value of [0, -1, 1.5, NaN, -Infinity]) {
        const error = await assertRejects(async () => void await call(client, value), RangeError);
        assertEquals(error.message, `Cannot use ${value} as the ${name}: expected a whole number of 1 or more`);
      }
      await send(0);
      assertEquals(numbersOf(await client.receive()), [[0]]);
    }));
}

Deno.test("receive() refuses a time limit that is not above 0, or longer than a timer", () =>
  withMemory(async ({ client }) => {
    for (const timeout of [0, -1, NaN, Infinity, 2_147_484]) {
      const error = await assertRejects(() => client.receive({ timeout }), RangeError);
      assertEquals(
        error.message,
        `Cannot use ${timeout} as the timeout: expected a number of seconds above 0, at most 2147483`,
      );
    }
  }));

Deno.test("receive() throws the error of a read that an earlier call gave up", async () => {
  await using client = await connect({ local: "memory:given-up", remote: "memory:given-up-peer", format: "auto" });
  using peer = await openMemory({ local: "memory:given-up-peer", remote: client.local });
  await assertRejects(() => client.receive({ timeout: 0.001 }), TimeoutError);
  await peer.send(Array.from({ length: 8 }, () => new Uint8Array([1, 2, 3])));
  await assertRejects(() => client.receive({ timeout: 60 }), DetectionError);
  await peer.send([encode([numbered(1)])]);
  assertEquals(numbersOf(await client.receive()), [[1]]);
});

Deno.test("receive() asks the transport for the next datagrams once, however many waits are given up", async () => {
  const transport = await openMemory();
  let calls = 0;
  const counted = overlay(transport, {
    receive(limit) {
      calls++;
      return transport.receive(limit);
    },
  });
  await using client = await connect({ transport: counted });
  for (let round = 0; round < 10; round++) {
    const controller = new AbortController();
    const waiting = client.receive({ signal: controller.signal });
    controller.abort();
    await assertRejects(() => waiting);
  }
  assertEquals(calls, 1);
});
