/**
 * The signals of both directions on the command line, and what is sent without them.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, parseSignals, type Sample, type Value } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp, type Transport } from "@villas/client/transports";
import { type Finished, run, start, startFed } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const tsOrigin = { sec: 1_700_000_000, nsec: 500_000_000 };

/** Runs a command that sends to a socket of the test; what arrived until the command ended. */
async function runSender(input: string | undefined, ...args: string[]): Promise<Finished & { arrived: Sample[] }> {
  using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
  const command = [...args, "--remote", receiver.local, "--local", "udp://127.0.0.1:0"];
  let finished: Finished;
  if (input === undefined) finished = await run(...command);
  else {
    await using process = startFed(...command);
    await process.write(input);
    await process.endInput();
    finished = await process.finish();
  }
  return { ...finished, arrived: await drain(receiver) };
}

/** What has arrived; a datagram of the test's own comes last, so that nothing is waited for. */
async function drain(receiver: Transport): Promise<Sample[]> {
  using marker = await openUdp({ local: "udp://127.0.0.1:0", remote: receiver.local });
  await marker.send([new Uint8Array([0xff])]);
  const samples: Sample[] = [];
  for (;;) {
    for (const datagram of await receiver.receive()) {
      if (datagram.length === 1) return samples;
      samples.push(...protobuf().decode(datagram));
    }
  }
}

const refusal = (what: string, fitting: string) =>
  `Cannot send sample 0: ${what}; a VILLASnode accepts up to 64 floats unless its in.signals says otherwise: give ` +
  `--signals ${fitting} if it does, or --signals any to send samples unchecked`;

Deno.test("send takes whole numbers in text for floats, and says so once", async () => {
  for (
    const [format, text] of [
      ["villas.human", "1.000000002(0)\t1\t2\n1.000000003(1)\t3\t4.5\n"],
      ["csv", "1,2,nan,0,1,2\n1,3,nan,1,3,4.5\n"],
      ["json", '{"sequence": 0, "data": [1, 2]}\n{"sequence": 1, "data": [3, 4.5]}\n'],
    ] as const
  ) {
    const { code, stderr, arrived } = await runSender(text, "send", "-i", format);
    assertEquals([code, arrived.map(({ values }) => values)], [0, [[1, 2], [3, 4.5]]], stderr);
    assertEquals(stderr.match(/whole numbers as floats/g)?.length, 1, stderr);
  }
});

Deno.test("send keeps the types of text with --signals, and those that the text shows with --signals any", async () => {
  const text = "1.000000002(0)\t1\t2\n";
  const given = await runSender(text, "send", "-t", "if");
  assertEquals([given.code, given.arrived.map(({ values }) => values)], [0, [[1n, 2]]]);
  const any = await runSender(text, "send", "--signals-out", "any");
  assertEquals([any.code, any.arrived.map(({ values }) => values)], [0, [[1n, 2n]]]);
});

Deno.test("send refuses what is not up to 64 floats, with the option to type and status 1", async () => {
  const cases: [Value[], string, string][] = [
    [[1.5, 2n], "value 1 is of type integer", "fi"],
    [[true], "value 0 is of type boolean", "b"],
    [Array.from({ length: 65 }, () => 0.5), "it has 65 values", "65f"],
  ];
  for (const [values, what, fitting] of cases) {
    const path = await Deno.makeTempFile({ suffix: ".pb" });
    try {
      await Deno.writeFile(path, protobuf().createEncoder()([{ sequence: 0n, tsOrigin, values }]) as Uint8Array);
      const { code, stderr, arrived } = await runSender(undefined, "send", path);
      assertEquals([code, arrived], [1, []], stderr);
      assertStringIncludes(stderr, refusal(what, fitting));
      const lifted = await runSender(undefined, "send", path, "--signals", fitting);
      assertEquals([lifted.code, lifted.arrived.map((sample) => sample.values)], [0, [values]], lifted.stderr);
    } finally {
      await Deno.remove(path);
    }
  }
});

Deno.test("signal casts what it generates to --signals, or to what --config says that the node takes", async () => {
  const config = await Deno.makeTempFile({ suffix: ".conf" });
  try {
    await Deno.writeTextFile(
      config,
      'nodes = { client = { type = "socket", format = "protobuf", in = { address = "127.0.0.1:1", signals = "ibc" }, ' +
        'out = { address = "127.0.0.1:2" } } }',
    );
    const shapes = ["counter:offset=1.75", "counter", "constant:amplitude=2.5"];
    const expected = [[1n, false, { real: 2.5, imag: 0 }], [2n, true, { real: 2.5, imag: 0 }]];
    for (const types of [["--signals", "ibc"], ["--config", config]]) {
      const { code, stderr, arrived } = await runSender(undefined, "signal", ...shapes, "-n", "-l", "2", ...types);
      assertEquals([code, arrived.map(({ values }) => values)], [0, expected], stderr);
    }
  } finally {
    await Deno.remove(config);
  }
});

