/**
 * The exchange that this project exists for, against Google's own implementation of Protocol Buffers: the executable
 * echoes to it, and the library is echoed by it.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { connect, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { start } from "../commands/_cli.ts";
import { findPython, hasProtoc, type Peer, startPeer } from "./_tools.ts";

const python = await findPython() ?? "";
const ignore = !(await hasProtoc()) || python === "";

/** All types of values with their extremes, and many samples in one datagram. */
const messages: Sample[][] = [
  [{ sequence: 0n, tsOrigin: { sec: 0, nsec: 0 }, values: [0, -0, 1.5, NaN, Infinity, -Infinity, 5e-324, 1.7e308] }],
  [{ sequence: 2n ** 64n - 1n, values: [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 2n ** 53n + 1n] }],
  [{ sequence: 1n, newFrame: true, tsOrigin: { sec: 2 ** 32 - 1, nsec: 999_999_999 }, values: [true, false] }],
  [{ tsReceived: { sec: 1, nsec: 2 }, values: [{ real: 0.5, imag: -0 }, { real: Infinity, imag: 1.5 }] }],
  [{ values: [] }],
  Array.from({ length: 500 }, (_, i) => ({ sequence: BigInt(i), values: [i, BigInt(i), i % 2 === 0] })),
  [{ sequence: 2n, values: Array.from({ length: 5400 }, (_, i) => i / 7) }],
];

async function expectAllEqual(peer: Peer): Promise<void> {
  const { output, code } = await peer.finish();
  const { sent, ...rest } = JSON.parse(output);
  assertEquals({ ...rest, code }, { wrong: [], failures: 0, code: 0 });
  assertEquals(sent > 10, true);
}

/** The library sends, Google's implementation parses and sends back. */
async function exchange(local: string, remote: string): Promise<void> {
  await using client = await connect({ local, remote, format: protobuf({ ts_received: true }), signals: "any" });
  for (const samples of messages) {
    await client.send(samples);
    assertEquals(await client.receive(), [samples]);
  }
  const { received, sent } = client.counters;
  assertEquals([received.datagrams, received.bytes, received.refused], [messages.length, sent.bytes, 0]);
}

Deno.test({
  name: "echo over UDP gives Google's implementation back what it sent",
  ignore,
  async fn() {
    await using peer = await startPeer(python, "send", "udp", 0, "-");
    const addresses = ["--local", "udp://127.0.0.1:0", "--remote", `udp://127.0.0.1:${peer.local}`];
    await using echo = start("echo", ...addresses);
    const [, port = ""] = await echo.expectError(/Receiving on udp:\/\/127\.0\.0\.1:(\d+),/);
    await peer.writeLine(port);
    await expectAllEqual(peer);
    echo.kill("SIGINT");
    const { code, stdout, stderr } = await echo.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /refused 0, ignored 0/);
    for (const line of stdout.trimEnd().split("\n")) JSON.parse(line);
  },
});

Deno.test({
  name: "echo over unix datagrams gives Google's implementation back what it sent",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const [server, client] = [`${folder}/server.sock`, `${folder}/client.sock`];
      await using echo = start("echo", "unix", "--local", `unix:${client}`, "--remote", `unix:${server}`);
      await echo.expectError(/Waiting for/);
      await using peer = await startPeer(python, "send", "unix", server, client);
      await expectAllEqual(peer);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "connect() over UDP gets back from Google's implementation what it sent",
  ignore,
  async fn() {
    await using peer = await startPeer(python, "echo", "udp", 0, "sender");
    await exchange("udp://127.0.0.1:0", `udp://127.0.0.1:${peer.local}`);
  },
});

Deno.test({
  name: "connect() over unix datagrams gets back from Google's implementation what it sent",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await using _peer = await startPeer(python, "echo", "unix", `${folder}/server.sock`, `${folder}/client.sock`);
      await exchange(`unix:${folder}/client.sock`, `unix:${folder}/server.sock`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
