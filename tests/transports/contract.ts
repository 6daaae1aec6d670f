/**
 * Promises of every transport, tested the same way for each of them.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import type { DatagramTransport, Transport, TransportOptions } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";

/** Parameters of the suite. */
export interface TransportKit {
  /** The transport, as test names have it. */
  name: string;
  open: (options: TransportOptions) => Promise<DatagramTransport>;
  /** An address to open that nobody has, which may name port 0. */
  newAddress: () => string;
  /** True if a sender is told that nobody is at the address. */
  noticesAbsence: boolean;
  /** True if the machine lacks what it takes to run. */
  ignore?: boolean;
}

/** Two transports, each the remote of the other. */
export interface Pair<T extends Transport = DatagramTransport> extends AsyncDisposable {
  a: T;
  b: T;
}

/** Opens two transports, each the remote of the other; the options are those of the first. */
export async function openPair({ open, newAddress }: TransportKit, options: TransportOptions = {}): Promise<Pair> {
  const a = await open({ local: newAddress(), ...options });
  const b = await open({ local: newAddress(), remote: a.local });
  await a.setRemote(b.local);
  return pairOf(a, b);
}

/** Makes a pair of two open transports, which are closed at its end. */
export function pairOf<T extends Transport>(a: T, b: T): Pair<T> {
  return {
    a,
    b,
    async [Symbol.asyncDispose]() {
      a.close();
      b.close();
      await Promise.all([a.closed, b.closed]);
    },
  };
}

/** Bytes that differ from number to number and from place to place. */
export function pattern(length: number, number = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) + number) & 255);
}

/** Receives a number of datagrams, and copies them. */
export async function receiveAll(transport: Transport, count: number): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  while (received.length < count) {
    const datagrams = await transport.receive();
    if (datagrams.length === 0) break;
    for (const datagram of datagrams) received.push(datagram.slice());
  }
  return received;
}

/** Parameters of the tests of two ends. */
export interface ExchangeKit {
  /** The transport, as test names have it. */
  name: string;
  /** Opens two ends, each of which receives what the other one sends. */
  openPair(): Promise<Pair<Transport>>;
  /** What travels, for messages. */
  noun?: "datagram" | "message";
  /** True if the machine lacks what it takes to run. */
  ignore?: boolean;
}

