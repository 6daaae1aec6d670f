/**
 * Shows what a command is for and what its options do, from the table that parsing uses, too.
 *
 * @module
 */

import { wrapText } from "../system/text.ts";
import type { Command, Program } from "./command.ts";
import type { Option } from "./option.ts";
import { plainStyle, type Style } from "./style.ts";

/** Layout of the help. */
export interface HelpLayout {
  /** Longest line, in columns; default 80. */
  readonly width?: number;
  /** Style of the headings; default: plain text. */
  readonly style?: Style;
}

/** Narrowest and widest line of help and tables, in columns: it is unreadable below, and tiring above. */
const narrowest = 40;
const widest = 200;

/** Line length where nothing tells the width of the terminal, in columns. */
const usualWidth = 80;

/**
 * Returns the length of lines of help and tables for a stream: that of `COLUMNS`, else that of the terminal, between 40 and 200 columns, and
 * 80 elsewhere.
 *
 * @param stream The stream, such as `Deno.stdout`
 * @param variable The value of the environment variable `COLUMNS`, if it is set
 */
export function lineWidth(stream: { isTerminal(): boolean }, variable?: string): number {
  const columns = /^[1-9]\d*$/.test(variable ?? "") ? Number(variable) : terminalWidth(stream);
  return Math.min(Math.max(columns, narrowest), widest);
}

/** Returns the width of a terminal, in columns; 80 where there is none, or it does not know. */
export function terminalWidth(stream: { isTerminal(): boolean }): number {
  if (!stream.isTerminal()) return usualWidth;
  try {
    // A pseudo-terminal that nobody has given a size says 0.
    return Deno.consoleSize().columns || usualWidth;
  } catch {
    return usualWidth;
  }
}

/** Writes the help of one command. */
export function commandHelp(command: Command, { width = usualWidth, style = plainStyle }: HelpLayout = {}): string {
  return [
    ...wrapText(`Usage: ${usageOf(command)}`, width).map((line) => line.replace(/^Usage:/, style.heading)),
    "",
    ...command.description.flatMap((paragraph) => [...wrapText(paragraph, width), ""]),
    style.heading("Options:"),
    ...Object.entries(command.options).flatMap(([name, option]) => optionHelp(name, option, width)),
    "",
    style.heading("Examples:"),
    // An example stays on one line, however long: it is there to be copied.
    ...command.examples.flatMap(({ what, line }) => [...wrapText(`# ${what}`, width, 2), `  ${line}`]),
    "",
  ].join("\n");
}

/** Writes the form of a command line. */
export function usageOf({ name, operands }: Pick<Command, "name" | "operands">): string {
  return ["villas-client", name, "[OPTIONS]", operands].filter((part) => part !== "").join(" ");
}

/** Writes the help of the program. */
export function programHelp(
  { purpose, notes, version }: Program,
  commands: readonly { name: string; summary: string }[],
  { width = usualWidth, style = plainStyle }: HelpLayout = {},
): string {
  const column = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return [
    ...wrapText(`villas-client ${version}: ${purpose}`, width),
    "",
    `${style.heading("Usage:")} villas-client COMMAND [OPTIONS]`,
    "",
    style.heading("Commands:"),
    ...commands.flatMap(({ name, summary }) => hang(`  ${name}`, summary, column, width)),
    "",
    ...wrapText("Run villas-client COMMAND --help for the options of a command.", width),
    "",
    ...notes.flatMap((paragraph) => [...wrapText(paragraph, width), ""]),
  ].join("\n");
}

/** Writes the name of an option with the placeholder of its value. */
export function nameWithValue(name: string, { value, isValueOptional }: Option<unknown>): string {
  return `--${name}${value === undefined ? "" : isValueOptional ? `[=${value}]` : ` ${value}`}`;
}

/** Explains what an option does, and what its default is. */
export function explainOption({ help, defaultText, env }: Option<unknown>): string {
  const fallback = [env === undefined ? [] : `$${env}`, defaultText ?? []].flat().join(", else ");
  return fallback === "" ? help : `${help} (default: ${fallback})`;
}

function optionHelp(name: string, option: Option<unknown>, width: number): string[] {
  const left = `  ${option.short === undefined ? "    " : `-${option.short}, `}${nameWithValue(name, option)}`;
  // On a narrow terminal, explanations stand below the names, not in a column of a few words.
  return hang(left, explainOption(option), width < 64 ? 8 : 26, width);
}

/** Puts text into the right column; what stands in the left one gets a line of its own if it is too long. */
function hang(left: string, text: string, column: number, width: number): string[] {
  const [first = "", ...rest] = wrapText(text, width, column);
  return left.length + 2 <= column ? [left.padEnd(column) + first.trimStart(), ...rest] : [left, first, ...rest];
}
