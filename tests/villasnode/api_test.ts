import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  clientSettingsForRunningNode,
  findActionRisk,
  type NodeAction,
  NodeApiError,
  openNodeApi,
  type RunningNode,
} from "@villas/client/villasnode";
import { InputError } from "@villas/client/system";
import { answer, recorded, recordedAnswers, serveApi } from "./_api_server.ts";

const answers = await recordedAnswers();

/** Chooses among answers by the line of the request. */
function choosing(table: Readonly<Record<string, string | undefined>>) {
  return ({ line }: { line: string }) => Object.hasOwn(table, line) ? table[line] : answer('{"error": "Unknown"}', 400);
}

Deno.test("NodeApi reads what a real VILLASnode 1.2.0 answered", async () => {
  await using server = serveApi(choosing(answers));
  const api = openNodeApi(server.url);
  assertEquals((await api.status()).version, "1.2.0");
  const nodes = await api.nodes();
  assertEquals(nodes.map(({ name, type, state }) => [name, type, state]), [
    ["gen", "signal.v2", "running"],
    ["sink", "file", "running"],
  ]);
  assertEquals(nodes[0]?.stats?.gap_received?.total, 68);
  const paths = await api.paths();
  assertEquals(paths.map((path) => [path.in, path.out, path.hasHooks]), [
    [["src"], ["udp"], false],
    [["udp"], [], true],
    [["gen"], [], false],
  ]);
});

Deno.test("NodeApi sends one request at a time, 200 ms after the last answer", async () => {
  await using server = serveApi(choosing(answers));
  const api = openNodeApi(server.url);
  await Promise.all([api.status(), api.paths(), api.activeConfig()]);
  const gaps = server.calls.slice(1).map(({ time }, index) => time - (server.ends[index] ?? Infinity));
  assert(gaps.length >= 3);
  for (const gap of gaps) assert(gap >= 190, `${gap} ms`);
});

Deno.test("NodeApi sends an action once, without a body and without a length", async () => {
  await using server = serveApi(choosing({ ...answers, "POST /api/v2/node/gen/stop": answer("", 200, "text/html") }));
  await openNodeApi(server.url).controlNode("gen", "stop");
  const posts = server.calls.filter(({ line }) => line.startsWith("POST"));
  assertEquals(posts.length, 1);
  assert(!/content-length|transfer-encoding/.test(posts[0]?.head ?? ""));
});

Deno.test("NodeApi repeats a request that got no answer, but no action", async () => {
  let isFirst = true;
  await using server = serveApi((call) => {
    if (call.line === "GET /api/v2/paths" && isFirst) {
      isFirst = false;
      return undefined;
    }
    return choosing({ ...answers, "POST /api/v2/node/gen/stop": undefined })(call);
  });
  const api = openNodeApi(server.url);
  assertEquals((await api.paths()).length, 3);
  const error = await assertRejects(() => api.controlNode("gen", "stop"), NodeApiError);
  assertStringIncludes(error.message, "did not answer within 3 s");
  assertEquals(server.calls.filter(({ line }) => line.startsWith("POST")).length, 1);
});

Deno.test("NodeApi finds a daemon that took the next port, and says so", async () => {
  await using other = serveApi(() => answer("<html></html>", 200, "text/html"));
  const api = (() => {
    for (let step = 1; step <= 9; step++) {
      try {
        return serveApi(choosing(answers), other.port + step);
      } catch {
        // taken by somebody else
      }
    }
    throw new Error("no port is free");
  })();
  await using server = api;
  const moves: string[] = [];
  const client = openNodeApi(other.url, { onMove: (url) => moves.push(url) });
  assertEquals((await client.status()).version, "1.2.0");
  assertEquals([moves, client.url], [[server.url], server.url]);
});

const useless: readonly [what: string, reply: string, reason: RegExp][] = [
  ["HTML", answer("<html></html>", 200, "text/html"), /another program answers there/],
  ["other JSON", answer("[]"), /another program answers there/],
  ["404", answer("", 404, "text/html"), /another program answers there/],
  [
    "an answer that breaks off",
    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    /Cannot get status of the VILLASnode at/,
  ],
  ["no HTTP", "hello\r\n\r\n", /Cannot get status of the VILLASnode at/],
];

