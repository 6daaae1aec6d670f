/**
 * The rows of a source that the page has: those of the server's answers, each continuing the last one.
 *
 * @module
 */

import type { ReductionMode } from "../reduction.ts";
import type { Rows } from "../protocol.ts";

/** Rows for which there is room in the beginning. */
const smallestCapacity = 1024;

/** Rows that are drawn, in columns of numbers. */
export class RowStore {
  #times = new Float64Array(smallestCapacity);
  readonly #columns = new Map<number, Float64Array>();
  /** The rows are those from the first of these indices up to, but not including, the second. */
  #begin = 0;
  #end = 0;
  #mode: ReductionMode | undefined;
  #cursor: number | undefined;
  #settings = "";

  /** Number of the rows. */
  get length(): number {
    return this.#end - this.#begin;
  }

  /** Times, in seconds of the page's axis, ordered; valid until the next answer. */
  get times(): Float64Array {
    return this.#times.subarray(this.#begin, this.#end);
  }

  /** Kind of the rows. */
  get mode(): ReductionMode | undefined {
    return this.#mode;
  }

  /** Returns the values of a channel, NaN or infinite where there is a gap; undefined for a channel that is not there. */
  valuesOf(channel: number): Float64Array | undefined {
    return this.#columns.get(channel)?.subarray(this.#begin, this.#end);
  }

  /** Mark from which the next answer can continue, if it is asked for with the same settings. */
  cursorFor(settings: string): number | undefined {
    return settings === this.#settings ? this.#cursor : undefined;
  }

  /**
   * Adds an answer.
   *
   * @param rows The answer
   * @param channels The channels that were asked for
   * @param settings The settings that it was asked for with
   * @param shift What makes its times those of the page's axis
   */
  add({ head, times, values }: Rows, channels: readonly number[], settings: string, shift: number): void {
    const { replacesFrom, from } = head;
    if (replacesFrom === null || settings !== this.#settings) this.#clear(channels);
    else this.#cut(replacesFrom + shift);
    this.#reserve(times.length);
    const end = this.#end + times.length;
    for (let index = 0; index < times.length; index++) this.#times[this.#end + index] = (times[index] ?? NaN) + shift;
    for (const [index, channel] of channels.entries()) {
      const column = values[index];
      if (column === undefined) this.#columns.get(channel)?.fill(NaN, this.#end, end);
      else this.#columns.get(channel)?.set(column, this.#end);
    }
    this.#end = end;
    this.#mode = head.mode;
    this.#cursor = head.cursor;
    this.#settings = settings;
    this.#forget(from + shift - (head.to - from));
  }

  /** Returns the index of the first row at or after a time; the number of rows where there is none. */
  indexAt(time: number): number {
    const times = this.#times;
    let [low, high] = [this.#begin, this.#end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low - this.#begin;
  }

  /** Returns the rows of a window; those beside it where there are none in it. */
  within(from: number, to: number): { readonly first: number; readonly end: number } {
    const [first, end] = [this.indexAt(from), this.indexAt(to)];
    return first < end ? { first, end } : { first: Math.max(0, first - 1), end: Math.min(this.length, end + 1) };
  }

  /** Returns the index of the row that is nearest to a time; -1 where there is none. */
  nearest(time: number): number {
    const { times, length } = this;
    const index = this.indexAt(time);
    const [before = -Infinity, after = Infinity] = [times[index - 1], times[index]];
    return length === 0 ? -1 : time - before <= after - time ? index - 1 : index;
  }

  /** Returns the value of a channel that is nearest to a time; NaN where there is a gap. */
  valueAt(channel: number, time: number): number {
    const column = this.valuesOf(channel);
    const index = this.nearest(time);
    if (index < 0 || column === undefined) return NaN;
    // A row of gaps stands between samples, which are meant.
    const values = [column[index], column[index - 1]];
    return values.find((value) => Number.isFinite(value)) ?? NaN;
  }

  #clear(channels: readonly number[]): void {
    [this.#begin, this.#end] = [0, 0];
    this.#columns.clear();
    for (const channel of channels) this.#columns.set(channel, new Float64Array(this.#times.length));
  }

  /** Leaves out the rows from a time on. */
  #cut(time: number): void {
    this.#end = this.#begin + this.indexAt(time - 1e-9);
  }

  /** Makes room for more rows: at the beginning, where rows were left out, or with more memory. */
  #reserve(count: number): void {
    if (this.#end + count <= this.#times.length) return;
    const needed = 2 * (this.length + count);
    const move = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const target = new Float64Array(Math.max(needed, this.#times.length));
      target.set(column.subarray(this.#begin, this.#end));
      return target;
    };
    for (const [channel, column] of this.#columns) this.#columns.set(channel, move(column));
    this.#times = move(this.#times);
    [this.#begin, this.#end] = [0, this.length];
  }

  /** Leaves out what is long out of the window. */
  #forget(time: number): void {
    this.#begin += this.indexAt(time);
  }
}
