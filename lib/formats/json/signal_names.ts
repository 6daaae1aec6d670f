/**
 * Signal names, for formats that have a name beside each value.
 *
 * @module
 */

import type { Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { asValue, createDecodeError } from "./json_format.ts";
import type { JsonObject, Place } from "./json_tree.ts";
import { excerpt } from "../text/text_values.ts";

/** Most learned names, and most characters in them: more than any link has, so that no sender fills the memory. */
const maximumNames = 65_536;
const maximumCharacters = 2 ** 22;

/** Most ignored names that are kept for a report, and their greatest length. */
const maximumUnmatched = 64;
const maximumUnmatchedLength = 80;

/** Most names that an error shows, of those that came and of those that were expected. */
const shownNames = 4;

/** The default name of a signal, and the variant that VILLASnode also accepts when it reads. */
const defaultName = /^signal_?([0-9]{1,5})$/;

/** Names in the order of the values. */
interface NameTable {
  readonly names: string[];
  readonly places: Map<string, number>;
  /** Number of characters in all names. */
  characters: number;
}

/**
 * Maps names to indices of values, and back.
 *
 * The names of a signal list apply from the start. Without names, in a list of types such as `2f` or without a list,
 * the first sample with values decides: names such as `signal0` are those of the list; others are learned in the order
 * of arrival, and apply from then on.
 */
export class SignalNames {
  readonly #format: string;
  readonly #signals: readonly Signal[] | undefined;
  readonly #reserved: readonly string[];
  readonly #unmatched: Set<string>;
  /** The names of the list, with `signal0`, `signal1`, ... for missing ones. */
  readonly #listed: NameTable;
  /** The names that apply; undefined until the first sample has decided. */
  #table: NameTable | undefined;

  /**
   * Creates the mapping for a signal list.
   *
   * @param format Name of the format, for messages
   * @param signals The signals, if they are known
   * @param reserved Names that mean something else in the format
   * @param unmatched The set that collects ignored names
   * @throws {TypeError} If a name has two meanings
   */
  constructor(
    format: string,
    signals: readonly Signal[] | undefined,
    reserved: readonly string[] = [],
    unmatched = new Set<string>(),
  ) {
    this.#format = format;
    this.#signals = signals;
    this.#reserved = reserved;
    this.#unmatched = unmatched;
    const names = (signals ?? []).map(({ name }, index) => name || `signal${index}`);
    const places = new Map<string, number>();
    for (const [index, name] of names.entries()) {
      if (places.has(name) || reserved.includes(name)) {
        throw new TypeError(`Cannot name the values of format ${format}: "${name}" has two meanings`);
      }
      places.set(name, index);
    }
    this.#listed = { names, places, characters: 0 };
    if (names.some((name, index) => name !== `signal${index}`)) this.#table = this.#listed;
  }

  /** Names that came besides those of the signals and were ignored, the first 64 of them. */
  get unmatched(): ReadonlySet<string> {
    return this.#unmatched;
  }

  /** Creates a mapping for a file, which has learned nothing yet. */
  forFile(): SignalNames {
    return new SignalNames(this.#format, this.#signals, this.#reserved, this.#unmatched);
  }

  /** Returns the name of the value at an index, which no other value has. */
  at(index: number): string {
    const { names, places } = this.#table ?? this.#listed;
    const known = names[index];
    if (known !== undefined) return known;
    let name = `signal${index}`;
    while (places.has(name)) name += "_";
    return name;
  }

  /**
   * Puts values in the order of the signals. A signal that is missing in between is not set; names that belong to no
   * signal are ignored if others do, and reserved ones are not values.
   *
   * @param fields Names and values; if a name is repeated, the last value counts
   * @param place Their place, for errors
   * @returns The values
   * @throws {DecodeError} If there are names but none of them is that of a signal, or if a value cannot be one
   */
  collect({ names, items, places }: JsonObject, place: Place): Value[] {
    const table = this.#table ?? this.#choose(names);
    const countBefore = table.names.length;
    const values: Value[] = [];
    let ignored: string[] | undefined;
    try {
      for (let i = 0; i < names.length; i++) {
        const name = names[i] ?? "";
        const index = table.places.get(name) ?? this.#findOther(table, name);
        if (index !== undefined) {
          if (index > values.length) leaveUnset(values, index);
          values[index] = asValue(this.#format, items[i] ?? null, places[i] ?? place, this.#signals?.[index]);
        } else if (!this.#reserved.includes(name)) {
          ignored ??= [];
          ignored.push(name);
        }
      }
      if (ignored !== undefined && values.length === 0) {
        throw createDecodeError(this.#format, describeMismatch(table.names, ignored), place);
      }
    } catch (error) {
      // A refused sample teaches no names.
      while (table.names.length > countBefore) forget(table);
      throw error;
    }
    if (values.length > 0) this.#table = table;
    ignored?.forEach((name) => this.#keepUnmatched(name));
    return values;
  }

  #choose(names: readonly string[]): NameTable {
    if (this.#signals !== undefined && names.some((name) => defaultName.test(name))) return this.#listed;
    return { names: [], places: new Map(), characters: 0 };
  }

  /** Returns the index of a name that is not in the table: another name of a signal, or one to learn. */
  #findOther(table: NameTable, name: string): number | undefined {
    if (table !== this.#listed) return this.#learn(table, name);
    // The names in VILLASnode's signal lists have no underscore, but those that it looks for have.
    const [, digits = ""] = name.startsWith("signal_") ? defaultName.exec(name) ?? [] : [];
    return digits !== "" && Number(digits) < table.names.length ? Number(digits) : undefined;
  }

  #learn(table: NameTable, name: string): number | undefined {
    const index = table.names.length;
    const limit = this.#signals?.length ?? maximumNames;
    if (index >= limit || table.characters + name.length > maximumCharacters) return undefined;
    if (this.#reserved.includes(name)) return undefined;
    const copy = copyText(name);
    table.names.push(copy);
    table.places.set(copy, index);
    table.characters += copy.length;
    return index;
  }

  #keepUnmatched(name: string): void {
    if (this.#unmatched.size >= maximumUnmatched) return;
    const start = name.slice(0, maximumUnmatchedLength);
    const shown = start === name ? name : `${start}...`;
    if (!this.#unmatched.has(shown)) this.#unmatched.add(copyText(shown));
  }
}

/** Copies a text, because a part of a larger one would keep all of that in memory. */
function copyText(text: string): string {
  return JSON.parse(JSON.stringify(text));
}

function leaveUnset(values: Value[], end: number): void {
  const start = values.length;
  values.length = end;
  values.fill(null, start);
}

function forget(table: NameTable): void {
  const name = table.names.pop() ?? "";
  table.places.delete(name);
  table.characters -= name.length;
}

function describeMismatch(expected: readonly string[], got: readonly string[]): string {
  const values = expected.length === 0
    ? "no values, because there are no signals"
    : `values named ${listNames(expected)}`;
  return `expected ${values}, got ${listNames(got)}`;
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map(excerpt).join(", ");
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}
