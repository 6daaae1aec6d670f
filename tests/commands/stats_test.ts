import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect, now, type Sample, secondsBetween, type Timestamp } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { describeStatistics, showSeconds } from "../../lib/commands/_shared/statistics_text.ts";
import { summarize } from "../../lib/commands/_shared/summary.ts";
import { createStatistics } from "../../lib/timing/statistics.ts";
import { type Finished, start } from "./_cli.ts";

/** What a command writes that is sent samples with these numbers and origin timestamps. */
async function receive(command: string, args: string[], samples: readonly [number, Timestamp][]): Promise<Finished> {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  const end = ["--count", String(samples.length)];
  await using process = start(command, "--local", "udp://127.0.0.1:0", "--remote", peer.local, ...end, ...args);
  const [, address = ""] = await process.expectError(/Receiving on (udp:[^ ,]+)/);
  await peer.setRemote(address);
  for (const [number, tsOrigin] of samples) {
    const sample: Sample = { sequence: BigInt(number), tsOrigin, values: [1, 2, 3] };
    await peer.send([protobuf().encode([sample])]);
    await process.expectOutput(new RegExp(`"sequence": ${number},`));
  }
  return await process.finish();
}

function later(time: Timestamp, seconds: number): Timestamp {
  return { sec: time.sec + seconds, nsec: time.nsec };
}

for (const command of ["echo", "recv"]) {
  Deno.test(`${command} --stats measures delays and gaps of what it receives`, async () => {
    const sent = now();
    const samples: [number, Timestamp][] = [[0, sent], [1, sent], [4, later(sent, -2)]];
    const { stdout, stderr } = await receive(command, ["--stats"], samples);
    const elapsed = secondsBetween(now(), sent);
    const { received, statistics } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    assertEquals(Object.keys(statistics), [
      ...["samples", "missing", "duplicate", "reordered", "restarts", "jitter"],
      ...["oneWayDelay", "gapSent", "gapReceived", "signalCount", "clockSteps"],
    ]);
    const keys = ["count", "negative", "min", "mean", "max", "stddev", "p50", "p90", "p99", "p999"];
    for (const name of ["oneWayDelay", "gapSent", "gapReceived", "signalCount"]) {
      assertEquals(Object.keys(statistics[name]), keys);
    }
    const { samples: count, missing, jitter, oneWayDelay, gapSent, gapReceived, signalCount } = statistics;
    assertEquals([count, missing, received.missing], [3, 2, 2]);
    assertEquals([oneWayDelay.count, oneWayDelay.negative], [3, 0]);
    assert(oneWayDelay.min > 0 && oneWayDelay.min < elapsed);
    assert(oneWayDelay.max > 2 && oneWayDelay.max < 2 + elapsed);
    assertEquals([gapSent.min, gapSent.max, gapSent.negative], [-2, 0, 1]);
    assert(gapReceived.min > 0 && gapReceived.max < elapsed);
    assertEquals([signalCount.min, signalCount.p50, signalCount.max], [3, 3, 3]);
    assert(jitter > 1.9 / 16 && jitter < (2 + elapsed) / 16);
    assertMatch(stderr, /one-way delay +gap sent +gap received +values\n.*count +3 +2 +2 +3\n/);
    assertMatch(stderr, /Jitter \(RFC 3550\) 1\d\d\.\d ms\n/);
    assertStringIncludes(stderr, "One-way delays include the offset between the two machines' clocks");
    for (const line of stderr.split("\n").slice(-14)) assert(line.length <= 90, line);
  });
}

Deno.test("echo --stats says that delays below 0 are no delays", async () => {
  const { stdout, stderr } = await receive("echo", ["--stats"], [[0, later(now(), 3600)], [1, later(now(), -3600)]]);
  const { oneWayDelay } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "").statistics;
  assertEquals([oneWayDelay.count, oneWayDelay.negative], [2, 1]);
  assert(oneWayDelay.min > -3601 && oneWayDelay.min < -3500 && oneWayDelay.max >= 3600);
  assertMatch(
    stderr,
    /1 of 2 one-way delays is below 0: the clocks are at least 3\d\d\d s apart, so the delays are meaningless\n/,
  );
});

Deno.test("echo measures nothing where nobody asks for it", async () => {
  const { stderr } = await receive("echo", [], [[0, now()]]);
  assertEquals(/one-way delay/.test(stderr), false);
});

Deno.test("echo --verbose shows the table, but no line a second where nobody watches", async () => {
  const { stdout, stderr } = await receive("echo", ["-v"], [[0, now()]]);
  assertStringIncludes(stderr, "one-way delay");
  assertEquals([/\d\/s,/.test(stderr), stdout.split("\n").length], [false, 2]);
});

Deno.test({
  name: "echo --verbose shows a line a second on a terminal",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const root = new URL("../../", import.meta.url).pathname;
    const line = `${Deno.execPath()} run -q -A --config=${root}deno.json ${root}cli.ts echo --verbose ` +
      "--local udp://127.0.0.1:0 --duration 1200ms";
    const { stdout } = await new Deno.Command("script", { args: ["-qec", line, "/dev/null"], stdin: "null" }).output();
    assertMatch(
      new TextDecoder().decode(stdout),
      /villas-client: 0 samples\/s, missing 0, duplicate 0, reordered 0\r?\n/,
    );
  },
});

Deno.test("summarize() takes the missing samples of a format that counts them itself, in the statistics, too", async () => {
  const counters = { missing: 3, duplicate: 0, reordered: 0, restarts: 0 };
  const format = { ...protobuf(), createTracker: () => ({ track() {}, counters }) };
  await using client = await connect({ local: "memory:counting", remote: "memory:nobody", format });
  const { received, statistics } = summarize("recv", client, 1, { figures: createStatistics().figures });
  assertEquals([received.missing, statistics?.missing], [3, 3]);
});

Deno.test("describeStatistics() fits 80 columns behind the program's name, and aligns what it shows", () => {
  const statistics = createStatistics();
  for (let i = 0; i < 3; i++) {
    const values = Array.from({ length: 1000 * i }, () => 1);
    statistics.record([{ tsOrigin: { sec: 0, nsec: 0 }, values }], { sec: 1_700_000_000 + i * i, nsec: 12_345 });
  }
  const lines = describeStatistics(statistics.figures, 65).map((line) => `villas-client: ${line}`);
  const table = lines.slice(0, 10);
  assertEquals(new Set(table.map(({ length }) => length)), new Set([78]));
  assertMatch(table[3] ?? "", /mean +1700000002 s +0 s +2\.000 s +1000$/);
  assertEquals(describeStatistics(createStatistics().figures, 65), []);
});

Deno.test("describeStatistics() shows each column once, below the others where lines are short", () => {
  const statistics = createStatistics();
  statistics.record([{ tsOrigin: { sec: 1, nsec: 0 }, values: [1] }], { sec: 1, nsec: 500_000 });
  const lines = describeStatistics(statistics.figures, 25).slice(0, 43);
  for (const line of lines) assert(line.length <= 25, line);
  const heads = lines.filter((_, index) => index % 11 === 0).map((line) => line.trim());
  assertEquals(heads, ["one-way delay", "gap sent", "gap received", "values"]);
});

Deno.test("showSeconds() shows four digits with the unit that fits", () => {
  assertEquals(
    [null, 0, 1.5e-7, -0.00012346, 0.0123456, 0.5, 61.25, 1.7e9].map(showSeconds),
    ["-", "0 s", "0.150 µs", "-123.5 µs", "12.35 ms", "500.0 ms", "61.25 s", "1700000000 s"],
  );
});
