/**
 * Writes JSON as the library `jansson` does for VILLASnode, character for character.
 *
 * @module
 */

import { isComplex, type Value } from "../../samples/sample.ts";
import { fixedText, jsonText } from "../text/numbers.ts";
import { boolean, integer, type OptionRule } from "../options.ts";
import type { FormatOptions } from "../format.ts";

/** Options of the JSON formats, under VILLASnode's names, besides the common ones. */
export interface JsonOptions extends FormatOptions {
  /** Spaces of indentation per level, 0 to 31; default 0, which writes everything on one line. */
  indent?: number;
  /** Whether to leave out the spaces after commas and colons; default false. */
  compact?: boolean;
  /** Whether to write all characters beyond ASCII as `\uXXXX`; default false. */
  ensure_ascii?: boolean;
  /** Whether to write `/` as `\/`; default false. */
  escape_slash?: boolean;
  /** Whether to sort the members of objects by name; default false. */
  sort_keys?: boolean;
}

/** The rules of these options for `checkOptions`. */
export const jsonRules: Record<Exclude<keyof JsonOptions, keyof FormatOptions>, OptionRule> = {
  indent: integer(0, 31),
  compact: boolean,
  ensure_ascii: boolean,
  escape_slash: boolean,
  sort_keys: boolean,
};

/**
 * A value that can be written as JSON. A `number` is a float and always looks like one, a `bigint` is an integer; a
 * complex value is an object of two floats. NaN and the infinities, for which JSON has no number, become `null`.
 */
export type JsonNode = Value | string | readonly JsonNode[] | ReadonlyMap<string, JsonNode>;

/**
 * Creates the function that writes a node as text.
 *
 * @param options The style
 * @returns The function
 */
export function createJsonWriter(options: JsonOptions): (node: JsonNode) => string {
  const { indent = 0, compact = false, ensure_ascii, escape_slash, sort_keys, real_precision = 17 } = options;
  const colon = compact ? ":" : ": ";
  const comma = compact || indent > 0 ? "," : ", ";
  const escaped = new RegExp(
    `["\\\\\\u0000-\\u001f${escape_slash ? "/" : ""}${ensure_ascii ? "\\u0080-\\uffff" : ""}]`,
    "g",
  );

  function write(node: JsonNode, depth: number): string {
    switch (typeof node) {
      case "number":
        return Number.isFinite(node) ? jsonText(node, real_precision) : "null";
      case "bigint":
      case "boolean":
        return String(node);
      case "string":
        return quote(node);
    }
    if (node === null) return "null";
    if (Array.isArray(node)) return writeArray(node, depth);
    if (node instanceof Map) return writeObject(node, depth);
    const { real, imag } = node as { real: number; imag: number };
    return writeObject(new Map([["real", Math.fround(real)], ["imag", Math.fround(imag)]]), depth);
  }

  function writeArray(items: readonly JsonNode[], depth: number): string {
    if (items.length === 0) return "[]";
    const separator = comma + lineBreak(depth + 1);
    let text = `[${lineBreak(depth + 1)}`;
    for (let i = 0; i < items.length; i++) {
      if (i > 0) text += separator;
      text += write(items[i] ?? null, depth + 1);
    }
    return `${text}${lineBreak(depth)}]`;
  }

  function writeObject(members: ReadonlyMap<string, JsonNode>, depth: number): string {
    if (members.size === 0) return "{}";
    const separator = comma + lineBreak(depth + 1);
    let text = "";
    for (const [name, node] of sort_keys ? [...members].sort(byName) : members) {
      text += `${text === "" ? "" : separator}${quote(name)}${colon}${write(node, depth + 1)}`;
    }
    return `{${lineBreak(depth + 1)}${text}${lineBreak(depth)}}`;
  }

  function lineBreak(depth: number): string {
    return indent > 0 ? `\n${" ".repeat(indent * depth)}` : "";
  }

  function quote(text: string): string {
    return `"${text.replace(escaped, escapeCharacter)}"`;
  }

  return (node) => write(node, 0);
}

/**
 * Finds a value that JSON has no number for: NaN or an infinity.
 *
 * @param values The values of a sample
 * @returns The reason, as a clause; undefined if there is no such value
 */
export function findNonFinite(values: readonly Value[]): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (typeof value === "number" ? Number.isFinite(value) : !isComplex(value)) continue;
    const parts = isComplex(value) ? [Math.fround(value.real), Math.fround(value.imag)] : [value as number];
    const wrong = parts.find((part) => !Number.isFinite(part));
    if (wrong !== undefined) return `value ${i} is ${fixedText(wrong, 0)}, which JSON has no number for`;
  }
  return undefined;
}

const shortEscapes: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return shortEscapes[character] ?? `\\u${code}`;
}

function byName([left]: [string, JsonNode], [right]: [string, JsonNode]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
