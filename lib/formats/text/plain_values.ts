/**
 * Fast path: the parts of plain lines, read directly from the bytes, without strings.
 *
 * A line is plain if it is ASCII and looks like a line of VILLASnode. A reader of plain lines gives up on any other
 * line, which is then read as text: that path knows all that is tolerated, and reports errors with their place.
 *
 * @module
 */

import type { Sample, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { DecimalReader } from "./decimal.ts";
import { readValue, TextValueError } from "./text_values.ts";

/** A reader of plain lines, which end with a line feed, or a carriage return and a line feed. */
export interface PlainLineReader {
  /** Index after the line feed of the last line; one after the limit if it had none. */
  readonly end: number;
  /**
   * Reads a line.
   *
   * @param bytes The text
   * @param start Index of its first byte
   * @param limit Index after the text
   * @param isDatagram True for a line of a datagram, false for one of a file
   * @returns The sample, or undefined if the line is not plain
   * @throws {TextValueError} If the line is not plain, too
   */
  read(bytes: Uint8Array, start: number, limit: number, isDatagram: boolean): Sample | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;
const zero = 48;

/** Digits of an integer that is exact in 32 bits, and in a float. */
const digitsOfPart = 9;
const digitsOfFloat = 15;

const powers = Float64Array.from({ length: digitsOfPart + 1 }, (_, exponent) => 10 ** exponent);

const Boundary = { NONE: 0, SEPARATOR: 1, LINE_END: 2 } as const;

/** A cursor on a line, whose parts are read one after the other. */
export class PlainCursor {
  /** Index of the next byte to read. */
  pos = 0;
  readonly #signals: readonly Signal[] | undefined;
  readonly #decimals = new DecimalReader();
  /** The boundary between values that a character is, by its code. */
  readonly #boundaries = new Uint8Array(256);

  /**
   * Creates the cursor.
   *
   * @param separators The characters between values
   * @param signals The signals, if they are known
   */
  constructor(separators: string, signals: readonly Signal[] | undefined) {
    this.#signals = signals;
    for (const character of separators) this.#boundaries[character.charCodeAt(0)] = Boundary.SEPARATOR;
    this.#boundaries[lineFeed] = this.#boundaries[carriageReturn] = Boundary.LINE_END;
  }

  /** Reads an integer of up to 15 digits; returns -1 if there is none here, or a longer one. */
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

  /** Reads a float, which may look like an integer; returns NaN if there is none here. */
  float(bytes: Uint8Array, limit: number): number {
    const value = this.#decimals.read(bytes, this.pos, limit);
    this.pos = this.#decimals.end;
    return value;
  }

  /** True if the last float has neither a point nor an exponent. */
  get isInteger(): boolean {
    return this.#decimals.isInteger;
  }

  /** Tells whether the line ends here. */
  isAtEnd(bytes: Uint8Array, limit: number): boolean {
    const { pos } = this;
    if (pos === limit) return true;
    const code = bytes[pos];
    return code === lineFeed || code === carriageReturn && (pos + 1 === limit || bytes[pos + 1] === lineFeed);
  }

  /** Returns the index of the next line, if this one ends here. */
  next(bytes: Uint8Array, limit: number): number {
    return this.pos < limit && bytes[this.pos] === carriageReturn ? this.pos + 2 : this.pos + 1;
  }

  /**
   * Reads values, each of them after one separator and up to the next one or the line's end.
   *
   * @param bytes The text
   * @param limit Index after the text
   * @param values The list that they are added to
   * @throws {TextValueError} If one of them is not a value
   */
  values(bytes: Uint8Array, limit: number, values: Value[]): void {
    while (this.pos < limit && this.#boundaries[bytes[this.pos] as number] === Boundary.SEPARATOR) {
      this.pos++;
      values.push(this.#value(bytes, limit, values.length));
    }
  }

  #value(bytes: Uint8Array, limit: number, index: number): Value {
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
    return pos === limit || this.#boundaries[bytes[pos] as number] !== Boundary.NONE;
  }

  /** Reads the text up to the next separator or the line's end; throws if it is not plain. */
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
