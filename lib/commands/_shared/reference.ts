/**
 * The reference of a measurement: a recording of the true values, compared with what arrives.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { MeasurementErrorFigures, MeasurementErrors } from "../../diagnosis/measurement_errors.ts";
import { readSamples } from "../../recordings/files.ts";
import type { Sample } from "../../samples/sample.ts";
import { findRecording } from "./recording.ts";

/** Compares what arrives with a reference. */
export class ReferenceComparison {
  readonly #errors: MeasurementErrors;
  #waiting: Sample[] = [];

  private constructor(errors: MeasurementErrors) {
    this.#errors = errors;
  }

  /**
   * Opens a reference.
   *
   * @param path Path of the recording; undefined for none
   * @throws {InputError} If the format of the recording is not known
   */
  static async open(path: string | undefined): Promise<ReferenceComparison | undefined> {
    if (path === undefined) return undefined;
    const { format } = await findRecording(path, undefined, {});
    // Only who compares needs it.
    const { MeasurementErrors } = await import("../../diagnosis/measurement_errors.ts");
    return new ReferenceComparison(new MeasurementErrors(readSamples(path, format)));
  }

  /** Takes samples that have arrived. */
  record(samples: readonly Sample[]): void {
    this.#waiting.push(...samples);
  }

  /** Compares what was taken. */
  async settle({ format }: Client): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    await this.#errors.compare(waiting, format.signals);
  }

  /** Describes the errors so far in lines for people. */
  describe(): string[] {
    return describeErrors(this.figures);
  }

  /** Figures of the errors so far. */
  get figures(): MeasurementErrorFigures {
    return this.#errors.figures;
  }
}

/** Units of the kinds of errors, and the factor to them. */
const units = { TVE: [100, " %"], FE: [1000, " mHz"], RFE: [1, " Hz/s"], error: [1, ""] } as const;

/** Describes errors in lines for people. */
function describeErrors({ compared, unmatched, errors }: MeasurementErrorFigures): string[] {
  const lines = errors.map(({ name, kind, max, mean }) => {
    const [factor, unit] = units[kind];
    const show = (error: number) => `${Number((error * factor).toPrecision(4))}${unit}`;
    return `${name}: ${kind} at most ${show(max)}, ${show(mean)} on average`;
  });
  const left = unmatched === 0 ? "" : `; for ${unmatched} it has none of the same time`;
  return [`Compared ${compared} samples with the reference${left}`, ...lines];
}
