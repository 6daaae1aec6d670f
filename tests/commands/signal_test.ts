import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Client, connect, createFormat, type Sample } from "@villas/client";
import { readSamples } from "@villas/client/recordings";
import { openUdp } from "@villas/client/transports";
import { signalCommand } from "../../lib/commands/signal.ts";
import { type Finished, run, start, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

/** The values of a run that prints JSON. */
async function valuesOf(...args: string[]): Promise<number[][]> {
  const { code, stdout, stderr } = await run("signal", "-n", "-f", "json", ...args);
  assertEquals(code, 0, stderr);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line).data);
}

/** Receives samples until there are enough; fails instead of waiting for ever. */
async function receive(node: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const deadline = setTimeout(() => node.close(), 60_000);
  for await (const sample of node) if (samples.push(sample) === count) break;
  clearTimeout(deadline);
  assertEquals(samples.length, count);
  return samples;
}

Deno.test("signal sine -nl 10 prints what villas-signal prints", async () => {
  const { code, stdout, stderr } = await run("signal", "sine", "-nl", "10");
  assertEquals(code, 0);
  const [header, ...lines] = stdout.trimEnd().split("\n");
  assertEquals(header, "# seconds.nanoseconds(sequence)\tsignal0");
  assertEquals(lines.map((line) => line.replace(/^\d+\.\d{9}/, "")), [
    "(0)\t0.00000000000000000",
    "(1)\t0.58778525229247314",
    "(2)\t0.95105651629515353",
    "(3)\t0.95105651629515353",
    "(4)\t0.58778525229247325",
    "(5)\t0.00000000000000012",
    "(6)\t-0.58778525229247336",
    "(7)\t-0.95105651629515353",
    "(8)\t-0.95105651629515364",
    "(9)\t-0.58778525229247336",
  ]);
  const times = lines.map((line) => BigInt((/^[\d.]+/.exec(line)?.[0] ?? "").replace(".", "")));
  assertEquals(times.map((time) => time - (times[0] ?? 0n)), times.map((_, index) => BigInt(index) * 100_000_000n));
  assertMatch(stderr, /^villas-client: Generated 10 samples in \d+\.\d{3} s\n$/);
});

// Each letter is that of villas-signal, and each value what VILLASnode computes.
const letters: [string[], number[]][] = [
  [["square"], [-1, -1, -1, -1, -1, 1, 1, 1, 1, 1, -1]],
  [["square", "-a", "2", "-o", "-1", "-F", "5"], [-3, 1, -3, 1]],
  [["ramp", "-F", "0.25", "-r", "8"], [0, 0.125, 0, 0.125, 0]],
  [["pulse", "-r", "8"], [1, 1, 0, 0, 0, 0, 0, 0, 1, 1]],
  [["pulse", "-r", "8", "-w", "2", "-L", "-1", "-H", "3", "-o", "10"], [13, 13, 13, 9, 9, 9, 9, 9, 13]],
  [["triangle", "-r", "4", "-p", "3.141592653589793"], [-1, 0, 1, 0, -1]],
  [["counter", "-a=-0.5", "-o", "3"], [3, 2.5, 2]],
  [["constant", "-a", "2", "--offset", "1"], [3, 3]],
  [["random", "-D", "0", "-o", "4"], [4, 4]],
];

for (const [args, values] of letters) {
  Deno.test(`signal ${args.join(" ")} gives what VILLASnode computes`, async () => {
    const given = await valuesOf(...args, "-l", String(values.length));
    assertEquals(given.map(([value]) => value), values);
  });
}

Deno.test("signal gives each shape its own properties, and the options to all of them", async () => {
  const args = ["sine:amplitude=10,phase=1.5707963267948966", "counter", "constant:offset=3", "-o", "1", "-a", "2"];
  assertEquals(await valuesOf(...args, "-l", "2", "-r", "2"), [[11, 1, 5], [-9, 3, 5]]);
});

Deno.test("signal -v gives so many values of each shape", async () => {
  assertEquals(await valuesOf("counter", "square", "-v", "2", "-l", "2"), [[0, 0, -1, -1], [1, 1, -1, -1]]);
  const [values] = await valuesOf("mixed", "-v", "9", "-l", "1", "--seed", "1");
  assertEquals(values?.slice(1, 8), [0, -1, 1, 0, 0, 1, 1]);
});

Deno.test("signal names the signals by their shapes, or as they are called", async () => {
  const { stdout } = await run("signal", "sine:name=va", "mixed", "mixed", "-n", "-l", "1", "-f", "csv");
  assertEquals(stdout.split("\n")[0], "# secs,nsecs,sequence,va,signal1,signal2");
});