for (const [what, reply, reason] of useless) {
  Deno.test(`NodeApi says in one line what is wrong with ${what}`, async () => {
    await using server = serveApi(() => reply);
    const error = await assertRejects(() => openNodeApi(server.url).nodes(), NodeApiError);
    assertMatch(error.message, reason);
    assert(!error.message.includes("\n"), error.message);
  });
}

Deno.test("NodeApi ends an answer that is longer than 16 MiB", async () => {
  const long = answer(`"${"x".repeat(17 * 2 ** 20)}"`);
  await using server = serveApi(choosing({ ...answers, "GET /api/v2/config": long }));
  const error = await assertRejects(() => openNodeApi(server.url).activeConfig(), NodeApiError);
  assertStringIncludes(error.message, "its answer is longer than 16 MiB");
});

Deno.test("NodeApi passes on the reason of an error", async () => {
  await using server = serveApi(choosing({ ...answers, "GET /api/v2/node/nope": await recorded("node_nope.http") }));
  const error = await assertRejects(() => openNodeApi(server.url).node("nope"), NodeApiError);
  assertStringIncludes(error.message, 'it says "Unknown node: nope" (status 400)');
  assertEquals(error.status, 400);
});

Deno.test("NodeApi nodes() takes those of the configuration while VILLASnode cannot write its statistics", async () => {
  await using server = serveApi(choosing({ ...answers, "GET /api/v2/nodes": await recorded("nodes.http") }));
  const nodes = await openNodeApi(server.url).nodes();
  assertEquals(nodes.map(({ name, type, state }) => [name, type, state]), [
    ["gen", "signal.v2", undefined],
    ["src", "file", undefined],
    ["udp", "socket", undefined],
    ["unused", "websocket", undefined],
  ]);
});

Deno.test("NodeApi hides passwords, wherever they stand", async () => {
  const config = {
    nodes: {
      a: { type: "mqtt", username: "u", password: "p1", ssl: { certfile: "c", key_password: "p2" } },
      b: { type: "amqp", uri: "amqp://guest:p3@broker:5672/vhost", out: null },
      c: { type: "zeromq", curve: { secret_key: "p4", public_key: "open" } },
    },
  };
  await using server = serveApi(choosing({ ...answers, "GET /api/v2/config": answer(JSON.stringify(config)) }));
  const text = JSON.stringify(await openNodeApi(server.url).activeConfig());
  assert(!/p[1-4]\b/.test(text), text);
  assertStringIncludes(text, '"public_key":"open"');
  assertStringIncludes(text, "amqp://guest:***@broker:5672/vhost");
});

Deno.test("openNodeApi() refuses what is not an address of HTTP, and credentials in it", () => {
  for (const url of ["127.0.0.1:8080", "ftp://a", "", "http://", "http://u:p@127.0.0.1"]) {
    const error = assertThrows(() => openNodeApi(url), InputError);
    assertMatch(error.message, /^Cannot (?:read|use) /);
    assert(!error.message.includes("u:p"), error.message);
  }
});

Deno.test("clientSettingsForRunningNode() takes addresses, format and signals of both directions", async () => {
  await using server = serveApi(choosing(answers));
  const { local, remote, format, signals } = await clientSettingsForRunningNode(openNodeApi(server.url), "udp");
  assertEquals([local, remote, format], ["udp://127.0.0.1:40711", "udp://127.0.0.1:40710", "protobuf"]);
  assertEquals(signals?.in?.map(({ name, type }) => `${name} ${type}`), [
    "va float",
    "n integer",
    "b boolean",
    "z complex",
  ]);
  assertEquals(signals?.out?.map(({ type }) => type), ["float", "float"]);
});

