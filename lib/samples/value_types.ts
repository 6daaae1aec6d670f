/**
 * Types of values: naming them, comparing them with a signal list, casting to them.
 *
 * @module
 */

import { isComplex, type Value } from "./sample.ts";
import type { Signal, SignalType } from "./signals.ts";

/**
 * Names the signal type of a value.
 *
 * @param value A value of a sample
 * @returns VILLASnode's name of the type; `"invalid"` for an unset value
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { typeOfValue } from "@villas/client/samples";
 *
 * assertEquals([1, 1n, null].map(typeOfValue), ["float", "integer", "invalid"]);
 * ```
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
 * Finds the first reason why the values of a sample do not fit a VILLASnode that has these signals.
 *
 * VILLASnode 1.2 does not survive a value whose type differs from its signal's, nor more values than it has signals.
 * Fewer values are fine: it keeps the previous ones.
 *
 * @param values The values of a sample
 * @param signals The signals of the receiving node
 * @param unsetFits Whether an unset value fits any signal; default false, because VILLASnode does not survive one
 * @returns The reason, as the end of a sentence; undefined if the values fit
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
  if (values.length > signals.length) {
    return `it has ${count(values.length, "value")} for ${count(signals.length, "signal")}`;
  }
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
 * Casts a float to another type, as VILLASnode does (`lib/signal_data.cpp`): an integer is truncated towards zero, a
 * boolean is true for anything but 0, a complex number has no imaginary part.
 *
 * @param value The float
 * @param type The type to cast to
 * @returns The value; beyond 64 bits it is the nearest integer, and for NaN it is 0
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
