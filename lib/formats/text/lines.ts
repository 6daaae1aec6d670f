/**
 * Cuts a text file that comes in pieces into its lines, in constant memory.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { DecodeError } from "../errors.ts";
import type { StreamDecoder } from "../format.ts";

/** The longest line, in bytes: what is longer is no sample, and shall not fill the memory. */
export const maximumLine = 16 * 2 ** 20;

/** Longer pieces of a file are taken in parts, so that no text grows with them. */
const chunkLength = 2 ** 20;

/** The byte order mark that some editors begin a file with. */
const byteOrderMark = "\ufeff";

// A mark is only one at the very start, not wherever a piece of the file happens to start.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes the lines of one file. Both functions append to `samples` and may throw a {@linkcode DecodeError}. */
export interface LineHandler {
  /** Takes a line without its end. Lines are counted from 1. */
  line(text: string, number: number, samples: Sample[]): void;
  /** Takes the end of the file. */
  end?(samples: Sample[]): void;
  /**
   * Fast path: takes the line that begins at a position among the bytes, and ends with them at the latest, if it is plain.
   *
   * @returns Where the next line begins, or -1 if the line is to be taken as text
   */
  plainLine?: ((bytes: Uint8Array, start: number, number: number, samples: Sample[]) => number) | undefined;
}

/**
 * Makes a reader of a file of lines. The last line needs no end; a carriage return in front of a line feed belongs to
 * the line's end.
 *
 * @param format Name of the format, for errors
 * @param delimiter The ASCII character that ends a line
 * @param onDecodeError Told of lines that are too long or no UTF-8, and of what the handler throws
 * @param handler Given all other lines
 */
export function createLineReader(
  format: string,
  delimiter: string,
  onDecodeError: (error: DecodeError) => void,
  handler: LineHandler,
): StreamDecoder {
  const end = delimiter.charCodeAt(0);
  let pending = new Uint8Array(1024);
  let pendingLength = 0;
  let number = 0;
  let skipping = false;
  let samples: Sample[] = [];

  function takeChunk(chunk: Uint8Array): void {
    if (skipping) {
      const next = chunk.indexOf(end) + 1;
      if (next === 0) return;
      skipping = false;
      chunk = chunk.subarray(next);
    }
    if (pendingLength > 0) {
      const next = chunk.indexOf(end) + 1;
      if (next === 0) return keep(chunk);
      keep(chunk.subarray(0, next - 1));
      if (!skipping) takePending();
      skipping = false;
      chunk = chunk.subarray(next);
    }
    const next = chunk.lastIndexOf(end) + 1;
    if (next > 0) takeLines(chunk.subarray(0, next - 1));
    keep(chunk.subarray(next));
  }

  /** Keeps the start of a line until its end arrives. */
  function keep(bytes: Uint8Array): void {
    const length = pendingLength + bytes.length;
    if (length > maximumLine) {
      number++;
      pendingLength = 0;
      skipping = true;
      onDecodeError(new DecodeError(format, `the line is longer than ${maximumLine} bytes`, { line: number }));
      return;
    }
    if (length > pending.length) {
      const larger = new Uint8Array(Math.max(length, 2 * pending.length));
      larger.set(pending.subarray(0, pendingLength));
      pending = larger;
    }
    pending.set(bytes, pendingLength);
    pendingLength = length;
  }

  function takePending(): void {
    const bytes = pending.subarray(0, pendingLength);
    pendingLength = 0;
    takeLines(bytes);
  }

  /** Takes whole lines, without the end of the last one. */
  function takeLines(bytes: Uint8Array): void {
    if (handler.plainLine === undefined) return takeText(bytes);
    // Where one line is not plain, the next ones rarely are: more and more of them are not tried.
    let untried = 1;
    for (let start = 0; start <= bytes.length;) {
      const next = handler.plainLine(bytes, start, number + 1, samples);
      if (next >= 0) {
        number++;
        start = next;
        untried = 1;
        continue;
      }
      const stop = endOfLines(bytes, start, untried);
      takeText(bytes.subarray(start, stop));
      start = stop + 1;
      untried *= 2;
    }
  }

  /** Where the last of some lines ends, or of all where there are not as many. */
  function endOfLines(bytes: Uint8Array, start: number, count: number): number {
    let stop = start - 1;
    for (let i = 0; i < count && stop < bytes.length; i++) {
      const next = bytes.indexOf(end, stop + 1);
      stop = next < 0 ? bytes.length : next;
    }
    return stop;
  }

  /** Takes whole lines as text. UTF-8 is decoded once for all of them, which is much faster. */
  function takeText(bytes: Uint8Array): void {
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      return takeLinesOneByOne(bytes);
    }
    let start = 0;
    for (let next; (next = text.indexOf(delimiter, start)) >= 0; start = next + 1) takeLine(text.slice(start, next));
    takeLine(text.slice(start));
  }

  function takeLinesOneByOne(bytes: Uint8Array): void {
    for (let start = 0; start <= bytes.length;) {
      const next = bytes.indexOf(end, start);
      const line = bytes.subarray(start, next < 0 ? bytes.length : next);
      start += line.length + 1;
      let text: string;
      try {
        text = decodeUtf8(format, line, number + 1);
      } catch (error) {
        number++;
        reportError(error);
        continue;
      }
      takeLine(text);
    }
  }

  function takeLine(text: string): void {
    number++;
    if (number === 1) text = withoutMark(text);
    if (delimiter === "\n" && text.endsWith("\r")) text = text.slice(0, -1);
    try {
      handler.line(text, number, samples);
    } catch (error) {
      reportError(error);
    }
  }

  function reportError(error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    onDecodeError(error);
  }

  function takeSamples(): Sample[] {
    const taken = samples;
    samples = [];
    return taken;
  }

  return {
    push(piece) {
      for (let start = 0; start < piece.length; start += chunkLength) {
        takeChunk(piece.subarray(start, start + chunkLength));
      }
      return takeSamples();
    },
    end() {
      if (pendingLength > 0) takePending();
      try {
        handler.end?.(samples);
      } catch (error) {
        reportError(error);
      }
      return takeSamples();
    },
  };
}

/**
 * Reads all lines of a datagram.
 *
 * @throws {DecodeError} What the handler throws, or if the datagram is no UTF-8
 */
export function decodeLines(format: string, delimiter: string, datagram: Uint8Array, handler: LineHandler): Sample[] {
  const samples: Sample[] = [];
  const lines = withoutMark(decodeUtf8(format, datagram, 1)).split(delimiter);
  for (let i = 0; i < lines.length; i++) {
    let text = lines[i] ?? "";
    if (delimiter === "\n" && text.endsWith("\r")) text = text.slice(0, -1);
    handler.line(text, i + 1, samples);
  }
  handler.end?.(samples);
  return samples;
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/** Decodes UTF-8 that begins at a line; an error names where it is none. */
function decodeUtf8(format: string, bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    // The longest start that is UTF-8, perhaps cut inside a character, is found by halving.
    let good = 0;
    for (let bad = bytes.length; bad - good > 1;) {
      const middle = good + bad >> 1;
      if (isUtf8Start(bytes.subarray(0, middle))) good = middle;
      else bad = middle;
    }
    const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
    const lines = before.split("\n");
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new DecodeError(format, "it is no UTF-8", { line: line + lines.length - 1, column }, { cause: error });
  }
}

function isUtf8Start(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
