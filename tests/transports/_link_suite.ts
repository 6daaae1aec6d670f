/**
 * Promises of every link, tested the same way for each protocol: with a server that is not there yet, restarts, stalls,
 * and does not read.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConnectionOptions, LinkState, Transport } from "@villas/client/transports";
import { findFreePort } from "../_ports.ts";
import { TcpRelay } from "../_tcp_relay.ts";
import { timeLimit } from "../_time_limits.ts";
import { pattern } from "./contract.ts";

/** The other end of a link, which tests control. */
export interface LinkServer extends AsyncDisposable {
  /** Its port on the loopback. */
  readonly port: number;
  /** Messages that have arrived from all clients. */
  readonly received: Uint8Array[];
  /** Number of clients that are connected. */
  readonly clients: number;
  /** Waits for a condition that may come true when a message or a client comes. */
  waitFor(condition: () => boolean): Promise<void>;
  /** Sends a message to all clients. */
  send(message: Uint8Array): Promise<void>;
  /** Reads nothing until {@linkcode resume}. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
}

/** Parameters of the suite. */
export interface LinkKit {
  /** The driver, as test names have it. */
  readonly name: string;
  /** Opens a link to a port of the loopback. */
  open(port: number, options?: ConnectionOptions): Promise<Transport> | Transport;
  /** Starts a server; port 0 takes a free one. */
  serve(port?: number): Promise<LinkServer> | LinkServer;
  /** True if the server can stop to read, so that the connection fills up. */
  readonly canPause: boolean;
  /** True if the machine lacks what it takes to run. */
  readonly ignore?: boolean;
  /** True if nothing is lost with a connection, and what was not confirmed is sent again, which may make copies. */
  readonly sendsAgain?: boolean;
  /** Takes the tests; default: `Deno.test`. */
  readonly define?: (test: { name: string; ignore: boolean; timeout: number; fn: () => Promise<void> }) => void;
}

/** Closes a transport and waits for its end. */
async function end(transport: Transport): Promise<void> {
  transport.close();
  await transport.closed;
}

function linkOf(transport: Transport) {
  const { link } = transport.stats();
  assert(link !== undefined);
  return link;
}

/** Defines the tests of a link. */
export function testLink(kit: LinkKit): void {
  const { name, ignore = false } = kit;
  const test = (words: string, fn: () => Promise<void>, isIgnored = ignore) =>
    (kit.define ?? Deno.test)({ name: `${name}: ${words}`, ignore: isIgnored, timeout: timeLimit, fn });

  test("messages go both ways, in order and as they were", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    await link.ready();
    const sent = Array.from({ length: 50 }, (_, number) => pattern(1 + number * 13, number));
    assertEquals(await link.send(sent), 50);
    await server.waitFor(() => server.received.length === 50);
    assertEquals(server.received, sent);
    for (const message of sent.slice(0, 5)) await server.send(message);
    const back: Uint8Array[] = [];
    while (back.length < 5) back.push(...await link.receive());
    assertEquals(back, sent.slice(0, 5));
    await end(link);
    assertEquals(linkOf(link).losses, 0);
  });

  test("a server that is not there yet gets what was sent before it came; each change of state is said once", async () => {
    const port = findFreePort();
    const states: LinkState[] = [];
    const down = Promise.withResolvers<void>();
    const link = await kit.open(port, {
      onStateChange(state) {
        states.push(state);
        if (!state.isUp) down.resolve();
      },
    });
    const sent = Array.from({ length: 10 }, (_, number) => pattern(20, number));
    assertEquals(await link.send(sent), 10);
    await down.promise;
    await using server = await kit.serve(port);
    await link.ready();
    await server.waitFor(() => server.received.length === 10);
    assertEquals(server.received, sent);
    await end(link);
    assertEquals(states.map(({ isUp }) => isUp), [false, true]);
    assertEquals([linkOf(link).connects, linkOf(link).losses, linkOf(link).unsent], [1, 0, 0]);
  });

  test("a server that restarts is connected again, and what was sent meanwhile arrives in order", async () => {
    const states: LinkState[] = [];
    let server = await kit.serve();
    const { port } = server;
    const isDown = Promise.withResolvers<void>();
    const link = await kit.open(port, {
      onStateChange(state) {
        states.push(state);
        if (!state.isUp) isDown.resolve();
      },
    });
    await link.ready();
    await link.send([pattern(8, 1)]);
    await server.waitFor(() => server.received.length === 1);
    await server[Symbol.asyncDispose]();
    await isDown.promise;
    const meanwhile = Array.from({ length: 20 }, (_, number) => pattern(30, number));
    assertEquals(await link.send(meanwhile), 20);
    server = await kit.serve(port);
    // The first message comes again where its confirmation was lost with the server.
    const news = () => server.received.filter(({ length }) => !kit.sendsAgain || length !== 8);
    await server.waitFor(() => news().length >= 20);
    assertEquals(news(), meanwhile);
    await end(link);
    await server[Symbol.asyncDispose]();
    assertEquals(states.map(({ isUp }) => isUp), [true, false, true]);
    assertEquals([linkOf(link).connects, linkOf(link).losses, linkOf(link).droppedWhileDown], [2, 1, 0]);
  });

