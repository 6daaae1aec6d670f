/**
 * Completions of a command line, from the tables that parsing and help use, too. The files of the shells turn it
 * into their scripts.
 *
 * @module
 */

import type { Command, CommandEntry } from "./command.ts";
import type { Option } from "./option.ts";

/** Candidates for a word: paths, the program's {@linkcode CompletionTable.prefixes}, some words, or nothing known. */
export type Candidates = "file" | "prefix" | "none" | readonly string[];

/** An option as a shell completes it. */
export interface CompletableOption {
  /** Name without hyphens. */
  readonly name: string;
  /** One-letter name. */
  readonly short: string | undefined;
  /** Summary, in few words. */
  readonly summary: string;
  /** True if it takes a value: never, only after `=`, or always. */
  readonly takes: "nothing" | "optional" | "value";
  /** Placeholder of the value in the help. */
  readonly value: string;
  /** Candidates for the value. */
  readonly candidates: Candidates;
}

/** A command as a shell completes it. */
export interface CompletableCommand {
  /** Name on the command line. */
  readonly name: string;
  /** Summary, on one line. */
  readonly summary: string;
  /** Candidates for its operands. */
  readonly operands: Candidates;
  /** Its options. */
  readonly options: readonly CompletableOption[];
}

/** Everything that a shell completes. */
export interface CompletionTable {
  /** All commands, and `help` after them. */
  readonly commands: readonly CompletableCommand[];
  /** Beginnings of a value such as an address. */
  readonly prefixes: readonly string[];
  /** Those of them that a path follows: they end in a colon. */
  readonly pathPrefixes: readonly string[];
}

/** Options that may stand in the place of a command, with what they do. */
export const generalOptions = { "--help": "show the commands", "--version": "show the version" } as const;

/** Loads all commands, and returns what can be completed. */
export async function loadCompletions(entries: readonly CommandEntry[]): Promise<CompletionTable> {
  const loaded = await Promise.all(entries.map(async ({ summary, load }) => ({ summary, command: await load() })));
  const names = loaded.map(({ command }) => command.name);
  const prefixes = [...new Set(loaded.flatMap(({ command }) => Object.values(command.options)).flatMap(prefixesOf))];
  return {
    commands: [
      ...loaded.map(({ summary, command }) => describeCommand(summary, command)),
      { name: "help", summary: "show the help of a command", operands: names, options: [] },
    ],
    prefixes,
    pathPrefixes: prefixes.filter((prefix) => prefix.endsWith(":")),
  };
}

function prefixesOf({ completes }: Option<unknown>): readonly string[] {
  return typeof completes === "object" && "prefixes" in completes ? completes.prefixes : [];
}

function describeCommand(summary: string, { name, operands, operandChoices, options }: Command): CompletableCommand {
  return {
    name,
    summary,
    operands: operandChoices ?? operandCandidates(operands),
    options: Object.entries(options).map(([name, option]) => describeOption(name, option)),
  };
}

/** Reads the usage line: `[udp|unix]` lists the possible operands, `FILE` stands for a path. */
function operandCandidates(operands: string): Candidates {
  if (/\bFILE/.test(operands)) return "file";
  const words = operands.match(/\b[a-z][\w.-]*/g);
  return words ?? "none";
}

function describeOption(name: string, option: Option<unknown>): CompletableOption {
  const { short, value, isValueOptional, help, completes = "none" } = option;
  return {
    name,
    short,
    // What follows the first of these is detail.
    summary: (help.split(/[;:(]|, such as/)[0] ?? "").trim(),
    takes: value === undefined ? "nothing" : isValueOptional ? "optional" : "value",
    value: value ?? "",
    candidates: typeof completes === "object" && "prefixes" in completes ? "prefix" : completes,
  };
}

/** Puts a text into single quotes, as bash and zsh read them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
