import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { pace } from "@villas/client/timing";
import { openUdp, type Transport } from "@villas/client/transports";
import { run, type Running, start, startPipeline } from "./_cli.ts";

const data = new URL("../data/datagrams/", import.meta.url);
const samples: Sample[] = Array.from({ length: 3 }, (_, i) => ({
  sequence: BigInt(i),
  tsOrigin: { sec: 1_700_000_000, nsec: i },
  values: [i + 0.5],
}));
const printed = samples.map((_, i) =>
  `{"ts": {"origin": [1700000000, ${i}]}, "sequence": ${i}, "data": [${i + 0.5}]}\n`
);

interface Pair extends AsyncDisposable {
  /** The peer's end: a bare transport, so that what arrives is bytes. */
  peer: Transport;
  /** The echo facing it. */
  echo: Running;
}

/** Starts an echo on a free port and a peer facing it. */
async function startEcho(...args: string[]): Promise<Pair> {
  const peer = await openUdp({ local: "udp://127.0.0.1:0" });
  const echo = start("echo", "--local", "udp://127.0.0.1:0", "--remote", peer.local, ...args);
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

/** Sends a datagram and waits for the answer. */
async function exchange(peer: Transport, datagram: Uint8Array): Promise<Uint8Array> {
  await peer.send([datagram]);
  const [answer] = await peer.receive();
  return (answer ?? new Uint8Array()).slice();
}

Deno.test("echo prints each sample as JSON, sends it back and sums up", async () => {
  await using pair = await startEcho("--count", "3");
  const { peer, echo } = pair;
  for (const sample of samples) {
    const datagram = protobuf().encode([sample]);
    assertEquals(await exchange(peer, datagram), datagram);
  }
  const { code, stdout, stderr } = await echo.finish();
  assertEquals(code, 0);
  assertEquals(stdout, printed.join(""));
  assertMatch(stderr, /Received 3 datagrams, 3 samples, 84 bytes in \d+\.\d s/);
  assertStringIncludes(stderr, "Sent 3 datagrams, 3 samples, 84 bytes\n");
  assertStringIncludes(stderr, "Missing 0, duplicate 0, reordered 0, refused 0, ignored 0\n");
});

Deno.test("echo returns every captured datagram byte for byte", async () => {
  await using pair = await startEcho("--print", "none");
  for await (const { name } of Deno.readDir(data)) {
    const datagram = await Deno.readFile(new URL(name, data));
    assertEquals(await exchange(pair.peer, datagram), datagram, name);
  }
});

Deno.test("echo returns timestamps of reception, which a Google client may send", async () => {
  await using pair = await startEcho("--print", "none");
  const datagram = protobuf({ ts_received: true }).encode([{ tsReceived: { sec: 1, nsec: 2 }, values: [1] }]);
  assertEquals(await exchange(pair.peer, datagram), datagram);
});

Deno.test("echo prints every type of value as VILLASnode's JSON does", async () => {
  await using pair = await startEcho("--count", "1");
  const values = [1, -0, NaN, 2n ** 63n - 1n, -1n, true, { real: 1, imag: -2.5 }];
  await pair.peer.send([protobuf().encode([{ sequence: 2n ** 64n - 1n, newFrame: true, values }])]);
  const { stdout } = await pair.echo.finish();
  assertEquals(
    stdout,
    '{"flags": ["new_frame"], "sequence": 18446744073709551615, "data": [1.0, -0.0, null, 9223372036854775807, -1, ' +
      'true, {"real": 1.0, "imag": -2.5}]}\n',
  );
});

Deno.test("echo --reply sends constants with the number and time of what came", async () => {
  await using pair = await startEcho("--reply", "-1,2.5,7i,true,1+2j", "--print", "none", "--signals-out", "any");
  const answer = await exchange(pair.peer, protobuf().encode(samples.slice(1, 2)));
  assertEquals(protobuf().decode(answer), [
    { ...samples[1], values: [-1, 2.5, 7n, true, { real: 1, imag: 2 }] },
  ]);
});

Deno.test("echo answers several samples of one datagram with one datagram", async () => {
  await using pair = await startEcho("--count", "3");
  const datagram = protobuf().encode(samples);
  assertEquals(await exchange(pair.peer, datagram), datagram);
  assertEquals((await pair.echo.finish()).stdout, printed.join(""));
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`echo ends with status 0 and a summary on ${signal} without traffic`, async () => {
    await using pair = await startEcho();
    pair.echo.kill(signal);
    const { code, stderr } = await pair.echo.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /Received 0 datagrams, 0 samples, 0 bytes/);
  });
}

