/**
 * Reads lines of InfluxDB's line protocol, also those of VILLASnode's `influxdb` node, which bend its rules: it writes a
 * blank behind the comma between the two parts of a complex value, integers without an `i`, and `nan` and `inf`.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import { DecodeError } from "../errors.ts";
import { columns, type Json, type JsonObject } from "../json/json_tree.ts";
import { excerpt, readFloat, TextValueError } from "../text/text_values.ts";
import { unescapeName } from "./names.ts";

const name = "influx";

/** A line without its comments. */
export interface InfluxLine {
  /** The measurement and the tags, as the line has them. */
  readonly series: string;
  /** The fields that are numbers, true or false, with their places; the two parts of a complex value are one. */
  readonly fields: JsonObject;
  /** Names of the fields that are text, which no signal can be. */
  readonly texts: readonly string[];
  /** The timestamp, if the line has one. */
  readonly time?: Timestamp;
}

const nul = 0;
const tab = 9;
const space = 32;
const quote = 34;
const comma = 44;
const equals = 61;
const backslash = 92;

const trueTexts: readonly string[] = ["t", "T", "true", "True", "TRUE"];
const falseTexts: readonly string[] = ["f", "F", "false", "False", "FALSE"];
const integer = /^-?[0-9]{1,20}[iu]$/;
const digits = /^-?[0-9]{1,20}$/;

/** The most digits of seconds in a timestamp: as many as a safe integer has, and those of nanoseconds. */
const longestTime = 25;

/**
 * Reads a line.
 *
 * @param text The line without its end
 * @param number Its number, for errors
 * @param isTyped True if digits alone are an integer until the type of the signal is known; the line protocol takes them
 * for a float, VILLASnode writes integers so
 * @param ownNames Names of signals, which are never parts of a complex value
 * @returns What it says; undefined if it is empty or a comment
 * @throws {DecodeError} If it is not a line of the protocol
 */
export function readLine(
  text: string,
  number: number,
  isTyped: boolean,
  ownNames?: ReadonlySet<string>,
): InfluxLine | undefined {
  const cursor = new Cursor(text, number);
  cursor.skipBlanks();
  if (cursor.isAtEnd || text[cursor.pos] === "#") return undefined;
  const series = cursor.readSeries();
  const fields: JsonObject = { kind: "object", names: [], items: [], places: [] };
  const texts: string[] = [];
  for (;;) {
    const place = number * columns + cursor.pos + 1;
    const key = unescapeName(cursor.readKey());
    const item = cursor.readItem(isTyped);
    if (item === undefined) {
      texts.push(key);
    } else {
      fields.names.push(key);
      fields.items.push(item);
      fields.places.push(place);
    }
    if (text.charCodeAt(cursor.pos) !== comma) break;
    cursor.pos++;
    cursor.skipBlanks();
  }
  const time = cursor.readTime();
  return { series, fields: joinComplex(fields, ownNames), texts, ...time && { time } };
}

/** A place in a line. */
class Cursor {
  pos = 0;
  readonly #text: string;
  readonly #number: number;

  constructor(text: string, number: number) {
    this.#text = text;
    this.#number = number;
  }

  get isAtEnd(): boolean {
    return this.pos >= this.#text.length;
  }

  /** Skips blanks, and the NUL that VILLASnode ends its datagrams with: in a file the next line begins with it. */
  skipBlanks(): void {
    while (!this.isAtEnd) {
      const code = this.#text.charCodeAt(this.pos);
      if (code !== space && code !== tab && code !== nul) return;
      this.pos++;
    }
  }

  /** Skips a name up to one of two characters, or the end; those behind a backslash do not count. */
  skipName(one: number, other: number): void {
    for (; this.pos < this.#text.length; this.pos++) {
      const code = this.#text.charCodeAt(this.pos);
      if (code === one || code === other) return;
      if (code === backslash) this.pos++;
    }
    this.pos = this.#text.length;
  }

  /** Reads the measurement and the tags, and the blanks behind them. VILLASnode does not escape blanks in them. */
  readSeries(): string {
    const start = this.pos;
    let end = start;
    for (let pos = start; !this.isAtEnd; pos = this.pos) {
      this.skipName(space, pos === start ? space : equals);
      if (pos > start && this.#text.charCodeAt(this.pos) === equals) {
        this.pos = pos;
        break;
      }
      end = this.pos;
      this.skipBlanks();
    }
    return this.#text.slice(start, end);
  }

