/**
 * The guard: the one check between samples and datagrams that keeps a client from sending what its VILLASnode would not
 * survive.
 *
 * @module
 */

import { EncodeError } from "./formats/errors.ts";
import type { Sample, Value } from "./sample.ts";
import { defaultSignalCount, findMismatch, formatSignals, type LinkSignals, typeOfValue } from "./signals.ts";

const defaultRule =
  `a VILLASnode takes up to ${defaultSignalCount} floats unless its in.signals says otherwise: give the signals that it ` +
  `has, or "any" to send whatever comes`;

/**
 * A sample that does not fit the signals of the receiving node. Nothing has been sent.
 *
 * @example An integer for a VILLASnode of which nothing is known
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { connect, UnfitSampleError } from "@villas/client";
 *
 * await using client = await connect({ local: "memory:guarded", remote: "memory:node" });
 * const error = await assertRejects(() => client.send({ values: [1.5, 7n] }), UnfitSampleError);
 * assertEquals(error.fittingSignals, "fi");
 * ```
 */
export class UnfitSampleError extends EncodeError {
  /** `"UnfitSampleError"` */
  override name = "UnfitSampleError";
  /** What does not fit, without the rule that it breaks. */
  readonly mismatch: string;
  /** Signals, in VILLASnode's short notation, that the sample would fit. */
  readonly fittingSignals: string;
  /** Whether the node's signals were not given, so that VILLASnode's default was assumed. */
  readonly isDefault: boolean;

  /**
   * Creates the error.
   *
   * @param format Name of the format
   * @param mismatch What does not fit, as the end of a sentence
   * @param index Index of the sample in its datagram, from 0
   * @param fittingSignals Signals that the sample would fit
   * @param isDefault Whether VILLASnode's default signals were assumed
   */
  constructor(format: string, mismatch: string, index: number, fittingSignals: string, isDefault: boolean) {
    super(format, isDefault ? `${mismatch}, and ${defaultRule}` : mismatch, index);
    this.mismatch = mismatch;
    this.fittingSignals = fittingSignals;
    this.isDefault = isDefault;
  }

  /**
   * Creates the same error for another place.
   *
   * @param index Which of the samples it is, the first one being 0
   * @returns The error
   */
  override withIndex(index: number): UnfitSampleError {
    return new UnfitSampleError(this.format, this.mismatch, index, this.fittingSignals, this.isDefault);
  }
}

/** Checks the samples of a datagram; throws {@linkcode UnfitSampleError} for the first that does not fit. */
export type Guard = (samples: readonly Sample[]) => void;

/**
 * Formats whose reader in VILLASnode 1.2 ends the process over the number or the types of values. The others cut what is
 * too many and cast what is of another type.
 */
const strictFormats: ReadonlySet<string> = new Set([
  "protobuf",
  "json",
  "csv",
  "tsv",
  "villas.human",
  "raw",
  "gtnet",
  "opal.asyncip",
]);

/**
 * Creates the guard of a link.
 *
 * @param format Name of the format of the datagrams
 * @param signals Signals of the receiving node; default: VILLASnode's own, up to 64 floats, which only the formats care
 * about whose reader is strict
 * @returns The guard; undefined where everything may be sent
 */
export function createGuard(format: string, signals: LinkSignals["out"]): Guard | undefined {
  if (signals === "any") return undefined;
  if (signals === undefined && !strictFormats.has(format)) return undefined;
  const isDefault = signals === undefined;
  const find = isDefault ? findDefaultMismatch : (values: readonly Value[]) => findMismatch(values, signals, true);
  return (samples) => {
    for (let index = 0; index < samples.length; index++) {
      const values = samples[index]?.values ?? [];
      const mismatch = find(values);
      if (mismatch !== undefined) {
        throw new UnfitSampleError(format, mismatch, index, describeFitting(values), isDefault);
      }
    }
  };
}

/**
 * Finds what is wrong with values for a VILLASnode without `in.signals`.
 *
 * @param values Values of a sample; one that is not set is left to the format
 * @returns What is wrong, as the end of a sentence, or undefined
 */
export function findDefaultMismatch(values: readonly Value[]): string | undefined {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "number" || value === null) continue;
    return `value ${index} is of type ${typeOfValue(value ?? null)}`;
  }
  return values.length > defaultSignalCount ? `it has ${values.length} values` : undefined;
}

/** Writes the signals that values fit; one that is not set fits any, and counts as a float. */
export function describeFitting(values: readonly Value[]): string {
  return formatSignals(values.map((value) => {
    const type = typeOfValue(value);
    return { type: type === "invalid" ? "float" : type };
  }));
}
