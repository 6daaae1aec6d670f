/**
 * Shaping samples on their way through a bridge: values chosen, scaled and cast, samples left out, as VILLASnode's hooks of
 * the same names do it.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { now } from "../samples/timestamp.ts";
import { castFloat } from "../samples/value_types.ts";

/** A signal by its index, from 0, or by its name, where the signals of the input are known. */
export type SignalReference = number | string;

/** Passes on these values only, in this order; a value that a sample lacks is unset. */
export interface SelectStep {
  /** Name of the step. */
  readonly type: "select";
  /** The values. */
  readonly signals: readonly SignalReference[];
}

/** Multiplies values and adds to them (`lib/hooks/scale.cpp`); booleans stay as they are. */
export interface ScaleStep {
  /** Name of the step. */
  readonly type: "scale";
  /** The values. */
  readonly signals: readonly SignalReference[];
  /** Factor; default 1. */
  readonly scale?: number;
  /** Added to the product; default 0. */
  readonly offset?: number;
}

/** Changes the type, the name or the unit of values (`lib/hooks/cast.cpp`). */
export interface CastStep {
  /** Name of the step. */
  readonly type: "cast";
  /** The values. */
  readonly signals: readonly SignalReference[];
  /** Type to cast to; default: the type stays. */
  readonly newType?: SignalType;
  /** New name, for formats that have names; default: the name stays. */
  readonly newName?: string;
  /** New unit; default: the unit stays. */
  readonly newUnit?: string;
}

/** Passes on every n-th sample, beginning with the first (`lib/hooks/decimate.cpp`). */
export interface DecimateStep {
  /** Name of the step. */
  readonly type: "decimate";
  /** Number of samples of which one is passed on, a whole number of 1 or more. */
  readonly ratio: number;
  /** Divides the sequence numbers by the ratio, too; default false. */
  readonly renumber?: boolean;
}

/** Leaves out samples that follow the last one too early (`lib/hooks/limit_rate.cpp`). */
export interface LimitRateStep {
  /** Name of the step. */
  readonly type: "limit_rate";
  /** The most samples per second, above 0. */
  readonly rate: number;
  /** Clock: that of this machine, or the timestamps of the samples; default `"local"`. */
  readonly mode?: "local" | "origin" | "received";
}

/** One step of shaping samples, under the name of VILLASnode's hook; `select` is what a path's mapping does there. */
export type ShapeStep = SelectStep | ScaleStep | CastStep | DecimateStep | LimitRateStep;

/** Shapes the samples of one sender. */
export interface Shape {
  /** Signals of the shaped samples, if those of the input are known. */
  readonly signals: readonly Signal[] | undefined;
  /**
   * Shapes samples. They stay as they are; what is passed on may share their values.
   *
   * @param samples Samples in their order
   * @returns Those that are passed on
   */
  apply(samples: readonly Sample[]): readonly Sample[];
}

/** Shapes one sample; undefined where it is left out. */
type Work = (sample: Sample) => Sample | undefined;

/**
 * Creates the shape that some steps give samples, one step after the other: each step counts the values of the one before.
 *
 * @param steps The steps
 * @param signals Signals of the input, if they are known; steps that name signals need them
 * @returns The shape, for the samples of one sender
 * @throws {SyntaxError} If a signal cannot be found
 * @throws {RangeError} If a ratio is not a whole number of 1 or more, or a rate is not above 0
 *
 * @example The first of two voltages, in kilovolts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createShape } from "@villas/client/client";
 * import { parseSignals } from "@villas/client/samples";
 *
 * const { signals, apply } = createShape(
 *   [
 *     { type: "select", signals: ["va"] },
 *     { type: "scale", signals: [0], scale: 0.001 },
 *     { type: "cast", signals: [0], newName: "voltage", newUnit: "kV" },
 *   ],
 *   parseSignals('[{"name": "va", "unit": "V"}, {"name": "vb", "unit": "V"}]'),
 * );
 * assertEquals(apply([{ sequence: 7n, values: [230, 231] }]), [{ sequence: 7n, values: [0.23] }]);
 * assertEquals(signals, [{ name: "voltage", unit: "kV", type: "float" }]);
 * ```
 */
export function createShape(steps: readonly ShapeStep[], signals?: readonly Signal[]): Shape {
  const works: Work[] = [];
  let list = signals?.map((signal, index) => ({ ...signal, name: signal.name ?? `signal${index}` }));
  for (const step of steps) {
    const indices = "signals" in step ? step.signals.map((reference) => findSignal(reference, list)) : [];
    works.push(createWork(step, indices));
    if (step.type === "select" && list !== undefined) {
      const before = list;
      list = indices.flatMap((index) => before[index] ?? []);
    } else if (step.type === "cast") {
      if (list === undefined && (step.newName ?? step.newUnit) !== undefined) {
        throw new SyntaxError(`Cannot rename value ${indices[0]}: the signals of the input are not known`);
      }
      list = list?.map((signal, index) => indices.includes(index) ? castSignal(signal, step) : signal);
    }
  }
  const apply = (samples: readonly Sample[]) => {
    const shaped: Sample[] = [];
    for (const sample of samples) {
      let current: Sample | undefined = sample;
      for (const work of works) {
        current = work(current);
        if (current === undefined) break;
      }
      if (current !== undefined) shaped.push(current);
    }
    return shaped;
  };
  return { signals: list, apply: works.length === 0 ? (samples) => samples : apply };
}

