/**
 * The file that a command writes, or standard output: one way for streams and for the files of other tools.
 *
 * @module
 */

import type { EncodeError } from "../../formats/errors.ts";
import type { Format, StreamEncoder } from "../../formats/format.ts";
import { createPieceWriter } from "../../recordings/convert.ts";
import { type FileFormat, type RecordingWriter, writeTolerantly } from "../../recordings/file_format.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Session } from "../../terminal/command.ts";
import { describeOmissions } from "./omissions.ts";
import { type Destination, explainWriting, failureOf, openDestination, waitForRoom, WriteError } from "./output.ts";

/** The result of writing a file. */
export interface FileResult {
  /** Why not everything was written, if it was not. */
  readonly failure: WriteError | undefined;
  /** Sentences on what the file does not hold exactly as it was. */
  readonly notes: readonly string[];
}

/** A file that is being written. */
export interface SampleFileWriter extends AsyncDisposable {
  /** Aborted when nothing more can be written. */
  readonly broken: AbortSignal;
  /** Writes samples, and waits where the file is slower; those that the format cannot carry are left out. */
  write(samples: readonly Sample[]): Promise<void>;
  /** Ends the file. */
  finish(): Promise<FileResult>;
}

/** Settings of writing a file. */
export interface FileWriterSettings {
  /** Signals of the samples, if they are known. */
  readonly signals: readonly Signal[] | undefined;
  /** Their names, if nothing else is known of them. */
  readonly names?: readonly string[] | undefined;
  /** Line about how they came about, for formats that have a place for it. */
  readonly remark?: string | undefined;
  /** Called with each sample that is left out; its index counts from the first one. */
  readonly onEncodeError: (error: EncodeError) => void;
}

/**
 * Opens a file for writing.
 *
 * @param path Path of the file, or `"-"` for standard output
 * @param format Its format
 * @param session The session
 * @param settings The signals, and what to do with samples that it cannot carry
 * @returns The writer; undefined if the session ended first
 * @throws {InputError} If files of this format are not written, or not to standard output
 */
export async function openFileWriter(
  path: string,
  format: FileFormat,
  session: Session,
  settings: FileWriterSettings,
): Promise<SampleFileWriter | undefined> {
  const { stream, name, isText, remarkPrefix } = format;
  if (stream !== undefined) {
    const { names } = settings;
    // A name of the files that are read may have no place in this format: that is known before the file is emptied.
    const encode = await readInput(
      () => stream.createByteEncoder?.(names) ?? stream.createEncoder(names),
      `Cannot write ${path}`,
    );
    const destination = await openDestination(path, session, { isText });
    if (remarkPrefix !== undefined && settings.remark !== undefined) {
      destination?.output.write(`${remarkPrefix}${settings.remark}\n`);
    }
    return destination && new StreamWriter(destination, stream, encode, session, settings);
  }
  if (format.create === undefined) throw new InputError(`Cannot write ${name}: it is only read`);
  if (path === "-") {
    throw new InputError(`Cannot write ${name} to standard output: it is a file of its own; give --output FILE`);
  }
  const { signals, names, remark } = settings;
  const writer = await format.create(path, {
    ...signals && { signals },
    ...names && { names },
    ...remark && { remark },
  }).catch((error) => {
    throw explainWriting(error, path);
  });
  return new ClosedFileWriter(path, writer, settings);
}

class StreamWriter implements SampleFileWriter {
  readonly #destination: Destination;
  readonly #ended: AbortSignal;
  readonly #format: Format;
  readonly #pieces: ReturnType<typeof createPieceWriter>;
  #written = 0;

  constructor(
    destination: Destination,
    format: Format,
    encode: StreamEncoder,
    { ended }: Session,
    { onEncodeError }: FileWriterSettings,
  ) {
    this.#destination = destination;
    this.#format = format;
    this.#ended = AbortSignal.any([ended, destination.output.broken]);
    this.#pieces = createPieceWriter(encode, (error) => {
      this.#written--;
      onEncodeError(error);
    });
  }

  get broken(): AbortSignal {
    return this.#destination.output.broken;
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const { output } = this.#destination;
    for (const piece of this.#pieces(samples)) output.write(piece);
    this.#written += samples.length;
    this.#destination.mark(this.#written);
    if (output.isFull) await waitForRoom(output, this.#ended);
  }

  async finish(): Promise<FileResult> {
    const omission = describeOmissions(this.#format);
    return { failure: await failureOf(this.#destination), notes: omission === undefined ? [] : [omission] };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#destination[Symbol.dispose]();
    return Promise.resolve();
  }
}

class ClosedFileWriter implements SampleFileWriter {
  readonly #path: string;
  readonly #writer: RecordingWriter;
  readonly #onEncodeError: (error: EncodeError) => void;
  readonly #broken = new AbortController();
  #count = 0;
  #failure: WriteError | undefined;

  constructor(path: string, writer: RecordingWriter, { onEncodeError }: FileWriterSettings) {
    this.#path = path;
    this.#writer = writer;
    this.#onEncodeError = onEncodeError;
  }

  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const before = this.#count;
    this.#count += samples.length;
    await this.#guard(() =>
      writeTolerantly(this.#writer, samples, (error) => this.#onEncodeError(error.withIndex(before + error.index)))
    );
  }

  async finish(): Promise<FileResult> {
    const notes = this.#failure === undefined ? await this.#guard(() => this.#writer.finish()) : undefined;
    return { failure: this.#failure, notes: notes ?? [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
  }

  /** Takes note of an error of the system, such as a full disk: a file that was not closed holds nothing. */
  async #guard<T>(write: () => Promise<T>): Promise<T | undefined> {
    try {
      return await write();
    } catch (error) {
      const explained = explainWriting(error, this.#path);
      if (!isSystemError(error) || !(explained instanceof Error)) throw error;
      this.#failure = new WriteError(explained.message, 0, { cause: error });
      this.#broken.abort();
      return undefined;
    }
  }
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string";
}
