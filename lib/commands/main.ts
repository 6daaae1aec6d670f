/**
 * Runs the command that a command line asks for.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import { createOutput } from "../system/output.ts";
import { type CommandEntry, exitStatus, unknownOperand } from "../terminal/command.ts";
import { createLog } from "../terminal/log.ts";
import { styleFor } from "../terminal/style.ts";
import { version } from "../version.ts";
import type { RunState } from "./_shared/run_command.ts";
import { commands as allCommands } from "./table.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, such as `Deno.args`
 * @param commands The commands; default: those of the table
 * @returns The exit status
 */
export async function main(args: readonly string[], commands: readonly CommandEntry[] = allCommands): Promise<number> {
  const output = createOutput(Deno.stdout, "standard output");
  const ended = new AbortController();
  const hangups = new Set<() => void>();
  const releaseSignals = onSignals(() => ended.abort(), hangups);
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
    const entry = await findCommand(commands, name ?? "");
    const [{ runCommand }, command] = await Promise.all([import("./_shared/run_command.ts"), entry.load()]);
    state.command = command;
    const onHangup = (callback: () => void) => {
      hangups.add(callback);
      return { [Symbol.dispose]: () => void hangups.delete(callback) };
    };
    return await runCommand(command, rest, { output, style, ended: ended.signal, commands, onHangup }, state);
  } catch (error) {
    const { explainMissingPackage } = await import("../system/packages.ts");
    const status = reportError(explainMissingPackage(error), state);
    return state.command?.failureStatus ?? status;
  } finally {
    releaseSignals();
  }
}

/** Returns the version or a help, if the arguments ask for one of these. */
async function describeProgram(
  commands: readonly CommandEntry[],
  name: string | undefined,
  rest: readonly string[],
): Promise<string | undefined> {
  if (name === undefined) throw new InputError("A command is missing");
  if (name === "--version" || name === "-V") {
    if (rest[0] !== undefined) throw unknownOperand(rest[0]);
    return `villas-client ${version} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`;
  }
  if (!helpWords.includes(name)) return undefined;
  const [about, more] = rest;
  if (more !== undefined) throw unknownOperand(more);
  const { helpOfCommand, helpOfProgram } = await import("./_shared/help_texts.ts");
  if (about === undefined || helpWords.includes(about)) return await helpOfProgram(commands);
  return await helpOfCommand(await (await findCommand(commands, about)).load());
}

/** Words that ask for help. */
const helpWords: readonly string[] = ["help", "--help", "-h"];

async function findCommand(commands: readonly CommandEntry[], name: string): Promise<CommandEntry> {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const kind = name.startsWith("-") ? "option" : "command";
  const { suggest } = await import("../terminal/parse.ts");
  const nearest = await suggest(name, commands.map((command) => command.name));
  throw new InputError(`Unknown ${kind} ${name}${nearest && `: ${nearest}`}`);
}

/** Time within which several signals are one request, in milliseconds. */
const requestWindow = 500;

/**
 * Calls back at the first interrupt or request to terminate. Signals that follow within half a second belong to it: GNU
 * timeout sends two, and Ctrl-C reaches a process and the npx that started it, which passes it on. A later one ends the
 * process as it always does.
 *
 * @param callback Called at the first of them
 * @param hangups What SIGHUP does instead, while there is anything
 * @returns Stops listening, unless there was a request: what follows it must not end the process before its status
 */
function onSignals(callback: () => void, hangups: ReadonlySet<() => void>): () => void {
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  let isRequested = false;
  const release = () => {
    for (const name of names) Deno.removeSignalListener(name, listenerOf(name));
  };
  const listener = () => {
    if (isRequested) return;
    isRequested = true;
    Deno.unrefTimer(setTimeout(release, requestWindow));
    callback();
  };
  const hangUp = () => {
    if (hangups.size === 0) listener();
    else for (const act of [...hangups]) act();
  };
  const listenerOf = (name: Deno.Signal) => name === "SIGHUP" ? hangUp : listener;
  for (const name of names) Deno.addSignalListener(name, listenerOf(name));
  return () => {
    if (!isRequested) release();
  };
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