Deno.test("signal random gives the same values for the same --seed, and says the seed where none is given", async () => {
  const args = ["random", "-v", "3", "-l", "100"];
  const [first, second, other] = await Promise.all([
    valuesOf(...args, "--seed", "7"),
    valuesOf(...args, "--seed", "7"),
    valuesOf(...args, "--seed", "8"),
  ]);
  assertEquals(first, second);
  assert(JSON.stringify(first) !== JSON.stringify(other));
  const { stdout, stderr } = await run("signal", "random", "-n", "-l", "5", "-f", "json");
  const [, seed = ""] = /To repeat these random signals: --seed (\d+)\n/.exec(stderr) ?? [];
  assertEquals(
    await valuesOf("random", "-l", "5", "--seed", seed),
    stdout.trimEnd().split("\n").map((line) => JSON.parse(line).data),
  );
});

Deno.test("signal random takes 0.02 as its deviation, as villas-signal does", async () => {
  const walk = (await valuesOf("random", "-l", "10000", "--seed", "1")).map(([value = NaN]) => value);
  const steps = walk.map((value, index) => value - (walk[index - 1] ?? 0));
  assertAlmostEquals(Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length), 0.02, 0.001);
});

for (const format of ["villas.human", "villas.binary", "json", "csv", "tsv", "protobuf"]) {
  Deno.test(`signal -f ${format} writes samples that can be read again`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await using process = startPipeline(`> '${folder}/out'`, "signal", "sine", "counter", "-nl", "200", "-f", format);
      assertEquals((await process.finish()).code, 0);
      const reader = await createFormat({ type: format }, { signals: [{ type: "float" }, { type: "float" }] });
      const samples = await Array.fromAsync(readSamples(`${folder}/out`, reader));
      assertEquals(samples.length, 200);
      assertEquals(samples.map(({ sequence }) => sequence), samples.map((_, index) => BigInt(index)));
      assertEquals(samples.map(({ values }) => values[1]), samples.map((_, index) => index));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Reads how many deadlines were missed, and fails where the figures are not there. */
function missedOf({ stderr }: Finished): number {
  const [, missed] = /, (\d+) missed deadlines?\n/.exec(stderr) ?? [];
  assertMatch(stderr, /Gaps in µs: min \d+, p50 \d+, p99 \d+, p99\.9 \d+, max \d+\n/);
  assertMatch(stderr, /Lateness in µs: p50 \d+, p99 \d+, p99\.9 \d+, max \d+, last \d+\n/);
  return Number(missed);
}

Deno.test("signal in real time takes the time it should, gives every sample, and says how precise it was", async () => {
  const finished = await run("signal", "counter", "-r", "1000", "--duration", "300ms", "-f", "json");
  assertEquals(finished.code, 0);
  const samples = finished.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(samples.map(({ sequence }) => sequence), Array.from({ length: 300 }, (_, index) => index));
  const times = samples.map(({ ts: { origin: [sec, nsec] } }) => sec * 1000 + nsec / 1e6);
  assert(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0)), "the times run backwards");
  const [, seconds] = /Generated 300 samples in (\d+\.\d+) s/.exec(finished.stderr) ?? [];
  assert(Number(seconds) >= 0.299, "the last sample came early");
  assert(missedOf(finished) >= 0);
});

Deno.test("signal --stats writes the figures as one JSON object", async () => {
  const args = [
    "signal",
    "random",
    "-r",
    "2000",
    "-l",
    "200",
    "--print",
    "none",
    "--stats",
    "--seed",
    "3",
    "--busy-wait",
  ];
  const { stdout, stderr } = await run(...args);
  const { seconds, gap, late, missedDeadlines, drift, ...rest } = JSON.parse(stdout);
  assertEquals(rest, { command: "signal", signals: ["random"], rate: 2000, seed: 3, samples: 200 });
  assert(seconds >= 0.099 && missedDeadlines >= 0 && drift >= 0);
  for (const figures of [gap, late]) {
    assertEquals(Object.keys(figures), ["min", "mean", "p50", "p99", "p999", "max"]);
    assert(figures.min <= figures.p50 && figures.p50 <= figures.p99 && figures.p99 <= figures.max);
  }
  assert(gap.min <= gap.mean && gap.mean <= gap.max && 199 * gap.mean <= seconds);
  assertStringIncludes(stderr, "Generated 200 samples in ");
});

