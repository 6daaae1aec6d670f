/**
 * `recv --trigger`: samples around events, as they arrive.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { createFileFormat, formatForPath } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { run } from "./_cli.ts";
import { startRecv } from "./_recv.ts";

/** A hundred seconds of a signal that is above 300 at some of them, one sample per second. */
function samplesWith(...events: number[]): Sample[] {
  return Array.from({ length: 100 }, (_, index) => ({
    sequence: BigInt(index),
    tsOrigin: { sec: 1_700_000_000 + index, nsec: 0 },
    values: [events.includes(index) ? 310 + index : index],
  }));
}

/** Runs the command on samples that come in datagrams of ten; returns what it said. A lost one ends it, too. */
async function receive(samples: readonly Sample[], ...args: string[]) {
  await using pair = await startRecv("--count", String(samples.length), "--timeout", "20", ...args);
  for (let start = 0; start < samples.length; start += 10) {
    await pair.peer.send([protobuf().encode(samples.slice(start, start + 10))]);
  }
  return await pair.recv.finish();
}

/** Reads the seconds of the samples of a file. */
async function secondsIn(path: string): Promise<number[]> {
  const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
  return (await Array.fromAsync(reader.batches())).flat().map(({ tsOrigin }) => (tsOrigin?.sec ?? 0) - 1_700_000_000);
}

function seconds(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const window = ["--trigger", "signal0 > 300", "--pre-trigger", "5s", "--post-trigger", "3s"];

for (const ending of ["csv", "mat"]) {
  Deno.test(`recv --trigger records the samples around events in one file of .${ending}, each of them once`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/run.${ending}`;
      const { code, stderr } = await receive(samplesWith(2, 50, 52, 58, 97), ...window, "--output", path);
      assertEquals(code, 0, stderr);
      assertEquals(await secondsIn(path), [...seconds(0, 5), ...seconds(45, 61), ...seconds(92, 99)]);
      assertMatch(stderr, /Wrote 31 samples around 5 events to .* as /);
    });
  });
}

for (const [ending, limit] of [["mat", "event"], ["json", "1h"]] as const) {
  Deno.test(`recv --trigger --rotate ${limit} has each event in a file of .${ending} with all that was before it`, async () => {
    await withFolder(async (folder) => {
      const output = `${folder}/event-%s.${ending}`;
      const { code, stderr } = await receive(samplesWith(50, 52, 58), ...window, "--output", output, "--rotate", limit);
      assertEquals(code, 0, stderr);
      const files = await Promise.all((await listNames(folder)).map((name) => secondsIn(`${folder}/${name}`)));
      files.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
      // The event at 52 s prolongs the first record, whose end is the beginning of the second one.
      assertEquals(files, [seconds(45, 55), seconds(53, 61)]);
      assertMatch(stderr, /Wrote 20 samples around 3 events to 2 files up to /);
    });
  });
}

Deno.test("recv --trigger prints events of names, gaps and marks, and counts them in its figures", async () => {
  const samples = samplesWith().filter((_, index) => index < 20 || index > 22);
  const marked = samples.map((sample, index) => index === 60 ? { ...sample, newFrame: true } : sample);
  const condition = "voltage > 1000 or gap or new_frame";
  const { code, stdout, stderr } = await receive(
    marked,
    ...["--trigger", condition, "--pre-trigger", "0", "--post-trigger", "0", "-t", '[{"name": "voltage"}]'],
    ...["-p", "json", "--stats"],
  );
  assertEquals(code, 0, stderr);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const figures = lines.pop();
  assertEquals(lines.map(({ sequence }) => sequence), [23, 63]);
  assertEquals(figures.output, { file: "-", format: "json", samples: 2, refused: 0, events: 2 });
});

Deno.test("recv --trigger leaves a file as it is where no event comes", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/run.csv`, "of another run");
    const { code, stderr } = await receive(samplesWith(), ...window, "--output", `${folder}/run.csv`);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `Wrote nothing: no event came, and ${folder}/run.csv is as it was`);
    assertEquals(await Deno.readTextFile(`${folder}/run.csv`), "of another run");
  });
});

Deno.test("recv refuses a trigger that cannot be meant", async () => {
  for (
    const [args, reason] of [
      [["--trigger", "va >"], 'Cannot set --trigger to "va >": expected a number at character 5'],
      [["--trigger", "va > 3"], 'there is no signal "va": the names are not known without a list of signals'],
      [["--trigger", "gap", "--max-rate", "5"], "--max-rate"],
      [["--output", "run-%s.csv", "--rotate", "event"], "Cannot use --rotate event without --trigger"],
    ] as const
  ) {
    const { code, stderr } = await run("recv", "--local", "udp://127.0.0.1:0", ...args);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, reason);
  }
});
