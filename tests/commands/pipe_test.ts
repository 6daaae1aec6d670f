/**
 * `villas-client pipe`: between a program that reads and writes lines and a node.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp, type Transport } from "@villas/client/transports";
import { type Fed, runArguments, spawn, start, startFed } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const anywhere = ["--local", "udp://127.0.0.1:0"];

const samples: Sample[] = [0, 1, 2].map((i) => ({
  sequence: BigInt(i),
  tsOrigin: { sec: 1_700_000_000, nsec: i },
  values: [i + 0.5, -i],
}));

/** A pipe, and the node that it faces: a bare transport, so that what arrives is bytes. */
interface Pair extends AsyncDisposable {
  readonly node: Transport;
  readonly pipe: Fed;
}

async function startPipe(...args: string[]): Promise<Pair> {
  const node = await openUdp({ local: "udp://127.0.0.1:0" });
  const pipe = startFed("pipe", ...anywhere, "--remote", node.local, ...args);
  const [, address = ""] = await pipe.expectError(/Receiving on (\S+),/);
  await node.setRemote(address);
  return {
    node,
    pipe,
    async [Symbol.asyncDispose]() {
      node.close();
      await pipe[Symbol.asyncDispose]();
    },
  };
}

/** Receives the samples of so many datagrams, one list each. */
async function receive(node: Transport, datagrams: number): Promise<Sample[][]> {
  const received: Sample[][] = [];
  while (received.length < datagrams) {
    for (const datagram of await node.receive()) received.push(protobuf().decode(datagram));
  }
  return received;
}

Deno.test("pipe passes on each line and each sample at once, in both directions, while both streams are open", async () => {
  await using pair = await startPipe();
  const { node, pipe } = pair;
  for (const [i, sample] of samples.entries()) {
    await node.send([protobuf().encode([sample])]);
    const offset = String.raw`[-+]\d\.\d{6}e[-+]\d\d`;
    await pipe.expectOutput(
      new RegExp(`^1700000000\\.00000000${i}${offset}\\(${i}\\)\\t${i}\\.50*\\t-?${i}\\.0*$`, "m"),
    );
    await pipe.write(`1700000000.00000000${i}(${i})\t${10 * i}.5\n`);
    assertEquals(await receive(node, 1), [[{ ...sample, values: [10 * i + 0.5] }]]);
  }
  await pipe.endInput();
  const { code, stdout, stderr } = await pipe.finish();
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^# seconds\.nanoseconds\+offset\(sequence\)\tsignal0\tsignal1\n/);
  assertStringIncludes(stderr, "Received 3 datagrams, 3 samples");
  assertStringIncludes(stderr, "Sent 3 datagrams, 3 samples");
});

