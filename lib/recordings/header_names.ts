/**
 * Names of signals in the headers of text: what a file of another tool that is made of it calls its columns.
 *
 * @module
 */

import { DecodeError } from "../formats/errors.ts";
import { findSeparator, readHeader, splitCells } from "../formats/text/columns.ts";
import { compressionOf } from "./compression_ending.ts";

/** Longest header in bytes. */
const maximumHeader = 2 ** 20;

/** Length of the pieces that the beginning of a file is read in. */
const pieceLength = 65_536;

/**
 * Reads the names of the signals from the header of a file.
 *
 * @param path Path of the file
 * @param format Name of the format
 * @param timeColumn Column of the time in a table, if it is given
 * @returns The names; undefined where the file has no header, or cannot be read twice
 */
export async function readHeaderNames(
  path: string,
  format: string,
  timeColumn: string | number | undefined,
): Promise<string[] | undefined> {
  const defaultSeparator = format === "csv" ? "," : "\t";
  if (format === "influx") return await readFieldNames(path);
  if (format !== "csv" && format !== "tsv" && format !== "villas.human") return undefined;
  const isHuman = format === "villas.human";
  // Its remarks are comments, too.
  const isHeader = (line: string) => !isHuman || !/^#\s*(?!\s|seconds)/.test(line);
  const line = await readFirstLine(path, isHeader).catch(() => undefined);
  if (line === undefined) return undefined;
  const isComment = line.startsWith("#");
  const text = isComment ? line.slice(1).trimStart() : line;
  if (isHuman) return isComment ? text.split("\t").slice(1).map(withoutUnit) : undefined;
  const { texts } = splitCells(text, findSeparator(text, defaultSeparator));
  if (!isComment && /^[-+]?[0-9.]/.test(texts[0] ?? "")) return undefined;
  const columns = readHeader(texts, timeColumn, isComment);
  if (columns === undefined) return undefined;
  if (columns.kind === "table") return texts.filter((_, index) => index !== columns.time).map(withoutUnit);
  const leading = (columns.hasOrigin ? 2 : 0) + (columns.hasOffset ? 1 : 0) + (columns.hasSequence ? 1 : 0);
  return texts.slice(leading).map(withoutUnit);
}

/** Reads the names of the fields of the first line of InfluxDB that has any; they are not in a header. */
async function readFieldNames(path: string): Promise<string[] | undefined> {
  const { readLine } = await import("../formats/influx/line_reader.ts");
  const text = await readFirstLine(path, (line) => /^[^#]/.test(line)).catch(() => undefined);
  try {
    return text === undefined ? undefined : readLine(text, 1, false)?.fields.names;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** Removes a unit behind a name: `va[V]`. */
function withoutUnit(name: string): string {
  return name.replace(/ *[[(][^\])]*[\])]$/, "").trim();
}

/**
 * Reads the first line of a file that is wanted; undefined for what is not a file, such as a pipe, which can be read only
 * once.
 */
async function readFirstLine(
  path: string,
  isWanted: (line: string) => boolean = () => true,
): Promise<string | undefined> {
  if (path === "-" || !(await Deno.stat(path)).isFile) return undefined;
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const piece of readBeginning(file, compressionOf(path))) {
    length += piece.length;
    text += decoder.decode(piece, { stream: true });
    for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1)) {
      const line = text.slice(0, end).replace(/^\ufeff/, "").replace(/\r$/, "");
      if (isWanted(line)) return line;
    }
    if (length > maximumHeader) return undefined;
  }
  return text !== "" && isWanted(text) ? text : undefined;
}

/** Reads a file in pieces, inflated where it is compressed. */
async function* readBeginning(
  file: Deno.FsFile,
  compression: ReturnType<typeof compressionOf>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression !== undefined) {
    const { inflateFile } = await import("./compression.ts");
    yield* inflateFile(file, compression, () => {}, () => {});
    return;
  }
  const piece = new Uint8Array(pieceLength);
  for (let count; (count = await file.read(piece)) !== null;) yield piece.subarray(0, count);
}
