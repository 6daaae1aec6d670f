/**
 * Data frames: where each value stands in them by the configuration, computed once, and values to bytes and back.
 *
 * Of each PMU there are STAT, the phasors, frequency, ROCOF, the analogue values and the digital words, in this order.
 *
 * @see IEEE C37.118.2-2011, 6.3 and table 6
 *
 * @module
 */

import type { Value } from "../../samples/sample.ts";
import type { Configuration } from "./configuration.ts";
import { headerLength } from "./frame.ts";
import type { PmuLayout } from "./pmu_data.ts";
import { readPmuData } from "./pmu_data_reader.ts";
import { PmuDataWriter } from "./pmu_data_writer.ts";

/** Options of a layout. */
export interface DataLayoutOptions {
  /** Adds STAT of each PMU to the values, as integers behind all others. */
  readonly hasStatus?: boolean;
  /**
   * Index of the value of a sample for each signal of the layout, for senders whose samples have another order; -1 for none.
   * Default: the values are in the order of the layout.
   */
  readonly sources?: readonly number[];
}

/** The layout of the data frames of a stream. */
export class DataLayout {
  /** Length of a data frame, in bytes. */
  readonly frameLength: number;
  /** Number of values of a sample. */
  readonly valueCount: number;
  readonly #pmus: readonly PmuLayout[];
  readonly #hasStatus: boolean;
  readonly #sources: readonly number[] | undefined;

  /**
   * Computes the layout.
   *
   * @param configuration The configuration of the stream
   * @param options What samples have
   */
  constructor({ pmus }: Configuration, options: DataLayoutOptions = {}) {
    const { hasStatus = false, sources } = options;
    const layouts: PmuLayout[] = [];
    let offset = headerLength;
    let firstValue = 0;
    for (const pmu of pmus) {
      const { phasors, analogs, digitals, numbers } = pmu;
      const bits = digitals.map(({ mask }) =>
        Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => mask >> bit & 1)
      );
      layouts.push({ offset, firstValue, pmu, bits });
      offset += 2 + phasors.length * (numbers.hasFloatPhasors ? 8 : 4) + (numbers.hasFloatFrequency ? 8 : 4) +
        analogs.length * (numbers.hasFloatAnalogs ? 4 : 2) + 2 * digitals.length;
      firstValue += phasors.length + 2 + analogs.length + bits.reduce((sum, { length }) => sum + length, 0);
    }
    this.#pmus = layouts;
    this.#hasStatus = hasStatus;
    this.#sources = sources;
    this.frameLength = offset + 2;
    this.valueCount = firstValue + (hasStatus ? pmus.length : 0);
  }

  /**
   * Returns STAT of all PMUs, combined by "or", with which to see that one of them changes its configuration.
   *
   * @param view View of a data frame that is long enough
   * @param start Position of the frame
   */
  combineStatus(view: DataView, start = 0): number {
    let combined = 0;
    for (const { offset } of this.#pmus) combined |= view.getUint16(start + offset);
    return combined;
  }

  /**
   * Returns STAT of each PMU.
   *
   * @param view View of a data frame that is long enough
   * @param start Position of the frame
   */
  readStatus(view: DataView, start = 0): number[] {
    return this.#pmus.map(({ offset }) => view.getUint16(start + offset));
  }

  /**
   * Reads the values of a data frame.
   *
   * @param view View of the frame, which is at least as long as {@linkcode frameLength}
   * @param start Position of the frame
   * @returns The values, in the order of `signalsOf`
   */
  read(view: DataView, start = 0): Value[] {
    const values: Value[] = new Array(this.valueCount);
    for (const layout of this.#pmus) readPmuData(view, start + layout.offset, layout, values);
    if (this.#hasStatus) {
      let index = this.valueCount - this.#pmus.length;
      for (const { offset } of this.#pmus) values[index++] = BigInt(view.getUint16(start + offset));
    }
    return values;
  }

  /**
   * Writes the values of a data frame. Values that are missing are written as absent: not a number, or in 16 bits its stand-in
   * with a data error in STAT; a missing frequency as the nominal one, a missing ROCOF as 0.
   *
   * @param view View of the frame
   * @param start Position of the frame
   * @param values The values
   * @param stat STAT of PMUs for which the values have none
   * @throws {UnencodableError} If a value is of another type than its field, or does not fit into its 16 bits
   */
  write(view: DataView, start: number, values: ArrayLike<Value>, stat: number): void {
    const writer = new PmuDataWriter(view, values, this.#sources);
    let statIndex = this.valueCount - this.#pmus.length;
    for (const layout of this.#pmus) {
      const status = this.#hasStatus ? writer.status(statIndex++) ?? stat : stat;
      writer.write(start + layout.offset, layout, status);
    }
  }
}
