/**
 * Lines of text: splits datagrams into lines, and files that come in chunks, in constant memory.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { ByteBuffer } from "../_byte_buffer.ts";
import { DecodeError } from "../errors.ts";
import type { StreamDecoder } from "../format.ts";

/** Length of the longest line in bytes, 16 MiB: a longer one is not a sample and must not fill the memory. */
export const maximumLine = 2 ** 24;

/** Part of a chunk that is decoded at once, in bytes, so that no text grows with the chunk. */
const partLength = 2 ** 20;

/** The byte order mark that some editors begin a file with. */
const byteOrderMark = "\ufeff";

// A mark counts only at the very start, not wherever a chunk of the file happens to start.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A handler of lines. Both members append to `samples` and may throw {@linkcode DecodeError}. */
export interface LineHandler {
  /** Handles a line, without its end. Lines are counted from 1. */
  line(text: string, number: number, samples: Sample[]): void;
  /** Handles the end of the text. */
  end?(samples: Sample[]): void;
  /**
   * Fast path: handles the line that begins at a position among the bytes, and ends with them at the latest, if it is
   * plain.
   *
   * @returns Index of the next line, or -1 if the line must be read as text
   */
  plainLine?: ((bytes: Uint8Array, start: number, number: number, samples: Sample[]) => number) | undefined;
}

/**
 * A decoder of one file of lines. The last line needs no end; a carriage return before a line feed belongs to the
 * line's end.
 */
export class LineStreamDecoder implements StreamDecoder {
  readonly #format: string;
  readonly #delimiter: string;
  readonly #onDecodeError: (error: DecodeError) => void;
  readonly #handler: LineHandler;
  readonly #onUnended: () => void;
  /** The start of a line whose end has not come yet. */
  readonly #pending = new ByteBuffer();
  /** Number of the last line. */
  #number = 0;
  /** True if the current line is too long and its rest is skipped. */
  #isSkipping = false;
  #samples: Sample[] = [];

  /**
   * Creates the decoder.
   *
   * @param format Name of the format, for errors
   * @param delimiter The ASCII character that ends a line
   * @param onDecodeError Called with the errors of the handler, and for lines that are too long or not UTF-8
   * @param handler Called with all other lines
   * @param onUnended Called if the last line has no end, and gives a sample all the same
   */
  constructor(
    format: string,
    delimiter: string,
    onDecodeError: (error: DecodeError) => void,
    handler: LineHandler,
    onUnended: () => void = () => {},
  ) {
    this.#onUnended = onUnended;
    this.#format = format;
    this.#delimiter = delimiter;
    this.#onDecodeError = onDecodeError;
    this.#handler = handler;
  }

  push(chunk: Uint8Array): Sample[] {
    for (let start = 0; start < chunk.length; start += partLength) {
      this.#takePart(chunk.subarray(start, start + partLength));
    }
    return this.#takeSamples();
  }

  end(): Sample[] {
    if (this.#pending.length > 0) {
      this.#handlePending();
      if (this.#samples.length > 0) this.#onUnended();
    }
    try {
      this.#handler.end?.(this.#samples);
    } catch (error) {
      this.#report(error);
    }
    return this.#takeSamples();
  }

  #takePart(part: Uint8Array): void {
    const end = this.#delimiter.charCodeAt(0);
    if (this.#isSkipping) {
      const next = part.indexOf(end) + 1;
      if (next === 0) return;
      this.#isSkipping = false;
      part = part.subarray(next);
    }
    if (this.#pending.length > 0) {
      const next = part.indexOf(end) + 1;
      if (next === 0) return this.#keep(part);
      this.#keep(part.subarray(0, next - 1));
      if (!this.#isSkipping) this.#handlePending();
      this.#isSkipping = false;
      part = part.subarray(next);
    }
    const next = part.lastIndexOf(end) + 1;
    if (next > 0) this.#handleLines(part.subarray(0, next - 1));
    this.#keep(part.subarray(next));
  }

  /** Keeps the start of a line until its end arrives. */
  #keep(bytes: Uint8Array): void {
    if (this.#pending.length + bytes.length <= maximumLine) {
      this.#pending.append(bytes);
      return;
    }
    this.#number++;
    this.#pending.clear();
    this.#isSkipping = true;
    const reason = `the line is longer than ${maximumLine} bytes`;
    this.#onDecodeError(new DecodeError(this.#format, reason, { line: this.#number }));
  }

