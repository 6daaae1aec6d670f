/**
 * Fast path: samples of `json`, read directly from the bytes, if they look like those of VILLASnode, its Python package
 * or this client.
 *
 * The reader gives up on any other text, which is then left to the scanner: that one knows all that is tolerated, and
 * reports errors with their place.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { append } from "../../system/lists.ts";
import { maximumNanosecond } from "../check.ts";
import { DecimalReader, isDigit } from "../text/decimal.ts";

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const comma = 44;
const minus = 45;
const zero = 48;
const colon = 58;
const openingList = 91;
const closingList = 93;
const opening = 123;
const closing = 125;

const encoder = new TextEncoder();

const names = {
  times: encoder.encode('"ts"'),
  origin: encoder.encode('"origin"'),
  received: encoder.encode('"received"'),
  sequence: encoder.encode('"sequence"'),
  data: encoder.encode('"data"'),
};

const yes = encoder.encode("true");
const no = encoder.encode("false");

/**
 * A reader of plain samples: objects of numbers, `true` and `false` on one line, with spaces between tokens or none.
 */
export class PlainJsonReader {
  /** Index of the next byte to read. */
  #pos = 0;
  #bytes: Uint8Array = new Uint8Array();
  #limit = 0;
  readonly #signals: readonly Signal[] | undefined;
  readonly #decimals = new DecimalReader();

  /**
   * Creates the reader.
   *
   * @param signals The signals, if they are known
   */
  constructor(signals: readonly Signal[] | undefined) {
    this.#signals = signals;
  }

  /**
   * Reads an object that is a line of a file.
   *
   * @param bytes The text
   * @param start Index of the first byte of the line
   * @param samples The list that the sample is added to
   * @returns Index of the next line, one after the bytes if this line has no end; -1 if it is not plain
   */
  readLine(bytes: Uint8Array, start: number, samples: Sample[]): number {
    this.#begin(bytes, start);
    const sample = this.#sample();
    if (sample === undefined || !this.#skipLineEnd()) return -1;
    samples.push(sample);
    return this.#pos;
  }

  /** Reads a datagram, which is a list of objects; returns undefined if it is not plain. */
  readDatagram(bytes: Uint8Array): Sample[] | undefined {
    this.#begin(bytes, 0);
    if (!this.#skip(openingList)) return undefined;
    let samples: Sample[] | undefined;
    do {
      const sample = this.#sample();
      if (sample === undefined) return undefined;
      samples = append(samples, sample);
    } while (this.#skip(comma));
    return this.#skip(closingList) && this.#skipLineEnd() && this.#pos >= this.#limit ? samples : undefined;
  }

  #begin(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#pos = start;
    this.#limit = bytes.length;
  }

  /** Reads an object with at least one of the members of a sample and no others. */
  #sample(): Sample | undefined {
    if (!this.#skip(opening)) return undefined;
    const sample: Sample = { values: [] };
    do {
      const isPlain = this.#skipName(names.times)
        ? this.#times(sample)
        : this.#skipName(names.sequence)
        ? this.#sequence(sample)
        : this.#skipName(names.data) && this.#values(sample);
      if (!isPlain) return undefined;
    } while (this.#skip(comma));
    return this.#skip(closing) ? sample : undefined;
  }

  #times(sample: Sample): boolean {
    if (!this.#skip(opening)) return false;
    do {
      if (this.#skipName(names.origin)) {
        const time = this.#timestamp();
        if (time === undefined) return false;
        sample.tsOrigin = time;
      } else if (this.#skipName(names.received)) {
        const time = this.#timestamp();
        if (time === undefined) return false;
        sample.tsReceived = time;
      } else {
        return false;
      }
    } while (this.#skip(comma));
    return this.#skip(closing);
  }

  #timestamp(): Timestamp | undefined {
    if (!this.#skip(openingList)) return undefined;
    const sec = this.#integer();
    if (sec < 0 || !this.#skip(comma)) return undefined;
    const nsec = this.#integer();
    if (nsec < 0 || nsec > maximumNanosecond || !this.#skip(closingList)) return undefined;
    return { sec, nsec };
  }

  #sequence(sample: Sample): boolean {
    const sequence = this.#integer();
    if (sequence < 0) return false;
    sample.sequence = BigInt(sequence);
    return true;
  }

  #values(sample: Sample): boolean {
    if (!this.#skip(openingList)) return false;
    const values: Value[] = sample.values = [];
    if (this.#skip(closingList)) return true;
    do {
      const value = this.#value(values.length);
      if (value === null) return false;
      values.push(value);
    } while (this.#skip(comma));
    return this.#skip(closingList);
  }

  /** Reads a value; returns null if it is not plain. */
  #value(index: number): Value {
    this.#skipSpaces();
    if (!this.#beginsNumber()) return this.#skipWord(yes) ? true : this.#skipWord(no) ? false : null;
    const value = this.#decimals.read(this.#bytes, this.#pos, this.#limit);
    this.#pos = this.#decimals.end;
    if (!this.#decimals.isInteger) return Number.isFinite(value) && this.#decimals.decimals > 0 ? value : null;
    if (!Number.isSafeInteger(value)) return null;
    // -0 is no integer.
    if (this.#signals?.[index]?.type === "float" || Object.is(value, -0)) return value;
    return BigInt(value);
  }

  /** Reads an integer that is not negative; returns -1 if it is not plain. */
  #integer(): number {
    this.#skipSpaces();
    if (this.#pos === this.#limit || this.#bytes[this.#pos] === minus || !this.#beginsNumber()) return -1;
    const value = this.#decimals.read(this.#bytes, this.#pos, this.#limit);
    this.#pos = this.#decimals.end;
    return this.#decimals.isInteger && Number.isSafeInteger(value) ? value : -1;
  }

  /** Tells whether a number of JSON begins here: with an optional minus, and without a leading zero. */
  #beginsNumber(): boolean {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let pos = this.#pos;
    if (pos < limit && bytes[pos] === minus) pos++;
    if (pos >= limit) return false;
    const code = bytes[pos] as number;
    if (code === zero) return pos + 1 === limit || !isDigit(bytes[pos + 1] as number);
    return isDigit(code);
  }

  /** Skips the name of a member and the colon after it. */
  #skipName(name: Uint8Array): boolean {
    this.#skipSpaces();
    return this.#skipWord(name) && this.#skip(colon);
  }

  #skipWord(word: Uint8Array): boolean {
    const bytes = this.#bytes;
    const pos = this.#pos;
    if (pos + word.length > this.#limit) return false;
    for (let i = 0; i < word.length; i++) {
      if (bytes[pos + i] !== word[i]) return false;
    }
    this.#pos = pos + word.length;
    return true;
  }

  /** Skips spaces, and the next character if it is this one. */
  #skip(code: number): boolean {
    this.#skipSpaces();
    if (this.#pos === this.#limit || this.#bytes[this.#pos] !== code) return false;
    this.#pos++;
    return true;
  }

  #skipSpaces(): void {
    while (this.#pos < this.#limit && this.#bytes[this.#pos] === space) this.#pos++;
  }

  /** Skips a line's end, or the end of the text, which counts as one. */
  #skipLineEnd(): boolean {
    this.#skip(carriageReturn);
    if (this.#pos === this.#limit) {
      this.#pos++;
      return true;
    }
    return this.#skip(lineFeed);
  }
}
