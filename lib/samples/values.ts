/**
 * Values as people type them: `1,2.5,7i,true,1+2j`.
 *
 * @module
 */

import type { Value } from "./sample.ts";
import type { Signal, SignalType } from "./signals.ts";
import { findMismatch } from "./value_types.ts";

const real = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)`;
const realPattern = new RegExp(`^(${real})f?$`, "i");
const integerPattern = /^([+-]?\d+)i?$/i;
const complexPattern = new RegExp(`^(?:(${real})(?=[+-]|c$|$))?(?:(${real}|[+-])j)?c?$`, "i");

/**
 * Parses a list of values.
 *
 * The last letter of a value says its type: none or `f` for a float (`1`, `2.5`, `1e-3f`, `nan`, `-inf`), `i` for an
 * integer (`7i`), `j` for a complex number (`1+2j`, `2j`), `c` for a complex number without imaginary part (`1c`);
 * `true` and `false` are booleans. If signals are given, they say the types, and the letters may be left out.
 *
 * @param text Values separated by commas
 * @param signals The signals of the values, if they are known
 * @returns The values
 * @throws {SyntaxError} If a value cannot be parsed, or does not fit its signal
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { parseValues } from "@villas/client/samples";
 *
 * assertEquals(parseValues("1,2.5,7i,true,1+2j"), [1, 2.5, 7n, true, { real: 1, imag: 2 }]);
 * assertEquals(parseValues("1,7", parseSignals("fi")), [1, 7n]);
 * ```
 */
export function parseValues(text: string, signals?: readonly Signal[]): Value[] {
  const values = text.split(",").map((part, index) => parseValue(part.trim(), index, signals?.[index]?.type));
  const mismatch = signals === undefined ? undefined : findMismatch(values, signals);
  if (mismatch !== undefined) throw new SyntaxError(`Cannot take "${text}" as values: ${mismatch}`);
  return values;
}

function parseValue(text: string, index: number, type: SignalType | undefined): Value {
  const value = type === undefined ? readByLetter(text) : readAs(text, type) ?? readByLetter(text);
  if (value === undefined) {
    throw new SyntaxError(
      `Cannot take "${text}" as value ${index}: expected a float (1, 2.5), an integer (7i), true, false or ` +
        `a complex number (1+2j)`,
    );
  }
  return value;
}

/** Reads a value whose type its last letter says. */
function readByLetter(text: string): Value | undefined {
  return readBoolean(text) ?? readReal(text) ?? (/i$/i.test(text) ? readInteger(text) : undefined) ?? readComplex(text);
}

/** Reads a value of a known type, without a letter. */
function readAs(text: string, type: SignalType): Value | undefined {
  switch (type) {
    case "float":
      return readReal(text);
    case "integer":
      return readInteger(text);
    case "boolean":
      return text === "1" ? true : text === "0" ? false : readBoolean(text);
    case "complex":
      return readComplex(text);
  }
}

function readBoolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function readReal(text: string): number | undefined {
  const digits = realPattern.exec(text)?.[1];
  return digits === undefined ? undefined : toNumber(digits);
}

function readInteger(text: string): bigint | undefined {
  const digits = integerPattern.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function readComplex(text: string): Value | undefined {
  const [matched, realPart, imagPart] = complexPattern.exec(text) ?? [];
  if (!matched || (realPart === undefined && imagPart === undefined)) return undefined;
  const imag = imagPart === undefined ? 0 : /^[+-]$/.test(imagPart) ? Number(`${imagPart}1`) : toNumber(imagPart);
  return { real: realPart === undefined ? 0 : toNumber(realPart), imag };
}

function toNumber(text: string): number {
  if (/nan/i.test(text)) return NaN;
  if (/inf/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
}
