/**
 * Reads numbers in text as the C library does for VILLASnode (`SignalData::parseString` of `lib/signal_data.cpp`).
 *
 * VILLASnode takes any one character behind a number for a separator, and ends the list of values where it finds no
 * number. Here both are reasons why a datagram does not fit.
 *
 * @module
 */

import { type NodeSignal, type NodeValue, type Reading, Unreadable } from "./_reading.ts";

/** Where text is being read. */
export class TextCursor {
  /** All of the datagram, one character per byte. */
  readonly text: string;
  /** Index of the next character. */
  position = 0;

  constructor(datagram: Uint8Array) {
    let text = "";
    // As arguments, all of a large datagram would be too many.
    for (let start = 0; start < datagram.length; start += 8192) {
      text += String.fromCharCode(...datagram.subarray(start, start + 8192));
    }
    this.text = text;
  }

  /** Next character; `""` at the end. */
  get next(): string {
    return this.text.charAt(this.position);
  }

  /** Takes what a sticky pattern matches here; undefined where it does not. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.position = pattern.lastIndex;
    return match[0];
  }

  /** Takes a character if it is the next one. */
  takes(character: string): boolean {
    if (character === "" || this.next !== character) return false;
    this.position++;
    return true;
  }

  /** Describes what comes next, for a message. */
  describe(): string {
    return this.next === "" ? "the end of the datagram" : JSON.stringify(this.text.slice(this.position).slice(0, 12));
  }
}

const digits = /[0-9]+/y;
const integer = /[ \t]*[+-]?[0-9]+/y;
const real =
  /[ \t]*[+-]?(?:inf(?:inity)?|nan(?:\([A-Za-z0-9_]*\))?|0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)/iy;

/** Takes an unsigned whole number. */
export function takeDigits(cursor: TextCursor, name: string): bigint {
  const found = cursor.take(digits);
  if (found === undefined) throw new Unreadable(`expected ${name}, not ${cursor.describe()}`);
  return BigInt(found);
}

/** Takes a floating-point number. */
export function takeReal(cursor: TextCursor, name: string): number {
  const found = cursor.take(real);
  if (found === undefined) throw new Unreadable(`expected ${name}, not ${cursor.describe()}`);
  return numberOf(found);
}

/** Takes the value of a signal; with `"any"`, the text says what it is. */
export function takeTextValue(
  cursor: TextCursor,
  index: number,
  signal: NodeSignal | "any",
  { fault }: Reading,
): NodeValue {
  const name = `value ${index}`;
  switch (signal === "any" ? typeAt(cursor) : signal.type) {
    case "float":
      return takeReal(cursor, name);
    case "integer":
      return takeInteger(cursor, name, fault);
    case "boolean": {
      const found = takeInteger(cursor, name, fault);
      if (found !== 0n && found !== 1n) fault(`${name} is ${found}, which is not a boolean`);
      return found !== 0n;
    }
    case "complex":
      return takeComplex(cursor, name);
  }
}

function takeInteger(cursor: TextCursor, name: string, fault: Reading["fault"]): bigint {
  const found = cursor.take(integer);
  if (found === undefined) throw new Unreadable(`expected ${name}, not ${cursor.describe()}`);
  const value = BigInt(found.trim().replace(/^\+/, ""));
  if (BigInt.asIntN(64, value) !== value) fault(`${name} is ${value}, which does not fit into 64 bits`);
  return value;
}

function takeComplex(cursor: TextCursor, name: string): NodeValue {
  const first = takeReal(cursor, name);
  if (cursor.takes("i") || cursor.takes("j")) return { real: 0, imag: Math.fround(first) };
  if (cursor.next !== "+" && cursor.next !== "-") return { real: Math.fround(first), imag: 0 };
  const imag = takeReal(cursor, `the imaginary part of ${name}`);
  if (!cursor.takes("i") && !cursor.takes("j")) {
    throw new Unreadable(`${name} lacks the i behind its imaginary part: ${cursor.describe()}`);
  }
  return { real: Math.fround(first), imag: Math.fround(imag) };
}

/** Guesses the type of a value by its text. */
function typeAt({ text, position }: TextCursor): NodeSignal["type"] {
  const [token = ""] = /^[ \t]*[-+.\w()]*/.exec(text.slice(position, position + 400)) ?? [];
  if (/^[ \t]*[+-]?[0-9]+$/.test(token)) return "integer";
  return /[ij]$/i.test(token) ? "complex" : "float";
}

function numberOf(text: string): number {
  const [, sign, magnitude = ""] = /^\s*([+-]?)(.*)$/.exec(text) ?? [];
  const factor = sign === "-" ? -1 : 1;
  if (/^inf/i.test(magnitude)) return factor * Infinity;
  if (/^nan/i.test(magnitude)) return NaN;
  if (!/^0x/i.test(magnitude)) return factor * Number(magnitude);
  const [, whole = "", fraction = "", exponent = "0"] = /^0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i.exec(
    magnitude,
  ) ?? [];
  return factor * parseInt(`0${whole}${fraction}`, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
}