Deno.test("echo ends with status 0 and all it printed on SIGINT with traffic", async () => {
  await using pair = await startEcho();
  const { peer, echo } = pair;
  for (const sample of samples) await exchange(peer, protobuf().encode([sample]));
  echo.kill("SIGINT");
  const { code, stdout } = await echo.finish();
  assertEquals(code, 0);
  assertEquals(stdout, printed.join(""));
});

Deno.test("echo --timeout ends with status 124 when nothing comes", async () => {
  const { code, stderr } = await run("echo", "--local", "udp://127.0.0.1:0", "--timeout", "50ms");
  assertEquals(code, 124);
  assertStringIncludes(stderr, "error: No sample arrived for 0.05 s");
});

Deno.test("echo --duration ends with status 0", async () => {
  const { code, stderr } = await run("echo", "--local", "udp://127.0.0.1:0", "--duration", "50ms");
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Sent 0 datagrams");
});

Deno.test("echo reports what it cannot decode, without flooding, and goes on", async () => {
  await using pair = await startEcho("--count", "1");
  const { peer, echo } = pair;
  for (let i = 0; i < 10; i++) await peer.send([new Uint8Array([0x0a, 0x7f])]);
  await peer.send([new Uint8Array()]);
  await peer.send([protobuf().encode(samples.slice(0, 1))]);
  const { code, stdout, stderr } = await echo.finish();
  assertEquals(code, 0);
  assertEquals(stdout, printed[0]);
  const warning = "warning: Cannot decode datagram as protobuf at offset 2: it ends inside a field";
  assertStringIncludes(stderr, `${warning} (from ${peer.local})\n`);
  assertStringIncludes(stderr, "warning: 9 more messages like the last one\n");
  assertStringIncludes(stderr, "refused 10, ignored 0");
});

Deno.test("echo prints marks and unset values, and does not send them back", async () => {
  await using pair = await startEcho("--count", "2");
  const start = new Uint8Array([0x0a, 0x02, 0x08, 0x02]);
  const unset = new Uint8Array([0x0a, 0x05, 0x08, 0x01, 0xa2, 0x06, 0x00]);
  await pair.peer.send([start, unset]);
  const { stdout, stderr } = await pair.echo.finish();
  assertEquals(stdout, '{"data": []}\n{"data": [null]}\n');
  assertStringIncludes(stderr, "VILLASnode does not survive a sample of type start");
  assertStringIncludes(stderr, "Sent 0 datagrams");
  assertStringIncludes(stderr, "2 datagrams not sent: VILLASnode would not survive them");
});

Deno.test("echo --signals sends nothing of another type", async () => {
  await using pair = await startEcho("--signals", "i", "--count", "1");
  await pair.peer.send([protobuf().encode(samples.slice(0, 1))]);
  const { stderr } = await pair.echo.finish();
  assertStringIncludes(stderr, "Cannot encode sample 0 as protobuf: value 0 is of type float, signal0 of type integer");
  assertStringIncludes(stderr, "Sent 0 datagrams");
});

Deno.test("echo ignores strangers, and says so", async () => {
  await using pair = await startEcho("--count", "1");
  using stranger = await openUdp({ local: "udp://127.0.0.1:0", remote: pair.peer.remote ?? "" });
  await stranger.send([protobuf().encode(samples.slice(1, 2))]);
  await pair.echo.expectError(new RegExp(`Ignored a datagram from ${stranger.local}: expected ${pair.peer.local}`));
  await pair.peer.send([protobuf().encode(samples.slice(0, 1))]);
  const { stdout, stderr } = await pair.echo.finish();
  assertEquals(stdout, printed[0]);
  assertStringIncludes(stderr, "ignored 1\n");
});

