/**
 * Runs one command: its arguments read, its files checked, and its output written to the end.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { type Command, type CommandEntry, exitStatus, type Session, unknownOperand } from "../../terminal/command.ts";
import { createLog, type Log, type LogLevel } from "../../terminal/log.ts";
import { asksForHelp, parseCommandLine, readVariable, UnknownOptionError } from "../../terminal/parse.ts";
import type { Style } from "../../terminal/style.ts";
import { checkFiles } from "./file_conflicts.ts";
import { withKnownOptions } from "./known_options.ts";
import { withLinkFormat } from "./link_format.ts";

/** State of a run so far, for the report of an error. */
export interface RunState {
  /** The log, of the level that the options ask for as soon as they are read. */
  log: Log;
  /** Environment variables that options were taken from. */
  variables: readonly string[];
  /** The command, once it is loaded. */
  command?: Command;
}

/** The part of a session that is there before the arguments are read. */
export interface Surroundings extends Pick<Session, "output" | "ended" | "commands" | "onHangup"> {
  /** Style of messages on standard error. */
  readonly style: Style;
}

/**
 * Runs a command, or shows its help.
 *
 * @param command The command
 * @param args Its arguments
 * @param surroundings Streams and signals
 * @param state State of the run, which is kept up to date for the report of an error
 * @returns The exit status
 */
export async function runCommand(
  command: Command,
  args: readonly string[],
  { style, ...surroundings }: Surroundings,
  state: RunState,
): Promise<number> {
  const { output, ended, commands } = surroundings;
  const { options } = command;
  if (asksForHelp(args, options)) {
    const { helpOfCommand } = await import("./help_texts.ts");
    output.write(await helpOfCommand(command));
    await output.flush();
    return exitStatus.done;
  }
  const { values, operands, notes, nameOf } = await readCommandLine(command, args, commands, state);
  const log = state.log = createLog(logLevelOf(values), style);
  await checkFiles(command, values, operands, nameOf);
  for (const note of notes) log.info(note);
  const known = await withLinkFormat(await withKnownOptions(values, options, log), options, nameOf);
  const status = await command.run(known, operands, { ...surroundings, log, nameOf });
  const { flushAll } = await import("./output.ts");
  await flushAll(output, ended);
  return status;
}

/** Reads the arguments of a command; only its table knows the types of its options, and gets them back unseen. */
async function readCommandLine(
  { options, maximumOperands }: Command,
  args: readonly string[],
  commands: readonly CommandEntry[],
  state: RunState,
) {
  let notes: readonly string[] = [];
  const { values, operands, variables, shown } = await parseCommandLine(args, options, {
    readVariable,
    async readFile(given) {
      if (given.config === undefined && given.node === undefined) return {};
      const { readNodeSettings } = await import("./node_config.ts");
      const settings = await readNodeSettings(given, options);
      notes = settings.notes;
      return settings.values;
    },
  }).catch(async (error) => {
    throw await withOwners(error, commands);
  });
  state.variables = variables;
  if (operands.length > maximumOperands) throw unknownOperand(operands[maximumOperands]);
  return { values, operands, notes, nameOf: (option: string) => shown.get(option) ?? `--${option}` };
}

/** Tells which commands have an option that this one does not have, unless it is a mistyped one. */
async function withOwners(error: unknown, commands: readonly CommandEntry[]): Promise<unknown> {
  if (!(error instanceof UnknownOptionError) || error.hasSuggestion) return error;
  const [, long, short] = /^(?:--(.+)|-(.))$/su.exec(error.option) ?? [];
  const owners: string[] = [];
  for (const { load } of commands) {
    const { name, options } = await load();
    const isOwner = Object.entries(options).some(([option, own]) => option === long || (short && own.short === short));
    if (isOwner) owners.push(name);
  }
  if (owners.length === 0) return error;
  return new InputError(`${error.message}: it is an option of ${owners.join(", ").replace(/, ([^,]*)$/, " and $1")}`);
}

function logLevelOf(values: Record<string, unknown>): LogLevel {
  if (values.quiet === true) return "warning";
  if (values.verbose === true) return "debug";
  return values["log-level"] as LogLevel;
}
