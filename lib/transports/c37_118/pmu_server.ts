/**
 * A PMU that serves PDCs: commands in, configurations out, and data to those who have started it or to one address.
 *
 * @module
 */

import { commands, decodeCommand } from "../../formats/c37_118/command.ts";
import { frameTypes, maximumFrameLength, typeOfFrame } from "../../formats/c37_118/frame.ts";
import { Changes } from "../../system/changes.ts";
import { Inbox } from "../link/inbox.ts";
import { closingTime } from "../link/link.ts";
import type { ConnectionOptions } from "../link/options.ts";
import { checkLengths, maximumUdpLength } from "../sending.ts";
import type { DatagramTransport, ReadyOptions, Transport, TransportStats } from "../transport.ts";
import type { CommandHandler, CommandPort, Pdc } from "./command_port.ts";
import { answerTo, framesOf, headerOf, ServedFrames } from "./served_frames.ts";

/** The largest number of PDCs at a time. */
const maximumPdcs = 256;

/** Ways of a PMU. */
export interface PmuWays {
  /** Where commands come; undefined for a PMU that sends by itself. */
  readonly port: CommandPort | undefined;
  /** Where the data goes; undefined for those who have started it. */
  readonly sink: DatagramTransport | undefined;
}

/** A PMU with any number of PDCs. */
export class PmuServer implements Transport, CommandHandler {
  readonly local: string;
  readonly remote: string;
  /** A configuration and a data frame at once. */
  readonly maximumLength = 2 * maximumFrameLength;
  /** A PMU that sends by itself sends the configuration with the data. */
  readonly keepsPreamble: boolean;
  readonly closed: Promise<undefined>;
  readonly #resolveClosed: (reason: undefined) => void;
  readonly #port: CommandPort | undefined;
  readonly #sink: DatagramTransport | undefined;
  readonly #maximumFrame: number;
  readonly #onPeerChange: ConnectionOptions["onPeerChange"];
  readonly #onNotice: ConnectionOptions["onNotice"];
  /** Nothing is received: PDCs give commands only. */
  readonly #inbox = new Inbox();
  readonly #pdcs = new Set<Pdc>();
  readonly #frames = new ServedFrames();
  /** Functions that wake the calls which wait for a PDC. */
  readonly #changes = new Changes();
  #connects = 0;
  #losses = 0;
  /** Frames that PDCs which are gone were too slow to take. */
  #droppedBefore = 0;
  #unsent = 0;
  #isClosed = false;
  #isStranger = false;

  /**
   * Creates the server, which begins to take commands.
   *
   * @param ways Where commands come and data goes; at least one of them
   * @param options Options of the user
   */
  constructor({ port, sink }: PmuWays, options: ConnectionOptions) {
    this.#port = port;
    this.#sink = sink;
    this.local = port?.local ?? sink?.local ?? "";
    this.remote = sink?.remote ?? this.local;
    this.keepsPreamble = port !== undefined;
    this.#maximumFrame = Math.min(port?.maximumFrame ?? Infinity, sink === undefined ? Infinity : maximumUdpLength);
    this.#onPeerChange = options.onPeerChange;
    this.#onNotice = options.onNotice;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<undefined>());
    port?.start(this);
  }

  get isFull(): boolean {
    return this.#pdcs.size >= maximumPdcs;
  }

