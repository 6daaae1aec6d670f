/**
 * Makes formats from what a command line says about them.
 *
 * @module
 */

import type { Format, FormatOptions } from "../../formats/format.ts";
import { createFormat } from "../../formats/table.ts";
import { UsageError } from "../../terminal/command.ts";

/**
 * Makes the format of an option.
 *
 * @param option Name of the option, for the message
 * @param specification What it is set to
 * @param defaults Options of the format that the specification does not name
 * @throws {UsageError} If the format has no such options
 */
export async function createFormatOf(
  option: string,
  specification: string,
  defaults: FormatOptions,
): Promise<Format> {
  try {
    return await createFormat(specification, defaults);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(`Cannot use --${option}: ${error.message}`, { cause: error });
  }
}
