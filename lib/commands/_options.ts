/**
 * Options that mean the same in every command that has them.
 *
 * @module
 */

import { parseSignals, type Signal } from "../signals.ts";
import { transportOf } from "../transports/table.ts";
import { logLevels } from "./_log.ts";
import { choice, count, duration, flag, type Option, text } from "./_option.ts";

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
function address(description: Pick<Option<unknown>, "help" | "defaultText" | "env">): Option<string | undefined> {
  return {
    ...description,
    value: "ADDRESS",
    initial: undefined,
    parse(given) {
      transportOf(given);
      return given;
    },
  };
}

/** A signal list. */
function signalList(
  description: Pick<Option<unknown>, "help" | "short" | "env">,
): Option<readonly Signal[] | undefined> {
  return { ...description, value: "TYPES", initial: undefined, parse: parseSignals };
}

/** How to connect with a VILLASnode. */
export const connectionOptions = {
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
  signals: signalList({
    short: "t",
    env: "VILLAS_SIGNALS",
    help:
      "what the node's values are, such as 64f2i (f float, i integer, b boolean, c complex), or a JSON list of objects " +
      "with name, unit and type; nothing else is sent then",
  }),
  "any-source": flag({ help: "receive from other addresses than the remote's, too" }),
  multicast: text("GROUP", { help: "join a multicast group, such as 224.1.2.3" }),
  interface: text("IP", { help: "address of the network interface to join the multicast group on" }),
};

/** When to end. */
export const limitOptions = {
  count: count("N", { short: "l", help: "end after N samples" }),
  duration: duration({ help: "end after this time" }),
  timeout: duration({ help: "end with status 124 when no sample comes for this time" }),
};

/** What to print the samples as. */
export const printOption = choice("FORMAT", ["json", "none"], "json", {
  short: "p",
  help: "print each sample in this format: json, none",
});

/** Where to write the figures. */
export const statsOption: Option<string | undefined> = {
  value: "FILE",
  isValueOptional: true,
  help: "at the end, write the summary as one JSON object to a file, or to standard output without one",
  initial: undefined,
  parse: (given) => given === "" ? "-" : given,
};
