/**
 * Lines of columns: what `csv` and `tsv` have in common, which is all but the separator.
 *
 * @module
 */

import type { Sample } from "../sample.ts";
import { secondsBetween } from "../timestamp.ts";
import {
  asciiCharacter,
  createLineFormat,
  type LineCursor,
  type LineOptions,
  lineRules,
  readSignalValue,
} from "./_line_format.ts";
import { fixedText } from "./_numbers.ts";
import { checkOptions } from "./_options.ts";
import {
  addOffset,
  readFloat,
  readNanosecond,
  readSecond,
  readUnsigned,
  TextFault,
  writeValue,
} from "./_text_values.ts";
import type { Format } from "./format.ts";

/** Options of `csv` and `tsv`, under VILLASnode's names. */
export interface ColumnOptions extends LineOptions {
  /** The ASCII character between two columns; default is a comma for `csv` and a tab for `tsv`. */
  separator?: string;
}

const maximumUint64 = 2n ** 64n - 1n;

/** What stands in a column that has no value. */
const nothing = "nan";

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
    if (withOrigin && tsOrigin === undefined) text = nothing + separator + nothing;
    if (withOrigin && tsOrigin) text = tsOrigin.sec + separator + String(tsOrigin.nsec).padStart(9, "0");
    if (withOffset) {
      // VILLASnode reads this column in datagrams, but writes none: it is kept, and empty.
      const isKnown = !isDatagram && tsOrigin !== undefined && tsReceived !== undefined;
      text += separator + (isKnown ? fixedText(secondsBetween(tsReceived, tsOrigin), 9) : nothing);
    }
    if (withSequence) text += separator + (sequence ?? nothing);
    if (withData) {
      for (let i = 0; i < values.length; i++) text += separator + writeValue(values[i] ?? null, real_precision);
    }
    return text;
  }

  function read(cursor: LineCursor): Sample {
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
      if (seconds !== undefined) sample.tsOrigin = { sec: seconds, nsec: readNanosecond(nsec) };
      else if (nsec !== nothing) throw new TextFault(`expected "${nothing}", as there are no seconds either`);
    }
    if (index < columns.length && hasOffset(columns, index)) {
      const offset = take();
      const received = offset === nothing || sample.tsOrigin === undefined
        ? undefined
        : addOffset(sample.tsOrigin, readFloat(offset));
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
   * Whether a line has the column of the offset, in front of that of the sequence number: files have, what VILLASnode's
   * sockets send has not. Both may be `nan`, but only an offset has a point, and only a sequence number is all digits.
   */
  function hasOffset(columns: readonly string[], index: number): boolean {
    if (!withSequence) return withOffset;
    const [column = "", following] = columns.slice(index, index + 2).map((column) => column.trim());
    if (/^[0-9]+$/.test(column)) return columns.length - index - 2 === signals?.length;
    return column !== nothing || following === undefined || following === nothing || /^[0-9]+$/.test(following);
  }

  return createLineFormat({
    name,
    header(names) {
      const columns = [
        ...withOrigin ? ["secs", "nsecs"] : [],
        ...withOffset ? ["offset"] : [],
        ...withSequence ? ["sequence"] : [],
        ...withData ? names : [],
      ];
      return ` ${columns.join(separator)}`;
    },
    write,
    read,
  }, options);
}