  /** Reads the name of a field, and the `=` behind it. */
  readKey(): string {
    const start = this.pos;
    this.skipName(equals, equals);
    if (this.isAtEnd || this.#text.charCodeAt(this.pos) !== equals) {
      throw this.#fail('expected the name of a field and "="', start);
    }
    if (this.pos === start) throw this.#fail("expected the name of a field", start);
    return this.#text.slice(start, this.pos++);
  }

  /** Reads the value of a field; undefined if it is text. */
  readItem(isTyped: boolean): Json | undefined {
    const start = this.pos;
    if (this.#text.charCodeAt(start) === quote) {
      this.pos++;
      this.skipName(quote, quote);
      if (this.isAtEnd) throw this.#fail("the text of a field does not end", start);
      this.pos++;
      this.#expectEndOfItem(start);
      return undefined;
    }
    while (!this.isAtEnd && !this.#isEndOfItem()) this.pos++;
    const item = this.#text.slice(start, this.pos);
    if (digits.test(item)) return isTyped ? BigInt(item) : Number(item);
    if (integer.test(item)) return BigInt(item.slice(0, -1));
    if (trueTexts.includes(item)) return true;
    if (falseTexts.includes(item)) return false;
    try {
      return readFloat(item);
    } catch (error) {
      if (!(error instanceof TextValueError)) throw error;
      const reason = error.message.startsWith("expected")
        ? `expected a number, true, false or a text in quotes, got ${excerpt(item)}`
        : error.message;
      throw this.#fail(reason, start);
    }
  }

  /** Reads the timestamp up to the end of the line, if there is one. */
  readTime(): Timestamp | undefined {
    this.skipBlanks();
    const start = this.pos;
    if (this.isAtEnd) return undefined;
    while (!this.isAtEnd && !this.#isEndOfItem()) this.pos++;
    const text = this.#text.slice(start, this.pos);
    this.skipBlanks();
    if (!this.isAtEnd) throw this.#fail("expected the end of the line behind the timestamp", this.pos);
    if (text.startsWith("-")) throw this.#fail(`the timestamp ${excerpt(text)} is before 1970`, start);
    if (!/^[0-9]+$/.test(text) || text.length > longestTime) {
      throw this.#fail(`expected nanoseconds since 1970, got ${excerpt(text)}`, start);
    }
    const sec = Number(text.slice(0, -9));
    if (!Number.isSafeInteger(sec)) throw this.#fail(`the timestamp ${excerpt(text)} is out of range`, start);
    return { sec, nsec: Number(text.slice(-9)) };
  }

  #isEndOfItem(): boolean {
    const code = this.#text.charCodeAt(this.pos);
    return code === comma || code === space || code === tab || code === nul;
  }

  #expectEndOfItem(start: number): void {
    if (!this.isAtEnd && !this.#isEndOfItem()) {
      throw this.#fail("expected a comma or a space behind the text of a field", start);
    }
  }

  #fail(reason: string, pos: number): DecodeError {
    return new DecodeError(name, reason, { line: this.#number, column: pos + 1 });
  }
}

/** Makes one field of the two parts of a complex value, `NAME_re` and `NAME_im`, wherever they stand. */
function joinComplex(fields: JsonObject, ownNames: ReadonlySet<string> = new Set()): JsonObject {
  const { names } = fields;
  if (!names.some((name) => name.endsWith("_im") && !ownNames.has(name))) return fields;
  const places = new Map(names.map((name, index) => [name, index]));
  const joined: JsonObject = { kind: "object", names: [], items: [], places: [] };
  for (const [index, field] of names.entries()) {
    const [, base, part] = /^(.*)_(re|im)$/s.exec(field) ?? [];
    const real = places.get(`${base}_re`);
    const imag = places.get(`${base}_im`);
    const isPair = base !== undefined && !ownNames.has(field) && real !== undefined && imag !== undefined &&
      isNumber(fields.items[real]) && isNumber(fields.items[imag]);
    if (!isPair) {
      joined.names.push(field);
      joined.items.push(fields.items[index] ?? null);
      joined.places.push(fields.places[index] ?? 0);
    } else if (part === "re") {
      const parts = [real, imag];
      joined.names.push(base);
      joined.items.push({
        kind: "object",
        names: ["real", "imag"],
        items: parts.map((part) => fields.items[part] ?? null),
        places: parts.map((part) => fields.places[part] ?? 0),
      });
      joined.places.push(fields.places[index] ?? 0);
    }
  }
  return joined;
}

/** Returns whether an item may be a part of a complex value, which floats are, and digits alone. */
function isNumber(item: Json | undefined): boolean {
  return typeof item === "number" || typeof item === "bigint";
}
