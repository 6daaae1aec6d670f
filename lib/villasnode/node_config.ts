/**
 * The client's end of a link: the settings of a client for a node of VILLASnode's configuration.
 *
 * @module
 */

import { isBrokerNode, readBrokerNode } from "./_broker_nodes.ts";
import { chooseWebSocketFormat, readWebSocketNode } from "./_websocket_nodes.ts";
import type { ClientSettings } from "./client_settings.ts";
import { findSignalsToNode } from "./_paths.ts";
import { readInputSignals } from "./_signals.ts";
import type { FormatSpecification } from "../formats/table.ts";
import { findUdpPort } from "./_services.ts";
import { readConfigFile } from "./_config_files.ts";
import type { Signal } from "../samples/signals.ts";
import { describeCut } from "../transports/ws/node_check.ts";
import { asGroup, type ConfigGroup, type ConfigValue } from "./libconfig.ts";

export type { ClientSettings };

/** VILLASnode's defaults for the format, by type of node (`lib/nodes/socket.cpp`, `mqtt.cpp`, `amqp.cpp`). */
const defaultFormats: Readonly<Record<string, string>> = { socket: "villas.binary", mqtt: "json", amqp: "json" };

/** Types of nodes that a client can face. */
const knownTypes: readonly string[] = [...Object.keys(defaultFormats), "websocket"];

/** Options of {@linkcode clientSettingsForNode}. */
export interface ClientSettingsOptions {
  /** Address where the API of the VILLASnode answers, such as `"http://192.0.2.1:8080"`: its web server; default: as configured. */
  readonly apiUrl?: string | undefined;
}

/** Options of {@linkcode readNodeConfig}. */
export interface ReadNodeConfigOptions {
  /** Called with a sentence on each thing that VILLASnode reads otherwise than it is written, or only some versions read. */
  onWarning?: (message: string) => void;
  /** Returns the value of an environment variable; default: one of this process. */
  environment?: (name: string) => string | undefined;
}

/**
 * Reads a VILLASnode configuration file, and the files that it includes.
 *
 * As VILLASnode does, a file is JSON only if its name ends in `.json`, and libconfig otherwise. `@include "PATTERN"` at the
 * beginning of a line stands for the text of files, relative to the folder of the main one; a string `"@include PATTERN"`
 * for the value of JSON files; `${NAME}` in a string or a pattern for an environment variable.
 *
 * @param path Path of the file
 * @param options The receiver of warnings, and the source of variables
 * @returns The settings
 * @throws {SyntaxError} If it, or a file that it includes, is neither JSON nor libconfig, with the path, line and column, or
 *   if a variable is not set
 * @throws {Deno.errors.NotFound} If there is no such file
 *
 * @see VILLASnode, `common/lib/json.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readNodeConfig } from "@villas/client/villasnode";
 *
 * const path = await Deno.makeTempFile({ suffix: ".conf" });
 * await Deno.writeTextFile(path, 'nodes = { lab = { type = "${KIND}" } }');
 * const config = await readNodeConfig(path, { environment: (name) => name === "KIND" ? "socket" : undefined });
 * assertEquals(config, { nodes: { lab: { type: "socket" } } });
 * await Deno.remove(path);
 * ```
 */
