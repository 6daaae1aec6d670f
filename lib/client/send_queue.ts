/**
 * The sending half of a client: samples become datagrams in memory that is used again, and go to the transport in batches.
 *
 * @module
 */

import type { Codecs, Encoder, Sending } from "./codecs.ts";
import type { SentCounters } from "./counters.ts";
import type { PeerCodecs } from "./peer_codecs.ts";
import { EncodeError } from "../formats/errors.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import { append } from "../system/lists.ts";
import { noRemote, tooLong } from "../transports/sending.ts";
import type { Transport } from "../transports/transport.ts";

/** Memory for the datagrams of one batch, in bytes; a datagram that does not fit gets memory of its own. */
const arenaLength = 262_144;

/** Result of sending, for the datagrams that went together. */
export interface SendResult {
  /** Datagrams that the system took; whether they arrive is not known. */
  readonly sent: number;
  /**
   * Datagrams that the system did not take because the remote was not there (`unix`), no network led to it (`udp`), or
   * the client was closed meanwhile.
   */
  readonly undelivered: number;
}

/** Datagrams that go to the system at once. */
interface Batch {
  readonly arena: Uint8Array;
  /** The memory of the first datagram, which is the only one most of the time. */
  readonly start: Uint8Array;
  /** Bytes of the arena that are taken. */
  used: number;
  datagrams: Uint8Array[] | undefined;
  /** Number of samples in each of the datagrams. */
  samples: number[] | undefined;
  /** The datagrams in other formats, where peers have chosen them. */
  variants: Map<string, (Uint8Array | null)[]> | undefined;
}

/** The formats that peers of a transport have chosen. */
export interface PeerEncoding {
  /** The codecs of these formats. */
  readonly codecs: PeerCodecs;
  /** Called with the error where one of them cannot carry a datagram: its peers do not get it. */
  readonly onError: ((error: EncodeError | RangeError, format: string) => void) | undefined;
}

/** Sends samples; what the methods promise is said at `Client`. */
export class SendQueue {
  readonly #transport: Transport;
  readonly #peers: PeerEncoding | undefined;
  readonly #counters: SentCounters = { datagrams: 0, bytes: 0, samples: 0, undelivered: 0, refused: 0 };
  // One batch is filled while the other one is sent.
  #filling: Batch;
  #sending: Batch;
  /** True while a flush goes on or is about to begin. */
  #isFlushing = false;
  /** The flush that begins when that one has ended; it takes all that is prepared until then. */
  #next: { begin: () => void; flushed: Promise<SendResult> } | undefined;

  /**
   * Creates the queue of a transport that nobody else sends to.
   *
   * @param transport The transport
   * @param peers The formats of its peers, where they choose them
   */
  constructor(transport: Transport, peers?: PeerEncoding) {
    this.#transport = transport;
    this.#peers = peers;
    this.#filling = createBatch(transport);
    this.#sending = createBatch(transport);
  }

  /** Counters of what was sent so far, which go on changing. */
  get counters(): Readonly<SentCounters> {
    return this.#counters;
  }

