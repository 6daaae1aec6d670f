/**
 * Checks of a format's options, which may come from a command line or from a VILLASnode configuration.
 *
 * @module
 */

import type { FormatOptions } from "./format.ts";

/** The values that an option accepts. */
export interface OptionRule {
  /** The accepted values in words, such as `"true or false"`. */
  readonly expected: string;
  /** Tells whether the option accepts a value. */
  accepts(value: unknown): boolean;
}

/**
 * An option that a format does not have. VILLASnode ignores such options; here it depends on where they come from: those of
 * a program are a mistake of its author, those of a configuration are ignored with a warning.
 */
export class UnknownOptionError extends TypeError {
  /** Name of the option. */
  readonly option: string;
  /** The options that the format has. */
  readonly known: readonly string[];

  /**
   * Creates the error.
   *
   * @param format Name of the format
   * @param option Name of the option
   * @param known The options that the format has
   */
  constructor(format: string, option: string, known: readonly string[]) {
    super(`Cannot set option "${option}" of format ${format}: it has ${known.join(", ")}`);
    this.option = option;
    this.known = known;
  }
}

/** Accepts true and false. */
export const boolean: OptionRule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

/**
 * Creates a rule for whole numbers.
 *
 * @param minimum The smallest accepted number
 * @param maximum The largest accepted number
 * @returns The rule
 */
export function integer(minimum: number, maximum: number): OptionRule {
  return {
    expected: `a whole number from ${minimum} to ${maximum}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
  };
}

/**
 * Creates a rule for one of several values.
 *
 * @param values The accepted values
 * @returns The rule
 */
export function oneOf(...values: readonly unknown[]): OptionRule {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(", "),
    accepts: (value) => values.includes(value),
  };
}

const commonOptions: Record<keyof FormatOptions, OptionRule> = {
  signals: { expected: "a list of signals", accepts: Array.isArray },
  sequence: boolean,
  ts_origin: boolean,
  ts_received: boolean,
  offset: boolean,
  data: boolean,
  real_precision: integer(0, 31),
};

/**
 * Checks the options of a format.
 *
 * @param format Name of the format, for the message
 * @param options The options
 * @param own The rules of this format's options besides the common ones
 * @throws {UnknownOptionError} If an option does not exist
 * @throws {TypeError} If an option does not accept its value
 */
export function checkOptions(format: string, options: object, own: Record<string, OptionRule> = {}): void {
  const rules: Record<string, OptionRule> = { ...own, ...commonOptions };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new UnknownOptionError(format, name, Object.keys(rules));
    if (!rule.accepts(value)) {
      throw new TypeError(
        `Cannot set option "${name}" of format ${format} to ${JSON.stringify(value)}: expected ${rule.expected}`,
      );
    }
  }
}