Deno.test("pipe takes several samples of a datagram, and of a line of standard input each", async () => {
  await using pair = await startPipe("-f", "json", "--vectorize", "2");
  const { node, pipe } = pair;
  await node.send([protobuf().encode(samples)]);
  await pipe.expectOutput(/"sequence": 2/);
  await pipe.write('{"data": [1]}\n{"data": [2]}\n{"sequence": 9, "data": [3]}\n');
  await pipe.endInput();
  assertEquals(await receive(node, 2), [
    [{ sequence: 0n, values: [1] }, { sequence: 1n, values: [2] }],
    [{ sequence: 9n, values: [3] }],
  ]);
  const { code, stdout } = await pipe.finish();
  assertEquals([code, stdout.match(/^\{/gm)?.length], [0, 3], stdout);
});

Deno.test("pipe -l goes on after the end of standard input until it has received so many samples", async () => {
  await using pair = await startPipe("-l", "3");
  const { node, pipe } = pair;
  await pipe.write("0.0\t1.5\n");
  await pipe.endInput();
  assertEquals(await receive(node, 1), [[{ sequence: 0n, values: [1.5] }]]);
  for (const sample of samples) await node.send([protobuf().encode([sample])]);
  const { code, stdout } = await pipe.finish();
  assertEquals([code, stdout.split("\n").length], [0, 5]);
});

Deno.test("pipe -L ends after so many sent samples, though standard input goes on", async () => {
  await using pair = await startPipe("-L", "2");
  await pair.pipe.write("0.0(4)\t1\n0.0(5)\t2\n0.0(6)\t3\n");
  assertEquals((await receive(pair.node, 2)).flat().map(({ sequence }) => sequence), [4n, 5n]);
  const { code, stderr } = await pair.pipe.finish();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Sent 2 datagrams, 2 samples");
});

Deno.test("pipe -r reads no standard input, and -s receives nothing", async () => {
  await using receiver = await startPipe("-r", "-l", "1");
  await receiver.pipe.endInput();
  await receiver.node.send([protobuf().encode(samples.slice(0, 1))]);
  assertStringIncludes((await receiver.pipe.finish()).stdout, "1700000000.000000000");
  await using sender = await startPipe("-s");
  await sender.node.send([protobuf().encode(samples)]);
  await sender.pipe.write("0.0\t1\n");
  await sender.pipe.endInput();
  const { code, stdout, stderr } = await sender.pipe.finish();
  assertEquals([code, stdout], [0, ""]);
  assertStringIncludes(stderr, "Sent 1 datagram, 1 sample");
});

Deno.test("pipe -T ends with status 0, and --timeout with 124", async () => {
  await using limited = await startPipe("-T", "0.1");
  assertEquals((await limited.pipe.finish()).code, 0);
  await using idle = await startPipe("--timeout", "0.1");
  assertEquals((await idle.pipe.finish()).code, 124);
});

Deno.test("pipe skips what it cannot read or the node would not survive, and ends with status 1", async () => {
  await using pair = await startPipe("--signals-out", "f");
  await pair.pipe.write("0.0(0)\t1.5\nnonsense\n0.0(1)\t1.5\t2.5\n0.0(2)\t2.5\n");
  await pair.pipe.endInput();
  assertEquals((await receive(pair.node, 2)).flat().map(({ sequence }) => sequence), [0n, 2n]);
  const { code, stderr } = await pair.pipe.finish();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Skipped 2 lines that could not be read");
});

Deno.test("pipe -x takes the other end of the link of a pipe without it", async () => {
  using free = await openUdp({ local: "udp://127.0.0.1:0" });
  using other = await openUdp({ local: "udp://127.0.0.1:0" });
  const link = ["--local", free.local, "--remote", other.local];
  free.close();
  other.close();
  await using client = startFed("pipe", ...link, "--signals-in", "2f", "--signals-out", "i");
  await client.expectError(new RegExp(`Receiving on ${free.local}, sending .* ${other.local}\n`));
  await using node = startFed("pipe", "-x", ...link, "--signals-in", "2f", "--signals-out", "i");
  await node.expectError(new RegExp(`Receiving on ${other.local}, sending .* ${free.local}\n`));
  await node.write("0.0\t1\t2.5\n");
  await client.expectOutput(/\(0\)\t1\.0+\t2\.50+\n/);
  await client.write("0.0\t7\n");
  await node.expectOutput(/\(0\)\t7\n/);
});

/** A controller as a user writes it: it knows lines, and nothing of this client. */
const controller = `
import sys

integral = 0.0
for line in sys.stdin:
    if line.startswith("#"):
        continue
    sample, setpoint, measured = line.split()
    error = float(setpoint) - float(measured)
    integral += 0.05 * error
    print(sample, 2 * error + integral, flush=True)
`;

Deno.test({
  name: "pipe lets a controller in Python control the plant of the demo",
  ignore: !await hasPython(),
  async fn() {
    using near = await openUdp({ local: "udp://127.0.0.1:0" });
    using far = await openUdp({ local: "udp://127.0.0.1:0" });
    const link = ["--local", near.local, "--remote", far.local];
    near.close();
    far.close();
    const folder = await Deno.makeTempDir({ prefix: "villas-pipe-" });
    try {
      await Deno.writeTextFile(`${folder}/controller.py`, controller);
      // It ends by itself, which ends the controller.
      const words = [
        Deno.execPath(),
        ...runArguments("pipe", ...link, "--signals-in", "2f", "--signals-out", "f", "-T", "8"),
      ];
      const command = `mkfifo '${folder}/answers'; ${
        words.map((word) => `'${word}'`).join(" ")
      } < '${folder}/answers' ` +
        `| python3 -u '${folder}/controller.py' > '${folder}/answers'`;
      await using loop = spawn("bash", ["-c", command]);
      await loop.expectError(/Receiving on/);
      await using plant = start("demo", "plant", ...link, "--duration", "4", "--print", "none");
      const { code, stderr } = await plant.finish();
      assertEquals(code, 0, stderr);
      const [, error = ""] = /off the setpoint by (\d+\.\d+) \(RMS\)/.exec(stderr) ?? [];
      assert(Number(error) < 5, stderr);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function hasPython(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["--version"] }).output()).success;
  } catch {
    console.warn("IGNORED: no controller in Python is tried, because python3 is missing");
    return false;
  }
}

testWrongUsages([
  [["pipe", "-s", "-r"], "Cannot use --send-only with --receive-only"],
  [["pipe", "-q", "--interval", "1s"], "Cannot use --interval with --quiet: nothing would be seen"],
  [["pipe", "tcp"], 'Unknown transport "tcp": expected udp or unix'],
]);
