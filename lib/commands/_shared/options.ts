/**
 * Options that mean the same in every command that has them.
 *
 * @module
 */

import type { Format, FormatOptions } from "../../formats/format.ts";
import { parseSpecification } from "../../formats/specification.ts";
import { createFormat, formatNames, type FormatSpecification } from "../../formats/table.ts";
import type { FileFormat } from "../../recordings/file_format.ts";
import { createFileFormat, fileFormatNames } from "../../recordings/file_formats.ts";
import { readInput } from "../../system/input_error.ts";
import type { WhenDown } from "../../transports/link/connection.ts";
import {
  choice,
  ChoiceError,
  count,
  type Description,
  duration,
  file,
  flag,
  type Option,
  parseDuration,
  text,
} from "../../terminal/option.ts";
import type { BusyPollOptions } from "../../transports/udp/busy_poller.ts";
import { address, localAddress } from "./address.ts";
import { brokerOptions } from "./broker_options.ts";
import { linkSignalOptions } from "./signals.ts";

export { commonOptions } from "./common_options.ts";

/** Node of a configuration file to take settings from. */
export const nodeOptions = {
  config: file("FILE|URL", {
    help: "take addresses, format and signals from a node of this VILLASnode configuration (JSON if its name ends in " +
      ".json, else libconfig), or of the VILLASnode whose API answers at http://HOST:PORT, as its other end; options on " +
      "the command line take precedence",
  }, "read"),
  node: text("NAME", {
    needs: ["config"],
    help: "choose the node of the configuration",
    defaultText: "the only socket node",
  }),
};

/** What a link may do with samples while the connection is down. */
export const whenDownChoices: readonly WhenDown[] = ["drop-oldest", "drop-newest", "fail"];

/** Settings of a transport that connects; the credentials come from the environment. */
export const linkOptions = {
  "when-down": {
    ...choice("HOW", whenDownChoices, "drop-oldest", {
      help:
        "choose what to do with samples to send while the connection is down: keep 1024 messages and drop the oldest " +
        "(drop-oldest) or the new ones (drop-newest), or end with status 1 instead of connecting again (fail)",
    }),
    default: undefined,
  } as Option<WhenDown | undefined>,
  "tls-ca": file("FILE", {
    help: "trust the certificate authorities of this file (PEM), too (wss, mqtts, amqps)",
  }, "read"),
  "no-check": flag({
    help: "connect without asking the other end's API for the node first (ws): for villas-relay and other servers",
  }),
  ...brokerOptions,
};

/** Settings of a connection. */
export const connectionOptions = {
  ...nodeOptions,
  local: localAddress({
    help: "receive on this address",
    env: "VILLAS_LOCAL",
    defaultText: "udp://0.0.0.0:12001 or unix:/var/run/villas-node.client.sock",
  }),
  remote: address({
    help: "send to this address, and receive from it",
    env: "VILLAS_REMOTE",
    defaultText: "udp://127.0.0.1:12000 or unix:/var/run/villas-node.server.sock",
  }),
  ...linkSignalOptions,
  "any-source": flag({ help: "receive from addresses other than the remote, too" }),
  multicast: text("GROUP", { help: "join a multicast group, such as 224.1.2.3" }),
  interface: text("IP", {
    needs: ["multicast"],
    help: "join the multicast group on the network interface with this address",
  }),
  batch: flag({
    excludes: ["no-batch"],
    help: "report where batches are not possible: many datagrams per system call (faster), with a larger receive " +
      "buffer, as is done by default for udp on Linux with --allow-ffi",
  }),
  "no-batch": flag({ help: "receive and send one datagram per system call, with the system's receive buffer" }),
  ...linkOptions,
};

