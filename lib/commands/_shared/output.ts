/**
 * Data in a file, or on standard output if no file is named.
 *
 * @module
 */

import { createOutput, type Output } from "../../system/output.ts";
import type { Session } from "../../terminal/command.ts";

/** Time that an interrupted command waits for a reader that does not read (a named pipe), in milliseconds. */
const timeoutMs = 1000;

/** Destination of a command's data. */
export interface Destination extends Disposable {
  /** The writer. */
  readonly output: Output;
  /**
   * Writes everything that is buffered.
   *
   * @throws {Error} If the system refuses it, as when the disk is full
   */
  finish(): Promise<void>;
}

/**
 * Opens a file for writing and empties it.
 *
 * @param path Path of the file, or `"-"` for standard output
 * @param session The session
 * @returns The destination, or undefined if the session ended first (a named pipe waits for its reader)
 * @throws {Error} If it cannot be opened, with the path and the reason
 */
export async function openDestination(path: string, session: Session): Promise<Destination | undefined> {
  const { output, ended } = session;
  if (path === "-") return { output, finish: () => flushAll(output, ended), [Symbol.dispose]: () => {} };
  const file = await orAborted(openFile(path), ended);
  if (file === undefined) return undefined;
  const own = createOutput(file);
  return {
    output: own,
    async finish() {
      try {
        await flushAll(own, ended);
      } catch (error) {
        throw explainWriting(error, path);
      }
    },
    [Symbol.dispose]: () => file.close(),
  };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw explainWriting(error, path);
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

/** Reasons of system errors when a file is written. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a folder",
  EROFS: "the file system is read-only",
};

/** Turns the error of the system into one that names the path and the reason. */
export function explainWriting(error: unknown, path: string): unknown {
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const { code = "" } = error as Error & { code?: string };
  return new Error(`Cannot write ${path}: ${reasons[code] ?? error.message}`, { cause: error });
}
