/**
 * Names of signals of several recordings side by side.
 *
 * @module
 */

import { createUniqueNames } from "../unique_names.ts";

/** A recording, and the names of its signals. */
export interface NamedRecording {
  /** Path of the file. */
  readonly path: string;
  /** The names; undefined or empty where a signal has none. */
  readonly names: readonly (string | undefined)[];
}

/**
 * Names the signals of several recordings so that each name occurs once: a name that more than one recording has, and a
 * signal without a name, begins with that of the file. Files of the same name are numbered.
 *
 * @param recordings The recordings, in order
 * @returns The names of all signals, one recording behind the other
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameJoinedSignals } from "@villas/client/recordings";
 *
 * const recordings = [{ path: "lab/a.csv", names: ["va", "p"] }, { path: "b.json.gz", names: ["va", undefined] }];
 * assertEquals(nameJoinedSignals(recordings), ["a_va", "p", "b_va", "b_signal1"]);
 * ```
 */
export function nameJoinedSignals(recordings: readonly NamedRecording[]): string[] {
  const owners = new Map<string, number>();
  for (const { names } of recordings) {
    for (const name of new Set(names)) if (name) owners.set(name, (owners.get(name) ?? 0) + 1);
  }
  const files = createUniqueNames(recordings.map(({ path }) => baseName(path)));
  return createUniqueNames(recordings.flatMap(({ names }, file) =>
    names.map((name, index) => {
      const isShared = !name || (owners.get(name) ?? 0) > 1;
      return isShared ? `${files[file]}_${name || `signal${index}`}` : name;
    })
  ));
}

/** Returns the name of a file without its folder and its endings. */
function baseName(path: string): string {
  const file = path.replace(/^.*[/\\]/s, "");
  return path === "-" ? "stdin" : file.replace(/(?<=.)\..*$/s, "");
}
