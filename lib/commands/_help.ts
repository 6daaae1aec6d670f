/**
 * Shows what a command is for and what its options do, from the table that parsing uses, too.
 *
 * @module
 */

import { type Command, exitStatus } from "./_command.ts";
import type { Option } from "./_option.ts";

/** The widest line of the help, in characters. */
const lineWidth = 80;

/** Where the explanation of an option begins. */
const helpColumn = 26;

/** The help of one command. */
export function commandHelp(command: Command): string {
  const usage = ["villas-client", command.name, "[OPTIONS]", command.operands].filter((part) => part !== "").join(" ");
  return [
    `Usage: ${usage}`,
    "",
    ...command.description.flatMap((paragraph) => [...wrap(paragraph), ""]),
    "Options:",
    ...Object.entries(command.options).flatMap(([name, option]) => optionHelp(name, option)),
    "",
    "Examples:",
    ...command.examples.flatMap(({ what, line }) => [...wrap(`# ${what}`, 2), `  ${line}`]),
    "",
  ].join("\n");
}

/** The help of the executable. */
export function overview(commands: readonly { name: string; summary: string }[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return [
    `villas-client ${version}: exchanges samples of simulation data with a VILLASnode`,
    "",
    "Usage: villas-client COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...commands.flatMap(({ name, summary }) => hang(`  ${name}`, summary, width)),
    "",
    ...wrap("Each command has --help. Data goes to standard output, everything else to standard error."),
    ...wrap(
      `Exit status: ${exitStatus.done} done (an interrupt, too), ${exitStatus.failed} failed, ` +
        `${exitStatus.usage} wrong usage, ${exitStatus.timeout} a sample did not come in time; compare has its own.`,
    ),
    "",
  ].join("\n");
}

function optionHelp(name: string, { short, value, isValueOptional, help, defaultText }: Option<unknown>): string[] {
  const shown = value === undefined ? "" : isValueOptional ? `[=${value}]` : ` ${value}`;
  const left = `  ${short === undefined ? "    " : `-${short}, `}--${name}${shown}`;
  return hang(left, defaultText === undefined ? help : `${help}; default: ${defaultText}`, helpColumn);
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
