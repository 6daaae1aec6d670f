/**
 * Makes a format out of functions that write and read one sample a line: what `villas.human`, `csv` and `tsv` have in
 * common.
 *
 * @module
 */

import type { Sample, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { checkSample } from "../check.ts";
import type { LineHandler } from "./lines.ts";
import { boolean, type OptionRule } from "../options.ts";
import type { PlainLineReader } from "./plain_values.ts";
import { createTextFormat } from "./text.ts";
import { readValue, TextValueError } from "./text_values.ts";
import { DecodeError, EncodeError } from "../errors.ts";
import type { Format, FormatOptions } from "../format.ts";

/** Options of the formats that are made of lines, under VILLASnode's names, besides the common ones. */
export interface LineOptions extends FormatOptions {
  /** The character that ends a line, ASCII; default is the line feed. */
  delimiter?: string;
  /** The character that a comment line begins with; default `#`. */
  comment_prefix?: string;
  /** Whether a file begins with a comment that names the columns; default true. */
  header?: boolean;
  /** Whether to skip the first line of a file, which is a header without the comment's character; default false. */
  skip_first_line?: boolean;
}

/** One ASCII character that is not part of a number, `nan` or `inf`. */
export const asciiCharacter: OptionRule = {
  expected: "one ASCII character that is not a letter, a digit, a point or a sign",
  // deno-lint-ignore no-control-regex
  accepts: (value) => typeof value === "string" && /^[\x00-\x7f]$/.test(value) && !/[0-9A-Za-z.+-]/.test(value),
};

/** The rules of these options for `checkOptions`. */
export const lineRules: Record<Exclude<keyof LineOptions, keyof FormatOptions>, OptionRule> = {
  delimiter: asciiCharacter,
  comment_prefix: asciiCharacter,
  header: boolean,
  skip_first_line: boolean,
};

/** What is special about a format that is made of lines. */
export interface LineFraming {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** The comment that names the columns, without the comment's character. */
  header(signals: readonly string[]): string;
  /** Says why VILLASnode would not take this sample in a datagram, if it would not. */
  findFault?(sample: Sample): string | undefined;
  /** Writes a sample without the end of the line. */
  write(sample: Sample, isDatagram: boolean): string;
  /** Reads a line. */
  read(line: LineCursor, isDatagram: boolean): Sample;
  /** Fast path: reads lines that end with a line feed, where the options let any of them be plain. */
  readonly plain?: PlainLineReader | undefined;
}

/** A line that is being read. */
export interface LineCursor {
  /** The line. */
  readonly text: string;
  /** How far it has been read: an error names the column of this character. */
  pos: number;
}

/** Makes the format. */
export function createLineFormat(framing: LineFraming, options: LineOptions): Format {
  const { name } = framing;
  const { signals, delimiter = "\n", comment_prefix: comment = "#", header = true, skip_first_line = false } = options;
  const plain = delimiter === "\n" ? framing.plain : undefined;

  function readLine(text: string, number: number, isDatagram: boolean): Sample | undefined {
    if (text.startsWith(comment) || text.trim() === "") return undefined;
    const cursor = { text, pos: 0 };
    try {
      return framing.read(cursor, isDatagram);
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

  function createHandler(isDatagram: boolean): LineHandler {
    const firstLine = !isDatagram && skip_first_line ? 2 : 1;
    return {
      line(text, number, samples) {
        const sample = number < firstLine ? undefined : readLine(text, number, isDatagram);
        if (sample !== undefined) samples.push(sample);
      },
      plainLine: plain && ((bytes, start, number, samples) => {
        const sample = number < firstLine ? undefined : readPlain(plain, bytes, start, isDatagram);
        if (sample === undefined) return -1;
        samples.push(sample);
        return plain.end;
      }),
    };
  }

  function decodePlain(plain: PlainLineReader, datagram: Uint8Array): Sample[] | undefined {
    const samples: Sample[] = [];
    for (let start = 0; start < datagram.length; start = plain.end) {
      const sample = readPlain(plain, datagram, start, true);
      if (sample === undefined) return undefined;
      samples.push(sample);
    }
    return samples;
  }

  return createTextFormat({
    name,
    delimiter,
    createDatagramHandler: () => createHandler(true),
    decodePlain: plain && ((datagram) => decodePlain(plain, datagram)),
    createFileHandler: () => createHandler(false),
    writeDatagram(samples) {
      let text = "";
      for (const [index, sample] of samples.entries()) {
        checkSample(name, sample, index, signals);
        const why = framing.findFault?.(sample);
        if (why !== undefined) throw new EncodeError(name, why, index);
        text += framing.write(sample, true) + delimiter;
      }
      return text;
    },
    fileWriter() {
      let isStart = header;
      return (samples) => {
        let text = "";
        for (const sample of samples) {
          if (isStart) text += `${comment}${framing.header(columnNames(sample, signals))}${delimiter}`;
          isStart = false;
          text += framing.write(sample, false) + delimiter;
        }
        return text;
      };
    },
  });
}

/** Names and units of all signals, as a header has them. */
function columnNames({ values }: Sample, signals: readonly Signal[] | undefined): string[] {
  const list: readonly Partial<Signal>[] = signals ?? values.map(() => ({}));
  return list.map(({ name, unit }, index) => `${name || `signal${index}`}${unit ? `[${unit}]` : ""}`);
}

/** Reads the text of the value of one signal. */
export function readSignalValue(text: string, index: number, signals: readonly Signal[] | undefined): Value {
  if (signals !== undefined && index >= signals.length) {
    throw new TextValueError(`the line has more than ${signals.length} values, as many as there are signals`);
  }
  return readValue(text, signals?.[index]);
}
