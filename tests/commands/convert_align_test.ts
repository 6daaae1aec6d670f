/**
 * `convert --resample` and `convert --join`: what they write, in files that our readers and others read.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { createFileFormat, formatForPath } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { type Finished, run, startFed } from "./_cli.ts";

const start = 1_700_000_000;

/** Writes a recording of csv with a header: rows of milliseconds and texts of values. */
async function writeRecording(
  path: string,
  names: string,
  rows: readonly (readonly [number, string])[],
): Promise<string> {
  const lines = rows.map(([ms, values], index) =>
    `${start + Math.floor(ms / 1000)},${String(ms % 1000 * 1e6).padStart(9, "0")},nan,${index + 10},${values}`
  );
  await Deno.writeTextFile(path, `# secs,nsecs,offset,sequence,${names}\n${lines.join("\n")}\n`);
  return path;
}

/** Writes the recordings of two labs: every 100 ms, and every 150 ms from 50 ms on. */
async function writeLabs(folder: string): Promise<[string, string]> {
  const first = [0, 1, 2, 3, 4].map((n) => [n * 100, `${n}.5,${-n}`] as const);
  const second = [0, 1, 2].map((n) => [50 + n * 150, `${n * 10},${n}.25`] as const);
  return [
    await writeRecording(`${folder}/aachen.csv`, "va,p", first),
    await writeRecording(`${folder}/turin.csv`, "va,f", second),
  ];
}

/** Returns the lines of csv as milliseconds since the start, sequence number and values. */
function rowsOf({ stdout }: Finished): number[][] {
  return stdout.trim().split("\n").slice(1).map((line) => {
    const [sec, nsec, , ...others] = line.split(",").map(Number);
    return [((sec ?? 0) - start) * 1000 + (nsec ?? 0) / 1e6, ...others];
  });
}

async function readFile(path: string): Promise<{ samples: Sample[]; names: unknown; remark: string | undefined }> {
  const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
  const names = reader.signals?.map(({ name }) => name) ?? reader.names;
  return { samples: (await Array.fromAsync(reader.batches())).flat(), names, remark: reader.properties?.remark };
}

