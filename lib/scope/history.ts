/**
 * The history of what a picture may show: the last samples in a ring of bounded memory, with summaries that make it quick
 * to reduce a million of them to the pixels of a screen.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import { type Channel, layOutChannels, maximumChannels } from "./channels.ts";
import {
  addSummary,
  addValues,
  createSummary,
  type RangeSummary,
  resetSummary,
  summaryLength,
  writeSummary,
} from "./range_summary.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { typeOfValue } from "../samples/value_types.ts";

/** The clock that a picture goes by: that of the samples' origin, or that of their arrival. */
export type TimeBase = "origin" | "received";

/** Options of a history. */
export interface HistoryOptions {
  /** The most bytes that the samples may take; default 64 MiB. The oldest ones make room for new ones. */
  readonly memory?: number;
  /** The signals, if they are known; the first samples say what is missing. */
  readonly signals?: readonly Signal[] | undefined;
}

/** Samples of a summary: it is valid once all of them are there. */
const groupLength = 64;
/** The most samples that a late one may come behind. */
const maximumLateness = groupLength;
/** So many samples in a row that belong before the others say that the time of the origin was set back. */
const setBackCount = 3;
/** Without sequence numbers, a time so many times the usual one between two samples is a gap. */
const gapRatio = 5;

const isGap = 1;
const isNewFrame = 2;

