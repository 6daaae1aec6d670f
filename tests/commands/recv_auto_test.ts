import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect, createFormat, parseSignals, type Sample } from "@villas/client";
import { csv, detectFormat, json, villasBinary, villasHuman } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { start } from "./_cli.ts";
import { startRecv } from "./_recv.ts";

const data = new URL("../data/", import.meta.url);
const sampleOf = (index: number): Sample => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 5 },
  values: [index + 0.5, -1.5],
});
const text = (content: string) => new TextEncoder().encode(content);

/** What `recv` prints of samples. */
function printed(samples: readonly Sample[]): string {
  return String(json().createEncoder()(samples));
}

const vectors = ["datagrams", "formats"].flatMap((folder) =>
  [...Deno.readDirSync(new URL(folder, data))].map(({ name }) => `${folder}/${name}`)
).filter((name) => !name.endsWith(".input")).sort();

// Those that say what they are; that all others say nothing is what the tests of detectFormat() prove.
const telling = vectors.filter((name) => detectFormat([Deno.readFileSync(new URL(name, data))]).format !== undefined);

Deno.test("the vectors have each format that says what it is", () => {
  const formats = telling.map((name) => detectFormat([Deno.readFileSync(new URL(name, data))]).format ?? "");
  assertEquals([...new Set(formats)].sort(), [
    "csv",
    "iotagent_ul",
    "json",
    "json.edgeflex",
    "json.kafka",
    "json.reserve",
    "opal.asyncip",
    "protobuf",
    "tsv",
    "villas.binary",
    "villas.human",
    "villas.web",
  ]);
});

for (const name of telling) {
  Deno.test(`recv --format auto prints ${name} of VILLASnode`, async () => {
    const datagram = await Deno.readFile(new URL(name, data));
    const { format = "", reason } = detectFormat([datagram]);
    const samples = (await createFormat(format)).decode(datagram);
    await using pair = await startRecv("--format", "auto", "--count", `${samples.length}`);
    await pair.peer.send([datagram]);
    const { code, stdout, stderr } = await pair.recv.finish();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `villas-client: What comes is ${format}: ${reason}\n`);
    assertEquals(stdout, printed(samples));
  });
}

Deno.test("recv --format auto survives what comes before the first good datagram, and says it once", async () => {
  await using pair = await startRecv("--format", "auto", "--count", "4", "--stats");
  const { peer, recv } = pair;
  const good = [0, 1, 2, 3].map(sampleOf);
  await peer.send([new Uint8Array(), text("GET / HTTP/1.1\r\n\r\n"), ...good.map((sample) => csv().encode([sample]))]);
  const { code, stdout, stderr } = await recv.finish();
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.slice(0, 4).join("\n") + "\n", printed(good));
  assertEquals(stderr.match(/What comes is csv/g)?.length, 1);
  assertMatch(stderr, /warning: Cannot decode text as csv at /);
  const { format, received } = JSON.parse(lines[4] ?? "");
  assertEquals([format, received.datagrams, received.samples, received.refused, received.missing], ["csv", 6, 4, 1, 0]);
});

Deno.test("recv --format auto keeps to the format of the first datagrams when another one comes", async () => {
  await using pair = await startRecv("--format", "auto", "--count", "2");
  const { peer, recv } = pair;
  await peer.send([villasBinary().encode([sampleOf(0)]), villasHuman().encode([sampleOf(1)])]);
  await peer.send([villasBinary().encode([sampleOf(2)])]);
  const { code, stdout, stderr } = await recv.finish();
  assertEquals(code, 0);
  assertEquals(stdout, printed([sampleOf(0), sampleOf(2)]));
  assertStringIncludes(stderr, "warning: Cannot decode datagram as villas.binary at offset 0: ");
  assertStringIncludes(stderr, "Missing 1, duplicate 0, reordered 0, refused 1");
});

Deno.test("recv --format auto takes the types of text from --signals", async () => {
  await using pair = await startRecv("--format", "auto", "--count", "1", "--signals", "fb");
  await pair.peer.send([text("1700000000.000000005(4)\t1\t1\n")]);
  const { stdout } = await pair.recv.finish();
  assertEquals(stdout, '{"ts": {"origin": [1700000000, 5]}, "sequence": 4, "data": [1.0, true]}\n');
});

const wordFormats = [
  { type: "raw", bits: 32, endianess: "little" },
  { type: "raw", bits: 64, endianess: "big" },
  { type: "gtnet", fake: true },
];

for (const specification of wordFormats) {
  const name = JSON.stringify(specification);
  Deno.test(`recv --format auto does not guess that bare numbers are ${name}, and names it`, async () => {
    const format = await createFormat(specification);
    const datagrams = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => format.encode([sampleOf(index)]));
    const { candidates } = detectFormat(datagrams);
    await using pair = await startRecv("--format", "auto", "--count", "1", "--stats");
    await pair.peer.send(datagrams);
    const { code, stdout, stderr } = await pair.recv.finish();
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "villas-client: error: Cannot tell the format of what has come: it matches no format that identifies itself, " +
        "and bare numbers look the same in every width and byte order\n" +
        "villas-client: error: Give --format; the likeliest first:\n",
    );
    const named = [...stderr.matchAll(/error: +--format (?:'(.*)'|([^:]*)): (.*)\n/g)].map((
      [, object, name, reads],
    ) => ({
      specification: object === undefined ? { type: name } : JSON.parse(object),
      preview: reads,
    }));
    assertEquals(named, candidates);
    assertEquals(candidates.filter((candidate) => JSON.stringify(candidate.specification) === name).length, 1);
    const { output, received } = JSON.parse(stdout);
    assertEquals([output.samples, received.datagrams, received.refused], [0, 8, 8]);
    // What it names is what --format takes.
    await using second = await startRecv("--format", name, "--count", "1");
    await second.peer.send(datagrams);
    assertStringIncludes((await second.recv.finish()).stdout, '"data": [0.5, -1.5]}\n');
  });
}

