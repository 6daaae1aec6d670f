/**
 * Takes options from a node of a VILLASnode configuration.
 *
 * @module
 */

import { type ClientSettings, clientSettingsForNode, readNodeConfig } from "../../villasnode/node_config.ts";
import type { Signal } from "../../samples/signals.ts";
import { UsageError } from "../../terminal/command.ts";
import type { Options } from "../../terminal/option.ts";
import type { Parsed } from "../../terminal/parse.ts";

/** The settings of a configuration file, as a command line has them. */
export interface NodeArguments {
  /** Arguments for in front of those that are given: an option that is given comes behind them and counts. */
  readonly args: readonly string[];
  /** Environment variables that do not count, because the file says what they would say. */
  readonly replaced: readonly string[];
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
    return { args: [], replaced: [], notes: [] };
  }
  const warnings: string[] = [];
  try {
    const link = clientSettingsForNode(
      await readNodeConfig(config, { onWarning: (warning) => warnings.push(warning) }),
      typeof node === "string" ? node : undefined,
    );
    const { local, remote, format, vectorize, multicast } = link;
    const settings: Record<string, string | undefined> = {
      local,
      remote,
      format: typeof format === "string" ? format : JSON.stringify(format),
      ...isTyped("signals", parsed, options) ? {} : signalSettings(link, options),
      vectorize: vectorize === undefined ? undefined : String(vectorize),
      multicast: multicast?.group,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => {
      return value !== undefined && Object.hasOwn(options, name) ? [`--${name}=${value}`] : [];
    });
    const replaced = isTyped("signals", parsed, options) ? [] : [options.signals?.env ?? ""];
    return { args, replaced, notes: [...warnings, ...notesFor(link, parsed, options)] };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** A command that has one list of signals only sends them. */
function signalSettings({ signals }: ClientSettings, options: Options): Record<string, string | undefined> {
  const received = signals?.in && writeSignals(signals.in);
  const sent = signals?.out && writeSignals(signals.out);
  const hasDirections = ["signals-in", "signals-out"].some((name) => Object.hasOwn(options, name));
  return hasDirections ? { "signals-in": received, "signals-out": sent } : { signals: sent };
}

/** Signals as an option takes them: of several with the same name, as generators have them, the first one keeps it. */
function writeSignals(signals: readonly Signal[]): string {
  const names = new Set<string>();
  return JSON.stringify(signals.map(({ name, ...signal }) => {
    if (name === undefined || names.has(name)) return signal;
    names.add(name);
    return { name, ...signal };
  }));
}

function notesFor({ notes = [] }: ClientSettings, parsed: Parsed<Options>, options: Options): string[] {
  const isTold = ["signals", "signals-in"].some((name) => isTyped(name, parsed, options));
  if (isTold || !Object.hasOwn(options, "signals-in")) return [];
  return notes.map((note) => `${note}; give --signals-in where the format needs them`);
}

/** Whether an option stands on the command line; the environment counts less than a file that is named there. */
function isTyped(name: string, { values, variables }: Parsed<Options>, options: Options): boolean {
  return values[name] !== undefined && !variables.includes(options[name]?.env ?? "");
}
