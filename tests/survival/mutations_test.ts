/**
 * Damaged files in every reader: 60,000 of each kind. Samples, or an error that says where, are right; anything else, a hang
 * or memory that grows is not.
 */

import { assert } from "@std/assert";
import zlib from "node:zlib";
import { createFormat, DecodeError, formatNames, parseSignals, type Sample } from "@villas/client";
import { comtrade, createFileFormat, type FileFormat, matlab, parquet } from "@villas/client/recordings";
import { createJournalEncoder } from "../../lib/recordings/journal.ts";
import { type Random, seededRandom } from "../_random.ts";
import { withFolder } from "../_folders.ts";
import { mutate, mutateFiles } from "../recordings/_hostile.ts";
import { scaled } from "./_scale.ts";

/** Number of mutated files of each kind. */
const mutations = scaled(60_000, 100);

/** Longest time to read one file, in milliseconds, on a machine with other work. */
const patience = 10_000;

const signals = parseSignals("fibc");
const samples: Sample[] = Array.from({ length: 3 }, (_, index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 123_456_789 },
  values: [index / 7, BigInt(index - 1), index % 2 === 0, { real: 0.5, imag: -index }],
}));

/** Returns as many of the values as a format carries, from the first one on. */
async function writeStream(type: string): Promise<{ bytes: Uint8Array; types: string }> {
  for (const types of ["fibc", "fib", "fi", "f"]) {
    try {
      const format = await createFormat(type, { signals: parseSignals(types) });
      const piece = format.createEncoder()(
        samples.map(({ values, ...rest }) => ({ ...rest, values: values.slice(0, types.length) })),
      );
      return { bytes: typeof piece === "string" ? new TextEncoder().encode(piece) : piece, types };
    } catch (error) {
      if (types === "f") throw error;
    }
  }
  throw new Error(`${type} carries nothing`);
}

for (const type of formatNames) {
  Deno.test(`a file of ${type} that is mutated gives samples or errors with a place, ${mutations} times`, async () => {
    const { bytes, types } = await writeStream(type);
    const random = seededRandom(type.length);
    let refused = 0;
    let wasGiven = 0;
    for (let index = 0; index < mutations; index++) {
      // Half of them are read with the signals, half without.
      const list = index % 2 === 0 || type === "raw" || type === "gtnet" ? { signals: parseSignals(types) } : {};
      const format = await createFormat(type, list);
      const damaged = mutate(bytes, random);
      const started = performance.now();
      try {
        const { errors, count } = readInPieces(format.createDecoder, damaged, random);
        if (errors > 0) refused++;
        wasGiven += count;
      } catch (error) {
        throw new Error(`Mutation ${index} of ${type}: ${damaged.toHex()}`, { cause: error });
      }
      assert(performance.now() - started < patience, `reading took ${performance.now() - started} ms`);
    }
    assert(refused > mutations / 20 && wasGiven > 0, `${refused} of ${mutations} were refused`);
  });
}

/** Reads bytes in two pieces; returns the number of errors and samples. */
function readInPieces(
  createDecoder: FileFormatDecoder,
  bytes: Uint8Array,
  random: Random,
): { errors: number; count: number } {
  let errors = 0;
  const decoder = createDecoder((error) => {
    assert(error instanceof DecodeError && error.reason !== "" && !/undefined|NaN /.test(error.message), error.message);
    assert(error.line !== undefined || error.offset !== undefined, error.message);
    errors++;
  });
  const cut = random.below(bytes.length + 1);
  const count = decoder.push(bytes.subarray(0, cut)).length + decoder.push(bytes.subarray(cut)).length +
    decoder.end().length;
  return { errors, count };
}

type FileFormatDecoder = Awaited<ReturnType<typeof createFormat>>["createDecoder"];

/** Creates a file of another tool. */
async function writeTool(format: FileFormat, name: string, list = signals): Promise<Record<string, Uint8Array>> {
  return await withFolder(async (folder) => {
    {
      await using writer = await format.create?.(`${folder}/${name}`, { signals: list });
      await writer?.write(samples.map(({ values, ...rest }) => ({ ...rest, values: values.slice(0, list.length) })));
      await writer?.finish();
    }
    const names = (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();
    // The one that is opened comes first: the .cfg is in front of the .dat.
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await Deno.readFile(`${folder}/${name}`)])),
    );
  });
}