/** Polling instead of waiting, for commands whose answers or measurements gain by it. */
export const busyPollOption: Option<BusyPollOptions | undefined> = {
  value: "SECONDS",
  isValueOptional: true,
  excludes: ["no-batch"],
  help:
    "poll for datagrams instead of waiting to be woken: answers come sooner, and one CPU core is always busy, until no " +
    "datagram has come for 0.1 s or this time (udp on Linux; needs --allow-ffi and two cores)",
  default: undefined,
  parse: (given) => given === "" ? {} : { idleAfter: parseDuration(given) },
};

/** Limits that end a command. */
export const limitOptions = {
  count: count("N", { short: "l", help: "quit after this many samples" }),
  duration: duration({ help: "quit after this time" }),
  timeout: duration({ help: "quit with status 124 if no sample arrives for this time" }),
};

/** A format with its options, as VILLASnode's configuration has it. */
export type NamedFormat = Exclude<FormatSpecification, string>;

/**
 * Declares an option that takes a format: its name, or a JSON object with its options.
 *
 * @param others Names that are accepted besides those of formats, such as `"auto"`
 * @param initial Name of the default, if there is one
 * @param description Help and names
 */
export function format<T extends string | undefined>(
  others: readonly string[],
  initial: T,
  description: Description,
): Option<T extends string ? NamedFormat : NamedFormat | undefined> {
  return formatOption([...others, ...formatNames], initial, description);
}

/** Declares an option that takes a format of files: those of the datagrams, and those of other tools. */
export function fileFormat(
  others: readonly string[],
  description: Description,
): Option<NamedFormat | undefined> {
  return formatOption([...others, ...fileFormatNames], undefined, description);
}

function formatOption<T extends string | undefined>(
  choices: readonly string[],
  initial: T,
  description: Description,
): Option<T extends string ? NamedFormat : NamedFormat | undefined> {
  const option: Option<NamedFormat | undefined> = {
    ...initial === undefined ? {} : { defaultText: initial },
    ...description,
    value: "FORMAT",
    completes: choices,
    default: initial === undefined ? undefined : { type: initial },
    parse(given) {
      const named = parseSpecification(given);
      if (!choices.includes(named.type)) {
        throw new ChoiceError(named.type, choices, ' or a JSON object such as {"type": "raw", "bits": 64}');
      }
      return named;
    },
  };
  // With a default, the value is never undefined.
  return option as Option<T extends string ? NamedFormat : NamedFormat | undefined>;
}

/** Format of datagrams, which may be detected. */
export const wireFormatOption = format(["auto"], "protobuf", {
  short: "f",
  env: "VILLAS_FORMAT",
  help: "set the format of datagrams: a name, a JSON object with its options, or auto to detect it from the first " +
    "datagrams",
});

/** Format of samples on standard output. */
export const printOption = format(["none", "table"], "json", {
  short: "p",
  help: `print samples in this format, a name or a JSON object with its options: ${formatNames.join(", ")}; or as a ` +
    "table that fits the terminal, or none",
});

/** Destination of the figures; `"-"` for standard output. */
export const statsOption: Option<string | undefined> = {
  value: "FILE",
  isValueOptional: true,
  completes: "file",
  access: "write",
  help:
    "measure delays, gaps and jitter, too, and write the summary as one JSON object to a file, or without FILE to " +
    "the end of standard output",
  default: undefined,
  parse: (given) => given === "" ? "-" : given,
};

/**
 * Creates the format of an option.
 *
 * @param option Name of the option, for the message
 * @param specification The value of the option
 * @param defaults Options of the format that the specification does not name
 * @throws {InputError} If the format has no such options
 */
export function createFormatOf(
  option: string,
  specification: FormatSpecification,
  defaults: FormatOptions,
): Promise<Format> {
  return readInput(() => createFormat(specification, defaults), `Cannot use --${option}`);
}

/** Creates the format of a file of an option, as {@linkcode createFormatOf} does that of datagrams. */
export function createFileFormatOf(
  option: string,
  specification: FormatSpecification,
  defaults: FormatOptions,
): Promise<FileFormat> {
  return readInput(() => createFileFormat(specification, defaults), `Cannot use --${option}`);
}
