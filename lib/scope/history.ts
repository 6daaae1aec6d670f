/**
 * The history of what a picture may show: the last samples in the order of their origin, though some come late, and though
 * a sender may begin anew or set its clock back.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { typeOfValue } from "../samples/value_types.ts";
import { type Channel, maximumChannels } from "./channels.ts";
import type { RangeSummary } from "./range_summary.ts";
import { frameMark, gapMark, groupLength, SampleRing, type SampleStamp } from "./sample_ring.ts";

/** The clock that a picture goes by: that of the samples' origin, or that of their arrival. */
export type TimeBase = "origin" | "received";

/** Options of a history. */
export interface HistoryOptions {
  /** The most bytes that the samples may take; default 64 MiB. The oldest ones make room for new ones. */
  readonly memory?: number;
  /** The signals, if they are known; the first samples say what is missing. */
  readonly signals?: readonly Signal[] | undefined;
}

/** The most samples that a late one may come behind. */
const maximumLateness = groupLength;
/** So many samples in a row that belong before the others say that the time of the origin was set back. */
const setBackCount = 3;
/** Without sequence numbers, a time so many times the usual one between two samples is a gap. */
const gapRatio = 5;

/**
 * The last samples of one link or all samples of one file, in the order of their origin.
 *
 * Samples have numbers that go on for ever: those from {@linkcode SampleHistory.first} up to, but not including,
 * {@linkcode SampleHistory.end} are there. Times are seconds since {@linkcode SampleHistory.epochs}, so that a float64
 * holds them to the nanosecond.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SampleHistory } from "@villas/client/scope";
 *
 * const history = new SampleHistory();
 * history.push([
 *   { tsOrigin: { sec: 1_700_000_000, nsec: 500_000_000 }, values: [230.5, true] },
 *   { tsOrigin: { sec: 1_700_000_001, nsec: 0 }, values: [231.5, false] },
 * ]);
 * assertEquals(history.channels.map(({ type }) => type), ["float", "boolean"]);
 * assertEquals([history.timeAt("origin", 0), history.timeAt("origin", 1)], [0.5, 1]);
 * assertEquals(history.summarize(0, 0, 2).sum, 462);
 * ```
 */
export class SampleHistory {
  readonly #memory: number;
  readonly #signals: readonly Signal[] | undefined;
  /** The samples; replaced when the history begins anew. */
  #ring: SampleRing;
  /** False before the first sample and the first signals are known. */
  #hasEpochs = false;
  #hasSignals = false;
  #run = 0;
  #epochs = { origin: 0, received: 0 };
  #interval = NaN;
  #late = 0;
  /** Samples that may be the first ones after the time was set back. */
  #setBack: Sample[] = [];

  /** Creates an empty history. */
  constructor({ memory = 64 * 2 ** 20, signals }: HistoryOptions = {}) {
    this.#memory = memory;
    this.#signals = signals;
    this.#ring = new SampleRing(signals ?? [], memory);
    this.#hasSignals = signals !== undefined && signals.length > 0;
  }

  /** The columns: one for each signal, four for a complex one. */
  get channels(): readonly Channel[] {
    return this.#ring.channels;
  }

  /** Number of the oldest sample that is there. */
  get first(): number {
    return this.#ring.first;
  }

  /** Number that the next sample gets. */
  get end(): number {
    return this.#ring.end;
  }

  /** Number of times that it began anew, because the signals changed or the time was set back. */
  get run(): number {
    return this.#run;
  }

  /** Seconds since 1970 that the times are counted from, by clock. */
  get epochs(): Readonly<Record<TimeBase, number>> {
    return this.#epochs;
  }

  /** The most samples that fit, or 0 while the signals are not known. */
  get capacity(): number {
    return this.#hasSignals ? this.#ring.maximum : 0;
  }

  /** The most bytes that they take. */
  get memory(): number {
    return this.#memory;
  }

  /** Samples that came too late to be put in their place. */
  get late(): number {
    return this.#late;
  }

  /**
   * Adds samples. One that comes up to 64 samples late goes to its place; where the time was set back, the history begins
   * anew.
   *
   * @param samples The samples in the order of arrival; marks of start and stop are left out
   */
  push(samples: readonly Sample[]): void {
    for (const sample of samples) if (sample.type === undefined) this.#add(sample);
  }

  /** Returns the time of a sample, in seconds since the epoch of that clock. */
  timeAt(base: TimeBase, number: number): number {
    return base === "origin" ? this.#ring.originAt(number) : this.#ring.receivedAt(number);
  }

  /** Returns a value of a channel; NaN where the sample has none. Integers beyond 2^53 are rounded to a float64. */
  valueAt(channel: number, number: number): number {
    return this.#ring.valueAt(channel, number);
  }

  /** Returns an integer of a channel with all its digits; undefined where the sample has none. */
  integerAt(channel: number, number: number): bigint | undefined {
    return this.#ring.integerAt(channel, number);
  }

