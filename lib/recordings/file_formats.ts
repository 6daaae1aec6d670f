/**
 * The table of the formats of files: those of datagrams, and those of other tools. A new one is one file, and a line here.
 *
 * @module
 */

import type { Format, FormatOptions } from "../formats/format.ts";
import { parseSpecification } from "../formats/specification.ts";
import { createFormat, formatNames, type FormatSpecification } from "../formats/table.ts";
import { compressionOf } from "./compression_ending.ts";
import type { FileFormat } from "./file_format.ts";
import type { StreamFileOptions } from "./stream_file.ts";

/** A format of files of other tools, before its code is loaded. */
interface ToolFormat {
  /** Endings of the names of its files, in small letters. */
  readonly endings: readonly string[];
  /** Loads it; the specifier is literal, so that `deno compile` embeds the file. */
  readonly load: () => Promise<(options: Record<string, unknown>) => FileFormat>;
}

const toolFormats: Readonly<Record<string, ToolFormat>> = {
  comtrade: {
    endings: ["cfg", "cff"],
    load: async () => (await import("./comtrade/comtrade.ts")).comtrade,
  },
  matlab: {
    endings: ["mat"],
    load: async () => (await import("./matlab/matlab.ts")).matlab,
  },
  parquet: {
    endings: [],
    load: async () => (await import("./parquet/parquet.ts")).parquet,
  },
};

/** Names of the formats of files that are not streams, but those of other tools. */
export const toolFormatNames: readonly string[] = Object.keys(toolFormats);

/** Names of all formats of files: those of the datagrams, and those of other tools. */
export const fileFormatNames: readonly string[] = [...formatNames, ...toolFormatNames];

/** Endings of file names, besides the names of the formats. */
const formatsByEnding: Readonly<Record<string, string>> = {
  bin: "villas.binary",
  dat: "villas.human",
  human: "villas.human",
  jsonl: "json",
  log: "villas.human",
  lp: "influx",
  ndjson: "json",
  pb: "protobuf",
  txt: "villas.human",
  web: "villas.web",
  ...Object.fromEntries(
    Object.entries(toolFormats).flatMap(([name, { endings }]) => endings.map((ending) => [ending, name])),
  ),
};

/**
 * Finds the format that the ending of a file's name stands for.
 *
 * @param path Path of a file, such as `"recording.csv"`; a name that ends in that of a format, such as
 * `"recording.villas.binary"`, stands for that format
 * @returns The name of the format, or undefined where the ending stands for none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatForPath } from "@villas/client/recordings";
 *
 * assertEquals(formatForPath("results/run1.csv"), "csv");
 * assertEquals(formatForPath("run1.villas.human"), "villas.human");
 * assertEquals(formatForPath("run1.pb"), "protobuf");
 * assertEquals(formatForPath("FAULT.CFG"), "comtrade");
 * assertEquals(formatForPath("run1.csv.gz"), "csv");
 * assertEquals(formatForPath("run1"), undefined);
 * ```
 */
export function formatForPath(path: string): string | undefined {
  const compressed = compressionOf(path);
  const found = formatOfEnding(compressed === undefined ? path : path.slice(0, -compressed.length - 1));
  // The files of other tools are opened at several places, which compressed ones have none of.
  return compressed !== undefined && toolFormatNames.includes(found ?? "") ? undefined : found;
}

function formatOfEnding(path: string): string | undefined {
  const name = path.replace(/^.*[/\\]/s, "").toLowerCase();
  // "run.json.kafka" ends in the name of one format, "run.villas.json" in that of another.
  const full = fileFormatNames.find((format) => name.endsWith(`.${format}`));
  if (full !== undefined) return full;
  const ending = /\.([^.]+)$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(formatsByEnding, ending) ? formatsByEnding[ending] : undefined;
}

/**
 * Creates a format of files from its specification.
 *
 * @param specification A name such as `"csv"` or `"comtrade"`, an object such as `{"type": "comtrade", "revision": 1999}`,
 * or a format of datagrams
 * @param defaults Options for which the specification has no value, such as the signals
 * @returns The format
 * @throws {TypeError} If the format or an option does not exist, or an option does not accept its value
 * @throws {SyntaxError} If text that begins like a JSON object is not one
 *
 * @example Read a file, whatever its format
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createFileFormat } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile({ suffix: ".json" });
 * await Deno.writeTextFile(path, '{"data": [1.5]}\n');
 * const reader = await (await createFileFormat("json")).open(path);
 * assertEquals(await Array.fromAsync(reader.batches()), [[{ values: [1.5] }]]);
 * await Deno.remove(path);
 * ```
 */
export async function createFileFormat(
  specification: FormatSpecification | Format,
  defaults: FormatOptions = {},
): Promise<FileFormat> {
  // What only names formats loads none of them.
  const { streamFile } = await import("./stream_file.ts");
  if (typeof specification === "object" && "decode" in specification) return streamFile(specification as Format);
  const { type, ...options } = parseSpecification(specification as FormatSpecification);
  const tool = Object.hasOwn(toolFormats, type) ? toolFormats[type] : undefined;
  if (tool === undefined) {
    const format = await createFormat({ type, ...options }, defaults);
    return streamFile(format, { ...defaults, ...options } as StreamFileOptions);
  }
  const create = await tool.load();
  return create({ ...defaults, ...options });
}
