/**
 * A PDC's connection to a PMU: commands out, frames in, and the configuration followed when it changes.
 *
 * @module
 */

import { commands, encodeCommand } from "../../formats/c37_118/command.ts";
import { ConfigurationError, ConfigurationReader } from "../../formats/c37_118/configuration_reader.ts";
import { DataLayout } from "../../formats/c37_118/data_layout.ts";
import { frameTypes, typeOfFrame } from "../../formats/c37_118/frame.ts";
import { type FrameCounters, FrameSplitter } from "../../formats/c37_118/frame_splitter.ts";
import { configurationChangeBit } from "../../formats/c37_118/status.ts";
import { now } from "../../samples/timestamp.ts";
import type { ConnectionAddress } from "../address.ts";
import type { DialOptions, LinkConnection } from "../link/connection.ts";
import { Link } from "../link/link.ts";
import type { ConnectionOptions } from "../link/options.ts";
import type { TransportStats } from "../transport.ts";
import { noAnswer, type SynchrophasorOptions } from "./options.ts";

/** Time to wait for the first configuration, in seconds. */
const defaultAnswerTimeout = 5;

/** Time that data waits for a new configuration, and the least time between two requests, in milliseconds. */
const changeTime = 2000;

/** The most data frames that wait for it. */
const maximumHeld = 1000;

/** Time without a frame after which the PMU is asked for its configuration, and twice after which it is given up. */
const silenceTime = 10_000;

/** The longest frame that a PDC sends, a command. */
const commandLength = 0xffff;

/** A link to a PMU that counts what is wrong with the frames, too. */
export class PdcLink extends Link {
  readonly #counters: FrameCounters[];

  /**
   * Creates the link, which begins to connect.
   *
   * @param address Address of the PMU
   * @param choices Choices of the protocol
   * @param options Options of the user
   * @param open Opens the way to the PMU; default: a TCP connection
   */
  constructor(
    address: ConnectionAddress,
    choices: SynchrophasorOptions,
    options: ConnectionOptions,
    open: () => Promise<ByteChannel> = () => openTcp(address),
  ) {
    const counters: FrameCounters[] = [];
    super({
      ...{ local: address.text, remote: undefined, maximumLength: commandLength },
      dial: (dialing) => dial(open, choices, dialing, options, counters),
    }, options);
    this.#counters = counters;
  }

  override stats(): TransportStats {
    const sum = (name: keyof FrameCounters) => this.#counters.reduce((total, counters) => total + counters[name], 0);
    const names = ["frames", "badChecksums", "lostSyncs", "skippedBytes"] as const;
    const frames = Object.fromEntries(names.map((name) => [name, sum(name)]));
    return { ...super.stats(), frames: frames as unknown as FrameCounters };
  }
}

async function dial(
  open: () => Promise<ByteChannel>,
  choices: SynchrophasorOptions,
  { signal, onMessage }: DialOptions,
  { onNotice }: ConnectionOptions,
  counters: FrameCounters[],
): Promise<LinkConnection> {
  const channel = await open();
  if (signal.aborted) {
    channel.close();
    throw signal.reason;
  }
  const connection = new PdcConnection(channel, choices, onMessage, onNotice);
  // One entry for all connections that are over, and one for the current one.
  const [past, last] = counters;
  if (past !== undefined && last !== undefined) {
    for (const name of Object.keys(past) as (keyof FrameCounters)[]) past[name] += last[name];
    counters.length = 1;
  }
  counters.push(connection.counters);
  const abort = () => connection.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await connection.start();
    return connection;
  } catch (error) {
    connection.abort();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A way to a PMU, on which bytes go both ways. */
export interface ByteChannel {
  /** Reads bytes into a buffer of 65,536; returns how many, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes bytes; returns how many were taken. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends both directions. */
  close(): void;
}

/**
 * Connects with a PMU over TCP.
 *
 * @throws {Error} If that is not possible; the message is the reason, as the end of a sentence
 */
export async function openTcp({ host, port }: ConnectionAddress): Promise<ByteChannel> {
  try {
    const tcp = await Deno.connect({ hostname: host, port });
    tcp.setNoDelay();
    return tcp;
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  }
}

function explain(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "nobody listens there";
  if (error instanceof Deno.errors.NotCapable) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\)/, "").replace(/^./, (letter) => letter.toLowerCase());
}

