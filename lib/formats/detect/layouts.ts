/**
 * Detection of bare numbers that were decoded in the wrong layout.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { describeSample, type FormatCandidate, isInTime, tryDecode } from "./binary.ts";
import { type FormatSpecification, parseSpecification } from "../specification.ts";
import { raw } from "../raw.ts";
import { villasBinary } from "../villas_binary.ts";
import { villasWeb } from "../villas_web.ts";

/** Most datagrams that are examined: more evidence is not needed. */
const maximumDatagrams = 32;

/**
 * Limits of magnitude: measured or computed values usually lie between the first two, hardly any beyond the others; or
 * are 0.
 */
const smallestLikely = 1e-6;
const largestLikely = 1e9;
const smallestKnown = 1e-12;
const largestKnown = 1e15;

/** The share of implausible values that makes a reading suspicious. */
const implausibleShare = 0.25;

/** Evidence of a likely value, in bits: a fifth of all float32 are likely, and a fortieth of all float64. */
const valueEvidence = { 32: 2.3, 64: 5.3 };

/** Evidence needed if all signals are floats, if the words may be integers, and against a header. */
const neededForFloats = 4.5;
const neededForWords = 13;
const neededAgainstHeader = 6.5;

/** Limits of likely integers, and of the steps from one datagram to the next of those that count something. */
const largestLikelyInteger = 2 ** 24;
const largestStep = 256;
const largestStepOfLarge = 2 ** 16;

/** The largest likely sequence number: a larger one is rather an integer that counts something else. */
const largestSequence = 2n ** 26n;
/** Largest difference of the sequence numbers and seconds of two consecutive datagrams. */
const largestSequenceStep = 1_000_000n;
const largestTimeStep = 3600;

/** A layout of the words of a datagram. */
interface Layout {
  readonly type: "words" | "villas";
  readonly bits: 32 | 64;
  readonly endianess: "little" | "big";
  /** Whether a header comes first. */
  readonly fake: boolean;
}

/**
 * Finds the layout that bare numbers were probably sent in, if they were decoded in another: if the values look like no
 * measurements, being tiny and huge at random, while the other byte order, words of the other width, or the presence or
 * absence of a header give likely ones.
 *
 * It supports `raw` and `gtnet` with words of 32 and 64 bits, `villas.binary` and `villas.web`. It prefers no answer to
 * a wrong one: zeros and values from 1e-12 to 1e15 are never implausible; the other layout must give nothing but zeros
 * and values from 1e-6 to 1e9, and so many different ones that it is not a coincidence. If the types of the signals are
 * not known, the words may be integers, which as floats are tiny or huge in every layout: then it needs more values, or
 * short ones such as 1.5 and 230.
 *
 * @param datagrams The datagrams as they came; the first 32 that are not empty count
 * @param specification The format that they were decoded with
 * @param signals The signals, if they are known: only floats and complex values are examined
 * @returns The likely layout, as an argument of `createFormat`, and a preview of the first datagram; undefined if
 * nothing is implausible or no other layout is likely
 * @throws {SyntaxError} If text that begins like a JSON object is not one
 * @throws {TypeError} If the specification is an object without a name
 *
 * @see VILLASnode's `lib/formats/raw.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findPlausibleLayout, gtnet } from "@villas/client/formats";
 *
 * const datagrams = [gtnet().encode([{ values: [1.5, 2.5] }])];
 * assertEquals(findPlausibleLayout(datagrams, "raw"), {
 *   specification: { type: "gtnet" },
 *   preview: "2 values: 1.5, 2.5",
 * });
 * assertEquals(findPlausibleLayout(datagrams, "gtnet"), undefined);
 * ```
 */
export function findPlausibleLayout(
  datagrams: readonly Uint8Array[],
  specification: FormatSpecification,
  signals?: readonly Signal[],
): FormatCandidate | undefined {
  const given = datagrams.filter(({ length }) => length > 0).slice(0, maximumDatagrams);
  const layout = layoutOf(specification);
  if (layout === undefined || given.length === 0) return undefined;
  const isFloat = signals?.flatMap(({ type }) => type === "complex" ? [true, true] : [type === "float"]);
  const suspicion = findSuspicion(read(given, layout), layout, isFloat);
  if (suspicion === undefined) return undefined;
  let best: { layout: Layout; samples: readonly Sample[]; rank: number } | undefined;
  for (const other of otherLayouts(layout)) {
    const { samples, unread } = read(given, other);
    if (unread > 0 || !isLikely(samples, other, layout, suspicion, isFloat)) continue;
    // The likeliest layout has a value for each signal, then the fewest zeros, because words of half the width are
    // often 0, and then the fewest differences.
    const isFull = isFloat !== undefined && samples.every(({ values }) => values.length === isFloat.length);
    const rank = 100 * Number(isFull) + 10 * shareOfNonzero(samples) - countDifferences(layout, other);
    if (best === undefined || rank > best.rank) best = { layout: other, samples, rank };
  }
  return best && { specification: specificationOf(best.layout), preview: describeSample(best.samples[0]) };
}

