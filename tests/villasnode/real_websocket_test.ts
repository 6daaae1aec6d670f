/**
 * WebSockets with a real VILLASnode and its relay: as the client of a node, as the server that a node connects to, and
 * between two clients of ours.
 *
 * The node is the one that the environment variable VILLAS_NODE names, the relay the one beside it; without it the tests
 * are ignored.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect, type ConnectOptions, type Sample } from "@villas/client";
import { findFreePort } from "../_ports.ts";
import { spawn } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test WebSockets with");
const relay = node?.replace(/villas-node$/, "villas-relay");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 90_000;

/** Starts a VILLASnode whose API has a port of its own. */
async function startNode(nodes: Record<string, unknown>, paths: unknown[]) {
  const port = findFreePort();
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const config = { hugepages: 0, http: { enabled: true, port }, stats: 0, nodes, paths };
  await Deno.writeTextFile(file, JSON.stringify(config));
  await Deno.chmod(file, 0o644); // VILLASnode may run as another user
  const running = spawn(node ?? "", ["-d", "debug", file]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  return {
    port,
    running,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await running[Symbol.asyncDispose]();
      await Deno.remove(file);
    },
  };
}

const signals = "fib2f";
const realNode = { type: "websocket", in: { signals } };

/** Samples that fit the node, the first with the number 0. */
function makeSamples(count: number, types: string): Sample[] {
  const value = (type: string, number: number) =>
    type === "i" ? BigInt(number) : type === "b" ? number % 2 > 0 : number / 4;
  return Array.from({ length: count }, (_, number) => ({
    sequence: BigInt(number),
    tsOrigin: { sec: 1_700_000_000, nsec: number * 1_000_000 },
    values: [...types].map((type, index) => value(type, number + index)),
  }));
}

/** Leaves out what the node adds. */
function comparable({ sequence, tsOrigin, values }: Sample) {
  return { sequence, tsOrigin, values };
}

/**
 * Sends samples to a node that sends back what it gets, and returns what comes back: message by message, because text of
 * more than 4080 bytes, which it would send where many samples wait, is damaged.
 */
async function exchange(options: ConnectOptions, samples: Sample[], each = 1): Promise<Sample[]> {
  const errors: string[] = [];
  await using client = await connect({ ...options, onDecodeError: ({ message }) => errors.push(message) });
  await client.ready();
  const received: Sample[] = [];
  for (let start = 0; start < samples.length; start += each) {
    await client.send(samples.slice(start, start + each));
    while (received.length < start + each) received.push(...(await client.receive({ timeout: 10 })).flat());
  }
  assertEquals(errors, []);
  return received;
}

/** Formats of the node, with types that each of them carries. */
const formats: readonly (readonly [string, string])[] = [
  ["villas.web", "fffff"],
  ["villas.binary", "fffff"],
  ["protobuf", "fibff"],
  ["json", "fibff"],
  ["json.kafka", "fibff"],
  ["villas.human", "fibff"],
];

Deno.test("a websocket node of VILLASnode sends back what it gets, in each format", { ignore: !node }, async () => {
  const nodes: Record<string, unknown> = { mixed: realNode, floats: { type: "websocket", in: { signals: "5f" } } };
  await using villas = await startNode(nodes, [{ in: "mixed", out: "mixed" }, { in: "floats", out: "floats" }]);
  await villas.running.expectError(/Starting path (?:mixed[^]*Starting path floats|floats[^]*Starting path mixed)/);
  for (const [format, types] of formats) {
    const name = types === "fffff" ? "floats" : "mixed";
    const link = { remote: `ws://127.0.0.1:${villas.port}/${name}`, format, signals: [...types].join("") };
    for (const each of format === "json.kafka" ? [1, 4] : [1, 20]) {
      const samples = makeSamples(60, types);
      const received = await exchange(link, samples, each);
      assertEquals(received.map(comparable), samples.map(comparable), format);
    }
  }
});

Deno.test(
  "a websocket node is taken by its path's ending, and refused where it cannot be",
  { ignore: !node },
  async () => {
    const nodes = { mixed: realNode, other: { type: "loopback" } };
    await using villas = await startNode(nodes, [{ in: "mixed", out: "mixed" }]);
    await villas.running.expectError(/Starting path mixed/);
    const at = (path: string) => `ws://127.0.0.1:${villas.port}/${path}`;
    const samples = makeSamples(3, signals.replace("2f", "ff"));
    assertEquals((await exchange({ remote: at("mixed.json"), signals }, samples)).length, 3);
    for (
      const [path, reason] of [
        ["nobody.json", "its VILLASnode does not have a node nobody"],
        ["other.json", "its node other is of type loopback, not websocket"],
      ]
    ) {
      const client = await connect({ remote: at(path ?? "") });
      assertStringIncludes((await client.closed)?.message ?? "", reason ?? "");
    }
    // It has survived all of that.
    assertEquals((await exchange({ remote: at("mixed.protobuf"), signals }, samples)).length, 3);
  },
);