export async function readNodeConfig(path: string, options: ReadNodeConfigOptions = {}): Promise<ConfigGroup> {
  const { onWarning = () => {}, environment = (name) => Deno.env.get(name) } = options;
  try {
    const config = await readConfigFile(path, {
      environment,
      onWarning: (message) => onWarning(`${path}: ${message}`),
      chain: [],
      included: { count: 0 },
    });
    return asGroup(config, "the file");
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError)) throw error;
    // A RangeError comes from JSON that is nested more deeply than the call stack is long.
    const reason = error instanceof RangeError ? "it is nested too deeply" : (error as Error).message;
    throw new SyntaxError(`Cannot read ${path}: ${reason}`, { cause: error });
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
 * A node of type `mqtt` or `amqp` meets the client at a broker: `local` has the topic that the node publishes, `remote` the
 * one that it subscribes to; over AMQP, both are the one exchange and routing key of the node.
 *
 * A node of type `websocket` is reached at VILLASnode's web server; where it has `destinations`, the client serves the first
 * of them. Its clients choose their format: the client takes the `format` of the node's settings, which VILLASnode itself
 * does not read, and else villas.web for floats and protobuf for signals of other types.
 *
 * @param name Name of the node; needed where there is more than one that a client can connect with. Websocket nodes, which
 *   show a VILLASnode to browsers, are left out of the choice where there are others.
 * @param options Where the VILLASnode runs, if it does
 * @returns The settings of the client
 * @throws {TypeError} If there is no such node, or a client cannot be its other end
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
export function clientSettingsForNode(
  config: ConfigGroup,
  name?: string,
  { apiUrl }: ClientSettingsOptions = {},
): ClientSettings {
  const [nodeName, node] = findNode(config, name);
  const link = readLink(config, nodeName, node, apiUrl);
  const found = findSignalsToNode(config, nodeName, node);
  const sent = "signals" in found ? found.signals : undefined;
  const out = readInputSignals(node);
  const format = link.format ?? node.format ?? defaultFormats[String(node.type)] ??
    chooseWebSocketFormat([...sent ?? [], ...out]);
  const warnings = [...link.warnings ?? [], ...sent === undefined ? [] : findWarnings(nodeName, node, sent, out)];
  const settings: ClientSettings = {
    ...link,
    format: asFormat(format),
    signals: sent === undefined ? { out } : { in: sent, out },
    ...warnings.length > 0 && { warnings },
  };
  if ("reason" in found) {
    settings.notes = [`Cannot tell the signals that "${nodeName}" sends from the configuration: ${found.reason}`];
  }
  const vectorize = asGroup(node.in, "in").vectorize ?? node.vectorize;
  if (typeof vectorize === "number") settings.vectorize = vectorize;
  return settings;
}

/** Reads the addresses of a node, as its client sees them, and what belongs to them. */
function readLink(
  config: ConfigGroup,
  name: string,
  node: ConfigGroup,
  apiUrl: string | undefined,
): Omit<ClientSettings, "format"> & { readonly format?: string } {
  if (node.type === "websocket") return readWebSocketNode(config, name, node, apiUrl);
  return isBrokerNode(node) ? readBrokerNode(node) : readSocketNode(name, node);
}

/** Finds reasons why a node does not work with the signals that its path brings, or cuts them. */
function findWarnings(name: string, { type }: ConfigGroup, sent: readonly Signal[], own: readonly Signal[]): string[] {
  if (type === "amqp" && !hasSameTypes(sent, own)) {
    return [
      `Node "${name}" hears over AMQP what it sends itself, and does not survive types that differ from in.signals: ` +
      "give it the same types in both directions",
    ];
  }
  const cut = type === "websocket" ? describeCut(name, sent.length, own.length) : undefined;
  return cut === undefined ? [] : [cut];
}

/** Tells whether samples of some signals fit others: they may be fewer. */
function hasSameTypes(sent: readonly Signal[], taken: readonly Signal[]): boolean {
  return sent.length <= taken.length && sent.every(({ type }, index) => type === taken[index]?.type);
}

/** Reads the addresses of a socket node, as its client sees them. */
function readSocketNode(nodeName: string, node: ConfigGroup): Omit<ClientSettings, "format"> {
  const input = asGroup(node.in, "in");
  const output = asGroup(node.out, "out");
  const layer = readLayer(nodeName, node);
  const address = (group: ConfigGroup, direction: string): string => {
    const text = group.address;
    if (typeof text !== "string") {
      throw new TypeError(`Cannot find the address of the node: ${direction}.address is missing`);
    }
    return layer === "udp" ? toUdpAddress(text) : `unix:${text}`;
  };
  let local = address(output, "out");
  let remote = address(input, "in");
  const group = asGroup(input.multicast, "in.multicast");
  if (typeof group.group === "string" && group.enabled !== false) {
    // The node listens to a group, so the client sends to it.
    remote = remote.replace(/^udp:\/\/.*:/, `udp://${group.group}:`);
  }
  const target = /^udp:\/\/([^:]+):/.exec(local)?.[1] ?? "";
  if (!isMulticast(target)) return { local, remote };
  local = local.replace(target, "0.0.0.0");
  return { local, remote, multicast: { group: target } };
}