function layoutOf(specification: FormatSpecification): Layout | undefined {
  const { type, bits = 32, endianess, fake = false } = parseSpecification(specification);
  switch (type) {
    case "villas.binary":
      return { type: "villas", bits: 32, endianess: "big", fake: true };
    case "villas.web":
      return { type: "villas", bits: 32, endianess: "little", fake: true };
    case "raw":
    case "gtnet": {
      if (bits !== 32 && bits !== 64) return undefined;
      const isLittle = (endianess ?? (type === "raw" ? "little" : "big")) === "little";
      return { type: "words", bits, endianess: isLittle ? "little" : "big", fake: fake === true };
    }
  }
  return undefined;
}

function specificationOf({ type, bits, endianess, fake }: Layout): FormatCandidate["specification"] {
  const isLittle = endianess === "little";
  if (type === "villas") return { type: isLittle ? "villas.web" : "villas.binary" };
  const header = fake ? { fake } : {};
  if (bits === 32) return { type: isLittle ? "raw" : "gtnet", ...header };
  return { type: "raw", bits, ...isLittle ? {} : { endianess }, ...header };
}

function otherLayouts(layout: Layout): Layout[] {
  const orders = ["little", "big"] as const;
  const all: Layout[] = layout.type === "villas"
    ? orders.map((endianess) => ({ ...layout, endianess }))
    : orders.flatMap((endianess) =>
      ([32, 64] as const).flatMap((bits) => [false, true].map((fake) => ({ type: "words", bits, endianess, fake })))
    );
  return all.filter((other) => countDifferences(layout, other) > 0);
}

function countDifferences(a: Layout, b: Layout): number {
  return Number(a.bits !== b.bits) + Number(a.endianess !== b.endianess) + Number(a.fake !== b.fake);
}

/** The samples of the datagrams that can be decoded, all values as floats, and the number of those that cannot. */
interface Reading {
  readonly samples: readonly Sample[];
  readonly unread: number;
}

function read(datagrams: readonly Uint8Array[], { type, ...options }: Layout): Reading {
  const format = type === "words" ? raw(options) : options.endianess === "little" ? villasWeb() : villasBinary();
  const read = datagrams.map((datagram) => tryDecode(format.decode, datagram));
  return { samples: read.flatMap((samples) => samples ?? []), unread: read.filter((samples) => !samples).length };
}

/** Lists the floats of samples; without the types of the signals, all values. */
function floatsOf(samples: readonly Sample[], isFloat: readonly boolean[] | undefined): number[] {
  return samples.flatMap(({ values }) => values.filter((_, index) => isFloat?.[index] ?? true) as number[]);
}

/** The reason why a reading is suspicious. */
type Suspicion = "few values" | "values" | "denormal floats" | "header" | "length";

function findSuspicion(
  { samples, unread }: Reading,
  { bits, fake }: Layout,
  isFloat: readonly boolean[] | undefined,
): Suspicion | undefined {
  if (unread > samples.length) return fake ? "header" : "length";
  const isEmpty = samples.every(({ sequence, tsOrigin }) => sequence === 0n && tsOrigin?.sec === 0);
  if (fake && !isEmpty && !areConsecutive(samples)) return "header";
  const floats = new Set(floatsOf(samples, isFloat).filter((value) => value !== 0 && Number.isFinite(value)));
  const implausible = [...floats].filter((value) => Math.abs(value) < smallestKnown || Math.abs(value) > largestKnown);
  const smallestNormal = bits === 32 ? 2 ** -126 : 2 ** -1022;
  if (implausible.length === 0) return undefined;
  if (implausible.length === floats.size && implausible.every((value) => Math.abs(value) < smallestNormal)) {
    return "denormal floats";
  }
  return implausible.length >= implausibleShare * floats.size ? "values" : "few values";
}

/** Tells whether samples have increasing sequence numbers, and times that increase with them. */
function areConsecutive(samples: readonly Sample[]): boolean {
  return samples.every(({ sequence = 0n, tsOrigin: { sec } = { sec: 0 } }, index) => {
    const { sequence: last, tsOrigin: { sec: lastSec } = { sec: 0 } } = samples[index - 1] ?? {};
    if (last === undefined) return true;
    return sequence > last && sequence - last <= largestSequenceStep && sec >= lastSec &&
      sec - lastSec <= largestTimeStep;
  });
}