  for (const whenDown of ["drop-oldest", "drop-newest"] as const) {
    test(`while down, ${whenDown} keeps 1024 messages and counts the others`, async () => {
      const port = findFreePort();
      const link = await kit.open(port, { whenDown });
      const sent = Array.from({ length: 1100 }, (_, number) => Uint8Array.of(1, number >> 8, number & 255));
      assertEquals(await link.send(sent), 1100);
      assertEquals(linkOf(link).droppedWhileDown, 76);
      await using server = await kit.serve(port);
      await server.waitFor(() => server.received.length === 1024);
      assertEquals(server.received, whenDown === "drop-oldest" ? sent.slice(76) : sent.slice(0, 1024));
      await end(link);
      assertEquals([linkOf(link).droppedWhileDown, linkOf(link).unsent], [76, 0]);
    });
  }

  test("with fail, a server that is not there ends the link with the reason", async () => {
    const link = await kit.open(findFreePort(), { whenDown: "fail" });
    const reason = await link.closed;
    assert(reason !== undefined && reason.message.startsWith(`Cannot connect to ${link.remote}: `), String(reason));
    assertEquals(await link.receive(), []);
    assertEquals(await link.send([pattern(3)]), 0);
    await link.ready();
  });

  test("with fail, a connection that is lost ends the link with the reason", async () => {
    const server = await kit.serve();
    const link = await kit.open(server.port, { whenDown: "fail" });
    await link.ready();
    await server.waitFor(() => server.clients > 0);
    await server.send(pattern(5));
    assertEquals(await link.receive(), [pattern(5)]);
    await server[Symbol.asyncDispose]();
    const reason = await link.closed;
    assert(
      reason !== undefined && reason.message.startsWith(`Lost the connection to ${link.remote}: `),
      String(reason),
    );
    assertEquals(await link.receive(), []);
  });

  test("a server that does not read lets send() wait, and gets everything when it reads again", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    await link.ready();
    server.pause();
    const sent = Array.from({ length: 400 }, (_, number) => new Uint8Array(60_000).fill(number));
    let taken = 0;
    const sending = (async () => {
      for (const message of sent) taken += await link.send([message]);
    })();
    // It takes a while until all buffers on the way are full: until nothing was taken for a moment.
    for (let before = -1; before !== taken || taken === 0;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(taken < sent.length, "everything was taken although nobody reads");
    server.resume();
    await sending;
    await server.waitFor(() => server.received.length === sent.length);
    assertEquals(
      server.received.map((message) => [message.length, message.at(-1)]),
      sent.map(([byte]) => [60_000, byte]),
    );
    assertEquals(linkOf(link).droppedWhileDown, 0);
    await end(link);
  }, ignore || !kit.canPause);

  test("a link that stalls closes within 2 s although send() waits", async () => {
    await using server = await kit.serve();
    await using relay = new TcpRelay(server.port);
    const link = await kit.open(relay.port);
    await link.ready();
    relay.stall();
    let taken = 0;
    const sending = (async () => {
      for (let number = 0; number < 2000; number++) {
        const count = await link.send([new Uint8Array(60_000).fill(number)]);
        if (count === 0) break;
        taken += count;
      }
    })();
    for (let before = -1; before !== taken;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(taken < 2000, "everything was taken although nothing is relayed");
    const started = performance.now();
    await end(link);
    assert(performance.now() - started < 2500, "closing took too long");
    await sending;
  });

  test("a connection that is cut again and again delivers in order, once each, and counts every loss", async () => {
    await using server = await kit.serve();
    await using relay = new TcpRelay(server.port);
    let losses = 0;
    let wake = () => {};
    const link = await kit.open(relay.port, {
      onStateChange({ isUp }) {
        if (!isUp) losses++;
        wake();
      },
    });
    await link.ready();
    let next = 0;
    const sendSome = async () => {
      const messages = Array.from({ length: 25 }, () => Uint8Array.of(next >> 8, next++ & 255));
      assertEquals(await link.send(messages), 25);
    };
    const numbers = () => server.received.map(([high = 0, low = 0]) => high * 256 + low);
    for (let round = 1; round <= 3; round++) {
      await sendSome();
      const last = next - 1;
      await server.waitFor(() => numbers().includes(last));
      await sendSome();
      relay.cut();
      while (losses < round) await new Promise<void>((resolve) => wake = resolve);
      await sendSome();
      await link.ready();
    }
    await sendSome();
    await end(link);
    const last = next - 1;
    await server.waitFor(() => numbers().includes(last));
    const arrived = kit.sendsAgain ? [...new Set(numbers())] : numbers();
    assertEquals(arrived, [...new Set(arrived)].sort((a, b) => a - b));
    if (kit.sendsAgain) assertEquals(arrived.length, next);
    // What was on its way when the connection was cut is lost; nothing else is.
    assert(arrived.length >= next - 3 * 25, `${arrived.length} of ${next}`);
    assertEquals(linkOf(link).losses, 3);
  });

  test("messages that nobody receives are dropped, the oldest first, and counted", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    await link.ready();
    await server.waitFor(() => server.clients > 0);
    for (let number = 0; number < 1100; number++) await server.send(Uint8Array.of(number >> 8, number & 255));
    while (linkOf(link).droppedUnread < 76) await new Promise((resolve) => setTimeout(resolve, 5));
    const received = await link.receive();
    assertEquals([received.length, received[0], linkOf(link).droppedUnread], [1024, Uint8Array.of(0, 76), 76]);
    await end(link);
  });

