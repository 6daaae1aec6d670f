/**
 * Options that a format does not have, on the command line and in a configuration: ignored as VILLASnode ignores them, but
 * not silently.
 *
 * @module
 */

import type { UnknownOptionError } from "../../formats/options.ts";
import type { Log } from "../../terminal/log.ts";
import type { Options } from "../../terminal/option.ts";
import { suggest } from "../../terminal/parse.ts";
import type { NamedFormat } from "./options.ts";

/**
 * Removes the options that a format does not have from all formats among the values of a command's options, and warns about
 * each. Everything else that is wrong with a format is left to the command.
 *
 * @param values Values of the options, by name
 * @param options The options
 * @param log The log
 * @returns The values
 */
export async function withKnownOptions(
  values: Record<string, unknown>,
  options: Options,
  log: Log,
): Promise<Record<string, unknown>> {
  const known = { ...values };
  for (const [name, { value: placeholder }] of Object.entries(options)) {
    if (placeholder !== "FORMAT") continue;
    const value = values[name];
    known[name] = Array.isArray(value)
      ? await Promise.all(value.map((entry) => reduce(entry, log)))
      : await reduce(value, log);
  }
  return known;
}

/** Removes unknown options; a format without options is not loaded for this, nor is what knows of options. */
async function reduce(value: unknown, log: Log): Promise<unknown> {
  if (typeof value !== "object" || value === null || Object.keys(value).length < 2) return value;
  const specification = { ...value } as NamedFormat;
  for (;;) {
    const error = await findUnknownOption(specification);
    if (error === undefined) return specification;
    const { option, known } = error;
    const nearest = await suggest(option, known);
    const advice = nearest || `it has ${known.join(", ")}`;
    log.warning(`Ignoring option "${option}" of format ${specification.type}, as VILLASnode does: ${advice}`);
    delete specification[option];
  }
}

async function findUnknownOption(specification: NamedFormat): Promise<UnknownOptionError | undefined> {
  const { autoOptions } = await import("../../client/auto_format.ts");
  const { createFormat } = await import("../../formats/table.ts");
  const { UnknownOptionError } = await import("../../formats/options.ts");
  try {
    if (autoOptions(specification) === undefined) await createFormat(specification);
  } catch (error) {
    if (error instanceof UnknownOptionError) return error;
  }
  return undefined;
}