Deno.test("recv --format auto gives up on garbage after a moment", async () => {
  await using pair = await startRecv("--format", "auto");
  await pair.peer.send([text("Hello")]);
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(
    stderr,
    'error: Cannot tell the format of what has come: it is text that matches no format of VILLASnode: it starts with "Hello"\n' +
      "villas-client: error: Give --format if you know it\n",
  );
});

Deno.test("recv --format auto ends with status 0 when it is interrupted before anything has come", async () => {
  await using pair = await startRecv("--format", "auto");
  pair.recv.kill("SIGINT");
  const { code, stderr } = await pair.recv.finish();
  assertEquals(code, 0);
  assertMatch(stderr, /Received 0 datagrams/);
});

Deno.test("recv --format auto counts the time limit while it does not know the format", async () => {
  await using pair = await startRecv("--format", "auto", "--timeout", "50ms");
  const { code } = await pair.recv.finish();
  assertEquals(code, 124);
});

/** Starts an echo on a free port, and a client facing it in some format. */
async function startEcho(format: string, ...args: string[]) {
  const peer = await openUdp({ local: "udp://127.0.0.1:0" });
  const echo = start("echo", "--local", "udp://127.0.0.1:0", "--remote", peer.local, ...args);
  const [, address = ""] = await echo.expectError(/Receiving on (\S+),/);
  await peer.setRemote(address);
  const client = await connect({ transport: peer, format, signals: parseSignals("2f") });
  return {
    client,
    echo,
    async [Symbol.asyncDispose]() {
      client.close();
      await echo[Symbol.asyncDispose]();
    },
  };
}

const echoed = ["protobuf", "villas.binary", "villas.web", "villas.human", "csv", "tsv", "json", "opal.asyncip"];

for (const format of echoed) {
  Deno.test(`echo --format auto answers ${format} in it`, async () => {
    await using pair = await startEcho(format, "--format", "auto", "--count", "2", "--print", "none");
    const { client, echo } = pair;
    await client.send(sampleOf(1));
    const [[answer] = []] = await client.receive();
    assertEquals([answer?.sequence, answer?.values], [1n, [1.5, -1.5]]);
    await client.send(sampleOf(2));
    assertEquals((await client.receive())[0]?.[0]?.values, [2.5, -1.5]);
    const { code, stderr } = await echo.finish();
    assertEquals(code, 0);
    assertStringIncludes(stderr, `What comes is ${format}: `);
    assertStringIncludes(stderr, "Sent 2 datagrams, 2 samples");
  });
}

const encoded = [
  "raw",
  '{"type": "raw", "bits": 64, "fake": true}',
  "gtnet",
  "json.kafka",
  "json.edgeflex",
  "json.reserve",
];

for (const format of [...echoed, ...encoded]) {
  Deno.test(`echo --format ${format} returns the bytes that came`, async () => {
    await using pair = await startEcho(format, "--format", format, "--signals", "2f", "--count", "1", "--print", "csv");
    const { client, echo } = pair;
    const datagram = client.format.encode([sampleOf(3)]);
    await client.send(sampleOf(3));
    const [[answer] = []] = await client.receive();
    assertEquals(client.format.encode(answer === undefined ? [] : [answer]), datagram);
    const { code, stdout } = await echo.finish();
    assertEquals(code, 0);
    assertMatch(
      stdout,
      /^# secs,nsecs,offset,sequence,signal0,signal1\n.*,3\.50000000000000000,-1\.50000000000000000\n$/,
    );
  });
}

Deno.test("echo --format auto ends with status 1 on bare numbers", async () => {
  await using pair = await startEcho("raw", "--format", "auto");
  const { client, echo } = pair;
  for (let index = 0; index < 8; index++) await client.send(sampleOf(index));
  const { code, stdout, stderr } = await echo.finish();
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `error:   --format '{"type":"raw","bits":32,"endianess":"little"}': 2 values: `);
  assertStringIncludes(stderr, "Sent 0 datagrams");
});

Deno.test("echo prints on though a sample does not fit what it prints in", async () => {
  await using pair = await startEcho("protobuf", "--count", "2", "--print", "value");
  const { client, echo } = pair;
  await client.send(sampleOf(1));
  assertEquals((await client.receive()).length, 1);
  await client.send(sampleOf(2));
  const { code, stdout, stderr } = await echo.finish();
  assertEquals([code, stdout], [0, ""]);
  assertStringIncludes(stderr, "warning: Cannot encode sample 0 as value: it has 2 values");
  assertStringIncludes(stderr, "warning: 1 more of the last message\n");
});
