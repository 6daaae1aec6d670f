import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run, runArguments, start, startProgram } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { openWebSocket } from "@villas/client/transports";
import { WebSocketTestServer } from "../transports/_ws_server.ts";

/** Returns an address of the loopback that nobody listens on. */
function freeAddress(path: string): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `ws://127.0.0.1:${listener.addr.port}/${path}`;
}

Deno.test("recv serves a WebSocket and send connects to it, in the format that the path names", async () => {
  const address = freeAddress("lab.json");
  await using receiver = start("recv", "--local", address, "-l", "3", "--stats");
  await receiver.expectError(/Receiving on ws:/);
  const sender = await run("send", "--values", "1,2.5", "--remote", address, "-r", "200", "-l", "3", "--stats");
  assertEquals(sender.code, 0, sender.stderr);
  assertMatch(sender.stderr, /Connected to ws:\/\/127\.0\.0\.1:\d+\/lab\.json\n/);
  const { link, sent, format } = JSON.parse(sender.stdout);
  assertEquals([sent.samples, format, link.connects, link.losses, link.unsent], [3, "json", 1, 0, 0]);
  const { code, stdout, stderr } = await receiver.finish();
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.slice(0, 3).map((line) => JSON.parse(line).data), [[1, 2.5], [1, 2.5], [1, 2.5]]);
  assertEquals(JSON.parse(lines[3] ?? "").link.connects, 1);
  assertMatch(stderr, /Client 127\.0\.0\.1:\d+ connected\n/);
});

Deno.test("send adds the ending of its format to the path of a node, as the node chooses by it", async () => {
  const server = await openWebSocket({ local: freeAddress("lab.csv") });
  const remote = server.local.replace(".csv", "");
  const { code, stderr } = await run("send", "--values", "1.5", "--remote", remote, "--format", "csv");
  assertEquals(code, 0, stderr);
  const [message] = await server.receive();
  assertMatch(new TextDecoder().decode(message), /^\d+,\d+,.*,0,1\.5/);
  server.close();
  await server.closed;
});

Deno.test("send waits for a server that comes later, and tells of a connection that is lost", async () => {
  const address = freeAddress("lab");
  await using sender = start("send", "--values", "1.5", "--remote", address, "-r", "100");
  await sender.expectError(/Cannot connect to ws:\S+: nobody listens there; trying again\n/);
  const first = await openWebSocket({ local: address });
  await sender.expectError(/Connected to/);
  await first.receive();
  first.close();
  await first.closed;
  await sender.expectError(
    /Lost the connection to ws:\S+: it closed the connection \(1001 The server ends\); trying again/,
  );
  const second = await openWebSocket({ local: address });
  await second.receive();
  sender.kill("SIGINT");
  const { code, stderr } = await sender.finish();
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "The connection was lost once, and made twice");
  second.close();
  await second.closed;
});

Deno.test("--when-down fail ends with status 1 and the reason where nobody listens", async () => {
  for (const command of [["recv"], ["send", "--values", "1.5"], ["signal", "sine"], ["echo"], ["pipe"], ["rtt"]]) {
    const address = freeAddress("lab");
    const { code, stdout, stderr } = await run(...command, "--remote", address, "--when-down", "fail");
    assertEquals([code, command[0] === "signal" ? "" : stdout], [1, ""], `${command}: ${stderr}`);
    assertMatch(stderr, /error: Cannot connect to ws:\S+: nobody listens there\n$/, String(command));
  }
});

Deno.test("recv ends with status 1 where the VILLASnode does not have the node", async () => {
  await using server = new WebSocketTestServer({
    answer: () => Response.json({ error: "Unknown node" }, { status: 400 }),
  });
  const { code, stderr } = await run("recv", "--remote", `ws://127.0.0.1:${server.port}/lab`);
  assertEquals(code, 1);
  assertMatch(stderr, /error: Cannot connect to ws:\S+\/lab: its VILLASnode does not have a node lab\n$/);
});

