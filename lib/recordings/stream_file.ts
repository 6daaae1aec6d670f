/**
 * Files of the formats of datagrams: a stream of samples, read as it arrives.
 *
 * @module
 */

import type { DecodeError } from "../formats/errors.ts";
import type { Format, StreamDecoder } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import type { LineOptions } from "../formats/text/line_format.ts";
import { explainSystemError } from "../system/errors.ts";
import { describePath, openToRead } from "../system/open.ts";
import { unlessAborted } from "../system/wait.ts";
import type { FileFormat, ReadOptions, RecordingReader } from "./file_format.ts";
import { compressionOf } from "./compression_ending.ts";
import type { RecordingInfo } from "./recording_info.ts";

/** The most bytes in a row without a sample, 64 MiB: a device has no end. */
const maximumGap = 2 ** 26;

/** From so many faulty records on, a file is refused that has as many times fewer samples: it is of another kind. */
const maximumFaults = 10_000;
const faultyRatio = 100;

/** The part of a file in which its description is looked for, 1 MiB, and the piece that is read at a time, 1 KiB. */
const maximumBeginning = 2 ** 20;
const beginningPieceLength = 1024;

/** The default of {@linkcode ReadOptions.pieceLength}: 128 KiB. */
const defaultPieceLength = 131_072;

/** The most bytes that are scanned at a time, 256 KiB: they stay in the processor's cache for each of their columns. */
const scannedPieceLength = 2 ** 18;

/** Options of a format of datagrams that its files depend on. */
export interface StreamFileOptions extends Pick<LineOptions, "comment_prefix" | "delimiter"> {
  /** Column of the time in tables. */
  time_column?: string | number;
}

/**
 * Returns the format of the files of a format of datagrams.
 *
 * @param format The format of datagrams
 * @param options Its options that the files depend on
 * @returns The format of its files
 */
export function streamFile(format: Format, options: StreamFileOptions = {}): FileFormat {
  const { time_column: timeColumn, comment_prefix: comment = "#", delimiter = "\n" } = options;
  // Tables of other programs have no comments, and csv and tsv are often read by these.
  const hasRemarks = format.name === "villas.human" && delimiter === "\n";
  return {
    name: format.name,
    isText: format.isText,
    stream: format,
    ...hasRemarks ? { remarkPrefix: `${comment} ` } : {},
    async open(path, options = {}) {
      if ("signals" in format) return await openDescribed(path, format, options);
      const { readHeaderNames } = await import("./header_names.ts");
      const names = await readHeaderNames(path, format.name, timeColumn);
      const { createScanner } = format;
      return {
        ...names && { names },
        batches: () => readStream(path, format, options),
        ...createScanner && {
          describe: (onSamples) =>
            scanStream(path, format, createScanner, { ...options, ...onSamples && { onSamples } }),
        },
      };
    },
  };
}

/** Opens a file that describes its signals in front of the samples, such as captured frames of synchrophasors. */
async function openDescribed(path: string, format: Format, options: ReadOptions): Promise<RecordingReader> {
  const isFile = path !== "-" && await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  let decoder: StreamDecoder | undefined;
  const described = {
    name: format.name,
    createDecoder: (...callbacks: Parameters<Format["createDecoder"]>) => decoder = format.createDecoder(...callbacks),
  };
  if (isFile) {
    const beginning = { pieceLength: beginningPieceLength, place: { start: 0, length: maximumBeginning } };
    try {
      for await (const _ of readStream(path, described, { ...beginning, onDecodeError: () => {} })) break;
    } catch {
      // Reading its samples says what is wrong.
    }
    const { signals } = decoder ?? {};
    return { ...signals && { signals }, batches: () => readStream(path, format, options) };
  }
  // A pipe is read only once: its first samples wait until they are asked for.
  const batches = readStream(path, described, options);
  const first = await batches.next();
  const { signals } = decoder ?? {};
  return {
    ...signals && { signals },
    async *batches() {
      if (first.done) return;
      yield first.value;
      yield* batches;
    },
  };
}

/** The part of a file that holds the samples. */
export interface FilePlace {
  /** Number of bytes in front of it. */
  readonly start: number;
  /** Number of bytes that it has; infinite up to the end of the file. */
  readonly length: number;
}

/**
 * Reads the samples of a file that a decoder takes piece by piece.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The name of the format, and its decoder
 * @param options What to do with records that cannot be read, what ends the reading, and the part of the file
 * @returns The samples in batches
 */
export async function* readStream(
  path: string,
  format: Pick<Format, "name" | "createDecoder">,
  options: ReadOptions & { readonly place?: FilePlace },
): AsyncGenerator<Sample[], void, undefined> {
  const { onDecodeError = raise, onWarning, signal } = options;
  const watch = new StreamWatch(path, format, onDecodeError);
  const reader = format.createDecoder(watch.report, onWarning);
  for await (const piece of readPieces(path, { ...options, onDecodeError })) {
    const samples = piece === null ? reader.end() : reader.push(piece);
    if (samples.length > 0) yield samples;
    if (piece === null || signal?.aborted) return;
    watch.check(piece.length, samples.length);
  }
}

