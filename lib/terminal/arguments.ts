/**
 * Takes the words of a command line apart, as getopt and with it VILLASnode's own tools do: `-nl5` is `-n -l 5`. What a
 * word means is up to its option.
 *
 * @module
 */

import type { Options } from "./option.ts";

/** An option as the command line gives it. */
export interface GivenOption {
  /** Name without hyphens. */
  readonly name: string;
  /** The option as it was typed, such as `"-l"` or `"--count"`. */
  readonly shown: string;
  /** Its value; empty for a switch, and where an optional value is omitted. */
  readonly text: string;
}

/** A word that cannot be understood. */
export interface Fault {
  /** The option as it was typed. */
  readonly shown: string;
  /** Reason; `"unknown"` if there is no such option. */
  readonly reason: "unknown" | "missing value" | "unexpected value";
  /** Name of the option; undefined if it is unknown. */
  readonly name?: string;
  /** The word that it stands in, or the value that it does not take. */
  readonly text: string;
}

/** The words of a command line, taken apart. */
export interface Words {
  /** The options, in their order. */
  readonly given: readonly GivenOption[];
  /** Words that are not options. */
  readonly operands: readonly string[];
  /** Words that cannot be understood, in their order. */
  readonly faults: readonly Fault[];
}

/**
 * Takes the arguments of a command apart.
 *
 * Letters may be joined, and the last of them may take a value: `-l 5`, `-l5`, `-l=5`, `-nl5`. A value may begin with a
 * hyphen (`--reply -1,2`), unless it is one of the command's options, which then lacks its value. Where a value is optional,
 * it follows `=` in the same word: what stands in the next word is an operand. Everything behind `--` is, too, and so is `-`,
 * alone or with settings (`-,format=json`).
 *
 * @param args The arguments
 * @param options The command's options
 */
export function splitArguments(args: readonly string[], options: Options): Words {
  const given: GivenOption[] = [];
  const operands: string[] = [];
  const faults: Fault[] = [];
  const rest = [...args];

  /** Takes the value of an option, and returns whether the rest of its word belongs to it. */
  function take(name: string | undefined, shown: string, attached: string, word: string): boolean {
    const option = name === undefined ? undefined : options[name];
    if (name === undefined || option === undefined) {
      faults.push({ shown, reason: "unknown", text: word });
      return true;
    }
    const { value, isValueOptional } = option;
    if (attached.startsWith("=") && value === undefined) {
      faults.push({ shown, reason: "unexpected value", name, text: attached.slice(1) });
      return true;
    }
    if (value === undefined || (isValueOptional && !attached.startsWith("="))) {
      given.push({ name, shown, text: "" });
      return false;
    }
    if (attached !== "") {
      given.push({ name, shown, text: attached.replace(/^=/, "") });
      return true;
    }
    const next = rest[0];
    if (next === undefined || next === "--" || isOption(next, options)) {
      faults.push({ shown, reason: "missing value", name, text: word });
    } else given.push({ name, shown, text: rest.shift() ?? "" });
    return true;
  }

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      operands.push(...rest);
      break;
    }
    const [, long, attached = ""] = /^--([^=]+)(=.*)?$/s.exec(word) ?? [];
    if (word.startsWith("--=")) {
      faults.push({ shown: word, reason: "unknown", text: word });
    } else if (long !== undefined) {
      take(Object.hasOwn(options, long) ? long : undefined, `--${long}`, attached, word);
    } else if (word.startsWith("-") && word !== "-" && !word.startsWith("-,")) {
      const letters = word.slice(1);
      let pos = 0;
      for (const letter of letters) {
        pos += letter.length;
        if (take(findLetter(letter, options), `-${letter}`, letters.slice(pos), word)) break;
      }
    } else {
      operands.push(word);
    }
  }
  return { given, operands, faults };
}

/** Finds the option that a letter stands for. */
function findLetter(letter: string, options: Options): string | undefined {
  return Object.keys(options).find((name) => options[name]?.short === letter);
}

/** Tells whether a word is one of the options, as a whole: `-1` and `-inf` are values. */
function isOption(word: string, options: Options): boolean {
  const [, long, short] = /^(?:--([^=]+)(?:=.*)?|-(.))$/su.exec(word) ?? [];
  if (long !== undefined) return Object.hasOwn(options, long);
  return short !== undefined && findLetter(short, options) !== undefined;
}
