/**
 * Conversions of long recordings in constant memory: 10,000,000 samples from csv into Parquet and MAT-files, and back.
 */

import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { start } from "../commands/_cli.ts";
import { withFolder } from "../_folders.ts";
import { isFull, scaled } from "./_scale.ts";
import { followPeakMemory } from "./_peak_memory.ts";

/** Number of samples. */
const count = scaled(10_000_000, 100_000);

/**
 * The most memory that a conversion may take, in bytes. Half of it would do, but on a machine with other work, garbage waits
 * longer for the collector's threads; what grew with the recording would be gigabytes.
 */
const limit = 250e6;

/** Longest time of a conversion, in milliseconds, on a machine with other work. */
const patience = 120_000 + count;

/** Writes a recording as `convert` writes csv, so that it can be compared when it comes back. */
async function writeCsv(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  let text = "# secs,nsecs,offset,sequence,va,ia\n";
  for (let index = 0; index < count; index++) {
    const nsec = String(index % 1000 * 1_000_000).padStart(9, "0");
    const values = [index % 4096 / 16 - 100, -(index % 512) / 8].map((value) => (value + 0).toFixed(17)).join(",");
    text += `${1_700_000_000 + Math.floor(index / 1000)},${nsec},nan,${index},${values}\n`;
    if (text.length < 1_000_000 && index < count - 1) continue;
    await writer.write(encoder.encode(text));
    text = "";
  }
  await writer.close().catch(() => {});
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of (await Deno.open(path)).readable) hash.update(piece);
  return hash.digest("hex");
}

/** Converts a file; returns the most memory that it took, in bytes. */
async function convert(from: string, to: string): Promise<number> {
  const started = performance.now();
  await using process = start("convert", from, "--output", to);
  const timer = setTimeout(() => process.kill("SIGKILL"), patience);
  try {
    const peak = followPeakMemory(process.pid);
    const { code, stderr } = await process.finish();
    assertEquals(code, 0, `${stderr} (after ${performance.now() - started} ms)`);
    assert(stderr.includes(`Wrote ${count} samples`), stderr);
    return await peak;
  } finally {
    clearTimeout(timer);
  }
}

for (const ending of ["parquet", "mat"]) {
  Deno.test({
    name: `convert takes at most ${
      limit / 1e6
    } MB for ${count} samples from csv to .${ending} and back, and loses nothing`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      withFolder(async (folder) => {
        const [first, between, last] = [`${folder}/1.csv`, `${folder}/2.${ending}`, `${folder}/3.csv`];
        await writeCsv(first);
        const there = await convert(first, between);
        const back = await convert(between, last);
        if (isFull) {
          console.warn(`.${ending}: ${(there / 1e6).toFixed(0)} MB there, ${(back / 1e6).toFixed(0)} MB back`);
        }
        assertEquals(await hashOf(last), await hashOf(first));
        assert(there <= limit, `csv to .${ending} took ${there / 1e6} MB`);
        assert(back <= limit, `.${ending} to csv took ${back / 1e6} MB`);
      }),
  });
}