function findSignal(reference: SignalReference, signals: readonly Signal[] | undefined): number {
  const named = typeof reference === "string" ? signals?.findIndex(({ name }) => name === reference) ?? -1 : -1;
  if (named >= 0) return named;
  const index = typeof reference === "number" || /^\d{1,5}$/.test(reference) ? Number(reference) : NaN;
  if (!Number.isSafeInteger(index) || index < 0) {
    const reason = signals === undefined
      ? "the signals of the input are not known, so only indices from 0 are"
      : `there are ${signals.map(({ name }) => name).join(", ")}`;
    throw new SyntaxError(`Cannot find signal "${reference}": ${reason}`);
  }
  if (signals !== undefined && index >= signals.length) {
    throw new SyntaxError(`Cannot find signal ${index}: there are ${signals.length}, counted from 0`);
  }
  return index;
}

function castSignal(signal: Signal, { newType, newName, newUnit }: CastStep): Signal & { name: string } {
  const unit = newUnit ?? signal.unit;
  return { name: newName ?? signal.name ?? "", ...unit !== undefined && { unit }, type: newType ?? signal.type };
}

function createWork(step: ShapeStep, indices: readonly number[]): Work {
  switch (step.type) {
    case "select":
      return (sample) => ({ ...sample, values: indices.map((index) => sample.values[index] ?? null) });
    case "scale": {
      const { scale = 1, offset = 0 } = step;
      return (sample) => changeValues(sample, indices, (value) => scaleValue(value, scale, offset));
    }
    case "cast": {
      const { newType } = step;
      if (newType === undefined) return (sample) => sample;
      return (sample) => changeValues(sample, indices, (value) => castValue(value, newType));
    }
    case "decimate":
      return createDecimation(step);
    case "limit_rate":
      return createRateLimit(step);
  }
}

function changeValues(sample: Sample, indices: readonly number[], change: (value: Value) => Value): Sample {
  const values = [...sample.values];
  for (const index of indices) {
    const value = values[index];
    if (value !== undefined) values[index] = change(value);
  }
  return { ...sample, values };
}

/** Scales a value; VILLASnode truncates an integer after the product, and again after the sum. */
function scaleValue(value: Value, scale: number, offset: number): Value {
  if (typeof value === "number") return value * scale + offset;
  if (typeof value === "bigint") {
    const product = scale === 1 ? value : castFloat(Number(value) * scale, "integer");
    return offset === 0 ? product : castFloat(Number(product) + offset, "integer");
  }
  return isComplex(value) ? { real: value.real * scale + offset, imag: value.imag * scale } : value;
}

/** Casts a value as VILLASnode does (`SignalData::cast` in `lib/signal_data.cpp`); an unset one stays unset. */
function castValue(value: Value, type: SignalType): Value {
  if (value === null) return null;
  if (typeof value === "bigint" && type === "integer") return value;
  if (!isComplex(value)) return castFloat(Number(value), type);
  if (type === "complex") return value;
  // There a complex number is true only where neither part is 0.
  return type === "boolean" ? value.real !== 0 && value.imag !== 0 : castFloat(value.real, type);
}

function createDecimation({ ratio, renumber = false }: DecimateStep): Work {
  if (!(Number.isSafeInteger(ratio) && ratio >= 1)) {
    throw new RangeError(`Cannot decimate by ${ratio}: expected a whole number of 1 or more`);
  }
  let count = 0;
  return (sample) => {
    if (count++ % ratio !== 0) return undefined;
    const { sequence } = sample;
    return renumber && sequence !== undefined ? { ...sample, sequence: sequence / BigInt(ratio) } : sample;
  };
}

function createRateLimit({ rate, mode = "local" }: LimitRateStep): Work {
  if (!(rate > 0)) throw new RangeError(`Cannot limit the rate to ${rate} per second: it must be above 0`);
  const timeOf = {
    local: () => performance.now() / 1000,
    origin: ({ tsOrigin }: Sample) => tsOrigin && toSeconds(tsOrigin),
    received: ({ tsReceived }: Sample) => toSeconds(tsReceived ?? now()),
  }[mode];
  let last = -Infinity;
  return (sample) => {
    const time = timeOf(sample);
    // A sample without the timestamp cannot be too early, and one from before the last one belongs to a new simulation.
    if (time === undefined) return sample;
    if (time >= last && time - last < 1 / rate) return undefined;
    last = time;
    return sample;
  };
}

function toSeconds({ sec, nsec }: Timestamp): number {
  return sec + nsec / 1e9;
}
