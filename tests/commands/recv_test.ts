import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, type Sample, secondsBetween } from "@villas/client";
import { protobuf, villasHuman } from "@villas/client/formats";
import { pace } from "@villas/client/timing";
import { openUdp, openUnix } from "@villas/client/transports";
import { run, start, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { face, startRecv } from "./_recv.ts";

const samples: Sample[] = Array.from({ length: 3 }, (_, i) => ({
  sequence: BigInt(i),
  tsOrigin: { sec: 1_700_000_000, nsec: i },
  values: [i + 0.5],
}));
const datagrams = samples.map((sample) => protobuf().encode([sample]));
const printed = samples.map((_, i) =>
  `{"ts": {"origin": [1700000000, ${i}]}, "sequence": ${i}, "data": [${i + 0.5}]}\n`
);

Deno.test("recv prints what every address sends, sends nothing, and sums up", async () => {
  await using pair = await startRecv("--count", "3");
  const { peer, recv } = pair;
  using other = await openUdp({ local: "udp://127.0.0.1:0", remote: peer.remote ?? "" });
  await peer.send(datagrams.slice(0, 1));
  await recv.expectOutput(/"sequence": 0/);
  await other.send(datagrams.slice(1, 2));
  await recv.expectOutput(/"sequence": 1/);
  await peer.send(datagrams.slice(2));
  const { code, stdout, stderr } = await recv.finish();
  assertEquals(code, 0);
  assertEquals(stdout, printed.join(""));
  assertMatch(stderr, /Receiving on udp:\/\/127.0.0.1:\d+ from every address\n/);
  assertMatch(stderr, /Received 3 datagrams, 3 samples, 84 bytes in \d+\.\d s/);
  assertStringIncludes(stderr, "Missing 0, duplicate 0, reordered 0, refused 0, ignored 0\n");
  assert(!stderr.includes("Sent"));
});

Deno.test("recv --remote takes what that address sends, and ignores others, and says so", async () => {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  await using recv = start("recv", "--local", "udp://127.0.0.1:0", "--remote", peer.local, "--count", "1");
  const [, address = ""] = await recv.expectError(/Receiving on (\S+) from (\S+)\n/);
  await peer.setRemote(address);
  using stranger = await openUdp({ local: "udp://127.0.0.1:0", remote: address });
  await stranger.send(datagrams.slice(0, 1));
  await recv.expectError(new RegExp(`Ignored a datagram from ${stranger.local}: expected ${peer.local}`));
  await peer.send(datagrams.slice(1, 2));
  const { code, stdout, stderr } = await recv.finish();
  assertEquals([code, stdout], [0, printed[1]]);
  assertStringIncludes(stderr, "ignored 1\n");
});

Deno.test("recv --remote --any-source takes what strangers send", async () => {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  await using recv = start(
    ...["recv", "--local", "udp://127.0.0.1:0", "--remote", peer.local, "--any-source", "--count", "1"],
  );
  const [, address = ""] = await recv.expectError(/Receiving on (\S+) from/);
  using stranger = await openUdp({ local: "udp://127.0.0.1:0", remote: address });
  await stranger.send(datagrams.slice(0, 1));
  assertEquals((await recv.finish()).stdout, printed[0]);
});

Deno.test("recv ends after exactly as many samples as were asked for", async () => {
  await using pair = await startRecv("--count", "2", "--stats");
  await pair.peer.send([protobuf().encode(samples)]);
  const { stdout } = await pair.recv.finish();
  const lines = stdout.split("\n");
  assertEquals(lines.slice(0, 2).map((line) => `${line}\n`), printed.slice(0, 2));
  const { command, remote, output, received } = JSON.parse(lines[2] ?? "");
  assertEquals([command, remote], ["recv", undefined]);
  assertEquals(output, { file: "-", format: "json", samples: 2, refused: 0 });
  assertEquals([received.datagrams, received.samples], [1, 3]);
});

Deno.test("recv --print villas.human shows the time from origin to reception", async () => {
  await using pair = await startRecv("--count", "1", "--print", "villas.human");
  const tsOrigin = { sec: Math.floor(Date.now() / 1000) - 10, nsec: 0 };
  await pair.peer.send([protobuf().encode([{ sequence: 4n, tsOrigin, values: [1.5] }])]);
  const { stdout } = await pair.recv.finish();
  assertMatch(
    stdout,
    /^# seconds\.nanoseconds\+offset\(sequence\)\tsignal0\n\d+\.000000000\+1\.\d{6}e\+01\(4\)\t1\.50+\n$/,
  );
  const reader = villasHuman().createDecoder((error) => {
    throw error;
  });
  const [sample] = reader.push(new TextEncoder().encode(stdout));
  const { tsReceived = { sec: 0, nsec: 0 } } = sample ?? {};
  const offset = secondsBetween(tsReceived, tsOrigin);
  assert(offset >= 9 && offset < 60, `${offset} s`);
});

Deno.test("recv --print takes a JSON object, and keeps the time of reception that a sample has", async () => {
  await using pair = await startRecv(
    "--count",
    "1",
    "--print",
    '{"type": "json", "ts_received": true, "compact": true}',
  );
  const sample: Sample = { tsOrigin: { sec: 1, nsec: 2 }, tsReceived: { sec: 3, nsec: 4 }, values: [1] };
  await pair.peer.send([protobuf({ ts_received: true }).encode([sample])]);
  assertEquals((await pair.recv.finish()).stdout, '{"ts":{"origin":[1,2],"received":[3,4]},"data":[1.0]}\n');
});

Deno.test("recv --format receives bare numbers as --signals say, with their names in the header", async () => {
  await using pair = await startRecv(
    ...["--count", "1", "--print", "csv", "--format", '{"type": "raw", "bits": 64, "fake": true}'],
    ...["--signals", '[{"name": "va", "unit": "V", "type": "float"}, {"name": "n", "type": "integer"}]'],
  );
  const format = await createFormat({ type: "raw", bits: 64, fake: true });
  await pair.peer.send([format.encode([{ sequence: 7n, tsOrigin: { sec: 5, nsec: 6 }, values: [1.5, -2n] }])]);
  const { stdout } = await pair.recv.finish();
  assertMatch(stdout, /^# secs,nsecs,offset,sequence,va\[V\],n\n5,000000006,\d+\.\d{9},7,1\.50+,-2\n$/);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`recv ends with status 0 and a summary on ${signal}, without and with traffic`, async () => {
    await using quiet = await startRecv();
    quiet.recv.kill(signal);
    const { code, stderr } = await quiet.recv.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /Received 0 datagrams, 0 samples, 0 bytes/);
    await using busy = await startRecv();
    await busy.peer.send(datagrams);
    await busy.recv.expectOutput(/"sequence": 2/);
    busy.recv.kill(signal);
    const finished = await busy.recv.finish();
    assertEquals([finished.code, finished.stdout], [0, printed.join("")]);
  });
}