Deno.test("signal warns where the rate is too high for the machine", async () => {
  const finished = await run("signal", "sine", "-r", "1e8", "-l", "5000", "--print", "none");
  assert(missedOf(finished) > 4000);
  assertStringIncludes(finished.stderr, "warning: Many samples missed their deadline");
});

Deno.test("signal --remote sends protobuf to a node, and prints nothing", async () => {
  await using node = await connect({ local: "udp://127.0.0.1:0", anySource: true, signals: "2f" });
  await using process = start("signal", "counter", "square", "-r", "1000", "-l", "100", "--remote", node.local);
  const samples = await receive(node, 100);
  const { code, stdout, stderr } = await process.finish();
  assertEquals([code, stdout], [0, ""]);
  assertEquals(samples.map(({ sequence }) => sequence), samples.map((_, index) => BigInt(index)));
  assertEquals(samples.map(({ values }) => values[0]), samples.map((_, index) => index));
  assert(samples.every(({ tsOrigin }) => tsOrigin !== undefined));
  assertEquals(node.counters.received.datagrams, 100);
  assertMatch(stderr, /Sending to udp:\/\/127\.0\.0\.1:\d+ from udp:\/\/\S+:\d+\n/);
  assertMatch(stderr, /Sent 100 datagrams, 100 samples, \d+ bytes\n/);
});

