/**
 * Takes options from a node of a VILLASnode configuration.
 *
 * @module
 */

import { linkOfNode, readNodeConfig } from "../node_config.ts";
import { UsageError } from "./_command.ts";
import type { Options } from "./_option.ts";

/**
 * What a configuration file says, as arguments that stand in front of those that are given: an option that is given
 * comes behind and counts.
 *
 * @param values What the options are set to
 * @param options The command's options; what it does not have is left out
 * @throws {UsageError} Where the file has no such node, or it cannot be the other end
 */
export async function argumentsOfNode(values: Readonly<Record<string, unknown>>, options: Options): Promise<string[]> {
  const { config, node } = values;
  if (typeof config !== "string") {
    if (node !== undefined) throw new UsageError("Cannot use --node without --config");
    return [];
  }
  try {
    const link = linkOfNode(await readNodeConfig(config), typeof node === "string" ? node : undefined);
    const { local, remote, format, signals, vectorize, multicast } = link;
    const settings: Record<string, string | undefined> = {
      local,
      remote,
      format: typeof format === "string" ? format : JSON.stringify(format),
      signals: signals && JSON.stringify(signals),
      vectorize: vectorize === undefined ? undefined : String(vectorize),
      multicast: multicast?.group,
    };
    return Object.entries(settings).flatMap(([name, value]) => {
      return value !== undefined && Object.hasOwn(options, name) ? [`--${name}=${value}`] : [];
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
