/**
 * Text as bytes, in memory that is used again: what the line formats write into.
 *
 * @module
 */

import type { Value } from "../../samples/sample.ts";
import { maximumNanosecond } from "../check.ts";
import { longestFixed, writeDigits, writeFixed, writeInteger } from "./fixed_digits.ts";
import { writeText } from "./float_digits.ts";
import { writeValue } from "./text_values.ts";

/** Length of the longest text of a number. */
const longestNumber = 32;

const encoder = new TextEncoder();

/** A text in UTF-8 that grows. */
export class TextBuffer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** The text, valid until the next call of any other member. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Removes the text; the memory stays. */
  clear(): void {
    this.#length = 0;
  }

  /**
   * Appends an ASCII character.
   *
   * @param code Its code
   */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /**
   * Appends ASCII.
   *
   * @param text The text
   */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length = writeText(text, this.#bytes, this.#length);
  }

  /**
   * Appends text of any characters.
   *
   * @param text The text
   */
  text(text: string): void {
    // A character has at most three bytes.
    this.#reserve(3 * text.length);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /**
   * Appends an integer.
   *
   * @param number The integer; any other number is written as JavaScript does
   */
  integer(number: number | bigint): void {
    const value = Number(number);
    // A file may get integers of any size.
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) return this.ascii(String(number));
    this.#reserve(longestNumber);
    this.#length = writeInteger(number, this.#bytes, this.#length);
  }

  /**
   * Appends nanoseconds with all nine digits.
   *
   * @param nsec 0 to 999 999 999; any other number is written as JavaScript does
   */
  nanoseconds(nsec: number): void {
    if (nsec < 0 || nsec > maximumNanosecond || (nsec | 0) !== nsec) return this.ascii(String(nsec).padStart(9, "0"));
    this.#reserve(9);
    writeDigits(nsec | 0, 9, this.#bytes, this.#length);
    this.#length += 9;
  }

  /**
   * Appends values as `writeValue` writes them, each after a separator.
   *
   * @param values The values
   * @param precision Decimals of a float
   * @param separator Code of the ASCII character before each value
   */
  values(values: readonly Value[], precision: number, separator: number): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      if (typeof value === "number") {
        this.#reserve(1 + longestFixed);
        this.#bytes[this.#length++] = separator;
        this.#length = writeFixed(value, precision, this.#bytes, this.#length);
      } else {
        const text = writeValue(value, precision);
        this.#reserve(1 + text.length);
        this.#bytes[this.#length++] = separator;
        this.#length = writeText(text, this.#bytes, this.#length);
      }
    }
  }

  /** Makes room; the memory at least doubles where it must grow. */
  #reserve(count: number): void {
    const length = this.#length + count;
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
