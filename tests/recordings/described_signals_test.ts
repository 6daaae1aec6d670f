import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { c37118 } from "@villas/client/formats";
import { createFileFormat } from "@villas/client/recordings";
import { run, startFed } from "../commands/_cli.ts";
import { recorded } from "../formats/c37_118/_frames.ts";
import { withFolder } from "../_folders.ts";

/** Captured frames of VILLASnodes: configurations, and the data behind them. */
const captures: Readonly<Record<string, readonly string[]>> = {
  "one PMU, configuration 2": ["cfg2", "data0", "data1", "data2", "data3"],
  "one PMU, all configurations": ["cfg1", "cfg2", "cfg3", "data0", "data1"],
  "several PMUs, configuration 3": ["cfg3_multi", "data_multi0", "data_multi1"],
  "analogue and digital values": ["varied_0_cfg2", "varied_0_data0", "varied_0_data1"],
};

function join(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(names.flatMap((name) => [...recorded(name)]));
}

for (const [name, frames] of Object.entries(captures)) {
  Deno.test(`a file of captured frames has the signals that receiving them has: ${name}`, async () => {
    await withFolder(async (folder) => {
      const receiver = c37118();
      const bytes = join(frames);
      const samples = receiver.decode(bytes);
      await Deno.writeFile(`${folder}/run.c37.118`, bytes);
      const reader = await (await createFileFormat("c37.118")).open(`${folder}/run.c37.118`);
      assertEquals(reader.signals, receiver.signals);
      assertEquals((await Array.fromAsync(reader.batches())).flat(), samples);
    });
  });
}

Deno.test("a file of captured frames has signals behind bytes that are no frames, and with the prefix of the stations", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/run.c37.118`;
    const frames = join(["cfg2", "data0"]);
    await Deno.writeFile(path, Uint8Array.from([...new Uint8Array(5000).fill(7), ...frames]));
    const errors: unknown[] = [];
    const format = await createFileFormat({ type: "c37.118", names: "station", stat_signals: true });
    const reader = await format.open(path, { onDecodeError: (error) => errors.push(error) });
    assertEquals(errors, []);
    const names = reader.signals?.map(({ name }) => name) ?? [];
    assertMatch(names[0] ?? "", /^STATION-A_va$/);
    assertEquals(names.at(-1), "STATION-A_stat");
    assertEquals((await Array.fromAsync(reader.batches())).flat()[0]?.values.length, names.length);
    assertEquals(errors.length, 1);
  });
});

Deno.test("a file of frames without a configuration has no signals, and reading it says what is wrong", async () => {
  await withFolder(async (folder) => {
    for (const bytes of [join(["data0"]), join(["cfg2"]).subarray(0, 40), new Uint8Array(0)]) {
      await Deno.writeFile(`${folder}/run.c37.118`, bytes);
      const reader = await (await createFileFormat("c37.118")).open(`${folder}/run.c37.118`);
      assertEquals(reader.signals, undefined);
      if (bytes.length > 0) await assertRejects(() => Array.fromAsync(reader.batches()), Error, "c37.118");
    }
    const format = await createFileFormat("c37.118");
    await assertRejects(() => format.open(`${folder}/missing.c37.118`), Deno.errors.NotFound, "missing.c37.118");
  });
});

Deno.test("convert and info name the signals of captured frames, with their units, also those from a pipe", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/run.c37.118`;
    const bytes = join(["cfg2", "data0", "data1"]);
    await Deno.writeFile(path, bytes);
    const { code, stdout, stderr } = await run("convert", path, "-o", "csv");
    assertEquals(code, 0, stderr);
    const [header] = stdout.split("\n");
    assertStringIncludes(header ?? "", ",pmu0_va[V],pmu0_I phase A long n[A],pmu0_frequency[Hz],pmu0_rocof[Hz/s],");
    await using process = startFed("convert", "-i", "c37.118", "-o", "csv");
    await process.write(bytes);
    await process.endInput();
    assertEquals((await process.finish()).stdout, stdout);
    const info = JSON.parse((await run("info", "--json", path)).stdout);
    assertEquals(info.signals[0].name, "pmu0_va");
    assertEquals(info.signals[0].unit, "V");
  });
});
