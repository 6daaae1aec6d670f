import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ConnectionOptions, openWebSocket, type Transport } from "@villas/client/transports";
import { pairOf, pattern, receiveAll, testExchange } from "./contract.ts";

/** Opens a server on a free port. */
function serve(path = "lab", options: ConnectionOptions = {}): Promise<Transport> {
  return openWebSocket({ local: `ws://127.0.0.1:0/${path}`, ...options });
}

/** Opens a client of a server, and waits until it is connected. */
async function join({ local }: Transport, options: ConnectionOptions = {}): Promise<Transport> {
  const client = await openWebSocket({ remote: local, ...options });
  await client.ready();
  return client;
}

async function end(...transports: Transport[]): Promise<void> {
  for (const transport of transports) transport.close();
  await Promise.all(transports.map(({ closed }) => closed));
}

testExchange({
  name: "openWebSocket() from a client to a server",
  noun: "message",
  async openPair() {
    const server = await serve();
    return pairOf(server, await join(server));
  },
});

testExchange({
  name: "openWebSocket() from a server to a client",
  noun: "message",
  async openPair() {
    const server = await serve();
    const client = await join(server);
    await server.ready();
    return pairOf(client, server);
  },
});

Deno.test("openWebSocket() sends text frames where the path names a format of text, and bytes elsewhere", async () => {
  for (const [path, type] of [["lab.json", "string"], ["lab.villas.human", "string"], ["lab", "object"]] as const) {
    const server = await serve(path);
    const socket = new WebSocket(server.local, "live");
    const received = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(typeof data));
    await server.ready();
    await server.send([new TextEncoder().encode("[1, µ]")]);
    assertEquals(await received, type, path);
    socket.send("[2, µ]");
    assertEquals(await server.receive(), [new TextEncoder().encode("[2, µ]")]);
    await end(server);
  }
});

