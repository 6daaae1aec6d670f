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
  type FileLineReader,
  type LineCursor,
  type LineOptions,
  lineRules,
  readSignalValue,
} from "./line_format.ts";
import { fixedText } from "./numbers.ts";
import { PlainColumnReader } from "./plain_columns.ts";
import type { TextBuffer } from "./text_buffer.ts";
import { maximumUint64 } from "../check.ts";
import { checkOptions, type OptionRule } from "../options.ts";
import {
  type Cells,
  type FileColumns,
  findSeparator,
  isHeaderCell,
  readHeader,
  readTime,
  type RecordingColumns,
  splitCells,
  type TableColumns,
} from "./columns.ts";
import { addOffset, readFloat, readNanosecond, readSecond, readUnsigned, TextValueError } from "./text_values.ts";
import type { Format } from "../format.ts";

/** Options of `csv` and `tsv`, under VILLASnode's names. */
export interface ColumnOptions extends LineOptions {
  /**
   * The ASCII character between columns; default: a comma for `csv`, a tab for `tsv`. Without it, files of semicolons are
   * recognized.
   */
  separator?: string;
  /**
   * Name or index (from 0) of the column of the time, in files that are tables of another program. An option of this client
   * only; without it, a header that names a column `time` or the like makes a file such a table.
   */
  time_column?: string | number;
}

/** Accepts the name or the index of a column. */
const columnRule: OptionRule = {
  expected: "the name of a column, or its number from 0",
  accepts: (value) => typeof value === "string" && value !== "" || Number.isInteger(value) && Number(value) >= 0,
};

/** Accepts a character between columns. */
const separatorRule: OptionRule = {
  expected: `${asciiCharacter.expected}, nor a quote`,
  accepts: (value) => asciiCharacter.accepts(value) && value !== '"',
};

const wholeNumber = /^[0-9]+$/;

