/**
 * The client's end of a link, read from VILLASnode's configuration: the settings of a client for a node.
 *
 * @module
 */

import { signalsToNode } from "./_paths.ts";
import { readInputSignals } from "./_signals.ts";
import { asGroup, isMulticast } from "./_config_values.ts";
import type { FormatSpecification } from "../formats/table.ts";
import { type ConfigGroup, type ConfigValue, parseLibconfig } from "./libconfig.ts";
import type { Signal } from "../samples/signals.ts";
import type { MulticastOptions } from "../transports/udp/multicast.ts";

/** Everything that a client and its node have to agree on, as the client sees it. */
export interface LinkSettings {
  /** The address that the client receives on. */
  local: string;
  /** The address that the client sends to. */
  remote: string;
  /** The format of the datagrams, with its options. */
  format: FormatSpecification;
  /** The signals by direction: `in` of the samples that the client receives, `out` of those that the node takes. */
  signals?: { readonly in?: readonly Signal[]; readonly out?: readonly Signal[] };
  /** How many samples the node takes from a datagram. */
  vectorize?: number;
  /** The multicast group that the client receives from. */
  multicast?: MulticastOptions;
  /** Sentences on what the configuration does not tell, and why. */
  notes?: readonly string[];
}

/** VILLASnode's default for the format of a socket node (`lib/nodes/socket.cpp`). */
const defaultFormat = "villas.binary";

/**
 * Reads a VILLASnode configuration file.
 *
 * As VILLASnode does, a file is JSON only if its name ends in `.json`, and libconfig otherwise.
 *
 * @param path Path of the file
 * @returns The settings
 * @throws {SyntaxError} If it cannot be read
 * @throws {Deno.errors.NotFound} If there is no such file
 */
export async function readNodeConfig(path: string): Promise<ConfigGroup> {
  const text = await Deno.readTextFile(path);
  try {
    return path.endsWith(".json") ? JSON.parse(text) : parseLibconfig(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Derives the settings of a client from a node: the node's addresses exchanged, its format, and the signals by direction.
 *
 * A node that receives on any address (`*:12000`) is taken to run on this machine. The client sends what the node takes,
 * its `in.signals`, or 64 floats where it has none. It receives what the enabled path brings to the node: the signals of
 * the path's sources, as its mappings select from them. Where the file does not tell these (a hook such as `lua` changes
 * them, a node such as `c37.118` brings its own, or there is no path), `signals.in` is missing and a note says why.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node; may be left out where there is only one socket node
 * @returns The settings of the client
 * @throws {TypeError} If there is no such node, or it cannot be the other end of a datagram socket
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`, `lib/node_direction.cpp`, `lib/path.cpp` and `lib/mapping.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linkOfNode, parseLibconfig } from "@villas/client/villasnode";
 *
 * const config = parseLibconfig(`
 *   nodes = {
 *     client = {
 *       type = "socket", format = "protobuf",
 *       in = { address = "*:12000", signals = "f" }, out = { address = "127.0.0.1:12001" }
 *     }
 *     gen = { type = "signal.v2", in = { signals = ({ name = "va", signal = "sine" }, { signal = "ramp" }) } }
 *   }
 *   paths = ( { in = "gen", out = "client" } )
 * `);
 * const { local, remote, format, signals } = linkOfNode(config, "client");
 * assertEquals([local, remote, format], ["udp://127.0.0.1:12001", "udp://127.0.0.1:12000", "protobuf"]);
 * assertEquals([signals?.in?.length, signals?.out?.length], [2, 1]);
 * ```
 */
export function linkOfNode(config: ConfigGroup, name?: string): LinkSettings {
  const [found, node] = findNode(config, name);
  const input = asGroup(node.in, "in");
  const output = asGroup(node.out, "out");
  const layer = String(node.layer ?? "udp");
  if (!["udp", "unix", "local"].includes(layer)) {
    throw new TypeError(`Cannot connect with layer "${layer}": expected udp or unix`);
  }
  const address = (group: ConfigGroup, direction: string): string => {
    const text = group.address;
    if (typeof text !== "string") {
      throw new TypeError(`Cannot find the address of the node: ${direction}.address is missing`);
    }
    return layer === "udp" ? toUdpAddress(text) : `unix:${text}`;
  };
  const settings: LinkSettings = {
    local: address(output, "out"),
    remote: address(input, "in"),
    format: asFormat(node.format ?? defaultFormat),
  };
  const told = signalsToNode(config, found, node);
  const out = readInputSignals(node);
  if ("signals" in told) {
    settings.signals = { in: told.signals, out };
  } else {
    settings.signals = { out };
    settings.notes = [`Cannot tell the signals that "${found}" sends from the configuration: ${told.reason}`];
  }
  const vectorize = input.vectorize ?? node.vectorize;
  if (typeof vectorize === "number") settings.vectorize = vectorize;
  const group = asGroup(input.multicast, "in.multicast");
  if (typeof group.group === "string" && group.enabled !== false) {
    // The node listens to a group, so the client sends to it.
    settings.remote = settings.remote.replace(/^udp:\/\/.*:/, `udp://${group.group}:`);
  }
  const target = /^udp:\/\/([^:]+):/.exec(settings.local)?.[1] ?? "";
  if (isMulticast(target)) {
    settings.multicast = { group: target };
    settings.local = settings.local.replace(target, "0.0.0.0");
  }
  return settings;
}

function findNode(config: ConfigGroup, name: string | undefined): [name: string, node: ConfigGroup] {
  const nodes = asGroup(config.nodes, "nodes");
  const sockets = Object.keys(nodes).filter((key) => asGroup(nodes[key], key).type === "socket");
  const found = name ?? (sockets.length === 1 ? sockets[0] : undefined);
  if (found === undefined) {
    throw new TypeError(`Cannot choose a node: the configuration has ${listed(sockets)}; name one of them`);
  }
  if (!Object.hasOwn(nodes, found)) {
    throw new TypeError(`Cannot find node "${found}": the configuration has ${listed(sockets)}`);
  }
  const node = asGroup(nodes[found], found);
  if (node.type !== "socket") {
    throw new TypeError(`Cannot connect with node "${found}" of type ${node.type}: expected a socket node`);
  }
  return [found, node];
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "no socket node" : `the socket nodes ${names.join(", ")}`;
}

function asFormat(value: ConfigValue): FormatSpecification {
  if (typeof value === "string") return value;
  const { type, ...options } = asGroup(value, "format");
  if (typeof type !== "string") throw new TypeError("Cannot find the format of the node: format.type is missing");
  return { type, ...options };
}

/** `HOST:PORT` as VILLASnode writes it, where any host of the node's machine is this machine. */
function toUdpAddress(text: string): string {
  const [, host = "", port = ""] = /^([^:]*):(\d+|\*)$/.exec(text) ?? [];
  if (port === "") throw new TypeError(`Cannot take "${text}" as the address of a node: expected HOST:PORT`);
  const isAny = host === "" || host === "*" || host === "0.0.0.0";
  return `udp://${isAny ? "127.0.0.1" : host}:${port === "*" ? "0" : port}`;
}
