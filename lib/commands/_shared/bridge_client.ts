/**
 * Opens the client of an end of a bridge, and reports what happens to its connection.
 *
 * @module
 */

import type { End } from "./bridge_ends.ts";
import { credentialsOf } from "./bridge_link.ts";
import { describeUncarried, openLink, reportState, withHolder } from "./connect.ts";
import type { NamedFormat } from "./options.ts";
import { checkCapacity } from "./signal_checks.ts";
import type { Client } from "../../client/client.ts";
import { connect } from "../../client/connect.ts";
import { agreeOnFormat } from "../../client/link_format.ts";
import { peerFormatOptions } from "../../client/peer_codecs.ts";
import { synchrophasorOptions } from "../../client/synchrophasors.ts";
import type { Format } from "../../formats/format.ts";
import { parseSpecification } from "../../formats/specification.ts";
import type { FormatSpecification } from "../../formats/table.ts";
import type { Signal } from "../../samples/signals.ts";
import { readInput } from "../../system/input_error.ts";
import type { Log, ThrottledLog } from "../../terminal/log.ts";
import { type Address, isConnecting } from "../../transports/address.ts";
import type { OpenOptions } from "../../transports/table.ts";

/** The addresses of a client. */
export interface ClientAddresses {
  /** The address to receive on. */
  readonly local: Address | undefined;
  /** The address to send to. */
  readonly remote: Address | undefined;
}

/** What a client of a bridge is opened with, besides its end and its addresses. */
export interface ClientContext {
  /** The log of the command. */
  readonly log: Log;
  /** True to report where many datagrams per system call are not possible, false for one; undefined as by default. */
  readonly batch: boolean | undefined;
  /** Signals that are sent, where they are known from the other end: for formats that have names. */
  readonly names?: readonly Signal[] | undefined;
  /** Creates a log that is written at the end, at the latest. */
  throttle(): ThrottledLog;
}

/**
 * Opens the client of an end.
 *
 * @throws {InputError} If the settings of the end contradict each other or name what does not exist
 */
export async function openBridgeClient(end: End, addresses: ClientAddresses, context: ClientContext): Promise<Client> {
  const { link, multicast } = end;
  const { log, batch } = context;
  const [refused, ignored, uncarried] = [context.throttle(), context.throttle(), context.throttle()];
  const check = !(link?.isUnchecked ?? false);
  const agreed = await readInput(() => agreeOnFormat({ format: formatOf(end), ...addresses, check }));
  const { local, remote } = agreed;
  const format = withNames(end, specificationOf(agreed.format), context.names);
  const received = listOf(end);
  const signals = { ...received && { in: received }, ...end.signals && { out: end.signals } };
  if (format.type !== "auto") await checkCapacity(format, signals);
  const transportName = (local ?? remote)?.transport ?? "udp";
  const other = (remote ?? local)?.text ?? end.name;
  const options: OpenOptions = {
    ...local && { local },
    ...remote && { remote },
    ...synchrophasorOptions(format, remote ?? local),
    ...peerFormatOptions(local, remote),
    ...multicast !== undefined && { multicast: { group: multicast } },
    ...transportName === "udp" && batch !== undefined && { batch },
    onIgnored: (from) => ignored.log(`Ignored a datagram from ${from}: expected ${remote?.text}`),
  };
  if (transportName === "udp" && batch) {
    options.onFallback = (why) => log.warning(`Cannot receive and send ${end.name} in batches: ${why}`);
  }
  if (isConnecting(transportName)) Object.assign(options, connectionOptionsOf(end, other, log));
  const transport = await openLink({ options, transport: transportName, tlsFiles: link?.tlsFiles ?? [] })
    .catch(async (error) => {
      throw await withHolder(error, local);
    });
  return await readInput(() =>
    connect({
      transport,
      format,
      signals,
      onDecodeError: (error, _datagram, source = end.name) => refused.log(`${error.message} (from ${source})`),
      onPeerEncodeError: ({ message }, name) => uncarried.log(describeUncarried(name, message)),
      onDetected: ({ name }, reason) => log.info(`Detected format ${name}: ${reason}`),
    })
  ).catch((error) => {
    transport.close();
    throw error;
  });
}

/** Returns the options of an end that is a connection, which tells what happens to it. */
function connectionOptionsOf(end: End, other: string, log: Log): OpenOptions {
  const { mqtt, amqp, whenDown, isUnchecked = false } = end.link ?? {};
  const credentials = credentialsOf(end);
  return {
    ...mqtt && { mqtt },
    ...amqp && { amqp },
    ...whenDown && { whenDown },
    ...isUnchecked && { check: false },
    ...credentials && { credentials },
    onStateChange: (state) => reportState(state, other, log),
    onPeerChange: ({ peer, isThere, reason }) =>
      log.info(isThere ? `Client ${peer} connected to ${other}` : `Client ${peer} left ${other}: ${reason}`),
    onNotice: (notice) => log.warning(`${end.name}: ${notice}`),
  };
}

/** Returns the signals of an end as a list, if there is one. */
export function listOf({ signals }: End): readonly Signal[] | undefined {
  return signals === "any" ? undefined : signals;
}

/** Returns the given format, with the settings of a stream of synchrophasors. */
function formatOf({ format, link }: End): NamedFormat | undefined {
  const frames = link?.frames;
  return frames === undefined ? format : { type: "c37.118", ...format, ...frames };
}

/** Returns the format that is given or that an address says; where neither does, that of all links. */
function specificationOf(format: FormatSpecification | Format = "protobuf"): NamedFormat {
  return typeof format === "object" && "decode" in format
    ? { type: (format as Format).name }
    : parseSpecification(format as FormatSpecification);
}

/**
 * Returns the format of an end, with the names of the signals that come, where nothing says what the end takes: the guard
 * does not take them for what the receiver survives.
 */
function withNames({ signals }: End, format: NamedFormat, names: readonly Signal[] | undefined): NamedFormat {
  return names === undefined || signals !== undefined ? format : { signals: names, ...format };
}
