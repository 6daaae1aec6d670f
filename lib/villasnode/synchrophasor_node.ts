/**
 * Nodes of type `c37.118` in VILLASnode's configuration: the other end of one, in both roles, or its own place.
 *
 * @module
 */

import { asGroup, type ConfigGroup } from "./libconfig.ts";
import { describePmu } from "../formats/c37_118/description.ts";
import type { StreamDescription } from "../formats/c37_118/stream_description.ts";
import type { Signal } from "../samples/signals.ts";

/** Settings of a stream of synchrophasors. */
export interface StreamSettings {
  /** Address of the stream. */
  readonly address: string;
  /** Format of the frames, with the description of the PMUs where the configuration has one. */
  readonly format: { readonly type: "c37.118" } & StreamDescription;
  /** The signals of samples that are sent, where the configuration describes PMUs. */
  readonly signals?: readonly Signal[];
}

/** The port of addresses without one. */
const defaultPort = 4712;

/**
 * Derives the settings of a client from a node of type `c37.118`.
 *
 * A client that receives is a PDC: it connects to the node where that is a PMU (`out`), and else to the PMU that the node
 * reads (`in`). A client that sends is a PMU: it serves the address that the node reads (`in`), and else the node's own (`out`)
 * in its place. It has the PMUs that `out` describes.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node; default: the only one of this type where there is no socket node
 * @param role Whether the client sends or receives
 * @returns The settings; undefined where the node is of another type
 * @throws {TypeError} If the node has no address, or its description of PMUs is wrong
 *
 * @see VILLASnode, `lib/nodes/c37_118.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLibconfig, streamSettingsForNode } from "@villas/client/villasnode";
 *
 * const config = parseLibconfig(`nodes = { pmu = { type = "c37.118", out = { address = ":4712", idcode = 7, data_rate = 50,
 *   pmus = ( { name = "LAB", frequency = "f", rocof = "r" } ) } } }`);
 * assertEquals(streamSettingsForNode(config, "pmu", "receives")?.address, "c37.118://127.0.0.1:4712/7");
 * assertEquals(streamSettingsForNode(config, "pmu", "sends")?.signals?.map(({ name }) => name), ["f", "r"]);
 * ```
 */
export function streamSettingsForNode(
  config: ConfigGroup,
  name: string | undefined,
  role: "sends" | "receives",
): StreamSettings | undefined {
  const nodes = asGroup(config.nodes, "nodes");
  const found = name ?? findOnlyNode(nodes);
  if (found === undefined || !Object.hasOwn(nodes, found)) return undefined;
  const node = asGroup(nodes[found], found);
  if (node.type !== "c37.118") return undefined;
  const [input, output] = [asGroup(node.in, "in"), asGroup(node.out, "out")];
  const preferred = role === "sends" ? [input, output] : [output, input];
  const section = preferred.find(({ address }) => typeof address === "string");
  if (section === undefined) {
    throw new TypeError(`Cannot find the address of node "${found}": neither in.address nor out.address is there`);
  }
  const { idcode = 1 } = section;
  const address = `${toAddress(String(section.address), role === "sends")}/${idcode}`;
  if (role === "receives" || !Array.isArray(output.pmus)) return { address, format: { type: "c37.118" } };
  // The keys are VILLASnode's own, and describePmu() checks what they hold.
  const { data_rate, time_base, pmus } = output as StreamDescription;
  const description = { data_rate, time_base, pmus };
  return { address, format: { type: "c37.118", ...description }, signals: describePmu(description).signals };
}

function findOnlyNode(nodes: ConfigGroup): string | undefined {
  const types = Object.keys(nodes).map((key) => [key, asGroup(nodes[key], key)] as const)
    .filter(([, { enabled }]) => enabled !== false);
  const streams = types.filter(([, { type }]) => type === "c37.118");
  return types.some(([, { type }]) => type === "socket") || streams.length !== 1 ? undefined : streams[0]?.[0];
}

/** Returns the address for `HOST[:PORT]`, whose last colon is that of the port, as VILLASnode reads it. */
function toAddress(text: string, isServed: boolean): string {
  const colon = text.lastIndexOf(":");
  const [host, port] = colon < 0 ? [text, String(defaultPort)] : [text.slice(0, colon), text.slice(colon + 1)];
  if (!/^\d{1,5}$/.test(port)) {
    throw new TypeError(`Cannot read "${text}" as the address of a node: expected HOST:PORT`);
  }
  const isAny = host === "" || host === "0.0.0.0" || host === "*";
  const shown = isAny ? isServed ? "*" : "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `c37.118://${shown}:${port}`;
}