/** Bytes of a sample with so many channels. */
function bytesPerSample(channels: number): number {
  return 8 * 3 + 1 + channels * 8 * (1 + summaryLength / groupLength);
}

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
  #channels: readonly Channel[] = [];
  #columnOfSignal: number[] = [];
  #columns: Float64Array[] = [];
  #summaries: Float64Array[] = [];
  #origin = new Float64Array(0);
  #received = new Float64Array(0);
  #sequence = new Float64Array(0);
  #flags = new Uint8Array(0);
  #capacity = 0;
  #maximum = 0;
  #first = 0;
  #end = 0;
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
    if (signals !== undefined && signals.length > 0) this.#layOut(signals);
  }

  /** The columns: one for each signal, four for a complex one. */
  get channels(): readonly Channel[] {
    return this.#channels;
  }

  /** Number of the oldest sample that is there. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next sample gets. */
  get end(): number {
    return this.#end;
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
    return this.#maximum;
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
    return this.#timesOf(base)[number % this.#capacity] ?? NaN;
  }

  /** Returns a value of a channel; NaN where the sample has none. */
  valueAt(channel: number, number: number): number {
    return this.#columns[channel]?.[number % this.#capacity] ?? NaN;
  }

  /** Tells whether samples are missing before this one. */
  hasGapBefore(number: number): boolean {
    return ((this.#flags[number % this.#capacity] ?? 0) & isGap) !== 0;
  }

  /** Tells whether this is the first sample of a frame. */
  beginsFrame(number: number): boolean {
    return ((this.#flags[number % this.#capacity] ?? 0) & isNewFrame) !== 0;
  }

  /** Returns the number of the first sample at or after a time; `end` where there is none. */
  indexAt(base: TimeBase, time: number): number {
    const times = this.#timesOf(base);
    let [low, high] = [this.#first, this.#end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((times[middle % this.#capacity] ?? NaN) < time) low = middle + 1;
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
  summarize(channel: number, from: number, to: number, into: RangeSummary = createSummary()): RangeSummary {
    const column = this.#columns[channel];
    const summaries = this.#summaries[channel];
    resetSummary(into);
    if (column === undefined || summaries === undefined) return into;
    const capacity = this.#capacity;
    let number = Math.max(from, this.#first);
    const end = Math.min(to, this.#end);
    while (number < end) {
      if (number % groupLength === 0 && number + groupLength <= end) {
        const at = (number % capacity) / groupLength * summaryLength;
        addSummary(summaries, at, number, into);
        number += groupLength;
        continue;
      }
      const stop = Math.min(end, number - number % groupLength + groupLength);
      addValues(column, number % capacity, number, stop - number, into);
      number = stop;
    }
    return into;
  }

  /** Returns the sample of a number as it was received, as far as the history keeps it: integers exact up to 2^53. */
  sampleAt(number: number): Sample {
    const slot = number % this.#capacity;
    const [origin = NaN, received = NaN, sequence = NaN] = [
      this.#origin[slot],
      this.#received[slot],
      this.#sequence[slot],
    ];
    const values: Value[] = [];
    for (let signal = 0; signal < this.#columnOfSignal.length; signal++) {
      const column = this.#columnOfSignal[signal] ?? 0;
      const { type } = this.#channels[column] ?? { type: "float" };
      const value = this.#columns[column]?.[slot] ?? NaN;
      if (type === "complex") {
        values.push({ real: this.#columns[column + 2]?.[slot] ?? NaN, imag: this.#columns[column + 3]?.[slot] ?? NaN });
      } else if (type === "integer") values.push(Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n);
      else values.push(type === "boolean" ? value === 1 : value);
    }
    return {
      ...Number.isNaN(sequence) ? {} : { sequence: BigInt(sequence) },
      tsOrigin: toTimestamp(origin, this.#epochs.origin),
      tsReceived: toTimestamp(received, this.#epochs.received),
      ...this.beginsFrame(number) ? { newFrame: true } : {},
      values,
    };
  }

  #timesOf(base: TimeBase): Float64Array {
    return base === "origin" ? this.#origin : this.#received;
  }

  #add(sample: Sample): void {
    const received = sample.tsReceived ?? sample.tsOrigin ?? { sec: 0, nsec: 0 };
    const origin = sample.tsOrigin ?? received;
    if (!this.#fits(sample.values)) this.#begin(sample.values, origin, received);
    const time = toSeconds(origin, this.#epochs.origin);
    const last = this.#end > this.#first ? this.timeAt("origin", this.#end - 1) : -Infinity;
    if (time >= last) {
      this.#setBack = [];
      this.#append(sample, time, toSeconds(received, this.#epochs.received));
      return;
    }
    const place = this.#findPlace(time);
    if (place !== undefined) {
      this.#insert(place, sample, time, toSeconds(received, this.#epochs.received));
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
    const known = this.#columnOfSignal.length;
    if (this.#end === 0 && this.#epochs.origin === 0 && this.#epochs.received === 0) return false;
    if (values.length > known && this.#channels.length < maximumChannels) return false;
    for (let signal = 0; signal < values.length && signal < known; signal++) {
      const value = values[signal];
      if (typeof value !== "object" || value === null) continue;
      if (this.#channels[this.#columnOfSignal[signal] ?? 0]?.type !== "complex") return false;
    }
    return true;
  }

  /** Begins anew, with columns for these values. */
  #begin(values: readonly Value[], origin: Timestamp, received: Timestamp): void {
    const length = Math.max(values.length, this.#signals?.length ?? 0, this.#columnOfSignal.length);
    const signals = Array.from({ length }, (_, index): Signal => {
      const value = values[index] ?? null;
      const given = this.#signals?.[index];
      const before = this.#channels[this.#columnOfSignal[index] ?? -1]?.type;
      const type = typeOfValue(value);
      return { ...given, type: isComplex(value) ? type as SignalType : given?.type ?? before ?? knownType(type) };
    });
    if (this.#end > 0) this.#run++;
    this.#layOut(signals);
    this.#epochs = { origin: origin.sec, received: received.sec };
    this.#interval = NaN;
  }

  #layOut(signals: readonly Signal[]): void {
    const { channels, columnOfSignal } = layOutChannels(signals);
    this.#channels = channels;
    this.#columnOfSignal = columnOfSignal;
    const groups = Math.floor(this.#memory / bytesPerSample(channels.length) / groupLength);
    this.#maximum = Math.max(4, groups) * groupLength;
    this.#capacity = 0;
    this.#columns = channels.map(() => new Float64Array(0));
    this.#summaries = channels.map(() => new Float64Array(0));
    this.#first = 0;
    this.#end = 0;
    this.#grow(Math.min(this.#maximum, 64 * groupLength));
  }

  /** Gets memory for more samples; nothing has been overwritten until the largest capacity is reached. */
  #grow(capacity: number): void {
    const longer = (old: Float64Array, length: number) => {
      const grown = new Float64Array(length);
      grown.set(old.subarray(0, length));
      return grown;
    };
    const isFirst = this.#capacity === 0;
    this.#capacity = capacity;
    this.#columns = this.#columns.map((column) => longer(column, capacity));
    this.#summaries = this.#summaries.map((summary) => longer(summary, capacity / groupLength * summaryLength));
    this.#origin = longer(isFirst ? new Float64Array(0) : this.#origin, capacity);
    this.#received = longer(isFirst ? new Float64Array(0) : this.#received, capacity);
    this.#sequence = longer(isFirst ? new Float64Array(0) : this.#sequence, capacity);
    const flags = new Uint8Array(capacity);
    if (!isFirst) flags.set(this.#flags);
    this.#flags = flags;
  }

  #append(sample: Sample, origin: number, received: number): void {
    if (this.#end === this.#capacity && this.#capacity < this.#maximum) {
      this.#grow(Math.min(this.#maximum, this.#capacity * 2));
    }
    const number = this.#end;
    this.#write(number, sample, origin, received);
    this.#end = number + 1;
    if (this.#end - this.#first > this.#capacity) this.#first = this.#end - this.#capacity;
    this.#markGap(number);
    if (this.#end % groupLength === 0) this.#summarizeGroup(this.#end - groupLength);
  }

  #write(number: number, { values, sequence, newFrame }: Sample, origin: number, received: number): void {
    const slot = number % this.#capacity;
    this.#origin[slot] = origin;
    this.#received[slot] = received;
    this.#sequence[slot] = sequence === undefined ? NaN : Number(sequence);
    this.#flags[slot] = newFrame ? isNewFrame : 0;
    for (let signal = 0; signal < this.#columnOfSignal.length; signal++) {
      this.#writeValue(this.#columnOfSignal[signal] ?? 0, slot, values[signal] ?? null);
    }
  }

  #writeValue(column: number, slot: number, value: Value): void {
    const target = this.#columns[column];
    if (target === undefined) return;
    if (this.#channels[column]?.type === "complex") {
      const { real, imag } = isComplex(value) ? value : { real: toNumber(value), imag: value === null ? NaN : 0 };
      target[slot] = Math.hypot(real, imag);
      for (const [offset, part] of [Math.atan2(imag, real) * 180 / Math.PI, real, imag].entries()) {
        const other = this.#columns[column + 1 + offset];
        if (other !== undefined) other[slot] = part;
      }
    } else target[slot] = toNumber(value);
  }

  /** Marks a sample before which others are missing: by the sequence numbers, or by the time where there are none. */
  #markGap(number: number): void {
    if (number <= this.#first) return;
    const [slot, before] = [number % this.#capacity, (number - 1) % this.#capacity];
    const step = (this.#sequence[slot] ?? NaN) - (this.#sequence[before] ?? NaN);
    const elapsed = (this.#origin[slot] ?? NaN) - (this.#origin[before] ?? NaN);
    const isMissing = Number.isNaN(step) ? elapsed > gapRatio * this.#interval : step > 1;
    this.#flags[slot] = ((this.#flags[slot] ?? 0) & ~isGap) | (isMissing ? isGap : 0);
    if (!isMissing) this.#interval = Number.isNaN(this.#interval) ? elapsed : this.#interval * 0.9 + elapsed * 0.1;
  }

  /** Finds the number that a late sample should have; undefined where it is too late. */
  #findPlace(time: number): number | undefined {
    const oldest = Math.max(this.#first, this.#end - maximumLateness);
    for (let number = this.#end - 1; number >= oldest; number--) {
      if (this.timeAt("origin", number) <= time) return number + 1;
    }
    return undefined;
  }

  /** Puts a late sample to its place; those behind it move on by one. */
  #insert(place: number, sample: Sample, origin: number, received: number): void {
    const last = this.sampleAt(this.#end - 1);
    this.#append(last, this.timeAt("origin", this.#end - 1), this.timeAt("received", this.#end - 1));
    const columns = [...this.#columns, this.#origin, this.#received, this.#sequence, this.#flags];
    for (let number = this.#end - 2; number > place; number--) {
      const [to, from] = [number % this.#capacity, (number - 1) % this.#capacity];
      for (const column of columns) column[to] = column[from] ?? NaN;
    }
    this.#write(place, sample, origin, received);
    for (let number = place; number < this.#end; number++) this.#markGap(number);
    for (let group = place - place % groupLength; group + groupLength <= this.#end; group += groupLength) {
      this.#summarizeGroup(group);
    }
  }

  #summarizeGroup(first: number): void {
    const slot = first % this.#capacity;
    const at = slot / groupLength * summaryLength;
    for (let channel = 0; channel < this.#columns.length; channel++) {
      const [column, summaries] = [this.#columns[channel], this.#summaries[channel]];
      if (column !== undefined && summaries !== undefined) writeSummary(column, slot, groupLength, summaries, at);
    }
  }
}

function knownType(type: SignalType | "invalid"): SignalType {
  return type === "invalid" ? "float" : type;
}

function toNumber(value: Value): number {
  return value === null ? NaN : isComplex(value) ? value.real : Number(value);
}

function toSeconds({ sec, nsec }: Timestamp, epoch: number): number {
  return sec - epoch + nsec / 1e9;
}

function toTimestamp(seconds: number, epoch: number): Timestamp {
  const whole = Math.floor(seconds);
  const nsec = Math.round((seconds - whole) * 1e9);
  return nsec < 1e9 ? { sec: epoch + whole, nsec } : { sec: epoch + whole + 1, nsec: 0 };
}
