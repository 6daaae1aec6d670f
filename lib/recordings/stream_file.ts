/**
 * Files of the formats of datagrams: a stream of samples, read as it arrives.
 *
 * @module
 */

import type { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import { explainSystemError } from "../system/errors.ts";
import { describePath, openToRead } from "../system/open.ts";
import { unlessAborted } from "../system/wait.ts";
import type { FileFormat, ReadOptions } from "./file_format.ts";
import { compressionOf } from "./compression_ending.ts";
import type { RecordingInfo } from "./recording_info.ts";

/** The most bytes in a row without a sample, 64 MiB: a device has no end. */
const maximumGap = 2 ** 26;

/** From so many faulty records on, a file is refused that has as many times fewer samples: it is of another kind. */
const maximumFaults = 10_000;
const faultyRatio = 100;

/** The default of {@linkcode ReadOptions.pieceLength}: 128 KiB. */
export const defaultPieceLength = 131_072;

/** The most bytes that are scanned at a time, 256 KiB: they stay in the processor's cache for each of their columns. */
const scannedPieceLength = 2 ** 18;

/**
 * Returns the format of the files of a format of datagrams.
 *
 * @param format The format of datagrams
 * @param timeColumn Column of the time in tables, if it was given
 * @returns The format of its files
 */
export function streamFile(format: Format, timeColumn?: string | number): FileFormat {
  return {
    name: format.name,
    isText: format.isText,
    stream: format,
    async open(path, options = {}) {
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
export async function scanStream(
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
