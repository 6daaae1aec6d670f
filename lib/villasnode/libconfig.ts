/**
 * Reads and writes libconfig, the notation of VILLASnode's configuration files that are not JSON, and its values.
 *
 * @module
 */

import {
  decodeEscapedBytes,
  describePlace,
  type OnWarning,
  type Token,
  tokenize,
  type TokenKind,
} from "./_libconfig_tokens.ts";

/** A value of a configuration: a group is an object; lists and arrays are both arrays. */
export type ConfigValue = string | number | boolean | ConfigValue[] | ConfigGroup;

/** A group of settings. */
export interface ConfigGroup {
  /** A setting, by its name. */
  [name: string]: ConfigValue;
}

/**
 * Takes a value as a group of settings.
 *
 * @param value The value; a missing one is an empty group
 * @param name What it is, for the message
 * @returns The group
 * @throws {TypeError} If it is something else, such as JSON's null
 */
export function asGroup(value: ConfigValue | undefined, name: string): ConfigGroup {
  if (value === undefined) return {};
  if (isGroup(value)) return value;
  throw new TypeError(`Cannot read ${name} as a group of settings: it is ${JSON.stringify(value)}`);
}

/** Returns whether a value is a group of settings. */
export function isGroup(value: ConfigValue): value is ConfigGroup {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The deepest nesting of groups and lists: a hostile file must not exhaust the call stack. */
const maximumDepth = 100;

/** Options of {@linkcode parseLibconfig}. */
export interface ParseLibconfigOptions {
  /** Called with a sentence on each thing that VILLASnode reads otherwise than it is written, or only some versions read. */
  onWarning?: (message: string) => void;
}

/**
 * Reads a configuration in libconfig's notation.
 *
 * VILLASnode is built with libconfig 1.4.9 or newer, and these do not read all the same. Values are those of version 1.5,
 * which Debian and Ubuntu have: a number without `L` keeps its lower 32 bits. What newer versions have added is read, too.
 * A text has no folder, so an `@include` is left out, with a warning; {@linkcode readNodeConfig} follows it.
 *
 * @param source The text of a file
 * @param options The receiver of warnings
 * @returns The settings
 * @throws {SyntaxError} Where it cannot be read, with line and column
 *
 * @see https://hyperrealm.github.io/libconfig/libconfig_manual.html#Configuration-File-Grammar
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLibconfig } from "@villas/client/villasnode";
 *
 * assertEquals(parseLibconfig('nodes = { a = { type = "socket", vectorize = 0x10 } } # one\n'), {
 *   nodes: { a: { type: "socket", vectorize: 16 } },
 * });
 * ```
 */
export function parseLibconfig(source: string, options: ParseLibconfigOptions = {}): ConfigGroup {
  const { onWarning = () => {} } = options;
  const tokens = tokenize({ text: source }, onWarning).filter((token) => {
    if (token.kind === "include") onWarning(`${describePlace(token)}: the @include is left out`);
    return token.kind !== "include";
  });
  return parseTokens(tokens, onWarning);
}

/**
 * Reads the tokens of a configuration, those of included files in their places.
 *
 * @throws {SyntaxError} Where they are not a configuration, with line and column
 *
 * @see libconfig, `lib/grammar.y`
 */
export function parseTokens(tokens: readonly Token[], onWarning: OnWarning = () => {}): ConfigGroup {
  const end = tokens.at(-1);
  if (end?.kind !== "end") throw new RangeError("Cannot parse tokens without an end");
  let index = 0;

  function next(): Token {
    return tokens[index] ?? end as Token;
  }

  function fail(expected: string, token = next()): never {
    const found = token.kind === "end" ? "the end" : JSON.stringify(token.text);
    throw new SyntaxError(
      `Cannot parse the configuration at ${describePlace(token)}: expected ${expected}, found ${found}`,
    );
  }

  function takeSign(sign: string): boolean {
    const { kind, text } = next();
    if (kind !== "sign" || text !== sign) return false;
    index++;
    return true;
  }

  function readSettings(depth: number, isAtEnd: () => boolean): ConfigGroup {
    // No name begins with an underscore, so none is __proto__.
    const group: ConfigGroup = {};
    while (!isAtEnd()) {
      const key = next();
      if (key.kind !== "name") fail("the name of a setting");
      if (Object.hasOwn(group, key.text)) fail("a name that the group does not have yet");
      index++;
      if (!takeSign("=") && !takeSign(":")) fail('"=" or ":"');
      group[key.text] = readValue(depth);
      if (!takeSign(";")) takeSign(",");
    }
    return group;
  }

  /** Reads values up to the end of a list; `readItem` sees which comes. */
  function readItems(end: string, readItem: () => ConfigValue): ConfigValue[] {
    const items: ConfigValue[] = [];
    while (!takeSign(end)) {
      items.push(readItem());
      if (!takeSign(",")) {
        if (takeSign(end)) break;
        fail(`"," or "${end}"`);
      }
      const { kind, text } = next();
      if (kind === "sign" && text === end) {
        onWarning(`${describePlace(next())}: libconfig 1.5 refuses a comma behind the last value`);
      }
    }
    return items;
  }

  function readArray(): ConfigValue[] {
    let first: Token | undefined;
    return readItems("]", () => {
      const token = next();
      first ??= token;
      if (token.kind !== first.kind && isScalar(token)) {
        fail(`${kindNames[first.kind]}, as the first value of the array is`);
      }
      return readScalar("a string, a number or a boolean, which are all that an array takes");
    });
  }

  function readValue(depth: number): ConfigValue {
    if (depth > maximumDepth) fail(`no more than ${maximumDepth} groups and lists in one another`);
    if (takeSign("{")) return readSettings(depth + 1, () => takeSign("}"));
    if (takeSign("(")) return readItems(")", () => readValue(depth + 1));
    if (takeSign("[")) return readArray();
    return readScalar("a value");
  }

  function readScalar(expected: string): ConfigValue {
    const token = next();
    if (!isScalar(token)) fail(expected);
    index++;
    if (token.kind === "string") {
      let joined = String(token.value);
      // Adjacent strings are joined.
      for (; next().kind === "string"; index++) joined += next().value;
      return decodeEscapedBytes(joined, (message) => onWarning(`${describePlace(token)}: ${message}`));
    }
    if (token.value === Infinity || token.value === -Infinity) fail("a number in the range of a double", token);
    return token.value;
  }

  return readSettings(0, () => next().kind === "end");
}

/** Kinds of values, as a message calls them; libconfig tells integers with and without L apart. */
const kindNames: Readonly<Partial<Record<TokenKind, string>>> = {
  string: "a string",
  boolean: "a boolean",
  integer: "an integer without L",
  integer64: "an integer with L",
  float: "a number with a fraction",
};

function isScalar({ kind }: Token): boolean {
  return Object.hasOwn(kindNames, kind);
}

/**
 * Writes a configuration in libconfig's notation.
 *
 * It writes what every libconfig reads back as the same: integers beyond 32 bits have an `L`, floats a fraction (VILLASnode
 * does not find an integer where it looks for a float), lists no comma behind the last value.
 *
 * @param group The settings
 * @returns Lines of text, each with a line feed at its end
 * @throws {TypeError} For what libconfig has no notation for: names that do not begin with a letter or `*`, numbers that
 *   are not finite, NUL characters
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatLibconfig } from "@villas/client/villasnode";
 *
 * assertEquals(formatLibconfig({ nodes: { a: { type: "socket", rate: 2.5 } } }), 'nodes = {\n  a = {\n' +
 *   '    type = "socket"\n    rate = 2.5\n  }\n}\n');
 * ```
 */
export function formatLibconfig(group: ConfigGroup): string {
  return formatSettings(group, "");
}

function formatSettings(group: ConfigGroup, indent: string): string {
  return Object.entries(group).map(([key, value]) => {
    if (!/^[A-Za-z*][-A-Za-z0-9_*]*$/.test(key) || /^(true|false)$/i.test(key)) {
      throw new TypeError(
        `Cannot write "${key}" as the name of a setting in libconfig, where it begins with a letter or * and goes on ` +
          "with letters, digits, -, _ and *: use JSON",
      );
    }
    return `${indent}${key} = ${formatValue(value, indent)}\n`;
  }).join("");
}

function formatValue(value: ConfigValue, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "()";
    return `(\n${value.map((item) => inner + formatValue(item, inner)).join(",\n")}\n${indent})`;
  }
  switch (typeof value) {
    case "string":
      return formatString(value);
    case "number":
      return formatNumber(value);
    case "boolean":
      return String(value);
    default:
      return `{\n${formatSettings(value, inner)}${indent}}`;
  }
}

/** Backspace, for which JSON has an escape and libconfig 1.5 has not, is written as a byte. */
function formatString(value: string): string {
  if (value.includes("\0")) {
    throw new TypeError(`Cannot write ${JSON.stringify(value)} in libconfig, whose strings have no NUL character`);
  }
  return JSON.stringify(value)
    .replace(
      /\\(?:u00([0-9a-f]{2})|([^]))/g,
      (all, hex, escaped) => hex ? `\\x${hex}` : escaped === "b" ? "\\x08" : all,
    );
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`Cannot write ${value} in libconfig: expected a finite number`);
  const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
  if (isInteger) return value === (value | 0) ? String(value) : `${value}L`;
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return digits.includes(".") ? digits : digits.replace(/(e|$)/, ".0$1");
}
