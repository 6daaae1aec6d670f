/**
 * Nodes of type `websocket` in VILLASnode's configuration: read, and written.
 *
 * @see VILLASnode, `lib/nodes/websocket.cpp` and `lib/web.cpp`
 *
 * @module
 */

import { asGroup, type ConfigGroup, type ConfigValue } from "./libconfig.ts";
import type { ClientSettings } from "./client_settings.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { Signal } from "../samples/signals.ts";
import { type Address, authorityOf, parseAddress } from "../transports/address.ts";
import { defaultWebSocketFormat, splitPath } from "../transports/ws/path.ts";

/** The ports of VILLASnode's web server where its configuration names none: as root, and as another user (`lib/web.cpp`). */
const defaultPorts = { root: 80, others: 8080 } as const;

/** Format of a client that may choose any, where signals are not all floats: it carries every type. */
const completeFormat = "protobuf";

/** Settings that a node of this type gives, and the format where it says one. */
type WebSocketSettings = Omit<ClientSettings, "format"> & { readonly format?: string };

/**
 * Reads the settings of a websocket node, as its client sees them: where it has `destinations`, the client serves the
 * first of them; else it connects to the web server of the VILLASnode.
 *
 * @param config The configuration
 * @param name Name of the node
 * @param node Its settings
 * @param apiUrl Address of the API of the VILLASnode, if it is known
 * @throws {TypeError} If VILLASnode could not run the node, or a destination cannot be read
 */
export function readWebSocketNode(
  config: ConfigGroup,
  name: string,
  { destinations }: ConfigGroup,
  apiUrl?: string,
): WebSocketSettings {
  const http = asGroup(config.http, "http");
  if (http.enabled === false) {
    throw new TypeError(`Cannot connect with node "${name}": VILLASnode's web server, which it needs, is off`);
  }
  if (destinations !== undefined && !Array.isArray(destinations)) {
    throw new TypeError(`Cannot read the destinations of node "${name}": expected a list`);
  }
  const [first, ...others] = destinations ?? [];
  if (first !== undefined) return readDestination(String(first), others.length);
  if (apiUrl !== undefined) return { remote: `${apiUrl.replace(/^http/, "ws")}/${name}` };
  const isSecure = http.ssl_cert !== undefined && http.ssl_private_key !== undefined;
  const { port = defaultPorts.root } = http;
  return {
    remote: `${isSecure ? "wss" : "ws"}://127.0.0.1:${port}/${name}`,
    ...http.port === undefined && {
      warnings: [
        `The configuration names no http.port, so the web server is expected at ${port}: unless VILLASnode runs as root, ` +
        `it is ${defaultPorts.others}, which --remote ws://HOST:PORT/${name} says`,
      ],
    },
  };
}

/** Reads a destination as VILLASnode does (`lws_parse_uri()` of libwebsockets). */
function readDestination(uri: string, otherCount: number): WebSocketSettings {
  const [, scheme = "", ipv6, name = "", digits, path = ""] =
    /^(wss?|https?):\/\/(?:\[([^\]]+)\]|([^:/?]+))(?::(\d+))?\/([^?]+)/.exec(uri) ?? [];
  if (path === "") {
    throw new TypeError(`Cannot read "${uri}" among the destinations of the node: expected ws://HOST:PORT/NODE`);
  }
  const isSecure = scheme === "https";
  const port = Number(digits ?? (isSecure || scheme === "wss" ? 443 : 80));
  const { node, format = defaultWebSocketFormat } = splitPath(path);
  const warnings = [
    ...scheme === "wss"
      ? [`VILLASnode connects to ${uri} without TLS, in spite of its name: https:// in destinations is over TLS`]
      : [],
    ...otherCount > 0 ? [`The node has ${otherCount + 1} destinations: this client is the first, ${uri}`] : [],
  ];
  return {
    local: `${isSecure ? "wss" : "ws"}://${authorityOf({ host: ipv6 ?? name, port })}/${node}`,
    format,
    ...warnings.length > 0 && { warnings },
  };
}

