/**
 * Options from a node of a VILLASnode configuration: the values that make a client its other end.
 *
 * @module
 */

import type { ClientSettings } from "../../villasnode/node_config.ts";
import { parseSpecification } from "../../formats/specification.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Options } from "../../terminal/option.ts";

/** Values of options. */
type ValuesByName = Readonly<Record<string, unknown>>;

/** The settings of a node. */
export interface NodeSettings {
  /** Values of the command's options, by name; an undefined one keeps the environment from providing it. */
  readonly values: ValuesByName;
  /** Sentences on what the file does not say, if the command needs it and no option says it. */
  readonly notes: readonly string[];
}

/**
 * Reads the settings of the node that a command line names.
 *
 * @param given The values that the command line gives
 * @param options The command's options; settings that it has no option for are omitted
 * @throws {InputError} If the file has no such node, or it cannot be the other end
 */
export async function readNodeSettings(given: ValuesByName, options: Options): Promise<NodeSettings> {
  const { config, node } = given;
  if (typeof config !== "string") {
    if (node !== undefined) throw new InputError("Cannot use --node without --config");
    return { values: {}, notes: [] };
  }
  // Only a command line with --config needs the readers of configurations.
  return await readInput(async () => {
    const warnings: string[] = [];
    const link = await readClientSettings(config, typeof node === "string" ? node : undefined, warnings);
    const { local, remote, format, vectorize, multicast, mqtt, amqp, tlsCaFile, credentials } = link;
    // Texts are read as on the command line: there is one notation for each.
    const texts = { local, remote, vectorize: vectorize?.toString(), multicast: multicast?.group };
    const settings: ValuesByName = {
      ...Object.fromEntries(
        Object.entries(texts).map(([name, text]) => {
          const value = text === undefined ? undefined : options[name]?.parse(text);
          const isAddress = name === "local" || name === "remote";
          return [name, isAddress && value && credentials ? { ...value, credentials } : value];
        }),
      ),
      ...{ mqtt, amqp, "tls-ca": tlsCaFile },
      format: parseSpecification(format),
      ...given.signals === undefined ? signalValues(link, options) : {},
    };
    const isKnown = ([name, value]: [string, unknown]) =>
      Object.hasOwn(options, name) && (value !== undefined || name === "signals");
    return {
      values: Object.fromEntries(Object.entries(settings).filter(isKnown)),
      notes: [...warnings, ...link.warnings ?? [], ...notesFor(link, given, options)],
    };
  });
}

/** Reads the settings of a client from a configuration file, or from the VILLASnode that runs with it. */
async function readClientSettings(
  config: string,
  node: string | undefined,
  warnings: string[],
): Promise<ClientSettings> {
  if (isApiAddress(config)) {
    const { openNodeApi } = await import("../../villasnode/api/node_api.ts");
    const { clientSettingsForRunningNode } = await import("../../villasnode/api/settings.ts");
    const onMove = (url: string) => warnings.push(`VILLASnode found the port of ${config} taken and answers at ${url}`);
    return await clientSettingsForRunningNode(openNodeApi(config, { onMove }), node);
  }
  const { clientSettingsForNode, readNodeConfig } = await import("../../villasnode/node_config.ts");
  return clientSettingsForNode(await readNodeConfig(config, { onWarning: (text) => warnings.push(text) }), node);
}

/** Returns whether a configuration is that of a running VILLASnode, at this address of its API. */
export function isApiAddress(config: string): boolean {
  return /^https?:\/\//.test(config);
}

/** Returns the signals by direction; a command that has one list of signals only sends them. */
function signalValues({ signals }: ClientSettings, options: Options): ValuesByName {
  const received = signals?.in && withUniqueNames(signals.in);
  const sent = signals?.out && withUniqueNames(signals.out);
  const hasDirections = ["signals-in", "signals-out"].some((name) => Object.hasOwn(options, name));
  return hasDirections ? { signals: undefined, "signals-in": received, "signals-out": sent } : { signals: sent };
}

/** Keeps a name only for the first of several signals that have it, as those of generators do. */
function withUniqueNames(signals: readonly Signal[]): readonly Signal[] {
  const names = new Set<string>();
  return signals.map(({ name, ...signal }) => {
    if (name === undefined || names.has(name)) return signal;
    names.add(name);
    return { name, ...signal };
  });
}

function notesFor({ notes = [] }: ClientSettings, given: ValuesByName, options: Options): string[] {
  const isGiven = ["signals", "signals-in"].some((name) => given[name] !== undefined);
  if (isGiven || !Object.hasOwn(options, "signals-in")) return [];
  return notes.map((note) => `${note}; give --signals-in if the format needs them`);
}
