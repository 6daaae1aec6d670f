import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, parseSignals, type Sample } from "@villas/client";
import { json, protobuf, villasHuman } from "@villas/client/formats";
import { formatForPath, readSamples } from "@villas/client/recordings";
import { pace } from "@villas/client/timing";
import { openUdp } from "@villas/client/transports";
import { run, runArguments, type Running, spawn, start } from "./_cli.ts";
import { face, startRecv } from "./_recv.ts";

const isWindows = Deno.build.os === "windows";

/** A folder of its own, which is removed at the end. */
async function makeFolder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

// Times of whole milliseconds and values that a float32 holds: some formats carry no more.
const floats: Sample[] = [0, 1, 2, 3, 4].map((index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 120_000_000 },
  values: [index + 0.5, -2.25],
}));
const mixed: Sample[] = floats.map((sample, index) => ({
  ...sample,
  ...index === 0 ? { newFrame: true } : {},
  values: [index + 0.1, BigInt(index) - 2n ** 60n, index % 2 === 0, { real: index, imag: -0.5 }],
}));

/** What a format carries of a sample. */
type Carries = (sample: Sample) => Sample;
const all: Carries = ({ tsReceived: _, ...sample }) => sample;
const noFrame: Carries = ({ newFrame: _, ...sample }) => all(sample);
const noTime: Carries = ({ tsOrigin: _, ...sample }) => all(sample);
const noNumber: Carries = ({ sequence: _, ...sample }) => all(sample);
const valuesOnly: Carries = ({ values }) => ({ values });

/** The file, the option that says its format where its ending does not, what is sent, and what comes back. */
const recordings: [file: string, print: string | undefined, sent: Sample[], types: string, carries: Carries][] = [
  ["x.pb", undefined, mixed, "fibc", all],
  ["x.json", undefined, mixed, "fibc", all],
  ["x", undefined, mixed, "fibc", all],
  ["x.jsonl", undefined, mixed, "fibc", all],
  ["x.txt", undefined, mixed, "fibc", all],
  ["x.villas.human", undefined, mixed, "fibc", all],
  ["x.csv", undefined, mixed, "fibc", noFrame],
  ["x.tsv", undefined, mixed, "fibc", noFrame],
  ["x.bin", undefined, floats, "2f", all],
  ["x.villas.web", undefined, floats, "2f", all],
  ["x.json.kafka", undefined, floats, "2f", all],
  ["x.json.reserve", undefined, floats, "2f", all],
  ["x.json.edgeflex", undefined, floats, "2f", noNumber],
  ["x.opal.asyncip", undefined, floats, "2f", noTime],
  ["x.raw", "raw", floats, "2f", valuesOnly],
  ["x.raw", '{"type": "raw", "bits": 64, "fake": true}', floats, "2f", all],
  ["x.gtnet", "gtnet", floats, "2f", valuesOnly],
  ["x.iotagent_ul", "iotagent_ul", floats, "2f", valuesOnly],
  ["x.value", "value", floats.map((sample) => ({ ...sample, values: [7.25] })), "f", valuesOnly],
];

