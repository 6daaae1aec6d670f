/**
 * Files of samples: reading one as it arrives, or sample by sample.
 *
 * @module
 */

import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import type { FileFormat, ReadOptions } from "./file_format.ts";
import { streamFile } from "./stream_file.ts";

/**
 * Reads the samples of a file, one by one: in constant memory, and those from a pipe as soon as they arrive.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The format of the file
 * @param options What to do with records that cannot be read, and what ends the reading
 * @returns The samples in the order of the file
 * @throws {DecodeError} If a record cannot be read and `onDecodeError` is not given
 * @throws {Error} If 64 MiB in a row hold no sample, or 10,000 records are faulty and hardly any is not
 * @throws {TypeError} If the format cannot divide a file into samples without knowing the signals
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.PermissionDenied} If it may not be read
 * @throws {Deno.errors.IsADirectory} If it is a folder
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { json } from "@villas/client/formats";
 * import { readSamples } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"sequence": 1, "data": [1.5]}\n{"sequence": 2, "data": [2.5]}\n');
 * const values = [];
 * for await (const sample of readSamples(path, json())) values.push(sample.values[0]);
 * assertEquals(values, [1.5, 2.5]);
 * await Deno.remove(path);
 * ```
 */
export async function* readSamples(
  path: string,
  format: Format | FileFormat,
  options: ReadOptions = {},
): AsyncGenerator<Sample, void, undefined> {
  for await (const samples of readBatches(path, format, options)) yield* samples;
}

/**
 * Reads the samples of a file in batches, which takes less time per sample than {@linkcode readSamples}: each batch has
 * the samples that one piece of the file completes.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The format of the file
 * @param options What to do with records that cannot be read, and what ends the reading
 * @returns The batches, none of them empty
 * @throws As {@linkcode readSamples}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { json } from "@villas/client/formats";
 * import { readBatches } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"data": [1.5]}\n{"data": [2.5]}\n');
 * assertEquals(await Array.fromAsync(readBatches(path, json())), [[{ values: [1.5] }, { values: [2.5] }]]);
 * await Deno.remove(path);
 * ```
 */
export async function* readBatches(
  path: string,
  format: Format | FileFormat,
  options: ReadOptions = {},
): AsyncGenerator<Sample[], void, undefined> {
  const reader = await fileFormatOf(format).open(path, options);
  yield* reader.batches();
}

/** Returns the format of the files of a format. */
function fileFormatOf(format: Format | FileFormat): FileFormat {
  return "decode" in format ? streamFile(format) : format;
}
