/**
 * Lines of columns: `csv` and `tsv`, which differ only in the separator.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { secondsBetween } from "../../samples/timestamp.ts";
import {
  asciiCharacter,
  createLineFormat,
  type LineCursor,
  type LineOptions,
  lineRules,
  readSignalValue,
} from "./line_format.ts";
import { fixedText } from "./numbers.ts";
import { PlainColumnReader } from "./plain_columns.ts";
import type { TextBuffer } from "./text_buffer.ts";
import { maximumUint64 } from "../check.ts";
import { checkOptions } from "../options.ts";
import { addOffset, readFloat, readNanosecond, readSecond, readUnsigned, TextValueError } from "./text_values.ts";
import type { Format } from "../format.ts";

/** Options of `csv` and `tsv`, under VILLASnode's names. */
export interface ColumnOptions extends LineOptions {
  /** The ASCII character between columns; default: a comma for `csv`, a tab for `tsv`. */
  separator?: string;
}

const wholeNumber = /^[0-9]+$/;

/** The text of a column without a value, in files. */
const nothing = "nan";

/**
 * The texts in datagrams of a missing timestamp, and of its offset, which is always missing there: numbers, because
 * VILLASnode takes an offset of `nan` for a delay of 292 years, and refuses a line that begins with it. A timestamp of
 * 1970 has nine digits of nanoseconds.
 */
const noSecond = "0";
const noNanosecond = "0";
const noOffset = "0.000000000";
const offsetDecimals = 9;

/**
 * Creates a format of columns: `secs,nsecs,offset,sequence`, then the values.
 *
 * @param name Name of the format
 * @param defaultSeparator The default separator
 * @param options The options of the format
 * @returns The format
 */
export function createColumnFormat(name: string, defaultSeparator: string, options: ColumnOptions): Format {
  checkOptions(name, options, { separator: asciiCharacter, ...lineRules });
  const {
    signals,
    separator = defaultSeparator,
    sequence: withSequence = true,
    ts_origin: withOrigin = true,
    offset: withOffset = true,
    data: withData = true,
    real_precision = 17,
  } = options;

  const between = separator.charCodeAt(0);

  function write({ tsOrigin, tsReceived, sequence, values }: Sample, isDatagram: boolean, text: TextBuffer): void {
    if (withOrigin) {
      if (tsOrigin !== undefined) {
        text.integer(tsOrigin.sec);
        text.character(between);
        text.nanoseconds(tsOrigin.nsec);
      } else {
        text.ascii(isDatagram ? noSecond + separator + noNanosecond : nothing + separator + nothing);
      }
    }
    if (withOffset) {
      const isKnown = tsOrigin !== undefined && tsReceived !== undefined;
      text.character(between);
      // VILLASnode reads this column in datagrams, though it writes none.
      if (isDatagram) text.ascii(noOffset);
      else text.ascii(isKnown ? fixedText(secondsBetween(tsReceived, tsOrigin), offsetDecimals) : nothing);
    }
    if (withSequence) {
      text.character(between);
      if (sequence === undefined) text.ascii(nothing);
      else text.integer(sequence);
    }
    if (withData) text.values(values, real_precision, between);
  }

  function findProblem({ sequence }: Sample): string | undefined {
    if (!withSequence || sequence !== undefined) return undefined;
    return "it has no sequence number, without which VILLASnode reads none of its values";
  }

  function read(cursor: LineCursor, isDatagram: boolean): Sample {
    const sample: Sample = { values: [] };
    const columns = cursor.text.split(separator);
    let index = 0;
    let start = 0;

    /** Takes the next column. */
    const take = (): string => {
      const column = columns[index++] ?? "";
      cursor.pos = start;
      start += column.length + 1;
      return column.trim();
    };

    // A line without timestamps begins with the separator.
    const sec = take();
    if (sec !== "") {
      const seconds = sec === nothing ? undefined : readSecond(sec);
      const nsec = take();
      const isNone = isDatagram && sec === noSecond && nsec === noNanosecond;
      if (seconds !== undefined && !isNone) sample.tsOrigin = { sec: seconds, nsec: readNanosecond(nsec) };
      if (seconds === undefined && nsec !== nothing) {
        throw new TextValueError(`expected "${nothing}", because the seconds are missing as well`);
      }
    }
    if (index < columns.length && hasOffset(columns, index, isDatagram)) {
      const offset = take();
      const seconds = offset === nothing ? undefined : readFloat(offset);
      // In a datagram it means that the receive timestamp is not known.
      const isNone = seconds === undefined || isDatagram && seconds === 0;
      const received = isNone || sample.tsOrigin === undefined ? undefined : addOffset(sample.tsOrigin, seconds);
      if (received !== undefined) sample.tsReceived = received;
    }
    if (index < columns.length && withSequence) {
      const sequence = take();
      if (sequence !== nothing) sample.sequence = readUnsigned("sequence number", sequence, maximumUint64);
    }
    while (index < columns.length) sample.values.push(readSignalValue(take(), sample.values.length, signals));
    return sample;
  }

  /**
   * Tells whether a line has the offset column. Files have it, and so do our own datagrams, but not VILLASnode's. The
   * number of columns tells it if there is a value for each signal, otherwise the look of the column.
   */
  function hasOffset(columns: readonly string[], index: number, isDatagram: boolean): boolean {
    if (!withOffset) return false;
    const [column = "", following] = columns.slice(index, index + 2).map((column) => column.trim());
    // The number of values if there is no offset column.
    const count = columns.length - index - (withSequence ? 1 : 0);
    const isOneMore = withData && count - 1 === signals?.length;
    const isFull = isDatagram && withData && count === signals?.length;
    if (!withSequence) {
      return !isDatagram || isOneMore || column === noOffset && !(isFull && real_precision === offsetDecimals);
    }
    // Only an offset has a point, and only a sequence number is all digits; both may be missing.
    if (isOneMore || wholeNumber.test(column)) return isOneMore;
    if (column !== nothing) return true;
    return !isFull && (following === undefined || following === nothing || wholeNumber.test(following));
  }

  // Without one of these columns, the meaning of the others is told in other ways.
  const isPlain = withOffset && withSequence && withData && separator !== "\r" && separator !== "\n";

  return createLineFormat({
    name,
    plain: isPlain ? new PlainColumnReader(separator, signals) : undefined,
    header(names) {
      const columns = [
        ...withOrigin ? ["secs", "nsecs"] : [],
        ...withOffset ? ["offset"] : [],
        ...withSequence ? ["sequence"] : [],
        ...withData ? names : [],
      ];
      return ` ${columns.join(separator)}`;
    },
    findProblem,
    write,
    read,
  }, options);
}
