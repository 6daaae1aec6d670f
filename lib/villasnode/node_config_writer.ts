/**
 * The node's end of a link: VILLASnode's configuration for the settings of a client.
 *
 * @module
 */

import { createBrokerNode } from "./_broker_nodes.ts";
import { createWebSocketNode } from "./_websocket_nodes.ts";
import { planPrinting } from "./print_hook.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { ConfigGroup, ConfigValue } from "./libconfig.ts";
import { type ClientSettings, isMulticast } from "./node_config.ts";
import { formatSignals, type Signal } from "../samples/signals.ts";
import type { MulticastOptions } from "../transports/udp/multicast.ts";

/** Names of nodes that VILLASnode accepts (`include/villas/node.hpp`). */
const nodeName = /^[a-z0-9_-]{2,32}$/;

/** The reason why an IPv6 address cannot be configured (`lib/socket_addr.cpp`). */
const noIpv6 = "VILLASnode takes HOST:PORT over IPv4 only, for the host ends at the first colon; " +
  "give a host name or an IPv4 address";

/** Formats that VILLASnode writes but does not read (`lib/formats/iotagent_ul.cpp`, `lib/nodes/influxdb.cpp`). */
const unreadableFormats = ["influx", "iotagent_ul"];

/** Formats of which VILLASnode reads one sample per datagram (`sscan()` in `lib/formats/raw.cpp` and `value.cpp`). */
const singleSampleFormats = ["raw", "gtnet", "value"];

/** Settings of a client whose node is to be configured. The node gets the signals that the client sends, `out`. */
export interface NodeConfigOptions extends ClientSettings {
  /** Name of the node; default `"client"`, or the one in the path of a WebSocket that the client connects to. */
  name?: string;
  /** The address of the client's machine as the node sees it; default: that of `local`, or this machine. */
  clientHost?: string;
  /** Files of the certificate and the key of VILLASnode's web server, which clients of `wss` need. */
  tlsFiles?: { readonly cert: string; readonly key: string };
}

/**
 * Creates a VILLASnode configuration for the other end of a client: one node of type socket, or `mqtt`, `amqp` or `websocket`
 * for the addresses of these, and a path that prints what arrives. A websocket node has `destinations` where the client serves.
 *
 * It avoids whatever VILLASnode's documentation and code disagree about: it gives both addresses; signals are a list or
 * `64f2i`, never `{count, name}`, which gives all signals one name; multicast is a setting of `in`. The HTTP server, which
 * needs a free port, is off unless a websocket node needs it, and so are huge pages, which need privileges. The path only prints samples whose text fits into the
 * 4096 bytes (4 KiB) of VILLASnode's `print` hook.
 *
 * @param options The client's settings
 * @returns The configuration, for `JSON.stringify` or {@linkcode formatLibconfig}
 * @throws {TypeError} If VILLASnode cannot be configured for them: it does not read the format (`iotagent_ul`, `influx`), or
 * not several samples per datagram of it (`raw`, `gtnet`, `value`), or has no notation for the address (IPv6)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createNodeConfig, clientSettingsForNode } from "@villas/client/villasnode";
 *
 * const link = { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" };
 * assertEquals(clientSettingsForNode(createNodeConfig(link)).remote, link.remote);
 * ```
 */
export function createNodeConfig(options: NodeConfigOptions): ConfigGroup {
  const { local, remote, format, signals, vectorize } = options;
  checkReadable(parseSpecification(format).type, vectorize);
  const input: ConfigGroup = {};
  if (signals?.out !== undefined) input.signals = describeSignals(signals.out);
  if (vectorize !== undefined && vectorize > 1) input.vectorize = vectorize;
  const hasScheme = (schemes: RegExp) =>
    [local, remote].some((address) => address !== undefined && schemes.test(address));
  const { name, node, http } = hasScheme(/^wss?:/) ? createWebSocketNode(options, input) : {
    ...withoutServer,
    name: options.name ?? "client",
    node: createNode(options, input, hasScheme(/^(mqtt|amqp)s?:/)),
  };
  if (!nodeName.test(name)) {
    throw new TypeError(`Cannot name a node "${name}": VILLASnode accepts 2 to 32 of the characters a-z, 0-9, _ and -`);
  }
  return {
    http,
    hugepages: 0,
    nodes: { [name]: node },
    paths: [planPrinting(signals?.out).isPrinted ? { in: name, hooks: [{ type: "print" }] } : { in: name }],
  };
}

/** Settings of a VILLASnode whose web server nobody needs. */
const withoutServer = { http: { enabled: false } };

function createNode(options: NodeConfigOptions, input: ConfigGroup, isBroker: boolean): ConfigGroup {
  return isBroker ? createBrokerNode(options, input) : createSocketNode(options, input);
}

/** Creates the socket node at the other end of a client of datagrams. */
function createSocketNode(options: NodeConfigOptions, { signals, ...rest }: ConfigGroup): ConfigGroup {
  const { local, remote, format, multicast, clientHost } = options;
  if (local === undefined || remote === undefined) {
    throw new TypeError("Cannot configure a socket node without two addresses");
  }
  const isUnix = local.startsWith("unix:") || remote.startsWith("unix:");
  const { host: remoteHost, port: remotePort } = isUnix ? { host: "", port: "" } : splitUdp(remote);
  const input: ConfigGroup = { address: isUnix ? remote.slice("unix:".length) : `*:${remotePort}` };
  if (!isUnix && isMulticast(remoteHost)) input.multicast = { enabled: true, group: remoteHost, loop: true };
  const output: ConfigGroup = {
    address: isUnix ? local.slice("unix:".length) : outputAddress(local, remoteHost, multicast, clientHost),
  };
  const layer = isUnix ? "unix" : "udp";
  return {
    ...{ type: "socket", layer, format: format as ConfigValue },
    in: { ...input, ...signals !== undefined && { signals }, ...rest },
    out: output,
  };
}

/** Throws where VILLASnode accepts a configuration and then cannot read the samples. */
function checkReadable(format: string, vectorize = 1): void {
  if (unreadableFormats.includes(format)) {
    throw new TypeError(`Cannot configure a node for ${format}: VILLASnode writes this format, but does not read it`);
  }
  if (vectorize > 1 && singleSampleFormats.includes(format)) {
    throw new TypeError(
      `Cannot configure a node for ${vectorize} samples per datagram of ${format}: VILLASnode reads one of this format`,
    );
  }
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
  if (target.includes(":")) throw new TypeError(`Cannot configure a node to send to ${target}: ${noIpv6}`);
  return `${target}:${port}`;
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.startsWith("127.") || isMulticast(host);
}

function splitUdp(address: string): { host: string; port: string } {
  const [, host, port] = /^(?:udp:\/\/)?([^[\]:]*):(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) {
    throw new TypeError(`Cannot configure a node for ${address}: ${noIpv6}`);
  }
  return { host, port };
}

/** Returns the short notation where it loses nothing, else a list. */
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
