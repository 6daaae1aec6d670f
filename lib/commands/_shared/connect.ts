/**
 * The connection of a command: opened as its options say, and closed when they, an interrupt or silence end it.
 *
 * @module
 */

import { autoOptions } from "../../client/auto_format.ts";
import type { Client } from "../../client/client.ts";
import type { DecodeError } from "../../formats/errors.ts";
import { createFormat } from "../../formats/table.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Session } from "../../terminal/command.ts";
import type { Log, ThrottledLog } from "../../terminal/log.ts";
import { findAddressHolder } from "../../system/proc.ts";
import type { Address, TransportName } from "../../transports/address.ts";
import type { BusyPollOptions } from "../../transports/udp/busy_poller.ts";
import { defaultRemoteFor, type OpenOptions, openTransport } from "../../transports/table.ts";
import type { Transport } from "../../transports/transport.ts";
import type { NamedFormat } from "./options.ts";
import { checkCapacity } from "./signals.ts";

/** Values of the options that say where to connect; a command has some of them. */
export interface LinkValues {
  readonly local?: Address | undefined;
  readonly remote?: Address | undefined;
  readonly "any-source"?: boolean;
  readonly multicast?: string | undefined;
  readonly interface?: string | undefined;
  readonly batch?: boolean;
  readonly "no-batch"?: boolean;
  readonly "busy-poll"?: BusyPollOptions | undefined;
}

/** Values of the options that say when to quit, in samples and seconds. */
export interface LimitValues {
  readonly duration?: number | undefined;
  readonly timeout?: number | undefined;
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
  /** True if the command waits for datagrams of others, and reports that none arrive. */
  readonly awaitsDatagrams?: boolean;
  /** Called for each datagram that cannot be decoded, besides the log. */
  readonly onDecodeError?: (error: DecodeError, datagram?: Uint8Array) => void;
  /** Called as soon as the socket receives: what comes from then on is not lost. */
  readonly onOpen?: (link: OpenLink) => void;
}

/** The addresses of a transport that is open. */
export type OpenLink = Pick<Transport, "local" | "remote">;

/** Time without a datagram after which a command that waits for one says so, in milliseconds. */
const silenceMs = 5000;

/** Number of bytes of a refused datagram that are shown. */
const shownBytes = 32;

/** Where and how to open a transport. */
export interface LinkOptions {
  /** Addresses and settings. */
  readonly options: OpenOptions;
  /** Name of the transport. */
  readonly transport: TransportName;
}

/**
 * Derives the settings of a transport from the options of a command.
 *
 * @param values Values of the options
 * @param operand The operand that names a transport, if there is one
 * @param isReceiveOnly Whether to have no remote unless the options name one
 * @throws {InputError} If the options contradict each other, or there is no such transport
 */
export function toConnectOptions(values: LinkValues, operand?: string, isReceiveOnly = false): LinkOptions {
  const { local, remote, multicast, interface: network } = values;
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
  const target = remote ?? (isReceiveOnly ? undefined : defaultRemoteFor(transport, local));
  if (target !== undefined) options.remote = target;
  if (multicast !== undefined) {
    options.multicast = network === undefined ? { group: multicast } : { group: multicast, interface: network };
  }
  return { options, transport };
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
  throw new InputError(`Unknown transport "${operand}": expected udp or unix`);
}

/**
 * Opens a transport.
 *
 * @throws {InputError} If an address cannot be parsed, or the transport cannot do what is asked for
 */
export function openLink({ options, transport }: LinkOptions): Promise<Transport> {
  return readInput(() => openTransport(options, transport));
}

/**
 * Connects, and reports on standard error what happens to the connection.
 *
 * @throws {InputError} If the options contradict each other or name what does not exist
 */