/** Defines the tests of what two ends exchange, which every transport passes, with connections or without. */
export function testExchange({ name, openPair, noun = "datagram", ignore = false }: ExchangeKit): void {
  const test = (words: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name}: ${words}`, ignore, timeout: timeLimit, fn });

  test("send() keeps the order of its datagrams", async () => {
    await using pair = await openPair();
    const sent = Array.from({ length: 8 }, (_, number) => pattern(number + 1, number));
    const [taken, received] = await Promise.all([pair.b.send(sent), receiveAll(pair.a, 8)]);
    assertEquals(taken, 8);
    assertEquals(received, sent);
  });

  test("send() of no datagrams takes none", async () => {
    await using pair = await openPair();
    assertEquals(await pair.b.send([]), 0);
  });

  test("receive() delivers empty datagrams", async () => {
    await using pair = await openPair();
    await pair.b.send([new Uint8Array(), pattern(1), new Uint8Array()]);
    assertEquals(await receiveAll(pair.a, 3), [new Uint8Array(), pattern(1), new Uint8Array()]);
  });

  test("receive() delivers 65507 bytes as they were", async () => {
    await using pair = await openPair();
    const sent = pattern(65_507);
    await pair.b.send([sent]);
    const [received] = await receiveAll(pair.a, 1);
    assertEquals(received, sent);
  });

  test("send() takes the longest datagram and refuses a longer one with all of its batch", async () => {
    await using pair = await openPair();
    const { maximumLength } = pair.b;
    await assertRejects(
      () => pair.b.send([pattern(1), pattern(maximumLength + 1), pattern(2)]),
      RangeError,
      `Cannot send a ${noun} of ${maximumLength + 1} bytes to ${pair.b.remote}: ` +
        `a ${noun} has at most ${maximumLength} bytes`,
    );
    assertEquals(await pair.b.send([pattern(maximumLength, 3)]), 1);
    assertEquals(await receiveAll(pair.a, 1), [pattern(maximumLength, 3)]);
  });

  test("receive() resolves with an empty list when the transport is closed meanwhile, and from then on", async () => {
    await using pair = await openPair();
    const receiving = pair.a.receive();
    pair.a.close();
    assertEquals(await receiving, []);
    assertEquals(await pair.a.receive(), []);
  });

  test("receive() delivers nothing that was waiting when the transport was closed", async () => {
    await using pair = await openPair();
    await pair.b.send([pattern(1)]);
    pair.a.close();
    assertEquals(await pair.a.receive(), []);
  });

  test("send() takes nothing after close()", async () => {
    await using pair = await openPair();
    pair.b.close();
    assertEquals(await pair.b.send([pattern(1), pattern(2)]), 0);
  });

  test("samples of one datagram stay as they are when the next one is received", async () => {
    await using pair = await openPair();
    const format = protobuf();
    const samples = [1, 2].map((number) => ({ sequence: BigInt(number), values: [number / 8, BigInt(number), true] }));
    const decoded = [];
    for (const sample of samples) {
      await pair.b.send([format.encode([sample])]);
      const [datagram = new Uint8Array()] = await pair.a.receive();
      decoded.push(...format.decode(datagram));
    }
    assertEquals(decoded, samples);
  });

  test("hundreds of datagrams arrive in order and complete while the receiver reads", async () => {
    await using pair = await openPair();
    const sent = Array.from({ length: 640 }, (_, number) => pattern(16 + number % 90, number));
    const received: Uint8Array[] = [];
    let wake = () => {};
    const receiving = (async () => {
      while (received.length < sent.length) {
        received.push(...await receiveAll(pair.a, 1));
        wake();
      }
    })();
    for (let start = 0; start < sent.length; start += 64) {
      // Two batches are on their way at most, far less than a socket's receive buffer holds.
      while (received.length < start - 64) await new Promise<void>((resolve) => wake = resolve);
      assertEquals(await pair.b.send(sent.slice(start, start + 64)), 64);
    }
    await receiving;
    assertEquals(received, sent);
  });

  test("receive() takes no more datagrams than it is asked for, and leaves the others for the next call", async () => {
    await using pair = await openPair();
    const sent = Array.from({ length: 8 }, (_, number) => pattern(number + 1, number));
    const sending = pair.b.send(sent);
    const received: Uint8Array[] = [];
    for (const limit of [1, 2, 1, 3, 2, 2, 2, 2, 2]) {
      if (received.length === sent.length) break;
      const datagrams = await pair.a.receive(Math.min(limit, sent.length - received.length));
      assert(datagrams.length <= limit, `${datagrams.length} datagrams instead of ${limit}`);
      received.push(...datagrams.map((datagram) => datagram.slice()));
    }
    assertEquals(received, sent.slice(0, received.length));
    assertEquals([...received, ...await receiveAll(pair.a, sent.length - received.length)], sent);
    await sending;
  });

  test("overlapping calls of receive() get their datagrams in the order of the calls, each one once", async () => {
    await using pair = await openPair();
    const receiving = Array.from({ length: 3 }, () => pair.a.receive(1));
    const sent = Array.from({ length: 3 }, (_, number) => pattern(number + 1, number));
    for (const datagram of sent) await pair.b.send([datagram]);
    // All at once, so that a list or a datagram that is used again would show.
    assertEquals((await Promise.all(receiving)).map((list) => [...list]), sent.map((datagram) => [datagram]));
    await pair.b.send([pattern(9)]);
    assertEquals(await pair.a.receive(), [pattern(9)]);
  });

  test("overlapping calls of receive() all end when the transport is closed", async () => {
    await using pair = await openPair();
    const receiving = Array.from({ length: 3 }, () => pair.a.receive());
    pair.a.close();
    assertEquals(await Promise.all(receiving), [[], [], []]);
  });

  test("receive() refuses a limit that is not a whole number of 1 or more, and goes on", async () => {
    await using pair = await openPair();
    for (const limit of [0, -1, 0.5, NaN, -Infinity, 2 ** 53]) {
      const error = await assertRejects(() => pair.a.receive(limit), RangeError);
      assertEquals(error.message, `Cannot use ${limit} as the limit: expected a whole number of 1 or more`);
    }
    await pair.b.send([pattern(1)]);
    assertEquals(await pair.a.receive(Infinity), [pattern(1)]);
  });

  test("closed resolves without a reason when close() ends the transport, and not before", async () => {
    await using pair = await openPair();
    const ended = pair.a.closed.then((reason) => ({ reason }));
    assertEquals(await Promise.race([ended, Promise.resolve("open")]), "open");
    pair.a.close();
    assertEquals(await ended, { reason: undefined });
  });
}

/** Defines the tests of a transport. */
export function testTransport(kit: TransportKit): void {
  const { name, open, newAddress, noticesAbsence, ignore = false } = kit;
  const test = (words: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name}: ${words}`, ignore, timeout: timeLimit, fn });
  testExchange({ name, openPair: () => openPair(kit), ignore });

  test("close() may be called again, and the address is free after it", async () => {
    const first = await open({ local: newAddress() });
    first.close();
    first.close();
    using second = await open({ local: first.local });
    first.close();
    using sender = await open({ local: newAddress(), remote: second.local });
    await sender.send([pattern(5)]);
    assertEquals(await receiveAll(second, 1), [pattern(5)]);
  });

  test("open() names an address that is in use", async () => {
    using first = await open({ local: newAddress() });
    await assertRejects(
      () => open({ local: first.local }),
      Deno.errors.AddrInUse,
      `Cannot open ${first.local}: `,
    );
    assertEquals(await first.ready(), undefined);
  });

  test("datagrams from others than the remote are counted and reported, not delivered", async () => {
    const ignored: string[] = [];
    await using pair = await openPair(kit, { onIgnored: (from) => ignored.push(from) });
    using other = await open({ local: newAddress(), remote: pair.a.local });
    await other.send([pattern(1), pattern(2)]);
    await pair.b.send([pattern(3)]);
    assertEquals(await receiveAll(pair.a, 1), [pattern(3)]);
    assertEquals(pair.a.stats().ignored, 2);
    assertEquals(ignored, [other.local, other.local]);
    assertEquals(pair.b.stats().ignored, 0);
  });

  test("sourceOf() tells where each datagram came from that receive() returned last", async () => {
    await using pair = await openPair(kit, { anySource: true });
    using other = await open({ local: newAddress(), remote: pair.a.local });
    const senders = [pair.b, other, other, pair.b, other];
    for (const [number, sender] of senders.entries()) await sender.send([pattern(2, number)]);
    const sources: (string | undefined)[] = [];
    while (sources.length < senders.length) {
      const { length } = await pair.a.receive();
      for (let index = 0; index < length; index++) sources.push(pair.a.sourceOf?.(index));
    }
    assertEquals(sources, senders.map(({ local }) => local));
  });

  test("an onIgnored() that closes the transport ends receive()", async () => {
    await using pair = await openPair(kit, { onIgnored: () => pair.a.close() });
    using other = await open({ local: newAddress(), remote: pair.a.local });
    await other.send([pattern(1)]);
    assertEquals(await pair.a.receive(), []);
  });

  test("anySource delivers datagrams from others, too", async () => {
    await using pair = await openPair(kit, { anySource: true });
    using other = await open({ local: newAddress(), remote: pair.a.local });
    await other.send([pattern(1)]);
    await pair.b.send([pattern(2)]);
    assertEquals(await receiveAll(pair.a, 2), [pattern(1), pattern(2)]);
    assertEquals(pair.a.stats().ignored, 0);
  });

  test("without a remote everything is received and nothing can be sent", async () => {
    using alone = await open({ local: newAddress() });
    assertStrictEquals(alone.remote, undefined);
    using sender = await open({ local: newAddress(), remote: alone.local });
    await sender.send([pattern(4)]);
    assertEquals(await receiveAll(alone, 1), [pattern(4)]);
    assertEquals(alone.stats().ignored, 0);
    await assertRejects(
      () => alone.send([pattern(1)]),
      TypeError,
      `Cannot send from ${alone.local}: no remote address is set`,
    );
  });

  test("setRemote() changes where datagrams go to and come from", async () => {
    await using pair = await openPair(kit);
    using other = await open({ local: newAddress(), remote: pair.a.local });
    await pair.a.setRemote(other.local);
    assertEquals(pair.a.remote, other.local);
    await pair.b.send([pattern(1)]);
    await other.send([pattern(2)]);
    assertEquals(await receiveAll(pair.a, 1), [pattern(2)]);
    assertEquals(pair.a.stats().ignored, 1);
    await pair.a.send([pattern(3)]);
    assertEquals(await receiveAll(other, 1), [pattern(3)]);
  });

  test("setRemote() rejects an address that cannot be read, and keeps the one before", async () => {
    await using pair = await openPair(kit);
    await assertRejects(() => pair.a.setRemote(""), SyntaxError, `Cannot parse "" as`);
    assertEquals(pair.a.remote, pair.b.local);
    await pair.a.send([pattern(3)]);
    assertEquals(await receiveAll(pair.b, 1), [pattern(3)]);
  });

  test(`send() to nobody takes ${noticesAbsence ? "nothing" : "everything"}, and the socket stays usable`, async () => {
    await using pair = await openPair(kit);
    pair.a.close();
    for (let round = 0; round < 3; round++) {
      assertEquals(await pair.b.send([pattern(1), pattern(2)]), noticesAbsence ? 0 : 2);
    }
    // Another test that runs at the same time may have been given the port.
    using back = await open({ local: pair.a.local, remote: pair.b.local }).catch(async (error) => {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      const other = await open({ local: newAddress(), remote: pair.b.local });
      await pair.b.setRemote(other.local);
      return other;
    });
    assertEquals(await pair.b.send([pattern(6)]), 1);
    assertEquals(await receiveAll(back, 1), [pattern(6)]);
    assertEquals(await back.send([pattern(7)]), 1);
    assertEquals(await receiveAll(pair.b, 1), [pattern(7)]);
  });

  test("ready() resolves without a wait where the remote is there, or where there is none", async () => {
    await using pair = await openPair(kit);
    using alone = await open({ local: newAddress() });
    for (const transport of [pair.a, pair.b, alone]) {
      await transport.ready({ onWait: () => assert(false, "there was something to wait for") });
    }
  });

  test("ready() rejects with the reason of a signal that has come already", async () => {
    await using pair = await openPair(kit);
    await assertRejects(() => pair.a.ready({ signal: AbortSignal.abort() }), DOMException, "aborted");
    await assertRejects(() => pair.a.ready({ signal: AbortSignal.abort(new RangeError("mine")) }), RangeError, "mine");
  });
}
