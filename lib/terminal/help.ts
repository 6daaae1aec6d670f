/**
 * Shows what a command is for and what its options do, from the table that parsing uses, too.
 *
 * @module
 */

import { type Command, exitStatus } from "./command.ts";
import type { Option } from "./option.ts";
import { plainStyle, type Style } from "./style.ts";

/** The widest line of the help, in characters. */
const lineWidth = 80;

/** Where the explanation of an option begins. */
const helpColumn = 26;

/** The help of one command. */
export function commandHelp(command: Command, { heading }: Style = plainStyle): string {
  return [
    `${heading("Usage:")} ${usageOf(command)}`,
    "",
    ...command.description.flatMap((paragraph) => [...wrap(paragraph), ""]),
    heading("Options:"),
    ...Object.entries(command.options).flatMap(([name, option]) => optionHelp(name, option)),
    "",
    heading("Examples:"),
    ...command.examples.flatMap(({ what, line }) => [...wrap(`# ${what}`, 2), `  ${line}`]),
    "",
  ].join("\n");
}

/** The form of a command line. */
export function usageOf({ name, operands }: Pick<Command, "name" | "operands">): string {
  return ["villas-client", name, "[OPTIONS]", operands].filter((part) => part !== "").join(" ");
}

/** What the executable is for. */
export const purpose = "exchanges samples of simulation data with a VILLASnode";

/** What holds for every command, a paragraph each. */
export const generalities = [
  "Data goes to standard output, everything else to standard error. Exit status: " +
  `${exitStatus.done} done (an interrupt, too), ${exitStatus.failed} failed, ${exitStatus.usage} wrong usage, ` +
  `${exitStatus.timeout} a sample did not come in time; compare has its own.`,
  "An option whose help names an environment variable takes its value from there where it is not given. Text on a " +
  "terminal is coloured, unless NO_COLOR is set.",
] as const;

/** The help of the executable. */
export function overview(
  commands: readonly { name: string; summary: string }[],
  version: string,
  { heading }: Style = plainStyle,
): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return [
    `villas-client ${version}: ${purpose}`,
    "",
    `${heading("Usage:")} villas-client COMMAND [OPTIONS]`,
    "",
    heading("Commands:"),
    ...commands.flatMap(({ name, summary }) => hang(`  ${name}`, summary, width)),
    "",
    ...wrap("Each command has --help."),
    "",
    ...generalities.flatMap((paragraph) => [...wrap(paragraph), ""]),
  ].join("\n");
}

/** The name of an option with what stands for its value. */
export function nameWithValue(name: string, { value, isValueOptional }: Option<unknown>): string {
  return `--${name}${value === undefined ? "" : isValueOptional ? `[=${value}]` : ` ${value}`}`;
}

/** What an option does, and what happens without it. */
export function explainOption({ help, defaultText, env }: Option<unknown>): string {
  const initial = [env === undefined ? [] : `$${env}`, defaultText ?? []].flat().join(", else ");
  return initial === "" ? help : `${help}; default: ${initial}`;
}

function optionHelp(name: string, option: Option<unknown>): string[] {
  const left = `  ${option.short === undefined ? "    " : `-${option.short}, `}${nameWithValue(name, option)}`;
  return hang(left, explainOption(option), helpColumn);
}

/** Text in the right column; what stands in the left one gets a line of its own where it is too long. */
function hang(left: string, text: string, column: number): string[] {
  const [first = "", ...rest] = wrap(text, column);
  return left.length + 2 <= column ? [left.padEnd(column) + first.trimStart(), ...rest] : [left, first, ...rest];
}

/** Breaks a paragraph into lines. */
function wrap(paragraph: string, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > lineWidth) {
      lines.push(" ".repeat(indent) + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, " ".repeat(indent) + line];
}
