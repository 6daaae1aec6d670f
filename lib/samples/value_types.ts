/**
 * Types of values: the type of a value, whether values fit their signals, and casts between types.
 *
 * @module
 */

import { isComplex, type Value } from "./sample.ts";
import type { Signal, SignalType } from "./signals.ts";

/**
 * The type of the signal that a value belongs to.
 *
 * @param value A value of a sample
 * @returns VILLASnode's name of the type; `"invalid"` for a value that is not set
 */
export function typeOfValue(value: Value): SignalType | "invalid" {
  switch (typeof value) {
    case "number":
      return "float";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return isComplex(value) ? "complex" : "invalid";
  }
}

/**
 * What is wrong with the values of a sample for a VILLASnode that has these signals, or nothing.
 *
 * VILLASnode 1.2 dies on a value of another type than its signal's and on more values than it has signals. Fewer values
 * are fine: it keeps the last ones.
 *
 * @param values The values of a sample
 * @param signals The signals of the receiving node
 * @param unsetFits Whether a value that is not set fits any signal; default false, because VILLASnode dies on it too
 * @returns What is wrong, as the end of a sentence, or undefined
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { findMismatch } from "@villas/client/samples";
 *
 * assertEquals(findMismatch([1.5, 2n], parseSignals("fi")), undefined);
 * assertEquals(findMismatch([1.5, 2], parseSignals("fi")), "value 1 is of type float, signal1 of type integer");
 * ```
 */
export function findMismatch(
  values: readonly Value[],
  signals: readonly Signal[],
  unsetFits = false,
): string | undefined {
  if (values.length > signals.length) return `it has ${values.length} values for ${signals.length} signals`;
  for (let i = 0; i < values.length; i++) {
    const signal = signals[i];
    const type = typeOfValue(values[i] ?? null);
    if (type === "invalid" && unsetFits) continue;
    if (signal !== undefined && type !== signal.type) {
      return `value ${i} is of type ${type}, ${signal.name ?? `signal${i}`} of type ${signal.type}`;
    }
  }
  return undefined;
}

/**
 * Casts a float to another type, as VILLASnode does (`lib/signal_data.cpp`): an integer is cut towards zero, a boolean is
 * whether it is not 0, a complex number has no imaginary part.
 *
 * @param value The float
 * @param type Type to cast to
 * @returns The value; an integer beyond 64 bits is the nearest one, and 0 for NaN
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { castFloat } from "@villas/client/samples";
 *
 * assertEquals([castFloat(-2.7, "integer"), castFloat(0.5, "boolean")], [-2n, true]);
 * ```
 */
export function castFloat(value: number, type: SignalType): Value {
  switch (type) {
    case "float":
      return value;
    case "integer":
      if (Number.isNaN(value)) return 0n;
      if (value >= 2 ** 63) return 2n ** 63n - 1n;
      return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
    case "boolean":
      return value !== 0;
    case "complex":
      return { real: value, imag: 0 };
  }
}
