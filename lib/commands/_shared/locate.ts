/**
 * Finds where in a file a sample stands, by reading the file once more: what is asked for once need not make reading
 * slower for all.
 *
 * @module
 */

import type { Position } from "../../formats/errors.ts";
import type { Format, StreamDecoder } from "../../formats/format.ts";

/** How many bytes to read at a time. */
const pieceLength = 65_536;

const lineFeed = 10;

/**
 * Says where a sample stands: in a text, the line that completes it; else the offset that it begins at.
 *
 * @param path Path of the file, or `"-"` for standard input, which cannot be read again
 * @param format The format of the file
 * @param index Number of the sample, from 0
 * @returns The line or the offset; nothing where it cannot be told
 */
export async function locateSample(path: string, format: Format, index: number): Promise<Position> {
  if (path === "-" || !(await Deno.stat(path)).isFile) return {};
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

/** Where the sample before it was complete. The first pass finds the piece, the second one the byte. */
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

/** Where the piece begins that completes a sample. */
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

/** What cannot be read was reported when the file was read first. */
function silentReader(format: Format): StreamDecoder {
  return format.createDecoder(() => {});
}

/** The file in pieces of the same length, whatever the system reads at a time; only the last one is shorter. */
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
