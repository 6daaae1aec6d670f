/**
 * What an option of a command is. Parsing, defaults, help and completions all derive from these declarations.
 *
 * @module
 */

/** One option of a command; its name is its key in the command's table. */
export interface Option<T> {
  /** One-letter name. */
  readonly short?: string;
  /**
   * What stands for the value in the help, such as `"N"`; an option without it is a switch. Shells complete `"FILE"` as
   * a path, `"ADDRESS"` as an address of a transport, and `"FORMAT"` as the name of a format.
   */
  readonly value?: string;
  /** Whether the value may be left out; it is given as `--name=VALUE` then. */
  readonly isValueOptional?: boolean;
  /** What it does, in a few words that begin in lower case. */
  readonly help: string;
  /** What the value may be, if that can be listed. */
  readonly choices?: readonly string[];
  /** The environment variable that is read where the option is not given. */
  readonly env?: string;
  /** What happens without it, as the help shows it. */
  readonly defaultText?: string;
  /** The value without it. */
  readonly initial: T;
  /** Reads the value; throws an error that says what was expected. A switch is given `""`. */
  parse(text: string): T;
}

/** The options of a command, by their names. */
// `never` lets options of all types into one table; what comes out is typed by `Values`.
export type Options = Readonly<Record<string, Option<unknown>>>;

/** What the options of a table are set to. */
export type Values<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

/** A value that is none of those that are possible; the message names the nearest one. */
export class ChoiceError extends SyntaxError {
  override name = "ChoiceError";

  /**
   * @param given What was given
   * @param choices What is possible
   * @param alternative What is possible besides
   */
  constructor(readonly given: string, readonly choices: readonly string[], alternative = "") {
    super(`expected ${choices.join(", ")}${alternative}`);
  }
}

/** What most options say about themselves. */
type Description = Pick<Option<unknown>, "help" | "short" | "defaultText" | "env">;

/** A switch. */
export function flag(description: Description): Option<boolean> {
  return { ...description, initial: false, parse: () => true };
}

/** A text. */
export function text(value: string, description: Description): Option<string | undefined> {
  return { ...description, value, initial: undefined, parse: (given) => given };
}

/** A text of which some are possible. */
export function choice<T extends string>(value: string, choices: readonly T[], initial: T, description: Description) {
  const option: Option<T> = {
    defaultText: initial,
    ...description,
    value,
    choices,
    initial,
    parse(given) {
      const found = choices.find((name) => name === given);
      if (found === undefined) throw new ChoiceError(given, choices);
      return found;
    },
  };
  return option;
}

/** A whole number, 1 or more. */
export function count(value: string, description: Description): Option<number | undefined>;
export function count(value: string, description: Description, initial: number): Option<number>;
export function count(value: string, description: Description, initial?: number): Option<number | undefined> {
  return {
    ...description,
    value,
    initial,
    parse(given) {
      const number = Number(given);
      if (!/^\d+$/.test(given) || number < 1 || !Number.isSafeInteger(number)) {
        throw new SyntaxError("expected a whole number, 1 or more");
      }
      return number;
    },
  };
}

/** A finite number. */
export function number(value: string, description: Description, initial: number): Option<number> {
  return {
    defaultText: String(initial),
    ...description,
    value,
    initial,
    parse(given) {
      const number = Number(given);
      if (given.trim() === "" || !Number.isFinite(number)) throw new SyntaxError("expected a number");
      return number;
    },
  };
}

/** A number above 0. */
export function positive(value: string, description: Description): Option<number | undefined>;
export function positive(value: string, description: Description, initial: number): Option<number>;
export function positive(value: string, description: Description, initial?: number): Option<number | undefined> {
  return {
    ...description,
    value,
    initial,
    parse(given) {
      const number = Number(given);
      if (given.trim() === "" || !(number > 0 && number < Infinity)) throw new SyntaxError("expected a number above 0");
      return number;
    },
  };
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A duration in seconds, or with a unit: `10`, `0.5`, `500ms`, `2m`, `1h`. */
export function duration(description: Description): Option<number | undefined>;
export function duration(description: Description, initial: number): Option<number>;
export function duration(description: Description, initial?: number): Option<number | undefined> {
  return {
    ...description,
    value: "SECONDS",
    initial,
    parse(given) {
      const [, digits, unit = "s"] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(given) ?? [];
      const seconds = Number(digits) * (unitSeconds[unit] ?? NaN);
      // Timers of the runtime count milliseconds in 32 bits.
      if (!(seconds > 0 && seconds * 1000 < 2 ** 31)) {
        throw new SyntaxError("expected a time above 0 and below 24 days, such as 10, 0.5, 500ms, 2m or 1h");
      }
      return seconds;
    },
  };
}
