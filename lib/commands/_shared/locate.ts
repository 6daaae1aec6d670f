/**
 * The place of a sample in a file, found by reading the file once more: what is needed once need not slow down all reading.
 *
 * @module
 */

import type { Position } from "../../formats/errors.ts";
import type { Format, StreamDecoder } from "../../formats/format.ts";
import { compressionOf } from "../../recordings/compression_ending.ts";
import type { FileFormat } from "../../recordings/file_format.ts";

/** Number of bytes to read at a time. */
const pieceLength = 65_536;

const lineFeed = 10;

/**
 * Finds a sample in a file: the line that completes it in a text, else the offset that it begins at.
 *
 * @param path Path of the file, or `"-"` for standard input, which cannot be read again
 * @param format The format of the file
 * @param index Number of the sample, from 0
 * @returns The line or the offset; neither if it cannot be found
 */
export async function locateSample(path: string, { stream: format }: FileFormat, index: number): Promise<Position> {
  // The files of other tools have an order of their own, and compressed ones no places that an editor shows.
  if (format === undefined || path === "-" || compressionOf(path) !== undefined || !(await Deno.stat(path)).isFile) {
    return {};
  }
  return format.isText ? await findLine(path, format, index) : await findOffset(path, format, index);
}

async function findLine(path: string, format: Format, index: number): Promise<Position> {
  const reader = silentReader(format);
  let line = 1;
  let samples = 0;
  for await (const piece of pieces(path)) {
    for (let start = 0; start < piece.length;) {
      const end = piece.indexOf(lineFeed, start) + 1;
      samples += reader.push(piece.subarray(start, end === 0 ? piece.length : end)).length;
      if (samples > index) return { line };
      if (end === 0) break;
      line++;
      start = end;
    }
  }
  return samples + reader.end().length > index ? { line } : {};
}

/** Finds the end of the sample before it. The first pass finds the piece, the second one the byte. */
async function findOffset(path: string, format: Format, index: number): Promise<Position> {
  if (index === 0) return { offset: 0 };
  const start = await findPiece(path, format, index - 1);
  if (start === undefined) return {};
  const reader = silentReader(format);
  let offset = 0;
  let samples = 0;
  for await (const piece of pieces(path)) {
    if (offset < start) {
      samples += reader.push(piece).length;
      offset += piece.length;
      continue;
    }
    for (let pos = 0; pos < piece.length; pos++) {
      samples += reader.push(piece.subarray(pos, pos + 1)).length;
      if (samples >= index) return { offset: offset + pos + 1 };
    }
  }
  return {};
}

/** Finds the beginning of the piece that completes a sample. */
async function findPiece(path: string, format: Format, index: number): Promise<number | undefined> {
  const reader = silentReader(format);
  let offset = 0;
  let samples = 0;
  for await (const piece of pieces(path)) {
    samples += reader.push(piece).length;
    if (samples > index) return offset;
    offset += piece.length;
  }
  return undefined;
}

/** Creates a reader without reports: what cannot be read was reported when the file was read first. */
function silentReader(format: Format): StreamDecoder {
  return format.createDecoder(() => {});
}

/** Reads a file in pieces of the same length, however much the system reads at a time; only the last one is shorter. */
async function* pieces(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(pieceLength);
  for (;;) {
    let length = 0;
    for (let count; length < pieceLength && (count = await file.read(buffer.subarray(length))) !== null;) {
      length += count;
    }
    if (length > 0) yield buffer.subarray(0, length);
    if (length < pieceLength) return;
  }
}
