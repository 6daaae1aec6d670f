/**
 * The one class of errors that a user's own text causes: an address, an option, a format, a signal list, a configuration.
 * A command ends with the status of wrong usage for it, and for nothing else: a fault of the program never looks like one.
 *
 * @module
 */

/** An error in something that the user gave; its message says what is wrong with it and what was expected. */
export class InputError extends Error {
  /** Name of the class. */
  override name = "InputError";
}

/**
 * Runs what reads text of the user's, and turns the errors of malformed text into {@linkcode InputError}.
 *
 * Keep it narrow: it encloses the reading of the text and nothing that is done with the result. The original error, with
 * its stack, is the cause of the new one.
 *
 * @param read Reads the text; parsers of this project report malformed text as `SyntaxError` and unknown names or values
 * as `TypeError`
 * @param place What the message begins with, such as `"Cannot use --format"`; default: the message stays as it is
 * @returns What `read` returns
 * @throws {InputError} If `read` throws a `SyntaxError` or a `TypeError`
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { InputError, readInput } from "@villas/client/system";
 *
 * await assertRejects(() => readInput(() => JSON.parse("{"), "Cannot read the settings"), InputError);
 * ```
 */
export async function readInput<T>(read: () => T | Promise<T>, place?: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new InputError(place === undefined ? error.message : `${place}: ${error.message}`, { cause: error });
  }
}