for (const [name, print, sent, types, carries] of recordings) {
  Deno.test(`recv --output ${name}${print === undefined ? "" : ` --print ${print}`} is read back as it was sent`, async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/${name}`;
    await Deno.writeTextFile(file, "something older that is longer than what comes now\n".repeat(100));
    const args = print === undefined ? [] : ["--print", print];
    await using pair = await startRecv("--output", file, "--signals", types, "--count", "5", ...args);
    // Datagrams of one sample, and of several.
    const datagrams = [sent.slice(0, 1), sent.slice(1, 4), sent.slice(4)];
    await pair.peer.send(datagrams.map((samples) => protobuf().encode(samples)));
    const { code, stdout, stderr } = await pair.recv.finish();
    assertEquals([code, stdout], [0, ""], stderr);
    const format = await createFormat(print ?? formatForPath(name) ?? "json", { signals: parseSignals(types) });
    assertStringIncludes(stderr, `Wrote 5 samples to ${file} as ${format.name}\n`);
    const samples = await Array.fromAsync(readSamples(file, format));
    assertEquals(samples.map(all), sent.map(carries));
  });
}

Deno.test("recv prints binary formats on a pipe as it writes them into a file", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.bin`;
  await using recv = start(
    "recv",
    "--local",
    "udp://127.0.0.1:0",
    "--count",
    "5",
    "--print",
    "villas.binary",
    "-o",
    "-",
  );
  await using other = start("recv", "--local", "udp://127.0.0.1:0", "--count", "5", "--output", file);
  for (const running of [recv, other]) {
    const pair = await face(running);
    await pair.peer.send([protobuf().encode(floats)]);
    pair.peer.close();
  }
  const { stdout } = await recv.finish();
  await other.finish();
  // Standard output is read as UTF-8 here; what is not is replaced on both sides.
  assertEquals(stdout, new TextDecoder().decode(await Deno.readFile(file)));
});

/** Sends samples until the result is stopped. */
function flood(remote: string, values: number) {
  const stopped = new AbortController();
  const sending = (async () => {
    using peer = await openUdp({ local: "udp://127.0.0.1:0", remote });
    for await (const { index } of pace(2000, stopped.signal)) {
      await peer.send([protobuf().encode([{ sequence: BigInt(index), values: new Array(values).fill(0.1) }])]);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await sending;
    },
  };
}

/** Waits until a file has something in it. */
async function waitForContent(file: string): Promise<void> {
  for await (const _ of pace(200)) {
    if ((await Deno.stat(file).catch(() => ({ size: 0 }))).size > 0) return;
  }
}

Deno.test("recv --output has every sample that it received in the file when it is interrupted", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.villas.human`;
  await using pair = await startRecv("--output", file);
  const sending = flood(pair.peer.remote ?? "", 3);
  await waitForContent(file);
  pair.recv.kill("SIGINT");
  const { code, stderr } = await pair.recv.finish();
  await sending.stop();
  assertEquals(code, 0);
  const [, received = ""] = /, (\d+) samples?,/.exec(stderr) ?? [];
  const samples = await Array.fromAsync(readSamples(file, villasHuman()));
  assert(samples.length > 0);
  assertEquals(samples.length, Number(received));
  assertMatch(await Deno.readTextFile(file), /\n$/);
});

Deno.test("recv --output leaves the file as it is where it cannot receive", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.csv`;
  await Deno.writeTextFile(file, "precious\n");
  using other = await openUdp({ local: "udp://127.0.0.1:0" });
  const { code } = await run("recv", "--local", other.local, "--output", file);
  assertEquals(code, 1);
  assertEquals(await Deno.readTextFile(file), "precious\n");
});

const refused: [file: string, reason: string][] = [
  ["nowhere/x.csv", "there is no such folder"],
  ["", "it is a folder"],
  ["file/x.csv", "a part of the path is not a folder"],
];

for (const [name, reason] of refused) {
  Deno.test({
    name: `recv --output and --stats say that ${reason}`,
    ignore: isWindows,
    async fn() {
      await using folder = await makeFolder();
      await Deno.writeTextFile(`${folder.path}/file`, "");
      const file = `${folder.path}/${name}`;
      const args = ["recv", "--local", "udp://127.0.0.1:0", "--quiet", "--duration", "10ms"];
      const finished = { code: 1, stdout: "", stderr: `villas-client: error: Cannot write ${file}: ${reason}\n` };
      assertEquals(await run(...args, "--output", file), finished);
      assertEquals(await run(...args, `--stats=${file}`), finished);
    },
  });
}

Deno.test({
  name: "recv --output ends with status 1 when the disk is full",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using pair = await startRecv("--output", "/dev/full");
    await pair.peer.send([protobuf().encode(floats)]);
    const { code, stderr } = await pair.recv.finish();
    assertEquals(code, 1);
    const failure =
      "Cannot write /dev/full: the disk is full; 0 samples are safe in it; 5 samples that were received are " +
      "lost";
    assertMatch(stderr, /\nvillas-client: Received 1 datagram, 5 samples/);
    assertStringIncludes(stderr, `\nvillas-client: error: ${failure}\n`);
  },
});

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert(success);
}