/** An open connection to a PMU. */
class PdcConnection implements LinkConnection {
  readonly closed: Promise<string>;
  readonly #resolveClosed: (reason: string) => void;
  readonly #channel: ByteChannel;
  readonly #choices: SynchrophasorOptions;
  readonly #onMessage: (frame: Uint8Array) => void;
  readonly #onNotice: ((notice: string) => void) | undefined;
  readonly #splitter = new FrameSplitter();
  readonly #configurations = new ConfigurationReader();
  /** The layout of data by the last configuration. */
  #layout: DataLayout | undefined;
  /** Resolves when the first configuration has come. */
  #configured = () => {};
  /** Data that waits for a new configuration. */
  #held: Uint8Array[] = [];
  /** Lets go what waits for a configuration that does not come; set while one is asked for. */
  #holding: ReturnType<typeof setTimeout> | undefined;
  #lastRequest = -Infinity;
  /** True if the last data said that the configuration is about to change. */
  #isChanging = false;
  #lastFrame = performance.now();
  #isAsked = false;
  readonly #watch: ReturnType<typeof setInterval>;
  #isClosed = false;

  constructor(
    channel: ByteChannel,
    choices: SynchrophasorOptions,
    onMessage: (frame: Uint8Array) => void,
    onNotice: ((notice: string) => void) | undefined,
  ) {
    this.#channel = channel;
    this.#choices = choices;
    this.#onMessage = onMessage;
    this.#onNotice = onNotice;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<string>());
    this.#watch = setInterval(() => this.#checkSilence(), silenceTime / 2);
    void this.#read();
  }

  get counters(): FrameCounters {
    return this.#splitter.counters;
  }

  /** Asks for the configuration, and starts the data when it has come. */
  async start(): Promise<void> {
    const { promise: configured, resolve } = Promise.withResolvers<"configured">();
    const { promise: overdue, resolve: giveUp } = Promise.withResolvers<"overdue">();
    this.#configured = () => resolve("configured");
    const { answerTimeout = defaultAnswerTimeout } = this.#choices;
    const timer = setTimeout(() => giveUp("overdue"), answerTimeout * 1000);
    try {
      await this.#command(this.#configurationCommand);
      const result = await Promise.race([configured, overdue, this.closed]);
      if (result === "overdue") throw new Error(this.#describeSilence());
      if (result !== "configured") throw new Error(`${result} before it sent its configuration`);
      for (const command of [commands.start, ...this.#choices.extraCommands ?? []]) await this.#command(command);
    } finally {
      clearTimeout(timer);
    }
  }

  #describeSilence(): string {
    const { version = 1, configuration = 2, idcode = 1, answerTimeout: seconds = defaultAnswerTimeout } = this.#choices;
    const { frames } = this.counters;
    return `${noAnswer} for configuration ${configuration} of stream ${idcode} in version ${version} within ` +
      `${seconds} s (${frames === 0 ? "nothing came" : `${frames} other frames came`})`;
  }

  get #configurationCommand(): number {
    return this.#choices.configuration === 3 ? commands.sendConfiguration3 : commands.sendConfiguration2;
  }

  send(): void {
    throw new Error("a PDC sends nothing but commands");
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#command(commands.stop).catch(() => {}); // lost meanwhile
    this.#end("it was closed");
  }

  abort(): void {
    this.#end("it was closed");
  }

  async #command(command: number): Promise<void> {
    const { version = 1, idcode = 1 } = this.#choices;
    const { sec, nsec } = now();
    // In units of a microsecond: the time base of a PMU is not known before its configuration.
    const frame = encodeCommand(command, {
      version,
      idcode,
      soc: sec,
      timeQuality: 0,
      fraction: Math.floor(nsec / 1000),
    });
    for (let sent = 0; sent < frame.length;) sent += await this.#channel.write(frame.subarray(sent));
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let reason = "it closed the connection";
    try {
      for (;;) {
        const length = await this.#channel.read(buffer);
        if (length === null) break;
        for (const frame of this.#splitter.push(buffer.subarray(0, length))) this.#take(frame);
      }
    } catch (error) {
      reason = explain(error);
    }
    this.#end(reason);
  }

  /** Takes a frame, which is valid during the call. */
  #take(frame: Uint8Array): void {
    this.#lastFrame = performance.now();
    this.#isAsked = false;
    switch (typeOfFrame(frame)) {
      case frameTypes.data:
        return this.#takeData(frame.slice());
      case frameTypes.configuration1:
      case frameTypes.configuration2:
      case frameTypes.configuration3:
        return this.#takeConfiguration(frame.slice());
      case frameTypes.header:
        this.#onMessage(frame.slice());
    }
  }

