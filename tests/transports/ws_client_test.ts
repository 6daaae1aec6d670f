import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ConnectionOptions, openWebSocket } from "@villas/client/transports";
import { roomFor } from "../../lib/transports/ws/node_check.ts";
import { testLink } from "./_link_suite.ts";
import { type Answer, WebSocketTestServer } from "./_ws_server.ts";
import { pattern } from "./contract.ts";

testLink({
  name: "openWebSocket() as a client",
  open: (port, options) => openWebSocket({ remote: `ws://127.0.0.1:${port}/node`, check: false, ...options }),
  serve: (port = 0) => new WebSocketTestServer({ port }),
  canPause: true,
});

/** Returns a response as a VILLASnode 1.2.0 wrote it: its head and its body. */
async function recorded(name: string): Promise<Response> {
  const text = await Deno.readTextFile(new URL(`../data/rest/${name}.http`, import.meta.url));
  const [head = "", body = ""] = text.split(/\r?\n\r?\n/);
  return new Response(body, { status: Number(head.split(" ")[1]), headers: { "content-type": "application/json" } });
}

/** Answers as the API of a VILLASnode with one node. */
function api(node: object, formats = ["villas.web", "json"]): Answer {
  return ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/api/v2/node/web") return Response.json(node);
    if (pathname === "/api/v2/capabilities") return Response.json({ formats });
    if (pathname.startsWith("/api/v2/")) return recorded("node_nope");
    return undefined;
  };
}

const running = { name: "web", type: "websocket", state: "running", in: { signals: "2f" } };

/** Connects to a server that answers so, and returns the reason why not; undefined where it is connected. */
async function tryPath(path: string, answer: Answer, options: ConnectionOptions = {}): Promise<string | undefined> {
  await using server = new WebSocketTestServer({ answer });
  const address = `ws://127.0.0.1:${server.port}/${path}`;
  const link = await openWebSocket({ remote: address, whenDown: "fail", ...options });
  await link.ready();
  const isUp = link.stats().link?.isUp;
  if (isUp) link.close();
  const reason = await link.closed;
  if (isUp) assertEquals(server.requests.map(({ path }) => path), [`/${path}`]);
  else assertEquals(server.requests.length, 0, "it has asked for a WebSocket nevertheless");
  return reason?.message.replace(`Cannot connect to ${address}: `, "");
}

for (
  const [words, path, answer, reason] of [
    ["a running node", "web", api(running), undefined],
    ["a format that it has", "web.json", api(running), undefined],
    ["a format with a dot", "web.villas.web", api(running), undefined],
    [
      "a format that it does not have",
      "web.protobuf",
      api(running),
      "its VILLASnode does not have the format protobuf",
    ],
    ["a node that it does not have", "nope", api(running), "its VILLASnode does not have a node nope"],
    [
      "a node of another type",
      "web",
      api({ ...running, type: "socket" }),
      "its node web is of type socket, not websocket",
    ],
    ["a node that is stopped", "web", api({ ...running, state: "stopped" }), "its node web is stopped"],
    ["a node that was never started", "web", api({ ...running, state: "" }), "its node web is not started"],
    ["a name that no node has", "a/b", api(running), '"a/b" is not the name of a node'],
    ["a path of 64 bytes", `web.${"x".repeat(60)}`, api(running), "its path has 64 bytes, and a VILLASnode takes 63"],
    ["a page instead of an answer", "web", () => new Response("<html>", { status: 200 }), "(status 200) (--no-check"],
    ["an API that is not there", "web", () => new Response("", { status: 404 }), "(status 404) (--no-check"],
    [
      "an API that wants a password",
      "web",
      () => new Response("", { status: 401 }),
      "set VILLAS_USER and VILLAS_PASSWORD",
    ],
  ] as [string, string, Answer, string | undefined][]
) {
  Deno.test(`openWebSocket() ${reason === undefined ? "connects to" : "refuses"} ${words}`, async () => {
    const found = await tryPath(path, answer);
    if (reason === undefined) assertEquals(found, undefined);
    else assertStringIncludes(found ?? "", reason);
  });
}