/** Error of a first line of names that say nothing. */
const unknownHeader = "the first line names columns, but neither secs and nsecs nor a time: give the time column " +
  "(--time-column), or, where the four leading columns are those of VILLASnode, skip the line with";

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
  checkOptions(name, options, { separator: separatorRule, time_column: columnRule, ...lineRules });
  const {
    signals,
    separator = defaultSeparator,
    time_column,
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

  function readDatagramLine(cursor: LineCursor): Sample {
    return readRecording(cursor, splitCells(cursor.text, separator), undefined);
  }

  /** Reads a line of a recording; without the columns of a file, it is one of a datagram. */
  function readRecording(cursor: LineCursor, { texts, starts }: Cells, columns: RecordingColumns | undefined): Sample {
    const isDatagram = columns === undefined;
    const sample: Sample = { values: [] };
    let index = 0;

    /** Takes the next column. */
    const take = (): string => {
      cursor.pos = starts[index] ?? cursor.text.length + 1;
      return texts[index++] ?? "";
    };

    // A line without timestamps begins with the separator, unless another program left them out.
    const isLeftOut = columns?.hasOrigin === false && texts[0] !== "";
    const sec = isLeftOut ? "" : take();
    if (sec !== "") {
      const seconds = sec === nothing ? undefined : readSecond(sec);
      const nsec = take();
      const isNone = isDatagram && sec === noSecond && nsec === noNanosecond;
      if (seconds !== undefined && !isNone) sample.tsOrigin = { sec: seconds, nsec: readNanosecond(nsec) };
      if (seconds === undefined && nsec !== nothing) {
        throw new TextValueError(`expected "${nothing}", because the seconds are missing as well`);
      }
    } else if (columns?.hasOrigin && texts[index] === "") {
      // Another program left both cells empty.
      index++;
    }
    const hasOffset = columns?.hasOffset ?? datagramHasOffset(texts, index);
    if (index < texts.length && hasOffset) {
      const offset = take();
      const seconds = offset === nothing ? undefined : readFloat(offset);
      // In a datagram it means that the receive timestamp is not known.
      const isNone = seconds === undefined || isDatagram && seconds === 0;
      const received = isNone || sample.tsOrigin === undefined ? undefined : addOffset(sample.tsOrigin, seconds);
      if (received !== undefined) sample.tsReceived = received;
    }
    if (index < texts.length && (columns?.hasSequence ?? withSequence)) {
      const sequence = take();
      if (sequence !== nothing) sample.sequence = readUnsigned("sequence number", sequence, maximumUint64);
    }
    while (index < texts.length) {
      const text = take();
      // A separator at the end of a line begins no value.
      if (text === "" && index === texts.length) break;
      sample.values.push(readSignalValue(text, sample.values.length, signals));
    }
    return sample;
  }

  /** Reads a line of a table of another program, whose rows are numbered from 0; an empty cell is an unset value. */
  function readRow(cursor: LineCursor, { texts, starts }: Cells, { time }: TableColumns, row: number): Sample {
    const sample: Sample = { sequence: BigInt(row), values: [] };
    const last = texts.length - 1;
    const end = texts[last] === "" && last > time ? last : texts.length;
    for (let index = 0; index < Math.max(end, time + 1); index++) {
      cursor.pos = starts[index] ?? cursor.text.length;
      const text = texts[index] ?? "";
      if (index === time) sample.tsOrigin = readTime(text);
      else sample.values.push(text === "" ? null : readSignalValue(text, sample.values.length, signals));
    }
    return sample;
  }

  /**
   * Tells whether a line of a datagram has the offset column. Our own datagrams have it, but not VILLASnode's. The number
   * of columns tells it if there is a value for each signal, otherwise the look of the column.
   */
  function datagramHasOffset(texts: readonly string[], index: number): boolean {
    if (!withOffset) return false;
    const [column = "", following] = texts.slice(index, index + 2);
    // The number of values if there is no offset column.
    const count = texts.length - index - (withSequence ? 1 : 0);
    const isOneMore = withData && count - 1 === signals?.length;
    const isFull = withData && count === signals?.length;
    if (!withSequence) return isOneMore || column === noOffset && !(isFull && real_precision === offsetDecimals);
    // Only an offset has a point, and only a sequence number is all digits; both may be missing.
    if (isOneMore || wholeNumber.test(column)) return isOneMore;
    if (column !== nothing) return true;
    return !isFull && (following === undefined || following === nothing || wholeNumber.test(following));
  }

  // Without one of these columns, the meaning of the others is told in other ways.
  const isPlain = withOffset && withSequence && withData && separator !== "\r" && separator !== "\n";

  /** Creates the reader of one file, whose columns are those of its header, else those that the options say. */
  function createFileReader(): FileLineReader {
    let columns: FileColumns = typeof time_column === "number"
      ? { kind: "table", time: time_column }
      : { kind: "recording", hasOrigin: withOrigin, hasOffset: withOffset, hasSequence: withSequence };
    let between = separator;
    let isStart = true;
    let rows = 0;
    return {
      // Only the general path knows where a file begins, and what its columns are.
      isPlain: () =>
        !isStart && columns.kind === "recording" && columns.hasOrigin && columns.hasOffset && columns.hasSequence &&
        between === separator,
      comment(text) {
        const found = options.separator ?? findSeparator(text, defaultSeparator);
        const header = readHeader(splitCells(text, found).texts, time_column, true);
        if (header === undefined) return;
        between = found;
        columns = header;
        isStart = false;
      },
      read(cursor) {
        const { text } = cursor;
        if (isStart) between = options.separator ?? findSeparator(text, defaultSeparator);
        const cells = splitCells(text, between);
        if (isStart) {
          isStart = false;
          if (isHeaderCell(cells.texts[0] ?? "")) {
            const header = readHeader(cells.texts, time_column, false);
            if (header === undefined) {
              throw new TextValueError(`${unknownHeader} {"type": "${name}", "skip_first_line": true}`);
            }
            columns = header;
            return undefined;
          }
          if (typeof time_column === "string") {
            throw new TextValueError(`there is no header with a column "${time_column}"`);
          }
        }
        return columns.kind === "table"
          ? readRow(cursor, cells, columns, rows++)
          : readRecording(cursor, cells, columns);
      },
    };
  }

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
    read: readDatagramLine,
    createFileReader,
  }, options);
}
