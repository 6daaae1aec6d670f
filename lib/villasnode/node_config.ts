/**
 * The client's end of a link: the settings of a client for a node of VILLASnode's configuration.
 *
 * @module
 */

import { findSignalsToNode } from "./_paths.ts";
import { readInputSignals } from "./_signals.ts";
import type { FormatSpecification } from "../formats/table.ts";
import { asGroup, type ConfigGroup, type ConfigValue, parseLibconfig } from "./libconfig.ts";
import type { Signal } from "../samples/signals.ts";
import type { MulticastOptions } from "../transports/transport.ts";

/** Settings of a client: everything that it and its node have to agree on, as the client sees it. */
export interface ClientSettings {
  /** The address that the client receives on. */
  local: string;
  /** The address that the client sends to. */
  remote: string;
  /** The format of the datagrams, with its options. */
  format: FormatSpecification;
  /** The signals by direction: `in` of the samples that the client receives, `out` of those that it sends. */
  signals?: { readonly in?: readonly Signal[]; readonly out?: readonly Signal[] };
  /** Samples per datagram that the node takes. */
  vectorize?: number;
  /** The multicast group that the client receives from. */
  multicast?: MulticastOptions;
  /** Sentences on settings that the configuration does not give, and why. */
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
 * @throws {SyntaxError} If it is neither JSON nor libconfig, with the path, line and column
 * @throws {Deno.errors.NotFound} If there is no such file
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readNodeConfig } from "@villas/client/villasnode";
 *
 * const path = await Deno.makeTempFile({ suffix: ".conf" });
 * await Deno.writeTextFile(path, 'nodes = { a = { type = "socket" } }');
 * assertEquals(await readNodeConfig(path), { nodes: { a: { type: "socket" } } });
 * await Deno.remove(path);
 * ```
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
 * A node that receives on any address (`*:12000`) is taken to run on this machine. The client sends the signals that the
 * node takes, its `in.signals`, or 64 floats where it has none. It receives the signals of the enabled path that leads to
 * the node: those of the path's sources, as its mappings select from them. Where the file does not give these (a hook such
 * as `lua` changes them, a node such as `c37.118` has its own, or there is no path), `signals.in` is missing and a note
 * says why.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node; needed where there is more than one socket node
 * @returns The settings of the client
 * @throws {TypeError} If there is no such node, or it is not a socket node with two addresses
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`, `lib/node_direction.cpp`, `lib/path.cpp` and `lib/mapping.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clientSettingsForNode, parseLibconfig } from "@villas/client/villasnode";
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
 * const { local, remote, format, signals } = clientSettingsForNode(config, "client");
 * assertEquals([local, remote, format], ["udp://127.0.0.1:12001", "udp://127.0.0.1:12000", "protobuf"]);
 * assertEquals([signals?.in?.length, signals?.out?.length], [2, 1]);
 * ```
 */
export function clientSettingsForNode(config: ConfigGroup, name?: string): ClientSettings {
  const [nodeName, node] = findNode(config, name);
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
  const settings: ClientSettings = {
    local: address(output, "out"),
    remote: address(input, "in"),
    format: asFormat(node.format ?? defaultFormat),
  };
  const found = findSignalsToNode(config, nodeName, node);
  const out = readInputSignals(node);
  if ("signals" in found) {
    settings.signals = { in: found.signals, out };
  } else {
    settings.signals = { out };
    settings.notes = [`Cannot tell the signals that "${nodeName}" sends from the configuration: ${found.reason}`];
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
    throw new TypeError(`Cannot choose a node: the configuration has ${listNames(sockets)}; name one of them`);
  }
  if (!Object.hasOwn(nodes, found)) {
    throw new TypeError(`Cannot find node "${found}": the configuration has ${listNames(sockets)}`);
  }
  const node = asGroup(nodes[found], found);
  if (node.type !== "socket") {
    throw new TypeError(`Cannot connect with node "${found}" of type ${node.type}: expected a socket node`);
  }
  return [found, node];
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? "no socket node" : `the socket nodes ${names.join(", ")}`;
}

function asFormat(value: ConfigValue): FormatSpecification {
  if (typeof value === "string") return value;
  const { type, ...options } = asGroup(value, "format");
  if (typeof type !== "string") throw new TypeError("Cannot find the format of the node: format.type is missing");
  return { type, ...options };
}

/** Returns the address for `HOST:PORT` as VILLASnode writes it; any address of the node's machine is this machine. */
function toUdpAddress(text: string): string {
  const [, host = "", port = ""] = /^([^:]*):(\d+|\*)$/.exec(text) ?? [];
  if (port === "") throw new TypeError(`Cannot read "${text}" as the address of a node: expected HOST:PORT`);
  const isAny = host === "" || host === "*" || host === "0.0.0.0";
  return `udp://${isAny ? "127.0.0.1" : host}:${port === "*" ? "0" : port}`;
}

/**
 * Returns whether a host is the IPv4 address of a multicast group.
 *
 * @see RFC 5771
 */
export function isMulticast(host: string): boolean {
  return /^(22[4-9]|23\d)\./.test(host);
}