Deno.test({
  name: "recv --output waits for the reader of a pipe with a name, and ends when it goes",
  ignore: isWindows,
  async fn() {
    await using folder = await makeFolder();
    const file = `${folder.path}/pipe`;
    await makeFifo(file);
    await using recv = start("recv", "--local", "udp://127.0.0.1:0", "--output", file);
    const reader = await Deno.open(file);
    const pair = await face(recv);
    await pair.peer.send([protobuf().encode(floats.slice(0, 1))]);
    const line = new Uint8Array(1000);
    const length = await reader.read(line) ?? 0;
    assertStringIncludes(new TextDecoder().decode(line.subarray(0, length)), '"sequence": 0');
    reader.close();
    await pair.peer.send([protobuf().encode(floats.slice(1, 2))]);
    assertEquals((await recv.finish()).code, 0);
    pair.peer.close();
  },
});

Deno.test({
  name: "recv --output ends when it is interrupted while a pipe with a name has no reader",
  ignore: isWindows,
  async fn() {
    await using folder = await makeFolder();
    const file = `${folder.path}/pipe`;
    await makeFifo(file);
    await using recv = start("recv", "-v", "--local", "udp://127.0.0.1:0", "--output", file);
    await recv.expectError(/Receiving on/);
    recv.kill("SIGINT");
    assertEquals((await recv.finish()).code, 0);
  },
});

/** Waits until the kernel has dropped some datagrams that nobody received, as Linux says. */
async function waitForDrops(address: string): Promise<void> {
  const port = Number(/:(\d+)$/.exec(address)?.[1]).toString(16).toUpperCase().padStart(4, "0");
  for await (const _ of pace(100)) {
    const line = (await Deno.readTextFile("/proc/net/udp")).split("\n").find((line) => line.includes(`:${port} 0`));
    if (Number(line?.trim().split(/\s+/).at(-1)) > 100) return;
  }
}

Deno.test({
  name: "recv ends when it is interrupted while nobody reads what it writes",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await makeFolder();
    const file = `${folder.path}/pipe`;
    await makeFifo(file);
    await using recv: Running = start("recv", "--local", "udp://127.0.0.1:0", "--output", file, "-p", "villas.human");
    const reader = await Deno.open(file);
    const pair = await face(recv);
    // More than the pipe and the memory in between take: see isFull.
    const sending = flood(pair.peer.remote ?? "", 1000);
    await waitForDrops(pair.peer.remote ?? "");
    recv.kill("SIGINT");
    const { code, stderr } = await recv.finish();
    await sending.stop();
    pair.peer.close();
    reader.close();
    assertEquals(code, 1);
    assertMatch(stderr, /The kernel dropped \d+ datagrams/);
    assertMatch(stderr, /error: Cannot write \S+: nobody reads it; .* \d+ samples that were received are lost\n$/);
  },
});

Deno.test("recv --output leaves an older recording as it is where no sample comes", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.csv`;
  await Deno.writeTextFile(file, "precious\n");
  const { code, stderr } = await run("recv", "--local", "udp://127.0.0.1:0", "--duration", "10ms", "--output", file);
  assertEquals(code, 0);
  assertStringIncludes(stderr, `Wrote nothing: no sample came, and ${file} is as it was\n`);
  assertEquals(await Deno.readTextFile(file), "precious\n");
});

for (const name of ["x.csv", "x.txt", "x.json", "x.pb"]) {
  Deno.test(`recv --append continues ${name}, with one header and after a line that was cut off`, async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/${name}`;
    const isText = name !== "x.pb";
    for (const part of [floats.slice(0, 2), floats.slice(2)]) {
      await using pair = await startRecv("--output", file, "--append", "--count", String(part.length));
      await pair.peer.send([protobuf().encode(part)]);
      const { code, stderr } = await pair.recv.finish();
      assertEquals(code, 0, stderr);
      if (isText && part.length === 2) {
        const content = await Deno.readTextFile(file);
        await Deno.writeTextFile(file, content.trimEnd());
      }
    }
    const format = await createFormat(formatForPath(name) ?? "", { signals: parseSignals("2f") });
    assertEquals((await Array.fromAsync(readSamples(file, format))).map(all), floats);
    if (isText) assertEquals((await Deno.readTextFile(file)).split("#").length, name === "x.json" ? 1 : 2);
  });
}