  test("send() refuses a message that is too long, with all of its batch", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    await link.ready();
    const { maximumLength } = link;
    await assertRejects(
      () => link.send([pattern(1), new Uint8Array(maximumLength + 1)]),
      RangeError,
      `Cannot send a message of ${
        maximumLength + 1
      } bytes to ${link.remote}: a message has at most ${maximumLength} bytes`,
    );
    await link.send([pattern(2)]);
    await server.waitFor(() => server.received.length > 0);
    assertEquals(server.received, [pattern(2)]);
    await end(link);
  });

  test("close() at once, while connecting, counts what was not sent", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    const sending = link.send([pattern(1), pattern(2)]);
    link.close();
    link.close();
    assertEquals(await link.closed, undefined);
    const taken = await sending;
    const { unsent, connects } = linkOf(link);
    assertEquals(connects === 0 ? unsent : 0, connects === 0 ? taken : 0);
    assertEquals(await link.receive(), []);
    assertEquals(await link.send([pattern(1)]), 0);
  });

  test("close() while nobody is there, between two attempts, ends at once", async () => {
    const down = Promise.withResolvers<void>();
    const link = await kit.open(findFreePort(), { onStateChange: () => down.resolve() });
    await down.promise;
    const waiting = link.ready();
    const receiving = link.receive();
    await link.send([pattern(1)]);
    const started = performance.now();
    await end(link);
    assert(performance.now() - started < 1000);
    await waiting;
    assertEquals(await receiving, []);
    assertEquals(linkOf(link).unsent, 1);
  });

  test("close() right after send() delivers what was sent", async () => {
    await using server = await kit.serve();
    const link = await kit.open(server.port);
    await link.ready();
    const sent = Array.from({ length: 200 }, (_, number) => pattern(2000, number));
    assertEquals(await link.send(sent), 200);
    await end(link);
    await server.waitFor(() => server.received.length === 200);
    assertEquals(server.received, sent);
    assertEquals(linkOf(link).unsent, 0);
  });

  test("close() right after the connection was made delivers what had waited for it", async () => {
    const port = findFreePort();
    const link = await kit.open(port);
    const sent = Array.from({ length: 300 }, (_, number) => pattern(500, number));
    await link.send(sent);
    await using server = await kit.serve(port);
    await link.ready();
    await end(link);
    await server.waitFor(() => server.received.length === 300);
    assertEquals(server.received, sent);
  });

  test("close() while a connection is lost delivers what has waited, where the server is back in time", async () => {
    const down = Promise.withResolvers<void>();
    const first = await kit.serve();
    const { port } = first;
    const link = await kit.open(port, { onStateChange: ({ isUp }) => isUp || down.resolve() });
    await link.ready();
    await first[Symbol.asyncDispose]();
    await down.promise;
    const sent = Array.from({ length: 10 }, (_, number) => pattern(30, number));
    assertEquals(await link.send(sent), 10);
    link.close();
    await using server = await kit.serve(port);
    await link.closed;
    assertEquals(linkOf(link).unsent, 0);
    await server.waitFor(() => server.received.length === 10);
    assertEquals(server.received, sent);
  });

  test("ready() rejects with the reason of a signal that ends the wait", async () => {
    const link = await kit.open(findFreePort());
    const controller = new AbortController();
    let waits = 0;
    const waiting = link.ready({ signal: controller.signal, onWait: () => waits++ });
    controller.abort(new RangeError("mine"));
    await assertRejects(() => waiting, RangeError, "mine");
    assertEquals(waits, 1);
    await assertRejects(() => link.ready({ signal: AbortSignal.abort() }), DOMException, "aborted");
    await end(link);
  });
}
