/**
 * Opens the connection of a command, as its options say.
 *
 * @module
 */

import type { DecodeError } from "../../formats/errors.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { withoutUser } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";
import type { Log } from "../../terminal/log.ts";
import { readVariable } from "../../terminal/parse.ts";
import { type Address, isConnecting, type TransportName } from "../../transports/address.ts";
import type { LinkState, WhenDown } from "../../transports/link/connection.ts";
import type { Credentials } from "../../transports/link/options.ts";
import type { BusyPollOptions } from "../../transports/udp/busy_poller.ts";
import { defaultRemoteFor, type OpenOptions, openTransport } from "../../transports/table.ts";
import type { Transport } from "../../transports/transport.ts";
import type { AmqpOptions } from "../../transports/amqp/options.ts";
import type { MqttOptions } from "../../transports/mqtt/options.ts";
import { type LinkDirections, usableEnds } from "./broker_options.ts";
import type { NamedFormat } from "./options.ts";
import type { Connection, LimitValues } from "./connection.ts";
import type { TlsFile } from "./tls_files.ts";

/** Values of the options that say where to connect; a command has some of them. */
export interface LinkValues {
  readonly local?: Address | undefined;
  readonly remote?: Address | undefined;
  readonly "any-source"?: boolean;
  readonly multicast?: string | undefined;
  readonly interface?: string | undefined;
  readonly batch?: boolean;
  readonly "when-down"?: WhenDown | undefined;
  readonly "tls-ca"?: string | undefined;
  readonly "no-check"?: boolean;
  readonly mqtt?: MqttOptions | undefined;
  readonly amqp?: AmqpOptions | undefined;
  readonly "tls-cert"?: string | undefined;
  readonly "tls-key"?: string | undefined;
  readonly "no-batch"?: boolean;
  readonly "busy-poll"?: BusyPollOptions | undefined;
}

/** Everything that a connection is opened with. */
export interface ConnectionSettings {
  /** Values of the command's options. */
  readonly values: LinkValues & LimitValues;
  /** The operand that names a transport, if there is one. */
  readonly operand?: string | undefined;
  /** Format of the datagrams. */
  readonly format: NamedFormat;
  /** Signals of each direction, as far as they are known. */
  readonly signals: LinkSignals;
  /** True if nothing is sent: then, without a remote, every source is received. */
  readonly isReceiveOnly?: boolean;
  /** True if nothing is received. */
  readonly isSendOnly?: boolean;
  /** True if the command waits for datagrams of others, and reports that none arrive. */
  readonly awaitsDatagrams?: boolean;
  /** Called for each datagram that cannot be decoded, besides the log. */
  readonly onDecodeError?: (error: DecodeError, datagram?: Uint8Array) => void;
  /** Called as soon as the socket receives: what comes from then on is not lost. */
  readonly onOpen?: (link: OpenLink) => void;
}

/** The addresses of a transport that is open. */
export type OpenLink = Pick<Transport, "local" | "remote">;

/** Number of bytes of a refused datagram that are shown. */
const shownBytes = 32;

/** Where and how to open a transport. */
export interface LinkOptions {
  /** Addresses and settings. */
  readonly options: OpenOptions;
  /** Name of the transport. */
  readonly transport: TransportName;
  /** Files of certificates, and the options that name them. */
  readonly tlsFiles?: readonly TlsFile[];
}

/**
 * Derives the settings of a transport from the options of a command.
 *
 * @param values Values of the options
 * @param operand The operand that names a transport, if there is one
 * @param directions What the command does; one that only receives has no remote unless the options name one
 * @throws {InputError} If the options contradict each other, or there is no such transport
 */
