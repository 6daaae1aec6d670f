/**
 * Tests the echo where the transport polls: answers go in the turn of the poll, and wait only where they have to.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { connect, echo, EncodeError, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { type DatagramTransport, openMemory, type Transport } from "@villas/client/transports";
import { encode, numbered, overlay } from "./_pair.ts";

const { decode } = protobuf();
const numberOf = (datagram: Uint8Array) => Number(decode(datagram)[0]?.sequence);

type Handle = (datagrams: readonly Uint8Array[]) => boolean;

/** A transport whose polls are the test's: they find a datagram when the test says so. */
class PolledTransport {
  /** Numbers of the samples that were sent, by each call; those of `send` in lists of their own. */
  readonly sent: (number | number[])[] = [];
  /** Number of datagrams that `sendNow` takes. */
  room = Infinity;
  /** What `send` does with datagrams; default: it takes all of them. */
  onSend = (datagrams: readonly Uint8Array[]) => Promise.resolve(datagrams.length);
  #handle: Handle | undefined;
  #return: ((datagrams: readonly Uint8Array[]) => void) | undefined;
  readonly #transport: DatagramTransport;

  constructor(transport: DatagramTransport) {
    this.#transport = transport;
  }

  /** The transport for a client. */
  get transport(): Transport {
    return overlay(this.#transport, {
      receive: (_limit?: number, handle?: Handle) => {
        this.#handle = handle;
        return new Promise<readonly Uint8Array[]>((resolve) => this.#return = resolve);
      },
      sendNow: (datagrams: readonly Uint8Array[]) => {
        const taken = datagrams.slice(0, this.room);
        this.sent.push(...taken.map(numberOf));
        return taken.length;
      },
      send: (datagrams: readonly Uint8Array[]) => {
        this.sent.push(datagrams.map(numberOf));
        return this.onSend(datagrams);
      },
    });
  }

  /** Finds datagrams, as a poll does; returns whether they were dealt with at once. Nobody polls while nobody receives. */
  find(...numbers: number[]): boolean {
    if (this.#return === undefined) return false;
    const datagrams = numbers.map((number) => encode([numbered(number, number)]));
    if (this.#handle?.(datagrams)) return true;
    this.#resolve(datagrams);
    return false;
  }

  /** Ends it, as a transport that is closed. */
  end(): void {
    this.#resolve([]);
  }

  #resolve(datagrams: readonly Uint8Array[]): void {
    this.#return?.(datagrams);
    this.#return = undefined;
  }
}

async function start(options: Parameters<typeof echo>[1] = {}) {
  const polled = new PolledTransport(await openMemory({ remote: "memory:nobody" }));
  const client = await connect({ transport: polled.transport });
  return { client, polled, running: echo(client, options) };
}

/** Lets everything go on that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

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
