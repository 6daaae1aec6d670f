/**
 * Reads the data of one PMU in a data frame.
 *
 * @see IEEE C37.118.2-2011, 6.3 and table 6
 *
 * @module
 */

import type { Complex, Value } from "../../samples/sample.ts";
import { angleUnits, frequencyUnits, missing, type PmuLayout, rocofUnits, rotate } from "./pmu_data.ts";
import { dataErrorBits } from "./status.ts";

/** Reads the data of one PMU into values. */
export function readPmuData(view: DataView, start: number, layout: PmuLayout, values: Value[]): void {
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
