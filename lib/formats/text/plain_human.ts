/**
 * Fast path: plain lines of `villas.human`, read as `villas_human.ts` reads all lines.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { isDigit } from "./decimal.ts";
import { maximumNanosecond } from "../check.ts";
import { PlainCursor, type PlainLineReader } from "./plain_values.ts";
import { addOffset } from "./text_values.ts";

/** VILLASnode's text of a missing timestamp. */
const noOrigin = "0.0";

/** Lengths of the longest plain offset and exponent; of longer ones the general path may not read all digits. */
const longestOffset = 40;
const longestExponent = 5;

const separators = "\t ,;";

const opening = 40;
const closing = 41;
const plus = 43;
const minus = 45;
/** Digits of the nanoseconds, as VILLASnode writes them. */
const nanosecondDigits = 9;

const point = 46;
const letterF = 70;
const lowerE = 101;

/** A reader of lines of `SECONDS.NANOSECONDS+OFFSET(SEQUENCE)F` and values, each of them after one separator. */
export class PlainHumanReader implements PlainLineReader {
  end = 0;
  readonly #maximumValues: number;
  readonly #cursor: PlainCursor;

  /**
   * Creates the reader.
   *
   * @param signals The signals, if they are known
   */
  constructor(signals: readonly Signal[] | undefined) {
    this.#maximumValues = signals?.length ?? Infinity;
    this.#cursor = new PlainCursor(separators, signals);
  }

  read(bytes: Uint8Array, start: number, limit: number): Sample | undefined {
    const cursor = this.#cursor;
    cursor.pos = start;
    const sample: Sample = { values: [] };
    const sec = cursor.integer(bytes, limit);
    if (sec < 0 || !this.#skip(point, bytes, limit)) return undefined;
    const digits = cursor.pos;
    const nsec = cursor.integer(bytes, limit);
    if (nsec < 0 || nsec > maximumNanosecond) return undefined;
    const isNone = sec === 0 && nsec === 0 && cursor.pos === start + noOrigin.length;
    // The general path warns of nanoseconds that look like a fraction.
    if (!isNone && cursor.pos - digits !== nanosecondDigits) return undefined;
    if (!isNone) sample.tsOrigin = { sec, nsec };

    const sign = cursor.pos < limit ? bytes[cursor.pos] : undefined;
    if ((sign === plus || sign === minus) && !this.#readOffset(sample, bytes, limit)) return undefined;
    if (this.#skip(opening, bytes, limit)) {
      const sequence = cursor.integer(bytes, limit);
      if (sequence < 0 || !this.#skip(closing, bytes, limit)) return undefined;
      sample.sequence = BigInt(sequence);
    }
    if (this.#skip(letterF, bytes, limit)) sample.newFrame = true;

    const { values } = sample;
    cursor.values(bytes, limit, values);
    if (!cursor.isAtEnd(bytes, limit) || values.length > this.#maximumValues) return undefined;
    this.end = cursor.next(bytes, limit);
    return sample;
  }

  /** Reads an offset; returns whether it is plain. */
  #readOffset(sample: Sample, bytes: Uint8Array, limit: number): boolean {
    const cursor = this.#cursor;
    const start = cursor.pos;
    if (start + 1 === limit || !isDigit(bytes[start + 1] as number)) return false;
    const offset = cursor.float(bytes, limit);
    const end = cursor.pos;
    if (!Number.isFinite(offset) || end - start > longestOffset) return false;
    for (let pos = start; pos < end - longestExponent; pos++) {
      if (((bytes[pos] as number) | 0x20) === lowerE) return false;
    }
    const received = sample.tsOrigin && addOffset(sample.tsOrigin, offset);
    if (received !== undefined) sample.tsReceived = received;
    return true;
  }

  #skip(code: number, bytes: Uint8Array, limit: number): boolean {
    const cursor = this.#cursor;
    if (cursor.pos === limit || bytes[cursor.pos] !== code) return false;
    cursor.pos++;
    return true;
  }
}
