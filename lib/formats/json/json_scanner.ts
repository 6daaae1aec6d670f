/**
 * Scans JSON line by line, so that a file of it needs no more memory than its largest value.
 *
 * `JSON.parse` cannot do that, and tells neither floats from integers nor where in the text a value stands. No token of
 * JSON spans a line's end: all there is to remember between lines are the arrays and objects that are open.
 *
 * @module
 */

import { columns, type Json, type JsonArray, type JsonObject, type Place, positionOf } from "./json_tree.ts";
import { maximumLine } from "../text/lines.ts";
import { DecodeError } from "../errors.ts";

/** The kinds of token that the scanner may expect next. */
const Next = { VALUE: 0, FIRST_VALUE: 1, NAME: 2, FIRST_NAME: 3, COLON: 4, SEPARATOR: 5 } as const;
type Next = typeof Next[keyof typeof Next];

/** Most values nested in each other: a sample has four levels, more than this is hostile. */
const maximumDepth = 64;

/** Most digits of an integer: with more it is above all floats. */
const maximumDigits = 310;

const word = /-?[A-Za-z]{1,10}/y;
// deno-lint-ignore no-control-regex -- these are the characters that JSON does not take as they are
const unusual = /[\\\u0000-\u001f]/;
const opening = /^[{}[\]]/;

