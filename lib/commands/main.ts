/**
 * Runs the command that a command line asks for.
 *
 * @module
 */

import { createOutput } from "../system/output.ts";
import { version } from "../version.ts";
import { type CommandEntry, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { readVariable } from "../terminal/environment.ts";
import { commandHelp, overview } from "../terminal/help.ts";
import { createLog, type Log, type LogLevel } from "../terminal/log.ts";
import { flushAll } from "./_shared/output.ts";
import { argumentsOfNode } from "./_shared/node.ts";
import { parseCommandLine, suggest } from "../terminal/parse.ts";
import { type Style, styleFor } from "../terminal/style.ts";
import { commands } from "./table.ts";

/**
 * Runs a command line.
 *
 * @param args The arguments, such as `Deno.args`
 * @returns The exit status
 */
export async function main(args: readonly string[]): Promise<number> {
  const output = createOutput(Deno.stdout);
  let log = createLog("info");
  let variables: string[] = [];
  let troubleStatus: number | undefined;
  const ended = new AbortController();
  const releaseSignals = onSignals(() => ended.abort());
  output.broken.addEventListener("abort", () => ended.abort(), { once: true });
  try {
    const style = await styleFor(Deno.stderr);
    log = createLog("info", style);
    const [name, ...rest] = args;
    if (name === undefined || ["--help", "-h", "help", "--version", "-V"].includes(name)) {
      output.write(await describeGeneral(name, rest, await styleFor(Deno.stdout)));
      await output.flush();
      return exitStatus.done;
    }
    const command = await findCommand(name).then((entry) => entry.load());
    troubleStatus = command.troubleStatus;
    // Only the table of a command knows the types of its options; they are read and given back to it unseen.
    let parsed = await parseCommandLine(rest, command.options, readVariable);
    const { args: fromNode, replaced, notes } = await argumentsOfNode(parsed, command.options);
    if (fromNode.length > 0) {
      parsed = await parseCommandLine([...fromNode, ...rest], command.options, (name) => {
        return replaced.includes(name) ? undefined : readVariable(name);
      });
    }
    const { values, operands } = parsed;
    variables = parsed.variables;
    if (values.help === true) {
      output.write(commandHelp(command, await styleFor(Deno.stdout)));
      await output.flush();
      return exitStatus.done;
    }
    if (operands.length > command.maximumOperands) {
      throw new UsageError(`Unknown operand "${operands[command.maximumOperands]}"`);
    }
    log = createLog(logLevelOf(values), style);
    for (const note of notes) log.info(note);
    const session: Session = { output, log, ended: ended.signal, commands };
    const status = await command.run(values, operands, session);
    await flushAll(output, ended.signal);
    return status;
  } catch (error) {
    const status = report(error, args[0], variables, log);
    return troubleStatus ?? status;
  } finally {
    releaseSignals();
  }
}

/** The version or a help. */
async function describeGeneral(name: string | undefined, rest: readonly string[], style: Style): Promise<string> {
  if (name === undefined) throw new UsageError("A command is missing");
  if (name === "--version" || name === "-V") {
    return `villas-client ${version} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`;
  }
  return rest[0] !== undefined && name === "help"
    ? commandHelp(await (await findCommand(rest[0])).load(), style)
    : overview(commands, version, style);
}

async function findCommand(name: string): Promise<CommandEntry> {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const what = name.startsWith("-") ? "option" : "command";
  throw new UsageError(`Unknown ${what} ${name}${await suggest(name, commands.map((command) => command.name))}`);
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

/** Says what went wrong; the exit status for it. */
function report(error: unknown, command: string | undefined, variables: readonly string[], log: Log): number {
  const message = error instanceof Error ? error.message : String(error);
  log.error(message);
  if (error instanceof Error && !(error instanceof UsageError)) log.debug(error.stack ?? "");
  if (!(error instanceof UsageError)) return exitStatus.failed;
  if (variables.length > 0) log.error(`Options were taken from the environment: ${variables.join(", ")}`);
  const known = commands.some(({ name }) => name === command) ? ` ${command}` : "";
  log.error(`See villas-client${known} --help`);
  return exitStatus.usage;
}
