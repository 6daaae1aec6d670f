/**
 * The rows of a source that the page has: those of the server's answers, each continuing the last one.
 *
 * @module
 */

import type { ReductionMode } from "../reduction.ts";
import type { Rows } from "../protocol.ts";

/** A value of a trace; null is a gap. */
export type Point = number | null;

/** Rows that are drawn. */
export class RowStore {
  /** Times, in seconds of the page's axis, ordered. */
  readonly times: number[] = [];
  /** Values by channel; null where there is none, because a plot bridges NaN and breaks at infinity. */
  readonly values = new Map<number, Point[]>();
  #mode: ReductionMode | undefined;
  #cursor: number | undefined;
  #settings = "";

  /** Kind of the rows. */
  get mode(): ReductionMode | undefined {
    return this.#mode;
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
    for (const time of times) this.times.push(time + shift);
    for (const [index, column] of values.entries()) {
      const target = this.values.get(channels[index] ?? -1);
      for (const value of column) target?.push(value - value === 0 ? value : null);
    }
    this.#mode = head.mode;
    this.#cursor = head.cursor;
    this.#settings = settings;
    this.#forget(from + shift - (head.to - from));
  }

  /** Returns the index of the row that is nearest to a time; -1 where there is none. */
  nearest(time: number): number {
    const { times } = this;
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    const [before = -Infinity, after = Infinity] = [times[low - 1], times[low]];
    return times.length === 0 ? -1 : time - before <= after - time ? low - 1 : low;
  }

  /** Returns the value of a channel that is nearest to a time; null where there is a gap. */
  valueAt(channel: number, time: number): Point {
    const index = this.nearest(time);
    const column = this.values.get(channel);
    if (index < 0 || column === undefined) return null;
    // A row of gaps stands between samples, which are meant.
    return column[index] ?? column[index - 1] ?? null;
  }

  #clear(channels: readonly number[]): void {
    this.times.length = 0;
    this.values.clear();
    for (const channel of channels) this.values.set(channel, []);
  }

  #cut(time: number): void {
    let length = this.times.length;
    while (length > 0 && (this.times[length - 1] ?? 0) >= time - 1e-9) length--;
    this.times.length = length;
    for (const column of this.values.values()) column.length = length;
  }

  /** Leaves out what is long out of the window, now and then. */
  #forget(time: number): void {
    if (!((this.times[0] ?? Infinity) < time)) return;
    const count = this.nearest(time);
    if (count < 256) return;
    this.times.splice(0, count);
    for (const column of this.values.values()) column.splice(0, count);
  }
}
