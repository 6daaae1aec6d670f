/**
 * Writes the data of PMUs in a data frame.
 *
 * @see IEEE C37.118.2-2011, 6.3 and table 6
 *
 * @module
 */

import { type Complex, isComplex, type Value } from "../../samples/sample.ts";
import { angleUnits, frequencyUnits, missing, type PmuLayout, rocofUnits, rotate } from "./pmu_data.ts";
import { absentDataBits, dataErrorBits } from "./status.ts";

/** A value that does not fit into its field. */
export class UnencodableError extends Error {
  /** `"UnencodableError"` */
  override name = "UnencodableError";
}

/** Writes the data of PMUs from the values of a sample. */
export class PmuDataWriter {
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