export function toConnectOptions(
  values: LinkValues,
  operand?: string,
  directions: LinkDirections = "both",
): LinkOptions {
  const { multicast, interface: network } = values;
  const { local, remote } = usableEnds(values, directions);
  const named = parseTransportName(operand);
  const other = [local, remote].find((address) =>
    address !== undefined && address.transport !== (named ?? address.transport)
  );
  if (other !== undefined) {
    throw new InputError(`Cannot use "${other.text}" with ${named}: it is an address of ${other.transport}`);
  }
  if (network !== undefined && multicast === undefined) {
    throw new InputError("Cannot use --interface without --multicast");
  }
  const transport = named ?? local?.transport ?? remote?.transport ?? "udp";
  const options: OpenOptions = { anySource: values["any-source"] ?? false, ...socketOptionsOf(values) };
  if (local !== undefined) options.local = local;
  const target = remote ?? (directions === "receive" ? undefined : defaultRemoteFor(transport, local));
  if (target !== undefined) options.remote = target;
  if (multicast !== undefined) {
    options.multicast = network === undefined ? { group: multicast } : { group: multicast, interface: network };
  }
  const { "when-down": whenDown, "no-check": noCheck = false, mqtt, amqp } = values;
  if (whenDown !== undefined) options.whenDown = whenDown;
  if (noCheck) options.check = false;
  if (mqtt !== undefined) options.mqtt = mqtt;
  if (amqp !== undefined) options.amqp = amqp;
  const credentials = isConnecting(transport) ? readCredentials() : undefined;
  if (credentials !== undefined) options.credentials = credentials;
  const tlsFiles = (["tls-ca", "tls-cert", "tls-key"] as const).flatMap((option) => {
    const path = values[option];
    return path === undefined ? [] : { label: `--${option}`, option, path };
  });
  return { options, transport, tlsFiles };
}

/** Beginning of the names of environment variables with credentials. */
export const credentialsPrefix = "VILLAS";

/**
 * Reads what a server asks for from the environment: command lines are seen by everybody on the machine.
 *
 * @param prefix Beginning of the names of the variables, before `_USER`, `_PASSWORD` and `_TOKEN`
 */
export function readCredentials(prefix = credentialsPrefix): Credentials | undefined {
  const [user, password, token] = ["USER", "PASSWORD", "TOKEN"].map((name) => readVariable(`${prefix}_${name}`));
  return user || password || token ? { user, password, token } : undefined;
}

/** Returns how the socket receives and sends, as far as the options say it. */
export function socketOptionsOf(values: LinkValues): Pick<OpenOptions, "batch" | "busyPoll"> {
  const { batch, "no-batch": noBatch, "busy-poll": busyPoll } = values;
  return {
    ...batch && { batch: true },
    ...noBatch && { batch: false },
    ...busyPoll !== undefined && { busyPoll },
  };
}

/**
 * Parses the operand that names a transport.
 *
 * @throws {InputError} If no transport that leads out of the process has this name
 */
export function parseTransportName(operand: string | undefined): "udp" | "unix" | undefined {
  if (operand === undefined || operand === "udp" || operand === "unix") return operand;
  const advice = operand.includes(":") ? "an address stands behind --local or --remote" : "expected udp or unix";
  throw new InputError(`Unknown transport "${withoutUser(operand)}": ${advice}`);
}

/**
 * Opens a transport.
 *
 * @throws {InputError} If an address cannot be parsed, or the transport cannot do what is asked for
 */
export async function openLink({ options, transport, tlsFiles = [] }: LinkOptions): Promise<Transport> {
  if (tlsFiles.length === 0) return await readInput(() => openTransport(options, transport));
  const { readTlsFiles } = await import("./tls_files.ts");
  const texts = await readTlsFiles(tlsFiles);
  return await readInput(() => openTransport({ ...options, ...texts }, transport));
}

/**
 * Connects, and reports on standard error what happens to the connection.
 *
 * @throws {InputError} If the options contradict each other or name what does not exist
 */
