/**
 * The last samples as columns of numbers in bounded memory: the newest ones overwrite the oldest. Summaries of groups of
 * samples make it quick to find the extremes and means of a million of them.
 *
 * @module
 */

import { isComplex, type Value } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { type Channel, layOutChannels } from "./channels.ts";
import {
  addSummary,
  addValues,
  createSummary,
  type RangeSummary,
  resetSummary,
  summaryLength,
  writeSummary,
} from "./range_summary.ts";

/** Samples of a summary: it is valid once all of them are there. */
export const groupLength = 64;

/** Marks of a sample: others are missing before it, and it begins a frame. */
export const gapMark = 1;
export const frameMark = 2;

/** A sample but for its values. */
export interface SampleStamp {
  /** Time of its origin, in seconds since some epoch. */
  readonly origin: number;
  /** Time of its reception, in seconds since some epoch. */
  readonly received: number;
  /** Sequence number; NaN without one. */
  readonly sequence: number;
  /** Marks, one bit each. */
  readonly marks: number;
}

/** Bytes of a sample with these channels. */
function bytesPerSample(channels: readonly Channel[]): number {
  const integers = channels.filter(({ type }) => type === "integer").length;
  return 8 * 3 + 1 + channels.length * 8 * (1 + summaryLength / groupLength) + integers * 2;
}

/** Samples by numbers that go on for ever, from `first` up to, but not including, `end`. */
export class SampleRing {
  /** The columns of values. */
  readonly channels: readonly Channel[];
  /** The most samples that fit. */
  readonly maximum: number;
  readonly #columnOfSignal: readonly number[];
  #columns: Float64Array[];
  #summaries: Float64Array[];
  /**
   * What the integers beyond 2^53 of a channel are more than the float64 nearest to them: at most 512, as they have 64 bits.
   * A channel without such an integer has no column here.
   */
  #remainders: (Int16Array | undefined)[];
  #origin: Float64Array = new Float64Array(0);
  #received: Float64Array = new Float64Array(0);
  #sequence: Float64Array = new Float64Array(0);
  #marks: Uint8Array = new Uint8Array(0);
  #capacity = 0;
  #first = 0;
  #end = 0;

  /**
   * Creates an empty ring.
   *
   * @param signals The signals; complex ones have several channels
   * @param memory The most bytes that it may take
   */
  constructor(signals: readonly Signal[], memory: number) {
    const { channels, columnOfSignal } = layOutChannels(signals);
    this.channels = channels;
    this.#columnOfSignal = columnOfSignal;
    const groups = Math.floor(memory / bytesPerSample(channels) / groupLength);
    this.maximum = Math.max(4, groups) * groupLength;
    this.#columns = channels.map(() => new Float64Array(0));
    this.#summaries = channels.map(() => new Float64Array(0));
    this.#remainders = channels.map(() => undefined);
    this.#grow(Math.min(this.maximum, 64 * groupLength));
  }

  /** Number of the oldest sample that is there. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next sample gets. */
  get end(): number {
    return this.#end;
  }

  /** Number of the signals that have a place. */
  get signals(): number {
    return this.#columnOfSignal.length;
  }

  /** Returns the first channel of a signal. */
  channelOf(signal: number): Channel | undefined {
    return this.channels[this.#columnOfSignal[signal] ?? -1];
  }

  /** Returns the time of the origin of a sample. */
  originAt(number: number): number {
    return this.#origin[number % this.#capacity] ?? NaN;
  }

  /** Returns the time of the reception of a sample. */
  receivedAt(number: number): number {
    return this.#received[number % this.#capacity] ?? NaN;
  }

  /** Returns the sequence number of a sample; NaN without one. */
  sequenceAt(number: number): number {
    return this.#sequence[number % this.#capacity] ?? NaN;
  }

  /** Returns the marks of a sample. */
  marksAt(number: number): number {
    return this.#marks[number % this.#capacity] ?? 0;
  }

  /** Sets the marks of a sample. */
  mark(number: number, marks: number): void {
    this.#marks[number % this.#capacity] = marks;
  }

  /** Returns a value of a channel, as a float64; NaN where the sample has none. */
  valueAt(channel: number, number: number): number {
    return this.#columns[channel]?.[number % this.#capacity] ?? NaN;
  }

  /** Returns an integer of a channel with all its digits; undefined where the sample has none. */
  integerAt(channel: number, number: number): bigint | undefined {
    const value = this.valueAt(channel, number);
    if (!Number.isFinite(value)) return undefined;
    return BigInt(Math.trunc(value)) + BigInt(this.#remainders[channel]?.[number % this.#capacity] ?? 0);
  }

  /** Returns the values of a sample, one for each signal. */
  valuesAt(number: number): Value[] {
    return this.#columnOfSignal.map((column): Value => {
      const { type } = this.channels[column] ?? { type: "float" };
      if (type === "complex") {
        return { real: this.valueAt(column + 2, number), imag: this.valueAt(column + 3, number) };
      }
      if (type === "integer") return this.integerAt(column, number) ?? 0n;
      const value = this.valueAt(column, number);
      return type === "boolean" ? value === 1 : value;
    });
  }

