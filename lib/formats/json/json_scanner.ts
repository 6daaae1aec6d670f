/**
 * Reads JSON line by line, so that a file of it needs no more memory than its largest value.
 *
 * `JSON.parse` cannot do that, and neither tells a float from an integer nor where in the text a value stands. No token of
 * JSON goes on over a line's end: between lines, all there is to remember is in which arrays and objects they are.
 *
 * @module
 */

import { columns, type Json, type JsonArray, type JsonObject, type Place, positionOf } from "./json_tree.ts";
import { maximumLine } from "../text/lines.ts";
import { DecodeError } from "../errors.ts";

/** What the scanner may find next. */
const Next = { VALUE: 0, FIRST_VALUE: 1, NAME: 2, FIRST_NAME: 3, COLON: 4, SEPARATOR: 5 } as const;
type Next = typeof Next[keyof typeof Next];

/** A sample nests four levels; deeper values than this are hostile. */
const maximumDepth = 64;

/** An integer with more digits is above all floats. */
const maximumDigits = 310;

const word = /-?[A-Za-z]{1,10}/y;
// deno-lint-ignore no-control-regex
const unusual = /[\\\u0000-\u001f]/;
const opening = /^[{}[\]]/;

const words = new Map<string, Json>([
  ["null", null],
  ["true", true],
  ["false", false],
  // No JSON, but Python writes them.
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** Takes the text line by line, and its end. */
export interface JsonScanner {
  /** Whether the next line begins a value that stands for itself. */
  readonly isIdle: boolean;
  line(text: string, number: number): void;
  end(): void;
}

/**
 * Makes a scanner.
 *
 * @param format Name of the format, for errors
 * @param emit Given each object of the text, which may stand in an array. It may throw a {@linkcode DecodeError}
 * @param onDecodeError Told of such errors, and of what is no JSON: unless it throws, reading then goes on with the next line that
 * looks like a start
 */
export function createJsonScanner(
  format: string,
  emit: (object: JsonObject, place: Place) => void,
  onDecodeError: (error: DecodeError) => void,
): JsonScanner {
  // The line, and how far it has been read.
  let text = "";
  let pos = 0;
  let lineStart: Place = 0;
  // The values that are open, outermost first, where the outermost began, and how much text it has taken so far.
  const open: (JsonArray | JsonObject)[] = [];
  let next: Next = Next.VALUE;
  let inList = false;
  let listPlace: Place = 0;
  let startPlace: Place = 0;
  let startIndent = 0;
  let startLength = 0;
  let name = "";
  // Behind an error the brackets and commas around values are not judged: what they belonged to may be lost.
  let lenient = false;
  let recovering = false;
  // What the text itself has been refused with, as opposed to what `onDecodeError` throws to end the reading.
  let failure: DecodeError | undefined;

  function fail(why: string, at = pos): never {
    throw failure = new DecodeError(format, why, positionOf(lineStart + at + 1));
  }

  function takeLine(line: string, number: number): void {
    text = line;
    pos = 0;
    lineStart = number * columns;
    if (recovering && !looksLikeStart()) return;
    recovering = false;
    if (open.length > 0) startLength += text.length;
    try {
      scanLine();
      if (open.length > 0 && startLength > maximumLine) fail(`the value is longer than ${maximumLine} characters`, 0);
    } catch (error) {
      if (!(error instanceof DecodeError) || error !== failure) throw error;
      const isContinued = open.length > 0 && startPlace < lineStart;
      open.length = 0;
      next = Next.VALUE;
      inList = false;
      lenient = true;
      recovering = isContinued;
      onDecodeError(error);
      // Where a value was cut off, the line that it seemed to go on with may be the start of the next one.
      if (isContinued) takeLine(line, number);
    }
  }

  /** Whether the line stands as far to the left as the one where the broken value began, and may begin or end one. */
  function looksLikeStart(): boolean {
    const start = text.search(/\S/);
    return start >= 0 && start <= startIndent && opening.test(text.charAt(start));
  }

  function scanLine(): void {
    while (true) {
      const code = text.charCodeAt(pos);
      if (code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a) pos++;
      else if (pos >= text.length) return;
      else if (open.length === 0) scanOutside(code);
      else scanInside(code);
    }
  }

  /** Between the values of the text: nothing, or the items of a list of them. */
  function scanOutside(code: number): void {
    if (code === 0x5b && !inList && next === Next.VALUE) {
      inList = true;
      listPlace = lineStart + pos++ + 1;
      next = Next.FIRST_VALUE;
    } else if (code === 0x5d && (inList && next !== Next.VALUE || lenient)) {
      pos++;
      inList = false;
      next = Next.VALUE;
    } else if (code === 0x2c && (inList && next === Next.SEPARATOR || lenient)) {
      pos++;
      next = Next.VALUE;
    } else if (code === 0x7d && lenient) {
      pos++;
    } else if (next === Next.SEPARATOR && !lenient) {
      fail(`expected "," or "]"`);
    } else if (code !== 0x7b) {
      fail("expected an object");
    } else {
      startPlace = lineStart + pos + 1;
      startLength = text.length - pos;
      startIndent = text.length - text.trimStart().length;
      scanValue(code);
    }
  }

  function scanInside(code: number): void {
    const top = open[open.length - 1];
    if (next === Next.SEPARATOR) {
      if (code === 0x2c) {
        pos++;
        next = top?.kind === "array" ? Next.VALUE : Next.NAME;
      } else if (!close(code)) {
        fail(`expected "," or "${top?.kind === "array" ? "]" : "}"}"`);
      }
    } else if (next === Next.COLON) {
      if (code !== 0x3a) fail(`expected ":"`);
      pos++;
      next = Next.VALUE;
    } else if (next === Next.NAME || next === Next.FIRST_NAME) {
      if (next === Next.FIRST_NAME && close(code)) return;
      if (code !== 0x22) fail("expected a name in quotation marks");
      name = scanString();
      next = Next.COLON;
    } else if (next !== Next.FIRST_VALUE || !close(code)) {
      scanValue(code);
    }
  }

  function scanValue(code: number): void {
    const place = lineStart + pos + 1;
    if (code === 0x7b) return openValue({ kind: "object", names: [], items: [], places: [] }, place);
    if (code === 0x5b) return openValue({ kind: "array", items: [], places: [] }, place);
    if (code === 0x22) return add(scanString(), place);
    const digit = code === 0x2d ? text.charCodeAt(pos + 1) : code;
    add(digit >= 0x30 && digit <= 0x39 ? scanNumber() : scanWord(), place);
  }

  function openValue(value: JsonArray | JsonObject, place: Place): void {
    if (open.length >= maximumDepth) fail(`more than ${maximumDepth} values are nested`);
    attach(value, place);
    pos++;
    open.push(value);
    next = value.kind === "array" ? Next.FIRST_VALUE : Next.FIRST_NAME;
  }

  /** Closes the innermost open value, if the character does. */
  function close(code: number): boolean {
    const top = open[open.length - 1];
    if (top === undefined || code !== (top.kind === "array" ? 0x5d : 0x7d)) return false;
    pos++;
    open.length--;
    next = Next.SEPARATOR;
    if (open.length === 0 && top.kind === "object") complete(top);
    return true;
  }

  /** Puts a value that has no parts where it belongs. */
  function add(value: Json, place: Place): void {
    attach(value, place);
    next = Next.SEPARATOR;
  }

  function attach(value: Json, place: Place): void {
    const top = open[open.length - 1];
    if (top === undefined) return;
    if (top.kind === "object") top.names.push(name);
    top.items.push(value);
    top.places.push(place);
  }

  function complete(object: JsonObject): void {
    if (!inList) next = Next.VALUE;
    try {
      emit(object, startPlace);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      onDecodeError(error);
    }
  }

  function scanNumber(): number | bigint {
    const start = pos;
    if (text.charCodeAt(pos) === 0x2d) pos++;
    if (text.charCodeAt(pos) === 0x30) pos++;
    else skipDigits();
    const digitsEnd = pos;
    if (text.charCodeAt(pos) === 0x2e) {
      pos++;
      skipDigits();
    }
    if ((text.charCodeAt(pos) | 0x20) === 0x65) {
      pos++;
      const sign = text.charCodeAt(pos);
      if (sign === 0x2b || sign === 0x2d) pos++;
      skipDigits();
    }
    const source = text.slice(start, pos);
    const value = Number(source);
    if (!Number.isFinite(value) || pos - start > maximumDigits && pos === digitsEnd) {
      fail("the number is out of the range of a float", start);
    }
    // -0 is no integer.
    if (pos > digitsEnd || Object.is(value, -0)) return value;
    return Number.isSafeInteger(value) ? BigInt(value) : BigInt(source);
  }

  function skipDigits(): void {
    const start = pos;
    for (let code = text.charCodeAt(pos); code >= 0x30 && code <= 0x39; code = text.charCodeAt(pos)) pos++;
    if (pos === start) fail("expected a digit");
  }

  function scanWord(): Json {
    word.lastIndex = pos;
    const [found = ""] = word.exec(text) ?? [];
    const value = words.get(found);
    if (value === undefined) fail("expected a value");
    pos += found.length;
    return value;
  }

  function scanString(): string {
    const start = pos + 1;
    let end = text.indexOf('"', start);
    if (end < 0) fail("the text has no closing quotation mark");
    const plain = text.slice(start, end);
    if (!unusual.test(plain)) {
      pos = end + 1;
      return plain;
    }
    // A quotation mark that an odd number of backslashes stands in front of is part of the text.
    while (end >= 0 && isEscaped(end)) end = text.indexOf('"', end + 1);
    if (end < 0) fail("the text has no closing quotation mark");
    try {
      const value = JSON.parse(text.slice(pos, end + 1));
      pos = end + 1;
      return value;
    } catch {
      return fail("the text in quotation marks has a wrong escape or a control character");
    }
  }

  function isEscaped(at: number): boolean {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    return backslashes % 2 === 1;
  }

  return {
    get isIdle() {
      return open.length === 0 && !inList && next === Next.VALUE && !recovering;
    },
    line: takeLine,
    end() {
      if (open.length === 0 && !inList) return;
      const place = open.length > 0 ? startPlace : listPlace;
      open.length = 0;
      inList = false;
      onDecodeError(new DecodeError(format, "the value is not complete", positionOf(place)));
    },
  };
}
