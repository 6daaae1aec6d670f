import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Sample } from "@villas/client";
import { excerpt, type ExcerptOptions } from "@villas/client/recordings";
import { run } from "../commands/_cli.ts";
import { withFolder } from "../_folders.ts";

async function* recording(): AsyncGenerator<Sample[]> {
  for (let sec = 0; sec < 10; sec += 2) {
    yield [sec, sec + 1].map((time): Sample => ({
      tsOrigin: { sec: 100 + time, nsec: 500_000_000 },
      values: [time, -time],
    }));
  }
  yield [{ values: [99, 99] }];
}

async function valuesOf(options: ExcerptOptions): Promise<unknown[]> {
  return (await Array.fromAsync(excerpt(recording(), options))).flat().map(({ values }) => values[0]);
}

Deno.test("excerpt() takes samples from a time on and before another one, by timestamps and by seconds from the first", async () => {
  assertEquals(await valuesOf({ from: { sec: 103, nsec: 500_000_000 }, to: { elapsed: 6 } }), [3, 4, 5]);
  assertEquals(await valuesOf({ from: { elapsed: 8.5 } }), [9]);
  assertEquals(await valuesOf({ to: { sec: 100, nsec: 0 } }), []);
});

Deno.test("excerpt() takes every n-th sample of those, across batches, and samples without timestamps only without times", async () => {
  assertEquals(await valuesOf({ every: 4 }), [0, 4, 8]);
  assertEquals(await valuesOf({ from: { elapsed: 1 }, every: 4 }), [1, 5, 9]);
  assertEquals(await valuesOf({ every: 10 }), [0, 99]);
  await assertRejects(() => valuesOf({ every: 0 }), RangeError);
});

Deno.test("excerpt() takes values in the order of the indices, and leaves a missing one unset", async () => {
  const [first] = await Array.fromAsync(excerpt(recording(), { indices: [1, 5] }));
  assertEquals(first?.[1]?.values, [-1, null]);
});

Deno.test("convert --from, --to, --every and --select write a part of a recording, with its names", async () => {
  await withFolder(async (folder) => {
    const lines = Array.from(
      { length: 10 },
      (_, index) => `${1_700_000_000 + index},0,nan,${index},${index}.5,${-index}.5,7`,
    );
    await Deno.writeTextFile(`${folder}/a.csv`, `# secs,nsecs,offset,sequence,va,vb,n\n${lines.join("\n")}\n`);
    const args = ["--from", "+2", "--to", "2023-11-14T22:13:28Z", "--every", "2", "--select", "n,va"];
    const part = await run("convert", `${folder}/a.csv`, ...args, "-o", "json");
    assertEquals(part.code, 0, part.stderr);
    const found = part.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(found.map(({ sequence, data }) => [sequence, ...data]), [[2, 7, 2.5], [4, 7, 4.5], [6, 7, 6.5]]);
    const file = await run("convert", `${folder}/a.csv`, ...args, "--output", `${folder}/a.mat`);
    assertMatch(file.stderr, /Wrote 3 samples as matlab/);
    const info = await run("info", "--json", `${folder}/a.mat`);
    assertEquals(JSON.parse(info.stdout).signals.map(({ name }: { name: string }) => name), ["n", "va"]);
    const wrong = await run("convert", `${folder}/a.csv`, "--select", "vc", "-o", "json");
    assertEquals(wrong.code, 2);
    assertMatch(wrong.stderr, /Cannot select "vc": .*(did you mean|va)/);
    assertMatch(
      (await run("convert", `${folder}/a.csv`, "--from", "noon", "-o", "json")).stderr,
      /expected a time such as/,
    );
  });
});
