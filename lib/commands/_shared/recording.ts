/**
 * The files of samples that a command reads, and their formats.
 *
 * @module
 */

import { openToRead } from "../../system/open.ts";
import { formatOfFile } from "../../recordings/files.ts";
import type { Format } from "../../formats/format.ts";
import type { Signal } from "../../samples/signals.ts";
import { UsageError } from "../../terminal/command.ts";
import { createFormatOf } from "./format.ts";
import { format } from "./options.ts";

/** What VILLASnode's tools take for a format where nothing names another one. */
export const defaultFileFormat = "villas.human";

/** The format of the files that a command reads. */
export const inputFormatOption = format([], undefined, {
  short: "i",
  help: "the format of what is read",
  defaultText: `what the name of the file ends with, else ${defaultFileFormat}`,
});

/**
 * The format that a file's name means.
 *
 * @param path Path of the file, or `"-"`
 * @param option What to give where the name does not say it, for the message
 * @throws {UsageError} If it has an ending that means none: `.cvs` was not meant for VILLASnode's own format
 */
export function formatOfName(path: string, option: string): string {
  const found = formatOfFile(path);
  if (found === undefined && /[^./\\]\.[^./\\]+$/.test(path)) {
    throw new UsageError(`Cannot tell the format of ${path} from its name: give --${option}`);
  }
  return found ?? defaultFileFormat;
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
  const name = specification ?? formatOfName(path, "input-format");
  const format = await createFormatOf("input-format", name, signals === undefined ? {} : { signals });
  try {
    format.createDecoder(() => {});
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return { path, format, length: path === "-" ? undefined : await measure(path) };
}

/** The length of a file; opening it says now what would otherwise be said when others have been read already. */
async function measure(path: string): Promise<number | undefined> {
  const { isFile, isDirectory, size } = await Deno.stat(path).catch(() => ({
    isFile: true,
    isDirectory: false,
    size: 0,
  }));
  // Who opens a pipe waits for the other end, or takes what is in it.
  if (!isFile && !isDirectory) return undefined;
  using _ = await openToRead(path);
  return size;
}

/** Whether two paths lead to the same file. */
export async function isSameFile(left: string, right: string): Promise<boolean> {
  const [one, other] = await Promise.all([left, right].map((path) => Deno.stat(path).catch(() => undefined)));
  if (!one?.isFile || !other?.isFile) return false;
  if (one.ino !== null && other.ino !== null) return one.ino === other.ino && one.dev === other.dev;
  return await Deno.realPath(left) === await Deno.realPath(right);
}
