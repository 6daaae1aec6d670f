/**
 * Checks of the options of the formats of files of other tools.
 *
 * @module
 */

import { type OptionRule, UnknownOptionError } from "../formats/options.ts";

/**
 * Checks the options of a format: the signals, and its own ones.
 *
 * @param format Name of the format, for the message
 * @param options The options
 * @param own The rules of its own options
 * @throws {UnknownOptionError} If an option does not exist
 * @throws {TypeError} If an option does not accept its value
 */
export function checkFileOptions(format: string, options: object, own: Readonly<Record<string, OptionRule>>): void {
  const rules: Readonly<Record<string, OptionRule>> = {
    ...own,
    signals: { expected: "a list of signals", accepts: Array.isArray },
  };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw new UnknownOptionError(format, name, Object.keys(rules));
    if (rule.accepts(value)) continue;
    throw new TypeError(
      `Cannot set option "${name}" of format ${format} to ${JSON.stringify(value)}: expected ${rule.expected}`,
    );
  }
}