  #takeConfiguration(frame: Uint8Array): void {
    this.#onMessage(frame);
    try {
      const configuration = this.#configurations.read(frame);
      if (configuration === undefined) return; // more segments have to come
      this.#layout = new DataLayout(configuration);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#onNotice?.(`Cannot read a configuration frame: ${error.message}`);
      return;
    }
    this.#release();
    this.#configured();
  }

  #takeData(frame: Uint8Array): void {
    const layout = this.#layout;
    const isFitting = layout !== undefined && frame.length === layout.frameLength;
    const isChanging = isFitting
      ? (layout.combineStatus(new DataView(frame.buffer)) & configurationChangeBit) !== 0
      : this.#isChanging;
    // The bit is set for a minute before the change, and cleared by it: either may be the time of a new configuration.
    const hasChanged = isChanging !== this.#isChanging;
    this.#isChanging = isChanging;
    if (!isFitting || hasChanged) this.#request(!isFitting || !isChanging);
    const mustWait = this.#held.length > 0 || !isFitting || (hasChanged && !isChanging);
    if (this.#holding !== undefined && mustWait) this.#hold(frame);
    else this.#onMessage(frame);
  }

  /** Lets a frame wait for the new configuration. */
  #hold(frame: Uint8Array): void {
    this.#held.push(frame);
    if (this.#held.length >= maximumHeld) this.#release();
  }

  /** Asks for the configuration, unless that was done a moment ago; data may wait for the answer. */
  #request(isHeld: boolean): void {
    const time = performance.now();
    if (time - this.#lastRequest < changeTime) return;
    this.#lastRequest = time;
    if (isHeld) this.#holding ??= setTimeout(() => this.#release(), changeTime);
    this.#command(this.#configurationCommand).catch(() => {}); // lost: the reader says it
  }

  /** Gives the data that has waited for a configuration. */
  #release(): void {
    clearTimeout(this.#holding);
    this.#holding = undefined;
    const held = this.#held;
    this.#held = [];
    for (const frame of held) this.#onMessage(frame);
  }

  /** Asks a PMU from which nothing comes for its configuration, and gives it up if it does not answer. */
  #checkSilence(): void {
    if (performance.now() - this.#lastFrame < silenceTime) return;
    if (this.#isAsked) {
      if (performance.now() - this.#lastFrame < 2 * silenceTime) return;
      this.#end("nothing comes from it any more, not even its configuration when it is asked for it");
    } else {
      this.#isAsked = true;
      // The start may have been lost (UDP), or the PMU may have been restarted behind a gateway.
      const ask = async () => {
        for (const command of [this.#configurationCommand, commands.start]) await this.#command(command);
      };
      ask().catch(() => {}); // lost: the reader says it
    }
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.#release();
    this.#channel.close();
    this.#resolveClosed(reason);
  }
}
