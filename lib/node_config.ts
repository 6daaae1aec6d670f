/**
 * The two ends of a link, in VILLASnode's configuration: what the client has to be for a node, and what the node has to
 * be for a client.
 *
 * @module
 */

import type { FormatSpecification } from "./formats/table.ts";
import { type ConfigGroup, type ConfigValue, parseLibconfig } from "./libconfig.ts";
import { formatSignals, parseSignals, type Signal } from "./signals.ts";
import type { MulticastOptions } from "./transports/transport.ts";

/** What a client and its node have to agree on, as the client sees it. */
export interface LinkSettings {
  /** The address that the client receives on. */
  local: string;
  /** The address that the client sends to. */
  remote: string;
  /** The format of the datagrams, with its options. */
  format: FormatSpecification;
  /** What the node takes: the values that the client sends. */
  signals?: readonly Signal[];
  /** How many samples the node takes from a datagram. */
  vectorize?: number;
  /** The multicast group that the client receives from. */
  multicast?: MulticastOptions;
}

/** VILLASnode's default for the format of a socket node (`lib/nodes/socket.cpp`). */
const defaultFormat = "villas.binary";

/** VILLASnode's default for signals: 64 floats (`lib/node_direction.cpp`). */
const defaultSignals = "64f";

/** Names of nodes that VILLASnode takes (`include/villas/node.hpp`). */
const nodeName = /^[a-z0-9_-]{2,32}$/;

/** IPv4 addresses of multicast groups (RFC 5771). */
const multicastHost = /^(22[4-9]|23\d)\./;

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
 * What a client has to be for a node: the node's addresses exchanged, its format and the signals that it takes.
 *
 * A node that receives on any address (`*:12000`) is taken to run on this machine.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node; may be left out where there is only one socket node
 * @returns The settings of the client
 * @throws {TypeError} If there is no such node, or it cannot be the other end of a datagram socket
 *
 * @see VILLASnode, `lib/nodes/socket.cpp` and `lib/node_direction.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linkOfNode, parseLibconfig } from "@villas/client";
 *
 * const config = parseLibconfig(`nodes = { client = {
 *   type = "socket", format = "protobuf",
 *   in = { address = "*:12000", signals = "2f" }, out = { address = "127.0.0.1:12001" }
 * } }`);
 * const { local, remote, format, signals } = linkOfNode(config, "client");
 * assertEquals([local, remote, format], ["udp://127.0.0.1:12001", "udp://127.0.0.1:12000", "protobuf"]);
 * assertEquals(signals?.length, 2);
 * ```
 */
export function linkOfNode(config: ConfigGroup, name?: string): LinkSettings {
  const node = findNode(config, name);
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
    signals: asSignals(input.signals ?? node.signals ?? defaultSignals),
  };
  const vectorize = input.vectorize ?? node.vectorize;
  if (typeof vectorize === "number") settings.vectorize = vectorize;
  const group = asGroup(input.multicast, "in.multicast");
  if (typeof group.group === "string" && group.enabled !== false) {
    // The node listens to a group, so the client sends to it.
    settings.remote = settings.remote.replace(/^udp:\/\/.*:/, `udp://${group.group}:`);
  }
  const target = /^udp:\/\/([^:]+):/.exec(settings.local)?.[1] ?? "";
  if (multicastHost.test(target)) {
    settings.multicast = { group: target };
    settings.local = settings.local.replace(target, "0.0.0.0");
  }
  return settings;
}

function findNode(config: ConfigGroup, name: string | undefined): ConfigGroup {
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
  return node;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "no socket node" : `the socket nodes ${names.join(", ")}`;
}

function asGroup(value: ConfigValue | undefined, what: string): ConfigGroup {
  if (value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value;
  throw new TypeError(`Cannot take ${what} as a group of settings: it is ${JSON.stringify(value)}`);
}

function asFormat(value: ConfigValue): FormatSpecification {
  if (typeof value === "string") return value;
  const { type, ...options } = asGroup(value, "format");
  if (typeof type !== "string") throw new TypeError("Cannot find the format of the node: format.type is missing");
  return { type, ...options };
}

/** The three notations of signals: `"64f"`, a list, and `{count, type, name}`. */
function asSignals(value: ConfigValue): Signal[] {
  if (typeof value === "string" || Array.isArray(value)) return parseSignals(value);
  const { count, ...signal } = asGroup(value, "signals");
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > 65_536) {
    throw new TypeError(`Cannot take ${JSON.stringify(value)} as signals: count is no whole number up to 65536`);
  }
  return parseSignals(Array.from({ length: count }, () => signal));
}