Deno.test("openWebSocket() reads what a VILLASnode 1.2.0 answers about nodes that it has and has not", async () => {
  for (
    const [name, reason] of [
      ["node_nope", "its VILLASnode does not have a node web"],
      ["node_src", "its node web is of type file, not websocket"],
    ] as const
  ) {
    assertEquals(await tryPath("web", () => recorded(name)), reason);
  }
  const formats: Answer = ({ url }) =>
    url.endsWith("capabilities")
      ? recorded("capabilities")
      : url.includes("/api/")
      ? Response.json(running)
      : undefined;
  assertEquals(await tryPath("web.protobuf", formats), undefined);
  assertStringIncludes(await tryPath("web.nothing", formats) ?? "", "does not have the format nothing, but csv, gtnet");
});

Deno.test("openWebSocket() finds the node in the configuration where a statistic keeps the API from showing it", async () => {
  const asked: string[] = [];
  const answer: Answer = ({ url }) => {
    const [, question] = /\/api\/v2\/(.*)/.exec(url) ?? [];
    if (question === undefined) return undefined;
    asked.push(question);
    return question === "config" ? Response.json({ nodes: { web: running } }) : recorded("node_udp");
  };
  assertEquals(await tryPath("web", answer), undefined);
  assertEquals(asked, ["node/web", "config"]);
});

Deno.test("openWebSocket() says where a node cuts its values, once", async () => {
  const notices: string[] = [];
  const signals = Array.from({ length: 12 }, (_, index) => ({ name: `s${index}`, type: "float" }));
  for (const input of ["2f", Array.from({ length: 2 }, () => ({ type: "float" })), { count: 2, type: "float" }]) {
    const node = { ...running, in: { signals: input }, out: { signals } };
    assertEquals(await tryPath("web", api(node), { onNotice: (notice) => notices.push(notice) }), undefined);
    assertEquals(notices.splice(0), [
      "The node web sends 5 of the 12 values that it has: VILLASnode cuts them to the number of its in.signals, which " +
      "need to be 12",
    ]);
  }
  const enough = { ...running, in: { signals: "6f" }, out: { signals } };
  assertEquals(await tryPath("web", api(enough), { onNotice: (notice) => notices.push(notice) }), undefined);
  assertEquals(notices, []);
});

Deno.test("roomFor() is the number of values that a node of so many signals sends", () => {
  assertEquals([1, 5, 8, 16, 64].map(roomFor), [5, 5, 13, 21, 69]);
});

Deno.test("openWebSocket() waits for a node that is stopped, and says so once", async () => {
  let state = "stopped";
  const reasons: string[] = [];
  await using server = new WebSocketTestServer({ answer: (request) => api({ ...running, state })(request) });
  const link = await openWebSocket({
    remote: `ws://127.0.0.1:${server.port}/web`,
    onStateChange(change) {
      if (change.isUp) return;
      reasons.push(change.reason);
      state = "running";
    },
  });
  await link.ready();
  link.close();
  await link.closed;
  assertEquals(reasons, ["its node web is stopped"]);
});

for (
  const [credentials, header] of [
    [{ user: "lab", password: "pass wörd" }, "Basic bGFiOnBhc3Mgd8O2cmQ="],
    [{ user: "lab", password: "p", token: "abc" }, "Bearer abc"],
    [{ token: "abc" }, "Bearer abc"],
  ] as const
) {
  Deno.test(`openWebSocket() sends ${header} to the API and to the node, with the sub-protocol`, async () => {
    const seen: (string | null)[] = [];
    const answer: Answer = (request) => {
      seen.push(request.headers.get("authorization"));
      return api(running)(request);
    };
    await using server = new WebSocketTestServer({ answer });
    const link = await openWebSocket({ remote: `ws://127.0.0.1:${server.port}/web`, credentials });
    await link.ready();
    link.close();
    await link.closed;
    assertEquals(seen, [header, header]);
    assertEquals(server.requests[0]?.headers.get("sec-websocket-protocol"), "live");
  });
}

Deno.test("openWebSocket() says where a server refuses the path or the credentials", async () => {
  for (
    const [status, reason] of [[404, "it refuses the path /node (status 404)"], [401, "(status 401): set VILLAS_USER"]]
  ) {
    const found = await tryPath("node", () => new Response("", { status: Number(status) }), { check: false });
    assertStringIncludes(found ?? "", String(reason));
  }
});

Deno.test("openWebSocket() says where a server does not choose the sub-protocol", async () => {
  const notices: string[] = [];
  await using server = new WebSocketTestServer({ protocol: "" });
  const link = await openWebSocket({
    remote: `ws://127.0.0.1:${server.port}/node`,
    check: false,
    onNotice: (notice) => notices.push(notice),
  });
  await link.ready();
  link.close();
  await link.closed;
  assertEquals(notices.length, 1);
  assertStringIncludes(notices[0] ?? "", "did not choose the sub-protocol live");
});

