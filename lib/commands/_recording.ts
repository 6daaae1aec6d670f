/**
 * The files of samples that a command reads, and their formats.
 *
 * @module
 */

import { openToRead } from "../_open.ts";
import { formatOfFile } from "../files.ts";
import type { Format } from "../formats/format.ts";
import { createFormat } from "../formats/table.ts";
import type { Signal } from "../signals.ts";
import { UsageError } from "./_command.ts";

/** What VILLASnode's tools take for a format where nothing names another one. */
export const defaultFileFormat = "villas.human";

/**
 * Makes a format that a command line names.
 *
 * @throws {UsageError} If there is no such format, or it has no such option
 */
export async function createNamedFormat(specification: string, signals?: readonly Signal[]): Promise<Format> {
  try {
    return await createFormat(specification, signals === undefined ? {} : { signals });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** A file that a command reads. */
export interface Recording {
  /** Its path, or `"-"`. */
  readonly path: string;
  /** Its format. */
  readonly format: Format;
  /** Its length in bytes; undefined where it is no file but a pipe or the like. */
  readonly length: number | undefined;
}

/**
 * Finds out how to read a file, and that it can be opened.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param specification The format; where it is undefined, the ending of the file's name says it
 * @param signals What the values are
 * @throws {UsageError} Where the format cannot be read like this
 */
export async function findRecording(
  path: string,
  specification: string | undefined,
  signals: readonly Signal[] | undefined,
): Promise<Recording> {
  const format = await createNamedFormat(specification ?? formatOfFile(path) ?? defaultFileFormat, signals);
  try {
    format.reader(() => {});
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return { path, format, length: path === "-" ? undefined : await measure(path) };
}

/** The length of a file; opening it says now what would otherwise be said when others have been read already. */
async function measure(path: string): Promise<number | undefined> {
  const { isFile, size } = await Deno.stat(path).catch(() => ({ isFile: true, size: 0 }));
  // Who opens a pipe takes what is in it.
  if (!isFile) return undefined;
  using _ = await openToRead(path);
  return size;
}
