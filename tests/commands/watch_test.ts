import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { layOutScreen, type LinkState } from "../../lib/commands/_shared/watch_layout.ts";
import { WatchedSignals } from "../../lib/commands/_shared/watched_signals.ts";
import { run, start } from "./_cli.ts";
import { hasTerminal, startOnTerminal } from "./_terminal.ts";

const link: LinkState = {
  ...{ title: "udp://0.0.0.0:12001, protobuf", elapsed: 5, rate: 1000, samples: 5000 },
  ...{ missing: 2, refused: 0, ignored: 1, delay: 0.00021 },
};

function watchedLab(): WatchedSignals {
  const watched = new WatchedSignals([
    { name: "va", unit: "V", type: "float" },
    { name: "count", type: "integer" },
    { name: "breaker_of_the_northern_busbar", type: "boolean" },
    { type: "complex" },
  ]);
  watched.record([{ values: [1.5, 7n, false, { real: 3, imag: 4 }] }], 0);
  watched.record([{ values: [-2.5, 2n ** 63n - 1n, true, { real: 0, imag: 0 }] }], 5);
  return watched;
}

Deno.test("WatchedSignals knows the newest value, the extremes and the course of each signal", () => {
  const [va, count, breaker, phasor] = watchedLab().list(5);
  assertEquals([va?.name, va?.unit, va?.value, va?.min, va?.max], ["va", "V", -2.5, -2.5, 1.5]);
  assertEquals(count?.value, 2n ** 63n - 1n);
  assertEquals([breaker?.min, breaker?.max], [0, 1]);
  assertEquals([phasor?.name, phasor?.min, phasor?.max], ["signal3", 0, 5]);
  assertEquals(va?.course.filter((step) => step !== undefined), [1.5, -2.5]);
});

Deno.test("WatchedSignals forgets the course of more than ten seconds ago, and keeps the extremes", () => {
  const watched = watchedLab();
  const [va] = watched.list(100);
  assertEquals(va?.course.every((step) => step === undefined), true);
  assertEquals([va?.min, va?.max], [-2.5, 1.5]);
});

Deno.test("WatchedSignals takes NaN, infinities and unset values for no extremes", () => {
  const watched = new WatchedSignals(undefined);
  watched.record([{ values: [NaN] }, { values: [Infinity] }, { values: [2] }, { values: [null] }], 0);
  const [only] = watched.list(0);
  assertEquals([only?.value, only?.min, only?.max], [null, 2, 2]);
});

Deno.test("WatchedSignals watches the chosen values only, under their own names", () => {
  const watched = new WatchedSignals(undefined, [2, 0]);
  watched.record([{ values: [1, 2, 3] }], 0);
  assertEquals(watched.list(0).map(({ name, value }) => [name, value]), [["signal2", 3], ["signal0", 1]]);
});

Deno.test("WatchedSignals takes names and units from the other end, unless they were known before", () => {
  const described = [{ name: "pmu0_va", unit: "V", type: "complex" }] as const;
  for (const [watched, name] of [[new WatchedSignals(undefined), "pmu0_va"], [watchedLab(), "va"]] as const) {
    watched.describe(described);
    watched.record([{ values: [{ real: 3, imag: 4 }] }], 0);
    assertEquals([watched.list(0)[0]?.name, watched.list(0)[0]?.unit], [name, "V"]);
  }
});

for (const columns of [40, 80, 200]) {
  Deno.test(`layOutScreen() fits ${columns} columns, with the name and value of every signal`, () => {
    const lines = layOutScreen(link, watchedLab().list(5), { columns, rows: 24, selected: 1, isHeld: false });
    for (const line of lines) assert(line.length <= columns, line);
    assertMatch(lines[4] ?? "", /^ {2}va +-2\.5000 +V/);
    assertMatch(lines[5] ?? "", /^> count +9223372036854775807/);
    assertMatch(lines[6] ?? "", /^ {2}breaker_/);
    assertEquals(lines.length, 9);
  });
}

Deno.test("layOutScreen() writes what is too long with fewer digits, and keeps exponents and imaginary parts", () => {
  const watched = new WatchedSignals([
    { name: "huge", unit: "kV", type: "float" },
    { name: "phasor", type: "complex" },
    { name: "count", type: "integer" },
  ]);
  const phasor = { real: -1.2345e-10, imag: 1.2345e-10 };
  watched.record([{ values: [-1.5e300, phasor, -(2n ** 63n)] }], 0);
  const layOut = (columns: number) =>
    layOutScreen(link, watched.list(0), { columns, rows: 24, selected: 1, isHeld: false });
  const [huge, phasors, count] = layOut(30).slice(4);
  assertMatch(huge ?? "", /^ {2}huge +-1\.5000e\+300 {2}kV$/);
  assertMatch(phasors ?? "", /^> phasor +-1e-10\+1e-10j$/);
  assertMatch(count ?? "", /^ {2}count +-9\.2234e\+18$/);
  // The extremes have a narrow column.
  assertMatch(layOut(100)[4] ?? "", / {2}-1\.500e\+300 {2}-1\.500e\+300/);
});

