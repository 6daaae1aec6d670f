/**
 * Files of samples that a command reads, and their formats.
 *
 * @module
 */

import { openToRead } from "../../system/open.ts";
import { formatForPath } from "../../recordings/files.ts";
import type { Format } from "../../formats/format.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { createFormatOf, format, type NamedFormat } from "./options.ts";

/** Format of a file if nothing names another one, as for VILLASnode's tools. */
export const defaultFileFormat = "villas.human";

/** Format of the files that a command reads. */
export const inputFormatOption = format([], undefined, {
  short: "i",
  help: "read this format",
  defaultText: `the one that the file's name ends with, else ${defaultFileFormat}`,
});

/**
 * Returns the format that a file's name stands for.
 *
 * @param path Path of the file, or `"-"`
 * @param option Option that names the format instead, for the message
 * @throws {InputError} If the name has an ending that stands for none: `.cvs` was not meant for VILLASnode's own format
 */
export function formatOfName(path: string, option: string): string {
  const found = formatForPath(path);
  if (found === undefined && /[^./\\]\.[^./\\]+$/.test(path)) {
    throw new InputError(`Cannot tell the format of ${path} from its name: give --${option}`);
  }
  return found ?? defaultFileFormat;
}

/** A file that a command reads. */
export interface Recording {
  /** Its path, or `"-"`. */
  readonly path: string;
  /** Its format. */
  readonly format: Format;
  /** Its length in bytes; undefined if it is a pipe or the like. */
  readonly length: number | undefined;
}

/**
 * Finds out how to read a file, and checks that it can be opened.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param specification The format; if it is undefined, the file's name says it
 * @param signals Signals of the samples, for formats that do not carry them
 * @throws {InputError} If the format cannot be read like this
 */
export async function findRecording(
  path: string,
  specification: NamedFormat | undefined,
  signals: readonly Signal[] | undefined,
): Promise<Recording> {
  const name = specification ?? formatOfName(path, "input-format");
  const format = await createFormatOf("input-format", name, signals === undefined ? {} : { signals });
  await readInput(() => format.createDecoder(() => {}));
  return { path, format, length: path === "-" ? undefined : await measure(path) };
}

/** Returns the length of a file. Opening it reports now what would otherwise be reported when others have been read. */
async function measure(path: string): Promise<number | undefined> {
  const { isFile, isDirectory, size } = await Deno.stat(path).catch(() => ({
    isFile: true,
    isDirectory: false,
    size: 0,
  }));
  // Opening a pipe would wait for the other end, or consume what is in it.
  if (!isFile && !isDirectory) return undefined;
  using _ = await openToRead(path);
  return size;
}
