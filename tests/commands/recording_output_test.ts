/**
 * Files that `bridge` and `run --log` record in: all that `recv --output` writes.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect, parseSignals, type Sample } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { createFileFormat, formatForPath } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { run, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const samples: Sample[] = [0, 1, 2].map((index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000, nsec: index * 1_000_000 },
  values: [index + 0.5, -2.25],
}));

/** Reads the times and values of a file. */
async function readFile(path: string) {
  const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
  const found = (await Array.fromAsync(reader.batches())).flat();
  return { names: reader.signals?.map(({ name }) => name) ?? reader.names, samples: found };
}

const timesAndValues = (list: readonly Sample[]) => list.map(({ tsOrigin, values }) => ({ tsOrigin, values }));

const names = ["run.mat", "run.parquet", "run.cff", "run.cfg", "run.csv.gz", "run.json.zst", "run.lp", "run.lp.gz"];

Deno.test("bridge writes files of other tools and compressed ones, all of the same samples, and leaves no journal", () =>
  withFolder(async (folder) => {
    const lines = samples.map(({ sequence, tsOrigin, values }) =>
      `{"ts": {"origin": [${tsOrigin?.sec}, ${tsOrigin?.nsec}]}, "sequence": ${sequence}, "data": [${values}]}\n`
    );
    await Deno.writeTextFile(`${folder}/in.json`, lines.join(""));
    const from = `${folder}/in.json,timing=fast,signals=[{"name":"va"},{"name":"ia"}]`;
    const { code, stderr } = await run("bridge", from, ...names.map((name) => `${folder}/${name}`));
    assertEquals(code, 0, stderr);
    for (const name of names) {
      const found = await readFile(`${folder}/${name}`);
      assertEquals([name, timesAndValues(found.samples)], [name, timesAndValues(samples)]);
      if (found.names !== undefined) assertEquals([name, found.names], [name, ["va", "ia"]]);
    }
    assertEquals((await listNames(folder)).sort(), ["in.json", "run.dat", ...names].sort());
  }));

Deno.test("bridge says where the journal is that an earlier run has left, and overwrites nothing", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in.json`, '{"data": [1.5]}\n');
    await Deno.writeTextFile(`${folder}/run.mat.journal`, "kept");
    const { code, stderr } = await run("bridge", `${folder}/in.json`, `${folder}/run.mat`);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, `villas-client repair ${folder}/run.mat completes its file`);
    assertEquals(await Deno.readTextFile(`${folder}/run.mat.journal`), "kept");
  }));

const controller = `export const signals = { in: [{ name: "u", type: "float" }], out: [{ name: "y", type: "float" }] };
export default ([value]) => [2 * value];
`;

for (const name of ["log.parquet", "log.mat", "log.lp", "log.csv.gz"]) {
  Deno.test(`run --log ${name} records inputs and outputs under their names`, () =>
    withFolder(async (folder) => {
      const [path, log] = [`${folder}/double.js`, `${folder}/${name}`];
      await Deno.writeTextFile(path, controller);
      const transport = await openUdp({ local: "udp://127.0.0.1:0" });
      await using node = await connect({ transport, signals: parseSignals("f") });
      const ends = ["--local", "udp://127.0.0.1:0", "--remote", transport.local];
      await using running = start("run", path, ...ends, "--log", log, "--print", "none", "--count", "3");
      const [, local = ""] = await running.expectError(/receiving on (udp:\S+),/);
      await transport.setRemote(local);
      for (const { values: [value = 0], ...rest } of samples) {
        await node.send({ ...rest, values: [value] });
        await node.receive({ timeout: 20 });
      }
      const { code, stderr } = await running.finish();
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, `Recorded 3 samples in ${log}`);
      const found = await readFile(log);
      assertEquals(found.samples.map(({ values }) => values.map(Number)), [[0.5, 1], [1.5, 3], [2.5, 5]]);
      assertEquals(found.names?.length, 2);
      assertEquals((await listNames(folder)).sort(), ["double.js", name].sort());
    }));
}

testWrongUsages([
  [
    ["bridge", "udp://127.0.0.1:0", "run.mat,append=true"],
    "Cannot append to run.mat: a file of matlab ends where it was closed",
  ],
  [
    ["bridge", "udp://127.0.0.1:0", "-,format=parquet"],
    "Cannot print parquet: it is a file of its own; give the path of a file",
  ],
  [
    ["bridge", "udp://127.0.0.1:0", "run.mat.gz"],
    "Cannot tell the format of run.mat.gz from its name: give it as run.mat.gz,format=NAME",
  ],
]);
