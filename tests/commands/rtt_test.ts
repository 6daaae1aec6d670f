import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { villasHuman } from "@villas/client/formats";
import type { RoundTripSummary } from "@villas/client/roundtrips";
import { openUdp } from "@villas/client/transports";
import { openRelay, planFor } from "../_relay.ts";
import { type Finished, run, type Running, start, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

/** What `--json` writes. */
interface Report {
  command: string;
  local: string;
  remote: string;
  format: string;
  cases: RoundTripSummary[];
}

/** Options that make a measurement short. */
const brief = ["--warmup", "0", "--calibration", "0", "--cooldown", "1", "--late", "10"];

interface EchoProcess extends AsyncDisposable {
  /** The options that lead to it. */
  address: string[];
}

/** Starts an echo in a process of its own, behind a relay. */
async function startEcho(plan = planFor({}), ...args: string[]): Promise<EchoProcess> {
  await using stack = new AsyncDisposableStack();
  const relay = stack.use(openRelay({ back: plan }));
  const echo: Running = stack.use(
    start("echo", "--print", "none", "--local", "udp://127.0.0.1:0", "--remote", relay.farAddress, ...args),
  );
  const [, address = ""] = await echo.expectError(/Receiving on (\S+),/);
  relay.setFarEnd(address);
  const owned = stack.move();
  return {
    address: ["--local", "udp://127.0.0.1:0", "--remote", relay.nearAddress],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function reportOf({ stdout }: Finished): Report {
  return JSON.parse(stdout);
}

Deno.test("rtt measures each rate with each number of values, and writes tables of 80 columns", async () => {
  await using echo = await startEcho();
  const { code, stdout, stderr } = await run(
    ...["rtt", ...echo.address, "--rate", "200,500", "--values", "8,1", "--count", "20"],
    ...["--warmup", "50ms", "--calibration", "50ms", "--cooldown", "1"],
  );
  assertEquals(code, 0, stderr);
  const lines = stdout.split("\n");
  for (const line of lines) assert(line.length <= 80, line);
  assertMatch(lines[0] ?? "", /rate +values +sent +received +lost +dup +reorder +late +corrupt +missed/);
  const rows = lines.slice(1, 5).map((line) => line.trim().split(/ +/).slice(0, 5));
  assertEquals(rows, [
    ["200", "1", "20", "20", "0"],
    ["500", "1", "20", "20", "0"],
    ["200", "8", "20", "20", "0"],
    ["500", "8", "20", "20", "0"],
  ]);
  assertMatch(stdout, /Round trip in (µs|ms|s) \(own: /);
  assertMatch(stdout, /rate +values +min +mean +p50 +p90 +p99 +p99\.9 +max +stddev +jitter/);
  assertEquals(stdout.match(/^ +own( +[\d.]+){8}$/gm)?.length, 4);
});

Deno.test("rtt reports as JSON what a bad network did, case by case", async () => {
  await using echo = await startEcho(planFor({
    1: { kind: "drop" },
    2: { kind: "duplicate", copies: 2 },
    4: { kind: "reorder", places: 2 },
    22: { kind: "corrupt", share: 0.95, mask: 4 },
    23: { kind: "truncate", share: 0.5 },
    24: { kind: "drop" },
    25: { kind: "drop" },
  }));
  const finished = await run(
    "rtt",
    ...echo.address,
    "--rate",
    "200",
    "--values",
    "2,3",
    "-l",
    "20",
    "--json",
    ...brief,
  );
  assertEquals(finished.code, 0, finished.stderr);
  const { command, remote, format, cases } = reportOf(finished);
  assertEquals([command, remote, format], ["rtt", echo.address[3], "protobuf"]);
  const figures = cases.map(({ rate, values, sent, received, lost, duplicate, reordered, lateCount, corrupted }) => {
    return { rate, values, sent, received, lost, duplicate, reordered, lateCount, corrupted };
  });
  const same = { rate: 200, sent: 20, lateCount: 0 };
  assertEquals(figures, [
    { ...same, values: 2, received: 19, lost: 1, duplicate: 2, reordered: 1, corrupted: 0 },
    { ...same, values: 3, received: 16, lost: 2, duplicate: 0, reordered: 0, corrupted: 2 },
  ]);
  for (const { roundTrip, kernelDrops, missedDeadlines, complete } of cases) {
    const { min, p50, p90, p99, p999, max } = roundTrip;
    const rising = [min, p50, p90, p99, p999, max].map(Number);
    assertEquals(rising, rising.toSorted((a, b) => a - b));
    assert(Number(min) > 0 && Number(max) < 10);
    assertEquals([typeof missedDeadlines, complete], ["number", true]);
    if (Deno.build.os === "linux") assertEquals(kernelDrops, 0);
  }
  assertStringIncludes(
    finished.stderr,
    "200 samples/s of 3 values: Something came back that differs from what was sent: twice",
  );
  assert(cases[1]?.caveats.includes("Something came back that differs from what was sent: twice"));
});

Deno.test("rtt finds that an echo with constants sends back something else", async () => {
  await using echo = await startEcho(planFor({}), "--reply", "1");
  const finished = await run("rtt", ...echo.address, "-l", "5", "--json", ...brief);
  assertEquals(finished.code, 0);
  const [found] = reportOf(finished).cases;
  assertEquals([found?.sent, found?.received, found?.corrupted, found?.lost], [5, 0, 5, 0]);
});

Deno.test("rtt works over unix datagrams, in another format", async () => {
  const folder = await Deno.makeTempDir();
  const [near, far] = [`unix:${folder}/near.sock`, `unix:${folder}/far.sock`];
  {
    await using echo = start("echo", "unix", "-f", "villas.human", "--print", "none", "--local", far, "--remote", near);
    await using rtt = start(
      ...["rtt", "unix", "-f", "villas.human", "--local", near, "--remote", far, "--rate", "500", "--count", "20"],
      ...["--json", ...brief],
    );
    const { code, stdout, stderr } = await rtt.finish();
    assertEquals(code, 0, stderr);
    const { cases: [found], format } = JSON.parse(stdout) as Report;
    assertEquals([format, found?.sent, found?.received], ["villas.human", 20, 20]);
    assertEquals(found?.kernelDrops, null);
    echo.kill("SIGINT");
    assertEquals((await echo.finish()).code, 0);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("rtt writes the log of test_rtt, a picture and a histogram", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using echo = await startEcho();
    const files = ["--log", `${folder}/lab`, "--svg", `${folder}/rtt.svg`, "--title", "Lab <1>", "--histogram=linear"];
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = await run("rtt", ...echo.address, "-r", "500", "-l", "10", ...files, ...brief);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /\n500 samples\/s of 1 value: round trips\n( +[\d.]+ - +[\d.]+ (µs|ms) .*\n)+$/);
    }
    const text = await Deno.readTextFile(`${folder}/lab_values1_rate500.log`);
    assertMatch(
      text,
      /^(# seconds\.nanoseconds\+offset\(sequence\)\n(\d+\.\d{9}\+\d\.\d{6}e[+-]\d\d\(\d\)\n){10}# \{.*\}\n){2}$/,
    );
    assertStringIncludes(text, '"count":10,"sent":10,"received":10,"missed":0}');
    const reader = villasHuman().createDecoder((error) => {
      throw error;
    });
    const samples = [...reader.push(new TextEncoder().encode(text)), ...reader.end()];
    assertEquals(samples.map(({ sequence }) => Number(sequence)), [...Array(10).keys(), ...Array(10).keys()]);
    assertMatch(await Deno.readTextFile(`${folder}/rtt.svg`), /^<\?xml [^]*Lab &lt;1&gt;[^]*<\/svg>\n$/);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("rtt ends with status 124 when nothing comes back, in time or at all", async () => {
  using silent = await openUdp({ local: "udp://127.0.0.1:0" });
  const address = ["--local", "udp://127.0.0.1:0", "--remote", silent.local];
  for (const limit of [["--timeout", "100ms"], ["--count", "3"]]) {
    const { code, stdout, stderr } = await run("rtt", ...address, ...brief, ...limit);
    assertEquals(code, 124, stderr);
    assertStringIncludes(stderr, `Nothing came back from ${silent.local}`);
    assertMatch(stdout, /\n +100 +1 +- +-/);
  }
});

for (const isAnswered of [true, false]) {
  Deno.test(`rtt prints what it has when it is interrupted, ${isAnswered ? "with" : "without"} answers`, async () => {
    using peer = await openUdp({ local: "udp://127.0.0.1:0" });
    await using rtt = start(
      ...["rtt", "--local", "udp://127.0.0.1:0", "--remote", peer.local, "--duration", "1h", ...brief],
    );
    const [, address = ""] = await rtt.expectError(/receiving on (\S+)\n/);
    await peer.setRemote(address);
    for (let count = 0; count < 5; count++) {
      const datagrams = await peer.receive();
      if (isAnswered) await peer.send(datagrams);
    }
    rtt.kill(isAnswered ? "SIGINT" : "SIGTERM");
    const { code, stdout, stderr } = await rtt.finish();
    assertEquals(code, 0, stderr);
    assertMatch(stdout, isAnswered ? /\n +100 +1 +\d+ +\d+ / : /\n +100 +1 +\d+ +0 /);
    assertMatch(stderr, /The measurement was ended after \d+ of 360000 samples/);
  });
}

Deno.test("rtt ends cleanly when nobody reads its output", async () => {
  await using echo = await startEcho();
  const words = ["rtt", ...echo.address, "-l", "5", ...brief];
  await using pipeline = startPipeline("| head -1", ...words);
  const { code, stdout, stderr } = await pipeline.finish();
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^ +rate values .*\n$/);
});

testWrongUsages([
  [["rtt", "-f", "raw"], "Cannot measure round trips in the format raw: ..."],
  [["rtt", "-f", "auto"], 'Cannot set -f to "auto"...'],
  [["rtt", "--rate", "0"], 'Cannot set --rate to "0": expected numbers greater than 0, separated by commas...'],
  [["rtt", "--rate", "100,,5"], "Cannot set --rate..."],
  [
    ["rtt", "--values", "1.5"],
    'Cannot set --values to "1.5": expected whole numbers, 1 or greater, separated by commas...',
  ],
  [["rtt", "--values", "9", "--signals", "8f"], "Cannot send 9 values: 8 signals are given..."],
  [["rtt", "--histogram=square"], 'Cannot set --histogram to "square": expected log or linear...'],
  [["rtt", "--histogram", "--json"], "Cannot use --json with --histogram..."],
  [["rtt", "--title", "x"], "Cannot use --title without --svg..."],
  [["rtt", "--warmup", "soon"], 'Cannot set --warmup to "soon"...'],
  [["rtt", "--values", "7000", "-f", "protobuf", "-t", "any"], "...bytes..."],
  [["rtt", "--signals", "2f", "--signals-in", "f"], "Cannot use --signals with --signals-in..."],
  [["rtt", "sctp"], 'Unknown transport "sctp"...'],
], ["--local", "udp://127.0.0.1:0"]);

Deno.test("rtt sends no more values than a VILLASnode takes by default", async () => {
  const { code, stderr } = await run("rtt", "--local", "udp://127.0.0.1:0", "--values", "1,65");
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot send 65 values: a VILLASnode accepts up to 64 floats .* give --signals 65f/);
});

Deno.test("rtt says before it measures which file it cannot write", async () => {
  for (const args of [["--svg", "/nowhere/a.svg"], ["--log", "/nowhere/a"]]) {
    const { code, stdout, stderr } = await run("rtt", "--local", "udp://127.0.0.1:0", ...args);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^villas-client: error: Cannot write \/nowhere\/a\S+: there is no such folder\n$/);
  }
});

Deno.test({
  name: "rtt prints its tables, and fails, where the picture cannot be written when it is measured",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using echo = await startEcho();
    const { code, stdout, stderr } = await run("rtt", ...echo.address, "-l", "5", ...brief, "--svg", "/dev/full");
    assertEquals(code, 1);
    assertMatch(stdout, /\n +100 +1 +5 +5 /);
    assertMatch(stderr, /error: Cannot write \/dev\/full: the disk is full\n$/);
  },
});

Deno.test("rtt keeps an older picture until there is a new one", async () => {
  const folder = await Deno.makeTempDir();
  const picture = `${folder}/rtt.svg`;
  await Deno.writeTextFile(picture, "older");
  await using echo = await startEcho();
  await using rtt = start("rtt", ...echo.address, "--duration", "1h", ...brief, "--svg", picture);
  await rtt.expectError(/receiving on/);
  assertEquals(await Deno.readTextFile(picture), "older");
  rtt.kill("SIGINT");
  await rtt.finish();
  assertMatch(await Deno.readTextFile(picture), /^<\?xml/);
  await Deno.remove(folder, { recursive: true });
});
