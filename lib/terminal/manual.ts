/**
 * The manual page, from the tables that parsing and help use, too.
 *
 * @module
 */

import type { Command, Program } from "./command.ts";
import { explainOption, nameWithValue, usageOf } from "./help.ts";
import type { Option } from "./option.ts";

/**
 * Writes the manual page in the language of `man` (man(7) of groff).
 *
 * @param program The program that the page is about
 * @param commands All commands, each with a summary of one line
 * @returns The page's source
 */
export function manualPage(
  { purpose, notes, commonOptions, version }: Program,
  commands: readonly { summary: string; command: Command }[],
): string {
  return [
    `.TH VILLAS\\-CLIENT 1 "" "villas\\-client ${roff(version)}" "User Commands"`,
    // Neither hyphens in names nor wide gaps.
    ".nh",
    ".ad l",
    ".SH NAME",
    `villas\\-client \\- ${roff(purpose)}`,
    ".SH SYNOPSIS",
    ".B villas\\-client",
    ".I COMMAND",
    "[\\fIOPTIONS\\fR] [\\fIOPERANDS\\fR]",
    ".SH DESCRIPTION",
    ...notes.flatMap((paragraph) => [".PP", roff(paragraph)]),
    ".SH COMMANDS",
    ...commands.flatMap(({ summary, command }) => section(summary, command, Object.values(commonOptions))),
    ".SH OPTIONS OF EVERY COMMAND",
    ...Object.entries(commonOptions).flatMap(([name, option]) => optionEntry(name, option)),
    ".SH ENVIRONMENT",
    ...environment(commands.map(({ command }) => command)),
    "",
  ].join("\n");
}

function section(summary: string, command: Command, common: readonly Option<unknown>[]): string[] {
  const own = Object.entries(command.options).filter(([, option]) => !common.includes(option));
  return [
    `.SS ${roff(command.name)}: ${roff(summary)}`,
    `.B ${roff(usageOf(command))}`,
    ...command.description.flatMap((paragraph) => [".PP", roff(paragraph)]),
    ...own.flatMap(([name, option]) => optionEntry(name, option)),
    ...command.examples.flatMap((
      { what, line },
    ) => [".PP", `${roff(what)}:`, ".PP", ".EX", `    ${roff(line)}`, ".EE"]),
  ];
}

function optionEntry(name: string, option: Option<unknown>): string[] {
  const short = option.short === undefined ? "" : `\\fB\\-${roff(option.short)}\\fR, `;
  return [".TP", `${short}\\fB${roff(nameWithValue(name, option))}\\fR`, roff(explainOption(option))];
}

/** Lists each variable once, with the options that it provides. */
function environment(commands: readonly Command[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const [name, { env }] of commands.flatMap(({ options }) => Object.entries(options))) {
    if (env !== undefined) names.set(env, (names.get(env) ?? new Set()).add(`--${name}`));
  }
  const entries: [string, string][] = [...names].map(([variable, options]) => [
    variable,
    `Value of ${[...options].join(" and ")} if the option is not given.`,
  ]);
  entries.push(["NO_COLOR", "If set to anything, text on a terminal is not coloured."]);
  return entries.flatMap(([variable, meaning]) => [".TP", `\\fB${roff(variable)}\\fR`, roff(meaning)]);
}

/** Escapes a text, so that no character of it means anything to the formatter. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
