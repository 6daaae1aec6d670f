/**
 * Files of samples that a command reads, and their formats.
 *
 * @module
 */

import { openToRead } from "../../system/open.ts";
import { formatForPath } from "../../recordings/file_formats.ts";
import type { FormatOptions } from "../../formats/format.ts";
import type { FileFormat } from "../../recordings/file_format.ts";
import type { ColumnOptions } from "../../formats/text/column_format.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { flag, type Option } from "../../terminal/option.ts";
import { createFileFormatOf, fileFormat, type NamedFormat } from "./options.ts";

/** Format of a file if nothing names another one, as for VILLASnode's tools. */
export const defaultFileFormat = "villas.human";

/** Format of the files that a command reads. */
export const inputFormatOption = fileFormat([], {
  short: "i",
  help: "read this format",
  defaultText: `the one that the file's name ends with, else ${defaultFileFormat}`,
});

/** Time of the tables that a command reads. */
export const timeColumnOption: Option<string | number | undefined> = {
  value: "NAME|INDEX",
  help:
    "take the time of csv and tsv tables from this column, by name or by number from 0: seconds, or dates of ISO 8601",
  defaultText: "the one named time, t or timestamp, if the header names neither secs nor nsecs",
  default: undefined,
  parse(given) {
    if (given === "") throw new SyntaxError("expected the name of a column, or its number from 0");
    return /^[0-9]{1,6}$/.test(given) ? Number(given) : given;
  },
};

/** Form of the values of fault records. */
export const rawCountsOption = flag({
  help: "read the integers that a comtrade record stores, instead of values in the unit of the channel",
});

/** Settings of the files that a command reads. */
export interface RecordingSettings {
  /** Signals of the samples, for formats that do not carry them. */
  readonly signals?: readonly Signal[] | undefined;
  /** Column of the time, in tables. */
  readonly timeColumn?: string | number | undefined;
  /** True if the integers of fault records are wanted. */
  readonly rawCounts?: boolean;
}

/** Columns of the text formats, for the help of commands that read them. */
export const textFormatsHelp = [
  "A line of csv and tsv has the columns secs,nsecs,offset,sequence and then the values: 1700000000,000000005,0.001,7,1.5. " +
  "The offset is the time from origin to reception in seconds; nan stands for what is not known. A header says where a " +
  "column is missing. A table of another program has a header with a column named time, t or timestamp (or the one of " +
  "--time-column) instead, in seconds or as ISO 8601; its rows are numbered from 0. Semicolons, decimal commas between " +
  "them, and quotes are understood.",
  "A line of villas.human is SECONDS.NANOSECONDS+OFFSET(SEQUENCE) and the values between tabs: " +
  "1700000000.000000005+1e-3(7), 1.5. The digits behind the point count nanoseconds: 1.5 is 5 ns after 1 s, as in " +
  "VILLASnode. A line of json is one object: " +
  '{"ts": {"origin": [1700000000, 5]}, "sequence": 7, "data": [1.5]}.',
] as const;

/**
 * Creates the options that a format gets from a command's options.
 *
 * @param name Name of the format
 * @param settings The command's settings
 * @throws {InputError} If the format has no columns to choose from
 */
export function readingOptions(name: string, { signals, timeColumn, rawCounts }: RecordingSettings): FormatOptions {
  const options: ColumnOptions = signals === undefined ? {} : { signals };
  if (rawCounts && name !== "comtrade") {
    throw new InputError(`Cannot use --raw-counts with ${name}: only comtrade records store counts`);
  }
  if (rawCounts) return { ...options, values: "counts" } as FormatOptions;
  if (timeColumn === undefined) return options;
  if (name !== "csv" && name !== "tsv") {
    throw new InputError(`Cannot use --time-column with ${name}: only csv and tsv files are tables`);
  }
  return { ...options, time_column: timeColumn } as ColumnOptions;
}

/**
 * Returns the format that a file's name stands for.
 *
 * @param path Path of the file, or `"-"`
 * @param option Option that names the format instead, for the message
 * @throws {InputError} If the name has an ending that stands for none
 */
export function formatOfName(path: string, option: string): string {
  return formatOfEnding(path, `--${option}`, defaultFileFormat);
}

/**
 * Returns the format that a file's name ends with.
 *
 * @param path Path of the file, or `"-"`
 * @param advice What to give instead, for the message
 * @param otherwise The format of a name without an ending
 * @throws {InputError} If the name has an ending that stands for none: `.cvs` was not meant for VILLASnode's own format
 */
export function formatOfEnding(path: string, advice: string, otherwise: string): string {
  const found = formatForPath(path);
  if (found === undefined && /[^./\\]\.[^./\\]+$/.test(path)) {
    throw new InputError(`Cannot tell the format of ${path} from its name: give ${advice}`);
  }
  return found ?? otherwise;
}

/** A file that a command reads. */
export interface Recording {
  /** Its path, or `"-"`. */
  readonly path: string;
  /** Its format. */
  readonly format: FileFormat;
  /** Its length in bytes; undefined if it is a pipe or the like. */
  readonly length: number | undefined;
}

/**
 * Finds out how to read a file, and checks that it can be opened.
 *
 * @param path Path of the file, or `"-"` for standard input
 * @param specification The format; if it is undefined, the file's name says it
 * @param settings Signals, and the column of the time
 * @throws {InputError} If the format cannot be read like this
 */
export async function findRecording(
  path: string,
  specification: NamedFormat | undefined,
  settings: RecordingSettings,
): Promise<Recording> {
  const name = specification ?? formatOfName(path, "input-format");
  const options = readingOptions(typeof name === "string" ? name : name.type, settings);
  const format = await createFileFormatOf("input-format", name, options);
  const { stream } = format;
  if (stream === undefined && path === "-") {
    throw new InputError(`Cannot read ${format.name} from standard input: give the path of a file`);
  }
  await readInput(() => stream?.createDecoder(() => {}));
  const length = path === "-" ? undefined : await measure(path);
  // The length of one of several files tells nothing about all of them.
  return { path, format, length: stream === undefined ? undefined : length };
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