Deno.test("layOutScreen() writes extremes of booleans and integers as their values, and a short course before a long name", () => {
  const [va, count, breaker] = layOutScreen(link, watchedLab().list(5), {
    ...{ columns: 80, rows: 24, selected: 0, isHeld: false },
  }).slice(4);
  assertMatch(va ?? "", / -2\.5000 +V +-2\.5000 +1\.5000/);
  assertMatch(count ?? "", / 7 +9\.2234e\+18/);
  assertMatch(breaker ?? "", / true +false +true +[▁-█]/u);
});

Deno.test("WatchedSignals draws what stands still as a course without height, and the largest numbers, too", () => {
  const watched = new WatchedSignals(undefined);
  for (let number = 0; number < 100; number++) watched.record([{ values: [0.1, 1e308] }], number / 30);
  const courses = watched.list(3.3).map(({ course }) => new Set(course.filter((step) => step !== undefined)));
  assertEquals(courses, [new Set([0.1]), new Set([1e308])]);
});

Deno.test("layOutScreen() shows the signals around the selected one where not all fit", () => {
  const watched = new WatchedSignals(undefined);
  watched.record([{ values: Array.from({ length: 100 }, (_, index) => index) }], 0);
  const lines = layOutScreen(link, watched.list(0), { columns: 80, rows: 15, selected: 50, isHeld: true });
  assertEquals(lines.length, 15);
  assertStringIncludes(lines[0] ?? "", "[held]");
  assertEquals(lines.filter((line) => line.startsWith("> signal50 ")).length, 1);
  assertMatch(lines.at(-1) ?? "", /^46-55 of 100 /);
});

Deno.test("layOutScreen() says that nothing has come", () => {
  const lines = layOutScreen({ ...link, samples: 0 }, [], { columns: 80, rows: 24, selected: 0, isHeld: false });
  assertStringIncludes(lines.join("\n"), "No sample yet");
});

/** Sends samples to a command until it ends. */
async function feed(address: string, ended: Promise<unknown>): Promise<void> {
  await using client = await connect({ local: "udp://127.0.0.1:0", remote: address });
  let isEnded = false;
  void ended.then(() => isEnded = true);
  for (let sequence = 0n; !isEnded; sequence++) {
    await client.send({ sequence, values: [Number(sequence), 1.5] });
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
}

Deno.test("watch prints a line per second where there is no terminal, and a summary", async () => {
  await using process = start("watch", "--local", "udp://127.0.0.1:0", "--duration", "2.5");
  const [, local = ""] = await process.expectError(/Watching (udp:\S+)/);
  const finished = process.finish();
  await feed(local, finished);
  const { code, stdout, stderr } = await finished;
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 2);
  for (const line of lines) {
    assertMatch(line, /^\d s: \d+ samples, \d+\.\d\/s, missing 0; signal0 \d+\.\d+, signal1 1\.5000$/);
  }
  assertMatch(stderr, /Received \d+ datagrams/);
});

const ignore = !await hasTerminal();
const endings: readonly [how: string, args: string[]][] = [
  ["its duration", ["--duration", "1"]],
  ["the last sample", ["--count", "50"]],
];

for (const [how, args] of endings) {
  Deno.test({
    name: `watch draws on a terminal, and gives it back at the end by ${how}`,
    ignore,
    async fn() {
      await using process = startOnTerminal("watch", "--local", "udp://127.0.0.1:0", ...args);
      const [, local = ""] = await process.expectOutput(/(udp:\/\/127\.0\.0\.1:\d+), protobuf/);
      const finished = process.finish();
      const feeding = feed(local, finished);
      await process.expectOutput(/signal1 +1\.5000/);
      const { stdout } = await finished;
      await feeding;
      const [screen = "", after = ""] = stdout.split("\x1b[?1049l");
      assertStringIncludes(screen, "\x1b[?1049h");
      // The summary is seen on the screen as it was before.
      assertMatch(after, /Received \d+ datagrams/);
      assert(!after.includes("\x1b[H"), "nothing is drawn after the end");
    },
  });
}

Deno.test("watch refuses to select what is not there", async () => {
  const { code, stderr } = await run("watch", "-t", "2f", "--select", "7");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot select value 7: there are 2, from 0 to 1");
});
