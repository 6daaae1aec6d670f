/**
 * Datagrams of a transport as samples: decoded and counted, and held back as long as their format is not known.
 *
 * @module
 */

import { DetectionError, FormatDetector } from "./auto_format.ts";
import { type Codecs, undecidedCodecs } from "./codecs.ts";
import type { ReceivedCounters } from "./counters.ts";
import { DamageDetector } from "./damage.ts";
import type { PeerCodecs } from "./peer_codecs.ts";
import type { SampleSource } from "./receive_queue.ts";
import { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { Sample } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceTracker } from "../samples/sequence.ts";
import type { Signal } from "../samples/signals.ts";
import { append } from "../system/lists.ts";
import type { Transport } from "../transports/transport.ts";

/** Callbacks of a receiver. */
export interface ReceiverCallbacks {
  /** Called for each datagram that cannot be decoded, with its source where the transport can tell. */
  onDecodeError?: ((error: DecodeError, datagram?: Uint8Array, source?: string) => void) | undefined;
  /** Called with the detected format and the reason. */
  onDetected?: ((format: Format, reason: string) => void) | undefined;
}

/** Receives and decodes the datagrams of a transport. */
export class Receiver implements SampleSource {
  readonly #transport: Transport;
  readonly #createDetected: (found: FormatSpecification) => Promise<Codecs>;
  readonly #callbacks: ReceiverCallbacks;
  readonly #detector: FormatDetector;
  #tracker: SequenceTracker;
  readonly #counters = { datagrams: 0, bytes: 0, samples: 0, refused: 0 };
  /** Explains what VILLASnode damages, where it does. */
  readonly #damage: DamageDetector | undefined;
  /** Codecs of what comes in formats that peers have chosen. */
  readonly #peers: PeerCodecs | undefined;
  #codecs: Codecs;
  /** The datagrams that told the format, which were counted as they came. */
  #heldBack: readonly Uint8Array[] | undefined;

  /**
   * Creates the receiver of a transport that nobody else receives from.
   *
   * @param transport Source of the datagrams
   * @param codecs The codecs; the undecided ones are replaced by those of the detected format
   * @param createDetected Creates the codecs of a detected format
   * @param callbacks What to call
   * @param signals The signals of received samples, if they are known
   * @param peers Codecs of formats that peers choose, where they can
   */
  constructor(
    transport: Transport,
    codecs: Codecs,
    createDetected: (found: FormatSpecification) => Promise<Codecs>,
    callbacks: ReceiverCallbacks,
    signals?: readonly Signal[],
    peers?: PeerCodecs,
  ) {
    this.#peers = peers;
    this.#transport = transport;
    this.#codecs = codecs;
    this.#tracker = codecs.received.createTracker?.() ?? createSequenceTracker();
    this.#createDetected = createDetected;
    this.#callbacks = callbacks;
    this.#damage = DamageDetector.create(transport.remote ?? transport.local, signals);
    this.#detector = new FormatDetector(transport, (datagram) => this.#count(datagram));
  }

  get local(): string {
    return this.#transport.local;
  }

  /** The codecs: undecided ones until the format is known. */
  get codecs(): Codecs {
    return this.#codecs;
  }

  /** A copy of the counters. */
  get counters(): ReceivedCounters {
    return { ...this.#counters, ignored: this.#transport.stats().ignored, ...this.#tracker.counters };
  }

  receive(limit: number, handle?: (datagrams: readonly Uint8Array[]) => boolean): Promise<readonly Uint8Array[]> {
    return this.#codecs === undecidedCodecs ? this.#detectFormat() : this.#transport.receive(limit, handle);
  }

  /** Waits for the datagrams that tell the format; none when the transport is closed. */
  async #detectFormat(): Promise<readonly Uint8Array[]> {
    const { datagrams, detection, isClosed } = await this.#detector.detect();
    const { onDecodeError, onDetected } = this.#callbacks;
    if (detection.format !== undefined) {
      this.#codecs = await this.#createDetected({ type: detection.format, ...detection.options });
      this.#tracker = this.#codecs.received.createTracker?.() ?? this.#tracker;
      onDetected?.(this.#codecs.received, detection.reason);
      this.#heldBack = datagrams;
      return datagrams;
    }
    this.#counters.refused += datagrams.length;
    if (!isClosed) throw new DetectionError(detection);
    for (const datagram of datagrams) onDecodeError?.(new DecodeError("auto", detection.reason), datagram);
    return [];
  }

  decode(datagrams: readonly Uint8Array[]): Sample[][] {
    const isCounted = datagrams === this.#heldBack;
    let messages: Sample[][] | undefined;
    let index = 0;
    for (const datagram of datagrams) {
      if (!isCounted) this.#count(datagram);
      // Those that were held back came in several lists.
      const samples = this.#decodeOne(datagram, isCounted ? undefined : index);
      index++;
      if (samples.length > 0) messages = append(messages, samples);
    }
    this.#heldBack = undefined;
    return messages ?? [];
  }

  /** Returns the samples of a datagram; none where it cannot be decoded. */
  #decodeOne(datagram: Uint8Array, index: number | undefined): Sample[] {
    try {
      const { received } = this.#peers?.codecsOf(datagram) ?? this.#codecs;
      const samples = this.#damage === undefined ? received.decode(datagram) : this.#damage.decode(received, datagram);
      this.#counters.samples += samples.length;
      for (const sample of samples) this.#tracker.track(sample);
      return samples;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#counters.refused++;
      const source = index === undefined ? undefined : this.#transport.sourceOf?.(index);
      this.#callbacks.onDecodeError?.(error, datagram, source);
      return [];
    }
  }

  #count({ length }: Uint8Array): void {
    this.#counters.datagrams++;
    this.#counters.bytes += length;
  }
}