Deno.test("clientSettingsForRunningNode() takes the signals of the path where the configuration does not tell them", async () => {
  const config = {
    nodes: {
      pdc: { type: "c37.118", in: { address: "127.0.0.1:4712" } },
      udp: { type: "socket", in: { address: "*:12000" }, out: { address: "127.0.0.1:12001" } },
    },
    paths: [{ in: "pdc", out: "udp" }],
  };
  const path = {
    ...{ uuid: "1", state: "running", in: ["pdc"], out: ["udp"], hooks: [] },
    signals: [{ name: "pmu0_va", type: "complex", init: { real: 0, imag: 0 } }, {
      name: "pmu0_frequency",
      unit: "Hz",
      type: "float",
    }],
  };
  const table = { ...answers, "GET /api/v2/config": answer(JSON.stringify(config)) };
  const read = async (paths: unknown) => {
    await using server = serveApi(choosing({ ...table, "GET /api/v2/paths": answer(JSON.stringify(paths)) }));
    return await clientSettingsForRunningNode(openNodeApi(server.url));
  };
  const { signals, notes } = await read([path]);
  assertEquals(signals?.in, [{ name: "pmu0_va", type: "complex" }, {
    name: "pmu0_frequency",
    unit: "Hz",
    type: "float",
  }]);
  assertEquals(notes, undefined);
  // Its hooks may change them.
  assertEquals((await read([{ ...path, hooks: [{ type: "lua" }] }])).signals?.in, undefined);
});

const path = { uuid: "11-22", state: "running", in: ["n"], out: [], signals: [], hasHooks: false };

const risky: readonly [type: string, state: string, action: NodeAction, isRead: boolean, reason: RegExp | undefined][] =
  [
    ["socket", "running", "stop", false, undefined],
    ["socket", "running", "stop", true, /stop path 11-22 first/],
    ["socket", "stopped", "start", false, undefined],
    ["socket", "stopped", "start", true, /stop path 11-22 first/],
    ["socket", "running", "start", false, /it runs already/],
    ["socket", "paused", "start", false, /resume it/],
    ["socket", "paused", "resume", false, undefined],
    ["socket", "stopped", "resume", false, /start it/],
    ["file", "running", "restart", true, undefined],
    ["websocket", "running", "stop", true, /fill the log/],
    ["websocket", "running", "stop", false, undefined],
    ["websocket", "running", "pause", false, /not known/],
    ["mqtt", "running", "restart", false, /stay dead/],
    ["zeromq", "stopped", "start", false, /does not start a second time/],
    ["c37.118", "", "start", false, /not listen/],
    ["signal.v2", "running", "restart", false, /no more samples/],
    ["signal.v2", "running", "stop", true, undefined],
    ["kafka", "running", "stop", false, /type kafka .*not known/],
  ];

for (const [type, state, action, isRead, reason] of risky) {
  Deno.test(`findActionRisk() for ${action} of a ${type} that is ${state || "(none)"}${isRead ? " under a path" : ""}`, () => {
    const node: RunningNode = { name: "n", type, uuid: "", state, config: {}, stats: undefined };
    const found = findActionRisk(node, action, isRead ? [path] : []);
    if (reason === undefined) assertEquals(found, undefined);
    else assertMatch(found ?? "", reason);
  });
}

Deno.test("openNodeApi() refuses https, which a VILLASnode does not survive, unless a proxy speaks it", () => {
  assertThrows(
    () => openNodeApi("https://127.0.0.1:1"),
    InputError,
    "VILLASnode 1.2 ends when its API has answered over TLS",
  );
  assertEquals(openNodeApi("https://127.0.0.1:1", { isProxied: true }).url, "https://127.0.0.1:1");
});

Deno.test("requests of several senders to one VILLASnode wait for each other", async () => {
  const answers: Record<string, string | undefined> = await recordedAnswers();
  await using server = serveApi(({ line }) => answers[line]);
  const apis = [openNodeApi(server.url), openNodeApi(server.url)];
  await Promise.all(apis.map((api) => api.status()));
  assertEquals(server.calls.length, 4); // each finds the daemon first
  for (let index = 1; index < 4; index++) {
    const distance = (server.calls[index]?.time ?? 0) - (server.ends[index - 1] ?? Infinity);
    assert(distance >= 190, `request ${index} came ${distance} ms after the answer before it`);
  }
});
