/**
 * Reads a command line according to the table of a command's options, and completes it from elsewhere.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import { withoutUser } from "../system/text.ts";
import { type Fault, splitArguments } from "./arguments.ts";
import { ChoiceError, type Option, type Options, type Values } from "./option.ts";

/** A command line, read. */
export interface ParsedCommandLine<O extends Options> {
  /** The value of every option. */
  values: Values<O>;
  /** Arguments that are not options. */
  operands: readonly string[];
  /** The environment variables that options were taken from. */
  variables: string[];
  /** The options that the user gave, by name, as messages name them: `-l`, `--count` or `--count (from SAMPLER_COUNT)`. */
  shown: ReadonlyMap<string, string>;
}

/** An unknown option, which another command may have. */
export class UnknownOptionError extends InputError {
  /**
   * Creates the error.
   *
   * @param option The option as it was typed, with its hyphens
   * @param message Message
   * @param hasSuggestion Whether the message names the option that was meant
   */
  constructor(readonly option: string, message: string, readonly hasSuggestion: boolean) {
    super(message);
  }
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
 * @throws {InputError} If a word is not understood, an option has no valid value, or two options contradict each other
 */
export async function parseCommandLine<O extends Options>(
  args: readonly string[],
  options: O,
  sources: ValueSources = {},
): Promise<ParsedCommandLine<O>> {
  const { given, operands, shown } = await readArguments(args, options);
  const fromFile = await sources.readFile?.(given) ?? {};
  const values: Record<string, unknown> = {};
  const variables: string[] = [];
  for (const [name, option] of Object.entries(options)) {
    const source = [given, fromFile].find((source) => Object.hasOwn(source, name));
    const variable = option.envWith === undefined || Object.hasOwn(given, option.envWith) ? option.env : undefined;
    const text = source !== undefined || variable === undefined ? "" : sources.readVariable?.(variable) ?? "";
    if (source !== undefined) {
      values[name] = source[name] ?? option.default;
    } else if (variable !== undefined && text !== "") { // as everywhere in a shell, an empty variable is as good as none
      shown.set(name, `--${name} (from ${variable})`);
      values[name] = await readValue(`--${name} (from ${variable})`, text, option);
      variables.push(variable);
    } else {
      values[name] = option.default;
    }
  }
  checkCombinations(options, Object.keys(given), values, shown);
  return { values: values as Values<O>, operands, variables, shown };
}

/** Tells whether arguments ask for help: the rest of them may be wrong. */
export function asksForHelp(args: readonly string[], options: Options): boolean {
  return splitArguments(args, options).given.some(({ name }) => name === "help");
}

/** Rejects options that have no effect beside the others, or without them. */
function checkCombinations(
  options: Options,
  given: readonly string[],
  values: Readonly<Record<string, unknown>>,
  shown: ReadonlyMap<string, string>,
): void {
  for (const name of given) {
    const { needs = [], excludes = [] } = options[name] ?? {};
    const show = (name: string) => shown.get(name) ?? `--${name}`;
    const other = excludes.find((other) => given.includes(other));
    if (other !== undefined) throw new InputError(`Cannot use ${show(name)} with ${show(other)}`);
    if (needs.length > 0 && needs.every((needed) => values[needed] === undefined || values[needed] === false)) {
      const all = needs.map((needed) => `--${needed}`).join(" or ");
      throw new InputError(`Cannot use ${show(name)} without ${all}`);
    }
  }
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
  const { given: words, operands, faults } = splitArguments(args, options);
  if (faults[0] !== undefined) throw await explainFault(faults[0], options);
  const shown = new Map<string, string>();
  const given: Record<string, unknown> = {};
  for (const { name, shown: typed, text } of words) {
    const option = options[name];
    if (option === undefined) continue;
    shown.set(name, typed);
    given[name] = await readValue(typed, text, option);
  }
  return { given, operands, shown };
}

async function readValue(place: string, text: string, option: Option<unknown>): Promise<unknown> {
  try {
    const value = option.parse(text);
    await option.check?.(value);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof InputError)) throw error;
    const nearest = error instanceof ChoiceError ? await suggest(error.given, error.choices) : "";
    throw new InputError(`Cannot set ${place} to "${withoutUser(text)}": ${nearest || error.message}`, {
      cause: error,
    });
  }
}

async function explainFault({ shown, reason, name = "", text }: Fault, options: Options): Promise<InputError> {
  switch (reason) {
    case "missing value":
      return new InputError(`Cannot set ${shown}: its value ${options[name]?.value} is missing`);
    case "unexpected value":
      return new InputError(`Cannot set ${shown} to "${text}": it takes no value`);
    case "unknown": {
      const place = shown.startsWith("--") || text === shown ? shown : `${shown} in ${text}`;
      const nearest = await suggest(shown.replace(/^-+/, ""), Object.keys(options), (name) => `--${name}`);
      return new UnknownOptionError(shown, `Unknown option ${place}${nearest && `: ${nearest}`}`, nearest !== "");
    }
  }
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
  // A prefix was meant as an abbreviation of one of these.
  const abbreviated = known.filter((name) => name.startsWith(given)).slice(0, 3).map(show);
  if (abbreviated.length > 0) return `did you mean ${abbreviated.join(" or ")}?`;
  // Only a mistake needs these, so only a mistake loads them.
  const { closestString, levenshteinDistance } = await import("./_distance.ts");
  const nearest = closestString(given, known);
  const isNear = levenshteinDistance(given, nearest) <= Math.max(2, given.length / 3);
  return isNear ? `did you mean ${show(nearest)}?` : "";
}
