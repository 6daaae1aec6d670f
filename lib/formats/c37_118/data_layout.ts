/**
 * Data frames: where each value stands in them by the configuration, computed once, and values to bytes and back.
 *
 * Of each PMU there are STAT, the phasors, frequency, ROCOF, the analogue values and the digital words, in this order.
 *
 * @see IEEE C37.118.2-2011, 6.3 and table 6
 *
 * @module
 */

import { type Complex, isComplex, type Value } from "../../samples/sample.ts";
import type { Configuration, PmuConfiguration } from "./configuration.ts";
import { headerLength } from "./frame.ts";
import { absentDataBits, dataErrorBits } from "./status.ts";

/** The 16-bit integer that stands for a value that is missing. */
const missing = -32_768;

/** Units per Hz of a 16-bit frequency, and per Hz/s of a 16-bit ROCOF. */
const frequencyUnits = 1000;
const rocofUnits = 100;

/** Units per radian of a 16-bit angle. */
const angleUnits = 1e4;

/** One PMU in a data frame. */
interface PmuLayout {
  /** Offset of its STAT in the frame. */
  readonly offset: number;
  /** Index of its first value in a sample. */
  readonly firstValue: number;
  readonly pmu: PmuConfiguration;
  /** Bits of each digital word that are values. */
  readonly bits: readonly (readonly number[])[];
}

/** A value that does not fit into its field. */
export class UnencodableError extends Error {
  /** `"UnencodableError"` */
  override name = "UnencodableError";
}

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
    const writer = new PmuWriter(view, values, this.#sources);
    let statIndex = this.valueCount - this.#pmus.length;
    for (const layout of this.#pmus) {
      const status = this.#hasStatus ? writer.status(statIndex++) ?? stat : stat;
      writer.write(start + layout.offset, layout, status);
    }
  }
}

/** Reads the data of one PMU into values. */
function readPmuData(view: DataView, start: number, layout: PmuLayout, values: Value[]): void {
  const { pmu, bits } = layout;
  const { isPolar, hasFloatPhasors, hasFloatAnalogs, hasFloatFrequency } = pmu.numbers;
  const hasError = (view.getUint16(start) & dataErrorBits) !== 0;
  let position = start + 2;
  let index = layout.firstValue;
  for (const { scale, angleOffset } of pmu.phasors) {
    if (hasFloatPhasors) {
      const [first, second] = [view.getFloat32(position), view.getFloat32(position + 4)];
      values[index++] = isPolar ? toRectangular(first, second) : { real: first, imag: second };
      position += 8;
    } else {
      values[index++] = readIntegerPhasor(view, position, isPolar, scale, angleOffset, hasError);
      position += 4;
    }
  }
  if (hasFloatFrequency) {
    values[index++] = view.getFloat32(position);
    values[index++] = view.getFloat32(position + 4);
    position += 8;
  } else {
    const [frequency, rocof] = [view.getInt16(position), view.getInt16(position + 2)];
    values[index++] = hasError && frequency === missing ? NaN : pmu.nominalFrequency + frequency / frequencyUnits;
    values[index++] = hasError && rocof === missing ? NaN : rocof / rocofUnits;
    position += 4;
  }
  for (const { scale, offset } of pmu.analogs) {
    if (hasFloatAnalogs) {
      values[index++] = view.getFloat32(position);
      position += 4;
    } else {
      const value = view.getInt16(position);
      values[index++] = hasError && value === missing ? NaN : value * scale + offset;
      position += 2;
    }
  }
  for (const used of bits) {
    const word = view.getUint16(position);
    for (const bit of used) values[index++] = (word >> bit & 1) === 1;
    position += 2;
  }
}

function readIntegerPhasor(
  view: DataView,
  position: number,
  isPolar: boolean,
  scale: number,
  angleOffset: number,
  hasError: boolean,
): Complex {
  const [first, second] = [view.getInt16(position), view.getInt16(position + 2)];
  if (hasError && first === missing && second === missing) return { real: NaN, imag: NaN };
  if (isPolar) return toRectangular((first & 0xffff) * scale, second / angleUnits - angleOffset);
  const [real, imag] = [first * scale, second * scale];
  return angleOffset === 0 ? { real, imag } : rotate(real, imag, -angleOffset);
}

function toRectangular(magnitude: number, angle: number): Complex {
  return { real: magnitude * Math.cos(angle), imag: magnitude * Math.sin(angle) };
}

function rotate(real: number, imag: number, angle: number): Complex {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { real: real * cos - imag * sin, imag: real * sin + imag * cos };
}

/** Writes the data of PMUs from the values of a sample. */
class PmuWriter {
  readonly #view: DataView;
  readonly #values: ArrayLike<Value>;
  readonly #sources: readonly number[] | undefined;
  /** True if a value of the current PMU is missing. */
  #hasMissing = false;

  constructor(view: DataView, values: ArrayLike<Value>, sources: readonly number[] | undefined) {
    this.#view = view;
    this.#values = values;
    this.#sources = sources;
  }

