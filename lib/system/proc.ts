/**
 * Reads what Linux says about itself, where it may be read.
 *
 * @module
 */

/**
 * The text of a file of /proc; none where it cannot be read, or only after a question to the user (Deno wants
 * `--allow-all` for most of these files).
 */
export function readProc(path: string): string {
  try {
    const { state } = Deno.permissions.querySync({ name: "read", path });
    return state === "granted" ? Deno.readTextFileSync(path) : "";
  } catch {
    return ""; // another system, or a permission that does not reach this file
  }
}
