/**
 * A PMU that serves PDCs over TCP.
 *
 * @module
 */

import { Changes } from "../../system/changes.ts";
import { commands, decodeCommand } from "../../formats/c37_118/command.ts";
import {
  frameTypes,
  fromTimestamp,
  headerLength,
  maximumFrameLength,
  minimumFrameLength,
  readHeader,
  sealFrame,
  typeOfFrame,
} from "../../formats/c37_118/frame.ts";
import { now } from "../../samples/timestamp.ts";
import { explainOpening } from "../_listen.ts";
import { authorityOf, type ConnectionAddress } from "../address.ts";
import { Inbox } from "../link/inbox.ts";
import { closingTime, type ConnectionOptions } from "../link/link.ts";
import { checkLengths } from "../sending.ts";
import type { ReadyOptions, Transport, TransportStats } from "../transport.ts";
import { PdcSession } from "./pdc_session.ts";

/** The largest number of PDCs at a time. */
const maximumSessions = 256;

/** Frames that answer a command. */
const answers: Readonly<Record<number, number>> = {
  [commands.sendHeader]: frameTypes.header,
  [commands.sendConfiguration1]: frameTypes.configuration1,
  [commands.sendConfiguration2]: frameTypes.configuration2,
  [commands.sendConfiguration3]: frameTypes.configuration3,
};

/** A PMU with any number of PDCs. */
export class PmuServer implements Transport {
  readonly local: string;
  readonly remote: string;
  /** A configuration and a data frame in one datagram. */
  readonly maximumLength = 2 * maximumFrameLength;
  readonly keepsPreamble = true;
  readonly closed: Promise<undefined>;
  readonly #resolveClosed: (reason: undefined) => void;
  readonly #listener: Deno.TcpListener;
  readonly #onPeerChange: ConnectionOptions["onPeerChange"];
  readonly #onNotice: ConnectionOptions["onNotice"];
  /** Nothing is received: PDCs give commands only. */
  readonly #inbox = new Inbox();
  readonly #sessions = new Set<PdcSession>();
  /** The frames that answer commands, by their type. */
  readonly #frames = new Map<number, Uint8Array[]>();
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
   * Creates the server, which begins to listen.
   *
   * @param address Address to serve
   * @param options Options of the user
   * @throws {Deno.errors.AddrInUse} If the port is in use
   */
  constructor({ host, port, text }: ConnectionAddress, options: ConnectionOptions) {
    if (options.whenDown !== undefined) {
      throw new TypeError("Cannot choose what to do when the connection is down for a PMU: PDCs connect to it");
    }
    const hostname = host === "*" ? "0.0.0.0" : host;
    try {
      this.#listener = Deno.listen({ hostname, port });
    } catch (error) {
      throw explainOpening(error, text);
    }
    const { addr } = this.#listener;
    const [authority] = text.slice("c37.118://".length).split("/");
    this.local = port === 0 ? text.replace(authority ?? "", authorityOf({ host, port: addr.port })) : text;
    this.remote = this.local;
    this.#onPeerChange = options.onPeerChange;
    this.#onNotice = options.onNotice;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<undefined>());
    void this.#accept();
  }

