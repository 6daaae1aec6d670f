/**
 * Names of the values, for the formats that have the name of a signal beside each value.
 *
 * @module
 */

import type { Value } from "../sample.ts";
import type { Signal } from "../signals.ts";
import { asValue } from "./_json_format.ts";
import type { Json, Place } from "./_json_tree.ts";

/** Names to places in the values, and back. */
export interface SignalNames {
  /** Name of the value at a place. */
  at(index: number): string;
  /** The signal of a name, if there is one. */
  find(name: string): number | undefined;
}

/**
 * Prepares the names of a signal list; where one is missing it is `signal0`, `signal1`, ...
 *
 * @param format Name of the format, for the message
 * @param signals The signals, if they are known
 * @param reserved Names that mean something else in the format
 * @throws {TypeError} If a name would stand for two things
 */
export function createNames(
  format: string,
  signals: readonly Signal[] = [],
  reserved: readonly string[] = [],
): SignalNames {
  const names = signals.map(({ name }, index) => name || `signal${index}`);
  const places = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (places.has(name) || reserved.includes(name)) {
      throw new TypeError(`Cannot name the values of format ${format}: "${name}" would stand for two things`);
    }
    places.set(name, index);
  }
  return {
    at: (index) => names[index] ?? `signal${index}`,
    find(name) {
      const index = places.get(name);
      if (index !== undefined) return index;
      // VILLASnode's own fallback, which has an underscore that the names in its signal lists have not.
      const [, digits = ""] = /^signal_([0-9]{1,5})$/.exec(name) ?? [];
      return digits !== "" && Number(digits) < names.length ? Number(digits) : undefined;
    },
  };
}

/**
 * Puts values in the order of the signals as they come with their names: what no signal is named after is ignored, and a
 * signal that is left out in between is not set. Without signals, they stay in the order they come in.
 */
export function createCollector(format: string, signals: readonly Signal[] | undefined, names: SignalNames) {
  const values: Value[] = [];
  return {
    values,
    add(name: string, value: Json, place: Place) {
      const index = signals === undefined ? values.length : names.find(name);
      if (index === undefined) return;
      while (values.length < index) values.push(null);
      values[index] = asValue(format, value, place, signals?.[index]);
    },
  };
}
