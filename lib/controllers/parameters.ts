/**
 * Parameters of a controller as text: `kp=3`.
 *
 * @module
 */

import type { Parameter } from "./controller.ts";

/**
 * Parses the setting of a parameter.
 *
 * @param text A name, `=` and a value, such as `kp=3`
 * @param parameters The parameters with their values, which say the types
 * @returns The name, and the value of the type that the parameter has
 * @throws {SyntaxError} If it is not a setting, or the value is of another type
 * @throws {TypeError} If there is no such parameter
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseParameter } from "@villas/client/controllers";
 *
 * assertEquals(parseParameter("kp=3", { kp: 2, isOn: false }), { name: "kp", value: 3 });
 * assertEquals(parseParameter(" isOn = true ", { kp: 2, isOn: false }), { name: "isOn", value: true });
 * ```
 */
export function parseParameter(
  text: string,
  parameters: Readonly<Record<string, Parameter>>,
): { name: string; value: Parameter } {
  const [, name = "", given = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === "") throw new SyntaxError(`Cannot take "${text.trim()}" as a parameter: expected NAME=VALUE`);
  const initial = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (initial === undefined) {
    const names = Object.keys(parameters);
    const known = names.length === 0 ? "the controller has none" : `expected ${names.join(", ")}`;
    throw new TypeError(`Unknown parameter "${name}": ${known}`);
  }
  const value = parseValue(given, initial);
  if (value === undefined) {
    const expected = typeof initial === "number" ? "a number" : "true or false";
    throw new SyntaxError(`Cannot set parameter ${name} to "${given}": expected ${expected}`);
  }
  return { name, value };
}

function parseValue(text: string, initial: Parameter): Parameter | undefined {
  switch (typeof initial) {
    case "number": {
      const number = text === "" ? NaN : Number(text);
      return Number.isFinite(number) ? number : undefined;
    }
    case "boolean":
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : undefined;
    default:
      return text;
  }
}
