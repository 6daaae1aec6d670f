/**
 * Modules that import packages of npm: loaded when they are needed, which fails on a machine that has neither the package
 * nor a network.
 *
 * @module
 */

/**
 * Loads a module that imports packages of npm.
 *
 * @param load Imports the module
 * @returns The module
 * @throws {Error} If a package is not on this machine and cannot be downloaded, with what to do about it
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadPackages } from "@villas/client/system";
 *
 * const fail = () => Promise.reject(new TypeError('Failed loading https://example.org/mqtt for package "mqtt"'));
 * await assertRejects(() => loadPackages(fail), Error, "Cannot load the npm package mqtt");
 * ```
 */
export async function loadPackages<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw explainMissingPackage(error);
  }
}

/**
 * Explains that a package of npm is missing.
 *
 * @param error An error of loading a module
 * @returns An error with the package and what to do, or the same error where it has another reason
 *
 * @see Deno 2.9: the messages of an import from a registry that does not answer, and of one with `--cached-only`
 */
export function explainMissingPackage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, name] = /^Failed loading \S+ for package "([^"]+)"/.exec(error.message) ??
    /^npm package not found in cache: "([^"]+)"/.exec(error.message) ?? [];
  if (name === undefined) return error;
  return new Error(
    `Cannot load the npm package ${name}: it is not on this machine, and the registry does not answer; where it does, ` +
      '"deno cache cli.ts" downloads all packages',
    { cause: error },
  );
}