Deno.test("convert --resample writes samples on the grid, with the names of the file, numbered by periods", async () => {
  await withFolder(async (folder) => {
    const path = await writeRecording(`${folder}/a.csv`, "va,n", [[10, "1,5"], [110, "2,6"], [210, "4,7"], [
      710,
      "9,9",
    ]]);
    const linear = await run("convert", path, "--resample", "20Hz", "--max-gap", "0.3", "-o", "csv");
    assertEquals(linear.code, 0, linear.stderr);
    assertMatch(linear.stdout, /^# secs,nsecs,offset,sequence,va,n\n/);
    assertEquals(rowsOf(linear), [[50, 0, 1.4, 5.4], [100, 1, 1.9, 5.9], [150, 2, 2.8, 6.4], [200, 3, 3.8, 6.9]]);
    assertMatch(linear.stderr, /warning: Left 1 gap in which samples are too far from each other \(--max-gap\)\n/);
    const typed = await run("convert", path, "--resample", "50ms", "--max-gap", "0.3", "-t", "fi", "-o", "csv");
    assertEquals(rowsOf(typed).map((row) => row[3]), [5, 5, 6, 6]);
    const part = await run("convert", path, "--resample", "10Hz", "--method", "nearest", "--from", "+0.3", "-o", "csv");
    assertEquals(rowsOf(part), [[400, 3, 4, 7], [500, 4, 9, 9], [600, 5, 9, 9], [700, 6, 9, 9]]);
  });
});

Deno.test("convert --join writes files side by side at the times of all of them that they have in common", async () => {
  await withFolder(async (folder) => {
    const labs = await writeLabs(folder);
    const joined = await run("convert", ...labs, "--join", "-o", "csv");
    assertEquals(joined.code, 0, joined.stderr);
    assertMatch(joined.stdout, /^# secs,nsecs,offset,sequence,aachen_va,p,turin_va,f\n/);
    const turin = (ms: number) => (ms - 50) / 15;
    const row = (
      ms: number,
      sequence: number,
    ) => [ms, sequence, 0.5 + ms / 100, -ms / 100, turin(ms), turin(ms) / 10 + 0.25];
    const times = [50, 100, 200, 300, 350];
    assertEquals(
      rowsOf(joined).map((cells) => cells.map((cell) => cell.toFixed(9))),
      times.map((ms, index) => row(ms, index).map((cell) => cell.toFixed(9))),
    );
  });
});

Deno.test("convert --join=outer has all times, and nan where a file has no values; --tolerance brings near times together", async () => {
  await withFolder(async (folder) => {
    const labs = await writeLabs(folder);
    const outer = await run("convert", ...labs, "--join=outer", "--method", "hold", "-o", "csv");
    assertEquals(rowsOf(outer).map(([ms, , ...values]) => [ms, ...values]), [
      [0, 0.5, 0, NaN, NaN],
      [50, 0.5, 0, 0, 0.25],
      [100, 1.5, -1, 0, 0.25],
      [200, 2.5, -2, 10, 1.25],
      [300, 3.5, -3, 10, 1.25],
      [350, 3.5, -3, 20, 2.25],
      [400, 4.5, -4, NaN, NaN],
    ]);
    const near = await run("convert", ...labs, "--join=outer", "--tolerance", "50ms", "-o", "csv", "--select", "0,2");
    assertEquals(rowsOf(near).map(([ms, , ...values]) => [ms, ...values]), [
      [0, 0.5, 0],
      [100, 1.5, 0],
      [200, 2.5, 10],
      [300, 3.5, 20],
      [400, 4.5, 20],
    ]);
  });
});

for (const ending of ["parquet", "mat", "cff", "cfg", "txt"]) {
  Deno.test(`convert --join --resample writes .${ending} that is read, and says in it how it came about if it can`, async () => {
    await withFolder(async (folder) => {
      const labs = await writeLabs(folder);
      const path = `${folder}/all.${ending}`;
      const { code, stderr } = await run("convert", ...labs, "--join", "--resample", "20Hz", "--output", path);
      assertEquals(code, 0, stderr);
      const { samples, names, remark } = await readFile(path);
      assertEquals(samples.length, 7);
      const expected = ["aachen_va", "p", "turin_va", "f"];
      assertEquals(names, expected);
      const [, , , fourth] = samples;
      assertEquals(fourth?.tsOrigin, { sec: start, nsec: 200_000_000 });
      for (const [index, value] of [2.5, -2, 10, 1.25].entries()) {
        assert(Math.abs(Number(fourth?.values[index]) - value) < 1e-6, `${fourth?.values}`);
      }
      const text = /, at 20 Hz, by villas-client, method linear/;
      if (/parquet|mat|cff/.test(ending)) assertMatch(remark ?? "", text);
      if (ending === "txt") assertMatch((await Deno.readTextFile(path)).split("\n")[0] ?? "", text);
      if (ending === "cfg") {
        assertEquals(await listNames(folder), ["aachen.csv", "all.cfg", "all.dat", "all.hdr", "turin.csv"]);
        assertMatch(await Deno.readTextFile(`${folder}/all.hdr`), text);
      }
    });
  });
}

Deno.test("convert --join takes types and names from typed files, and standard input as one of them", async () => {
  await withFolder(async (folder) => {
    const [path] = await writeLabs(folder);
    await using process = startFed(
      "convert",
      "-",
      path,
      "-i",
      "csv",
      "--join",
      "--resample",
      "10Hz",
      "--output",
      `${folder}/all.mat`,
    );
    await process.write(`${start},0,nan,1,1.5,2+0.5i\n${start + 1},0,nan,2,2.5,4+1.5i\n`);
    await process.endInput();
    const { code, stderr } = await process.finish();
    assertEquals(code, 0, stderr);
    const { samples, names } = await readFile(`${folder}/all.mat`);
    assertEquals(names, ["stdin_signal0", "stdin_signal1", "va", "p"]);
    assertEquals(samples[4]?.values, [1.9, { real: 2.8, imag: 0.9 }, 4.5, -4]);
  });
});

Deno.test("convert --join says that files have no time in common, and --join=outer joins them over the years", async () => {
  await withFolder(async (folder) => {
    const early = await writeRecording(`${folder}/early.csv`, "a", [[0, "1.5"], [1, "2.5"]]);
    const late = await writeRecording(`${folder}/late.csv`, "b", [[3e11, "3.5"], [3e11 + 1, "4.5"]]);
    const inner = await run("convert", early, late, "--join", "--resample", "1kHz", "-o", "csv");
    assertEquals({ code: inner.code, stdout: inner.stdout }, { code: 1, stdout: "" });
    assertStringIncludes(inner.stderr, "The files have no time in common, and nothing is written: --join=outer");
    const outer = await run("convert", early, late, "--join=outer", "--resample", "1kHz", "-o", "csv");
    assertEquals(outer.code, 0);
    assertEquals(rowsOf(outer).map(([, ...cells]) => cells), [
      [0, 1.5, NaN],
      [1, 2.5, NaN],
      [3e11, NaN, 3.5],
      [3e11 + 1, NaN, 4.5],
    ]);
  });
});

Deno.test("convert --resample reads backward times, doubled ones, NaN and empty files, and says what it left out", async () => {
  await withFolder(async (folder) => {
    const rows = Array.from({ length: 200 }, (_, index) => [index * 10, index === 100 ? "nan" : `${index}.5`] as const);
    const path = await writeRecording(`${folder}/a.csv`, "v", [...rows, [1990, "7"], [20, "8"], [2000, "200.5"]]);
    const { code, stdout, stderr } = await run("convert", path, "--resample", "200Hz", "-o", "csv");
    assertEquals(code, 0);
    const found = rowsOf({ code, stdout, stderr });
    assertEquals(found.length, 401);
    assertEquals(found.filter(([, , value]) => Number.isNaN(value)).map(([ms]) => ms), [995, 1000, 1005]);
    assert(found.every(([ms, , value]) => Number.isNaN(value) || Math.abs((value ?? 0) - (ms ?? 0) / 10 - 0.5) < 1e-9));
    assertStringIncludes(
      stderr,
      "Left out 1 sample with the timestamp of another one, and 1 sample that came too long after later ones",
    );
    await Deno.writeTextFile(`${folder}/empty.csv`, "");
    const empty = await run("convert", `${folder}/empty.csv`, "--resample", "1kHz", "-o", "csv");
    assertEquals({ ...empty, stderr: "" }, { code: 0, stdout: "", stderr: "" });
    await Deno.writeTextFile(`${folder}/untimed.json`, '{"data": [1.5]}\n{"data": [2.5]}\n');
    const untimed = await run("convert", `${folder}/untimed.json`, "--resample", "1kHz", "-o", "csv");
    assertStringIncludes(untimed.stderr, "Left out 2 samples without a timestamp");
  });
});

Deno.test("convert refuses options of alignment that mean nothing", async () => {
  for (
    const [args, reason] of [
      [["a.csv", "--join"], "Cannot use --join with one file"],
      [["a.csv", "--method", "hold"], "Cannot use --method without"],
      [["a.csv", "b.csv", "--join", "--resample", "1kHz", "--tolerance", "1ms"], "--tolerance"],
    ] as const
  ) {
    await withFolder(async (folder) => {
      await writeLabs(folder);
      const paths = args.map((word) => /\.csv$/.test(word) ? `${folder}/aachen.csv` : word);
      const { code, stderr } = await run("convert", ...paths, "-o", "csv");
      assertEquals(code, 2);
      assertStringIncludes(stderr, reason);
    });
  }
});
