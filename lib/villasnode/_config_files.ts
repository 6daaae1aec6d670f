/**
 * Reads the files of a configuration: the main one, those that it includes, and the environment variables in their strings.
 *
 * @module
 */

import { readWholeFile } from "../system/open.ts";
import { findFiles } from "./_glob.ts";
import { describePlace, type OnWarning, type Token, tokenize } from "./_libconfig_tokens.ts";
import { type ConfigValue, isGroup, parseTokens } from "./libconfig.ts";

/** Everything that reading a file depends on but its path. */
export interface FileContext {
  /** Returns the value of an environment variable. */
  readonly environment: (name: string) => string | undefined;
  /** Takes sentences on what VILLASnode reads otherwise than it is written. */
  readonly onWarning: OnWarning;
  /** The files that include this one, the main file first. */
  readonly chain: readonly string[];
  /** Counts the files that have been included. */
  readonly included: { count: number };
}

/** The deepest nesting of included files: libconfig's limit (`lib/scanctx.h`). */
const maximumDepth = 10;

/** The most files that a configuration includes: a hostile one must not fill the memory. */
const maximumFiles = 1000;

/** Beginning of a string that stands for the contents of JSON files. */
const includeKeyword = "@include ";

/**
 * Reads a file as VILLASnode does: as JSON only if its name ends in `.json`, and as libconfig otherwise.
 *
 * @throws {SyntaxError} If it, or a file that it includes, cannot be read
 * @throws {Deno.errors.NotFound} If there is no such file
 *
 * @see VILLASnode, `load_config_file` in `common/lib/json.cpp`
 */
export async function readConfigFile(path: string, context: FileContext): Promise<ConfigValue> {
  const isMain = context.chain.length === 0;
  const inner = { ...context, chain: [...context.chain, path] };
  const text = await readText(path, isMain ? "the file" : path, context.onWarning);
  if (isJson(path)) return await expandStrings(parseJson(text, context.onWarning), folderOf(path), inner, "");
  const tokens = await readTokens(path, text, isMain, inner);
  return await expandStrings(parseTokens(tokens, context.onWarning), folderOf(path), inner, "");
}

async function readText(path: string, name: string, onWarning: OnWarning): Promise<string> {
  const bytes = await readWholeFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    onWarning(`${name} has bytes that are not UTF-8; they are read as U+FFFD`);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}

/** Parses JSON, which may begin with a byte order mark, as in VILLASnode. */
function parseJson(text: string, onWarning: OnWarning): ConfigValue {
  return JSON.parse(text.replace(/^\ufeff/, ""), (_key, value, context?: { source?: string }) => {
    if (typeof value !== "number") return value;
    const { source = "" } = context ?? {};
    if (!Number.isFinite(value)) throw new SyntaxError(`${source} is out of the range of a double`);
    if (/^-?\d+$/.test(source) && BigInt(value) !== BigInt(source)) {
      onWarning(`${source} is taken as ${BigInt(value)}, with the 53 bits of a JavaScript number`);
    }
    return value;
  });
}

/** Reads the tokens of a file, with those of the files that it includes in their places. */
async function readTokens(path: string, text: string, isMain: boolean, context: FileContext): Promise<Token[]> {
  const tokens: Token[] = [];
  for (const token of tokenize(isMain ? { text } : { text, file: path }, context.onWarning)) {
    if (token.kind !== "include") {
      tokens.push(token);
      continue;
    }
    const place = describePlace(token);
    // Relative to the folder of the main file, also in an included one.
    const folder = folderOf(context.chain[0] ?? path);
    const pattern = expandVariables(String(token.value), 0, context, place).text;
    for (const file of await findIncluded(pattern, folder, context, place)) {
      const inner = { ...context, chain: [...context.chain, file] };
      const included = await readTokens(file, await readText(file, file, context.onWarning), false, inner);
      // Without the end of that file.
      for (const each of included.slice(0, -1)) tokens.push(each);
    }
  }
  return tokens;
}