/** Compresses the elements of a MAT-file, as MATLAB does. */
function compressElements(file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [file.subarray(0, 128)];
  const view = new DataView(file.buffer, file.byteOffset);
  for (let start = 128; start + 8 <= file.length;) {
    const end = start + 8 + view.getUint32(start + 4, true);
    const body = zlib.deflateSync(file.subarray(start, end));
    const head = new DataView(new ArrayBuffer(8));
    head.setUint32(0, 15, true);
    head.setUint32(4, body.length, true);
    parts.push(new Uint8Array(head.buffer), new Uint8Array(body));
    start = end;
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const real = parseSignals("fib");
const tools: Record<string, () => Promise<{ format: FileFormat; files: Record<string, Uint8Array> }>> = {
  "comtrade, 1991, ascii": () => comtradeFile({ revision: 1991, data_type: "ascii" }, "x.cfg"),
  "comtrade, 1999, binary": () => comtradeFile({ revision: 1999 }, "x.cfg"),
  "comtrade, 2013, float32": () => comtradeFile({ data_type: "float32" }, "x.cff"),
  matlab: async () => ({ format: matlab(), files: await writeTool(matlab(), "x.mat") }),
  "matlab, compressed": async () => {
    const files = await writeTool(matlab(), "x.mat");
    return { format: matlab(), files: { "x.mat": compressElements(files["x.mat"] ?? new Uint8Array()) } };
  },
  parquet: () => parquetFile("none"),
  "parquet, snappy": () => parquetFile("snappy"),
  "protobuf in .gz": () => compressedFile("gz", (bytes) => zlib.gzipSync(bytes)),
  "protobuf in .zst": () => compressedFile("zst", (bytes) => zlib.zstdCompressSync(bytes)),
};

async function comtradeFile(options: Parameters<typeof comtrade>[0], name: string) {
  const format = comtrade(options);
  return { format, files: await writeTool(format, name, real) };
}

async function parquetFile(compression: "none" | "snappy") {
  const format = parquet({ compression });
  return { format, files: await writeTool(format, "x.parquet") };
}

async function compressedFile(ending: string, compress: (bytes: Uint8Array) => Uint8Array) {
  const { bytes } = await writeStream("protobuf");
  const compressed = new Uint8Array(compress(bytes));
  return { format: await createFileFormat("protobuf"), files: { [`x.pb.${ending}`]: compressed } };
}

for (const [name, create] of Object.entries(tools)) {
  Deno.test(`a file of ${name} that is mutated gives samples or errors with a place, ${mutations} times`, async () => {
    const refused = await mutateFiles(await create(), name.length, mutations);
    assert(refused > mutations / 20, `${refused} of ${mutations} were refused`);
  });
}

Deno.test(`a journal that is mutated is completed or refused, ${mutations} times`, () =>
  withFolder(async (folder) => {
    const { completeJournal, journalPath } = await import("../../lib/recordings/journal.ts");
    const bytes = createJournalEncoder({ format: { type: "matlab" }, signals })(samples) as Uint8Array;
    const random = seededRandom(8);
    let refused = 0;
    for (let index = 0; index < mutations; index++) {
      const damaged = mutate(bytes, random);
      await Deno.writeFile(journalPath(`${folder}/x`), damaged);
      let errors = 0;
      try {
        // Its head may name any format and signals by now.
        await completeJournal(`${folder}/x`, { onDecodeError: () => errors++, onEncodeError: () => errors++ });
      } catch (error) {
        if (!(error instanceof DecodeError || error instanceof TypeError || error instanceof SyntaxError)) {
          throw new Error(`Mutation ${index}: ${damaged.toHex()}`, { cause: error });
        }
        errors++;
      }
      if (errors > 0) refused++;
    }
    assert(refused > mutations / 20, `${refused} of ${mutations} were refused`);
  }));
