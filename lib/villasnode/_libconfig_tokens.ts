/**
 * Splits libconfig's notation into tokens, as libconfig's own scanner does.
 *
 * @module
 */

/** A text to read, and the file that it comes from. */
export interface Source {
  /** The whole text. */
  readonly text: string;
  /** Path of the file, for messages about one that another file includes. */
  readonly file?: string;
}

/** Kinds of tokens. `unknown` is a character that no token begins with. */
export type TokenKind =
  | "name"
  | "string"
  | "boolean"
  | "integer"
  | "integer64"
  | "float"
  | "sign"
  | "include"
  | "unknown"
  | "end";

/** A place in a text. */
interface Place {
  /** The text. */
  readonly source: Source;
  /** Index of the character in the text. */
  readonly offset: number;
  /** Number of its line, from 1. */
  readonly line: number;
  /** Index of the first character of its line. */
  readonly lineStart: number;
}

/** A token and its place. */
export interface Token extends Place {
  /** Its kind. */
  readonly kind: TokenKind;
  /** The characters as they stand in the file. */
  readonly text: string;
  /** The value of a string, boolean or number, or the pattern of an `@include`. */
  readonly value: string | boolean | number;
}

/** Receives sentences on what VILLASnode reads otherwise than it is written. */
export type OnWarning = (message: string) => void;

