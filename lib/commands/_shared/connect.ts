/**
 * Connects a command with a VILLASnode, as its options say, and ends it when they say so.
 *
 * @module
 */

import { autoOptions } from "../../client/auto_format.ts";
import { type Client, connect, type ConnectOptions } from "../../client/client.ts";
import { createFormat, type FormatSpecification } from "../../formats/table.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import {
  defaultRemoteOf,
  openTransport,
  type TransportName,
  transportNames,
  transportOf,
} from "../../transports/table.ts";
import { type Session, UsageError } from "../../terminal/command.ts";
import type { LimitedLog } from "../../terminal/log.ts";
import type { connectionOptions, limitOptions, nodeOptions } from "./options.ts";
import type { Values } from "../../terminal/option.ts";
import { checkCapacity, type linkSignalOptions } from "./signals.ts";

/** A client, and what ends it. */
export interface Connection extends AsyncDisposable {
  /** The client. */
  readonly client: Client;
  /** Aborted when it is closed. */
  readonly closed: AbortSignal;
  /** Why it was closed, if it was. */
  readonly ending: "interrupt" | "duration" | "timeout" | undefined;
  /** Tells that samples have come: the time to wait for the next ones starts anew. */
  touch(): void;
  /** Says what is held back of messages that may be frequent. */
  endMessages(): void;
}

/** What to connect with. */
export interface ConnectionSettings {
  /** The connection's options. */
  values:
    & Omit<Values<typeof connectionOptions>, keyof typeof nodeOptions | keyof typeof linkSignalOptions>
    & Values<typeof limitOptions>;
  /** The operand that names a transport, if there is one. */
  operand: string | undefined;
  /** The format of the datagrams. */
  format: FormatSpecification;
  /** The signals of each direction, as far as they are known. */
  signals: LinkSignals;
  /** Whether nothing is sent: then every source is received where no remote is given. */
  isReceiveOnly?: boolean;
}

/**
 * Connects, and says on standard error what happens to the connection.
 *
 * @throws {UsageError} Where the options do not fit together or name what does not exist
 */
export async function openConnection(settings: ConnectionSettings, session: Session): Promise<Connection> {
  const { values } = settings;
  const { log } = session;
  const refusals = log.limited("warning");
  const strangers = log.limited("warning");
  const options = connectOptions(settings);
  options.onRefused = (error) => refusals.say(error.message);
  options.onDetected = ({ name }, reason) => log.info(`What comes is ${name}: ${reason}`);
  options.onIgnored = (from) => {
    strangers.say(`Ignored a datagram from ${from}: expected ${client?.remote} (--any-source takes all)`);
  };
  options.onFallback = (why) => log.warning(`Cannot receive and send in batches, going on one by one: ${why}`);
  let client: Client | undefined;
  try {
    // First of all, so that a wrong option is told apart from an address in use.
    await checkFormat(settings);
    if (settings.isReceiveOnly && options.remote === undefined) {
      options.transport = await openTransport(options, transportNamed(settings.operand));
    }
    client = await connect(options);
  } catch (error) {
    options.transport?.close();
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
  const sending = settings.isReceiveOnly ? "" : `sending to ${client.remote}, `;
  log.debug(`Receiving on ${client.local}, ${sending}format ${client.format.name}`);
  const { receiveBuffer } = client;
  if (receiveBuffer !== undefined) {
    log.info(`Receiving and sending in batches; the kernel keeps ${receiveBuffer} bytes of what waits`);
  }
  return watch(client, values, session.ended, [refusals, strangers]);
}

/** Checks that there is such a format, and that it carries the signals; `auto` shows that later. */
async function checkFormat({ format, signals }: ConnectionSettings): Promise<void> {
  if (autoOptions(format) !== undefined) return;
  await createFormat(format);
  await checkCapacity(format, signals);
}

function connectOptions(settings: ConnectionSettings): ConnectOptions {
  const { values, operand, format, signals, isReceiveOnly = false } = settings;
  const { local, remote, multicast, interface: network } = values;
  const transport = transportNamed(operand);
  const named = [local, remote].find((address) => address !== undefined && transportOf(address) !== transport);
  if (transport !== undefined && named !== undefined) {
    throw new UsageError(`Cannot use "${named}" with ${transport}: it is the address of another transport`);
  }
  if (network !== undefined && multicast === undefined) {
    throw new UsageError("Cannot use --interface without --multicast");
  }
  const options: ConnectOptions = { format, signals, anySource: values["any-source"], batch: values.batch };
  if (local !== undefined) options.local = local;
  const target = remote ?? (local === undefined && !isReceiveOnly ? defaultRemoteOf(transport ?? "udp") : undefined);
  if (target !== undefined) options.remote = target;
  if (multicast !== undefined) {
    options.multicast = network === undefined ? { group: multicast } : { group: multicast, interface: network };
  }
  return options;
}

/** The transport that the operand names, if there is one. */
function transportNamed(operand: string | undefined): TransportName | undefined {
  if (operand === undefined) return undefined;
  const found = transportNames.find((name) => name === operand);
  if (found === undefined || found === "memory") {
    throw new UsageError(`Unknown transport "${operand}": expected udp or unix`);
  }
  return found;
}

/** Closes the client when the time is over, when nothing comes, and when the session ends. */
function watch(
  client: Client,
  { duration, timeout }: Values<typeof limitOptions>,
  ended: AbortSignal,
  voices: readonly LimitedLog[],
): Connection {
  const closed = new AbortController();
  let ending: Connection["ending"];
  let touched = performance.now();
  const end = (why: Connection["ending"]) => {
    ending ??= why;
    client.close();
    closed.abort();
  };
  const interrupt = () => end("interrupt");
  if (ended.aborted) interrupt();
  ended.addEventListener("abort", interrupt, { once: true });
  const durationTimer = duration === undefined ? undefined : setTimeout(() => end("duration"), duration * 1000);
  const timeoutTimer = timeout === undefined ? undefined : createIdleTimer(timeout * 1000, () => touched, () => {
    end("timeout");
  });
  return {
    client,
    closed: closed.signal,
    get ending() {
      return ending;
    },
    touch() {
      if (timeout !== undefined) touched = performance.now(); // asked once for each datagram, this shows
    },
    endMessages() {
      for (const voice of voices) voice.end();
    },
    [Symbol.asyncDispose]() {
      clearTimeout(durationTimer);
      timeoutTimer?.clear();
      ended.removeEventListener("abort", interrupt);
      return client[Symbol.asyncDispose]();
    },
  };
}

/** Calls back when nothing has happened for some milliseconds, without a timer for each thing that happens. */
function createIdleTimer(milliseconds: number, lastTime: () => number, callback: () => void): { clear(): void } {
  const check = () => {
    const left = lastTime() + milliseconds - performance.now();
    if (left <= 0) callback();
    else timer = setTimeout(check, left);
  };
  let timer = setTimeout(check, milliseconds);
  return { clear: () => clearTimeout(timer) };
}