Deno.test("recv --no-clobber fails where the file exists, before anything is received, and writes a new one", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.csv`;
  {
    await using pair = await startRecv("--output", file, "--no-clobber", "--count", "5");
    await pair.peer.send([protobuf().encode(floats)]);
    assertEquals((await pair.recv.finish()).code, 0);
  }
  const { code, stderr } = await run("recv", "--local", "udp://127.0.0.1:0", "--output", file, "--no-clobber");
  assertEquals(code, 1);
  assertStringIncludes(stderr, `error: Cannot write ${file}: it exists already, and --no-clobber was given\n`);
});

/** Runs the executable with files that cannot grow beyond a number of KiB, as on a full disk. */
function startOnFullDisk(kibibytes: number, ...args: string[]): Running {
  const words = [Deno.execPath(), ...runArguments(...args)].map((word) => `'${word}'`).join(" ");
  // Ignored, the signal of the limit becomes an error of writing.
  return spawn("bash", ["-c", `trap '' XFSZ; ulimit -f ${kibibytes}; exec ${words}`]);
}

for (const name of ["x.csv", "x.pb"]) {
  Deno.test({
    name: `recv --output ${name} keeps whole samples, summary and figures on a full disk`,
    ignore: isWindows,
    async fn() {
      await using folder = await makeFolder();
      const file = `${folder.path}/${name}`;
      const args = ["recv", "--local", "udp://127.0.0.1:0", "--output", file, "--stats"];
      await using recv = startOnFullDisk(64, ...args);
      await using pair = await face(recv);
      const sending = flood(pair.peer.remote ?? "", 3);
      const { code, stdout, stderr } = await recv.finish();
      await sending.stop();
      assertEquals(code, 1);
      const [, safe = ""] = /error: Cannot write \S+: .+; (\d+) samples are safe in it/.exec(stderr) ?? [];
      const format = await createFormat(formatForPath(name) ?? "");
      const samples = await Array.fromAsync(readSamples(file, format));
      assert(samples.length > 100);
      assertEquals(samples.length, Number(safe), stderr);
      assertEquals(samples.every(({ values }) => values.length === 3), true);
      assertMatch(stderr, /Received \d+ datagrams/);
      assertEquals(JSON.parse(stdout).output.samples, samples.length);
    },
  });

  Deno.test({
    name: `convert --output ${name} keeps whole samples on a full disk, and says how many`,
    ignore: isWindows,
    async fn() {
      await using folder = await makeFolder();
      const input = `${folder.path}/input.json`;
      const many = Array.from(
        { length: 5000 },
        (_, index): Sample => ({ sequence: BigInt(index), values: [0.1, 0.2] }),
      );
      await Deno.writeTextFile(input, json().createEncoder()(many) as string);
      const file = `${folder.path}/${name}`;
      await using process = startOnFullDisk(64, "convert", input, "--output", file);
      const { code, stderr } = await process.finish();
      assertEquals(code, 1);
      const [, safe = ""] = /error: Cannot write \S+: .+; (\d+) samples? (?:is|are) safe in it/.exec(stderr) ?? [];
      const samples = await Array.fromAsync(readSamples(file, await createFormat(formatForPath(name) ?? "")));
      assertEquals(samples.length, Number(safe), stderr);
      if (name === "x.csv") assert(samples.length > 100);
    },
  });
}
