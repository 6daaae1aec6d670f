/**
 * Data in a file, or on standard output if no file is named.
 *
 * @module
 */

import { explainSystemError } from "../../system/errors.ts";
import { createOutput, type Output } from "../../system/output.ts";
import { plural } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";

/** Time that an interrupted command waits for a reader that does not read (a named pipe), in milliseconds. */
const timeoutMs = 1000;

/** Destination of a command's data. */
export interface Destination extends Disposable {
  /** The writer. */
  readonly output: Output;
  /**
   * Takes note that the pieces that were written so far hold a number of whole samples: if the disk turns out to be full,
   * the file ends behind the last ones that it has.
   *
   * @param samples Number of all samples so far
   */
  mark(samples: number): void;
  /**
   * Writes everything that is buffered.
   *
   * @throws {WriteError} If the system refuses it, as when the disk is full, or nobody reads a pipe
   */
  finish(): Promise<void>;
}

/** Not everything could be written. */
export class WriteError extends Error {
  /** `"WriteError"` */
  override name = "WriteError";
  /** Number of samples that the file has. */
  readonly samples: number;

  /**
   * Creates the error.
   *
   * @param reason The file and the reason
   * @param samples Number of samples that the file has
   * @param options The system's error
   */
  constructor(reason: string, samples: number, options?: ErrorOptions) {
    super(`${reason}; ${plural(samples, "sample")} ${samples === 1 ? "is" : "are"} safe in it`, options);
    this.samples = samples;
  }
}

/** Finishes a destination; returns the error if not everything could be written. */
export async function failureOf(destination: Destination): Promise<WriteError | undefined> {
  try {
    await destination.finish();
    return undefined;
  } catch (error) {
    if (error instanceof WriteError) return error;
    throw error;
  }
}

/** Options of opening a file that may exist. */
export interface DestinationOptions {
  /** Writes behind what it has; default false: it is emptied. */
  readonly append?: boolean;
  /** Refuses a file that exists; default false. */
  readonly noClobber?: boolean;
  /** True if each line of it is a sample; default false. */
  readonly isText?: boolean;
}

/**
 * Checks that a file can be opened for writing, without creating or changing it, as far as that can be known.
 *
 * @param path Path of the file, or `"-"` for standard output
 * @param options How it will be opened
 * @returns Whether it is, or will be, a file on a disk: it can be opened later; a pipe waits for its reader
 * @throws {Error} If it cannot be opened, with the path and the reason
 */
export async function checkDestination(path: string, { noClobber = false }: DestinationOptions = {}): Promise<boolean> {
  if (path === "-") return false;
  try {
    const found = await Deno.stat(path).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (found === undefined) {
      const folder = /^(.*)[/\\]/s.exec(path)?.[1] ?? ".";
      await Deno.stat(folder === "" ? "/" : folder);
      return true;
    }
    if (noClobber) throw new Error(existsAlready(path));
    if (!found.isFile && !found.isDirectory) return false;
    using _ = await Deno.open(path, { write: true });
    return true;
  } catch (error) {
    throw explainWriting(error, path);
  }
}

function existsAlready(path: string): string {
  return `Cannot write ${path}: it exists already, and --no-clobber was given`;
}

/**
 * Opens a file for writing, and empties it unless the options say otherwise.
 *
 * @param path Path of the file, or `"-"` for standard output
 * @param session The session
 * @param options How to open a file that exists
 * @returns The destination, or undefined if the session ended first (a named pipe waits for its reader)
 * @throws {Error} If it cannot be opened, with the path and the reason
 */
export async function openDestination(
  path: string,
  session: Session,
  options: DestinationOptions = {},
): Promise<Destination | undefined> {
  const { output, ended } = session;
  if (path === "-") {
    return { output, mark: () => {}, finish: () => flushAll(output, ended), [Symbol.dispose]: () => {} };
  }
  const file = await orAborted(openFile(path, options), ended);
  if (file === undefined) return undefined;
  const { isFile, size } = await file.stat();
  return new FileDestination(
    file,
    path,
    { isFile, isText: options.isText ?? false, start: options.append ? size : 0 },
    ended,
  );
}

async function openFile(path: string, { append = false, noClobber = false }: DestinationOptions): Promise<Deno.FsFile> {
  try {
    if (noClobber) return await Deno.open(path, { write: true, createNew: true });
    return await Deno.open(path, append ? { append, create: true } : { write: true, create: true, truncate: true });
  } catch (error) {
    if (noClobber && error instanceof Deno.errors.AlreadyExists) throw new Error(existsAlready(path), { cause: error });
    throw explainWriting(error, path);
  }
}