async function findIncluded(pattern: string, folder: string, context: FileContext, place: string): Promise<string[]> {
  const files = await findFiles(pattern, folder);
  if (files.length === 0) throw new SyntaxError(`Cannot include "${pattern}" at ${place}: there is no such file`);
  if (folder === "" && !pattern.startsWith("/")) {
    context.onWarning(`VILLASnode finds "${pattern}" only where this file is given with its folder, as in ./lab.conf`);
  }
  const open = await Promise.all(context.chain.map((path) => Deno.realPath(path)));
  for (const file of files) {
    const chain = [...context.chain, file].join(" > ");
    if (open.includes(await Deno.realPath(file))) {
      throw new SyntaxError(`Cannot include ${file} at ${place}: it includes itself (${chain})`);
    }
    if (open.length > maximumDepth) {
      throw new SyntaxError(
        `Cannot include ${file} at ${place}: more than ${maximumDepth} files include each other (${chain})`,
      );
    }
    if (++context.included.count > maximumFiles) {
      throw new SyntaxError(`Cannot include ${file} at ${place}: more than ${maximumFiles} files are included`);
    }
  }
  return files;
}

/** Replaces the variables in strings, and the strings that include JSON files by their values. */
async function expandStrings(
  value: ConfigValue,
  folder: string,
  context: FileContext,
  setting: string,
): Promise<ConfigValue> {
  if (Array.isArray(value)) {
    const items: ConfigValue[] = [];
    for (const item of value) items.push(await expandStrings(item, folder, context, `${setting}[${items.length}]`));
    return items;
  }
  if (isGroup(value)) {
    const prefix = setting === "" ? "" : `${setting}.`;
    const settings: [string, ConfigValue][] = [];
    for (const [key, inner] of Object.entries(value)) {
      settings.push([key, await expandStrings(inner, folder, context, prefix + key)]);
    }
    return Object.fromEntries(settings);
  }
  if (typeof value !== "string") return value;
  const isInclude = value.startsWith(includeKeyword);
  const { text, expanded } = expandVariables(value, isInclude ? includeKeyword.length : 0, context, setting);
  if (isInclude) return await readIncluded(text.slice(includeKeyword.length), folder, context, setting);
  if (text !== value && expanded === 0) {
    context.onWarning(`${setting}: VILLASnode leaves "${value}" as it is, for its variables are empty`);
    return value;
  }
  return text;
}

/** Reads the JSON files that a string includes and merges them; they are relative to the folder of the file with the string. */
async function readIncluded(
  pattern: string,
  folder: string,
  context: FileContext,
  setting: string,
): Promise<ConfigValue> {
  const [first = "", ...others] = await findIncluded(pattern, folder, context, setting);
  const wrong = [first, ...others].find((file) => !isJson(file));
  if (wrong !== undefined) {
    throw new SyntaxError(`Cannot include ${wrong} at ${setting}: VILLASnode takes .json files only in a string`);
  }
  let value = await readConfigFile(first, context);
  for (const file of others) value = merge(value, await readConfigFile(file, context));
  return value;
}

/** Merges two values as VILLASnode does: lists one after the other, groups one over the other, else the first one. */
function merge(value: ConfigValue, added: ConfigValue): ConfigValue {
  if (Array.isArray(value) && Array.isArray(added)) return [...value, ...added];
  if (!isGroup(value) || !isGroup(added)) return value;
  const settings = Object.entries(added).map(([key, inner]): [string, ConfigValue] => {
    const old = Object.hasOwn(value, key) ? value[key] : undefined;
    return [key, old !== undefined && isGroup(old) && isGroup(inner) ? merge(old, inner) : inner];
  });
  return { ...value, ...Object.fromEntries(settings) };
}

/**
 * Replaces `${NAME}` by the environment variable. Values are not searched for further variables.
 *
 * @returns The text, and the index behind the last value in it: VILLASnode keeps the text as it was where this is 0
 * @throws {SyntaxError} If there is no such variable
 */
function expandVariables(
  text: string,
  start: number,
  { environment }: FileContext,
  place: string,
): { text: string; expanded: number } {
  let replaced = text.slice(0, start);
  let expanded = start;
  let position = start;
  for (let begin = text.indexOf("${", start); begin >= 0;) {
    const end = text.indexOf("}", begin);
    if (end < 0) break;
    const name = text.slice(begin + 2, end);
    if (name !== "") {
      const value = environment(name);
      if (value === undefined) {
        throw new SyntaxError(`Cannot replace \${${name}} at ${place}: there is no such environment variable`);
      }
      replaced += text.slice(position, begin) + value;
      expanded = replaced.length;
      position = end + 1;
    }
    begin = text.indexOf("${", end);
  }
  return { text: replaced + text.slice(position), expanded };
}

/** Returns whether VILLASnode reads a file as JSON; a name that is nothing but `.json` has no extension. */
function isJson(path: string): boolean {
  return /[^/]\.json$/.test(path);
}

function folderOf(path: string): string {
  return /^(.*\/)[^/]*$/.exec(path)?.[1] ?? "";
}