const words = new Map<string, Json>([
  ["null", null],
  ["true", true],
  ["false", false],
  // These are not JSON, but Python writes them.
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/**
 * Scans JSON line by line, which may be several values, and arrays of them.
 */
export class JsonScanner {
  readonly #format: string;
  readonly #emit: (object: JsonObject, place: Place) => void;
  readonly #onDecodeError: (error: DecodeError) => void;
  #text = "";
  /** Index of the next character of the line. */
  #pos = 0;
  #lineStart: Place = 0;
  /** The values that are open, outermost first. */
  readonly #open: (JsonArray | JsonObject)[] = [];
  #next: Next = Next.VALUE;
  /** The name of the next member of an object. */
  #name = "";
  /** True if a list of the text's values is open. */
  #inList = false;
  #listPlace: Place = 0;
  /** The start of the outermost open value, the indentation of its line, and how much text it has taken so far. */
  #startPlace: Place = 0;
  #startIndent = 0;
  #startLength = 0;
  /**
   * Set after an error: brackets and commas around values are not checked then, as what they belonged to may be lost.
   */
  #lenient = false;
  /** True if lines are skipped until one looks like a start. */
  #recovering = false;
  /** The error found in the text, as opposed to one that `onDecodeError` throws to stop the scanning. */
  #failure: DecodeError | undefined;

  /**
   * Creates the scanner.
   *
   * @param format Name of the format, for errors
   * @param emit Called with each object of the text, which may stand in an array. It may throw {@linkcode DecodeError}
   * @param onDecodeError Called with such errors, and for what is not JSON: unless it throws, scanning continues with
   * the next line that looks like a start
   */
  constructor(
    format: string,
    emit: (object: JsonObject, place: Place) => void,
    onDecodeError: (error: DecodeError) => void,
  ) {
    this.#format = format;
    this.#emit = emit;
    this.#onDecodeError = onDecodeError;
  }

  /** True if the next line begins a value that does not depend on the lines before. */
  get isIdle(): boolean {
    return this.#open.length === 0 && !this.#inList && this.#next === Next.VALUE && !this.#recovering;
  }

  /**
   * Scans a line.
   *
   * @param line The line, without its end
   * @param number Its number, the first one being 1
   */
  line(line: string, number: number): void {
    this.#text = line;
    this.#pos = 0;
    this.#lineStart = number * columns;
    if (this.#recovering && !this.#looksLikeStart()) return;
    this.#recovering = false;
    if (this.#open.length > 0) this.#startLength += this.#text.length;
    try {
      this.#scanLine();
      if (this.#open.length > 0 && this.#startLength > maximumLine) {
        this.#fail(`the value is longer than ${maximumLine} characters`, 0);
      }
    } catch (error) {
      if (!(error instanceof DecodeError) || error !== this.#failure) throw error;
      const isContinued = this.#open.length > 0 && this.#startPlace < this.#lineStart;
      this.#open.length = 0;
      this.#next = Next.VALUE;
      this.#inList = false;
      this.#lenient = true;
      this.#recovering = isContinued;
      this.#onDecodeError(error);
      // Where a value was cut off, the line that it seemed to go on with may be the start of the next one.
      if (isContinued) this.line(line, number);
    }
  }

  /** Ends the text; an incomplete value is an error. */
  end(): void {
    if (this.#open.length === 0 && !this.#inList) return;
    const place = this.#open.length > 0 ? this.#startPlace : this.#listPlace;
    this.#open.length = 0;
    this.#inList = false;
    this.#onDecodeError(new DecodeError(this.#format, "the value is incomplete", positionOf(place)));
  }

  /** Throws the error for the character at an index of the line. */
  #fail(reason: string, at = this.#pos): never {
    throw this.#failure = new DecodeError(this.#format, reason, positionOf(this.#lineStart + at + 1));
  }

  /**
   * Tells whether the line is not indented more than the one where the broken value began, and may begin or end one.
   */
  #looksLikeStart(): boolean {
    const start = this.#text.search(/\S/);
    return start >= 0 && start <= this.#startIndent && opening.test(this.#text.charAt(start));
  }

  #scanLine(): void {
    while (true) {
      const code = this.#text.charCodeAt(this.#pos);
      if (code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a) this.#pos++;
      else if (this.#pos >= this.#text.length) return;
      else if (this.#open.length === 0) this.#scanOutside(code);
      else this.#scanInside(code);
    }
  }

  /** Scans between the values of the text, or between the items of a list of them. */
  #scanOutside(code: number): void {
    if (code === 0x5b && !this.#inList && this.#next === Next.VALUE) {
      this.#inList = true;
      this.#listPlace = this.#lineStart + this.#pos++ + 1;
      this.#next = Next.FIRST_VALUE;
    } else if (code === 0x5d && (this.#inList && this.#next !== Next.VALUE || this.#lenient)) {
      this.#pos++;
      this.#inList = false;
      this.#next = Next.VALUE;
    } else if (code === 0x2c && (this.#inList && this.#next === Next.SEPARATOR || this.#lenient)) {
      this.#pos++;
      this.#next = Next.VALUE;
    } else if (code === 0x7d && this.#lenient) {
      this.#pos++;
    } else if (this.#next === Next.SEPARATOR && !this.#lenient) {
      this.#fail(`expected "," or "]"`);
    } else if (code !== 0x7b) {
      this.#fail("expected an object");
    } else {
      this.#startPlace = this.#lineStart + this.#pos + 1;
      this.#startLength = this.#text.length - this.#pos;
      this.#startIndent = this.#text.length - this.#text.trimStart().length;
      this.#scanValue(code);
    }
  }

  #scanInside(code: number): void {
    const top = this.#open[this.#open.length - 1];
    if (this.#next === Next.SEPARATOR) {
      if (code === 0x2c) {
        this.#pos++;
        this.#next = top?.kind === "array" ? Next.VALUE : Next.NAME;
      } else if (!this.#close(code)) {
        this.#fail(`expected "," or "${top?.kind === "array" ? "]" : "}"}"`);
      }
    } else if (this.#next === Next.COLON) {
      if (code !== 0x3a) this.#fail(`expected ":"`);
      this.#pos++;
      this.#next = Next.VALUE;
    } else if (this.#next === Next.NAME || this.#next === Next.FIRST_NAME) {
      if (this.#next === Next.FIRST_NAME && this.#close(code)) return;
      if (code !== 0x22) this.#fail("expected a name in quotation marks");
      this.#name = this.#scanString();
      this.#next = Next.COLON;
    } else if (this.#next !== Next.FIRST_VALUE || !this.#close(code)) {
      this.#scanValue(code);
    }
  }

  #scanValue(code: number): void {
    const place = this.#lineStart + this.#pos + 1;
    if (code === 0x7b) return this.#openValue({ kind: "object", names: [], items: [], places: [] }, place);
    if (code === 0x5b) return this.#openValue({ kind: "array", items: [], places: [] }, place);
    if (code === 0x22) return this.#add(this.#scanString(), place);
    const digit = code === 0x2d ? this.#text.charCodeAt(this.#pos + 1) : code;
    this.#add(digit >= 0x30 && digit <= 0x39 ? this.#scanNumber() : this.#scanWord(), place);
  }

  #openValue(value: JsonArray | JsonObject, place: Place): void {
    if (this.#open.length >= maximumDepth) this.#fail(`more than ${maximumDepth} values are nested`);
    this.#attach(value, place);
    this.#pos++;
    this.#open.push(value);
    this.#next = value.kind === "array" ? Next.FIRST_VALUE : Next.FIRST_NAME;
  }

  /** Closes the innermost open value if the character does that; returns whether it does. */
  #close(code: number): boolean {
    const top = this.#open[this.#open.length - 1];
    if (top === undefined || code !== (top.kind === "array" ? 0x5d : 0x7d)) return false;
    this.#pos++;
    this.#open.length--;
    this.#next = Next.SEPARATOR;
    if (this.#open.length === 0 && top.kind === "object") this.#complete(top);
    return true;
  }

  /** Adds a value that has no parts. */
  #add(value: Json, place: Place): void {
    this.#attach(value, place);
    this.#next = Next.SEPARATOR;
  }

  #attach(value: Json, place: Place): void {
    const top = this.#open[this.#open.length - 1];
    if (top === undefined) return;
    if (top.kind === "object") top.names.push(this.#name);
    top.items.push(value);
    top.places.push(place);
  }

  #complete(object: JsonObject): void {
    if (!this.#inList) this.#next = Next.VALUE;
    try {
      this.#emit(object, this.#startPlace);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#onDecodeError(error);
    }
  }

  #scanNumber(): number | bigint {
    const start = this.#pos;
    if (this.#text.charCodeAt(this.#pos) === 0x2d) this.#pos++;
    if (this.#text.charCodeAt(this.#pos) === 0x30) this.#pos++;
    else this.#skipDigits();
    const digitsEnd = this.#pos;
    if (this.#text.charCodeAt(this.#pos) === 0x2e) {
      this.#pos++;
      this.#skipDigits();
    }
    if ((this.#text.charCodeAt(this.#pos) | 0x20) === 0x65) {
      this.#pos++;
      const sign = this.#text.charCodeAt(this.#pos);
      if (sign === 0x2b || sign === 0x2d) this.#pos++;
      this.#skipDigits();
    }
    const source = this.#text.slice(start, this.#pos);
    const value = Number(source);
    if (!Number.isFinite(value) || this.#pos - start > maximumDigits && this.#pos === digitsEnd) {
      this.#fail("the number is out of range for a float", start);
    }
    // -0 is not an integer.
    if (this.#pos > digitsEnd || Object.is(value, -0)) return value;
    return Number.isSafeInteger(value) ? BigInt(value) : BigInt(source);
  }

  #skipDigits(): void {
    const start = this.#pos;
    for (
      let code = this.#text.charCodeAt(this.#pos);
      code >= 0x30 && code <= 0x39;
      code = this.#text.charCodeAt(this.#pos)
    ) this.#pos++;
    if (this.#pos === start) this.#fail("expected a digit");
  }

  #scanWord(): Json {
    word.lastIndex = this.#pos;
    const [found = ""] = word.exec(this.#text) ?? [];
    const value = words.get(found);
    if (value === undefined) this.#fail("expected a value");
    this.#pos += found.length;
    return value;
  }

  #scanString(): string {
    const start = this.#pos + 1;
    let end = this.#text.indexOf('"', start);
    if (end < 0) this.#fail("the string has no closing quotation mark");
    const plain = this.#text.slice(start, end);
    if (!unusual.test(plain)) {
      this.#pos = end + 1;
      return plain;
    }
    // A quotation mark after an odd number of backslashes is part of the text.
    while (end >= 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) this.#fail("the string has no closing quotation mark");
    try {
      const value = JSON.parse(this.#text.slice(this.#pos, end + 1));
      this.#pos = end + 1;
      return value;
    } catch {
      return this.#fail("the string has a wrong escape or a control character");
    }
  }

  #isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.#text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    return backslashes % 2 === 1;
  }
}