Deno.test("recv --timeout ends with status 124 when nothing comes any more", async () => {
  await using pair = await startRecv("--timeout", "1s");
  await pair.peer.send(datagrams.slice(0, 1));
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals([code, stdout], [124, printed[0]]);
  assertStringIncludes(stderr, "error: No sample arrived for 1 s");
});

Deno.test("recv --duration ends with status 0, and --quiet says nothing", async () => {
  const args = ["recv", "--local", "udp://127.0.0.1:0", "--duration", "50ms"];
  const { code, stderr } = await run(...args);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Received 0 datagrams");
  assertEquals((await run(...args, "--quiet")).stderr, "");
});

Deno.test("recv reports and counts what it cannot decode and what is missing, and goes on", async () => {
  await using pair = await startRecv("--count", "2");
  for (let i = 0; i < 10; i++) await pair.peer.send([new Uint8Array([0x0a, 0x7f])]);
  await pair.peer.send([datagrams[0] ?? new Uint8Array(), datagrams[2] ?? new Uint8Array()]);
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals([code, stdout], [0, `${printed[0]}${printed[2]}`]);
  const warning = "warning: Cannot decode datagram as protobuf at offset 2: it ends inside a field";
  assertStringIncludes(stderr, `${warning} (from ${pair.peer.local})\n`);
  assertStringIncludes(stderr, "warning: 9 more messages like the last one\n");
  assertStringIncludes(stderr, "Missing 1, duplicate 0, reordered 0, refused 10, ignored 0\n");
});

Deno.test("recv leaves out what its format cannot carry, says so, and ends with status 1", async () => {
  await using pair = await startRecv("--count", "4", "--print", "value");
  const wide = { values: [1, 2] };
  await pair.peer.send([protobuf().encode([{ values: [1] }, wide, { values: [3n] }]), protobuf().encode([wide])]);
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals([code, stdout], [1, "1.00000000000000000\n3\n"]);
  assertStringIncludes(
    stderr,
    "warning: Cannot encode sample 0 as value: it has 2 values, and the format carries exactly one; it is not printed\n",
  );
  assertStringIncludes(stderr, "error: Skipped 2 samples that value cannot carry\n");
});

