/**
 * Tests the echo where the transport polls: answers go in the turn of the poll, and wait only where they have to.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { connect, echo, EncodeError, type Sample } from "@villas/client";
import { openMemory } from "@villas/client/transports";
import { PolledTransport, settle } from "./_polled.ts";

async function start(options: Parameters<typeof echo>[1] = {}) {
  const polled = new PolledTransport(await openMemory({ remote: "memory:nobody" }));
  const client = await connect({ transport: polled.transport });
  return { client, polled, running: echo(client, options) };
}

Deno.test("echo() answers in the turn of a poll, poll by poll", async () => {
  const seen: number[] = [];
  const { client, polled, running } = await start({
    onSamples: (samples: readonly Sample[]) => seen.push(...samples.map(({ sequence }) => Number(sequence))),
  });
  assertEquals([polled.find(1), polled.sent, seen], [true, [1], [1]]);
  assertEquals([polled.find(2, 3), polled.sent, seen], [true, [1, 2, 3], [1, 2, 3]]);
  assertEquals([client.counters.sent.datagrams, client.counters.received.samples], [3, 3]);
  polled.end();
  await running;
  client.close();
});

Deno.test("echo() waits where the system does not take an answer at once, and sends each one once, in order", async () => {
  const { client, polled, running } = await start();
  const { promise, resolve } = Promise.withResolvers<number>();
  polled.onSend = () => promise;
  polled.room = 1;
  assertEquals(polled.find(1, 2, 3), false);
  await settle();
  assertEquals(polled.sent, [1, [2, 3]]);
  resolve(2);
  await settle();
  polled.room = Infinity;
  assertEquals(polled.find(4), true);
  assertEquals(polled.sent, [1, [2, 3], 4]);
  assertEquals(client.counters.sent.datagrams, 4);
  polled.end();
  await running;
  client.close();
});

Deno.test("echo() counts what was taken in front of an error, and throws that of the first datagram", async () => {
  const { client, polled, running } = await start();
  polled.onSend = () => Promise.reject(new Error("refused"));
  polled.room = 1;
  assertEquals(polled.find(1, 2), false);
  await settle();
  assertEquals([client.counters.sent.datagrams, client.counters.sent.undelivered], [1, 1]);
  polled.room = 0;
  const rejected = assertRejects(() => running, Error, "refused");
  assertEquals(polled.find(3), false);
  await rejected;
  client.close();
});

Deno.test("echo() waits for its pause before it answers what is polled next", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { client, polled, running } = await start({ onPause: () => promise });
  assertEquals(polled.find(1), false);
  await settle();
  assertEquals(polled.find(2), false, "nobody receives yet");
  assertEquals(polled.sent, [1]);
  resolve();
  await settle();
  polled.end();
  await running;
  client.close();
});

Deno.test("echo({ count }) leaves what is polled to the calls that count", async () => {
  const { client, polled, running } = await start({ count: 2 });
  assertEquals(polled.find(1), false);
  await settle();
  assertEquals(polled.find(2), false);
  await running;
  assertEquals(polled.sent, [1, 2]);
  client.close();
});

Deno.test("echo() ends when the client is closed while it answers, and reports what cannot be encoded", async () => {
  const errors: Error[] = [];
  const { client, polled, running } = await start({
    reply: [null as unknown as number],
    onEncodeError: (error: Error) => errors.push(error),
  });
  assertEquals([polled.find(1), polled.sent], [true, []]);
  assertEquals(errors.map((error) => error instanceof EncodeError), [true]);
  client.close();
  assertEquals(polled.find(2), false);
  await running;
});
