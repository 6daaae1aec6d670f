/**
 * The interface of a format of files. Those of datagrams, which VILLASnode's tools read and write as a stream, are one
 * kind of them; the others are the files of other tools, which may have headers, several parts, or an end that closes them.
 *
 * @module
 */

import { type DecodeError, EncodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import type { RecordingInfo } from "./recording_info.ts";
import type { Signal } from "../samples/signals.ts";

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

/** A recording that has been opened to read it. */
export interface RecordingReader {
  /** The signals, if the file names them. */
  readonly signals?: readonly Signal[];
  /** Names of the signals, if the file names them but does not tell their types. */
  readonly names?: readonly string[];
  /** Statements of the file about itself, such as the station of a fault recorder, by their names. */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * Reads the samples in batches, none of them empty, in constant memory. It may be called once; to end early, leave the
   * loop over it.
   */
  batches(): AsyncGenerator<Sample[], void, undefined>;
  /**
   * Describes the samples without reading them one by one, which takes a fraction of the time. Missing where it would not;
   * {@linkcode describeReader} does either. It may be called once, and not together with {@linkcode RecordingReader.batches}.
   *
   * @param onSamples Called with the number of samples so far
   */
  describe?(onSamples?: (count: number) => void): Promise<RecordingInfo>;
}

/** Options of creating a recording. */
export interface CreateOptions {
  /** The signals; default: those that the first sample has, without names and units. */
  signals?: readonly Signal[];
  /** Names of the signals, if their types are those that the first sample has. */
  names?: readonly string[];
  /** Line of text about how the samples came about. Formats without a place for it leave it out. */
  remark?: string;
}

/** A recording that is being written. */
export interface RecordingWriter extends AsyncDisposable {
  /**
   * Writes samples. If one of them is refused, none of them is written.
   *
   * @param samples The samples, in the order of the file
   * @throws {EncodeError} If the format cannot carry one of them; its `index` counts from the first of these
   */
  write(samples: readonly Sample[]): Promise<void>;
  /**
   * Completes the file. Without this call, disposing of the writer leaves no file.
   *
   * @returns Sentences on what the file does not hold exactly as it was
   */
  finish(): Promise<readonly string[]>;
}

/**
 * A format of files.
 *
 * A stream (of VILLASnode's formats) can be read and written piece by piece, and ends anywhere. Any other file is complete
 * only when it has been closed, and needs a path of its own: {@linkcode FileFormat.create} writes it.
 */
export interface FileFormat {
  /** Name of the format, such as `"csv"` or `"comtrade"`. */
  readonly name: string;
  /** True if the files are lines of text, each of which is a sample. */
  readonly isText: boolean;
  /** The format of datagrams whose stream the file is; undefined for the files of other tools. */
  readonly stream?: Format;
  /** Beginning of a line that says something about the samples, in streams that may begin with such lines. */
  readonly remarkPrefix?: string;
  /**
   * Opens a file to read it.
   *
   * @param path Path of the file, or `"-"` for standard input, which only a stream can come from
   * @param options What to do with records that cannot be read, and what ends the reading
   * @throws {DecodeError} If the file is not one of this format
   */
  open(path: string, options?: ReadOptions): Promise<RecordingReader>;
  /** Creates a file, or overwrites it. Missing for streams, and for formats that are only read. */
  create?(path: string, options?: CreateOptions): Promise<RecordingWriter>;
}

/**
 * Writes samples, and leaves out those that the format cannot carry.
 *
 * @param writer The writer
 * @param samples The samples
 * @param onEncodeError Called with each sample that is left out; its index counts from the first of these
 * @returns Number of samples that were written
 */
export async function writeTolerantly(
  writer: RecordingWriter,
  samples: readonly Sample[],
  onEncodeError: (error: EncodeError) => void,
): Promise<number> {
  let written = 0;
  for (let start = 0; start < samples.length;) {
    const rest = start === 0 ? samples : samples.slice(start);
    try {
      await writer.write(rest);
      return written + rest.length;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      if (error.index > 0) await writer.write(rest.slice(0, error.index));
      written += error.index;
      start += error.index + 1;
      onEncodeError(error.withIndex(start - 1));
    }
  }
  return written;
}
