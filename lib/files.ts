/**
 * Files of samples: which format a name means, and reading one as it comes.
 *
 * @module
 */

import type { DecodeError } from "./formats/errors.ts";
import type { Format } from "./formats/format.ts";
import type { Sample } from "./sample.ts";

/** What the endings of file names mean. */
const formatsByEnding: Readonly<Record<string, string>> = {
  bin: "villas.binary",
  csv: "csv",
  dat: "villas.human",
  human: "villas.human",
  json: "json",
  jsonl: "json",
  log: "villas.human",
  ndjson: "json",
  pb: "protobuf",
  protobuf: "protobuf",
  tsv: "tsv",
  txt: "villas.human",
  web: "villas.web",
};

/** How many bytes to read at a time. */
const pieceLength = 262_144;

/**
 * The format that the ending of a file's name means.
 *
 * @param path Path of a file, such as `"recording.csv"`; a name that ends in one of VILLASnode's format names, such as
 * `"recording.villas.binary"`, means that format
 * @returns VILLASnode's name of the format, or undefined where the ending means none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatOfFile } from "@villas/client";
 *
 * assertEquals(formatOfFile("results/run1.csv"), "csv");
 * assertEquals(formatOfFile("run1.villas.human"), "villas.human");
 * assertEquals(formatOfFile("run1"), undefined);
 * ```
 */
export function formatOfFile(path: string): string | undefined {
  const name = path.replace(/^.*[/\\]/s, "").toLowerCase();
  const ending = /\.([^.]+)$/.exec(name)?.[1];
  if (ending === undefined) return undefined;
  const full = /\.((?:villas|json|opal)\.[a-z]+)$/.exec(name)?.[1];
  return full ?? (Object.hasOwn(formatsByEnding, ending) ? formatsByEnding[ending] : undefined);
}

/** How to read a file of samples. */
export interface ReadSamplesOptions {
  /** Called with what cannot be read; it may throw to end the reading. Default: it throws. */
  report?: (error: DecodeError) => void;
  /** Ends the reading. */
  signal?: AbortSignal;
}

/**
 * Reads a file of samples as it comes, in constant memory.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The format of the file
 * @param options What to do with what cannot be read, and what ends the reading
 * @returns The samples, some at a time
 * @throws {DecodeError} Where something cannot be read and `report` is not given
 * @throws {Deno.errors.NotFound} If there is no such file
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { json, readSamples } from "@villas/client";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"sequence": 1, "data": [1.5]}\n{"sequence": 2, "data": [2.5]}\n');
 * const samples = (await Array.fromAsync(readSamples(path, json()))).flat();
 * assertEquals(samples, [{ sequence: 1n, values: [1.5] }, { sequence: 2n, values: [2.5] }]);
 * await Deno.remove(path);
 * ```
 */
export async function* readSamples(
  path: string,
  format: Format,
  options: ReadSamplesOptions = {},
): AsyncGenerator<Sample[], void, undefined> {
  const { signal } = options;
  const reader = format.reader(
    options.report ?? ((error) => {
      throw error;
    }),
  );
  const ended = Promise.withResolvers<null>();
  const end = () => ended.resolve(null);
  if (signal?.aborted) return;
  signal?.addEventListener("abort", end, { once: true });
  const file = path === "-" ? Deno.stdin : await openFile(path);
  try {
    const buffer = new Uint8Array(pieceLength);
    for (;;) {
      const length = await Promise.race([file.read(buffer), ended.promise]);
      if (signal?.aborted) return;
      const samples = length === null ? reader.end() : reader.push(buffer.subarray(0, length));
      if (samples.length > 0) yield samples;
      if (length === null) return;
    }
  } finally {
    signal?.removeEventListener("abort", end);
    if (path !== "-") file.close();
  }
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`Cannot open ${path}: there is no such file`, { cause: error });
  }
}
