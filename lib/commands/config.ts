/**
 * `villas-client config`: the configuration of the VILLASnode at the other end.
 *
 * @module
 */

import { formatLibconfig } from "../villasnode/libconfig.ts";
import { createNodeConfig, type NodeConfigOptions } from "../villasnode/node_config_writer.ts";
import { planPrinting } from "../villasnode/print_hook.ts";
import { readInput } from "../system/input_error.ts";
import type { Address } from "../transports/address.ts";
import { type Command, exitStatus } from "../terminal/command.ts";
import { count, flag, text, type Values } from "../terminal/option.ts";
import { toConnectOptions } from "./_shared/connect.ts";
import { commonOptions, connectionOptions, format } from "./_shared/options.ts";
import { directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";

const options = {
  name: text("NAME", {
    help: "set the name of the node",
    defaultText: "client, or the one in the path of --remote ws://",
  }),
  local: { ...connectionOptions.local, help: "have the client receive on this address, where the node sends to" },
  remote: { ...connectionOptions.remote, help: "have the client send to this address, where the node receives" },
  host: text("HOST", {
    help: "set the address of this machine as the node's machine sees it",
    defaultText: "that of --local",
  }),
  format: format([], undefined, {
    short: "f",
    help: "set the format of datagrams and messages",
    env: "VILLAS_FORMAT",
    defaultText: "protobuf, json over mqtt and amqp, or the ending of a path of ws",
  }),
  ...sentSignalOptions,
  vectorize: count("N", { help: "set the largest number of samples per datagram" }),
  multicast: connectionOptions.multicast,
  mqtt: connectionOptions.mqtt,
  amqp: connectionOptions.amqp,
  "tls-ca": { ...connectionOptions["tls-ca"], help: "have the node trust the authorities of this file (mqtts, amqps)" },
  "tls-cert": {
    ...connectionOptions["tls-cert"],
    help: "have VILLASnode's web server show the certificate of this file (PEM) to clients of --remote wss://",
  },
  "tls-key": connectionOptions["tls-key"],
  json: flag({ help: "print JSON, for a file whose name ends in .json, instead of libconfig" }),
  ...commonOptions,
};

/** The command `config`. */
export const configCommand: Command<typeof options> = {
  name: "config",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Prints the configuration for the VILLASnode at the other end of a client with these options: one node of type socket, " +
    "or websocket, mqtt or amqp where the addresses are of these, and a path that prints what the client sends, if its text fits into VILLASnode's print hook. The other commands read these " +
    "options back from it with --config. The signals that the node sends are those of the path that you make end in it.",
    "VILLASnode reads a file as JSON only if its name ends in .json, and as libconfig otherwise. With unix datagrams, it " +
    "must run as root, because it sets the priority of its socket.",
  ],
  examples: [
    { what: "Configure the other end of a client that sends two floats", line: "villas-client config -t 2f" },
    {
      what: "Do the same in JSON, for a client on another machine",
      line: "villas-client config -t 2f --host 192.0.2.1 --remote 192.0.2.7:12000 --json",
    },
  ],
  options,
  async run(values, [transport], { output, log }) {
    const description = describe(values, transport);
    const config = await readInput(() => createNodeConfig(description));
    output.write(values.json ? `${JSON.stringify(config, null, 2)}\n` : formatLibconfig(config));
    if (values.signals === undefined) {
      log.warning("Without --signals, VILLASnode expects 64 floats and does not survive values of other types");
    }
    if (description.local !== undefined && /^wss?:/.test(description.local)) {
      log.info(
        "VILLASnode connects to this client once, and only when something asks its API within 30 s of its start: " +
          "curl http://HOST:PORT/api/v2/status",
      );
    }
    const { isPrinted, note } = planPrinting(description.signals?.out);
    if (note !== undefined) log[isPrinted ? "info" : "warning"](note);
    return exitStatus.done;
  },
};

/** The addresses that a client of datagrams receives on by default. */
const defaultLocals: Readonly<Record<string, string>> = {
  udp: "udp://0.0.0.0:12001",
  unix: "unix:/var/run/villas-node.client.sock",
};

function toText(address: string | Address): string {
  return typeof address === "string" ? address : address.text;
}

function describe(values: Values<typeof options>, operand: string | undefined): NodeConfigOptions {
  const { options: { local, remote }, transport } = toConnectOptions(values, operand, "any");
  const isBroker = transport === "mqtt" || transport === "amqp";
  const { type, ...formatOptions } = values.format ?? { type: isBroker ? "json" : "protobuf" };
  const description: NodeConfigOptions = {
    format: Object.keys(formatOptions).length === 0 ? type : { type, ...formatOptions },
  };
  if (local !== undefined) description.local = toText(local);
  else if (Object.hasOwn(defaultLocals, transport)) description.local = defaultLocals[transport] ?? "";
  if (remote !== undefined) description.remote = toText(remote);
  if (values.mqtt !== undefined) description.mqtt = values.mqtt;
  if (values.amqp !== undefined) description.amqp = values.amqp;
  if (values["tls-ca"] !== undefined) description.tlsCaFile = values["tls-ca"];
  const { "tls-cert": cert, "tls-key": key } = values;
  if (cert !== undefined && key !== undefined) description.tlsFiles = { cert, key };
  if (values.name !== undefined) description.name = values.name;
  if (values.host !== undefined) description.clientHost = values.host;
  const sent = sentSignals(directionsOf(values));
  if (sent !== undefined) description.signals = { out: sent };
  if (values.vectorize !== undefined) description.vectorize = values.vectorize;
  if (values.multicast !== undefined) description.multicast = { group: values.multicast };
  return description;
}
