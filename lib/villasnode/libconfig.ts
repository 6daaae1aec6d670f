/**
 * Reads and writes libconfig, the notation of VILLASnode's configuration files that are not JSON, and its values.
 *
 * @module
 */

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
 * @throws {TypeError} If it is something else
 */
export function asGroup(value: ConfigValue | undefined, name: string): ConfigGroup {
  if (value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value;
  throw new TypeError(`Cannot read ${name} as a group of settings: it is ${JSON.stringify(value)}`);
}

/** The deepest nesting of groups and lists: a hostile file must not exhaust the call stack. */
const maximumDepth = 100;

// The tokens of the text. Comments are those of libconfig: `#`, `//` and `/* */`.
const blank = /(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const include = /@include\s+"[^"\n]*"/y;
const name = /[A-Za-z*][-A-Za-z0-9_*]*/y;
const text = /"((?:[^"\\]|\\[^])*)"/y;
const word = /(?:true|false)(?![-\w*])/iy;
const float = /[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?(?![\w.])/y;
const integer = /([-+]?)(0[xX][0-9A-Fa-f]+|0[bB][01]+|0[oOqQ][0-7]+|\d+)L{0,2}(?![\w.])/y;

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", a: "\x07", b: "\b", v: "\v" };

/**
 * Reads a configuration in libconfig's notation.
 *
 * `@include` is ignored: the settings are those of the file itself.
 *
 * @param source The text of a file
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
 * assertEquals(parseLibconfig('nodes = { a = { type = "socket", vectorize = 0x10 } } # one'), {
 *   nodes: { a: { type: "socket", vectorize: 16 } },
 * });
 * ```
 */
export function parseLibconfig(source: string): ConfigGroup {
  let position = 0;

  function fail(expected: string): never {
    const lines = source.slice(0, position).split("\n");
    const found = position < source.length ? JSON.stringify(source.charAt(position)) : "the end";
    throw new SyntaxError(
      `Cannot parse the configuration at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ` +
        `expected ${expected}, found ${found}`,
    );
  }

  /** Takes a token behind blanks and comments, if it is the next one. */
  function take(pattern: RegExp): RegExpExecArray | undefined {
    blank.lastIndex = position;
    position += blank.exec(source)?.[0].length ?? 0;
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    position += match[0].length;
    return match;
  }

  function takeSign(sign: string): boolean {
    take(/(?:)/y);
    if (source[position] !== sign) return false;
    position++;
    return true;
  }

  function readSettings(depth: number, isAtEnd: () => boolean): ConfigGroup {
    // No name begins with an underscore, so none is __proto__.
    const group: ConfigGroup = {};
    while (!isAtEnd()) {
      if (take(include) !== undefined) continue;
      const [key] = take(name) ?? fail("the name of a setting");
      if (!takeSign("=") && !takeSign(":")) fail('"=" or ":"');
      group[key] = readValue(depth);
      if (!takeSign(";")) takeSign(",");
    }
    return group;
  }

  function readList(depth: number, end: string): ConfigValue[] {
    const list: ConfigValue[] = [];
    while (!takeSign(end)) {
      list.push(readValue(depth));
      if (takeSign(",")) continue;
      if (takeSign(end)) break;
      fail(`"," or "${end}"`);
    }
    return list;
  }

  function readValue(depth: number): ConfigValue {
    if (depth > maximumDepth) fail(`no more than ${maximumDepth} groups and lists in one another`);
    if (takeSign("{")) return readSettings(depth + 1, () => takeSign("}"));
    if (takeSign("(")) return readList(depth + 1, ")");
    if (takeSign("[")) return readList(depth + 1, "]");
    return readScalar();
  }

  function readScalar(): ConfigValue {
    const part = take(text);
    if (part !== undefined) {
      let joined = unescape(part[1] ?? "");
      // Adjacent texts are joined.
      for (let next = take(text); next !== undefined; next = take(text)) joined += unescape(next[1] ?? "");
      return joined;
    }
    const boolean = take(word);
    if (boolean !== undefined) return boolean[0].toLowerCase() === "true";
    const real = take(float);
    if (real !== undefined) return Number(real[0]);
    const [matched, sign, digits = ""] = take(integer) ?? [];
    if (matched === undefined) fail("a value");
    return (sign === "-" ? -1 : 1) * Number(digits.replace(/^0[qQ]/, "0o"));
  }

  return readSettings(0, () => {
    take(/(?:)/y);
    return position >= source.length;
  });
}

function unescape(content: string): string {
  return content.replace(/\\(?:x([0-9A-Fa-f]{2})|([^]))/g, (_, hex, character) => {
    return hex === undefined ? escapes[character] ?? character : String.fromCharCode(parseInt(hex, 16));
  });
}

/**
 * Writes a configuration in libconfig's notation.
 *
 * @param group The settings
 * @returns Lines of text. Floats have a fraction, so that VILLASnode does not take them for integers
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
  return Object.entries(group).map(([key, value]) => `${indent}${key} = ${formatValue(value, indent)}\n`).join("");
}

function formatValue(value: ConfigValue, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "()";
    return `(\n${value.map((item) => inner + formatValue(item, inner)).join(",\n")}\n${indent})`;
  }
  switch (typeof value) {
    case "string":
      return JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, "\\x$1");
    case "number":
      return Number.isInteger(value) && !/e/.test(String(value)) ? String(value) : formatFloat(value);
    case "boolean":
      return String(value);
    default:
      return `{\n${formatSettings(value, inner)}${indent}}`;
  }
}

function formatFloat(value: number): string {
  const digits = String(value);
  return /[.]/.test(digits) ? digits : digits.replace(/(e|$)/, ".0$1");
}
