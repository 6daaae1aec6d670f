/**
 * Nodes that meet a client at a broker, of types `mqtt` and `amqp`, in VILLASnode's configuration: read, and written.
 *
 * @see VILLASnode, `lib/nodes/mqtt.cpp` and `lib/nodes/amqp.cpp`
 *
 * @module
 */

import { asGroup, type ConfigGroup, type ConfigValue } from "./libconfig.ts";
import type { ClientSettings } from "./client_settings.ts";
import { parseAddress } from "../transports/address.ts";

/** Settings of a client that a node which uses a broker gives. */
type BrokerSettings = Omit<ClientSettings, "format">;

/** Tells whether a node uses a broker. */
export function isBrokerNode({ type }: ConfigGroup): boolean {
  return type === "mqtt" || type === "amqp";
}

/**
 * Reads the settings of a node that uses a broker, as its client sees them.
 *
 * @throws {TypeError} If a setting is missing or cannot be read
 */
export function readBrokerNode(node: ConfigGroup): BrokerSettings {
  return node.type === "mqtt" ? readMqttNode(node) : readAmqpNode(node);
}

function readMqttNode(node: ConfigGroup): BrokerSettings {
  const { host, port = 1883, qos, keepalive, username, password } = node;
  if (typeof host !== "string") throw new TypeError("Cannot find the broker of the node: host is missing");
  const { enabled, cafile } = readTls(node, ["cafile"]);
  const scheme = enabled ? "mqtts" : "mqtt";
  const topicOf = (group: ConfigValue | undefined, direction: string, name: string) => {
    const topic = asGroup(group, direction)[name];
    return typeof topic === "string" ? `${scheme}://${bracketed(host)}:${port}/${topic}` : undefined;
  };
  const local = topicOf(node.out, "out", "publish");
  const remote = topicOf(node.in, "in", "subscribe");
  if (local === undefined && remote === undefined) {
    throw new TypeError("Cannot find the topics of the node: both out.publish and in.subscribe are missing");
  }
  if (remote !== undefined && /[+#]/.test(remote.slice(remote.indexOf("/", 8)))) {
    // What the client sends has to have one of the many topics.
    return withoutRemote({ local }, `The node subscribes to ${remote}: give --remote one topic of these to send`);
  }
  // Not `retain`: what a client sends is not to come back to a node that starts later.
  const mqtt = { ...typeof qos === "number" && { qos: asQos(qos) }, ...typeof keepalive === "number" && { keepalive } };
  return {
    ...local !== undefined && { local },
    ...remote !== undefined && { remote },
    ...Object.keys(mqtt).length > 0 && { mqtt },
    ...cafile !== undefined && { tlsCaFile: cafile },
    // VILLASnode shows them only if it has both.
    ...typeof username === "string" && typeof password === "string" && { credentials: { user: username, password } },
  };
}

function withoutRemote({ local }: { local: string | undefined }, note: string): BrokerSettings {
  return { ...local !== undefined && { local }, warnings: [note] };
}

function asQos(qos: number): 0 | 1 | 2 {
  if (qos === 0 || qos === 1 || qos === 2) return qos;
  throw new TypeError(`Cannot use ${qos} as the qos of the node: expected 0, 1 or 2`);
}

function readAmqpNode(node: ConfigGroup): BrokerSettings {
  const { exchange, routing_key: key, uri } = node;
  if (typeof exchange !== "string" || typeof key !== "string") {
    throw new TypeError("Cannot find the exchange of the node: exchange and routing_key are needed");
  }
  const { enabled, ca_cert: ca } = readTls(node, ["ca_cert"]);
  const { host = "localhost", port, vhost = "/", username = "guest", password = "guest" } = node;
  const scheme = enabled ? "amqps" : "amqp";
  const broker = typeof uri === "string" ? readUri(uri) : {
    ...{ scheme, host: String(host), port: Number(port ?? 5672), vhost: decode(String(vhost)) },
    credentials: { user: String(username), password: String(password) },
  };
  const isNested = exchange.includes("/");
  const address = `${broker.scheme}://${bracketed(broker.host)}:${broker.port}/${
    isNested ? key : `${exchange}/${key}`
  }`;
  const amqp = { ...isNested && { exchange }, ...broker.vhost !== "/" && { vhost: broker.vhost } };
  const isRefused = typeof uri !== "string" && String(vhost).includes("/");
  return {
    ...{ local: address, remote: address },
    ...Object.keys(amqp).length > 0 && { amqp },
    ...ca !== undefined && { tlsCaFile: ca },
    ...broker.credentials !== undefined && { credentials: broker.credentials },
    ...isRefused && {
      warnings: [
        'VILLASnode 1.2 does not start with this amqp node, because it cannot read its default vhost "/": give it uri, or ' +
        'vhost = "%2f"',
      ],
    },
  };
}

/** Reads a URI as VILLASnode does (`amqp_parse_url()` of rabbitmq-c). */
function readUri(uri: string) {
  const [, scheme = "", user, password = "", ipv6, name = "", port, vhost] =
    /^(amqps?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(?:\[([^\]]+)\]|([^:/]*))(?::(\d+))?(?:\/(.*))?$/.exec(uri) ?? [];
  if (scheme === "") {
    throw new TypeError("Cannot read the uri of the node: expected amqp://USER:PASSWORD@HOST:PORT/VHOST");
  }
  return {
    scheme,
    host: ipv6 ?? (name === "" ? "localhost" : name),
    port: Number(port ?? (scheme === "amqps" ? 5671 : 5672)),
    vhost: vhost === undefined ? "/" : decode(vhost),
    credentials: user === undefined ? undefined : { user: decode(user), password: decode(password) },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(`Cannot read "${text}" in the uri of the node: expected % and two hexadecimal digits`);
  }
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Reads the group `ssl`, whose presence turns TLS on. */
function readTls<N extends string>(node: ConfigGroup, names: readonly N[]) {
  const ssl = node.ssl === undefined ? undefined : asGroup(node.ssl, "ssl");
  const files: { [Name in N]?: string } = {};
  for (const name of names) {
    const value = ssl?.[name];
    if (typeof value === "string") files[name] = value;
  }
  return { enabled: ssl !== undefined && ssl.enabled !== false, ...files };
}

/**
 * Creates the node at the other end of a client over a broker.
 *
 * @param settings The client's settings
 * @param input Signals and `vectorize` of the node's `in`
 * @returns The node
 * @throws {TypeError} If VILLASnode has no node that exchanges samples like this
 */
export function createBrokerNode(settings: ClientSettings, input: ConfigGroup): ConfigGroup {
  const ends = [settings.local, settings.remote].flatMap((text) => text === undefined ? [] : parseAddress(text));
  const [first, second = first] = ends;
  if (first === undefined || second === undefined) throw new TypeError("Cannot configure a node without an address");
  const isSame = first.host === second.host && first.port === second.port && first.isSecure === second.isSecure;
  if (!isSame) {
    throw new TypeError(`Cannot configure a node for ${first.text} and ${second.text}: it has one broker`);
  }
  const format = settings.format as ConfigValue;
  if (first.isSecure && settings.tlsCaFile === undefined) {
    throw new TypeError(`Cannot configure a node for ${first.text}: VILLASnode needs the authority's file, --tls-ca`);
  }
  if (first.transport === "amqp") return createAmqpNode(settings, { format, input });
  const { host = "", port = 0, isSecure = false } = first;
  const publish = settings.local === undefined ? undefined : parseAddress(settings.local).path;
  const subscribe = settings.remote === undefined ? undefined : parseAddress(settings.remote).path;
  if (publish !== undefined && /[+#]/.test(publish)) {
    throw new TypeError(`Cannot configure a node to publish to ${publish}: + and # are wildcards`);
  }
  const { version, qos, keepalive } = settings.mqtt ?? {};
  if (version === 5) throw new TypeError("Cannot configure a node for MQTT 5: VILLASnode speaks 3.1.1");
  return {
    ...{ type: "mqtt", format, host, port },
    ...qos !== undefined && { qos },
    ...keepalive !== undefined && { keepalive },
    ...isSecure && { ssl: { enabled: true, cafile: settings.tlsCaFile ?? "" } },
    in: { ...subscribe !== undefined && { subscribe }, ...input },
    ...publish !== undefined && { out: { publish } },
  };
}

function createAmqpNode(settings: ClientSettings, parts: { format: ConfigValue; input: ConfigGroup }): ConfigGroup {
  const { local, remote = local ?? "", amqp = {}, tlsCaFile } = settings;
  if (local !== undefined && local !== remote) {
    throw new TypeError(
      "Cannot configure a node for two addresses: VILLASnode has one exchange and routing key for both",
    );
  }
  if (amqp.plain_names) {
    throw new TypeError("Cannot configure a node for plain_names: VILLASnode's names end in a zero byte");
  }
  const { host = "", port = 0, path = "", isSecure = false } = parseAddress(remote);
  const slash = path.indexOf("/");
  const { exchange = path.slice(0, Math.max(slash, 0)), vhost = "/" } = amqp;
  const key = amqp.exchange === undefined ? path.slice(slash + 1) : path;
  if (exchange === "" || key === "") {
    throw new TypeError(`Cannot configure a node for ${remote}: expected amqp://HOST/EXCHANGE/KEY`);
  }
  return {
    type: "amqp",
    format: parts.format,
    // Without the credentials, which belong to whoever runs the node; VILLASnode's are guest and guest then.
    uri: `${isSecure ? "amqps" : "amqp"}://${bracketed(host)}:${port}${
      vhost === "/" ? "" : `/${encodeURIComponent(vhost)}`
    }`,
    ...{ exchange, routing_key: key },
    ...isSecure && { ssl: { ca_cert: tlsCaFile ?? "" } },
    in: parts.input,
  };
}
