/**
 * Types of TypeScript removed by sucrase: lines stay where they are, enums and parameter properties work, and imports that
 * are used as types only are left out. It is the same in every runtime, which `stripTypeScriptTypes` of `node:module` is
 * not: some lack it, and it refuses enums and keeps those imports. This file is loaded for TypeScript alone.
 *
 * @module
 */

import { transform } from "npm:sucrase@3.35.0";

/** The beginning of a namespace of the file itself, of one line or more: sucrase leaves it out with all that is in it. */
const namespacePattern = /^(?:export\s+)?(?:namespace|module)\s+([\w$.]+)\s*\{(?:.*\}\s*$|[^]*?^\})/gm;
const valuePattern = /\b(?:const|let|var|function|class|enum)\b/;

/** TypeScript that cannot be turned into JavaScript. */
export class TypesError extends SyntaxError {
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;

  /** Creates the error. */
  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/**
 * Removes the types.
 *
 * @param code TypeScript
 * @returns JavaScript, line for line
 * @throws {TypesError} If it cannot be parsed, or has a namespace with values
 */
export function removeTypes(code: string): string {
  const result = parse(code);
  if (result instanceof TypesError) throw findInnermost(code, result);
  for (const { 0: text, 1: name = "", index } of code.matchAll(namespacePattern)) {
    // Text that is still there is not a namespace, but within a string or a comment.
    if (!valuePattern.test(text) || result.includes(text.split("\n", 1)[0] ?? text)) continue;
    const line = code.slice(0, index).split("\n").length;
    throw new TypesError(`Namespaces such as ${name} do not work: use an object, or a file of its own`, line, 1);
  }
  return result;
}

/** Removes the types; returns the error where it cannot. */
function parse(code: string): string | TypesError {
  try {
    return transform(code, { transforms: ["typescript"], disableESTransforms: true }).code;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, reason = error.message, line = 1, column = 1] = /^(?:Error transforming .*?: )?(.*) \((\d+):(\d+)\)$/s
      .exec(error.message) ?? [];
    return new TypesError(reason, Number(line), Number(column));
  }
}

/**
 * Finds the error within a function. For one in the body of an arrow function, sucrase blames the arrow, or the type before
 * it, because it takes what is there for something else then: parsing what is behind the arrow finds the place.
 */
function findInnermost(code: string, error: TypesError): TypesError {
  let found = error;
  for (;;) {
    const before = code.split("\n").slice(0, found.line - 1);
    const start = before.join("\n").length + (found.line > 1 ? 1 : 0) + found.column - 1;
    const [head] = /^(?::[^]*?)?=>(?=\s*\{)|^(?::.*?)?=>/.exec(code.slice(start)) ?? [];
    if (head === undefined) return found;
    const end = start + head.length;
    code = code.slice(0, end).replace(/[^\n]/g, " ") + code.slice(end);
    const inner = parse(code);
    if (!(inner instanceof TypesError)) return found;
    found = inner;
  }
}