Deno.test("echo --any-source takes what strangers send and answers the remote", async () => {
  await using pair = await startEcho("--any-source", "--count", "1");
  using stranger = await openUdp({ local: "udp://127.0.0.1:0", remote: pair.peer.remote ?? "" });
  const datagram = protobuf().encode(samples.slice(0, 1));
  await stranger.send([datagram]);
  assertEquals(await pair.peer.receive(), [datagram]);
  assertEquals((await pair.echo.finish()).stdout, printed[0]);
});

Deno.test("echo survives the death of its peer and answers the next one", async () => {
  await using pair = await startEcho();
  const { peer, echo } = pair;
  const datagram = protobuf().encode(samples.slice(0, 1));
  await exchange(peer, datagram);
  await peer.send([datagram]);
  peer.close();
  await echo.expectOutput(/"sequence": 0(.|\n)*"sequence": 0/);
  using next = await openUdp({ local: peer.local, remote: peer.remote ?? "" });
  assertEquals(await exchange(next, datagram), datagram);
});

Deno.test("echo --stats writes the summary as one JSON object to the end of standard output", async () => {
  await using pair = await startEcho("--count", "2", "--stats");
  const { peer, echo } = pair;
  await exchange(peer, protobuf().encode(samples.slice(0, 1)));
  await exchange(peer, protobuf().encode(samples.slice(2)));
  const { stdout } = await echo.finish();
  const lines = stdout.split("\n");
  assertEquals(lines.length, 4);
  const { seconds, kernelDrops, local, statistics, ...rest } = JSON.parse(lines[2] ?? "");
  assertEquals([statistics.samples, statistics.missing], [2, 1]);
  assert(seconds > 0);
  assertEquals(kernelDrops, Deno.build.os === "linux" ? 0 : null);
  assertEquals(local, peer.remote);
  assertEquals(rest, {
    command: "echo",
    remote: peer.local,
    format: "protobuf",
    received: {
      datagrams: 2,
      bytes: 56,
      samples: 2,
      refused: 0,
      ignored: 0,
      missing: 1,
      duplicate: 0,
      reordered: 0,
      restarts: 0,
    },
    sent: { datagrams: 2, bytes: 56, samples: 2, undelivered: 0, refused: 0 },
  });
});

Deno.test("echo --stats=FILE writes the summary to a file", async () => {
  const file = await Deno.makeTempFile();
  const { code, stdout } = await run("echo", "--local", "udp://127.0.0.1:0", "--duration", "10ms", `--stats=${file}`);
  assertEquals(code, 0);
  assertEquals(stdout, "");
  assertEquals(JSON.parse(await Deno.readTextFile(file)).received.datagrams, 0);
  await Deno.remove(file);
});

Deno.test("echo --quiet says nothing while all is well", async () => {
  const { stderr } = await run("echo", "--local", "udp://127.0.0.1:0", "--duration", "10ms", "--quiet");
  assertEquals(stderr, "");
});

Deno.test("echo fails with status 1 where the local address is in use", async () => {
  using other = await openUdp({ local: "udp://127.0.0.1:0" });
  const { code, stderr } = await run("echo", "--local", other.local);
  assertEquals(code, 1);
  const holder = Deno.build.os === "linux" ? `, by deno (process ${Deno.pid})` : "";
  assertEquals(stderr, `villas-client: error: Cannot open ${other.local}: the address is in use${holder}\n`);
});

Deno.test({
  name: "echo ends cleanly when nobody reads its output any more",
  ignore: Deno.build.os === "windows",
  async fn() {
    using peer = await openUdp({ local: "udp://127.0.0.1:0" });
    await using pipeline = startPipeline(
      "| head -n 1",
      ...["echo", "--local", "udp://127.0.0.1:0", "--remote", peer.local],
    );
    const [, address = ""] = await pipeline.expectError(/Receiving on (\S+),/);
    await peer.setRemote(address);
    // The pipe breaks at the first write after `head` has ended, whenever that is.
    let hasEnded = false;
    const finished = pipeline.finish().finally(() => hasEnded = true);
    const datagram = protobuf().encode(samples.slice(0, 1));
    for await (const _ of pace(1000)) {
      if (hasEnded) break;
      await peer.send([datagram]);
    }
    const { code, stdout, stderr } = await finished;
    assertEquals(code, 0);
    assertEquals(stdout, printed[0]);
    assertMatch(stderr, /Received \d+ datagrams/);
  },
});