Deno.test("signal refuses more shapes than the node takes, with the number that fits", async () => {
  const shapes = ["signal", "sine", "-v", "65", "-n", "-l", "1"];
  const byDefault = await runSender(undefined, ...shapes);
  assertEquals([byDefault.code, byDefault.arrived], [1, []]);
  assertMatch(byDefault.stderr, /Cannot send 65 values: a VILLASnode accepts up to 64 floats .* give --signals 65f/);
  const given = await runSender(undefined, ...shapes, "-t", "8f");
  assertEquals([given.code, given.arrived], [2, []]);
  assertMatch(given.stderr, /Cannot send 65 values: 8 signals are given/);
  const lifted = await runSender(undefined, ...shapes, "-t", "any");
  assertEquals([lifted.code, lifted.arrived[0]?.values.length], [0, 65]);
});

Deno.test("echo --reply refuses before it begins what a VILLASnode does not take by default", async () => {
  const { code, stdout, stderr } = await run("echo", "--local", "udp://127.0.0.1:0", "--reply", "230.1,7i");
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, refusal("value 1 is of type integer", "fi"));
});

Deno.test("echo says once which in.signals the node needs for what it gives back, and gives it back", async () => {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  await using process = start("echo", "--local", "udp://127.0.0.1:0", "--remote", peer.local, "--count", "3");
  const [, address = ""] = await process.expectError(/Receiving on (\S+),/);
  await peer.setRemote(address);
  for (const values of [[1.5], [2.5, 3n], [4.5, true]]) {
    const datagram = protobuf().encode([{ sequence: 1n, values }]);
    await peer.send([datagram]);
    assertEquals((await peer.receive())[0]?.slice(), datagram);
  }
  const { code, stderr } = await process.finish();
  assertEquals(code, 0);
  assertEquals(stderr.match(/the node needs in\.signals/g)?.length, 1, stderr);
  assertStringIncludes(
    stderr,
    'the node needs in.signals = "fi" for them; with --signals fi nothing else is sent back',
  );
});

Deno.test("echo reads by --signals-in and sends by --signals-out", async () => {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  const addresses = ["--local", "udp://127.0.0.1:0", "--remote", peer.local];
  const signals = ["--signals-in", "fi", "--signals-out", "f"];
  await using process = start("echo", ...addresses, "-f", "gtnet", ...signals, "--reply", "7", "--count", "1");
  const [, address = ""] = await process.expectError(/Receiving on (\S+),/);
  await peer.setRemote(address);
  const gtnet = await createFormat("gtnet", { signals: parseSignals("fi") });
  await peer.send([gtnet.encode([{ values: [1.5, -3n] }])]);
  assertEquals((await peer.receive())[0]?.slice(), (await createFormat("gtnet")).encode([{ values: [7] }]));
  assertMatch((await process.finish()).stdout, /"data": \[1\.5, -3\]/);
});

testWrongUsages([
  [
    ["echo", "--signals", "f", "--signals-in", "f"],
    "Cannot use --signals with --signals-in: it sets the signals of both...",
  ],
  [["echo", "--signals", "f", "--signals-out", "f"], "Cannot use --signals with --signals-out..."],
  [["recv", "--signals", "f", "--signals-in", "f"], "Cannot use --signals with --signals-in..."],
  [["echo", "-f", "value", "-t", "2f"], "Cannot receive signals 2f as value..."],
  [["echo", "-f", "opal.asyncip", "--signals-out", "65f"], "Cannot send signals 65f as opal.asyncip..."],
  [["echo", "-f", "villas.binary", "--signals-out", "fb"], "Cannot send signals fb as villas.binary..."],
  [
    ["signal", "sine", "--remote", "127.0.0.1:1", "-f", "protobuf", "-t", "6000f"],
    "...signals 6000f as protobuf: it is 72014 bytes long; UDP carries 65507...",
  ],
  [
    ["echo", "-t", '[{"name": "a"}, {"name": "a"}]'],
    'Cannot set -t to "[{"name": "a"}, {"name": "a"}]": the name "a" occurs twice',
  ],
], ["--local", "udp://127.0.0.1:0"]);