const lineFeed = 10;

/** A file, and what of it is known to be written. */
class FileDestination implements Destination {
  readonly output: Output;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #isFile: boolean;
  readonly #isText: boolean;
  readonly #ended: AbortSignal;
  /** Number of bytes that were handed over, and that the system has taken; both with those before the start. */
  #given: number;
  #written: number;
  /** The ends of whole samples that are not written yet, and the last one that is. */
  readonly #marks: { bytes: number; samples: number }[] = [];
  #safe: { bytes: number; samples: number };

  constructor(
    file: Deno.FsFile,
    path: string,
    { isFile, isText, start }: { isFile: boolean; isText: boolean; start: number },
    ended: AbortSignal,
  ) {
    this.#file = file;
    this.#path = path;
    this.#isFile = isFile;
    this.#isText = isText;
    this.#ended = ended;
    this.#given = this.#written = start;
    this.#safe = { bytes: start, samples: 0 };
    const output = createOutput({ write: (bytes) => this.#write(bytes) });
    const encoder = new TextEncoder();
    this.output = {
      isTerminal: false,
      broken: output.broken,
      get isFull() {
        return output.isFull;
      },
      write: (piece) => {
        const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
        this.#given += bytes.length;
        output.write(bytes);
      },
      drain: () => output.drain(),
      flush: (timeoutMs) => output.flush(timeoutMs),
    };
  }

  mark(samples: number): void {
    this.#marks.push({ bytes: this.#given, samples });
  }

  async finish(): Promise<void> {
    try {
      await flushAll(this.output, this.#ended);
    } catch (error) {
      await this.#removeRest();
      throw new WriteError((explainWriting(error, this.#path) as Error).message, this.#safe.samples, { cause: error });
    }
    const isReaderGone = this.output.broken.aborted;
    if (this.#written < this.#given && !isReaderGone) {
      throw new WriteError(`Cannot write ${this.#path}: nobody reads it`, this.#safe.samples);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<number> {
    const count = await this.#file.write(bytes);
    this.#written += count;
    while (this.#marks[0] !== undefined && this.#marks[0].bytes <= this.#written) {
      this.#safe = this.#marks.shift() ?? this.#safe;
    }
    return count;
  }

  /** Cuts off the sample that was not written as a whole, of a text the line: a reader of the file need not meet half of one. */
  async #removeRest(): Promise<void> {
    if (!this.#isFile) return;
    try {
      await this.#keepWholeLines();
      await this.#file.truncate(this.#safe.bytes);
    } catch {
      // What is safe is so all the same.
    }
  }

  /** Finds the whole lines behind the last mark that was written: each of them is a sample. */
  async #keepWholeLines(): Promise<void> {
    const next = this.#marks[0];
    if (!this.#isText || next === undefined) return;
    const rest = new Uint8Array(this.#written - this.#safe.bytes);
    using file = await Deno.open(this.#path);
    await file.seek(this.#safe.bytes, Deno.SeekMode.Start);
    for (let length = 0; length < rest.length;) {
      const count = await file.read(rest.subarray(length));
      if (count === null) return;
      length += count;
    }
    const end = rest.lastIndexOf(lineFeed) + 1;
    const lines = new TextDecoder().decode(rest.subarray(0, end)).split("\n").slice(0, -1);
    const samples = lines.filter((line) => !line.startsWith("#")).length;
    this.#safe = { bytes: this.#safe.bytes + end, samples: this.#safe.samples + samples };
  }
}

/**
 * Writes everything that is buffered; when the command is interrupted, only as long as somebody reads it.
 *
 * @param output The writer
 * @param ended Aborted when the command is interrupted
 * @throws {Error} If the system refuses it
 */
export async function flushAll(output: Output, ended: AbortSignal): Promise<void> {
  if (!ended.aborted) await orAborted(output.flush(), ended);
  await output.flush(ended.aborted ? timeoutMs : undefined);
}

/**
 * Waits until the buffer is below its limit, or the command ends.
 *
 * @param output The writer that is full
 * @param ended Aborted when the command ends
 */
export async function waitForRoom(output: Output, ended: AbortSignal): Promise<void> {
  await orAborted(output.drain(), ended);
}

/** Waits for a promise; returns undefined if the signal is aborted first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const abort = () => aborted.resolve(undefined);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Turns the error of the system into one that names the path and the reason. */
export function explainWriting(error: unknown, path: string): unknown {
  if (error instanceof Error && error.message.startsWith("Cannot write ")) return error;
  return explainSystemError(error, `Cannot write ${path}`, "create");
}
