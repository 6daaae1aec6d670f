/**
 * Options that mean the same in every command that has them.
 *
 * @module
 */

import { parseSpecification } from "../../formats/specification.ts";
import { formatNames } from "../../formats/table.ts";
import { transportForAddress } from "../../transports/address.ts";
import { logLevels } from "../../terminal/log.ts";
import { choice, ChoiceError, count, duration, flag, type Option, text } from "../../terminal/option.ts";
import { linkSignalOptions } from "./signals.ts";

/** What every command has. */
export const commonOptions = {
  quiet: flag({ short: "q", help: "say nothing on standard error but warnings and errors" }),
  verbose: flag({ short: "v", help: "say more on standard error" }),
  "log-level": choice("LEVEL", logLevels, "info", {
    short: "d",
    env: "VILLAS_LOG_LEVEL",
    help: `how much to say on standard error: ${logLevels.join(", ")}`,
  }),
  help: flag({ short: "h", help: "show this help" }),
};

/** An address of a transport. */
export function address(
  description: Pick<Option<unknown>, "help" | "defaultText" | "env">,
): Option<string | undefined> {
  return {
    ...description,
    value: "ADDRESS",
    initial: undefined,
    parse(given) {
      transportForAddress(given);
      return given;
    },
  };
}

/** Where to take settings from. */
export const nodeOptions = {
  config: text("FILE", {
    help:
      "take addresses, format and signals from a node of this VILLASnode configuration (JSON if it ends in .json, " +
      "else libconfig), as its other end; options that are given come first",
  }),
  node: text("NAME", { help: "which node of it", defaultText: "the only socket node" }),
};

/** How to connect with a VILLASnode. */
export const connectionOptions = {
  ...nodeOptions,
  local: address({
    help: "where to receive",
    env: "VILLAS_LOCAL",
    defaultText: "udp://0.0.0.0:12001 or unix:/var/run/villas-node.client.sock",
  }),
  remote: address({
    help: "where to send to, and to receive from",
    env: "VILLAS_REMOTE",
    defaultText: "udp://127.0.0.1:12000 or unix:/var/run/villas-node.server.sock",
  }),
  ...linkSignalOptions,
  "any-source": flag({ help: "receive from other addresses than the remote's, too" }),
  multicast: text("GROUP", { help: "join a multicast group, such as 224.1.2.3" }),
  interface: text("IP", { help: "address of the network interface to join the multicast group on" }),
  batch: flag({
    help: "receive and send many datagrams a system call, with a larger receive buffer: faster (udp on Linux; needs " +
      "--allow-ffi)",
  }),
};

/** When to end. */
export const limitOptions = {
  count: count("N", { short: "l", help: "end after N samples" }),
  duration: duration({ help: "end after this time" }),
  timeout: duration({ help: "end with status 124 when no sample comes for this time" }),
};

/**
 * A format, by its name or as a JSON object with its options.
 *
 * @param others What else there is to choose, such as `"auto"`
 */
export function format<T extends string | undefined>(
  others: readonly string[],
  initial: T,
  description: Pick<Option<unknown>, "help" | "short" | "defaultText" | "env">,
): Option<string | T> {
  const choices = [...others, ...formatNames];
  return {
    ...initial === undefined ? {} : { defaultText: initial },
    ...description,
    value: "FORMAT",
    choices,
    initial,
    parse(given) {
      const { type } = parseSpecification(given);
      if (!choices.includes(type)) {
        throw new ChoiceError(type, choices, ' or a JSON object such as {"type": "raw", "bits": 64}');
      }
      return given;
    },
  };
}

/** The format of the datagrams. */
export const wireFormatOption = format(["auto"], "protobuf", {
  short: "f",
  env: "VILLAS_FORMAT",
  help: "format of the datagrams: a name, a JSON object with its options, or auto to tell it from what comes",
});

/** What to print the samples as. */
export const printOption = format(["none"], "json", {
  short: "p",
  help: `print each sample in this format, a name or a JSON object with its options: ${
    formatNames.join(", ")
  }; or none`,
});

/** Where to write the figures. */
export const statsOption: Option<string | undefined> = {
  value: "FILE",
  isValueOptional: true,
  help:
    "measure delays, gaps and jitter, too; at the end, write the summary as one JSON object to a file, or to standard " +
    "output without one",
  initial: undefined,
  parse: (given) => given === "" ? "-" : given,
};
