/**
 * Checks the options that a format is given, which may come from a command line or from a VILLASnode configuration.
 *
 * @module
 */

import type { FormatOptions } from "./format.ts";

/** Says what an option may be: the values in words, and whether this is one of them. */
export interface OptionRule {
  /** Such as `"true or false"`. */
  readonly expected: string;
  /** Whether the option may have this value. */
  accepts(value: unknown): boolean;
}

/** true or false. */
export const boolean: OptionRule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

/** A text. */
export const string: OptionRule = { expected: "a text", accepts: (value) => typeof value === "string" };

/** One character, and not a line end. */
export const character: OptionRule = {
  expected: "one character",
  accepts: (value) => typeof value === "string" && value.length === 1 && value !== "\n",
};

/** A whole number in a range, limits included. */
export function integer(minimum: number, maximum: number): OptionRule {
  return {
    expected: `a whole number from ${minimum} to ${maximum}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
  };
}

/** One of a few values. */
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
 * @param options What was given
 * @param own The rules of the options that this format has besides the common ones
 * @throws {TypeError} Where an option is unknown or has a value that it cannot have
 */
export function checkOptions(format: string, options: object, own: Record<string, OptionRule> = {}): void {
  const rules: Record<string, OptionRule> = { ...own, ...commonOptions };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      throw new TypeError(`Cannot set option "${name}" of format ${format}: it has ${Object.keys(rules).join(", ")}`);
    }
    if (!rule.accepts(value)) {
      throw new TypeError(
        `Cannot set option "${name}" of format ${format} to ${JSON.stringify(value)}: expected ${rule.expected}`,
      );
    }
  }
}
