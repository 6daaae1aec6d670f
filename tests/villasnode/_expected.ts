/**
 * Compares the samples that a node has read with those that were to be sent: what a format cannot hold must be refused,
 * not sent as something else.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "@villas/client";
import type { NodeSample, NodeSettings, NodeValue } from "./node_model.ts";
import type { FormatChoice } from "./_settings.ts";

/** What is to be compared. */
export interface Expectation {
  /** Samples in the order in which they are to be sent; some may be left out. */
  readonly samples: readonly Sample[];
  /** Whether sequence numbers are those of the samples. */
  readonly keepsSequence: boolean;
  /** Whether timestamps are those of the samples. */
  readonly keepsTime: boolean;
}

const typelessFormats = ["raw", "gtnet", "villas.binary", "villas.web", "opal.asyncip"];
const millisecondFormats = ["json.kafka", "json.edgeflex", "json.reserve"];
const textFormats = ["csv", "tsv", "villas.human", "value"];

/** Compares the next sample; what is wrong with it, or undefined. */
export type Comparison = (sample: NodeSample) => string | undefined;

/** Compares samples with those that were to be sent, one after another; some may be left out, none altered. */
export function createComparison(
  format: FormatChoice,
  signals: NodeSettings["signals"],
  { samples, keepsSequence, keepsTime }: Expectation,
): Comparison {
  const { type, specification: { bits = 32, real_precision, data, ts_origin, sequence, offset } } = format;
  const isNarrow = type.startsWith("villas.") && type !== "villas.human" ||
    (type === "raw" || type === "gtnet") && Number(bits) < 64;
  const hasNumbers = keepsSequence && sequence !== false && offset !== false;
  const hasValues = data !== false && real_precision === undefined &&
    !(signals === "any" && typelessFormats.includes(type));
  const tolerance = textFormats.includes(type) ? 1e-17 : 0;
  let next = 0;

  function isLike(expected: Sample, found: NodeSample): boolean {
    if (hasNumbers && found.sequence !== undefined && !isSameNumber(expected.sequence, found.sequence)) return false;
    if (keepsTime && ts_origin !== false && !isSameTime(expected, found)) return false;
    return !hasValues || expected.values.length === found.values.length &&
        expected.values.every((value, index) => isSameValue(value, found.values[index] as NodeValue));
  }

  function isSameNumber(expected: bigint | undefined, found: bigint): boolean {
    // Some formats carry the low 32 bits, or write 0 for want of a number: the model sees to it what the node makes of it.
    return expected === undefined || BigInt.asUintN(32, expected) === BigInt.asUintN(32, found);
  }

  function isSameTime({ tsOrigin }: Sample, { time }: NodeSample): boolean {
    if (tsOrigin === undefined || time === undefined) return true;
    if (time.sec !== BigInt(tsOrigin.sec)) return false;
    const nsec = BigInt(tsOrigin.nsec);
    return millisecondFormats.includes(type) ? time.nsec / 1_000_000n === nsec / 1_000_000n : time.nsec === nsec;
  }

  function isSameValue(expected: Value, found: NodeValue): boolean {
    if (typeof found === "object") {
      // In text, a real number may stand for a complex one.
      const { real, imag } = isComplex(expected) ? expected : { real: Number(expected), imag: 0 };
      return isNear(Math.fround(real), found.real) && isNear(Math.fround(imag), found.imag);
    }
    if (isComplex(expected)) return false;
    // In text, every number but 0 is true.
    if (typeof found === "boolean") return (Number(expected) !== 0) === found;
    if (typeof found === "bigint") {
      return typeof expected === "bigint" ? expected === found : Number(expected) === Number(found);
    }
    return isNear(
      isNarrow && typeof found === "number" ? Math.fround(Number(expected)) : Number(expected),
      Number(found),
    );
  }

  function isNear(expected: number, found: number): boolean {
    return Object.is(expected, found) || expected === found || Math.abs(expected - found) <= tolerance;
  }

  return (found) => {
    const index = samples.findIndex((expected, index) => index >= next && isLike(expected, found));
    if (index < 0) return `it was not to be sent like this: ${describe(found)}`;
    next = index + 1;
    return undefined;
  };
}

/** Writes a sample for a message. */
export function describe(sample: NodeSample | Sample): string {
  return Deno.inspect(sample, { compact: true, breakLength: Infinity, depth: 4, iterableLimit: 12 });
}

/** Compares samples that come back with those that were sent, in the same notation: some may be left out, none altered. */
export function createEchoComparison(sent: readonly NodeSample[]): Comparison {
  const texts = sent.map(describe);
  let next = 0;
  return (sample) => {
    const index = texts.indexOf(describe(sample), next);
    if (index < 0) return `it did not come like this: ${describe(sample)}, but ${texts[next] ?? "not at all"}`;
    next = index + 1;
    return undefined;
  };
}
