/**
 * Observes a link: counts what arrives for a while, good or bad.
 *
 * @module
 */

import { type Damage, DamageDetector, DamagedMessageError } from "../client/damage.ts";
import { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters } from "../samples/sequence.ts";
import type { Signal } from "../samples/signals.ts";
import { findMismatch, typeOfValue } from "../samples/value_types.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import type { Transport } from "../transports/transport.ts";

/** Counter of cases that have a reason. */
export interface ReasonCounter {
  /** Number of cases. */
  count: number;
  /** The reason of the first one; missing where there was none. */
  why?: string;
}

/** Observation of a link. */
export interface LinkObservation {
  /** The local address, which was observed. */
  local: string;
  /** The address that samples were expected from. */
  remote: string | undefined;
  /** Duration of the observation, in seconds. */
  seconds: number;
  /** Number of datagrams from the remote. */
  datagrams: number;
  /** Number of samples in them. */
  samples: number;
  /** Number of datagrams from other addresses, which are ignored, by address. */
  strangers: ReadonlyMap<string, number>;
  /** The first datagrams, as they arrived. */
  first: readonly Uint8Array[];
  /** Name of the expected format. */
  format: string;
  /** Datagrams that cannot be decoded in the format. */
  refused: ReasonCounter;
  /** Messages that VILLASnode has damaged; they are among the refused ones. */
  damaged?: Readonly<Partial<Record<Damage, ReasonCounter>>>;
  /** Samples that a VILLASnode does not survive: marks, and values that are not set. */
  fatal: ReasonCounter;
  /** Samples that do not have the expected signals. */
  unfit: ReasonCounter;
  /** The largest number of samples in one datagram. */
  samplesPerDatagram: number;
  /** Counters of the sequence numbers, and of the samples without one. */
  sequence: SequenceCounters & { unnumbered: number };
  /** Time from origin to reception, in seconds, of the samples with an origin timestamp; one of 0 (1970) does not count. */
  delay: { count: number; min: number; max: number };
  /** Number of datagrams that the kernel dropped; undefined where it does not say. */
  kernelDrops: number | undefined;
}

/** Options of observing a link. */
export interface ObserveOptions {
  /** The expected format of the datagrams. */
  format: Format;
  /** The expected signals; without them, number and types of values are not judged. */
  signals?: readonly Signal[];
}

/** Number of the first datagrams that are kept: enough to find the layout of bare numbers. */
const keptDatagrams = 32;

/**
 * Observes a link until its transport is closed.
 *
 * @param transport An open transport. Open it without `anySource`, so that sources besides its remote are counted
 * @param strangers The counters of other sources, which the transport's `onIgnored` updates
 * @param options What to expect
 * @returns The observation
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { observeLink } from "@villas/client/diagnosis";
 * import { protobuf } from "@villas/client/formats";
 * import { openMemory } from "@villas/client/transports";
 *
 * const transport = await openMemory({ local: "memory:watched", remote: "memory:far" });
 * const observing = observeLink(transport, new Map(), { format: protobuf() });
 * transport.close();
 * const { datagrams, format } = await observing;
 * assertEquals([datagrams, format], [0, "protobuf"]);
 * ```
 */
export async function observeLink(
  transport: Transport,
  strangers: ReadonlyMap<string, number>,
  options: ObserveOptions,
): Promise<LinkObservation> {
  const { format, signals } = options;
  const started = performance.now();
  const observer = new LinkObserver(
    format,
    signals,
    DamageDetector.create(transport.remote ?? transport.local, signals),
  );
  for (;;) {
    const datagrams = await transport.receive();
    if (datagrams.length === 0) break;
    for (const datagram of datagrams) observer.addDatagram(datagram);
  }
  return {
    ...observer.counters,
    local: transport.local,
    remote: transport.remote,
    seconds: (performance.now() - started) / 1000,
    strangers,
    format: format.name,
    kernelDrops: transport.stats().kernelDrops,
  };
}

/** The part of an observation that comes from the datagrams. */
type DatagramCounters = Pick<
  LinkObservation,
  | "datagrams"
  | "samples"
  | "first"
  | "refused"
  | "damaged"
  | "fatal"
  | "unfit"
  | "samplesPerDatagram"
  | "sequence"
  | "delay"
>;

class LinkObserver {
  readonly #format: Format;
  readonly #signals: readonly Signal[] | undefined;
  readonly #damage: DamageDetector | undefined;
  readonly #tracker = createSequenceTracker();
  readonly #first: Uint8Array[] = [];
  readonly #refused: ReasonCounter = { count: 0 };
  readonly #damaged: Partial<Record<Damage, ReasonCounter>> = {};
  readonly #fatal: ReasonCounter = { count: 0 };
  readonly #unfit: ReasonCounter = { count: 0 };
  readonly #delay = { count: 0, min: Infinity, max: -Infinity };
  #datagrams = 0;
  #samples = 0;
  #samplesPerDatagram = 0;
  #unnumbered = 0;

  constructor(format: Format, signals: readonly Signal[] | undefined, damage: DamageDetector | undefined) {
    this.#format = format;
    this.#signals = signals;
    this.#damage = damage;
  }

  get counters(): DatagramCounters {
    return {
      datagrams: this.#datagrams,
      samples: this.#samples,
      first: this.#first,
      refused: this.#refused,
      damaged: this.#damaged,
      fatal: this.#fatal,
      unfit: this.#unfit,
      samplesPerDatagram: this.#samplesPerDatagram,
      sequence: { ...this.#tracker.counters, unnumbered: this.#unnumbered },
      delay: this.#delay,
    };
  }

  addDatagram(datagram: Uint8Array): void {
    this.#datagrams++;
    if (this.#first.length < keptDatagrams) this.#first.push(datagram.slice());
    try {
      const samples = this.#damage?.decode(this.#format, datagram) ?? this.#format.decode(datagram);
      for (const sample of samples) this.#addSample(sample);
      this.#samples += samples.length;
      this.#samplesPerDatagram = Math.max(this.#samplesPerDatagram, samples.length);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      countReason(this.#refused, error.message);
      if (error instanceof DamagedMessageError) {
        countReason(this.#damaged[error.damage] ??= { count: 0 }, error.reason);
      }
    }
  }

  #addSample(sample: Sample): void {
    this.#tracker.track(sample);
    if (sample.sequence === undefined) this.#unnumbered++;
    countReason(this.#fatal, findFatal(sample));
    countReason(this.#unfit, this.#signals && findMismatch(sample.values, this.#signals, true));
    // VILLASnode writes 0 for an origin time that it does not know (lib/formats/villas_human.cpp).
    if (sample.tsOrigin === undefined || (sample.tsOrigin.sec === 0 && sample.tsOrigin.nsec === 0)) return;
    const seconds = secondsBetween(now(), sample.tsOrigin);
    this.#delay.count++;
    this.#delay.min = Math.min(this.#delay.min, seconds);
    this.#delay.max = Math.max(this.#delay.max, seconds);
  }
}

/** Counts a case if it has a reason, and keeps the first one. */
function countReason(counter: ReasonCounter, why: string | undefined): void {
  if (why === undefined) return;
  counter.count++;
  counter.why ??= why;
}

function findFatal({ type, values }: Sample): string | undefined {
  if (type !== undefined) return `it is a ${type} mark`;
  const unset = values.findIndex((value) => typeOfValue(value) === "invalid");
  return unset >= 0 ? `value ${unset} is not set` : undefined;
}