export async function openConnection(settings: ConnectionSettings, session: Session): Promise<Connection> {
  const { values, operand, format, signals, isReceiveOnly } = settings;
  const { log } = session;
  const link = toConnectOptions(values, operand, isReceiveOnly);
  // First of all, so that a wrong format is told apart from an address in use.
  if (canBeRefused(settings)) await checkFormat(settings);
  const throttled = [log.throttled("warning"), log.throttled("debug"), log.throttled("warning")] as const;
  const [refused, refusedBytes, ignored] = throttled;
  link.options.onIgnored = (from) => {
    ignored.log(`Ignored a datagram from ${from}: expected ${transport.remote} (--any-source accepts all)`);
  };
  // Batches are a matter of course: only who asks for them hears of them.
  const [reportBatches, reportFallback] = values.batch ? [log.info, log.warning] : [log.debug, log.debug];
  link.options.onFallback = (why) => {
    reportFallback(`Cannot receive and send in batches, using single datagrams: ${why}`);
  };
  const transport = await openLink(link).catch((error) => {
    throw withHolder(error, link.options.local);
  });
  settings.onOpen?.(transport);
  let client: Client;
  try {
    // The socket receives already, and keeps what comes until this is loaded.
    const { connect } = await import("../../client/client.ts");
    client = await connect({
      transport,
      format,
      signals,
      onDecodeError(error, datagram, source) {
        refused.log(source === undefined ? error.message : `${error.message} (from ${source})`);
        settings.onDecodeError?.(error, datagram);
        if (datagram !== undefined) refusedBytes.log(describeBytes(datagram));
      },
      onDetected: ({ name }, reason) => log.info(`Detected format ${name}: ${reason}`),
    });
  } catch (error) {
    transport.close();
    throw error;
  }
  const sending = isReceiveOnly ? "" : `sending to ${client.remote}, `;
  log.debug(`Receiving on ${client.local}, ${sending}format ${client.format.name}`);
  const { receiveBuffer } = client.stats();
  if (receiveBuffer !== undefined) {
    reportBatches(`Receiving and sending in batches, with a receive buffer of ${receiveBuffer} bytes`);
  }
  return new Connection(client, values, session.ended, { throttled, log, awaitsDatagrams: settings.awaitsDatagrams });
}

/** Names the process that has an address which is in use, where the system tells. */
export function withHolder(error: unknown, local: OpenOptions["local"]): unknown {
  if (!(error instanceof Deno.errors.AddrInUse)) return error;
  const holder = findAddressHolder(typeof local === "string" ? local : local?.text ?? ":12001");
  if (holder === undefined) return error;
  return new Deno.errors.AddrInUse(`${error.message}, by ${holder}`, { cause: error });
}