  #handlePending(): void {
    const bytes = this.#pending.bytes;
    this.#pending.clear();
    this.#handleLines(bytes);
  }

  /** Handles whole lines, without the end of the last one. */
  #handleLines(bytes: Uint8Array): void {
    const handler = this.#handler;
    if (handler.plainLine === undefined) return this.#handleText(bytes);
    // After a line that is not plain, the next ones rarely are: more and more of them are not tried.
    let untried = 1;
    for (let start = 0; start <= bytes.length;) {
      const next = handler.plainLine(bytes, start, this.#number + 1, this.#samples);
      if (next >= 0) {
        this.#number++;
        start = next;
        untried = 1;
        continue;
      }
      const stop = this.#endOfLines(bytes, start, untried);
      this.#handleText(bytes.subarray(start, stop));
      start = stop + 1;
      untried *= 2;
    }
  }

  /** Returns the end of the last of some lines, or of all if there are not as many. */
  #endOfLines(bytes: Uint8Array, start: number, count: number): number {
    const end = this.#delimiter.charCodeAt(0);
    let stop = start - 1;
    for (let i = 0; i < count && stop < bytes.length; i++) {
      const next = bytes.indexOf(end, stop + 1);
      stop = next < 0 ? bytes.length : next;
    }
    return stop;
  }

  /** Handles whole lines as text. Decoding the UTF-8 of all of them at once is much faster. */
  #handleText(bytes: Uint8Array): void {
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      return this.#handleLinesOneByOne(bytes);
    }
    let start = 0;
    for (let next; (next = text.indexOf(this.#delimiter, start)) >= 0; start = next + 1) {
      this.#handleLine(text.slice(start, next));
    }
    this.#handleLine(text.slice(start));
  }

  #handleLinesOneByOne(bytes: Uint8Array): void {
    const end = this.#delimiter.charCodeAt(0);
    for (let start = 0; start <= bytes.length;) {
      const next = bytes.indexOf(end, start);
      const line = bytes.subarray(start, next < 0 ? bytes.length : next);
      start += line.length + 1;
      let text: string;
      try {
        text = decodeUtf8(this.#format, line, this.#number + 1);
      } catch (error) {
        this.#number++;
        this.#report(error);
        continue;
      }
      this.#handleLine(text);
    }
  }

  #handleLine(text: string): void {
    this.#number++;
    if (this.#number === 1) text = withoutMark(text);
    try {
      this.#handler.line(withoutReturn(text, this.#delimiter), this.#number, this.#samples);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    this.#onDecodeError(error);
  }

  #takeSamples(): Sample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }
}

/**
 * Decodes all lines of a datagram.
 *
 * @param format Name of the format, for errors
 * @param delimiter The ASCII character that ends a line
 * @param datagram The datagram
 * @param handler Called with each line, and with the end
 * @returns The samples of the handler
 * @throws {DecodeError} If the handler throws it, or the datagram is not UTF-8
 */
export function decodeLines(
  format: string,
  delimiter: string,
  datagram: Uint8Array,
  handler: LineHandler,
): Sample[] {
  const samples: Sample[] = [];
  const lines = withoutMark(decodeUtf8(format, datagram, 1)).split(delimiter);
  for (let i = 0; i < lines.length; i++) handler.line(withoutReturn(lines[i] ?? "", delimiter), i + 1, samples);
  handler.end?.(samples);
  return samples;
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

function withoutReturn(line: string, delimiter: string): string {
  return delimiter === "\n" && line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Decodes UTF-8 that begins at a line; an error names the place of the first byte that is not UTF-8. */
function decodeUtf8(format: string, bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    // Bisection finds the longest beginning that is UTF-8, even if cut inside a character.
    let good = 0;
    for (let bad = bytes.length; bad - good > 1;) {
      const middle = good + bad >> 1;
      if (isUtf8Start(bytes.subarray(0, middle))) good = middle;
      else bad = middle;
    }
    const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
    const lines = before.split("\n");
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new DecodeError(format, "it is not UTF-8", { line: line + lines.length - 1, column }, { cause: error });
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
