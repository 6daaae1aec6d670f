import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Sample } from "@villas/client";
import { json, protobuf } from "@villas/client/formats";
import { createFileFormat, type FileFormat } from "@villas/client/recordings";
import { Compressor } from "../../lib/recordings/compression.ts";
import { withFolder } from "../_folders.ts";
import { mutateFiles, mutations } from "./_hostile.ts";

const samples: Sample[] = Array.from({ length: 40 }, (_, index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 5, nsec: index },
  values: [index / 7],
}));

/** Writes parts of a file, each of them flushed; returns the lengths of the file after each. */
async function write(path: string, compression: "gz" | "zst", parts: readonly (string | Uint8Array)[], start = 0) {
  const file = await Deno.open(path, start > 0 ? { append: true } : { write: true, create: true, truncate: true });
  const compressor = new Compressor(file, compression, start);
  const lengths: number[] = [];
  for (const part of parts) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    // As much as is flushed at once: the parts are small.
    await compressor.write(bytes);
    await compressor.flush();
    lengths.push(compressor.readableLength);
  }
  await compressor.finish();
  await compressor.close();
  file.close();
  return lengths;
}

async function read(format: FileFormat, path: string) {
  const errors: string[] = [];
  const reader = await format.open(path, { onDecodeError: ({ message }) => errors.push(message) });
  return { samples: (await Array.fromAsync(reader.batches())).flat(), errors };
}

const encoder = json().createEncoder();
const lines = samples.map((sample) => String(encoder([sample])));

for (const compression of ["gz", "zst"] as const) {
  const path = (folder: string) => `${folder}/run.json.${compression}`;

  Deno.test(`a .${compression} file is read as it was written, and so is one of several members`, async () => {
    await withFolder(async (folder) => {
      await write(path(folder), compression, lines.slice(0, 10));
      const { size } = await Deno.stat(path(folder));
      await write(path(folder), compression, lines.slice(10), size);
      const format = await createFileFormat("json");
      assertEquals(await read(format, path(folder)), { samples, errors: [] });
    });
  });

  Deno.test(`a .${compression} file that is cut anywhere is read up to the last flush, and said to be cut`, async () => {
    await withFolder(async (folder) => {
      const lengths = await write(path(folder), compression, lines);
      const bytes = await Deno.readFile(path(folder));
      const format = await createFileFormat("json");
      for (let length = 0; length < bytes.length; length++) {
        await Deno.writeFile(path(folder), bytes.subarray(0, length));
        const found = await read(format, path(folder));
        const flushed = lengths.filter((end) => end <= length).length;
        assert(found.samples.length >= flushed, `cut at ${length}: ${found.samples.length} of ${flushed} samples`);
        assertEquals(found.samples, samples.slice(0, found.samples.length));
        // Frames are files of their own.
        const isWhole = compression === "zst" && lengths.includes(length);
        if (isWhole) assertEquals(found.errors, []);
        else {assertMatch(
            found.errors.join(),
            new RegExp(`file as ${compression} at offset \\d+: it (was cut off|is empty)`),
          );}
      }
    });
  });

  Deno.test(`a .${compression} file that is mutated gives samples or errors, and ends`, async () => {
    const bytes = await withFolder(async (folder) => {
      await write(path(folder), compression, samples.map((sample) => protobuf().encode([sample])));
      return await Deno.readFile(path(folder));
    });
    const files = { [`x.pb.${compression}`]: bytes };
    const refused = await mutateFiles({ format: await createFileFormat("protobuf"), files }, 9);
    assert(refused > mutations / 2, `${refused} of ${mutations} were refused`);
  });
}

Deno.test("a .gz file of a thousand times its length is read in constant memory", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/zeros.json.gz`;
    await write(path, "gz", Array.from({ length: 32 }, () => new Uint8Array(2 ** 20).fill(0x20)));
    const { size } = await Deno.stat(path);
    assert(size < 2 ** 16, `${size} bytes`);
    const before = Deno.memoryUsage().external;
    assertEquals((await read(await createFileFormat("json"), path)).samples, []);
    assert(Deno.memoryUsage().external - before < 2 ** 26);
  });
});