Deno.test("recv fails with status 1 where the local address is in use", async () => {
  using other = await openUdp({ local: "udp://127.0.0.1:0" });
  const { code, stderr } = await run("recv", "--local", other.local);
  assertEquals(code, 1);
  const holder = Deno.build.os === "linux" ? `, by deno (process ${Deno.pid})` : "";
  assertEquals(stderr, `villas-client: error: Cannot open ${other.local}: the address is in use${holder}\n`);
});

Deno.test({
  name: "recv unix receives from every socket, and removes its file",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    const local = `unix:${folder}/client.sock`;
    await using recv = start("recv", "unix", "--local", local, "--count", "1");
    await recv.expectError(/Receiving on .* from every address/);
    {
      using peer = await openUnix({ local: `unix:${folder}/peer.sock`, remote: local });
      await peer.send(datagrams.slice(0, 1));
    }
    const { code, stdout } = await recv.finish();
    assertEquals([code, stdout], [0, printed[0]]);
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.remove(folder);
  },
});

Deno.test({
  name: "recv ends cleanly when nobody reads its output any more",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using pair = await face(startPipeline("| head -n 1", "recv", "--local", "udp://127.0.0.1:0"));
    // The pipe breaks at the first write after `head` has ended, whenever that is.
    let hasEnded = false;
    const finished = pair.recv.finish().finally(() => hasEnded = true);
    for await (const _ of pace(1000)) {
      if (hasEnded) break;
      await pair.peer.send(datagrams.slice(0, 1));
    }
    const { code, stdout, stderr } = await finished;
    assertEquals([code, stdout], [0, printed[0]]);
    assertMatch(stderr, /Received \d+ datagrams/);
  },
});

testWrongUsages([
  [["recv", "--print", "jsn"], 'Cannot set --print to "jsn": did you mean json?'],
  [
    ["recv", "--print", '{"type": "villas.humn"}'],
    'Cannot set --print to "{"type": "villas.humn"}": did you mean villas.human?',
  ],
  [["recv", "--print", '{"typ'], "...Cannot parse the format as JSON..."],
  [["recv", "--print", "yaml"], 'Cannot set --print to "yaml": expected none, table, protobuf, ...'],
  [["recv", "--print", "auto"], 'Cannot set --print to "auto": expected none, table, protobuf, ...'],
  [["recv", "--format", "protobof"], 'Cannot set --format to "protobof": did you mean protobuf?'],
  [["recv", "--format", "none"], 'Cannot set --format to "none": expected auto, protobuf, ...'],
  [
    ["recv", "--format", '{"type": "raw", "bits": 7}'],
    'Cannot set option "bits" of format raw to 7: expected 8, 16, 32, 64',
  ],
  [["recv", "--output", "run1.xyz"], "Cannot tell the format of run1.xyz from its name: give --print"],
  [
    ["recv", "--output", "run1.csv", "--print", "none"],
    "Cannot use --output with --print none: nothing would be written",
  ],
  [["recv", "--output", ""], 'Cannot set --output to "": expected the name of a file'],
  [
    ["recv", "--print", "villas.binary", "--stats"],
    "Cannot print figures after villas.binary: it is binary; give --stats=FILE",
  ],
  [["recv", "--interface", "127.0.0.1"], "Cannot use --interface without --multicast"],
  [["recv", "--multicast", "...10.0.0.1..."], "...10.0.0.1..."],
  [
    ["recv", "unix", "--multicast", "224.1.2.3", "--local", "unix:/nowhere/x"],
    "Cannot join a multicast group over unix: only udp can",
  ],
]);

for (
  const [option, given, advice] of [
    [
      "--print",
      '{"type": "csv", "seperator": ";"}',
      'option "seperator" of format csv, as VILLASnode does: did you mean',
    ],
    ["--format", '{"type": "raw", "bit": 64}', 'option "bit" of format raw, as VILLASnode does: did you mean bits?'],
    ["--format", '{"type": "auto", "bits": 8}', 'option "bits" of format auto, as VILLASnode does: it has signals'],
  ] as const
) {
  Deno.test(`recv ${option} ${given} warns about the option and ignores it`, async () => {
    const { code, stderr } = await run("recv", "--local", "udp://127.0.0.1:0", "--duration", "10ms", option, given);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `warning: Ignoring ${advice}`);
  });
}