  /** Adds a sample at the end. */
  append(stamp: SampleStamp, values: readonly Value[]): void {
    if (this.#end === this.#capacity && this.#capacity < this.maximum) {
      this.#grow(Math.min(this.maximum, this.#capacity * 2));
    }
    const number = this.#end;
    this.#end = number + 1;
    if (this.#end - this.#first > this.#capacity) this.#first = this.#end - this.#capacity;
    this.#write(number, stamp, values);
    if (this.#end % groupLength === 0) this.#summarizeGroup(number + 1 - groupLength);
  }

  /** Puts a sample to a place between the others; those behind it get the numbers after theirs. */
  insert(place: number, stamp: SampleStamp, values: readonly Value[]): void {
    // Something at the end, which is overwritten at once.
    this.append(stamp, values);
    const remainders = this.#remainders.filter((column) => column !== undefined);
    const columns = [...this.#columns, ...remainders, this.#origin, this.#received, this.#sequence, this.#marks];
    for (let number = this.#end - 1; number > place; number--) {
      const [to, from] = [number % this.#capacity, (number - 1) % this.#capacity];
      for (const column of columns) column[to] = column[from] ?? NaN;
    }
    this.#write(place, stamp, values);
    for (let group = place - place % groupLength; group + groupLength <= this.#end; group += groupLength) {
      this.#summarizeGroup(group);
    }
  }

  /** Summarizes a channel over the samples `from` to, but not including, `to`. */
  summarize(channel: number, from: number, to: number, into: RangeSummary = createSummary()): RangeSummary {
    const [column, summaries] = [this.#columns[channel], this.#summaries[channel]];
    resetSummary(into);
    if (column === undefined || summaries === undefined) return into;
    const capacity = this.#capacity;
    let number = Math.max(from, this.#first);
    const end = Math.min(to, this.#end);
    while (number < end) {
      if (number % groupLength === 0 && number + groupLength <= end) {
        addSummary(summaries, (number % capacity) / groupLength * summaryLength, number, into);
        number += groupLength;
        continue;
      }
      const stop = Math.min(end, number - number % groupLength + groupLength);
      addValues(column, number % capacity, number, stop - number, into);
      number = stop;
    }
    return into;
  }

  /** Returns the smallest and the largest integer of a channel in a range with all their digits; undefined without any. */
  integerRange(channel: number, from: number, to: number): readonly [min: bigint, max: bigint] | undefined {
    const { min, max, count } = this.summarize(channel, from, to);
    if (count === 0) return undefined;
    if (this.#remainders[channel] === undefined) return [BigInt(Math.trunc(min)), BigInt(Math.trunc(max))];
    let range: [bigint, bigint] | undefined;
    // Several integers may have the same float64 nearest to them: all of the extremes are looked at, group by group.
    const group = createSummary();
    const end = Math.min(to, this.#end);
    for (let number = Math.max(from, this.#first); number < end; number++) {
      if (number % groupLength === 0 && number + groupLength <= end) {
        this.summarize(channel, number, number + groupLength, group);
        if (group.min !== min && group.max !== max) {
          number += groupLength - 1;
          continue;
        }
      }
      const value = this.valueAt(channel, number);
      if (value !== min && value !== max) continue;
      const integer = this.integerAt(channel, number) ?? 0n;
      range ??= [integer, integer];
      if (integer < range[0]) range[0] = integer;
      if (integer > range[1]) range[1] = integer;
    }
    return range;
  }

  /** Gets memory for more samples; nothing has been overwritten until the largest capacity is reached. */
  #grow(capacity: number): void {
    const lengthen = <T extends Float64Array | Int16Array | Uint8Array>(grown: T, old: T | undefined): T => {
      if (old !== undefined) grown.set(old);
      return grown;
    };
    const numbers = (old: Float64Array) => lengthen(new Float64Array(capacity), old);
    const summaryNumbers = capacity / groupLength * summaryLength;
    this.#columns = this.#columns.map(numbers);
    this.#summaries = this.#summaries.map((old) => lengthen(new Float64Array(summaryNumbers), old));
    this.#remainders = this.#remainders.map((old) => old && lengthen(new Int16Array(capacity), old));
    this.#origin = numbers(this.#origin);
    this.#received = numbers(this.#received);
    this.#sequence = numbers(this.#sequence);
    this.#marks = lengthen(new Uint8Array(capacity), this.#marks);
    this.#capacity = capacity;
  }

  #write(number: number, { origin, received, sequence, marks }: SampleStamp, values: readonly Value[]): void {
    const slot = number % this.#capacity;
    this.#origin[slot] = origin;
    this.#received[slot] = received;
    this.#sequence[slot] = sequence;
    this.#marks[slot] = marks;
    for (let signal = 0; signal < this.#columnOfSignal.length; signal++) {
      this.#writeValue(this.#columnOfSignal[signal] ?? 0, slot, values[signal] ?? null);
    }
  }

  #writeValue(channel: number, slot: number, value: Value): void {
    const column = this.#columns[channel];
    if (column === undefined) return;
    if (this.channels[channel]?.type === "complex") {
      const { real, imag } = isComplex(value) ? value : { real: toNumber(value), imag: value === null ? NaN : 0 };
      column[slot] = Math.hypot(real, imag);
      for (const [offset, part] of [Math.atan2(imag, real) * 180 / Math.PI, real, imag].entries()) {
        const other = this.#columns[channel + 1 + offset];
        if (other !== undefined) other[slot] = part;
      }
      return;
    }
    const number = toNumber(value);
    column[slot] = number;
    const isRounded = typeof value === "bigint" && !Number.isSafeInteger(number);
    const remainder = isRounded ? Number(value - BigInt(number)) : 0;
    if (remainder !== 0) this.#remainders[channel] ??= new Int16Array(this.#capacity);
    const remainders = this.#remainders[channel];
    if (remainders !== undefined) remainders[slot] = remainder;
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

function toNumber(value: Value): number {
  return value === null ? NaN : isComplex(value) ? value.real : Number(value);
}