Deno.test("credentials come from the environment, and the check can be left out", async () => {
  await using server = new WebSocketTestServer();
  const args = runArguments(
    "send",
    "--values",
    "1.5",
    "--no-check",
    "--remote",
    `ws://127.0.0.1:${server.port}/session`,
  );
  const env = { ...Deno.env.toObject(), VILLAS_USER: "lab", VILLAS_PASSWORD: "secret", NO_COLOR: "1" };
  await using process = startProgram(Deno.execPath(), args, Deno.cwd(), env);
  const { code, stderr } = await process.finish();
  assertEquals(code, 0, stderr);
  assertEquals(server.requests[0]?.headers.get("authorization"), `Basic ${btoa("lab:secret")}`);
  assert(!stderr.includes("secret"));
  assertEquals(server.received.length, 1);
});

Deno.test("an error names the proxy that the runtime goes through", async () => {
  const address = freeAddress("lab");
  const proxy = freeAddress("").replace("ws:", "http:");
  const args = runArguments("recv", "--remote", address, "--when-down", "fail");
  const env = { HTTP_PROXY: proxy, HOME: Deno.env.get("HOME") ?? "", NO_COLOR: "1" };
  await using process = startProgram(Deno.execPath(), args, Deno.cwd(), env);
  const { code, stderr } = await process.finish();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "connections go through HTTP_PROXY, which is set: NO_PROXY=127.0.0.1 leaves it out");
});

Deno.test("doctor says why there is no connection, and what VILLASnode damages", async () => {
  const nobody = await run("doctor", "--remote", freeAddress("lab"), "--duration", "0.5");
  assertEquals(nobody.code, 1);
  assertMatch(nobody.stdout, /^error not-connected\n {2}Cannot connect to ws:\S+: nobody listens there\.\n/);
  const lonely = await run("doctor", "--local", freeAddress("lab"), "--duration", "0.5");
  assertMatch(lonely.stdout, /^error no-client\n {2}No client connected to ws:/);

  const server = await openWebSocket({ local: freeAddress("lab.json") });
  await using process = start("doctor", "--remote", server.local, "--duration", "2", "-t", "2f", "--json");
  await server.ready();
  await server.send([new TextEncoder().encode('[{"sequence": 0, "data": [1.0]}]')]);
  const { stdout } = await process.finish();
  const { findings } = JSON.parse(stdout);
  assertEquals(findings.map(({ code }: { code: string }) => code), ["values-left-out"]);
  server.close();
  await server.closed;
});

testWrongUsages([
  [
    ["recv", "--remote", "ws://127.0.0.1:9/lab.json", "-f", "csv"],
    "Cannot use the format csv with ws://127.0.0.1:9/lab.json: its path names json",
  ],
  [
    ["send", "--values", "1", "--when-down", "fail", "--remote", "udp://127.0.0.1:9"],
    "Cannot choose what to do when the connection is down over udp: it has no connections",
  ],
  [
    ["recv", "--local", "ws://127.0.0.1:0/a", "--remote", "ws://127.0.0.1:9/b"],
    "Cannot use two WebSocket addresses: one connection goes both ways, to a remote or on a local one",
  ],
  [
    ["recv", "--remote", "udp://127.0.0.1:9", "--no-check"],
    "Cannot leave out the check of the other end over udp: only ws has one",
  ],
  [
    ["recv", "--remote", "ws://127.0.0.1:9/a", "--tls-ca", import.meta.filename ?? ""],
    `Cannot use ${import.meta.filename} with --tls-ca: it has no certificate in PEM form`,
  ],
  [
    ["config", "--remote", "ws://127.0.0.1:8080/lab", "--name", "other"],
    "Cannot name the node other: ws://127.0.0.1:8080/lab names lab",
  ],
  [
    ["recv", "--local", "wss://127.0.0.1:0/lab"],
    "Cannot serve wss://127.0.0.1:0/lab without a certificate and its key: --tls-cert and --tls-key name them",
  ],
  [
    ["signal", "sine", "--when-down", "fail"],
    "Cannot use --when-down without --remote",
  ],
]);