Deno.test("a server sends to all of its clients and receives from each; clients do not hear each other", async () => {
  const server = await serve();
  const [a, b] = [await join(server), await join(server)];
  while (server.stats().link?.peers !== 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.send([pattern(3)]);
  assertEquals([await a.receive(), await b.receive()], [[pattern(3)], [pattern(3)]]);
  await a.send([pattern(4)]);
  assertEquals(await receiveAll(server, 1), [pattern(4)]);
  await b.send([pattern(5)]);
  assertEquals(await receiveAll(server, 1), [pattern(5)]);
  await end(a);
  while (server.stats().link?.peers !== 1) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.send([pattern(6)]);
  assertEquals(await b.receive(), [pattern(6)]);
  await end(b, server);
  assertEquals([server.stats().link?.connects, server.stats().link?.losses], [2, 2]);
});

Deno.test("a client that does not read loses its oldest messages, which are counted, and delays nobody", async () => {
  const server = await serve();
  const { hostname, port } = new URL(server.local);
  // A client that shakes hands and reads nothing more.
  const slow = await Deno.connect({ hostname, port: Number(port) });
  await slow.write(new TextEncoder().encode(
    "GET /lab HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: live\r\n\r\n",
  ));
  await slow.read(new Uint8Array(1000));
  const quick = await join(server);
  while (server.stats().link?.peers !== 2) await new Promise((resolve) => setTimeout(resolve, 1));
  const count = 2500;
  const message = new Uint8Array(10_000);
  let received = 0;
  const receiving = (async () => {
    while (received < count) received += (await quick.receive()).length;
  })();
  for (let number = 0; number < count; number++) {
    await server.send([message]);
    if (number % 50 === 49) { while (received < number - 400) await new Promise((resolve) => setTimeout(resolve, 1)); }
  }
  await receiving;
  const { droppedBySlowPeers = 0 } = server.stats().link ?? {};
  assert(droppedBySlowPeers > 200 && droppedBySlowPeers < count - 1024, `${droppedBySlowPeers} were dropped`);
  assertEquals(quick.stats().link?.droppedUnread, 0);
  slow.close();
  await end(quick, server);
});

Deno.test("messages without a client are counted as dropped", async () => {
  const server = await serve();
  assertEquals(await server.send([pattern(1), pattern(2)]), 2);
  assertEquals(server.stats().link?.droppedWhileDown, 2);
  await end(server);
});

/** Asks a server for a WebSocket with these headers; returns the status and the text of the refusal. */
async function ask({ local }: Transport, path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(local);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    upgrade: "websocket",
    connection: "Upgrade, close",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  await conn.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`));
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!/\r\n\r\n(?!$)/.test(text) && !/^HTTP\/1.1 101 .*\r\n\r\n/s.test(text)) {
    const length = await conn.read(buffer);
    if (length === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  conn.close();
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: Number(head.slice(9, 12)), head: head.toLowerCase(), body: body.trim() };
}

for (
  const [words, path, headers, status, answer] of [
    ["the offered sub-protocol", "/lab.json", { "sec-websocket-protocol": "foo, live" }, 101, "protocol: live"],
    ["no sub-protocol", "/lab.json", {}, 101, ""],
    ["a query", "/lab.json?x=1", {}, 101, ""],
    ["a VILLASnode, whose origin is its host without a port", "/lab.json", { origin: "http://127.0.0.1" }, 101, ""],
    ["a page of this machine", "/lab.json", { origin: "http://localhost:3000" }, 101, ""],
    ["another sub-protocol", "/lab.json", { "sec-websocket-protocol": "foo" }, 400, "Offer the sub-protocol live"],
    ["another name", "/other.json", {}, 404, "There is no other here, but /lab.json"],
    ["another format", "/lab.protobuf", {}, 404, "lab is in the format json here: connect to /lab.json"],
    ["the default format", "/lab", {}, 404, "lab is in the format json here: connect to /lab.json"],
    [
      "a page from elsewhere",
      "/lab.json",
      { origin: "http://example.org" },
      403,
      "Pages from http://example.org may not",
    ],
    ["a sandboxed page", "/lab.json", { origin: "null" }, 403, "Pages from null may not connect here"],
    ["a name that leads to this machine", "/lab.json", { host: "rebound.example.org" }, 403, "This server is for this"],
    ["a browser's visit", "/lab.json", { upgrade: "h2c" }, 426, "This is a WebSocket: connect to ws://127.0.0.1"],
  ] as const
) {
  Deno.test(`a server answers a request with ${words} with status ${status}`, async () => {
    const server = await serve("lab.json");
    const { status: found, head, body } = await ask(server, path, headers);
    assertEquals(found, status);
    assertStringIncludes(status === 101 ? head : body, answer);
    await end(server);
  });
}

Deno.test("a server answers as the API of a VILLASnode what its clients ask before they connect", async () => {
  const server = await serve("lab.json");
  const url = `${server.local.replace("ws:", "http:").replace("/lab.json", "")}/api/v2`;
  const get = async (path: string) => {
    const response = await fetch(`${url}/${path}`);
    return [response.status, await response.json()];
  };
  assertEquals(await get("node/lab"), [200, { name: "lab", type: "websocket", state: "running" }]);
  assertEquals(await get("capabilities"), [200, { formats: ["json"], nodes: ["websocket"] }]);
  assertEquals(await get("node/other"), [400, { error: "Unknown node" }]);
  await end(server);
});

Deno.test("a client that sends too long a message is sent away with the reason, and the server goes on", async () => {
  const left = Promise.withResolvers<string | undefined>();
  const server = await serve("lab", { onPeerChange: ({ isThere, reason }) => isThere || left.resolve(reason) });
  const socket = new WebSocket(server.local, "live");
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(new Uint8Array(1024 * 1024 + 1));
  const { code, reason } = await closed;
  assertEquals([code, reason], [1009, "a message has at most 1048576 bytes"]);
  assertEquals(await left.promise, "it closed the connection (1009 a message has at most 1048576 bytes)");
  const client = await join(server);
  await client.send([pattern(1)]);
  assertEquals(await server.receive(), [pattern(1)]);
  await end(client, server);
});

Deno.test("a server says who comes and goes, and that a VILLASnode does not come back", async () => {
  const said: string[] = [];
  const left = Promise.withResolvers<void>();
  const server = await serve("lab", {
    onPeerChange: ({ peer, isThere }) => said.push(`${peer.replace(/\d+$/, "N")} ${isThere ? "comes" : "goes"}`),
    onNotice(notice) {
      said.push(notice.replace(/:\d+/, ":N"));
      left.resolve();
    },
  });
  const { status } = await ask(server, "/lab", { origin: "http://127.0.0.1", "sec-websocket-protocol": "live" });
  assertEquals(status, 101);
  await left.promise;
  assertEquals(said, [
    "127.0.0.1:N comes",
    "127.0.0.1:N goes",
    "The VILLASnode at 127.0.0.1:N will not come back by itself: start its node again",
  ]);
  await end(server);
});

Deno.test("a server names an address that is in use, and frees it at its end", async () => {
  const first = await serve();
  const error = await assertRejects(() => openWebSocket({ local: first.local }), Deno.errors.AddrInUse);
  assertEquals(error.message, `Cannot open ${first.local}: the address is in use`);
  await end(first);
  const second = await openWebSocket({ local: first.local });
  await end(second);
});

Deno.test("ready() of a server waits for a client, until it is closed or a signal ends the wait", async () => {
  const server = await serve();
  const waiting = server.ready();
  await assertRejects(() => server.ready({ signal: AbortSignal.abort(new RangeError("mine")) }), RangeError, "mine");
  const controller = new AbortController();
  const aborted = server.ready({ signal: controller.signal });
  controller.abort(new RangeError("later"));
  await assertRejects(() => aborted, RangeError, "later");
  const client = await join(server);
  await waiting;
  await end(client, server);
  await server.ready();
});

for (
  const [options, message] of [
    [
      { local: "wss://127.0.0.1:0/x" },
      "Cannot serve wss://127.0.0.1:0/x without a certificate and its key: --tls-cert and --tls-key name them",
    ],
    [
      { local: "ws://127.0.0.1:0/x", whenDown: "fail" },
      "Cannot choose what to do when the connection is down for a server",
    ],
    [
      { local: "ws://127.0.0.1:0/x", credentials: { token: "t" } },
      "Cannot use a user, a password or a token for a server",
    ],
    [{ local: "ws://127.0.0.1:0/x", remote: "ws://127.0.0.1:9/x" }, "Cannot use two WebSocket addresses"],
    [{}, "Cannot open a WebSocket without an address"],
  ] as [ConnectionOptions, string][]
) {
  Deno.test(`openWebSocket() refuses ${JSON.stringify(options)}`, async () => {
    const error = await assertRejects(() => openWebSocket(options), TypeError);
    assertStringIncludes(error.message, message);
  });
}