/**
 * Chooses the format of a client that may choose any: the shortest one that carries the types of the signals.
 *
 * @param signals Signals of both directions, as far as they are known
 */
export function chooseWebSocketFormat(signals: readonly Signal[]): string {
  return signals.every(({ type }) => type === "float") ? defaultWebSocketFormat : completeFormat;
}

/** A websocket node, and the web server that it needs. */
export interface WebSocketNode {
  /** Name of the node. */
  readonly name: string;
  /** Its settings. */
  readonly node: ConfigGroup;
  /** Settings of the web server. */
  readonly http: ConfigGroup;
}

/** Settings of a client whose websocket node is to be configured. */
export interface WebSocketNodeOptions extends ClientSettings {
  /** Name of the node, where the address does not say it. */
  readonly name?: string;
  /** The address of the client's machine as the node sees it. */
  readonly clientHost?: string;
  /** Files of the certificate and the key of VILLASnode's web server. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string };
}

/**
 * Creates the node at the other end of a WebSocket client or server.
 *
 * @param options The client's settings
 * @param input Signals and `vectorize` of the node's `in`
 * @throws {TypeError} If VILLASnode has no such node
 */
export function createWebSocketNode(options: WebSocketNodeOptions, input: ConfigGroup): WebSocketNode {
  const { local, remote } = options;
  if (local !== undefined && remote !== undefined) {
    throw new TypeError("Cannot configure a node for two WebSocket addresses: one connection goes both ways");
  }
  const address = parseAddress(remote ?? local ?? "");
  return remote === undefined ? createClientNode(address, options, input) : createServerNode(address, options, input);
}

/** Creates a node that clients connect to, at the web server of its VILLASnode. */
function createServerNode(
  { path = "", port = 0, isSecure = false, text }: Address,
  { name, format, tlsFiles }: WebSocketNodeOptions,
  input: ConfigGroup,
): WebSocketNode {
  const { node } = splitPath(path);
  if (name !== undefined && name !== node) {
    throw new TypeError(`Cannot name the node ${name}: ${text} names ${node === "" ? "none" : node}`);
  }
  if (port === 0) {
    throw new TypeError(`Cannot configure a node for ${text}: VILLASnode's web server needs a fixed port`);
  }
  if (isSecure && tlsFiles === undefined) {
    throw new TypeError(
      `Cannot configure a node for ${text}: VILLASnode's web server needs a certificate and its key, --tls-cert and --tls-key`,
    );
  }
  const { type, ...others } = parseSpecification(format);
  const isDefault = type === defaultWebSocketFormat && Object.keys(others).length === 0;
  return {
    name: node,
    http: {
      ...{ enabled: true, port },
      ...isSecure && tlsFiles && { ssl_cert: tlsFiles.cert, ssl_private_key: tlsFiles.key },
    },
    // Not for VILLASnode, whose clients choose, but for the commands that read the configuration.
    node: { type: "websocket", ...!isDefault && { format: format as ConfigValue }, in: input },
  };
}

/** Creates a node that connects to a client which serves. */
function createClientNode(
  { host = "", port = 0, path = "", isSecure = false, text }: Address,
  { name = "client", format, clientHost }: WebSocketNodeOptions,
  input: ConfigGroup,
): WebSocketNode {
  if (port === 0) throw new TypeError(`Cannot configure a node for ${text}: it needs a fixed port to connect to`);
  const isAny = host === "0.0.0.0" || host === "*" || host === "::";
  const authority = authorityOf({ host: clientHost ?? (isAny ? "127.0.0.1" : host), port });
  const { node } = splitPath(path);
  if (node === "") throw new TypeError(`Cannot configure a node for ${text}: its path has no name`);
  const { type } = parseSpecification(format);
  const ending = type === defaultWebSocketFormat ? "" : `.${type}`;
  // VILLASnode takes https:// for TLS, and wss:// for none.
  const destination = `${isSecure ? "https" : "ws"}://${authority}/${node}${ending}`;
  return { name, http: { enabled: true }, node: { type: "websocket", destinations: [destination], in: input } };
}