  async #accept(): Promise<void> {
    for (;;) {
      let tcp: Deno.TcpConn;
      try {
        tcp = await this.#listener.accept();
      } catch {
        if (this.#isClosed) return;
        continue; // the PDC was gone before it was accepted
      }
      if (this.#isClosed || this.#sessions.size >= maximumSessions) tcp.close();
      else this.#admit(tcp);
    }
  }

  #admit(tcp: Deno.TcpConn): void {
    const session = new PdcSession(tcp, (frame) => this.#obey(session, frame));
    const peer = authorityOf({ host: tcp.remoteAddr.hostname, port: tcp.remoteAddr.port });
    this.#sessions.add(session);
    this.#connects++;
    this.#onPeerChange?.({ peer, isThere: true });
    void session.gone.then((reason) => {
      this.#sessions.delete(session);
      this.#losses++;
      this.#droppedBefore += session.dropped;
      this.#unsent += session.unsent;
      if (!this.#isClosed) this.#onPeerChange?.({ peer, isThere: false, reason });
    });
  }

  /** Does what a PDC commands; what the standard does not know, or a PMU need not do, is ignored. */
  #obey(session: PdcSession, frame: Uint8Array): void {
    if (typeOfFrame(frame) !== frameTypes.command) return;
    const { command = 0 } = decodeCommand(frame) ?? {};
    this.#checkStream(frame);
    if (command === commands.start) {
      session.isStarted = true;
      this.#changes.notify();
    } else if (command === commands.stop) {
      session.isStarted = false;
    } else {
      const type = answers[command];
      if (type === undefined) return;
      const answer = this.#frames.get(type);
      if (answer === undefined) session.awaited.add(type);
      else session.send(answer.map(stamp));
    }
  }

  /** Says once that a PDC asks for another stream; it is served nevertheless. */
  #checkStream(frame: Uint8Array): void {
    const [configuration] = this.#frames.get(frameTypes.configuration2) ?? [];
    if (configuration === undefined || this.#isStranger) return;
    const [asked, served] = [frame, configuration].map((bytes) => headerOf(bytes).idcode);
    if (asked === served) return;
    this.#isStranger = true;
    this.#onNotice?.(`A PDC asks for stream ${asked}: it is served stream ${served}, which another PMU would refuse`);
  }

  receive(limit?: number): Promise<readonly Uint8Array[]> {
    return this.#inbox.receive(limit);
  }

  // deno-lint-ignore require-await -- errors become rejections, as those of the other transports
  async send(datagrams: readonly Uint8Array[]): Promise<number> {
    checkLengths(datagrams, this.maximumLength, this.remote, "message");
    if (this.#isClosed) return 0;
    for (const datagram of datagrams) this.#sendFrames(datagram.slice());
    return datagrams.length;
  }

  /** Sends the data frames of a datagram to those who want them, and keeps the others for those who ask. */
  #sendFrames(datagram: Uint8Array): void {
    for (let start = 0; datagram.length - start >= minimumFrameLength;) {
      const size = (datagram[start + 2] ?? 0) << 8 | (datagram[start + 3] ?? 0);
      if (size < minimumFrameLength) return; // not a frame
      const frame = datagram.subarray(start, start + size);
      start += size;
      const type = typeOfFrame(frame);
      if (type !== frameTypes.data) {
        this.#keep(type, frame);
        continue;
      }
      for (const session of this.#sessions) {
        if (session.isStarted) session.sendData(frame);
      }
    }
  }

  /** Keeps a frame that answers a command, and gives it to those who have asked for it. */
  #keep(type: number, frame: Uint8Array): void {
    const before = this.#frames.get(type) ?? [];
    // Segments of a configuration 3 are numbered 1, 2, ... and 65535 for the last one; 0 is a single one.
    const segment = type === frameTypes.configuration3
      ? (frame[headerLength] ?? 0) << 8 | (frame[headerLength + 1] ?? 0)
      : 0;
    const frames = segment > 1 ? [...before, frame] : [frame];
    this.#frames.set(type, frames);
    if (segment !== 0 && segment !== 0xffff) return;
    for (const session of this.#sessions) {
      if (session.awaited.delete(type)) session.send(frames.map(stamp));
    }
  }

  /** Waits until a PDC has started the data. */
  async ready({ signal, onWait }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const isReady = () => this.#isClosed || this.#sessions.values().some(({ isStarted }) => isStarted);
    if (isReady()) return;
    onWait?.();
    await this.#changes.until(isReady, signal);
  }

  stats(): TransportStats {
    let droppedBySlowPeers = this.#droppedBefore;
    for (const { dropped } of this.#sessions) droppedBySlowPeers += dropped;
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
        isUp: this.#sessions.size > 0,
        peers: this.#sessions.size,
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    this.#inbox.close();
    this.#changes.notify();
    void this.#finish();
  }

  /** Delivers what was sent, as far as the time allows, and ends the connections. */
  async #finish(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close(closingTime)));
    this.#resolveClosed(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function headerOf(frame: Uint8Array) {
  return readHeader(new DataView(frame.buffer, frame.byteOffset, frame.length));
}

/** Returns a copy of a frame with the time of now. */
function stamp(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  const header = headerOf(frame);
  const isConfiguration = header.type !== frameTypes.header;
  // TIME_BASE stands at the beginning of a configuration, behind CONT_IDX in type 3.
  const position = headerLength + (header.type === frameTypes.configuration3 ? 2 : 0);
  const timeBase = isConfiguration ? new DataView(copy.buffer).getUint32(position) & 0xff_ffff : 1_000_000;
  const isSegment = header.type === frameTypes.configuration3 &&
    ((frame[headerLength] ?? 0) << 8 | (frame[headerLength + 1] ?? 0)) > 1;
  sealFrame(copy, { ...header, ...fromTimestamp(now(), isSegment ? 1 : timeBase) });
  return copy;
}