Deno.test("signal --remote --format --print sends in one format and prints in another", async () => {
  await using node = await connect({ local: "udp://127.0.0.1:0", anySource: true, format: "json" });
  const args = ["--remote", node.local, "-f", "json", "--print", "csv", "-nl", "3"];
  await using process = start("signal", "counter", ...args);
  const samples = await receive(node, 3);
  const { stdout } = await process.finish();
  const lines = samples.map(({ sequence, tsOrigin, values: [value] }) =>
    `${tsOrigin?.sec},${String(tsOrigin?.nsec).padStart(9, "0")},${sequence},${Number(value).toFixed(17)}`
  );
  assertEquals(stdout.replace(/^#.*\n/, "").trimEnd().split("\n"), lines);
});

Deno.test("signal --local sends from that address", async () => {
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  using free = await openUdp({ local: "udp://127.0.0.1:0" });
  const { local } = free;
  free.close();
  await node.setRemote(local); // what comes from elsewhere is ignored
  await using process = start("signal", "sine", "--remote", node.local, "--local", local, "-r", "1000");
  assert((await node.receive()).length >= 1);
  assertEquals(node.stats().ignored, 0);
  process.kill("SIGINT");
  assertEquals((await process.finish()).code, 0);
});

Deno.test("signal --remote sends over IPv6 and over unix datagrams, and waits for the latter's receiver", async () => {
  {
    await using node = await connect({ local: "udp://[::1]:0", anySource: true });
    await using process = start("signal", "sine", "-nl", "1", "--remote", node.local);
    assertEquals((await receive(node, 1))[0]?.values, [0]);
    assertEquals((await process.finish()).code, 0);
  }
  const folder = await Deno.makeTempDir();
  try {
    const [local, remote] = [`unix:${folder}/signal`, `unix:${folder}/node`];
    await using process = start("signal", "sine", "-nl", "1", "--remote", remote, "--local", local);
    await process.expectError(/Waiting for unix:\S+ to appear/);
    await using node = await connect({ local: remote, remote: local });
    assertEquals((await receive(node, 1))[0]?.values, [0]);
    assertEquals((await process.finish()).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const args of [["-r", "0.01"], ["-r", "20"], ["-r", "1000"], ["-r", "20000"], ["-n"], ["-r", "1000", "--busy-wait"]]
) {
  Deno.test(`signal ${args.join(" ")} ends at once with status 0 when it is interrupted`, async () => {
    await using process = start("signal", "counter", ...args);
    await process.expectOutput(/\(0\)/);
    process.kill("SIGINT");
    const { code, stdout, stderr } = await process.finish();
    assertEquals(code, 0);
    // What is printed is whole, and what the summary says.
    const count = stdout.trimEnd().split("\n").length - 1;
    assertMatch(stderr, new RegExp(`Generated ${count} samples? in `));
  });
}

Deno.test("signal ends with status 0 while it waits for a receiver when it is interrupted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const addresses = ["--remote", `unix:${folder}/node`, "--local", `unix:${folder}/signal`];
    await using process = start("signal", "counter", ...addresses);
    await process.expectError(/Waiting for/);
    process.kill("SIGINT");
    const { code, stderr } = await process.finish();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "Generated 0 samples");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("signal ends where nobody reads any more", async () => {
  for (const args of [["-n"], ["-r", "1000"]]) {
    await using process = startPipeline("| head -1", "signal", "counter", ...args);
    const { code, stdout } = await process.finish();
    assertEquals([code, stdout], [0, "# seconds.nanoseconds(sequence)\tsignal0\n"]);
  }
});

Deno.test("signal -q says nothing, and --verbose more", async () => {
  const [quiet, verbose] = await Promise.all([
    run("signal", "sine", "-nl", "1", "-q"),
    run("signal", "sine", "-nl", "1", "--verbose", "--remote", "udp://127.0.0.1:9"),
  ]);
  assertEquals(quiet.stderr, "");
  assertMatch(verbose.stderr, /debug: /);
});

testWrongUsages([
  [["signal"], "SHAPE is missing: expected sine, square, triangle, ramp, random, counter, constant, mixed, pulse"],
  [["signal", "constants"], 'Unknown shape "constants": did you mean constant?'],
  [
    ["signal", "xyz"],
    'Unknown shape "xyz": expected sine, square, triangle, ramp, random, counter, constant, mixed, pulse',
  ],
  [["signal", "sine", "cosine"], 'Unknown shape "cosine": did you mean sine?'],
  [["signal", "sine:amp=1"], 'Cannot take "amp=1" as a property in "sine:amp=1"...'],
  [["signal", "sine", "-v", "0"], 'Cannot set -v to "0": expected a whole number, 1 or greater'],
  [["signal", "sine", "-r", "0"], 'Cannot set -r to "0": expected a number greater than 0'],
  [["signal", "sine", "-F", "x"], 'Cannot set -F to "x": expected a number'],
  [["signal", "sine", "-a", "Infinity"], 'Cannot set -a to "Infinity": expected a number'],
  [["signal", "sine", "-H"], "Cannot set -H: its value NUMBER is missing"],
  [["signal", "sine", "--seed", "-1"], 'Cannot set --seed to "-1": expected a whole number, 0 or greater'],
  [["signal", "sine", "-f", "yaml"], 'Cannot set -f to "yaml": expected protobuf,...'],
  [["signal", "sine", "--print", "{"], "...Cannot parse the format as JSON..."],
  [["signal", "sine", "--remote", "nonsense"], 'Cannot set --remote to "nonsense"...'],
  [
    ["signal", "sine", "--remote", "udp://127.0.0.1:9", "-f", "yaml"],
    'Cannot set -f to "yaml": expected protobuf,...',
  ],
  [
    ["signal", "sine", "--remote", "udp://127.0.0.1:9", "--local", "unix:/run/x"],
    "...they are of different transports...",
  ],
]);

Deno.test("signal --stats says in a line what is wrong with its file", async () => {
  const { code, stderr } = await run("signal", "sine", "-nl", "1", "-q", "--stats=/no/such/folder/file");
  assertEquals(code, 1);
  assertMatch(stderr, /^villas-client: error: .*\/no\/such\/folder\/file.*\n$/);
});

Deno.test("signal has help of at most 80 columns that names each shape and each trap", async () => {
  const { code, stdout } = await run("signal", "--help");
  assertEquals(code, 0);
  for (const line of stdout.split("\n")) assert(line.length <= 80, line);
  const text = stdout.replace(/\s+/g, " ");
  for (
    const trap of [
      "square begins with its low half",
      "the frequency of ramp is its period in seconds",
      "pulse is high for one sample more than its width",
      "its standard deviation is 0.02 here but 0.2 in a VILLASnode configuration",
    ]
  ) assertStringIncludes(text, trap);
});

for (const { line } of signalCommand.examples) {
  Deno.test(`The example "${line}" works as typed`, async () => {
    // Those that do not end are interrupted.
    const [, ...args] = line.split(" ");
    await using process = start(...args);
    if (!/-nl|--duration/.test(line)) {
      await process.expectError(/Sending to/);
      process.kill("SIGINT");
    }
    const { code, stderr } = await process.finish();
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /Generated \d+ samples?/);
  });
}

Deno.test("signal gives several values of a shape names of their own, so that named formats lose none", async () => {
  const { code, stdout } = await run("signal", "counter", "constant:name=k", "-v", "2", "-nl", "1", "-f", "json.kafka");
  assertEquals(code, 0);
  const { payload: { timestamp: _, sequence: __, ...values } } = JSON.parse(stdout);
  assertEquals(values, { signal0: 0, signal1: 0, k0: 1, k1: 1 });
  const twice = await run("signal", "sine:name=a", "ramp:name=a", "-nl", "1");
  assertEquals(twice.code, 2);
  assertStringIncludes(twice.stderr, 'Cannot generate two signals of the name "a"');
});
