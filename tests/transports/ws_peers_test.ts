/**
 * Clients of a WebSocket server that come and go, do not read, or ask for other formats: each is on its own, and none leaves
 * anything behind. `WS_PEERS` is the number of clients that come and go; `deno task check-peers` takes 20,000.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Client, connect, TimeoutError } from "@villas/client";
import { timeLimit } from "../_time_limits.ts";

const visits = Number(Deno.env.get("WS_PEERS") ?? 60);

/** The longest time that a test waits for something, in milliseconds. */
const patience = 20_000;

const formats = ["json", "protobuf", "villas.binary", "villas.human", "csv"];

/** Declares a test that fails where it waits for ever. */
function test(name: string, fn: () => Promise<void>, timeout: number = timeLimit): void {
  Deno.test({ name, timeout, fn });
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!condition()) {
    assert(performance.now() < end, `${what}: not within ${patience / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Opens a socket of the runtime to a format of a server, and waits until it is open. */
async function open(server: Client, format: string): Promise<WebSocket> {
  const socket = new WebSocket(server.local.replace(/[^/]*$/, `lab.${format}`), "live");
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`cannot connect for ${format}`));
  });
  return socket;
}

/** Shakes hands for a format and reads nothing after that. */
async function openSlow(server: Client, format: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(server.local);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new TextEncoder().encode(
    `GET /lab.${format} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: live\r\n\r\n",
  ));
  await conn.read(new Uint8Array(1000));
  return conn;
}

const peersOf = (server: Client) => server.stats().link?.peers;

test("a client that does not read its format delays nobody of another format, and loses its own messages only", async () => {
  await using server = await connect({ local: "ws://127.0.0.1:0/lab.protobuf", signals: "1000f" });
  using _slow = await openSlow(server, "json");
  const quick = await open(server, "villas.binary");
  await until(() => peersOf(server) === 2, "two clients");
  let received = 0;
  quick.onmessage = () => received++;
  const values = Array.from({ length: 1000 }, (_, index) => index / 7);
  const count = 1600;
  for (let number = 0; number < count; number++) {
    await server.send({ sequence: BigInt(number), values });
    // The quick one is never far behind: the slow one does not hold it up.
    if (number % 50 === 49) await until(() => received > number - 200, `message ${number}`);
  }
  await until(() => received === count, `${count} messages`);
  const { droppedBySlowPeers = 0, droppedByFormat } = server.stats().link ?? {};
  assert(droppedBySlowPeers > 100 && droppedBySlowPeers < count, `${droppedBySlowPeers} were dropped`);
  assertEquals(droppedByFormat, 0);
  quick.close();
});

test("too long a message ends the client that sent it, and no other one of its format", async () => {
  await using server = await connect({ local: "ws://127.0.0.1:0/lab", signals: "f" });
  const [bad, good] = [await open(server, "json"), await open(server, "json")];
  const ended = new Promise<CloseEvent>((resolve) => bad.onclose = resolve);
  bad.send(" ".repeat(1024 * 1024 + 1));
  assertEquals((await ended).code, 1009);
  good.send('[{"sequence": 1, "data": [2.5]}]');
  const [[sample] = []] = await server.receive({ timeout: patience / 1000 });
  assertEquals(sample?.values, [2.5]);
  good.close();
});

test("no more than 256 clients are let in at a time, whatever their formats", async () => {
  await using server = await connect({ local: "ws://127.0.0.1:0/lab", signals: "f" });
  const sockets: WebSocket[] = [];
  for (let number = 0; number < 256; number++) sockets.push(await open(server, formats[number % formats.length] ?? ""));
  await until(() => peersOf(server) === 256, "256 clients");
  const refused = new WebSocket(server.local.replace(/[^/]*$/, "lab.json"), "live");
  await new Promise((resolve) => refused.onerror = resolve);
  for (const socket of sockets) socket.close();
  await until(() => peersOf(server) === 0, "all have left");
  const again = await open(server, "csv");
  again.close();
});

test("clients of all formats that come and go leave nothing behind", async () => {
  await using server = await connect({ local: "ws://127.0.0.1:0/lab", signals: "2f" });
  const finished = new AbortController();
  let received = 0;
  const receiving = (async () => {
    try {
      for (;;) received += (await server.receive({ signal: finished.signal })).flat().length;
    } catch (error) {
      if (!finished.signal.aborted || error instanceof TimeoutError) throw error;
    }
  })();
  let number = 0;
  const sending = setInterval(() => void server.send({ sequence: BigInt(number++), values: [1.5, 2.5] }), 5);
  const memory: number[] = [];
  try {
    for (let visit = 0; visit < visits; visit++) {
      const format = formats[visit % formats.length] ?? "";
      const socket = await open(server, format);
      const first = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
      const timer = setTimeout(() => socket.close(), patience);
      socket.send(await first as string | ArrayBuffer); // back to where it came from
      await until(() => received > visit, `the message of client ${visit}`);
      clearTimeout(timer);
      socket.close();
      if (visit % Math.max(1, Math.floor(visits / 20)) === 0) memory.push(await settledMemory());
    }
    await until(() => peersOf(server) === 0, "all have left");
    assertEquals(received, visits);
    assertEquals(server.counters.received.refused, 0);
    // Once all formats have been loaded, memory stays where it is; the collector does not run at the same point each time.
    const [early = 0, late = 0] = [memory.slice(5, 10), memory.slice(-5)].map((part) => Math.min(...part));
    const perVisit = (late - early) / (visits * 0.6);
    if (visits >= 2000) console.log(`memory: ${memory.join(", ")} MB, ${(perVisit * 1e6).toFixed(0)} bytes per client`);
    assert(late - early < 16, `memory has grown by ${late - early} MB: ${memory.join(", ")}`);
  } finally {
    clearInterval(sending);
    finished.abort();
    await receiving;
  }
}, timeLimit + visits * 200);

/** Returns the heap and the buffers of this process, in MB, after a moment in which the collector may run. */
async function settledMemory(): Promise<number> {
  (globalThis as { gc?: () => void }).gc?.();
  await new Promise((resolve) => setTimeout(resolve, 0));
  const { heapUsed, external } = Deno.memoryUsage();
  return Math.round((heapUsed + external) / 1e5) / 10;
}