  admit(pdc: Pdc, peer: string): void {
    this.#pdcs.add(pdc);
    this.#connects++;
    this.#onPeerChange?.({ peer, isThere: true });
    void pdc.gone.then((reason) => {
      this.#pdcs.delete(pdc);
      this.#losses++;
      this.#droppedBefore += pdc.dropped;
      this.#unsent += pdc.unsent;
      if (!this.#isClosed) this.#onPeerChange?.({ peer, isThere: false, reason });
    });
  }

  /** Does what a PDC commands; what the standard does not know, or a PMU need not do, is ignored. */
  obey(pdc: Pdc, frame: Uint8Array): void {
    if (typeOfFrame(frame) !== frameTypes.command) return;
    const { command = 0 } = decodeCommand(frame) ?? {};
    this.#checkStream(frame);
    if (command === commands.start) {
      pdc.isStarted = true;
      this.#changes.notify();
    } else if (command === commands.stop) {
      pdc.isStarted = false;
    } else {
      const type = answerTo(command);
      if (type === undefined) return;
      const answer = this.#frames.take(type);
      if (answer === undefined) pdc.awaited.add(type);
      else pdc.send(answer);
    }
  }

  /** Says once that a PDC asks for another stream; it is served nevertheless. */
  #checkStream(frame: Uint8Array): void {
    const served = this.#frames.idcode;
    const asked = headerOf(frame).idcode;
    if (served === undefined || asked === served || this.#isStranger) return;
    this.#isStranger = true;
    this.#onNotice?.(`A PDC asks for stream ${asked}: it is served stream ${served}, which another PMU would refuse`);
  }

  receive(limit?: number): Promise<readonly Uint8Array[]> {
    return this.#inbox.receive(limit);
  }

  async send(messages: readonly Uint8Array[]): Promise<number> {
    checkLengths(messages, this.maximumLength, this.remote, "message");
    let count = 0;
    for (const message of messages) {
      if (this.#isClosed) break;
      const frames = [...framesOf(message.slice())];
      checkLengths(frames, this.#maximumFrame, this.remote, "frame");
      if (!await this.#sendFrames(frames)) break;
      count++;
    }
    return count;
  }

  /** Sends the data frames to those who want them, and keeps the others for those who ask; returns whether that was possible. */
  async #sendFrames(frames: readonly Uint8Array[]): Promise<boolean> {
    const sent: Uint8Array[] = [];
    for (const frame of frames) {
      const isData = typeOfFrame(frame) === frameTypes.data;
      if (!isData) this.#keep(frame);
      if (this.#sink !== undefined) {
        if (this.#isSpontaneous || (isData && this.#isStarted)) sent.push(frame);
      } else if (isData) {
        for (const pdc of this.#pdcs) if (pdc.isStarted) pdc.sendData(frame);
      }
    }
    return this.#sink === undefined || sent.length === 0 || await this.#sink.send(sent) === sent.length;
  }

  /** True for a PMU that sends by itself: data, and a configuration before it. */
  get #isSpontaneous(): boolean {
    return this.#port === undefined;
  }

  get #isStarted(): boolean {
    return this.#pdcs.values().some(({ isStarted }) => isStarted);
  }

  /** Keeps a frame that answers a command, and gives it to those who have asked for it. */
  #keep(frame: Uint8Array): void {
    const type = this.#frames.keep(frame);
    if (type === undefined) return;
    for (const pdc of this.#pdcs) {
      if (pdc.awaited.delete(type)) pdc.send(this.#frames.take(type) ?? []);
    }
  }

  /** Waits until a PDC has started the data. */
  async ready({ signal, onWait }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const isReady = () => this.#isClosed || this.#isSpontaneous || this.#isStarted;
    if (isReady()) return;
    onWait?.();
    await this.#changes.until(isReady, signal);
  }

  stats(): TransportStats {
    let droppedBySlowPeers = this.#droppedBefore;
    for (const { dropped } of this.#pdcs) droppedBySlowPeers += dropped;
    if (this.#isSpontaneous && this.#sink !== undefined) return this.#sink.stats();
    return {
      ...{ ignored: 0, kernelDrops: undefined, receiveBuffer: undefined },
      link: {
        connects: this.#connects,
        losses: this.#losses,
        droppedWhileDown: 0,
        returned: 0,
        droppedBySlowPeers,
        droppedUnread: 0,
        unsent: this.#unsent,
        isUp: this.#pdcs.size > 0,
        peers: this.#pdcs.size,
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#port?.close();
    this.#sink?.close();
    this.#inbox.close();
    this.#changes.notify();
    void this.#finish();
  }

  /** Delivers what was sent, as far as the time allows, and ends the connections. */
  async #finish(): Promise<void> {
    await Promise.all([...this.#pdcs].map((pdc) => pdc.close(closingTime)));
    this.#resolveClosed(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
