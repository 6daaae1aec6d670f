/**
 * Errors of synchrophasor measurements against a reference: TVE, FE and RFE.
 *
 * @module
 */

import { type Complex, isComplex, type Sample, type Value } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/**
 * Computes the total vector error of a phasor: the length of the difference, as a part of the length of the reference.
 *
 * @param measured The phasor as it was measured
 * @param reference The phasor as it is
 * @returns TVE as a fraction: 0.01 is 1 %; not a number where the reference is 0
 *
 * @see IEC/IEEE 60255-118-1:2018, 6.3.1: TVE = sqrt(((Xr' - Xr)^2 + (Xi' - Xi)^2) / (Xr^2 + Xi^2))
 *
 * @example 1 % of magnitude and 0.573 degrees of angle are 1 % of TVE each
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { totalVectorError } from "@villas/client/diagnosis";
 *
 * assertAlmostEquals(totalVectorError({ real: 101, imag: 0 }, { real: 100, imag: 0 }), 0.01, 1e-12);
 * const angle = 0.573 * Math.PI / 180;
 * const turned = { real: 100 * Math.cos(angle), imag: 100 * Math.sin(angle) };
 * assertAlmostEquals(totalVectorError(turned, { real: 100, imag: 0 }), 0.01, 1e-5);
 * ```
 */
export function totalVectorError(measured: Complex, reference: Complex): number {
  const length = Math.hypot(reference.real, reference.imag);
  return length === 0 ? NaN : Math.hypot(measured.real - reference.real, measured.imag - reference.imag) / length;
}

/** Figures of an error. */
export interface ErrorFigures {
  /** Name of the signal. */
  readonly name: string;
  /**
   * Kind of error: `"TVE"` of a phasor (a fraction), `"FE"` of a frequency (Hz), `"RFE"` of a rate of change of frequency
   * (Hz/s), `"error"` of another value, in its unit. All are absolute values.
   */
  readonly kind: "TVE" | "FE" | "RFE" | "error";
  /** Number of values that were compared. */
  count: number;
  /** The largest error. */
  max: number;
  /** The average error. */
  mean: number;
}

/** The result of a comparison with a reference. */
export interface MeasurementErrorFigures {
  /** Samples for which the reference has one of the same time. */
  readonly compared: number;
  /** Samples for which it has none. */
  readonly unmatched: number;
  /** Figures of each signal with a reference. */
  readonly errors: readonly ErrorFigures[];
}

/** The most that the times of a measurement and its reference may differ, in seconds: a tenth of 1 % of TVE at 50 Hz. */
const tolerance = 3e-6;

/** Source of the samples of a reference, whose times rise. */
export type ReferenceSource = AsyncIterator<Sample>;

/**
 * Compares measured samples with a reference, which is read along with them.
 *
 * Values belong together by their order. A phasor is a complex value; frequency and ROCOF are told by the ends of their names,
 * as received samples have them.
 */
export class MeasurementErrors {
  readonly #reference: ReferenceSource;
  readonly #figures: (ErrorFigures | undefined)[] = [];
  #next: Sample | undefined;
  #isOver = false;
  #compared = 0;
  #unmatched = 0;

  /**
   * Begins a comparison.
   *
   * @param reference The samples of the reference, in the order of their times
   */
  constructor(reference: ReferenceSource) {
    this.#reference = reference;
  }

  /** Figures so far. */
  get figures(): MeasurementErrorFigures {
    const errors = this.#figures.filter((figures) => figures !== undefined);
    return { compared: this.#compared, unmatched: this.#unmatched, errors };
  }

  /**
   * Compares samples.
   *
   * @param samples Measured samples, in the order of their times
   * @param signals Their signals, as far as they are known
   */
  async compare(samples: readonly Sample[], signals: readonly Signal[] | undefined): Promise<void> {
    for (const sample of samples) {
      const reference = await this.#find(sample);
      if (reference === undefined) {
        this.#unmatched++;
        continue;
      }
      this.#compared++;
      for (let index = 0; index < sample.values.length; index++) {
        this.#add(index, sample.values[index] ?? null, reference.values[index] ?? null, signals?.[index]?.name);
      }
    }
  }

  /** Finds the reference of a sample. */
  async #find({ tsOrigin }: Sample): Promise<Sample | undefined> {
    if (tsOrigin === undefined) return undefined;
    while (!this.#isOver) {
      this.#next ??= await this.#read();
      if (this.#next === undefined) return undefined;
      const ahead = this.#next.tsOrigin === undefined ? -Infinity : secondsBetween(this.#next.tsOrigin, tsOrigin);
      if (ahead > tolerance) return undefined;
      if (ahead >= -tolerance) return this.#next;
      this.#next = undefined;
    }
    return undefined;
  }

  async #read(): Promise<Sample | undefined> {
    const result = await this.#reference.next();
    this.#isOver = result.done === true;
    return result.done ? undefined : result.value;
  }

  #add(index: number, measured: Value, reference: Value, name = `signal${index}`): void {
    const error = errorOf(measured, reference);
    if (error === undefined || Number.isNaN(error)) return;
    const figures = this.#figures[index] ??= { name, kind: kindOf(measured, name), count: 0, max: 0, mean: 0 };
    figures.count++;
    figures.max = Math.max(figures.max, error);
    figures.mean += (error - figures.mean) / figures.count;
  }
}

function errorOf(measured: Value, reference: Value): number | undefined {
  // In text, a whole number of a reference is an integer; and generators have floats only, as phasors along the real axis.
  const real = typeof reference === "bigint" ? Number(reference) : reference;
  if (isComplex(measured)) {
    const vector = typeof real === "number" ? { real, imag: 0 } : real;
    return vector !== null && typeof vector === "object" ? totalVectorError(measured, vector) : undefined;
  }
  return typeof measured === "number" && typeof real === "number" ? Math.abs(measured - real) : undefined;
}

function kindOf(measured: Value, name: string): ErrorFigures["kind"] {
  if (isComplex(measured)) return "TVE";
  if (/(?:^|_)frequency$/.test(name)) return "FE";
  return /(?:^|_)rocof$/.test(name) ? "RFE" : "error";
}
