/**
 * Takes options from a node of a VILLASnode configuration.
 *
 * @module
 */

import { linkOfNode, type LinkSettings, readNodeConfig } from "../node_config.ts";
import { UsageError } from "./_command.ts";
import type { Options } from "./_option.ts";
import type { Parsed } from "./_parse.ts";

/** The settings of a configuration file, as a command line has them. */
export interface NodeArguments {
  /** Arguments for in front of those that are given: an option that is given comes behind them and counts. */
  readonly args: readonly string[];
  /** Sentences on what the file does not tell, where the command needs it and no option says it. */
  readonly notes: readonly string[];
}

/**
 * Turns the settings of a node into arguments.
 *
 * @param parsed The command line as it is given
 * @param options The command's options; settings that it has no option for are left out
 * @throws {UsageError} Where the file has no such node, or it cannot be the other end
 */
export async function argumentsOfNode(parsed: Parsed<Options>, options: Options): Promise<NodeArguments> {
  const { config, node } = parsed.values;
  if (typeof config !== "string") {
    if (node !== undefined) throw new UsageError("Cannot use --node without --config");
    return { args: [], notes: [] };
  }
  try {
    const link = linkOfNode(await readNodeConfig(config), typeof node === "string" ? node : undefined);
    const { local, remote, format, vectorize, multicast } = link;
    const settings: Record<string, string | undefined> = {
      local,
      remote,
      format: typeof format === "string" ? format : JSON.stringify(format),
      ...isGiven("signals", parsed, options) ? {} : signalSettings(link, options),
      vectorize: vectorize === undefined ? undefined : String(vectorize),
      multicast: multicast?.group,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => {
      return value !== undefined && Object.hasOwn(options, name) ? [`--${name}=${value}`] : [];
    });
    return { args, notes: notesFor(link, parsed, options) };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** A command with one list of signals sends them: it has no use for those that it would receive. */
function signalSettings({ signals }: LinkSettings, options: Options): Record<string, string | undefined> {
  const received = signals?.in && JSON.stringify(signals.in);
  const sent = signals?.out && JSON.stringify(signals.out);
  return Object.hasOwn(options, "signals-out") ? { "signals-in": received, "signals-out": sent } : { signals: sent };
}

function notesFor({ notes = [] }: LinkSettings, parsed: Parsed<Options>, options: Options): string[] {
  const isTold = ["signals", "signals-in"].some((name) => parsed.values[name] !== undefined);
  if (isTold || !Object.hasOwn(options, "signals-in")) return [];
  return notes.map((note) => `${note}; give --signals-in where the format needs them`);
}

/** Whether an option stands on the command line; the environment counts less than a file that is named there. */
function isGiven(name: string, { values, variables }: Parsed<Options>, options: Options): boolean {
  return values[name] !== undefined && !variables.includes(options[name]?.env ?? "");
}
