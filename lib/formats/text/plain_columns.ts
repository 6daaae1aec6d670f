/**
 * Fast path: plain lines of `csv` and `tsv`, read as `column_format.ts` reads all lines.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { isDigit } from "./decimal.ts";
import { maximumNanosecond } from "../check.ts";
import { PlainCursor, type PlainLineReader } from "./plain_values.ts";
import { addOffset } from "./text_values.ts";

/** The columns of a missing timestamp in datagrams. */
const noOrigin = "0,0";

const point = 46;
const letterA = 97;
const letterN = 110;

/**
 * A reader of lines of seconds, nanoseconds, an optional offset, a sequence number, and values.
 *
 * The look of a column alone tells whether it is the offset. The number of columns would overrule it only if there were
 * more values than signals then, or, with `nan` for the offset, one less: such lines are not plain.
 */
export class PlainColumnReader implements PlainLineReader {
  end = 0;
  readonly #separator: number;
  readonly #maximumValues: number;
  readonly #cursor: PlainCursor;

  /**
   * Creates the reader.
   *
   * @param separator The character between columns, neither a line feed nor a carriage return
   * @param signals The signals, if they are known
   */
  constructor(separator: string, signals: readonly Signal[] | undefined) {
    this.#separator = separator.charCodeAt(0);
    this.#maximumValues = signals?.length ?? Infinity;
    this.#cursor = new PlainCursor(separator, signals);
  }

  read(bytes: Uint8Array, start: number, limit: number, isDatagram: boolean): Sample | undefined {
    const cursor = this.#cursor;
    cursor.pos = start;
    const sample: Sample = { values: [] };
    if (!this.#readOrigin(sample, bytes, limit, isDatagram)) return undefined;

    let isUnknownOffset = false;
    if (this.#skipNothing(bytes, limit)) {
      isUnknownOffset = true;
      if (!this.#skipSeparator(bytes, limit)) return undefined;
    } else if (!this.#isSequence(bytes, limit)) {
      const offset = cursor.float(bytes, limit);
      if (cursor.isInteger || !Number.isFinite(offset) || !this.#skipSeparator(bytes, limit)) return undefined;
      // In a datagram it means that the receive timestamp is not known.
      if (sample.tsOrigin !== undefined && !(isDatagram && offset === 0)) {
        const received = addOffset(sample.tsOrigin, offset);
        if (received !== undefined) sample.tsReceived = received;
      }
    } else if (!isDatagram) {
      // In a file the third column is the offset, whatever it looks like.
      return undefined;
    }

    if (!this.#skipNothing(bytes, limit)) {
      const sequence = cursor.integer(bytes, limit);
      if (sequence < 0) return undefined;
      sample.sequence = BigInt(sequence);
    }
    const { values } = sample;
    cursor.values(bytes, limit, values);
    const maximum = this.#maximumValues;
    if (!cursor.isAtEnd(bytes, limit) || values.length > maximum) return undefined;
    if (isUnknownOffset && isDatagram && values.length + 1 === maximum) return undefined;
    this.end = cursor.next(bytes, limit);
    return sample;
  }

  /** Reads the timestamp, which may be missing in a datagram; returns whether it is plain. */
  #readOrigin(sample: Sample, bytes: Uint8Array, limit: number, isDatagram: boolean): boolean {
    const cursor = this.#cursor;
    const start = cursor.pos;
    const sec = cursor.integer(bytes, limit);
    if (sec < 0 || !this.#skipSeparator(bytes, limit)) return false;
    const nsec = cursor.integer(bytes, limit);
    if (nsec < 0 || nsec > maximumNanosecond) return false;
    const isNone = isDatagram && sec === 0 && nsec === 0 && cursor.pos === start + noOrigin.length;
    if (!isNone) sample.tsOrigin = { sec, nsec };
    return this.#skipSeparator(bytes, limit);
  }

  #skipSeparator(bytes: Uint8Array, limit: number): boolean {
    const cursor = this.#cursor;
    if (cursor.pos === limit || bytes[cursor.pos] !== this.#separator) return false;
    cursor.pos++;
    return true;
  }

  /** Skips `nan`, if it is here; returns whether it was. */
  #skipNothing(bytes: Uint8Array, limit: number): boolean {
    const { pos } = this.#cursor;
    if (pos + 3 > limit || bytes[pos] !== letterN || bytes[pos + 1] !== letterA || bytes[pos + 2] !== letterN) {
      return false;
    }
    this.#cursor.pos += 3;
    return true;
  }

  /** Tells whether this column has no point, as the sequence number. */
  #isSequence(bytes: Uint8Array, limit: number): boolean {
    let { pos } = this.#cursor;
    while (pos < limit && isDigit(bytes[pos] as number)) pos++;
    return pos === limit || bytes[pos] !== point;
  }
}