Deno.test("a websocket node that is stopped is waited for, and connected when it runs", { ignore: !node }, async () => {
  // Nodes without a path are not started; one that feeds a path must not be stopped before it.
  const nodes = { mixed: realNode, silent: { type: "loopback", in: { signals } } };
  await using villas = await startNode(nodes, [{ in: "silent", out: "mixed" }]);
  await villas.running.expectError(/Starting path silent/);
  const api = `http://127.0.0.1:${villas.port}/api/v2/node/mixed`;
  const states: string[] = [];
  const up = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const down = Promise.withResolvers<void>();
  await using client = await connect({
    remote: `ws://127.0.0.1:${villas.port}/mixed.protobuf`,
    signals,
    onStateChange(state) {
      states.push(state.isUp ? "up" : state.reason);
      if (state.isUp) (up.shift() ?? down).resolve();
      else down.resolve();
    },
  });
  const [first, second] = up.map(({ promise }) => promise);
  await first;
  const act = async (action: string) => {
    await new Promise((resolve) => setTimeout(resolve, 300)); // between two requests, as its API needs
    // Its answer may be lost; what it does shows.
    await fetch(`${api}/${action}`, { method: "POST" }).then((response) => response.text(), () => {});
  };
  await act("stop");
  await down.promise;
  await act("start");
  await second;
  client.close();
  assertEquals(states[0], "up");
  assertEquals(states[1], "it closed the connection (1001 Node stopped)");
  assertEquals(states.at(-1), "up");
});

Deno.test("a websocket node with destinations connects to a server of ours", { ignore: !node }, async () => {
  const port = findFreePort();
  const notices: string[] = [];
  const server = await connect({
    local: `ws://127.0.0.1:${port}/lab.protobuf`,
    signals: { in: signals, out: signals },
    onNotice: (notice) => notices.push(notice),
  });
  const nodes = { lab: { ...realNode, destinations: [`ws://127.0.0.1:${port}/lab.protobuf`] } };
  await using villas = await startNode(nodes, [{ in: "lab", out: "lab" }]);
  await villas.running.expectError(/Starting path lab/);
  // Its handshake waits until something wakes its web thread.
  await (await fetch(`http://127.0.0.1:${villas.port}/api/v2/status`)).text();
  await server.ready();
  assertEquals(server.stats().link?.peers, 1);
  const samples = makeSamples(50, "fibff");
  for (const sample of samples) await server.send(sample);
  const received: Sample[] = [];
  while (received.length < 50) received.push(...(await server.receive({ timeout: 10 })).flat());
  assertEquals(received.map(comparable), samples.map(comparable));
  villas.running.kill("SIGINT");
  await villas.running.finish();
  while (server.stats().link?.peers !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert(/will not come back by itself/.test(notices[0] ?? ""), String(notices));
  server.close();
  await server.closed;
});

Deno.test(
  "villas-relay passes messages between clients of ours, in either kind of frame",
  { ignore: !node },
  async () => {
    const port = findFreePort();
    await using running = spawn(relay ?? "", ["-p", String(port), "-d", "debug"]);
    const timer = setTimeout(() => running.kill("SIGKILL"), patience);
    try {
      const remote = `ws://127.0.0.1:${port}/session`;
      const samples = makeSamples(50, "fibff");
      for (const format of ["json", "protobuf"]) {
        await using a = await connect({ remote, format, signals, check: false });
        await using b = await connect({ remote, format, signals, check: false });
        await Promise.all([a.ready(), b.ready()]);
        // It says nothing when a client has joined the session: the other end hears it by what comes.
        let received: Sample[] = [];
        const hearing = (async () => {
          while (received.length < 50) received.push(...(await b.receive({ timeout: 10 })).flat());
        })();
        for (const sample of samples) await a.send(sample);
        await hearing;
        assertEquals(received.map(({ values }) => values), samples.map(({ values }) => values), format);
        received = [];
        const back = (async () => {
          while (received.length < 50) received.push(...(await a.receive({ timeout: 10 })).flat());
        })();
        for (const sample of samples) await b.send(sample);
        await back;
        assertEquals(received.map(({ values }) => values), samples.map(({ values }) => values), format);
        // Its API is another one, so that a client which asks it is told the way out.
        const asking = await connect({ remote, format, signals });
        assertStringIncludes((await asking.closed)?.message ?? "", "--no-check");
      }
    } finally {
      clearTimeout(timer);
    }
  },
);
