/**
 * Types of TypeScript removed by sucrase: lines stay where they are, enums and parameter properties work, and imports that
 * are used as types only are left out. It is the same in every runtime, which `stripTypeScriptTypes` of `node:module` is
 * not: some lack it, and it refuses enums and keeps those imports. This file is loaded for TypeScript alone.
 *
 * @module
 */

import { transform } from "npm:sucrase@3.35.0";

/**
 * Removes the types.
 *
 * @param code TypeScript
 * @param name Name of the file, for messages
 * @returns JavaScript, line for line
 * @throws {SyntaxError} If it cannot be parsed; the message ends with line and column: `(2:9)`
 */
export function removeTypes(code: string, name: string): string {
  return transform(code, { transforms: ["typescript"], disableESTransforms: true, filePath: name }).code;
}
