/**
 * Environment variables that stand for options which are not given.
 *
 * @module
 */

import type { Options } from "./option.ts";

/** Reads an environment variable; undefined where it is not set. */
export type ReadVariable = (name: string) => string | undefined;

/**
 * The value of an environment variable; undefined where it is not set, or Deno may not read it: a user who does not
 * allow it is not asked.
 *
 * @param name Name of the variable
 */
export function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/**
 * The variables that stand for options of a command and are set to something.
 *
 * @param options The command's options
 * @param read How to read a variable
 * @returns What each of these options is set to, by the option's name
 */
export function readEnvironment(options: Options, read: ReadVariable): Map<string, { variable: string; text: string }> {
  const found = new Map<string, { variable: string; text: string }>();
  for (const [name, { env }] of Object.entries(options)) {
    const text = env === undefined ? undefined : read(env);
    // As everywhere in a shell, an empty variable is as good as none.
    if (env !== undefined && text !== undefined && text !== "") found.set(name, { variable: env, text });
  }
  return found;
}
