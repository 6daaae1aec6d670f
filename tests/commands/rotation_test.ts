import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { createFileFormat, formatForPath } from "@villas/client/recordings";
import { pace } from "@villas/client/timing";
import { rotateOption } from "../../lib/commands/_shared/rotate_options.ts";
import { expandTime } from "../../lib/commands/_shared/rotation.ts";
import { InputError } from "../../lib/system/input_error.ts";
import { listNames, withFolder } from "../_folders.ts";
import { run } from "./_cli.ts";
import { startRecv } from "./_recv.ts";

const samples: Sample[] = Array.from({ length: 100 }, (_, index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 0 },
  values: [index + 0.5],
}));

async function read(path: string): Promise<number[]> {
  const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
  return (await Array.fromAsync(reader.batches())).flat().map(({ values }) => Number(values[0]));
}

Deno.test("expandTime() writes times as strftime does, in UTC, and refuses what it does not know", () => {
  const time = Date.UTC(2024, 1, 29, 3, 4, 5, 678);
  assertEquals(expandTime("run-%Y%m%dT%H%M%S.csv", time), "run-20240229T030405.csv");
  assertEquals(expandTime("%F %T %y %j %s %%", time), `2024-02-29 03:04:05 24 060 ${Math.floor(time / 1000)} %`);
  assertThrows(() => expandTime("%Q", time), InputError, "Cannot use %Q in the name of a file");
  assertThrows(() => expandTime("x%", time), InputError);
});

Deno.test("--rotate takes times, sizes and numbers of samples", () => {
  for (
    const [given, kind, amount] of [
      ["1h", "seconds", 3600],
      ["500ms", "seconds", 0.5],
      ["100MB", "bytes", 1e8],
      ["1.5KiB", "bytes", 1536],
      ["100000", "samples", 100_000],
    ] as const
  ) {
    assertEquals(rotateOption.parse(given), { kind, amount });
  }
  for (const given of ["0", "-1", "1.5", "5XB", "", "h"]) assertThrows(() => rotateOption.parse(given), SyntaxError);
});

for (const ending of ["csv", "json.gz", "pb.zst", "mat"]) {
  Deno.test(`recv --rotate has every sample in one of its files of .${ending}, none twice`, async () => {
    await withFolder(async (folder) => {
      const output = `${folder}/run-%Y%m%dT%H%M%S.${ending}`;
      await using pair = await startRecv("--output", output, "--rotate", "30", "--count", "100");
      for (let start = 0; start < 100; start += 20) {
        await pair.peer.send([protobuf().encode(samples.slice(start, start + 20))]);
      }
      const { code, stderr } = await pair.recv.finish();
      assertEquals(code, 0, stderr);
      assertMatch(stderr, new RegExp(`Wrote 100 samples to 4 files up to .*\\.${ending} as `));
      const names = await listNames(folder);
      const files = await Promise.all(names.map((name) => read(`${folder}/${name}`)));
      assertEquals(files.map(({ length }) => length).sort(), [10, 30, 30, 30]);
      assertEquals(files.flat().sort((a, b) => a - b), samples.map(({ values }) => values[0]));
      for (const name of names) assertMatch(name, /^run-\d{8}T\d{6}(-\d)?\./);
    });
  });
}

Deno.test("recv --rotate by size, with --keep, leaves the latest files", async () => {
  await withFolder(async (folder) => {
    const output = `${folder}/run-%s.json`;
    await Deno.writeTextFile(`${folder}/run-1.json`, "of another run");
    await using pair = await startRecv("--output", output, "--rotate", "1kB", "--keep", "2", "--count", "100");
    // What comes at once goes into one file: the next samples come when these are in it.
    for (let start = 0; start < 100; start += 10) {
      await pair.peer.send([protobuf().encode(samples.slice(start, start + 10))]);
      for await (const _ of pace(100)) {
        const texts = (await listNames(folder)).map((name) => Deno.readTextFile(`${folder}/${name}`).catch(() => ""));
        if ((await Promise.all(texts)).join("").includes(`[${start + 9}.5]`)) break;
      }
    }
    const { code, stderr } = await pair.recv.finish();
    assertEquals(code, 0, stderr);
    const names = (await listNames(folder)).filter((name) => name !== "run-1.json");
    assertEquals(names.length, 2);
    const values = (await Promise.all(names.map((name) => read(`${folder}/${name}`)))).flat();
    assert(Math.max(...values) === 99.5 && values.length < 60, `${values.length} values`);
  });
});

Deno.test("recv refuses --rotate without a time in the name, and --keep without it", async () => {
  const local = ["recv", "--local", "udp://127.0.0.1:0"];
  const plain = await run(...local, "--output", "run.csv", "--rotate", "1h");
  assertEquals(plain.code, 2);
  assertMatch(plain.stderr, /expected a name that has the time, such as run-%Y%m%dT%H%M%S\.csv/);
  assertEquals((await run(...local, "--output", "run.csv", "--keep", "3")).code, 2);
});

for (const ending of ["csv.gz", "csv.zst"]) {
  Deno.test(`recv and convert write .${ending}, --append adds to it, and compare reads it`, async () => {
    await withFolder(async (folder) => {
      const file = `${folder}/run.${ending}`;
      await Deno.writeTextFile(`${folder}/a.json`, '{"sequence": 1, "data": [0.5]}\n{"sequence": 2, "data": [1.5]}\n');
      const converted = await run("convert", `${folder}/a.json`, "--output", file);
      assertEquals(converted.code, 0, converted.stderr);
      const compared = await run("compare", `${folder}/a.json`, file);
      assertEquals(compared.code, 0, compared.stdout);
      await using pair = await startRecv("--output", file, "--append", "--count", "2");
      await pair.peer.send([protobuf().encode(samples.slice(0, 2))]);
      const { code, stderr } = await pair.recv.finish();
      assertEquals(code, 0, stderr);
      assertEquals(await read(file), [0.5, 1.5, 0.5, 1.5]);
    });
  });
}