Deno.test("openWebSocket() receives text frames as their bytes", async () => {
  await using server = new WebSocketTestServer();
  const link = await openWebSocket({ remote: `ws://127.0.0.1:${server.port}/node.json`, check: false });
  await link.ready();
  await server.waitFor(() => server.clients === 1);
  await server.send("[µ]");
  assertEquals(await link.receive(), [new TextEncoder().encode("[µ]")]);
  await link.send([new TextEncoder().encode("[2]")]);
  await server.waitFor(() => server.frames.length === 1);
  assertEquals(server.frames, ["[2]"]);
  link.close();
  await link.closed;
});

Deno.test("openWebSocket() says the code and the reason with which a node ends the connection", async () => {
  await using server = new WebSocketTestServer();
  const link = await openWebSocket({ remote: `ws://127.0.0.1:${server.port}/node`, check: false, whenDown: "fail" });
  await link.ready();
  await server.waitFor(() => server.clients === 1);
  for (const socket of server.sockets) socket.close(1001, "Node stopped");
  const reason = await link.closed;
  assertStringIncludes(reason?.message ?? "", "it closed the connection (1001 Node stopped)");
});

Deno.test("openWebSocket() explains a text message that is not UTF-8, and connects again", async () => {
  // A text frame that ends in foreign memory, as VILLASnode sends above 4080 bytes.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const reasons: string[] = [];
  const lost = Promise.withResolvers<void>();
  const link = await openWebSocket({
    remote: `ws://127.0.0.1:${listener.addr.port}/node.json`,
    check: false,
    onStateChange(state) {
      if (state.isUp) return;
      reasons.push(state.reason);
      lost.resolve();
    },
  });
  const conn = await listener.accept();
  await shakeHands(conn);
  await conn.write(Uint8Array.of(0x81, 4, 0x5b, 0x31, 0xff, 0xfe));
  await lost.promise;
  conn.close();
  assertEquals(reasons.length, 1);
  assertStringIncludes(reasons[0] ?? "", "a text message was not UTF-8: above 4080 bytes");
  const again = await listener.accept();
  await shakeHands(again);
  await link.ready();
  again.close();
  link.close();
  await link.closed;
});

/** Answers the request for a WebSocket (RFC 6455, 4.2.2). */
async function shakeHands(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  const length = await conn.read(buffer) ?? 0;
  const [, key = ""] = /sec-websocket-key: (\S+)/i.exec(new TextDecoder().decode(buffer.subarray(0, length))) ?? [];
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  const accept = btoa(String.fromCharCode(...digest));
  await conn.write(new TextEncoder().encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: live\r\n\r\n`,
  ));
}

for (
  const [words, frame] of [
    ["a frame of a reserved kind", [0x83, 1, 0]],
    ["a reserved bit", [0xc2, 1, 0]],
    ["a ping that is too long", [0x89, 126, 0, 126, ...new Array(126).fill(0)]],
    ["a continuation of nothing", [0x80, 1, 0]],
    ["a length beyond all memory", [0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]],
    ["bytes that are no frame", [0x47, 0x45, 0x54]],
  ] as const
) {
  Deno.test(`openWebSocket() takes ${words} for the end of the connection`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const remote = `ws://127.0.0.1:${listener.addr.port}/node`;
    const link = await openWebSocket({ remote, check: false, whenDown: "fail" });
    const conn = await listener.accept();
    await shakeHands(conn);
    await link.ready();
    await conn.write(Uint8Array.from(frame));
    await conn.closeWrite();
    const reason = await link.closed;
    assertStringIncludes(reason?.message ?? "", "Lost the connection to ");
    assertEquals(await link.receive(), []);
    conn.close();
  });
}

Deno.test("openWebSocket() delivers an empty message and one of a megabyte", async () => {
  await using server = new WebSocketTestServer();
  const link = await openWebSocket({ remote: `ws://127.0.0.1:${server.port}/node`, check: false });
  await link.ready();
  const long = pattern(1024 * 1024);
  await link.send([new Uint8Array(), long]);
  await server.waitFor(() => server.received.length === 2);
  assertEquals(server.received.map(({ length }) => length), [0, long.length]);
  assert(server.received[1]?.every((byte, index) => byte === long[index]));
  link.close();
  await link.closed;
});
