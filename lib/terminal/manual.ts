/**
 * The manual page, from the tables that parsing and help use, too.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { explainOption, generalities, nameWithValue, purpose, usageOf } from "./help.ts";
import type { Option } from "./option.ts";
import { commonOptions } from "../commands/_shared/options.ts";

/**
 * Writes the manual page in the language of `man` (man(7) of groff).
 *
 * @param commands All commands, each with what it does in a line
 * @param version The version of the executable
 * @returns The page's source
 */
export function manualPage(commands: readonly { summary: string; command: Command }[], version: string): string {
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
    ...generalities.flatMap((paragraph) => [".PP", roff(paragraph)]),
    ".SH COMMANDS",
    ...commands.flatMap(({ summary, command }) => section(summary, command)),
    ".SH OPTIONS OF EVERY COMMAND",
    ...Object.entries(commonOptions).flatMap(([name, option]) => optionEntry(name, option)),
    ".SH ENVIRONMENT",
    ...environment(commands.map(({ command }) => command)),
    "",
  ].join("\n");
}

function section(summary: string, command: Command): string[] {
  const common: readonly unknown[] = Object.values(commonOptions);
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

/** Each variable once, with the options that it stands for. */
function environment(commands: readonly Command[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const [name, { env }] of commands.flatMap(({ options }) => Object.entries(options))) {
    if (env !== undefined) names.set(env, (names.get(env) ?? new Set()).add(`--${name}`));
  }
  const entries: [string, string][] = [...names].map(([variable, options]) => [
    variable,
    `What ${[...options].join(" and ")} is set to where it is not given.`,
  ]);
  entries.push(["NO_COLOR", "If set to anything, text on a terminal is not coloured."]);
  return entries.flatMap(([variable, meaning]) => [".TP", `\\fB${roff(variable)}\\fR`, roff(meaning)]);
}

/** A text as it is: no character of it means anything to the formatter. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
