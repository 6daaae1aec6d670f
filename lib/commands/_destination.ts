/**
 * Where the data of a command goes: standard output, or the file that `--output` names.
 *
 * @module
 */

import { explain, openToWrite } from "../_open.ts";
import { createOutput, type Output } from "../output.ts";
import type { Session } from "./_command.ts";

/** A file that is being written, or standard output. */
export interface Destination extends Disposable {
  /** What writes it. */
  readonly output: Output;
  /** How messages name it. */
  readonly name: string;
  /** Writes out all that waits; what the system says against it becomes an error that names the file. */
  finish(): Promise<void>;
}

/**
 * Opens where the data goes.
 *
 * @param path Path of the file; undefined or `"-"` for standard output
 */
export async function openDestination(path: string | undefined, { output }: Session): Promise<Destination> {
  if (path === undefined || path === "-") {
    return { output, name: "standard output", finish: () => output.flush(), [Symbol.dispose]() {} };
  }
  const file = await openToWrite(path);
  const writer = createOutput(file);
  return {
    output: writer,
    name: path,
    async finish() {
      try {
        await writer.flush();
      } catch (error) {
        throw explain(error, `Cannot write to ${path}`);
      }
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Whether two paths lead to the same file. */
export async function isSameFile(left: string, right: string): Promise<boolean> {
  const [one, other] = await Promise.all([left, right].map((path) => Deno.stat(path).catch(() => undefined)));
  if (!one?.isFile || !other?.isFile) return false;
  if (one.ino !== null && other.ino !== null) return one.ino === other.ino && one.dev === other.dev;
  return await Deno.realPath(left) === await Deno.realPath(right);
}
