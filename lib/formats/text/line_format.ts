/**
 * Formats of one sample per line: a format from functions that write and read a line, for `villas.human`, `csv` and
 * `tsv`.
 *
 * @module
 */

import type { Sample, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { append } from "../../system/lists.ts";
import { checkSample } from "../check.ts";
import type { LineHandler } from "./lines.ts";
import { boolean, type OptionRule } from "../options.ts";
import type { PlainLineReader } from "./plain_values.ts";
import { TextBuffer } from "./text_buffer.ts";
import { createTextFormat } from "./text_format.ts";
import { readValue, TextValueError } from "./text_values.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format, FormatOptions } from "../format.ts";

/** Options of `villas.human`, `csv` and `tsv`, under VILLASnode's names, besides the common ones. */
export interface LineOptions extends FormatOptions {
  /** The ASCII character that ends a line; default: the line feed. */
  delimiter?: string;
  /** The ASCII character that begins a comment line; default `#`. */
  comment_prefix?: string;
  /** True if a file begins with a comment that names the columns; default true. */
  header?: boolean;
  /** Skips the first line of a file, for a header without the comment character; default false. */
  skip_first_line?: boolean;
}

// A mark at the start is a part of the text, which only a separator can be.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Accepts one ASCII character that is not part of a number, `nan` or `inf`. */
export const asciiCharacter: OptionRule = {
  expected: "one ASCII character that is not a letter, a digit, a point or a sign",
  accepts: (value) => typeof value === "string" && /^\p{ASCII}$/u.test(value) && !/[0-9A-Za-z.+-]/.test(value),
};

/** The rules of these options for `checkOptions`. */
export const lineRules: Record<Exclude<keyof LineOptions, keyof FormatOptions>, OptionRule> = {
  delimiter: asciiCharacter,
  comment_prefix: asciiCharacter,
  header: boolean,
  skip_first_line: boolean,
};

/** The particulars of a format of one sample per line. */
export interface LineLayout {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** Returns the comment that names the columns, without the comment character. */
  header(signals: readonly string[]): string;
  /** Returns the reason why VILLASnode would not accept this sample in a datagram, if there is one. */
  findProblem?(sample: Sample): string | undefined;
  /** Writes a sample without the end of the line. */
  write(sample: Sample, isDatagram: boolean, text: TextBuffer): void;
  /** Reads a line; may throw {@linkcode TextValueError}. */
  read(line: LineCursor): Sample;
  /** Fast path: reads plain lines that end with a line feed, if the options allow it. */
  readonly plain?: PlainLineReader | undefined;
  /** Creates the reader of the lines of one file, if files are read in another way than datagrams. */
  createFileReader?(onWarning: (message: string) => void): FileLineReader;
}

/** Reads the lines of one file, which may depend on each other. */
export interface FileLineReader {
  /** Reads a line; undefined if it is a header. May throw {@linkcode TextValueError}. */
  read(line: LineCursor): Sample | undefined;
  /** Tells whether the next line may take the fast path; default: any line may. */
  isPlain?(): boolean;
  /** Takes note of a comment, which is given without the comment character. */
  comment?(text: string): void;
}

/** A line that is being read. */
export interface LineCursor {
  /** The line. */
  readonly text: string;
  /** Index of the next character to read: an error names its column. */
  pos: number;
}

/**
 * Creates a format of one sample per line.
 *
 * @param layout The particulars of the format
 * @param options The options of the format
 * @returns The format
 */
export function createLineFormat(layout: LineLayout, options: LineOptions): Format {
  const { name } = layout;
  const { signals, delimiter = "\n", comment_prefix: comment = "#", header = true, skip_first_line = false } = options;
  const { real_precision = 17 } = options;
  const plain = delimiter === "\n" ? layout.plain : undefined;
  const lineEnd = delimiter.charCodeAt(0);
  const datagram = new TextBuffer();

  function readLine(reader: FileLineReader, text: string, number: number): Sample | undefined {
    const trimmed = text.trimStart();
    if (trimmed === "") return undefined;
    const cursor = { text, pos: 0 };
    try {
      if (!trimmed.startsWith(comment)) return reader.read(cursor);
      reader.comment?.(trimmed.slice(1));
      return undefined;
    } catch (error) {
      if (!(error instanceof TextValueError)) throw error;
      throw new DecodeError(name, error.message, { line: number, column: cursor.pos + 1 });
    }
  }

  /** Fast path: reads the line that begins here, if it is plain. */
  function readPlain(
    plain: PlainLineReader,
    bytes: Uint8Array,
    start: number,
    isDatagram: boolean,
  ): Sample | undefined {
    try {
      return plain.read(bytes, start, bytes.length, isDatagram);
    } catch (error) {
      if (!(error instanceof TextValueError)) throw error;
      return undefined;
    }
  }

  function createHandler(reader: FileLineReader, firstLine: number, isDatagram: boolean): LineHandler {
    return {
      line(text, number, samples) {
        const sample = number < firstLine ? undefined : readLine(reader, text, number);
        if (sample !== undefined) samples.push(sample);
      },
      plainLine: plain && ((bytes, start, number, samples) => {
        if (number < firstLine || reader.isPlain?.() === false) return -1;
        const sample = readPlain(plain, bytes, start, isDatagram);
        if (sample === undefined) return -1;
        samples.push(sample);
        return plain.end;
      }),
    };
  }

  function decodePlain(plain: PlainLineReader, datagram: Uint8Array): Sample[] | undefined {
    let samples: Sample[] | undefined;
    for (let start = 0; start < datagram.length; start = plain.end) {
      const sample = readPlain(plain, datagram, start, true);
      if (sample === undefined) return undefined;
      samples = append(samples, sample);
    }
    return samples ?? [];
  }

  /** Creates the function that writes samples as lines of a file, which are valid until its next call. */
  function createByteEncoder(names: readonly string[] = []): (samples: readonly Sample[]) => Uint8Array {
    const text = new TextBuffer();
    let isStart = header;
    return (samples) => {
      text.clear();
      for (const sample of samples) {
        if (isStart) text.text(`${comment}${layout.header(columnNames(sample, signals, names))}${delimiter}`);
        isStart = false;
        layout.write(sample, false, text);
        text.character(lineEnd);
      }
      return text.bytes;
    };
  }

  return createTextFormat({
    name,
    isOpenEnded: true,
    // Without decimals, a float looks like an integer.
    carriesTypes: real_precision > 0,
    delimiter,
    createDatagramHandler: () => createHandler(layout, 1, true),
    decodePlain: plain && ((datagram) => decodePlain(plain, datagram)),
    createFileHandler: (_, onWarning) =>
      createHandler(layout.createFileReader?.(onWarning) ?? layout, skip_first_line ? 2 : 1, false),
    writeDatagram(samples) {
      datagram.clear();
      for (let i = 0; i < samples.length; i++) {
        const sample = samples[i];
        if (sample === undefined) continue;
        checkSample(name, sample, i, signals);
        const reason = layout.findProblem?.(sample);
        if (reason !== undefined) throw new EncodeError(name, reason, i);
        layout.write(sample, true, datagram);
        datagram.character(lineEnd);
      }
      return datagram.bytes;
    },
    createFileWriter(names) {
      const encode = createByteEncoder(names);
      return (samples) => decoder.decode(encode(samples));
    },
    createByteEncoder,
  });
}

/** Returns the names and units of all signals, as a header has them. */
function columnNames(
  { values }: Sample,
  signals: readonly Signal[] | undefined,
  names: readonly string[],
): string[] {
  const list: readonly Partial<Signal>[] = signals ?? Array.from(values, (_, index) => ({ name: names[index] ?? "" }));
  return list.map(({ name, unit }, index) => `${name || `signal${index}`}${unit ? `[${unit}]` : ""}`);
}

/**
 * Reads the value of one signal.
 *
 * @param text Its text
 * @param index Its index in the sample
 * @param signals The signals, if they are known
 * @returns The value
 * @throws {TextValueError} If the text is not such a value, or the line has more values than signals
 */
export function readSignalValue(text: string, index: number, signals: readonly Signal[] | undefined): Value {
  if (signals !== undefined && index >= signals.length) {
    throw new TextValueError(`the line has more values than the ${signals.length} signals`);
  }
  return readValue(text, signals?.[index]);
}
