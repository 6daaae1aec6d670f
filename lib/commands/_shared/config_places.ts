/**
 * Reading a file of settings with messages that name the place in it.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { suggest } from "../../terminal/parse.ts";
import { type ConfigGroup, type ConfigValue, isGroup } from "../../villasnode/libconfig.ts";

/** Checks the values of a file; a place is such as `paths[0].in`. */
export class ConfigPlaces {
  /** Path of the file. */
  readonly path: string;
  readonly #onWarning: (message: string) => void;

  /**
   * Creates the checks for a file.
   *
   * @param path Path of the file
   * @param onWarning Called with a sentence for each key that means nothing
   */
  constructor(path: string, onWarning: (message: string) => void) {
    this.path = path;
    this.#onWarning = onWarning;
  }

  /** Throws an {@linkcode InputError} that names a place. */
  fail(place: string, why: string): never {
    throw new InputError(`Cannot use ${this.path}, ${place}: ${why}`);
  }

  /** Returns a number. */
  number(value: ConfigValue | undefined, place: string): number {
    return typeof value === "number" ? value : this.fail(place, "expected a number");
  }

  /** Returns a number above 0. */
  positive(value: ConfigValue | undefined, place: string): number {
    const number = this.number(value, place);
    return number > 0 ? number : this.fail(place, "expected a number above 0");
  }

  /** Returns a whole number of 1 or more. */
  count(value: ConfigValue | undefined, place: string): number {
    const number = this.positive(value, place);
    return Number.isSafeInteger(number) ? number : this.fail(place, "expected a whole number, 1 or greater");
  }

  /** Returns a truth value, or the default where there is none. */
  boolean(value: ConfigValue | undefined, initial: boolean, place: string): boolean {
    if (value === undefined) return initial;
    return typeof value === "boolean" ? value : this.fail(place, "expected true or false");
  }

  /** Returns one of some words, or the default where there is none. */
  choice<T extends string>(value: ConfigValue | undefined, choices: readonly T[], initial: T, place: string): T {
    if (value === undefined) return initial;
    return choices.find((choice) => choice === value) ?? this.fail(place, `expected ${choices.join(" or ")}`);
  }

  /** Returns a group of settings. */
  group(value: ConfigValue | undefined, place: string, expected = "a group"): ConfigGroup {
    return value !== undefined && isGroup(value) ? value : this.fail(place, `expected ${expected}`);
  }

  /**
   * Warns about keys that mean nothing, as VILLASnode ignores them.
   *
   * @param group The group
   * @param known Names of the keys that have a meaning
   * @param place Place of the group
   * @param others Names that are read elsewhere
   */
  async checkKeys(
    group: ConfigGroup,
    known: readonly string[],
    place: string,
    others: readonly string[] = [],
  ): Promise<void> {
    for (const key of Object.keys(group)) {
      if (known.includes(key)) continue;
      const nearest = await suggest(key, [...known, ...others]);
      this.#onWarning(
        `${this.path}, ${place}: ignoring "${key}": ${nearest || `expected ${[...others, ...known].join(", ")}`}`,
      );
    }
  }
}
