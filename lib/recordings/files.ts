/**
 * Files of samples: the format that a name stands for, and reading a file as it arrives.
 *
 * @module
 */

import type { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import { formatNames } from "../formats/table.ts";
import type { Sample } from "../samples/sample.ts";
import { explainSystemError } from "../system/errors.ts";
import { describePath, openToRead } from "../system/open.ts";
import { unlessAborted } from "../system/wait.ts";

/** Formats by the endings of file names, besides VILLASnode's names of the formats. */
const formatsByEnding: Readonly<Record<string, string>> = {
  bin: "villas.binary",
  dat: "villas.human",
  human: "villas.human",
  jsonl: "json",
  log: "villas.human",
  ndjson: "json",
  pb: "protobuf",
  txt: "villas.human",
  web: "villas.web",
};

/** The most bytes in a row without a sample, 64 MiB: a device has no end. */
const maximumGap = 2 ** 26;

/** From so many faulty records on, a file is refused that has as many times fewer samples: it is of another kind. */
const maximumFaults = 10_000;
const faultyRatio = 100;

/** The default of {@linkcode ReadOptions.pieceLength}: 128 KiB. */
const defaultPieceLength = 131_072;

/**
 * Finds the format that the ending of a file's name stands for.
 *
 * @param path Path of a file, such as `"recording.csv"`; a name that ends in one of VILLASnode's format names, such as
 * `"recording.villas.binary"`, stands for that format
 * @returns VILLASnode's name of the format, or undefined where the ending stands for none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatForPath } from "@villas/client/recordings";
 *
 * assertEquals(formatForPath("results/run1.csv"), "csv");
 * assertEquals(formatForPath("run1.villas.human"), "villas.human");
 * assertEquals(formatForPath("run1.pb"), "protobuf");
 * assertEquals(formatForPath("run1"), undefined);
 * ```
 */
export function formatForPath(path: string): string | undefined {
  const name = path.replace(/^.*[/\\]/s, "").toLowerCase();
  // "run.json.kafka" ends in the name of one format, "run.villas.json" in that of another.
  const full = formatNames.find((format) => name.endsWith(`.${format}`));
  if (full !== undefined) return full;
  const ending = /\.([^.]+)$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(formatsByEnding, ending) ? formatsByEnding[ending] : undefined;
}

/** Options of reading a file of samples. */
export interface ReadOptions {
  /** Called with each record that cannot be read; it may throw to end the reading. Default: it throws. */
  onDecodeError?: (error: DecodeError) => void;
  /** Called, once for each kind, with a sentence on what was read in a way that may not have been meant. */
  onWarning?: (message: string) => void;
  /** Called with the number of bytes of each piece of the file, before its samples are given. */
  onRead?: (bytes: number) => void;
  /**
   * The most bytes to read at a time; default 131,072 (128 KiB). The samples of a piece are given when all of it has been
   * read: small pieces give the first samples early, large ones take less time for all.
   */
  pieceLength?: number;
  /** Ends the reading, also one that waits for a pipe. */
  signal?: AbortSignal;
}

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
  format: Format,
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
  format: Format,
  options: ReadOptions = {},
): AsyncGenerator<Sample[], void, undefined> {
  const { onDecodeError = raise, onWarning, onRead, pieceLength = defaultPieceLength, signal } = options;
  let gap = 0;
  let faults = 0;
  let count = 0;
  const reader = format.createDecoder((error) => {
    faults++;
    onDecodeError(error);
  }, onWarning);
  if (signal?.aborted) return;
  using file = await openSource(path, signal);
  if (file === undefined) return;
  const buffer = new Uint8Array(pieceLength);
  for (;;) {
    const length = await unlessAborted(file.read(buffer), signal).catch((error) => {
      throw explainSystemError(error, `Cannot read ${describePath(path)}`);
    });
    if (length === undefined || signal?.aborted) return;
    if (length !== null) onRead?.(length);
    const samples = length === null ? reader.end() : reader.push(buffer.subarray(0, length));
    if (samples.length > 0) {
      gap = 0;
      count += samples.length;
      yield samples;
    }
    if (length === null) return;
    if (faults >= maximumFaults && count * faultyRatio < faults) {
      throw refusal(path, format, `${faults} records of it are faulty, and ${count} are not`);
    }
    gap += length;
    if (gap > maximumGap) throw refusal(path, format, `${maximumGap / 2 ** 20} MiB of it hold no sample`);
  }
}

function refusal(path: string, format: Format, reason: string): Error {
  return new Error(`Cannot read ${describePath(path)} as ${format.name}: ${reason}`);
}

function raise(error: DecodeError): never {
  throw error;
}

/** A source of bytes: a file, a pipe or standard input. */
interface Source extends Disposable {
  /** Reads some bytes; returns how many, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Opens a file; undefined where the signal is aborted first, because opening a pipe waits for its writer. */
async function openSource(path: string, signal: AbortSignal | undefined): Promise<Source | undefined> {
  if (path === "-") return { read: (buffer) => Deno.stdin.read(buffer), [Symbol.dispose]() {} };
  const opening = openToRead(path);
  const file = await unlessAborted(opening, signal);
  if (file === undefined) opening.then((opened) => opened.close(), () => {});
  return file;
}
