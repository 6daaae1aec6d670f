/**
 * Lines of columns: what `csv` and `tsv` have in common, which is all but the separator.
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
import { checkOptions } from "../options.ts";
import {
  addOffset,
  readFloat,
  readNanosecond,
  readSecond,
  readUnsigned,
  TextValueError,
  writeValue,
} from "./text_values.ts";
import type { Format } from "../format.ts";

/** Options of `csv` and `tsv`, under VILLASnode's names. */
export interface ColumnOptions extends LineOptions {
  /** The ASCII character between two columns; default is a comma for `csv` and a tab for `tsv`. */
  separator?: string;
}

const maximumUint64 = 2n ** 64n - 1n;
const wholeNumber = /^[0-9]+$/;

/** What stands in a column that has no value, in files. */
const nothing = "nan";

/**
 * What stands in datagrams for a timestamp that a sample does not have, and for its offset, which it never has there: numbers,
 * because VILLASnode reads `nan` for an offset as a delay of 292 years, and no line that begins with it. A timestamp of 1970
 * has nine digits of nanoseconds.
 */
const noSecond = "0";
const noNanosecond = "0";
const noOffset = "0.000000000";
const offsetDecimals = 9;

/** Makes the format: `secs,nsecs,offset,sequence`, then the values. */
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

  function write({ tsOrigin, tsReceived, sequence, values }: Sample, isDatagram: boolean): string {
    let text = "";
    if (withOrigin) {
      if (tsOrigin !== undefined) text = tsOrigin.sec + separator + String(tsOrigin.nsec).padStart(9, "0");
      else text = isDatagram ? noSecond + separator + noNanosecond : nothing + separator + nothing;
    }
    if (withOffset) {
      const isKnown = tsOrigin !== undefined && tsReceived !== undefined;
      text += separator;
      // VILLASnode reads this column in datagrams, though it writes none.
      if (isDatagram) text += noOffset;
      else text += isKnown ? fixedText(secondsBetween(tsReceived, tsOrigin), offsetDecimals) : nothing;
    }
    if (withSequence) text += separator + (sequence ?? nothing);
    if (withData) {
      for (let i = 0; i < values.length; i++) text += separator + writeValue(values[i] ?? null, real_precision);
    }
    return text;
  }

  function findFault({ sequence }: Sample): string | undefined {
    if (!withSequence || sequence !== undefined) return undefined;
    return "it has no sequence number, without which VILLASnode reads none of its values";
  }

  function read(cursor: LineCursor, isDatagram: boolean): Sample {
    const sample: Sample = { values: [] };
    const columns = cursor.text.split(separator);
    let index = 0;
    let start = 0;

    /** Goes to the next column. */
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
        throw new TextValueError(`expected "${nothing}", as there are no seconds either`);
      }
    }
    if (index < columns.length && hasOffset(columns, index, isDatagram)) {
      const offset = take();
      const seconds = offset === nothing ? undefined : readFloat(offset);
      // In a datagram it says that the time of reception is not known.
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
   * Tells whether a line has the column of the offset, which files have, and so do the datagrams that are sent from here, but
   * none of VILLASnode's. The number of columns tells where there is a value for each signal, else the look of the column.
   */
  function hasOffset(columns: readonly string[], index: number, isDatagram: boolean): boolean {
    if (!withOffset) return false;
    const [column = "", following] = columns.slice(index, index + 2).map((column) => column.trim());
    // The columns from here on that are values if there is no offset among them.
    const count = columns.length - index - (withSequence ? 1 : 0);
    const isOneMore = withData && count - 1 === signals?.length;
    const isFull = isDatagram && withData && count === signals?.length;
    if (!withSequence) {
      return !isDatagram || isOneMore || column === noOffset && !(isFull && real_precision === offsetDecimals);
    }
    // Only an offset has a point, and only a sequence number is all digits; both may be nothing.
    if (isOneMore || wholeNumber.test(column)) return isOneMore;
    if (column !== nothing) return true;
    return !isFull && (following === undefined || following === nothing || wholeNumber.test(following));
  }

  // Without one of these columns, what the others are is told in other ways.
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
    findFault,
    write,
    read,
  }, options);
}
