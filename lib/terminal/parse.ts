/**
 * Reads a command line according to the table of a command's options, and completes it from elsewhere.
 *
 * @module
 */

import { parseArgs } from "jsr:@std/cli@^1.0.24/parse-args";
import { InputError } from "../system/input_error.ts";
import { ChoiceError, type Options, type Values } from "./option.ts";

/** A command line, read. */
export interface ParsedCommandLine<O extends Options> {
  /** The value of every option. */
  values: Values<O>;
  /** Arguments that are not options. */
  operands: string[];
  /** The environment variables that options were taken from. */
  variables: string[];
}

/** Reads an environment variable; undefined if it is not set. */
export type ReadVariable = (name: string) => string | undefined;

/** Places that options are taken from if the command line does not give them. */
export interface ValueSources {
  /**
   * Reads values from a file that the command line names. They take precedence over the environment.
   *
   * @param given The values that the command line gives
   * @returns Values by name; those of unknown options are ignored, and an undefined one keeps the environment out
   */
  readonly readFile?: (given: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>;
  /** Reads environment variables; default: none is set. */
  readonly readVariable?: ReadVariable;
}

/**
 * Reads the arguments of a command. A value that is given takes precedence over a file's, that one over the
 * environment's, and that one over the default.
 *
 * @param args The arguments
 * @param options The command's options
 * @param sources Places to take options from that are not given
 * @throws {InputError} If an option is unknown, lacks its value, or has an invalid one
 */
export async function parseCommandLine<O extends Options>(
  args: readonly string[],
  options: O,
  sources: ValueSources = {},
): Promise<ParsedCommandLine<O>> {
  const { given, operands } = await readArguments(args, options);
  const fromFile = await sources.readFile?.(given) ?? {};
  const values: Record<string, unknown> = {};
  const variables: string[] = [];
  for (const [name, option] of Object.entries(options)) {
    const source = [given, fromFile].find((source) => Object.hasOwn(source, name));
    const variable = option.env;
    const text = source !== undefined || variable === undefined ? "" : sources.readVariable?.(variable) ?? "";
    if (source !== undefined) {
      values[name] = source[name] ?? option.default;
    } else if (variable !== undefined && text !== "") { // as everywhere in a shell, an empty variable is as good as none
      values[name] = await readValue(`--${name} (from ${variable})`, text, option.parse);
      variables.push(variable);
    } else {
      values[name] = option.default;
    }
  }
  return { values: values as Values<O>, operands, variables };
}

/**
 * Returns the value of an environment variable; undefined if it is not set, or Deno may not read it: a user who does not
 * allow it is not asked.
 *
 * @param name Name of the variable
 */
export function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** Reads what stands on the command line itself: the values of its options, and its operands. */
async function readArguments(args: readonly string[], options: Options) {
  const names = Object.keys(options);
  const unknown: string[] = [];
  const parsed = parseArgs(bindValues(args, options), {
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
  const given: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = parsed[name];
    if (value !== undefined && value !== false) given[name] = await readValue(`--${name}`, value, option.parse);
  }
  return { given, operands: parsed._.map(String) };
}

async function readValue(place: string, value: unknown, parse: (text: string) => unknown): Promise<unknown> {
  const text = typeof value === "string" ? value : "";
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof InputError)) throw error;
    const nearest = error instanceof ChoiceError ? await suggest(error.given, error.choices) : "";
    throw new InputError(`Cannot set ${place} to "${text}": ${nearest || error.message}`, { cause: error });
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
    if (value === undefined) {
      throw new InputError(`Cannot set ${argument}: its value ${options[name]?.value} is missing`);
    }
    bound.push(`--${name}=${value}`);
  }
  return bound;
}

/** Finds the option that an argument is, if it is one that needs a value. */
function findValueOption(argument: string, options: Options): string | undefined {
  const [, long, short] = /^(?:--([^=]+)|-([a-zA-Z]))(?:=.*)?$/s.exec(argument) ?? [];
  const found = Object.entries(options).find(([name, option]) => name === long || (short && option.short === short));
  if (found === undefined) return undefined;
  const [name, { value, isValueOptional }] = found;
  return value === undefined || isValueOptional ? undefined : name;
}

async function unknownOption(argument: string, names: readonly string[]): Promise<InputError> {
  const given = argument.replace(/=.*$/s, "");
  const nearest = await suggest(given.replace(/^-+/, ""), names, (name) => `--${name}`);
  return new InputError(`Unknown option ${given}${nearest && `: ${nearest}`}`);
}

/**
 * Asks whether the nearest known name was meant, if one is near; otherwise returns an empty text.
 *
 * @param given The name as it was typed
 * @param known The names that exist
 * @param show Writes a name as the question shows it
 */
export async function suggest(given: string, known: readonly string[], show = (name: string) => name): Promise<string> {
  if (given.length < 2 || known.length === 0) return "";
  // Only a mistake needs these, so only a mistake loads them.
  const { closestString, levenshteinDistance } = await import("./_distance.ts");
  const nearest = closestString(given, known);
  const isNear = nearest.startsWith(given) || levenshteinDistance(given, nearest) <= Math.max(2, given.length / 3);
  return isNear ? `did you mean ${show(nearest)}?` : "";
}