/** `HOST:PORT` as VILLASnode writes it, where any host of the node's machine is this machine. */
function toUdpAddress(text: string): string {
  const [, host = "", port = ""] = /^([^:]*):(\d+|\*)$/.exec(text) ?? [];
  if (port === "") throw new TypeError(`Cannot take "${text}" as the address of a node: expected HOST:PORT`);
  const isAny = host === "" || host === "*" || host === "0.0.0.0";
  return `udp://${isAny ? "127.0.0.1" : host}:${port === "*" ? "0" : port}`;
}

/** A node as VILLASnode is to be configured for a client. */
export interface NodeDescription extends LinkSettings {
  /** Name of the node; default `"client"`. */
  name?: string;
  /** The address of the client's machine as the node sees it; default: that of `local`, or this machine. */
  clientHost?: string;
}

/**
 * The VILLASnode configuration of the other end of a client: one socket node, and a path that prints what comes.
 *
 * It keeps clear of what VILLASnode's documentation and code disagree about: both addresses are given; signals are a list
 * or `64f2i`, never `{count, name}`, which gives all signals one name; multicast stands under `in`; the HTTP server, which
 * needs a free port, and huge pages, which need privileges, are off.
 *
 * @param description The client's settings
 * @returns The configuration, for `JSON.stringify` or {@linkcode formatLibconfig}
 * @throws {TypeError} If VILLASnode cannot be configured like that
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nodeConfig, linkOfNode } from "@villas/client";
 *
 * const link = { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" };
 * assertEquals(linkOfNode(nodeConfig(link)).remote, link.remote);
 * ```
 */
export function nodeConfig(description: NodeDescription): ConfigGroup {
  const { name = "client", local, remote, format, signals, vectorize, multicast, clientHost } = description;
  if (!nodeName.test(name)) {
    throw new TypeError(`Cannot call a node "${name}": VILLASnode takes 2 to 32 of the characters a-z, 0-9, _ and -`);
  }
  const isUnix = local.startsWith("unix:") || remote.startsWith("unix:");
  const { host: remoteHost, port: remotePort } = isUnix ? { host: "", port: "" } : splitUdp(remote);
  const input: ConfigGroup = { address: isUnix ? remote.slice("unix:".length) : `*:${remotePort}` };
  if (!isUnix && multicastHost.test(remoteHost)) input.multicast = { enabled: true, group: remoteHost, loop: true };
  if (signals !== undefined) input.signals = describeSignals(signals);
  if (vectorize !== undefined && vectorize > 1) input.vectorize = vectorize;
  const output: ConfigGroup = {
    address: isUnix ? local.slice("unix:".length) : outputAddress(local, remoteHost, multicast, clientHost),
  };
  return {
    http: { enabled: false },
    hugepages: 0,
    nodes: {
      [name]: { type: "socket", layer: isUnix ? "unix" : "udp", format: format as ConfigValue, in: input, out: output },
    },
    paths: [{ in: name, hooks: [{ type: "print" }] }],
  };
}

function outputAddress(local: string, remoteHost: string, multicast?: MulticastOptions, clientHost?: string): string {
  const { host, port } = splitUdp(local);
  if (port === "0") throw new TypeError(`Cannot configure a node for ${local}: it needs a fixed port to answer to`);
  const isAny = host === "0.0.0.0" || host === "*" || host === "";
  const target = multicast?.group ?? clientHost ?? (isAny ? "127.0.0.1" : host);
  if (isAny && target === "127.0.0.1" && !isThisMachine(remoteHost)) {
    throw new TypeError(
      `Cannot tell the address of this machine as ${remoteHost} sees it: give a local address such as udp://192.0.2.1:${port}`,
    );
  }
  return `${target}:${port}`;
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.startsWith("127.") || multicastHost.test(host);
}

function splitUdp(address: string): { host: string; port: string } {
  const [, host, port] = /^(?:udp:\/\/)?([^[\]:]*):(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) {
    throw new TypeError(`Cannot configure a node for ${address}: VILLASnode takes HOST:PORT over IPv4 only`);
  }
  return { host, port };
}

/** The short notation where it says all there is. */
function describeSignals(signals: readonly Signal[]): ConfigValue {
  if (signals.every(({ name, unit }, index) => name === `signal${index}` && unit === undefined)) {
    return formatSignals(signals);
  }
  return signals.map(({ name, unit, type }) => {
    const signal: ConfigGroup = { type };
    if (name !== undefined) signal.name = name;
    if (unit !== undefined) signal.unit = unit;
    return signal;
  });
}
