/**
 * `villas-client config`: how the VILLASnode at the other end is to be configured.
 *
 * @module
 */

import { formatLibconfig } from "../villasnode/libconfig.ts";
import { parseSpecification } from "../formats/specification.ts";
import { planPrinting } from "../villasnode/print_hook.ts";
import { createNodeConfig, type NodeConfigOptions } from "../villasnode/node_config_writer.ts";
import { transportForAddress } from "../transports/address.ts";
import { defaultRemoteFor } from "../transports/table.ts";
import { type Command, exitStatus, UsageError } from "../terminal/command.ts";
import { count, flag, text, type Values } from "../terminal/option.ts";
import { commonOptions, connectionOptions, format } from "./_shared/options.ts";
import { directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";

const options = {
  name: text("NAME", { help: "what the node is called", defaultText: "client" }),
  local: connectionOptions.local,
  remote: { ...connectionOptions.remote, help: "where the client sends to, that is, where the node receives" },
  host: text("HOST", { help: "this machine's address as the node's machine sees it", defaultText: "that of --local" }),
  format: format([], "protobuf", { short: "f", help: "the format of the datagrams", env: "VILLAS_FORMAT" }),
  ...sentSignalOptions,
  vectorize: count("N", { help: "samples a datagram" }),
  multicast: connectionOptions.multicast,
  json: flag({ help: "print JSON, for a file that ends in .json, instead of libconfig" }),
  ...commonOptions,
};

/** The command `config`. */
export const configCommand: Command<typeof options> = {
  name: "config",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Prints the configuration of the VILLASnode at the other end of a client with these options: one socket node, and a " +
    "path that prints what the client sends, where its text fits into VILLASnode's print hook. What --config of the " +
    "other commands reads from it are these options again. The signals that come from the node are those of the path " +
    "that you let end in it.",
    "A file of VILLASnode is JSON only if its name ends in .json, and libconfig otherwise. Over unix datagrams VILLASnode " +
    "has to run as root, because it sets the priority of its socket.",
  ],
  examples: [
    { what: "The other end of a client that sends two floats", line: "villas-client config -t 2f" },
    {
      what: "The same in JSON, for a client on another machine",
      line: "villas-client config -t 2f --host 192.0.2.1 --remote 192.0.2.7:12000 --json",
    },
  ],
  options,
  run(values, [transport], { output, log }) {
    const description = describe(values, transport);
    try {
      const config = createNodeConfig(description);
      output.write(values.json ? `${JSON.stringify(config, null, 2)}\n` : formatLibconfig(config));
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
    if (values.signals === undefined) {
      log.warning("Without --signals VILLASnode takes 64 floats, and does not survive values of other types");
    }
    const { isPrinted, note } = planPrinting(description.signals?.out);
    if (note !== undefined) log[isPrinted ? "info" : "warning"](note);
    return Promise.resolve(exitStatus.done);
  },
};

function describe(values: Values<typeof options>, transport: string | undefined): NodeConfigOptions {
  const isUnix = transport === "unix" || [values.local, values.remote].some((address) => {
    return address !== undefined && transportForAddress(address) === "unix";
  });
  if (transport !== undefined && transport !== "udp" && transport !== "unix") {
    throw new UsageError(`Unknown transport "${transport}": expected udp or unix`);
  }
  const { type, ...formatOptions } = parseSpecification(values.format);
  const description: NodeConfigOptions = {
    local: values.local ?? (isUnix ? "unix:/var/run/villas-node.client.sock" : "udp://0.0.0.0:12001"),
    remote: values.remote ?? defaultRemoteFor(isUnix ? "unix" : "udp") ?? "",
    format: Object.keys(formatOptions).length === 0 ? type : { type, ...formatOptions },
  };
  if (values.name !== undefined) description.name = values.name;
  if (values.host !== undefined) description.clientHost = values.host;
  const sent = sentSignals(directionsOf(values));
  if (sent !== undefined) description.signals = { out: sent };
  if (values.vectorize !== undefined) description.vectorize = values.vectorize;
  if (values.multicast !== undefined) description.multicast = { group: values.multicast };
  return description;
}
