/**
 * Reads what VILLASnode's configuration says about a format, as far as it is the same for all formats.
 *
 * @module
 */

/** A format as VILLASnode's configuration has it: its name, or an object with `type` and the format's options. */
export type FormatSpecification = string | { type: string; [option: string]: unknown };

/**
 * The name of a format, and its options.
 *
 * @throws {TypeError} If the object has no name in it
 * @throws {SyntaxError} If the text begins like a JSON object and is none
 */
export function parseSpecification(given: FormatSpecification): { type: string; [option: string]: unknown } {
  if (typeof given !== "string") return given;
  if (!/^\s*\{/.test(given)) return { type: given };
  let specification: { type?: unknown };
  try {
    specification = JSON.parse(given);
  } catch (error) {
    throw new SyntaxError(`Cannot parse the format as JSON: ${(error as Error).message}`, { cause: error });
  }
  const { type } = specification;
  if (typeof type !== "string") throw new TypeError(`Cannot find the format's name: the object has no text "type"`);
  return { ...specification, type };
}
