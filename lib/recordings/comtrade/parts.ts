/**
 * The files of a COMTRADE record: a `.cfg` and a `.dat`, or the sections of one `.cff`.
 *
 * @see IEEE C37.111-2013, clauses 5 and 9
 *
 * @module
 */

import { DecodeError } from "../../formats/errors.ts";
import { openToRead } from "../../system/open.ts";

const name = "comtrade";

/** The most bytes of a configuration, 64 MiB: it has a line for each channel. */
const maximumConfiguration = 2 ** 26;

/** The place of the data of a record. */
export interface DataPlace {
  readonly path: string;
  /** Number of bytes in front of them. */
  readonly start: number;
  /** Number of bytes that they have; infinite up to the end of the file. */
  readonly length: number;
}

/** The parts of a record. */
export interface RecordParts {
  /** Text of the configuration. */
  readonly configuration: string;
  readonly data: DataPlace;
  /** Free text of a single file about the record; empty if it has none. */
  readonly header: string;
}

/** Tells whether a path is that of a record in one file. */
export function isSingleFile(path: string): boolean {
  return /\.cff$/i.test(path);
}

/**
 * Finds the parts of a record.
 *
 * @param path Path of its `.cfg`, its `.dat` or its `.cff`
 * @throws {DecodeError} If the file is not one of a record
 * @throws {Deno.errors.NotFound} If a part is missing
 */
export async function findParts(path: string): Promise<RecordParts> {
  if (isSingleFile(path)) return await readSections(path);
  const configurationPath = await findSibling(path, "cfg");
  return {
    configuration: decodeText(await readBeginning(configurationPath)),
    data: { path: await findSibling(path, "dat"), start: 0, length: Infinity },
    header: "",
  };
}

/** Returns the path of the file of the same name with another ending, however either is spelt. */
async function findSibling(path: string, ending: string): Promise<string> {
  const [, folder = "", base = path] = /^(.*[/\\])?([^/\\]*?)(?:\.[^./\\]*)?$/s.exec(path) ?? [];
  if (path.toLowerCase().endsWith(`.${ending}`)) return path;
  const wanted = `${base}.${ending}`.toLowerCase();
  let found: string | undefined;
  for await (const { name } of Deno.readDir(folder === "" ? "." : folder)) {
    if (name.toLowerCase() !== wanted) continue;
    // The one that is spelt alike, if there are several.
    if (found === undefined || name.startsWith(base)) found = name;
  }
  if (found === undefined) {
    throw new Deno.errors.NotFound(`Cannot open ${folder}${base}.${ending}: a record has two files, ${path} is one`);
  }
  return `${folder}${found}`;
}

/** Reads a file that is a configuration, or begins with one. */
async function readBeginning(path: string): Promise<Uint8Array> {
  using file = await openToRead(path);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(65_536);
    const count = await file.read(piece);
    if (count === null) break;
    pieces.push(piece.subarray(0, count));
    length += count;
    if (length <= maximumConfiguration) continue;
    throw new DecodeError(name, "it is longer than any configuration", { offset: length }, { source: "file" });
  }
  const all = new Uint8Array(length);
  let pos = 0;
  for (const piece of pieces) {
    all.set(piece, pos);
    pos += piece.length;
  }
  return all;
}

/** Returns text in UTF-8, or in the code page of the recorder, which is most often that of Western Europe. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

const sectionPattern = /^---\s*file type:\s*([a-z]+)(?:\s+([a-z0-9]+))?\s*(?::\s*([0-9]+))?\s*---\s*$/i;

/** Reads the sections of a single file up to the data, which may be of any length. */
async function readSections(path: string): Promise<RecordParts> {
  using file = await openToRead(path);
  const buffer = new Uint8Array(65_536);
  let bytes = new Uint8Array(0);
  let used = 0;
  let offset = 0;
  let section: string | undefined;
  const lines: string[] = [];
  const header: string[] = [];
  for (;;) {
    const end = bytes.subarray(0, used).indexOf(10, offset);
    if (end < 0) {
      if (used > maximumConfiguration) {
        throw new DecodeError(name, "it has no data in its first 64 MiB", { offset }, { source: "file" });
      }
      const count = await file.read(buffer);
      if (count === null) {
        throw new DecodeError(name, "it ends without a section of data", { offset: used }, { source: "file" });
      }
      if (used + count > bytes.length) {
        const larger = new Uint8Array(Math.max(bytes.length * 2, used + count));
        larger.set(bytes.subarray(0, used));
        bytes = larger;
      }
      bytes.set(buffer.subarray(0, count), used);
      used += count;
      continue;
    }
    const line = decodeText(bytes.subarray(offset, end)).replace(/^\ufeff/, "").replace(/\r$/, "");
    offset = end + 1;
    const [, type, , length] = sectionPattern.exec(line) ?? [];
    if (type === undefined) {
      if (section === "CFG") lines.push(line);
      else if (section === "HDR") header.push(line);
      else if (section === undefined && line.trim() !== "") {
        throw new DecodeError(name, 'expected "--- file type: CFG ---"', { offset: 0 }, { source: "file" });
      }
      continue;
    }
    section = type.toUpperCase();
    if (section !== "DAT") continue;
    if (lines.length === 0) {
      throw new DecodeError(name, "its data come before its configuration", { offset }, { source: "file" });
    }
    const data = { path, start: offset, length: length === undefined ? Infinity : Number(length) };
    return { configuration: lines.join("\n"), data, header: header.join("\n").trim() };
  }
}
