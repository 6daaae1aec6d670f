/**
 * Writes data into a file, or to standard output where no file is named.
 *
 * @module
 */

import { createOutput, type Output } from "../../system/output.ts";
import type { Session } from "../../terminal/command.ts";

/** How long an interrupted command waits for a reader that does not read (a pipe with a name), in milliseconds. */
const patience = 1000;

/** Where a command's data goes. */
export interface Destination extends Disposable {
  /** What to write to. */
  readonly output: Output;
  /**
   * Writes out all that waits.
   *
   * @throws {Error} If the system refuses it, as when the disk is full
   */
  finish(): Promise<void>;
}

/**
 * Opens a file for writing; what was in it is gone.
 *
 * @param path Path of the file, or `"-"` for standard output
 * @param session The session
 * @returns Where to write, or undefined where the session ended first (a pipe with a name waits for its reader)
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
 * Writes out all that waits; when the command is interrupted, only as long as somebody takes it.
 *
 * @param output What to write out
 * @param ended Aborted when the command is interrupted
 * @throws What the system says where it refuses it
 */
export async function flushAll(output: Output, ended: AbortSignal): Promise<void> {
  if (!ended.aborted) await orAborted(output.flush(), ended);
  await output.flush(ended.aborted ? patience : undefined);
}

/**
 * Waits until less than the limit waits for being written, or the command ends.
 *
 * @param output What is full
 * @param ended Aborted when the command ends
 */
export async function waitForRoom(output: Output, ended: AbortSignal): Promise<void> {
  await orAborted(output.drain(), ended);
}

/** What the promise resolves to, or undefined when the signal is aborted before. */
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

/** What the system's errors mean where a file is written. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "the system denies permission",
  EISDIR: "it is a folder",
  ENOENT: "there is no such folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no folder",
  EROFS: "it can only be read there",
};

/** The error of the system, with the path and what it means there. */
export function explainWriting(error: unknown, path: string): unknown {
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const { code = "" } = error as Error & { code?: string };
  return new Error(`Cannot write ${path}: ${reasons[code] ?? error.message}`, { cause: error });
}