  /** Returns STAT of the signal with this index; undefined without one. */
  status(signal: number): number | undefined {
    const value = this.#valueOf(signal);
    if (value === null) return undefined;
    if (typeof value !== "bigint") throw this.#mismatch(signal, "integer");
    if (value < 0n || value > 0xffffn) throw new UnencodableError(`STAT is ${value}, which has more than 16 bits`);
    return Number(value);
  }

  write(start: number, { firstValue, pmu, bits }: PmuLayout, stat: number): void {
    const view = this.#view;
    const { isPolar, hasFloatPhasors, hasFloatAnalogs, hasFloatFrequency } = pmu.numbers;
    this.#hasMissing = false;
    let position = start + 2;
    let signal = firstValue;
    for (const { scale, angleOffset } of pmu.phasors) {
      const { real, imag } = this.#complexOf(signal);
      if (hasFloatPhasors) {
        view.setFloat32(position, isPolar ? Math.hypot(real, imag) : real);
        view.setFloat32(position + 4, isPolar ? Math.atan2(imag, real) : imag);
        position += 8;
      } else {
        this.#writeIntegerPhasor(position, signal, rotate(real, imag, angleOffset), isPolar, scale);
        position += 4;
      }
      signal++;
    }
    const frequency = this.#floatOf(signal, pmu.nominalFrequency);
    const rocof = this.#floatOf(signal + 1, 0);
    if (hasFloatFrequency) {
      view.setFloat32(position, frequency);
      view.setFloat32(position + 4, rocof);
      position += 8;
    } else {
      view.setInt16(position, this.#toInt16((frequency - pmu.nominalFrequency) * frequencyUnits, signal));
      view.setInt16(position + 2, this.#toInt16(rocof * rocofUnits, signal + 1));
      position += 4;
    }
    signal += 2;
    for (const { scale, offset } of pmu.analogs) {
      const value = this.#floatOf(signal, NaN);
      if (hasFloatAnalogs) {
        view.setFloat32(position, value);
        position += 4;
      } else {
        view.setInt16(position, this.#toInt16((value - offset) / scale, signal));
        position += 2;
      }
      signal++;
    }
    for (const used of bits) {
      let word = 0;
      for (const bit of used) word |= Number(this.#booleanOf(signal++)) << bit;
      view.setUint16(position, word);
      position += 2;
    }
    const hasError = (stat & dataErrorBits) !== 0;
    view.setUint16(start, this.#hasMissing && !hasError ? stat | absentDataBits : stat);
  }

  #writeIntegerPhasor(
    position: number,
    signal: number,
    { real, imag }: Complex,
    isPolar: boolean,
    scale: number,
  ): void {
    const view = this.#view;
    const isMissing = Number.isNaN(real) || Number.isNaN(imag);
    if (isMissing || !isPolar) {
      view.setInt16(position, this.#toInt16(isMissing ? NaN : real / scale, signal));
      view.setInt16(position + 2, this.#toInt16(isMissing ? NaN : imag / scale, signal));
      return;
    }
    const magnitude = Math.round(Math.hypot(real, imag) / Math.abs(scale));
    if (magnitude > 0xffff) throw this.#beyond16Bits(signal, magnitude);
    view.setUint16(position, magnitude);
    // A negative factor turns the phasor by half a turn, because a magnitude has no sign.
    const angle = Math.atan2(scale < 0 ? -imag : imag, scale < 0 ? -real : real);
    view.setInt16(position + 2, Math.round(angle * angleUnits));
  }

  /** Rounds a value to 16 bits. */
  #toInt16(value: number, signal: number): number {
    if (Number.isNaN(value)) {
      this.#hasMissing = true;
      return missing;
    }
    const rounded = Math.round(value);
    if (Math.abs(rounded) > 32_767) throw this.#beyond16Bits(signal, rounded);
    return rounded;
  }

  #valueOf(signal: number): Value {
    const source = this.#sources === undefined ? signal : this.#sources[signal] ?? -1;
    return this.#values[source] ?? null;
  }

  #complexOf(signal: number): Complex {
    const value = this.#valueOf(signal);
    if (value === null) return { real: NaN, imag: NaN };
    if (!isComplex(value)) throw this.#mismatch(signal, "complex");
    return value;
  }

  #floatOf(signal: number, missing: number): number {
    const value = this.#valueOf(signal) ?? missing;
    if (typeof value !== "number") throw this.#mismatch(signal, "float");
    return value;
  }

  #booleanOf(signal: number): boolean {
    const value = this.#valueOf(signal) ?? false;
    if (typeof value !== "boolean") throw this.#mismatch(signal, "boolean");
    return value;
  }

  #mismatch(signal: number, type: string): UnencodableError {
    const source = this.#sources?.[signal] ?? signal;
    return new UnencodableError(`value ${source} is not of type ${type}, as its place in the data frame is`);
  }

  #beyond16Bits(signal: number, units: number): UnencodableError {
    const source = this.#sources?.[signal] ?? signal;
    return new UnencodableError(`value ${source} is ${units} units of its factor, which do not fit into 16 bits`);
  }
}
