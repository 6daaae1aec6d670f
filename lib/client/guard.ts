/**
 * The guard: the one check between samples and datagrams that keeps a client from sending what its VILLASnode would not
 * survive.
 *
 * @module
 */

import { parseSpecification } from "../formats/specification.ts";
import { EncodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { FormatSpecification } from "../formats/table.ts";
import { maximumUint32 } from "../formats/check.ts";
import { isComplex, type OutgoingSample, type Value } from "../samples/sample.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { defaultSignalCount, formatSignals, type Signal } from "../samples/signals.ts";
import { findMismatch, typeOfValue } from "../samples/value_types.ts";

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
  /** The mismatch, without the rule that it breaks. */
  readonly mismatch: string;
  /** Signals, in VILLASnode's short notation, that the sample would fit. */
  readonly fittingSignals: string;
  /** True if the node's signals were not given, so that VILLASnode's default was assumed. */
  readonly isDefault: boolean;

  /**
   * Creates the error.
   *
   * @param format Name of the format
   * @param mismatch The mismatch, as the end of a sentence
   * @param index Index of the sample in its datagram, from 0
   * @param fittingSignals Signals that the sample would fit
   * @param isDefault True if VILLASnode's default signals were assumed
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
   * @param index Index of the sample, from 0
   * @returns The error
   */
  override withIndex(index: number): UnfitSampleError {
    return new UnfitSampleError(this.format, this.mismatch, index, this.fittingSignals, this.isDefault);
  }
}

/** Checks the samples of a datagram; throws {@linkcode UnfitSampleError} for the first that does not fit. */
export type Guard = (samples: readonly OutgoingSample[]) => void;

const zeroNumber = "it drops all samples but the first where all have the number 0";

/** Options with which VILLASnode writes datagrams that its own reader does not take, and the reasons. */
const unreadableOptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  json: { data: "every sample needs its data" },
  "villas.binary": { sequence: zeroNumber },
  "villas.web": { sequence: zeroNumber },
  "opal.asyncip": { sequence: zeroNumber },
  csv: columnOptions("csv"),
  tsv: columnOptions("tsv"),
};

function columnOptions(name: string): Record<string, string> {
  const why = `its ${name} reader expects secs, nsecs, offset and sequence in front of the values`;
  return { ts_origin: why, offset: why, sequence: why, data: why };
}

/** Formats whose datagrams no VILLASnode reads: what one takes by default does not matter to their receivers. */
const otherReceivers: readonly string[] = ["influx"];

/**
 * Creates the guard of a link.
 *
 * @param specification The format of the datagrams; of one that is an object of methods, only the name is known
 * @param signals Signals of the receiving node; default: VILLASnode's own, up to 64 floats; for formats that only other
 * programs read, whatever comes
 * @returns The guard; undefined where everything may be sent
 */
export function createGuard(
  specification: FormatSpecification | Format,
  signals: LinkSignals["out"],
): Guard | undefined {
  if (signals === "any") return undefined;
  const format = nameOf(specification);
  if (signals === undefined && otherReceivers.includes(format)) return undefined;
  const checkLayout = createEchoGuard(specification);
  const isDefault = signals === undefined;
  const find = isDefault
    ? findDefaultMismatch
    : (values: OutgoingSample["values"]) => findMismatch(values as readonly Value[], signals, true);
  return (samples) => {
    for (let index = 0; index < samples.length; index++) {
      const values = samples[index]?.values ?? [];
      const mismatch = find(values);
      if (mismatch !== undefined) {
        throw new UnfitSampleError(format, mismatch, index, describeFitting(values), isDefault);
      }
    }
    checkLayout?.(samples);
  };
}

/**
 * Creates the guard of samples that go back as they came: the receiver takes their types, but its reader of the format may
 * read something else than what is written, because of the format's options or of what its layout cannot hold.
 *
 * @param specification The format of the datagrams
 * @returns The guard; undefined where the node reads all that is written
 */
export function createEchoGuard(specification: FormatSpecification | Format): Guard | undefined {
  const format = nameOf(specification);
  const option = findUnreadableOption(specification);
  const findMisread = misreadSamples[format];
  if (option === undefined && findMisread === undefined) return undefined;
  return (samples) => {
    for (let index = 0; index < samples.length; index++) {
      const sample = samples[index];
      const why = option ?? (sample && findMisread?.(sample));
      if (why !== undefined) throw new EncodeError(format, why, index);
    }
  };
}

function findUnreadableOption(specification: FormatSpecification | Format): string | undefined {
  if (typeof specification === "object" && "decode" in specification) return undefined;
  const { type, ...options } = parseSpecification(specification as FormatSpecification);
  const rules = options.fake === true ? { sequence: zeroNumber } : unreadableOptions[type] ?? {};
  const [name, why] = Object.entries(rules).find(([name]) => options[name] === false) ?? [];
  return name === undefined ? undefined : `a VILLASnode would misread it with "${name}": false, because ${why}`;
}

/** Checks for samples that VILLASnode reads as something else than they are, by format; they return the reason. */
const misreadSamples: Readonly<Record<string, (sample: OutgoingSample) => string | undefined>> = {
  csv: findLost,
  tsv: findLost,
  "villas.human": ({ tsOrigin }) =>
    tsOrigin !== undefined && tsOrigin.sec > maximumUint32
      ? `VILLASnode cuts its origin timestamp of ${tsOrigin.sec} s to 32 bits`
      : undefined,
  "villas.binary": findUnsigned,
  "villas.web": findUnsigned,
  "opal.asyncip": findRounded,
  iotagent_ul: () => "VILLASnode writes this format, but cannot read it",
};

function findLost({ values }: OutgoingSample): string | undefined {
  return values.length === 0
    ? "it has no values, without which VILLASnode does not read its sequence number"
    : undefined;
}

function findUnsigned({ values }: OutgoingSample): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "bigint" && value < 0n) {
      return `value ${i} is ${value}, and VILLASnode reads integers of this format as 0 to 4294967295`;
    }
  }
  return undefined;
}

function findRounded({ values }: OutgoingSample): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (isComplex(value)) return `value ${i} is complex, and the format would lose its imaginary part`;
    if (typeof value === "bigint" && BigInt(Number(value)) !== value) {
      return `value ${i} is ${value}, which the format would round`;
    }
  }
  return undefined;
}

function nameOf(specification: FormatSpecification | Format): string {
  if (typeof specification === "object" && "decode" in specification) return String(specification.name);
  return parseSpecification(specification as FormatSpecification).type;
}

/**
 * Finds the first mismatch of values and a VILLASnode without `in.signals`.
 *
 * @param values Values of a sample; one that is not set is left to the format
 * @returns The mismatch, as the end of a sentence, or undefined
 */
export function findDefaultMismatch(values: OutgoingSample["values"]): string | undefined {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "number" || value === null) continue;
    return `value ${index} is of type ${typeOfValue(value ?? null)}`;
  }
  return values.length > defaultSignalCount ? `it has ${values.length} values` : undefined;
}

/** Formats the signals that values fit; a value that is not set fits any, and counts as a float. */
export function describeFitting(values: OutgoingSample["values"]): string {
  return formatSignals(Array.from<Value, Signal>(values, (value) => {
    const type = typeOfValue(value);
    return { type: type === "invalid" ? "float" : type };
  }));
}