/**
 * Finds the node that a client faces: the named one, or else the only one that it can face, where websocket nodes count
 * only if there is no other.
 *
 * @throws {TypeError} If there is no such node
 */
export function findNode(config: ConfigGroup, name: string | undefined): [name: string, node: ConfigGroup] {
  const nodes = asGroup(config.nodes, "nodes");
  const candidates = Object.keys(nodes).filter((key) => {
    const { type, enabled } = asGroup(nodes[key], key);
    return knownTypes.includes(String(type)) && enabled !== false;
  });
  const others = candidates.filter((key) => asGroup(nodes[key], key).type !== "websocket");
  const [only, ...rest] = others.length > 0 ? others : candidates;
  const found = name ?? (rest.length === 0 ? only : undefined);
  if (found === undefined) {
    throw new TypeError(`Cannot choose a node: the configuration has ${listNames(candidates)}; name one of them`);
  }
  if (!Object.hasOwn(nodes, found)) {
    throw new TypeError(`Cannot find node "${found}": the configuration has ${listNames(candidates)}`);
  }
  const node = asGroup(nodes[found], found);
  if (!knownTypes.includes(String(node.type))) {
    throw new TypeError(
      `Cannot connect with node "${found}" of type ${node.type}: expected a node of type ${knownTypes.join(", ")}`,
    );
  }
  if (node.enabled === false) {
    throw new TypeError(`Cannot connect with node "${found}": it is disabled, so VILLASnode does not start it`);
  }
  return [found, node];
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? "no node to connect with" : `the nodes ${names.join(", ")}`;
}

function asFormat(value: ConfigValue): FormatSpecification {
  if (typeof value === "string") return value;
  const { type, ...options } = asGroup(value, "format");
  if (typeof type !== "string") throw new TypeError("Cannot find the format of the node: format.type is missing");
  return { type, ...options };
}

/** Reasons why a client of datagrams cannot be the other end of a layer (`lib/nodes/socket.cpp`). */
const otherLayers: Readonly<Record<string, string>> = {
  "tcp-client": "it connects to a TCP server, and this client exchanges datagrams",
  "tcp-server": "it waits for TCP connections, and this client exchanges datagrams",
  ip: "its packets are an IP protocol of their own, without ports, for which a client needs a raw socket",
  eth: "its packets are Ethernet frames, for which a client needs a raw socket",
};

function readLayer(name: string, { layer = "udp" }: ConfigGroup): "udp" | "unix" {
  if (layer === "udp" || layer === "unix") return layer;
  if (layer === "local") return "unix";
  const reason = Object.hasOwn(otherLayers, String(layer))
    ? otherLayers[String(layer)]
    : "VILLASnode has no such layer";
  throw new TypeError(`Cannot connect with node "${name}" of layer "${layer}": ${reason}; expected udp or unix`);
}

/** Returns the address for `HOST:PORT` or `HOST:SERVICE` as VILLASnode writes it; any address of the node's machine is this machine. */
function toUdpAddress(text: string): string {
  const [, host = "", port = ""] = /^([^:]*):([A-Za-z0-9_.+-]+|\*)$/.exec(text) ?? [];
  if (port === "") throw new TypeError(`Cannot read "${text}" as the address of a node: expected HOST:PORT`);
  const isAny = host === "" || host === "*" || host === "0.0.0.0";
  return `udp://${isAny ? "127.0.0.1" : host}:${port === "*" ? 0 : /^\d+$/.test(port) ? port : findUdpPort(port)}`;
}

/**
 * Returns whether a host is the IPv4 address of a multicast group.
 *
 * @see RFC 5771
 */
export function isMulticast(host: string): boolean {
  return /^(22[4-9]|23\d)\./.test(host);
}