/** Describes the beginning of a datagram. */
function describeBytes(datagram: Uint8Array): string {
  const { length } = datagram;
  const bytes = Array.from(datagram.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `The datagram has ${length} ${length === 1 ? "byte" : "bytes"}: ${bytes}${length > shownBytes ? " ..." : ""}`;
}

/** Reports of a connection while it is open. */
interface Reporting {
  /** Logs about this connection. */
  readonly throttled: readonly ThrottledLog[];
  /** The log of the command. */
  readonly log: Log;
  /** Reports that no datagram arrived. */
  readonly awaitsDatagrams: boolean | undefined;
}

/** Returns whether a format may turn out to be impossible: not protobuf as it is, which need not be loaded to see that. */
function canBeRefused({ format, signals }: ConnectionSettings): boolean {
  const isPlain = format.type === "protobuf" && Object.keys(format).length === 1;
  return !isPlain || signals.in !== undefined || signals.out !== undefined;
}

/** Checks that there is such a format and that it carries the signals; one that is detected shows that later. */
async function checkFormat({ format, signals }: ConnectionSettings): Promise<void> {
  if (await readInput(() => autoOptions(format)) !== undefined) return;
  await readInput(() => createFormat(format));
  await checkCapacity(format, signals);
}

/** A client, and everything that closes it. */
export class Connection implements AsyncDisposable {
  /** The client. */
  readonly client: Client;
  readonly #closed = new AbortController();
  readonly #ended: AbortSignal;
  readonly #interrupt = (): void => this.#close("interrupt");
  readonly #throttled: readonly ThrottledLog[];
  readonly #log: Log;
  readonly #limits: LimitValues;
  readonly #awaitsDatagrams: boolean;
  #hasUnmatched = false;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #durationTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: IdleTimer | undefined;
  #ending: "interrupt" | "duration" | "timeout" | undefined;

  /**
   * Creates the connection of a client that is open.
   *
   * @param client The client
   * @param limits When to close it
   * @param ended Aborted by an interrupt
   * @param reporting What to report, and where
   */
  constructor(client: Client, limits: LimitValues, ended: AbortSignal, reporting: Reporting) {
    this.client = client;
    this.#limits = limits;
    this.#ended = ended;
    this.#throttled = reporting.throttled;
    this.#log = reporting.log;
    this.#awaitsDatagrams = reporting.awaitsDatagrams ?? false;
    if (ended.aborted) this.#interrupt();
    ended.addEventListener("abort", this.#interrupt, { once: true });
  }

  /** Aborted when the client is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Why the client was closed; undefined while it is open. */
  get ending(): "interrupt" | "duration" | "timeout" | undefined {
    return this.#ending;
  }

  /**
   * Starts the times after which it is closed. Once the command has said that it is ready, and not before: the runtime takes
   * 10 ms to load what its first timer needs.
   */
  startTimers(): void {
    const { duration, timeout } = this.#limits;
    if (this.#awaitsDatagrams) this.#silenceTimer = setTimeout(() => this.#reportSilence(), silenceMs);
    if (duration !== undefined) this.#durationTimer = setTimeout(() => this.#close("duration"), duration * 1000);
    if (timeout !== undefined) this.#idleTimer = new IdleTimer(timeout * 1000, () => this.#close("timeout"));
  }

  /** Restarts the time to wait for samples: some have come. */
  resetIdleTimer(): void {
    this.#idleTimer?.reset();
    if (!this.#hasUnmatched && this.client.format.unmatchedNames?.size) this.#reportUnmatched();
  }

  #reportUnmatched(): void {
    this.#hasUnmatched = true;
    const names = [...this.client.format.unmatchedNames ?? []];
    this.#log.warning(`Ignoring values whose names match no signal: ${names.join(", ")}`);
  }

  #reportSilence(): void {
    const { datagrams, ignored } = this.client.counters.received;
    if (datagrams + ignored > 0) return;
    const seconds = silenceMs / 1000;
    this.#log.info(`Nothing has come to ${this.client.local} for ${seconds} s: villas-client doctor looks into it`);
  }

  /** Writes what throttled logs about this connection have held back. */
  flushLogs(): void {
    for (const log of this.#throttled) log.flush();
  }

  /** Waits for the remote, as the Python client does; the wait ends when the connection is closed. */
  async waitForRemote(log: Log): Promise<void> {
    const { client, closed } = this;
    try {
      await client.ready({ signal: closed, onWait: () => log.info(`Waiting for ${client.remote} to appear`) });
    } catch (error) {
      if (!closed.aborted) throw error;
    }
  }

  /** Closes the client and stops the timers. */
  [Symbol.asyncDispose](): PromiseLike<void> {
    clearTimeout(this.#durationTimer);
    clearTimeout(this.#silenceTimer);
    this.#idleTimer?.stop();
    this.#ended.removeEventListener("abort", this.#interrupt);
    return this.client[Symbol.asyncDispose]();
  }

  #close(why: "interrupt" | "duration" | "timeout"): void {
    this.#ending ??= why;
    this.client.close();
    this.#closed.abort();
  }
}

/** Calls back after a time without a reset. A reset costs the reading of a clock, not a timer. */
class IdleTimer {
  readonly #milliseconds: number;
  readonly #callback: () => void;
  #lastTime = performance.now();
  #timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number, callback: () => void) {
    this.#milliseconds = milliseconds;
    this.#callback = callback;
    this.#timer = setTimeout(() => this.#check(), milliseconds);
  }

  reset(): void {
    this.#lastTime = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const left = this.#lastTime + this.#milliseconds - performance.now();
    if (left <= 0) this.#callback();
    else this.#timer = setTimeout(() => this.#check(), left);
  }
}