/** Tells whether another layout gives likely values only, and that is not a coincidence. */
function isLikely(
  samples: readonly Sample[],
  layout: Layout,
  { bits, endianess, fake }: Layout,
  suspicion: Suspicion,
  isFloat: readonly boolean[] | undefined,
): boolean {
  if (isFloat !== undefined && samples.some(({ values }) => values.length > isFloat.length)) return false;
  const floats = floatsOf(samples, isFloat);
  if (!floats.every(isLikelyValue)) return false;
  if (layout.fake) {
    if (floats.length === 0 || !samples.every(isInTime)) return false;
    if (layout.type === "villas") return true; // its version and its length match
    const areSequences = samples.every(({ sequence = 0n }) => sequence < largestSequence);
    return samples.length > 1 && areSequences && areConsecutive(samples);
  }
  // A few implausible values among others are those of a header.
  if (suspicion === "few values") return false;
  const distinct = new Set(floats.filter((value) => value !== 0));
  const evidence = distinct.size * valueEvidence[layout.bits];
  if (isFloat !== undefined) {
    return evidence >= neededForFloats || suspicion === "denormal floats" && distinct.size > 0;
  }
  if (layout.endianess !== endianess) {
    const columns = integersOf(samples, layout.bits, true);
    if (columns.some(doCount)) return false;
    return columns.every(areSmall) ? areShort(distinct, columns.flat()) : evidence >= neededForWords;
  }
  if (layout.bits < bits && isHalfEmpty(samples)) return false;
  if (layout.bits > bits && integersOf(samples, layout.bits, false).every(doCount)) return false;
  return evidence >= (fake ? neededAgainstHeader : neededForWords);
}

function isLikelyValue(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || magnitude >= smallestLikely && magnitude <= largestLikely;
}

/** Lists the 32-bit integers that the values are in the same or the other byte order, by their position in the datagram. */
function integersOf(samples: readonly Sample[], bits: 32 | 64, isSwapped: boolean): number[][] {
  const view = new DataView(new ArrayBuffer(8));
  const columns: number[][] = [];
  for (const { values } of samples) {
    for (const [index, value] of (values as number[]).entries()) {
      if (bits === 32) view.setFloat32(0, value);
      else view.setFloat64(0, value);
      for (let part = 0; part < bits / 32; part++) {
        const column = columns[index * bits / 32 + part] ??= [];
        column.push(view.getInt32(4 * part, isSwapped));
      }
    }
  }
  return columns;
}

function areSmall(integers: readonly number[]): boolean {
  return integers.every((integer) => Math.abs(integer) < largestLikelyInteger);
}

/** Tells whether integers change little from one datagram to the next. */
function doCount(integers: readonly number[]): boolean {
  const steps = integers.slice(1).map((integer, index) => Math.abs(integer - (integers[index] ?? 0)));
  const limit = areSmall(integers) ? largestStep : largestStepOfLarge;
  return steps.some((step) => step > 0) && steps.every((step) => step < limit);
}

/** Tells whether every other value is 0, as if integers were in words of twice the width. */
function isHalfEmpty(samples: readonly Sample[]): boolean {
  return [0, 1].some((half) =>
    samples.every(({ values }) => values.every((value, i) => i % 2 !== half || value === 0))
  );
}

/**
 * Tells whether different values have at most three digits, as people write them, and a usual magnitude. An integer of
 * the other byte order may look like that by coincidence, but not many of them, and hardly one with a fraction. Most
 * such values are above 4096 as an integer, the powers of 2 below 256.
 */
function areShort(values: ReadonlySet<number>, integers: readonly number[]): boolean {
  const all = [...values];
  const hasFraction = all.some((value) => !Number.isInteger(value));
  if (all.length < (hasFraction ? 2 : 3)) return false;
  const sizes = [...new Set(integers)].map(Math.abs).filter((size) => size > 0);
  const largeCount = sizes.filter((size) => size >= 4096).length;
  return 2 * largeCount > sizes.length && sizes.every((size) => size < 256 || size >= 4096) &&
    all.every((value) => Number(value.toPrecision(3)) === value && Math.abs(value) >= 1e-3 && Math.abs(value) <= 1e6);
}

function shareOfNonzero(samples: readonly Sample[]): number {
  const values = samples.flatMap(({ values }) => values);
  return values.filter((value) => value !== 0).length / Math.max(1, values.length);
}
