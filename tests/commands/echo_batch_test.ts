import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { type DatagramTransport, openUdp } from "@villas/client/transports";
import { run as runProgram } from "../transports/_run.ts";
import { run, type Running, start, startPipeline } from "./_cli.ts";

const ignore = Deno.build.os !== "linux";
const test = (words: string, fn: () => Promise<void>) => Deno.test({ name: words, ignore, fn });
const samples: Sample[] = Array.from({ length: 200 }, (_, i) => ({ sequence: BigInt(i), values: [i / 8, BigInt(i)] }));
const datagrams: readonly Uint8Array[] = samples.map((sample) => protobuf().encode([sample]));

interface Pair extends AsyncDisposable {
  /** The peer's end. */
  peer: DatagramTransport;
  /** The echo facing it. */
  echo: Running;
}

/** Starts an echo on a free port and a peer facing it. */
async function startEcho(starting = start, ...args: string[]): Promise<Pair> {
  const peer = await openUdp({ batch: true, local: "udp://127.0.0.1:0" });
  const echo = starting("echo", "--batch", "--local", "udp://127.0.0.1:0", "--remote", peer.local, ...args);
  const [, address = ""] = await echo.expectError(/Receiving on (\S+),/);
  await peer.setRemote(address);
  return {
    peer,
    echo,
    async [Symbol.asyncDispose]() {
      peer.close();
      await echo[Symbol.asyncDispose]();
    },
  };
}

/** Receives a number of datagrams, and copies them. */
async function receiveAll(peer: DatagramTransport, count: number): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  while (received.length < count) received.push(...(await peer.receive()).map((datagram) => datagram.slice()));
  return received;
}

test("echo --batch returns and prints what comes, in its order, and says how much the kernel keeps", async () => {
  await using pair = await startEcho(start, "--count", "200", "--stats");
  const { peer, echo } = pair;
  assertEquals(await peer.send(datagrams), 200);
  assertEquals(await receiveAll(peer, 200), datagrams);
  const { code, stdout, stderr } = await echo.finish();
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n");
  const stats = JSON.parse(lines.pop() ?? "");
  assertEquals(lines.map((line) => JSON.parse(line).sequence), samples.map(({ sequence }) => Number(sequence)));
  assertMatch(
    stderr,
    /^villas-client: Receiving on .*\nvillas-client: Receiving and sending in batches, with a receive buffer of \d{6,} bytes\n/,
  );
  assertStringIncludes(stderr, "Sent 200 datagrams, 200 samples");
  assertEquals([stats.received.missing, stats.sent.undelivered, stats.kernelDrops], [0, 0, 0]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`echo --batch ends at ${signal} while it waits, with status 0`, async () => {
    await using pair = await startEcho();
    pair.echo.kill(signal);
    assertEquals((await pair.echo.finish()).code, 0);
  });

  test(`echo --batch ends at ${signal} while datagrams come without end, with status 0`, async () => {
    await using pair = await startEcho(start, "--print", "none");
    const { peer, echo } = pair;
    await peer.send(datagrams.slice(0, 32));
    await peer.receive();
    const playing = (async () => {
      for (let window = datagrams.slice(0, 32); window.length > 0; window = [...await peer.receive()]) {
        await peer.send(window);
      }
    })();
    echo.kill(signal);
    assertEquals((await echo.finish()).code, 0);
    peer.close();
    await playing;
  });
}

test("echo --batch ends after --duration, and with 124 after --timeout", async () => {
  await using lasting = await startEcho(start, "--duration", "10ms");
  assertEquals((await lasting.echo.finish()).code, 0);
  await using waiting = await startEcho(start, "--timeout", "10ms");
  assertEquals((await waiting.echo.finish()).code, 124);
});

test("echo --batch ends when nobody reads its output any more", async () => {
  await using pair = await startEcho((...args) => startPipeline("| head -1", ...args));
  const { peer, echo } = pair;
  let ended = false;
  const finishing = echo.finish().finally(() => ended = true);
  while (!ended) {
    await peer.send(datagrams.slice(0, 1));
    await Promise.race([peer.receive(), finishing]);
  }
  const { code, stdout } = await finishing;
  assertEquals([code, stdout.split("\n").length], [0, 2]);
});

test("echo --batch counts strangers, and does not answer them", async () => {
  await using pair = await startEcho(start, "--count", "1");
  const { peer, echo } = pair;
  using stranger = await openUdp({ local: "127.0.0.1:0", remote: peer.remote ?? "" });
  await stranger.send([datagrams[0] ?? new Uint8Array()]);
  await peer.send(datagrams.slice(1, 2));
  assertEquals(await receiveAll(peer, 1), datagrams.slice(1, 2));
  const { stderr } = await echo.finish();
  assertStringIncludes(stderr, `Ignored a datagram from ${stranger.local}: expected ${peer.local}`);
  assertStringIncludes(stderr, "refused 0, ignored 1\n");
});

/** Runs an echo for a moment, and returns what it reports about batches. */
async function reportsOf(permissions: readonly string[], ...args: string[]): Promise<string[]> {
  const { pathname } = new URL("../../cli.ts", import.meta.url);
  const config = `--config=${new URL("../../deno.json", import.meta.url).pathname}`;
  const flags = ["run", "-q", "--no-prompt", config, "--allow-net", "--allow-read", ...permissions];
  const line = ["echo", "--local", "udp://127.0.0.1:0", "--duration", "10ms", ...args];
  const { code, stderr } = await runProgram(Deno.execPath(), [...flags, pathname, ...line]);
  assertEquals(code, 0, stderr);
  return stderr.split("\n").filter((text) => /batch|ffi/.test(text) && !text.includes("unknown (on Linux"));
}

const fallback = "Cannot receive and send in batches, using single datagrams: it needs the permission --allow-ffi";

test("echo --batch goes on one by one without --allow-ffi, in one line, and asks nothing", async () => {
  assertEquals(await reportsOf([], "--batch"), [`villas-client: warning: ${fallback}`]);
});

test("echo goes on one by one without --allow-ffi, and says so with -v only", async () => {
  assertEquals(await reportsOf([]), []);
  assertEquals(await reportsOf([], "-v"), [`villas-client: debug: ${fallback}`]);
});

test("echo works in batches with --allow-ffi, and says so with -v only", async () => {
  assertEquals(await reportsOf(["--allow-ffi"]), []);
  const [line = "", ...others] = await reportsOf(["--allow-ffi"], "-v");
  assertMatch(line, /^villas-client: debug: Receiving and sending in batches, with a receive buffer of \d{6,} bytes$/);
  assertEquals(others, []);
});

test("echo --no-batch says nothing of batches, with whatever permissions", async () => {
  assertEquals(await reportsOf(["--allow-ffi"], "--no-batch", "-v"), []);
  assertEquals(await reportsOf([], "--no-batch", "-v"), []);
});

test("echo unix --batch is a wrong use", async () => {
  const { code, stdout, stderr } = await run("echo", "unix", "--batch");
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Cannot send and receive in batches over unix: only udp can");
});