  /** Tells whether samples are missing before this one. */
  hasGapBefore(number: number): boolean {
    return (this.#ring.marksAt(number) & gapMark) !== 0;
  }

  /** Tells whether this is the first sample of a frame. */
  beginsFrame(number: number): boolean {
    return (this.#ring.marksAt(number) & frameMark) !== 0;
  }

  /** Returns the number of the first sample at or after a time; `end` where there is none. */
  indexAt(base: TimeBase, time: number): number {
    let [low, high] = [this.first, this.end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.timeAt(base, middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Summarizes a channel over the samples `from` to, but not including, `to`.
   *
   * @param channel Index of the channel
   * @param from Number of the first sample
   * @param to Number behind the last sample
   * @param into Where to put it, to save an allocation
   * @returns The summary
   */
  summarize(channel: number, from: number, to: number, into?: RangeSummary): RangeSummary {
    return this.#ring.summarize(channel, from, to, into);
  }

  /**
   * Returns the smallest and the largest integer of a channel over the samples `from` to, but not including, `to`, with all
   * their digits; undefined where there is none.
   */
  integerRange(channel: number, from: number, to: number): readonly [min: bigint, max: bigint] | undefined {
    return this.#ring.integerRange(channel, from, to);
  }

  /** Returns the sample of a number as it was received, as far as the history keeps it. */
  sampleAt(number: number): Sample {
    const sequence = this.#ring.sequenceAt(number);
    return {
      ...Number.isNaN(sequence) ? {} : { sequence: BigInt(sequence) },
      tsOrigin: toTimestamp(this.#ring.originAt(number), this.#epochs.origin),
      tsReceived: toTimestamp(this.#ring.receivedAt(number), this.#epochs.received),
      ...this.beginsFrame(number) ? { newFrame: true } : {},
      values: this.#ring.valuesAt(number),
    };
  }

  #add(sample: Sample): void {
    const received = sample.tsReceived ?? sample.tsOrigin ?? { sec: 0, nsec: 0 };
    const origin = sample.tsOrigin ?? received;
    if (!this.#fits(sample.values)) this.#begin(sample.values, origin, received);
    const stamp: SampleStamp = {
      origin: toSeconds(origin, this.#epochs.origin),
      received: toSeconds(received, this.#epochs.received),
      sequence: sample.sequence === undefined ? NaN : Number(sample.sequence),
      marks: sample.newFrame ? frameMark : 0,
    };
    const last = this.end > this.first ? this.timeAt("origin", this.end - 1) : -Infinity;
    if (stamp.origin >= last) {
      this.#setBack = [];
      this.#ring.append(stamp, sample.values);
      this.#markGap(this.end - 1);
      return;
    }
    const place = this.#findPlace(stamp.origin);
    if (place !== undefined) {
      this.#ring.insert(place, stamp, sample.values);
      for (let number = place; number < this.end; number++) this.#markGap(number);
      return;
    }
    this.#setBack.push(sample);
    this.#late++;
    if (this.#setBack.length < setBackCount) return;
    const samples = this.#setBack;
    this.#setBack = [];
    this.#late -= samples.length;
    this.#begin(sample.values, samples[0]?.tsOrigin ?? origin, samples[0]?.tsReceived ?? received);
    this.push(samples);
  }

  /** Tells whether values have a place in the columns. */
  #fits(values: readonly Value[]): boolean {
    if (!this.#hasEpochs) return false;
    const known = this.#ring.signals;
    if (values.length > known && this.channels.length < maximumChannels) return false;
    for (let signal = 0; signal < values.length && signal < known; signal++) {
      const value = values[signal];
      if (typeof value !== "object" || value === null) continue;
      if (this.#ring.channelOf(signal)?.type !== "complex") return false;
    }
    return true;
  }

  /** Begins anew, with columns for these values. */
  #begin(values: readonly Value[], origin: Timestamp, received: Timestamp): void {
    const length = Math.max(values.length, this.#signals?.length ?? 0, this.#ring.signals);
    const signals = Array.from({ length }, (_, index): Signal => {
      const value = values[index] ?? null;
      const given = this.#signals?.[index];
      const before = this.#ring.channelOf(index)?.type;
      const type = typeOfValue(value);
      return { ...given, type: isComplex(value) ? type as SignalType : given?.type ?? before ?? knownType(type) };
    });
    if (this.end > 0) this.#run++;
    this.#ring = new SampleRing(signals, this.#memory);
    this.#hasSignals = true;
    this.#hasEpochs = true;
    this.#epochs = { origin: origin.sec, received: received.sec };
    this.#interval = NaN;
  }

  /** Marks a sample before which others are missing: by the sequence numbers, or by the time where there are none. */
  #markGap(number: number): void {
    if (number <= this.first) return;
    const ring = this.#ring;
    const step = ring.sequenceAt(number) - ring.sequenceAt(number - 1);
    const elapsed = ring.originAt(number) - ring.originAt(number - 1);
    const isMissing = Number.isNaN(step) ? elapsed > gapRatio * this.#interval : step > 1;
    ring.mark(number, (ring.marksAt(number) & ~gapMark) | (isMissing ? gapMark : 0));
    if (!isMissing) this.#interval = Number.isNaN(this.#interval) ? elapsed : this.#interval * 0.9 + elapsed * 0.1;
  }

  /** Finds the number that a late sample should have; undefined where it is too late. */
  #findPlace(time: number): number | undefined {
    const oldest = Math.max(this.first, this.end - maximumLateness);
    for (let number = this.end - 1; number >= oldest; number--) {
      if (this.timeAt("origin", number) <= time) return number + 1;
    }
    return undefined;
  }
}

function knownType(type: SignalType | "invalid"): SignalType {
  return type === "invalid" ? "float" : type;
}

function toSeconds({ sec, nsec }: Timestamp, epoch: number): number {
  return sec - epoch + nsec / 1e9;
}

function toTimestamp(seconds: number, epoch: number): Timestamp {
  const whole = Math.floor(seconds);
  const nsec = Math.round((seconds - whole) * 1e9);
  return nsec < 1e9 ? { sec: epoch + whole, nsec } : { sec: epoch + whole + 1, nsec: 0 };
}
