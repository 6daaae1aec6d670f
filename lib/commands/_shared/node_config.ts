/**
 * Options from a node of a VILLASnode configuration: the values that make a client its other end.
 *
 * @module
 */

import type { ConfigGroup } from "../../villasnode/libconfig.ts";
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
    const name = typeof node === "string" ? node : undefined;
    const found = await readClientSettings(config, name, warnings, (file) => readStream(file, name, given, options));
    if ("stream" in found) return { values: found.stream, notes: warnings };
    const link = withoutOtherRole(found.link, given);
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

/** Leaves out the address of a WebSocket where the command line gives one, which may be that of the other role. */
function withoutOtherRole(link: ClientSettings, given: ValuesByName): ClientSettings {
  const isWebSocket = /^wss?:/.test(link.remote ?? link.local ?? "");
  if (!isWebSocket || (given.local === undefined && given.remote === undefined)) return link;
  const { local: _local, remote: _remote, ...rest } = link;
  return rest;
}

/**
 * Returns the values for a node of synchrophasors; undefined for one of another type. What a command sends makes it a PMU;
 * else it is a PDC.
 */
async function readStream(
  file: ConfigGroup,
  name: string | undefined,
  given: ValuesByName,
  options: Options,
): Promise<ValuesByName | undefined> {
  const { streamSettingsForNode } = await import("../../villasnode/synchrophasor_node.ts");
  const isSender = !Object.hasOwn(options, "signals-in");
  const stream = streamSettingsForNode(file, name, isSender ? "sends" : "receives");
  if (stream === undefined) return undefined;
  const { address, format, signals } = stream;
  const place = isSender ? "local" : "remote";
  const isGiven = ["signals", "signals-out"].some((name) => given[name] !== undefined);
  return {
    local: undefined,
    remote: undefined,
    [place]: options[place]?.parse(address),
    format,
    ...!isSender || signals === undefined || isGiven ? {} : { signals },
  };
}

/**
 * Reads the settings of a client from a configuration file, or from the VILLASnode that runs with it; or those of a stream, where
 * the node of a file is one.
 */
async function readClientSettings(
  config: string,
  node: string | undefined,
  warnings: string[],
  readStream: (file: ConfigGroup) => Promise<ValuesByName | undefined>,
): Promise<{ readonly link: ClientSettings } | { readonly stream: ValuesByName }> {
  if (isApiAddress(config)) {
    const { openNodeApi } = await import("../../villasnode/api/node_api.ts");
    const { clientSettingsForRunningNode } = await import("../../villasnode/api/settings.ts");
    const onMove = (url: string) => warnings.push(`VILLASnode found the port of ${config} taken and answers at ${url}`);
    return { link: await clientSettingsForRunningNode(openNodeApi(config, { onMove }), node) };
  }
  const { clientSettingsForNode, readNodeConfig } = await import("../../villasnode/node_config.ts");
  const file = await readNodeConfig(config, { onWarning: (text) => warnings.push(text) });
  const stream = await readStream(file);
  return stream === undefined ? { link: clientSettingsForNode(file, node) } : { stream };
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
