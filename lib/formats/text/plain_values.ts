/**
 * Fast path: the parts of plain lines, read where they stand among the bytes.
 *
 * A line is plain if it is ASCII and looks as VILLASnode writes it. What reads one gives up on everything else, whatever it
 * is: then the line is read as text, which knows all that is tolerated, and says what is wrong and where.
 *
 * @module
 */

import type { Sample, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { DecimalReader } from "./decimal.ts";
import { readValue, TextValueError } from "./text_values.ts";

/** Reads plain lines, each of which ends with a line feed or a carriage return and a line feed. */
export interface PlainLineReader {
  /** Where the line that was read last ends: behind its line feed, one behind the limit if it has none. */
  readonly end: number;
  /**
   * Reads a line.
   *
   * @param bytes The text
   * @param start Where the line begins
   * @param limit Where the text ends
   * @param isDatagram Whether it is from a datagram
   * @returns What the line says, or undefined if it is not plain
   */
  read(bytes: Uint8Array, start: number, limit: number, isDatagram: boolean): Sample | undefined;
}

export const lineFeed = 10;
const carriageReturn = 13;
const zero = 48;

/** Digits of an integer that is exact in 32 bits, and in a float. */
const digitsOfPart = 9;
const digitsOfFloat = 15;

const powers = Float64Array.from({ length: digitsOfPart + 1 }, (_, exponent) => 10 ** exponent);

/** Reads the parts of a line, one after the other. */
export class PlainCursor {
  /** How far the line has been read. */
  pos = 0;
  readonly #signals: readonly Signal[] | undefined;
  readonly #decimals = new DecimalReader();
  /** Whether a character ends a value, by its code. */
  readonly #ends = new Uint8Array(256);

  /**
   * @param separators The characters that stand between two values
   * @param signals What the values are, if that is known
   */
  constructor(separators: string, signals: readonly Signal[] | undefined) {
    this.#signals = signals;
    for (const character of `${separators}\n\r`) this.#ends[character.charCodeAt(0)] = 1;
  }

  /** Reads an integer of up to 15 digits; -1 if there is none here, or a longer one. */
  integer(bytes: Uint8Array, limit: number): number {
    const start = this.pos;
    let pos = start;
    let code = 0;
    let stop = Math.min(limit, start + digitsOfPart);
    let value = 0;
    while (pos < stop && (code = (bytes[pos] as number) - zero) >= 0 && code < 10) {
      value = Math.imul(value, 10) + code | 0;
      pos++;
    }
    if (pos === start) return -1;
    if (pos === stop) {
      const middle = pos;
      stop = Math.min(limit, start + digitsOfFloat + 1);
      let rest = 0;
      while (pos < stop && (code = (bytes[pos] as number) - zero) >= 0 && code < 10) {
        rest = Math.imul(rest, 10) + code | 0;
        pos++;
      }
      if (pos - start > digitsOfFloat) return -1;
      value = value * (powers[pos - middle] as number) + rest;
    }
    this.pos = pos;
    return value;
  }

  /** Reads a float that may be an integer, too; NaN if there is none here. */
  float(bytes: Uint8Array, limit: number): number {
    const value = this.#decimals.read(bytes, this.pos, limit);
    this.pos = this.#decimals.end;
    return value;
  }

  /** Whether the float that was read last has neither a point nor an exponent. */
  get isInteger(): boolean {
    return this.#decimals.isInteger;
  }

  /** Whether the line ends here. */
  isAtEnd(bytes: Uint8Array, limit: number): boolean {
    const { pos } = this;
    if (pos === limit) return true;
    const code = bytes[pos];
    return code === lineFeed || code === carriageReturn && (pos + 1 === limit || bytes[pos + 1] === lineFeed);
  }

  /** Where the next line begins, if this one ends here. */
  next(bytes: Uint8Array, limit: number): number {
    return this.pos < limit && bytes[this.pos] === carriageReturn ? this.pos + 2 : this.pos + 1;
  }

  /**
   * Reads the value of one signal, up to the next separator or the line's end.
   *
   * @param index Its place among the values
   * @throws {TextValueError} If it is none
   */
  value(bytes: Uint8Array, limit: number, index: number): Value {
    const start = this.pos;
    const type = this.#signals?.[index]?.type;
    if (type === undefined || type === "float" || type === "integer") {
      const value = this.#decimals.read(bytes, start, limit);
      const { end, isInteger } = this.#decimals;
      if (end > start && this.#isBoundary(bytes, end, limit)) {
        this.pos = end;
        if (type === "float" || type === undefined && !isInteger) {
          if (Number.isFinite(value)) return value;
        } else if (isInteger && Number.isSafeInteger(value)) {
          return BigInt(value);
        }
        this.pos = start;
      }
    }
    return readValue(this.#text(bytes, limit), this.#signals?.[index]);
  }

  #isBoundary(bytes: Uint8Array, pos: number, limit: number): boolean {
    return pos === limit || this.#ends[bytes[pos] as number] === 1;
  }

  /** The text up to the next separator or the line's end; one that is not plain is no value. */
  #text(bytes: Uint8Array, limit: number): string {
    let text = "";
    while (!this.#isBoundary(bytes, this.pos, limit)) {
      const code = bytes[this.pos++] as number;
      if (code <= 0x20 || code >= 0x7f || text.length > 64) throw new TextValueError("the value is not plain");
      text += String.fromCharCode(code);
    }
    return text;
  }
}