/**
 * Describes a file whose format has a scanner: no sample is made of its bytes.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param format The name of the format
 * @param createScanner Creates its scanner
 * @param options As for {@linkcode readStream}, and what is told of the progress
 * @returns What is known of it
 */
async function scanStream(
  path: string,
  format: Pick<Format, "name">,
  createScanner: NonNullable<Format["createScanner"]>,
  options: ReadOptions & { readonly onSamples?: (count: number) => void },
): Promise<RecordingInfo> {
  const { ScanObserver } = await import("./_scan_observer.ts");
  const { onDecodeError = raise, onSamples } = options;
  const observer = new ScanObserver();
  const watch = new StreamWatch(path, format, onDecodeError);
  const scanner = createScanner(observer, watch.report);
  for await (const piece of readPieces(path, { pieceLength: scannedPieceLength, ...options, onDecodeError })) {
    const before = observer.samples;
    if (piece === null) scanner.end();
    else scanner.push(piece);
    onSamples?.(observer.samples);
    if (piece !== null) watch.check(piece.length, observer.samples - before);
  }
  return observer.conclude();
}

/** Finds out that a file is of another kind: nothing in it is a sample, or hardly anything. */
class StreamWatch {
  /** Takes a record that cannot be read. */
  readonly report: (error: DecodeError) => void;
  readonly #path: string;
  readonly #format: Pick<Format, "name">;
  #faults = 0;
  #count = 0;
  #gap = 0;

  constructor(path: string, format: Pick<Format, "name">, onDecodeError: (error: DecodeError) => void) {
    this.#path = path;
    this.#format = format;
    this.report = (error) => {
      this.#faults++;
      onDecodeError(error);
    };
  }

  /** Takes the length of a piece that was read, and the number of samples in it. */
  check(length: number, samples: number): void {
    if (samples > 0) this.#gap = 0;
    this.#count += samples;
    if (this.#faults >= maximumFaults && this.#count * faultyRatio < this.#faults) {
      throw this.#refusal(`${this.#faults} records of it are faulty, and ${this.#count} are not`);
    }
    this.#gap += length;
    if (this.#gap > maximumGap) throw this.#refusal(`${maximumGap / 2 ** 20} MiB of it hold no sample`);
  }

  #refusal(reason: string): Error {
    return new Error(`Cannot read ${describePath(this.#path)} as ${this.#format.name}: ${reason}`);
  }
}

/**
 * Reads a file in pieces, each valid until the next one is requested; null is its end, which an interrupt keeps from
 * coming.
 */
async function* readPieces(
  path: string,
  options: ReadOptions & { readonly place?: FilePlace },
): AsyncGenerator<Uint8Array | null, void, undefined> {
  const { onRead, pieceLength = defaultPieceLength, signal, place } = options;
  if (signal?.aborted) return;
  using file = await openSource(path, signal);
  if (file === undefined) return;
  const compression = compressionOf(path);
  if (compression !== undefined) {
    const { inflateFile } = await import("./compression.ts");
    const { onDecodeError = raise } = options;
    for await (const piece of inflateFile(file, compression, (bytes) => onRead?.(bytes), onDecodeError)) {
      for (let start = 0; start < piece.length; start += pieceLength) {
        if (signal?.aborted) return;
        yield piece.subarray(start, start + pieceLength);
      }
    }
    yield null;
    return;
  }
  if (place !== undefined && place.start > 0) await file.seek?.(place.start, Deno.SeekMode.Start);
  let left = place?.length ?? Infinity;
  const buffer = new Uint8Array(pieceLength);
  for (;;) {
    const reading = left > 0 ? file.read(buffer.subarray(0, Math.min(left, pieceLength))) : Promise.resolve(null);
    const length = await unlessAborted(reading, signal).catch((error) => {
      throw explainSystemError(error, `Cannot read ${describePath(path)}`);
    });
    if (length === undefined || signal?.aborted) return;
    if (length !== null) onRead?.(length);
    left -= length ?? 0;
    yield length === null ? null : buffer.subarray(0, length);
    if (length === null) return;
  }
}

function raise(error: DecodeError): never {
  throw error;
}

/** A source of bytes: a file, a pipe or standard input. */
interface Source extends Disposable {
  /** Reads some bytes; returns how many, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Moves to a position; missing for standard input. */
  seek?(offset: number, whence: Deno.SeekMode): Promise<number>;
}

/** Opens a file; undefined where the signal is aborted first, because opening a pipe waits for its writer. */
async function openSource(path: string, signal: AbortSignal | undefined): Promise<Source | undefined> {
  if (path === "-") return { read: (buffer) => Deno.stdin.read(buffer), [Symbol.dispose]() {} };
  const opening = openToRead(path);
  const file = await unlessAborted(opening, signal);
  if (file === undefined) opening.then((opened) => opened.close(), () => {});
  return file;
}
