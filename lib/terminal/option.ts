/**
 * Options of a command. Parsing, defaults, help, completions and the manual page all derive from these declarations.
 *
 * @module
 */

/** Completions of a value: paths, one of some words, or beginnings such as `udp://`, of which `unix:` takes a path. */
export type Completion = "file" | readonly string[] | { readonly prefixes: readonly string[] };

/** One option of a command; its name is its key in the command's table. */
export interface Option<T> {
  /** One-letter name. */
  readonly short?: string;
  /** Placeholder of the value in the help, such as `"N"`; an option without it is a switch. */
  readonly value?: string;
  /** True if the value may be omitted; it is given as `--name=VALUE` then. */
  readonly isValueOptional?: boolean;
  /** Purpose: a phrase that begins with a lower-case verb and names no default. */
  readonly help: string;
  /** Completions of the value in a shell; default: nothing. */
  readonly completes?: Completion;
  /** Environment variable to read if the option is not given. */
  readonly env?: string;
  /** Option without which the variable is not read, because this one means something else then. */
  readonly envWith?: string;
  /** Options without any of which this one has no effect: it is refused then. */
  readonly needs?: readonly string[];
  /** Options that this one cannot be given with. */
  readonly excludes?: readonly string[];
  /** True if the value is the path of a file that the command reads or writes. */
  readonly access?: "read" | "write";
  /** The default as the help shows it. */
  readonly defaultText?: string;
  /** Value if nothing sets the option. */
  readonly default: T;
  /** Reads the value; throws an error that says what was expected. A switch gets `""`. */
  parse(text: string): T;
  /** Checks a value that was read, where that takes what few need to load; rejects with an error as that of `parse`. */
  check?(value: T): Promise<void>;
}

/** The options of a command, by name. */
// `unknown` lets options of all types into one table; what comes out is typed by `Values`.
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of a table of options. */
export type Values<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

/** A value that is not among the possible ones; a command line names the nearest of them. */
export class ChoiceError extends SyntaxError {
  /** Name of the class. */
  override name = "ChoiceError";

  /**
   * Creates the error.
   *
   * @param given The value that was given
   * @param choices The possible values
   * @param alternative Anything else that is possible, as the end of the message
   */
  constructor(readonly given: string, readonly choices: readonly string[], alternative = "") {
    super(`expected ${choices.join(", ")}${alternative}`);
  }
}

/** The parts of an option that each declaration writes itself. */
export type Description = Pick<
  Option<unknown>,
  "help" | "short" | "defaultText" | "env" | "envWith" | "needs" | "excludes"
>;

/** Declares a switch. */
export function flag(description: Description): Option<boolean> {
  return { ...description, default: false, parse: () => true };
}

/** Declares an option that takes any text. */
export function text(value: string, description: Description): Option<string | undefined> {
  return { ...description, value, default: undefined, parse: (given) => given };
}

/** Declares an option that takes the path of a file, which the command writes unless it says that it reads it. */
export function file(
  value: string,
  description: Description,
  access: "read" | "write" = "write",
): Option<string | undefined> {
  return {
    ...text(value, description),
    completes: "file",
    access,
    parse(given) {
      if (given === "") throw new SyntaxError("expected the name of a file");
      return given;
    },
  };
}

/** Declares an option that takes one of some words. */
export function choice<T extends string>(
  value: string,
  choices: readonly T[],
  initial: T,
  description: Description,
): Option<T> {
  return {
    defaultText: initial,
    ...description,
    value,
    completes: choices,
    default: initial,
    parse(given) {
      const found = choices.find((name) => name === given);
      if (found === undefined) throw new ChoiceError(given, choices);
      return found;
    },
  };
}

/** Declares an option that takes a whole number, 1 or greater. */
export function count(value: string, description: Description): Option<number | undefined>;
export function count(value: string, description: Description, initial: number): Option<number>;
export function count(value: string, description: Description, initial?: number): Option<number | undefined> {
  return numeric(value, description, initial, "a whole number, 1 or greater", isCount);
}

/** Declares an option that takes a finite number. */
export function number(value: string, description: Description, initial: number): Option<number> {
  const option = numeric(value, description, initial, "a number", Number.isFinite);
  return { defaultText: String(initial), ...option } as Option<number>;
}

/** Declares an option that takes a number greater than 0. */
export function positive(value: string, description: Description): Option<number | undefined>;
export function positive(value: string, description: Description, initial: number): Option<number>;
export function positive(value: string, description: Description, initial?: number): Option<number | undefined> {
  return numeric(value, description, initial, "a number greater than 0", isPositive);
}

/** Tells whether a number is whole and at least 1. */
export function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 1;
}

/** Tells whether a number is finite and greater than 0. */
export function isPositive(number: number): boolean {
  return number > 0 && number < Infinity;
}

/**
 * Declares an option that takes a number.
 *
 * @param value Placeholder of the value
 * @param description Help and names
 * @param initial Value without the option
 * @param expected Which numbers are accepted, for the message
 * @param accepts Tells whether a number is one of them
 */
export function numeric<T extends number | undefined>(
  value: string,
  description: Description,
  initial: T,
  expected: string,
  accepts: (number: number) => boolean,
): Option<number | T> {
  return {
    ...description,
    value,
    default: initial,
    parse(given) {
      const number = given.trim() === "" ? NaN : Number(given);
      if (!accepts(number)) throw new SyntaxError(`expected ${expected}`);
      return number;
    },
  };
}

/** Declares an option that takes a comma-separated list of numbers. */
export function numberList(
  value: string,
  description: Description,
  initial: readonly number[],
  expected: string,
  accepts: (number: number) => boolean,
): Option<readonly number[]> {
  return {
    ...description,
    value,
    default: initial,
    parse(given) {
      const numbers = given.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
      if (!numbers.every(accepts)) throw new SyntaxError(`expected ${expected}`);
      return numbers;
    },
  };
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Declares an option that takes a duration in seconds, or with a unit: `10`, `0.5`, `500ms`, `2m`, `1h`. */
export function duration(description: Description): Option<number | undefined>;
export function duration(description: Description, initial: number): Option<number>;
export function duration(description: Description, initial?: number): Option<number | undefined> {
  return {
    ...description,
    value: "SECONDS",
    default: initial,
    parse: parseDuration,
  };
}

/**
 * Parses a duration.
 *
 * @param given Text such as `10`, `0.5`, `500ms`, `2m` or `1h`
 * @returns The duration in seconds
 * @throws {SyntaxError} If it is not one, 0, or too long for a timer
 */
export function parseDuration(given: string): number {
  const [, digits, unit = "s"] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(given) ?? [];
  const seconds = Number(digits) * (unitSeconds[unit] ?? NaN);
  // Timers of the runtime count milliseconds in 32 bits.
  if (!(seconds > 0 && seconds * 1000 < 2 ** 31)) {
    throw new SyntaxError("expected a time above 0 and below 24 days, such as 10, 0.5, 500ms, 2m or 1h");
  }
  return seconds;
}

/** Declares an option that takes a duration, or 0 for none. */
export function durationOrZero(description: Description, initial: number): Option<number> {
  const option = duration(description, initial);
  return { ...option, parse: (given) => Number(given) === 0 && given.trim() !== "" ? 0 : option.parse(given) };
}
