/**
 * What can be completed on a command line, from the tables that parsing and help use, too.
 *
 * @module
 */

import { formatNames } from "../formats/table.ts";
import { transportNames } from "../transports/address.ts";
import type { Command, CommandEntry } from "./command.ts";
import type { Option } from "./option.ts";

/** What something completes to: paths, addresses, some words, or nothing that could be known. */
export type Candidates = "file" | "address" | "none" | readonly string[];

/** An option as a shell completes it. */
export interface CompletableOption {
  /** Its name without hyphens. */
  readonly name: string;
  /** One-letter name. */
  readonly short: string | undefined;
  /** What it does, in few words. */
  readonly summary: string;
  /** Whether a value belongs to it: never, behind `=` if at all, or always. */
  readonly takes: "nothing" | "optional" | "value";
  /** What stands for the value in the help. */
  readonly value: string;
  /** What the value completes to. */
  readonly candidates: Candidates;
}

/** A command as a shell completes it. */
export interface CompletableCommand {
  /** What it is called by. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What its operands complete to. */
  readonly operands: Candidates;
  /** Its options. */
  readonly options: readonly CompletableOption[];
}

/** What addresses begin with; those of `memory` lead nowhere outside a process. */
export const addressBeginnings: readonly string[] = transportNames
  .filter((name) => name !== "memory")
  .map((name) => name === "unix" ? "unix:" : `${name}://`);

/** What may stand in the place of a command besides the commands. */
export const generalOptions = { "--help": "show the commands", "--version": "show the version" } as const;

/** Loads all commands for completion, and `help` behind them. */
export async function completableCommands(entries: readonly CommandEntry[]): Promise<CompletableCommand[]> {
  const commands = await Promise.all(entries.map(async ({ summary, load }) => describeCommand(summary, await load())));
  const names = commands.map(({ name }) => name);
  return [...commands, { name: "help", summary: "show the help of a command", operands: names, options: [] }];
}

function describeCommand(summary: string, { name, operands, operandChoices, options }: Command): CompletableCommand {
  return {
    name,
    summary,
    operands: operandChoices ?? operandCandidates(operands),
    options: Object.entries(options).map(([name, option]) => describeOption(name, option)),
  };
}

/** `[udp|unix]` lists what the operand may be, `FILE` stands for a path. */
function operandCandidates(operands: string): Candidates {
  if (/\bFILE/.test(operands)) return "file";
  const words = operands.match(/\b[a-z][\w.-]*/g);
  return words ?? "none";
}

function describeOption(name: string, option: Option<unknown>): CompletableOption {
  const { short, value, isValueOptional, help } = option;
  return {
    name,
    short,
    // What follows the first of these is detail.
    summary: (help.split(/[;:(]|, such as/)[0] ?? "").trim(),
    takes: value === undefined ? "nothing" : isValueOptional ? "optional" : "value",
    value: value ?? "",
    candidates: valueCandidates(option),
  };
}

function valueCandidates({ value, choices }: Option<unknown>): Candidates {
  if (choices !== undefined) return choices;
  if (value === "FORMAT") return formatNames;
  if (value === "ADDRESS") return "address";
  return value?.startsWith("FILE") ? "file" : "none";
}

/** Puts a text into single quotes, as bash and zsh read them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
