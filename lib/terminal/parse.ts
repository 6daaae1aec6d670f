/**
 * Reads a command line by the table of a command's options.
 *
 * @module
 */

import { parseArgs } from "jsr:@std/cli@^1.0.24/parse-args";
import { UsageError } from "./command.ts";
import { readEnvironment, type ReadVariable } from "./environment.ts";
import { ChoiceError, type Options, type Values } from "./option.ts";

/** A command line, read. */
export interface Parsed<O extends Options> {
  /** What the options are set to. */
  values: Values<O>;
  /** What is no option. */
  operands: string[];
  /** The environment variables that options are taken from. */
  variables: string[];
}

/**
 * Reads the arguments of a command.
 *
 * @param args The arguments
 * @param options The command's options
 * @param readVariable Reads the environment variables that stand for options which are not given; default: there are none
 * @throws {UsageError} Where an option is unknown, lacks its value, or has one that it cannot have
 */
export async function parseCommandLine<O extends Options>(
  args: readonly string[],
  options: O,
  readVariable: ReadVariable = () => undefined,
): Promise<Parsed<O>> {
  const names = Object.keys(options);
  const unknown: string[] = [];
  const given = parseArgs(bindValues(args, options), {
    string: [...names.filter((name) => options[name]?.value !== undefined), "_"],
    boolean: names.filter((name) => options[name]?.value === undefined),
    alias: Object.fromEntries(names.flatMap((name) => {
      const short = options[name]?.short;
      return short === undefined ? [] : [[short, name]];
    })),
    unknown: (argument, key) => {
      if (key !== undefined) unknown.push(argument);
      return key === undefined;
    },
  });
  if (unknown[0] !== undefined) throw await unknownOption(unknown[0], names);
  const environment = readEnvironment(options, readVariable);
  for (const name of Object.keys(given)) environment.delete(name);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = given[name];
    const { variable, text } = environment.get(name) ?? {};
    if (text !== undefined) values[name] = await readValue(`--${name}, as ${variable} says,`, text, option.parse);
    else if (value === undefined || value === false) values[name] = option.initial;
    else values[name] = await readValue(`--${name}`, value, option.parse);
  }
  const variables = [...environment.values()].map(({ variable }) => variable);
  return { values: values as Values<O>, operands: given._.map(String), variables };
}

async function readValue(what: string, value: unknown, parse: (text: string) => unknown): Promise<unknown> {
  const text = typeof value === "string" ? value : "";
  try {
    return parse(text);
  } catch (error) {
    const nearest = error instanceof ChoiceError ? await suggest(error.given, error.choices) : "";
    const why = nearest === "" ? `: ${(error as Error).message}` : nearest;
    throw new UsageError(`Cannot set ${what} to "${text}"${why}`, { cause: error });
  }
}

/**
 * Puts each option and its value into one argument, so that a value may begin with a hyphen (`--reply -1`) and a missing
 * one is noticed.
 */
function bindValues(args: readonly string[], options: Options): string[] {
  const bound: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    if (argument === "--") return [...bound, ...args.slice(i)];
    const name = findValueOption(argument, options);
    if (name === undefined || argument.includes("=")) {
      bound.push(argument);
      continue;
    }
    const value = args[++i];
    if (value === undefined) throw new UsageError(`Cannot set ${argument}: it needs a value, ${options[name]?.value}`);
    bound.push(`--${name}=${value}`);
  }
  return bound;
}

/** The option that this argument is, if it is one that needs a value. */
function findValueOption(argument: string, options: Options): string | undefined {
  const [, long, short] = /^(?:--([^=]+)|-([a-zA-Z]))(?:=.*)?$/s.exec(argument) ?? [];
  const found = Object.entries(options).find(([name, option]) => name === long || (short && option.short === short));
  if (found === undefined) return undefined;
  const [name, { value, isValueOptional }] = found;
  return value === undefined || isValueOptional ? undefined : name;
}

async function unknownOption(argument: string, names: readonly string[]): Promise<UsageError> {
  const given = argument.replace(/=.*$/s, "");
  return new UsageError(
    `Unknown option ${given}${await suggest(given.replace(/^-+/, ""), names, (name) => `--${name}`)}`,
  );
}

/**
 * The end of a sentence that names the nearest known name, if one is near.
 *
 * @param given What was typed
 * @param known What exists
 * @param show How a name is written
 */
export async function suggest(given: string, known: readonly string[], show = (name: string) => name): Promise<string> {
  if (given.length < 2 || known.length === 0) return "";
  // Only a mistake needs these, so only a mistake loads them.
  const { closestString, levenshteinDistance } = await import("./_distance.ts");
  const nearest = closestString(given, known);
  const isNear = nearest.startsWith(given) || levenshteinDistance(given, nearest) <= Math.max(2, given.length / 3);
  return isNear ? `: did you mean ${show(nearest)}?` : "";
}
