/**
 * Files of samples: which format a name means, and reading one as it comes.
 *
 * @module
 */

import { describePath, explain, openToRead } from "../system/open.ts";
import type { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import { formatNames } from "../formats/table.ts";
import type { Sample } from "../samples/sample.ts";

/** What the endings of file names mean, besides VILLASnode's names of the formats. */
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

/** How many bytes to read at a time, where nothing else is said. */
const defaultPieceLength = 131_072;

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
 * import { formatOfFile } from "@villas/client/recordings";
 *
 * assertEquals(formatOfFile("results/run1.csv"), "csv");
 * assertEquals(formatOfFile("run1.villas.human"), "villas.human");
 * assertEquals(formatOfFile("run1.pb"), "protobuf");
 * assertEquals(formatOfFile("run1"), undefined);
 * ```
 */
export function formatOfFile(path: string): string | undefined {
  const name = path.replace(/^.*[/\\]/s, "").toLowerCase();
  // "run.json.kafka" ends in the name of one format, "run.villas.json" in that of another.
  const full = formatNames.find((format) => name.endsWith(`.${format}`));
  if (full !== undefined) return full;
  const ending = /\.([^.]+)$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(formatsByEnding, ending) ? formatsByEnding[ending] : undefined;
}

/** How to read a file of samples. */
export interface ReadSamplesOptions {
  /** Called with what cannot be read; it may throw to end the reading. Default: it throws. */
  report?: (error: DecodeError) => void;
  /** Called with the number of bytes of each piece of the file, before its samples are given. */
  onRead?: (bytes: number) => void;
  /**
   * How many bytes to read at a time, at most; default 131,072. What is done with the samples of a piece waits until all of
   * it has been read: who is in a hurry wants small pieces, who wants to be done soon large ones.
   */
  pieceLength?: number;
  /** Ends the reading, also one that waits for a pipe. */
  signal?: AbortSignal;
}

/**
 * Reads a file of samples as it comes: in constant memory, and what comes through a pipe at once.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The format of the file
 * @param options What to do with what cannot be read, and what ends the reading
 * @returns The samples, some at a time
 * @throws {DecodeError} Where something cannot be read and `report` is not given
 * @throws {TypeError} If the format cannot tell how a file divides into samples without knowing the signals
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
  const { report = raise, onRead, pieceLength = defaultPieceLength, signal } = options;
  const reader = format.createDecoder(report);
  if (signal?.aborted) return;
  using waiting = createWait(signal);
  using file = await openSource(path, waiting);
  if (file === null) return;
  const buffer = new Uint8Array(pieceLength);
  for (;;) {
    const length = await waiting.until(file.read(buffer)).catch((error) => {
      throw explain(error, `Cannot read ${describePath(path)}`);
    });
    if (signal?.aborted) return;
    if (length !== null) onRead?.(length);
    const samples = length === null ? reader.end() : reader.push(buffer.subarray(0, length));
    if (samples.length > 0) yield samples;
    if (length === null) return;
  }
}

function raise(error: DecodeError): never {
  throw error;
}

/** What samples are read from. */
interface Source extends Disposable {
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Opens a file; null where the signal was aborted before, because to open a pipe waits for who writes into it. */
async function openSource(path: string, waiting: Wait): Promise<Source | null> {
  if (path === "-") return { read: (buffer) => Deno.stdin.read(buffer), [Symbol.dispose]() {} };
  const opening = openToRead(path);
  const file = await waiting.until(opening);
  if (file === null) opening.then((late) => late.close(), () => {});
  return file;
}

/** Waits for one thing after the other, none of them longer than until a signal is aborted. */
interface Wait extends Disposable {
  /** What the promise resolves to, or null where the signal was aborted before. */
  until<T>(promise: Promise<T>): Promise<T | null>;
}

function createWait(signal: AbortSignal | undefined): Wait {
  let wake = () => {};
  const listener = () => wake();
  signal?.addEventListener("abort", listener);
  return {
    until(promise) {
      // One race with a promise that stays would keep the memory of every wait.
      return new Promise((resolve, reject) => {
        wake = () => resolve(null);
        if (signal?.aborted) wake();
        promise.then(resolve, reject);
      });
    },
    [Symbol.dispose]() {
      signal?.removeEventListener("abort", listener);
    },
  };
}
