/**
 * Specifications of formats as VILLASnode's configuration has them: a name, or an object with a name and options.
 *
 * @module
 */

/** A format's name, or an object of its name (`type`) and its options, as in VILLASnode's configuration. */
export type FormatSpecification = string | { type: string; [option: string]: unknown };

/**
 * Parses the specification of a format, without loading the format.
 *
 * @param specification A name such as `"protobuf"`, or a JSON object such as `{"type": "raw", "bits": 64}`, as text or
 * as an object
 * @returns The name (`type`) and the options
 * @throws {TypeError} If the JSON object has no `type`
 * @throws {SyntaxError} If text that begins like a JSON object is not one
 */
export function parseSpecification(specification: FormatSpecification): { type: string; [option: string]: unknown } {
  if (typeof specification !== "string") return specification;
  if (!/^\s*\{/.test(specification)) return { type: specification };
  let parsed: { type?: unknown };
  try {
    parsed = JSON.parse(specification);
  } catch (error) {
    throw new SyntaxError(`Cannot parse the format as JSON: ${(error as Error).message}`, { cause: error });
  }
  const { type } = parsed;
  if (typeof type !== "string") throw new TypeError(`Cannot find the format's name: the object has no text "type"`);
  return { ...parsed, type };
}
