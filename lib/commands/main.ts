/**
 * Runs the command that a command line asks for.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import { createOutput } from "../system/output.ts";
import { type Command, type CommandEntry, exitStatus, type Session } from "../terminal/command.ts";
import { commandHelp, type HelpLayout, helpWidth, programHelp } from "../terminal/help.ts";
import { createLog, type Log, type LogLevel } from "../terminal/log.ts";
import { parseCommandLine, readVariable, suggest } from "../terminal/parse.ts";
import { styleFor } from "../terminal/style.ts";
import { version } from "../version.ts";
import { readNodeSettings } from "./_shared/node_config.ts";
import { withKnownOptions } from "./_shared/known_options.ts";
import { flushAll } from "./_shared/output.ts";
import { program } from "./_shared/program.ts";
import { commands as allCommands } from "./table.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, such as `Deno.args`
 * @param commands The commands; default: those of the table
 * @returns The exit status
 */
export async function main(args: readonly string[], commands: readonly CommandEntry[] = allCommands): Promise<number> {
  const output = createOutput(Deno.stdout);
  const ended = new AbortController();
  const releaseSignals = onSignals(() => ended.abort());
  output.broken.addEventListener("abort", () => ended.abort(), { once: true });
  const state: RunState = { log: createLog("info"), variables: [] };
  try {
    const style = await styleFor(Deno.stderr);
    state.log = createLog("info", style);
    const [name, ...rest] = args;
    const text = await describeProgram(commands, name, rest);
    if (text !== undefined) {
      output.write(text);
      await output.flush();
      return exitStatus.done;
    }
    state.command = await (await findCommand(commands, name ?? "")).load();
    const { values, operands, notes } = await readCommandLine(state.command, rest, state);
    if (values.help === true) {
      output.write(commandHelp(state.command, await layout()));
      await output.flush();
      return exitStatus.done;
    }
    state.log = createLog(logLevelOf(values), style);
    for (const note of notes) state.log.info(note);
    const session: Session = { output, log: state.log, ended: ended.signal, commands };
    const known = await withKnownOptions(values, state.command.options, state.log);
    const status = await state.command.run(known, operands, session);
    await flushAll(output, ended.signal);
    return status;
  } catch (error) {
    const status = reportError(error, state);
    return state.command?.failureStatus ?? status;
  } finally {
    releaseSignals();
  }
}

/** What is known of a run so far, for the report of an error. */
interface RunState {
  log: Log;
  /** Environment variables that options were taken from. */
  variables: readonly string[];
  command?: Command;
}

/** Reads the arguments of a command; only its table knows the types of its options, and gets them back unseen. */
async function readCommandLine({ options, maximumOperands }: Command, args: readonly string[], state: RunState) {
  let notes: readonly string[] = [];
  const { values, operands, variables } = await parseCommandLine(args, options, {
    readVariable,
    async readFile(given) {
      // Who asks for help need not have the file.
      if (given.help === true) return {};
      const settings = await readNodeSettings(given, options);
      notes = settings.notes;
      return settings.values;
    },
  });
  state.variables = variables;
  if (operands.length > maximumOperands && values.help !== true) {
    throw new InputError(`Unknown operand "${operands[maximumOperands]}"`);
  }
  return { values, operands, notes };
}

/** Returns the version or a help, if the arguments ask for one of these. */
async function describeProgram(
  commands: readonly CommandEntry[],
  name: string | undefined,
  rest: readonly string[],
): Promise<string | undefined> {
  if (name === undefined) throw new InputError("A command is missing");
  if (name === "--version" || name === "-V") {
    return `villas-client ${version} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`;
  }
  if (name === "help" && rest[0] !== undefined) {
    return commandHelp(await (await findCommand(commands, rest[0])).load(), await layout());
  }
  return ["--help", "-h", "help"].includes(name) ? programHelp(program, commands, await layout()) : undefined;
}

async function layout(): Promise<HelpLayout> {
  return { style: await styleFor(Deno.stdout), width: helpWidth(Deno.stdout) };
}

async function findCommand(commands: readonly CommandEntry[], name: string): Promise<CommandEntry> {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const kind = name.startsWith("-") ? "option" : "command";
  const nearest = await suggest(name, commands.map((command) => command.name));
  throw new InputError(`Unknown ${kind} ${name}${nearest && `: ${nearest}`}`);
}

function logLevelOf(values: Record<string, unknown>): LogLevel {
  if (values.quiet === true) return "warning";
  if (values.verbose === true) return "debug";
  return values["log-level"] as LogLevel;
}

/** Calls back at the first interrupt or request to terminate; the second one ends the process as it always does. */
function onSignals(callback: () => void): () => void {
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  const release = () => {
    for (const name of names) Deno.removeSignalListener(name, listener);
  };
  const listener = () => {
    release();
    callback();
  };
  for (const name of names) Deno.addSignalListener(name, listener);
  return release;
}

/** Reports an error and returns its exit status: wrong usage for the user's input, and a failure for everything else. */
function reportError(error: unknown, { log, variables, command }: RunState): number {
  log.error(error instanceof Error ? error.message : String(error));
  // Of an input error, the stack that matters is that of its cause: a fault of ours may hide behind it.
  const origin = error instanceof InputError ? error.cause : error;
  if (origin instanceof Error) log.debug(origin.stack ?? "");
  if (!(error instanceof InputError)) return exitStatus.failed;
  if (variables.length > 0) log.error(`Options were taken from the environment: ${variables.join(", ")}`);
  log.error(`See villas-client${command === undefined ? "" : ` ${command.name}`} --help`);
  return exitStatus.usage;
}
