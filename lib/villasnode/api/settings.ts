/**
 * The settings of a client for a node of a running VILLASnode.
 *
 * @module
 */

import { type ClientSettings, clientSettingsForNode, findNode } from "../node_config.ts";
import { parseSignals } from "../../samples/signals.ts";
import { asGroup } from "../libconfig.ts";
import type { NodeApi } from "./node_api.ts";

/**
 * Derives the settings of a client from a node of a running VILLASnode: those of the configuration that it runs with, and
 * where that does not tell the signals that the node sends, those that the running path has.
 *
 * @param api The API of the VILLASnode
 * @param name Name of the node; needed where there is more than one that a client can face
 * @returns The settings of the client
 * @throws {NodeApiError} If the VILLASnode does not answer
 * @throws {TypeError} If there is no such node, or a client cannot be its other end
 *
 * @see VILLASnode, `Path::toJson` in `lib/path.cpp`: the signals of a path are those before its hooks
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { clientSettingsForRunningNode, NodeApiError, openNodeApi } from "@villas/client/villasnode";
 *
 * await assertRejects(() => clientSettingsForRunningNode(openNodeApi("http://127.0.0.1:1"), "lab"), NodeApiError);
 * ```
 */
export async function clientSettingsForRunningNode(api: NodeApi, name?: string): Promise<ClientSettings> {
  const config = await api.activeConfig();
  const [node, { out = {} }] = findNode(config, name);
  const settings = clientSettingsForNode(config, node, { apiUrl: api.url });
  if (settings.signals?.in !== undefined) return settings;
  const [path, ...others] = (await api.paths()).filter(({ out }) => out.includes(node));
  // Hooks change signals, and the path says only those in front of them.
  const hasHooks = path?.hasHooks === true || asGroup(out, "out").hooks !== undefined;
  if (path === undefined || others.length > 0 || hasHooks) return settings;
  const { notes: _notes, ...rest } = settings;
  return { ...rest, signals: { ...settings.signals, in: parseSignals(path.signals) } };
}