// libconfig's tokens. Where several match, the longest counts.
const whitespace = /[ \t\r\n\f\v]/y;
const comment = /(?:#|\/\/)[^\n]*|\/\*(?:[^]*?\*\/|[^]*)/y;
const include = /[ \t]*@include[ \t]+"([^"\\]*(?:\\["\\][^"\\]*)*)"/y;
const name = /[A-Za-z*][-A-Za-z0-9_*]*/y;
const string = /"([^"\\]*(?:\\[^][^"\\]*)*)"/y;
const float = /[-+]?(?:\d*\.\d*(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)/y;
const integer = /([-+]?\d+)(L{0,2})/y;
const prefixed = /(0[xX][0-9A-Fa-f]+|0[bB][01]+|0[oOqQ][0-7]+)(L{0,2})/y;

/** First of the characters that stand for bytes of `\xHH` until a string is complete: U+DC80 to U+DCFF for 0x80 to 0xFF. */
const escapedByte = 0xdc00;

/** Escapes that all versions of libconfig know, and those that came after version 1.5. */
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", "\\": "\\", '"': '"' };
const newerEscapes = "abv";

/** Describes a place as "line 3, column 5", with the file where it is an included one. */
export function describePlace({ source, offset, line, lineStart }: Place): string {
  const column = [...source.text.slice(lineStart, offset)].length + 1;
  return `line ${line}, column ${column}${source.file === undefined ? "" : ` of ${source.file}`}`;
}

/**
 * Splits a text into tokens, the last one of kind `end`.
 *
 * The versions of libconfig that VILLASnode is built with differ. What version 1.5 (Debian, Ubuntu) reads is read like
 * that; what only newer ones take (binary and octal numbers, a comment at the very end) is taken, with a warning.
 *
 * @see libconfig, `lib/scanner.l`
 */
export function tokenize(source: Source, onWarning: OnWarning = () => {}): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  let lineEnd = findLineEnd(0);

  function findLineEnd(start: number): number {
    const index = text.indexOf("\n", start);
    return index < 0 ? text.length : index;
  }

  function advance(length: number): void {
    offset += length;
    while (lineEnd < offset) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = findLineEnd(lineStart);
    }
  }

  function match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = offset;
    return pattern.exec(text) ?? undefined;
  }

  function add(kind: TokenKind, length: number, value: Token["value"] = ""): void {
    tokens.push({ kind, text: text.slice(offset, offset + length), value, source, offset, line, lineStart });
    advance(length);
  }

  const warn: OnWarning = (message) => onWarning(`${describePlace({ source, offset, line, lineStart })}: ${message}`);

  while (offset < text.length) {
    const included = offset === lineStart ? match(include) : undefined;
    if (included !== undefined) {
      add("include", included[0].length, (included[1] ?? "").replace(/\\(["\\])/g, "$1"));
      continue;
    }
    if (match(whitespace) !== undefined) {
      advance(1);
      continue;
    }
    const skipped = match(comment)?.[0];
    if (skipped !== undefined) {
      warnOfComment(skipped, offset + skipped.length === text.length, warn);
      advance(skipped.length);
      continue;
    }
    const word = match(name)?.[0];
    if (word !== undefined) {
      const lower = word.toLowerCase();
      if (lower === "true" || lower === "false") add("boolean", word.length, lower === "true");
      else add("name", word.length);
      continue;
    }
    const quoted = match(string);
    if (quoted !== undefined) {
      add("string", quoted[0].length, unescape(quoted[1] ?? "", warn));
      continue;
    }
    const number = [match(float), match(integer), match(prefixed)]
      .reduce((longest, found) => (found?.[0].length ?? 0) > (longest?.[0].length ?? 0) ? found : longest);
    if (number !== undefined) {
      const [all, digits, suffix = ""] = number;
      if (digits === undefined) add("float", all.length, Number(all.replace(/^([-+]?)\.(?!\d)/, "$10.")));
      else add(suffix === "" ? "integer" : "integer64", all.length, readInteger(digits, suffix, warn));
      continue;
    }
    const isSign = "={}[](),;:".includes(text.charAt(offset));
    add(isSign ? "sign" : "unknown", 1);
    if (!isSign) break; // No configuration goes on from here.
  }
  add("end", 0);
  return tokens;
}

function warnOfComment(text: string, isAtEnd: boolean, warn: OnWarning): void {
  if (!isAtEnd) return;
  if (!text.startsWith("/*")) warn("libconfig 1.5 refuses a comment in the last line without a line feed behind it");
  else if (text.length < 4 || !text.endsWith("*/")) warn("the comment never ends; the rest of the file is part of it");
}

/** Reads an integer as libconfig 1.5 does: without L, it is the lower 32 bits of the number. */
function readInteger(digits: string, suffix: string, warn: OnWarning): number {
  const isPrefixed = /^0[a-z]/i.test(digits);
  const exact = BigInt(isPrefixed ? digits.replace(/^0q/i, "0o") : digits.replace(/^\+/, ""));
  if (isPrefixed && !/^0x/i.test(digits)) warn(`libconfig 1.5 does not take ${digits}; use a decimal number`);
  // libconfig reads with strtoull or atoll, which stop at the largest number.
  const largest = isPrefixed ? 2n ** 64n - 1n : 2n ** 63n - 1n;
  const limited = exact > largest ? largest : exact < -(2n ** 63n) ? -(2n ** 63n) : exact;
  const read = BigInt.asIntN(suffix === "" ? 32 : 64, limited);
  if (read !== exact) {
    const cure = suffix === "" && exact === BigInt.asIntN(64, exact) ? `; write ${digits}L` : "";
    warn(`libconfig 1.5 reads ${digits}${suffix} as ${read}${cure}`);
  } else if (BigInt(Number(read)) !== read) {
    warn(`${digits}${suffix} is taken as ${BigInt(Number(read))}, with the 53 bits of a JavaScript number`);
  }
  return Number(read);
}

/** Replaces the escapes in a string; an unknown one stands for itself, backslash included. */
function unescape(content: string, warn: OnWarning): string {
  return content.replace(/\\(?:[xX]([0-9A-Fa-f]{2})|([^]))/g, (written, hex: string | undefined, character: string) => {
    if (hex !== undefined) {
      const byte = parseInt(hex, 16);
      if (byte === 0) warn("libconfig 1.5 leaves \\x00 out, and newer ones end the string there");
      return byte === 0 ? "" : String.fromCharCode(byte < 0x80 ? byte : escapedByte + byte);
    }
    const known = escapes[character];
    if (known !== undefined) return known;
    if (newerEscapes.includes(character)) {
      warn(`libconfig 1.5 takes ${written} as two characters, and newer ones as one; write it as \\xHH`);
    }
    return written;
  });
}

/**
 * Decodes the bytes that `\xHH` has put into a text, which together are characters in UTF-8.
 *
 * @param text Value of a string, or of several that follow each other
 */
export function decodeEscapedBytes(text: string, onWarning: OnWarning = () => {}): string {
  return text.replace(/[\udc80-\udcff]+/g, (bytes) => {
    const decoded = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0) - escapedByte));
    if (decoded.includes("\ufffd")) onWarning("a string has bytes that are not UTF-8; they are read as U+FFFD");
    return decoded;
  });
}
