/**
 * The view of `scope`: a file that its page has saved.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { openToRead } from "../../system/open.ts";

/** The longest file of a view, in characters. */
const maximumLength = 2 ** 20;

/**
 * Reads the file of a view; the page checks what is in it.
 *
 * @param path Path of the file, if there is one
 * @returns The view, or undefined without a file
 * @throws {InputError} If it is not a JSON object
 */
export async function readView(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined;
  // The stream closes the file at its end.
  const { readable } = await openToRead(path);
  const text = await new Response(readable).text();
  if (text.length > maximumLength) throw new InputError(`Cannot read ${path} as a view: it is longer than 1 MiB`);
  try {
    const view: unknown = JSON.parse(text);
    if (typeof view === "object" && view !== null && !Array.isArray(view)) return view;
  } catch (error) {
    throw new InputError(`Cannot read ${path} as a view: ${(error as Error).message}`, { cause: error });
  }
  throw new InputError(`Cannot read ${path} as a view: expected a JSON object`);
}
