/**
 * Names in InfluxDB's line protocol: what has to be escaped, and what cannot be said at all.
 *
 * @module
 */

/** Escapes the name of a measurement. */
export function escapeMeasurement(name: string): string {
  return name.replace(/[, ]/g, "\\$&");
}

/** Escapes the name of a field, or the name or value of a tag. */
export function escapeKey(name: string): string {
  return name.replace(/[,= ]/g, "\\$&");
}

/**
 * Removes the backslashes of escaped characters; any other backslash stands for itself.
 *
 * @param text The text as a line has it
 * @returns The name
 */
export function unescapeName(text: string): string {
  return text.includes("\\") ? text.replace(/\\([,= ])/g, "$1") : text;
}

/**
 * Finds the reason why a name cannot be written so that InfluxDB and Telegraf read the same.
 *
 * @param name The name of a measurement, a field or a tag, or the value of a tag
 * @returns The reason, as a clause; undefined if it can be written
 */
export function findNameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  // deno-lint-ignore no-control-regex -- a line feed ends the line, and a NUL the datagrams of VILLASnode
  if (/[\x00-\x1f\x7f]/.test(name)) return "it has a control character";
  if (/\\(?:[,= ]|$)/.test(name)) return "the backslash in it would escape what follows";
  return undefined;
}