  /** Prepares a datagram of samples that are sent or echoed with some codecs. */
  enqueue(samples: readonly OutgoingSample[], codecs: Codecs, sending: Sending): void {
    const { remote, local, maximumSamples = Infinity } = this.#transport;
    if (remote === undefined) throw noRemote(local);
    if (samples.length === 0) return;
    if (samples.length > maximumSamples) {
      this.#counters.refused++;
      throw new RangeError(
        `Cannot send ${samples.length} samples in a message to ${remote}: it takes ${maximumSamples} and drops the others`,
      );
    }
    try {
      const filling = this.#filling;
      filling.datagrams = append(filling.datagrams, this.#encode(samples, codecs[sending]));
      filling.samples = append(filling.samples, samples.length);
    } catch (error) {
      this.#counters.refused++;
      throw error;
    }
    if (this.#peers !== undefined && !this.#peers.codecs.areNone) this.#encodeForPeers(samples, sending, this.#peers);
  }

  /** Encodes a datagram, the last one of the batch, once for each other format that peers have. */
  #encodeForPeers(samples: readonly OutgoingSample[], sending: Sending, { codecs, onError }: PeerEncoding): void {
    const variants = this.#filling.variants ??= new Map();
    const { datagrams = [] } = this.#filling;
    const index = datagrams.length - 1;
    for (const [name, peerCodecs] of codecs.used()) {
      let list = variants.get(name);
      if (list === undefined) variants.set(name, list = []);
      try {
        list[index] = this.#encode(samples, peerCodecs[sending]);
      } catch (error) {
        if (!(error instanceof EncodeError || error instanceof RangeError)) throw error;
        list[index] = null;
        onError?.(error, name);
      }
    }
  }

  /** Sends the datagrams that are prepared. */
  flush(): Promise<SendResult> {
    const sent = this.flushNow();
    return sent instanceof Promise ? sent : Promise.resolve(sent);
  }

  /** Sends the datagrams that are prepared; returns a promise only where the system does not take all of them at once. */
  flushNow(): SendResult | Promise<SendResult> {
    // Most of the time nothing is on its way, and this begins at once.
    if (!this.#isFlushing) return this.#transmit();
    this.#next ??= this.#prepareFlush();
    return this.#next.flushed;
  }

  #encode(given: readonly OutgoingSample[], { format, guard, number }: Encoder): Uint8Array {
    const outgoing = number?.(given) ?? given;
    guard?.(outgoing);
    // Formats read the values by their indices and change nothing, so a typed array does for the list that they ask for.
    const samples = outgoing as readonly Sample[];
    const { maximumLength } = this.#transport;
    const { arena, used, start } = this.#filling;
    if (arena.length - used >= maximumLength) {
      try {
        const room = used === 0 ? start : arena.subarray(used, used + maximumLength);
        const length = format.encodeInto(samples, room);
        this.#filling.used += length;
        return arena.subarray(used, used + length);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        // The datagram is too long; its length shows where there is room for it.
      }
    }
    const datagram = format.encode(samples);
    if (datagram.length > maximumLength) {
      throw tooLong(datagram.length, maximumLength, this.#transport.remote ?? "");
    }
    return datagram;
  }

  #transmit(): SendResult | Promise<SendResult> {
    this.#isFlushing = true;
    const batch = this.#filling;
    this.#filling = this.#sending;
    this.#sending = batch;
    const { datagrams = [], variants } = batch;
    const taken = this.#transport.sendNow?.(datagrams) ?? 0;
    if (taken === datagrams.length) return this.#settle(taken);
    if (taken === 0) return this.#transport.send(datagrams, variants).then(this.#settle, this.#abandon);
    // An error behind the first datagram says that the others were not taken.
    return this.#transport.send(datagrams.slice(taken)).then(
      (more) => this.#settle(taken + more),
      () => this.#settle(taken),
    );
  }

  /** Ends a flush of which so many datagrams were taken. */
  readonly #settle = (taken: number): SendResult => {
    const { datagrams = [], samples = [] } = this.#sending;
    const counters = this.#counters;
    const undelivered = datagrams.length - taken;
    counters.datagrams += taken;
    counters.undelivered += undelivered;
    for (let index = 0; index < taken; index++) {
      counters.bytes += datagrams[index]?.length ?? 0;
      counters.samples += samples[index] ?? 0;
    }
    this.#clear();
    return { sent: taken, undelivered };
  };

  /** Ends a flush that has failed. */
  readonly #abandon = (error: unknown): never => {
    this.#clear();
    throw error;
  };

  #clear(): void {
    const { begin } = this.#next ?? {};
    this.#sending.used = 0;
    this.#sending.datagrams = undefined;
    this.#sending.samples = undefined;
    this.#sending.variants = undefined;
    this.#next = undefined;
    if (begin === undefined) this.#isFlushing = false;
    else begin();
  }

  /** Creates a flush that begins later. */
  #prepareFlush() {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { begin: resolve, flushed: promise.then(() => this.#transmit()) };
  }
}

function createBatch({ maximumLength }: Transport): Batch {
  const arena = new Uint8Array(Math.max(arenaLength, 2 * maximumLength));
  const start = arena.subarray(0, maximumLength);
  return { arena, start, used: 0, datagrams: undefined, samples: undefined, variants: undefined };
}