export async function openConnection(settings: ConnectionSettings, session: Session): Promise<Connection> {
  const { values, operand, format, signals, isReceiveOnly, isSendOnly } = settings;
  const { log } = session;
  const directions = isReceiveOnly ? "receive" : isSendOnly ? "send" : "both";
  const link = toConnectOptions(values, operand, directions);
  if (link.transport === "c37.118") {
    const { streamOptions } = await import("./synchrophasor_link.ts");
    Object.assign(link.options, streamOptions(values, format, isReceiveOnly ?? false));
  } else if (link.transport === "ws") {
    const { peerFormatOptions } = await import("../../client/peer_codecs.ts");
    Object.assign(link.options, peerFormatOptions(values.local, values.remote));
  }
  if (link.transport === "ws") {
    const { peerFormatOptions } = await import("../../client/peer_codecs.ts");
    Object.assign(link.options, peerFormatOptions(values.local, values.remote));
  }
  // First of all, so that a wrong format is told apart from an address in use.
  if (canBeRefused(settings)) {
    const { checkFormat } = await import("./signal_checks.ts");
    await checkFormat(format, signals);
  }
  const warnings = () => log.throttled("warning");
  const throttled = [warnings(), log.throttled("debug"), warnings(), warnings()] as const;
  const [refused, refusedBytes, ignored, uncarried] = throttled;
  link.options.onIgnored = (from) => {
    ignored.log(`Ignored a datagram from ${from}: expected ${transport.remote} (--any-source accepts all)`);
  };
  // Batches are a matter of course: only who asks for them hears of them.
  const [reportBatches, reportFallback] = values.batch ? [log.info, log.warning] : [log.debug, log.debug];
  link.options.onFallback = (why) => {
    reportFallback(`Cannot receive and send in batches, using single datagrams: ${why}`);
  };
  const other = (values.remote ?? values.local)?.text ?? "";
  link.options.onStateChange = (state) => reportState(state, other, log);
  link.options.onPeerChange = ({ peer, isThere, reason }) =>
    log.info(isThere ? `Client ${peer} connected` : `Client ${peer} left: ${reason}`);
  link.options.onNotice = (notice) => log.warning(notice);
  const transport = await openLink(link).catch(async (error) => {
    throw await withHolder(error, link.options.local);
  });
  settings.onOpen?.(transport);
  let connection: Connection;
  try {
    // The socket receives already, and keeps what comes until these are loaded.
    const [{ connect }, { Connection }] = await Promise.all([
      import("../../client/connect.ts"),
      import("./connection.ts"),
    ]);
    const client = await connect({
      transport,
      format,
      signals,
      onDecodeError(error, datagram, source) {
        refused.log(source === undefined ? error.message : `${error.message} (from ${source})`);
        settings.onDecodeError?.(error, datagram);
        if (datagram !== undefined) refusedBytes.log(describeBytes(datagram));
      },
      onPeerEncodeError: ({ message }, name) => uncarried.log(describeUncarried(name, message)),
      onDetected: ({ name }, reason) => log.info(`Detected format ${name}: ${reason}`),
    });
    const { awaitsDatagrams } = settings;
    connection = new Connection(client, values, session.ended, { throttled, log, awaitsDatagrams });
  } catch (error) {
    transport.close();
    throw error;
  }
  const { client } = connection;
  const sending = isReceiveOnly ? "" : `sending to ${client.remote}, `;
  log.debug(`Receiving on ${client.local}, ${sending}format ${client.format.name}`);
  const { receiveBuffer } = client.stats();
  if (receiveBuffer !== undefined) {
    reportBatches(`Receiving and sending in batches, with a receive buffer of ${receiveBuffer} bytes`);
  }
  return connection;
}

/** Names the process that has an address which is in use, where the system tells. */
export async function withHolder(error: unknown, local: OpenOptions["local"]): Promise<unknown> {
  if (!(error instanceof Deno.errors.AddrInUse)) return error;
  const { findAddressHolder } = await import("../../system/proc.ts");
  const holder = findAddressHolder(typeof local === "string" ? local : local?.text ?? ":12001");
  if (holder === undefined) return error;
  return new Deno.errors.AddrInUse(`${error.message}, by ${holder}`, { cause: error });
}

/** Says that clients of a server do not get what the format that they have asked for cannot carry. */
export function describeUncarried(format: string, message: string): string {
  return `Clients that have asked for ${format} do not get a message: ${message}`;
}

/** Says that a link is up, or down and why. */
export function reportState(state: LinkState, other: string, log: Log): void {
  if (state.isUp) log.info(`Connected to ${other}`);
  else if (state.wasUp) log.warning(`Lost the connection to ${other}: ${state.reason}; trying again`);
  else log.warning(`Cannot connect to ${other}: ${state.reason}; trying again`);
}

/** Describes the beginning of a datagram. */
function describeBytes(datagram: Uint8Array): string {
  const { length } = datagram;
  const bytes = Array.from(datagram.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `The datagram has ${length} ${length === 1 ? "byte" : "bytes"}: ${bytes}${length > shownBytes ? " ..." : ""}`;
}

/** Returns whether a format may turn out to be impossible: not protobuf as it is, which need not be loaded to see that. */
function canBeRefused({ format, signals }: ConnectionSettings): boolean {
  const isPlain = format.type === "protobuf" && Object.keys(format).length === 1;
  return !isPlain || signals.in !== undefined || signals.out !== undefined;
}
