/**
 * Imports of JavaScript found by es-module-lexer. This file is loaded for controllers alone.
 *
 * @module
 */

import { init, parse } from "npm:es-module-lexer@1.7.0";

/** An import, or `import.meta`. */
export interface FoundImport {
  /** The specifier; undefined for `import.meta`, and for an import of an expression. */
  readonly specifier: string | undefined;
  /** Where it begins and ends in the code, without the quotes of a static import, and with those of a dynamic one. */
  readonly start: number;
  readonly end: number;
  /** Where the whole import ends, with its attributes. */
  readonly statementEnd: number;
  readonly kind: "static" | "dynamic" | "meta";
}

/**
 * Finds the imports of a module.
 *
 * @param code JavaScript
 * @returns The imports in their order; undefined where it cannot be parsed, of which the runtime says more
 */
export async function findImports(code: string): Promise<FoundImport[] | undefined> {
  await init;
  try {
    const [imports] = parse(code);
    return imports.map(({ n, s, e, se, d }) => ({
      specifier: n,
      start: s,
      end: e,
      statementEnd: se,
      kind: d === -2 ? "meta" : d === -1 ? "static" : "dynamic",
    }));
  } catch {
    return undefined;
  }
}
