/**
 * Generated signals as people type them: `sine:amplitude=10,frequency=50`.
 *
 * @module
 */

import { type GeneratedSignal, type Shape, shapes } from "./waveform.ts";

// Properties after the colon: all those of a GeneratedSignal but its shape.
const texts = ["name", "unit"] as const;
const numbers = [
  "frequency",
  "amplitude",
  "stddev",
  "offset",
  "phase",
  "pulse_width",
  "pulse_low",
  "pulse_high",
] as const;

/**
 * Parses a signal: its shape, and after a colon the properties that differ from the defaults, under VILLASnode's names.
 *
 * @param notation The signal, such as `"sine"` or `"sine:name=va,unit=V,amplitude=325,frequency=50"`; a hyphen
 * (`pulse-width`) is as good as an underscore
 * @returns The signal
 * @throws {SyntaxError} If the shape or a property does not exist, or a number cannot be parsed
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseGeneratedSignal } from "@villas/client/generators";
 *
 * assertEquals(parseGeneratedSignal("pulse:name=trip,pulse_width=3"), { signal: "pulse", name: "trip", pulse_width: 3 });
 * ```
 */
export function parseGeneratedSignal(notation: string): GeneratedSignal {
  const [, shape = "", properties] = /^([^:]*)(?::(.*))?$/s.exec(notation) ?? [];
  const signal = shapes.find((name) => name === shape);
  if (signal === undefined) {
    throw new SyntaxError(`Cannot take "${shape}" as the shape of a signal: expected ${shapes.join(", ")}`);
  }
  return properties === undefined ? { signal } : readProperties(signal, properties, notation);
}

function readProperties(signal: Shape, properties: string, notation: string): GeneratedSignal {
  const result: GeneratedSignal = { signal };
  for (const property of properties.split(",")) {
    const [, key = "", text = ""] = /^([^=]*)=(.*)$/s.exec(property) ?? [];
    const name = key.trim().replaceAll("-", "_");
    const textName = texts.find((known) => known === name);
    const numberName = numbers.find((known) => known === name);
    if (textName !== undefined) {
      result[textName] = text;
    } else if (numberName !== undefined) {
      result[numberName] = readNumber(text, numberName, notation);
    } else {
      throw new SyntaxError(
        `Cannot take "${property}" as a property in "${notation}": expected NAME=VALUE, separated by commas, with ` +
          `${[...texts, ...numbers].join(", ")}`,
      );
    }
  }
  return result;
}

function readNumber(text: string, name: string, notation: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) {
    throw new SyntaxError(`Cannot take "${text}" as ${name} in "${notation}": expected a number`);
  }
  return number;
}
