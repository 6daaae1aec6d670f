/**
 * Detection of binary formats: those that identify themselves, and the possible layouts of bare numbers.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../../samples/sample.ts";
import type { FormatMatch } from "./text.ts";
import { DecodeError } from "../errors.ts";
import { opalAsyncip } from "../opal_asyncip.ts";
import { protobuf } from "../protobuf.ts";
import { raw, type RawOptions } from "../raw.ts";
import { villasBinary } from "../villas_binary.ts";
import { villasWeb } from "../villas_web.ts";

/** A possible format of datagrams that do not tell it. */
export interface FormatCandidate {
  /** The format, as an argument of `createFormat`. */
  specification: { type: string; [option: string]: unknown };
  /** The start of the decoded sample in words, such as `"2 values: 1.5, 2.5"`. */
  preview: string;
}

const selfDescribing = [protobuf(), villasBinary(), villasWeb(), opalAsyncip()];

/** Finds all formats that a datagram is a complete and plausible example of. */
export function findBinaryMatches(datagram: Uint8Array): FormatMatch[] {
  const matches: FormatMatch[] = [];
  for (const { name, decode } of selfDescribing) {
    const samples = tryDecode(decode, datagram);
    const reason = samples === undefined ? undefined : explain(name, samples, datagram);
    if (reason !== undefined) matches.push({ format: name, reason });
  }
  if (matches.length < 2) return matches;
  // Few messages are the same in both byte orders; their times are not.
  const inTime = matches.filter(({ format }) => hasLikelyTime(format, datagram));
  return inTime.length === 1 ? inTime : matches;
}

/** Decodes a datagram; undefined if it does not conform to the format. */
export function tryDecode(decode: (datagram: Uint8Array) => Sample[], datagram: Uint8Array): Sample[] | undefined {
  try {
    return decode(datagram);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Returns the reason why the decoded samples are not a coincidence; undefined if they may be one. */
function explain(format: string, samples: readonly Sample[], datagram: Uint8Array): string | undefined {
  const [first] = samples;
  if (first === undefined) return undefined;
  const counts = samples.length === 1 ? countValues(first) : `the values of ${samples.length} messages`;
  switch (format) {
    case "protobuf": {
      if (datagram[0] !== 0x0a || samples.some((sample) => !saysAnything(sample))) return undefined;
      const holds = samples.length === 1 ? `a sample of ${counts}` : `${samples.length} samples`;
      return `it starts with 0x0a and its fields are those of ${holds}`;
    }
    case "opal.asyncip": {
      const length = samples.reduce((sum, { values }) => sum + 8 + 8 * values.length, 0);
      const values = samples.flatMap((sample) => sample.values);
      if (length !== datagram.length || likelihood(values, 1e30) < 0.75) return undefined;
      return `its length field at offset 6 matches ${counts}, all of plausible magnitude`;
    }
    default: {
      const start = (datagram[0] ?? 0).toString(16).padStart(2, "0");
      const order = format === "villas.web" ? "little" : "big";
      return `it starts with 0x${start} and its length field, read as ${order} endian, matches ${counts}`;
    }
  }
}

function countValues({ values: { length } }: Sample): string {
  return length === 1 ? "1 value" : `${length} values`;
}

function saysAnything({ values, sequence, tsOrigin, type }: Sample): boolean {
  return values.length > 0 || sequence !== undefined || tsOrigin !== undefined || type !== undefined;
}

/**
 * Seconds since 1970 of the years 2010 and 2038. Most times that are sent lie between them, but the bits of a float32
 * do so only if it is above 12 million.
 */
const earliestSecond = 1_262_304_000;
const latestSecond = 2 ** 31;

function hasLikelyTime(format: string, datagram: Uint8Array): boolean {
  const decode = selfDescribing.find(({ name }) => name === format)?.decode;
  const samples = decode === undefined ? undefined : tryDecode(decode, datagram);
  return samples?.every(isInTime) ?? false;
}

/** Tells whether a sample has an origin timestamp of the years that are usual. */
export function isInTime({ tsOrigin }: Sample): boolean {
  return tsOrigin !== undefined && tsOrigin.sec >= earliestSecond && tsOrigin.sec < latestSecond;
}

/** Returns the share of values with the magnitude of something measured or computed, which coincidences rarely have. */
function likelihood(values: readonly Value[], largest: number): number {
  let likely = 0;
  for (const value of values) {
    const size = Math.abs(Number(isComplex(value) ? value.real : value));
    if (size === 0 || !Number.isFinite(size) || (size > 1 / largest && size < largest)) likely++;
  }
  return values.length === 0 ? 0 : likely / values.length;
}

const wordLayouts: readonly { bits: 32 | 64; endianess: "little" | "big" }[] = [
  { bits: 32, endianess: "little" },
  { bits: 32, endianess: "big" },
  { bits: 64, endianess: "little" },
  { bits: 64, endianess: "big" },
];

/** Finds the layouts in which datagrams can be read as bare words, the likeliest first. */
export function findWordCandidates(datagrams: readonly Uint8Array[]): FormatCandidate[] {
  const found: { candidate: FormatCandidate; rank: number }[] = [];
  for (const layout of wordLayouts) {
    for (const fake of [true, false]) {
      const read = readWords(datagrams, { ...layout, fake });
      if (read === undefined || (fake && !read.every(isInTime))) continue;
      // A quarter of all float32 is between 1e-9 and 1e9, and a thirtieth of all float64.
      const rank = likelihood(read.flatMap(({ values }) => values), 1e9) + (fake ? 1 : 0);
      const preview = describeSample(read[0]);
      const isGtnet = layout.bits === 32 && layout.endianess === "big";
      const header = fake ? { fake } : {};
      found.push({ candidate: { specification: { type: "raw", ...layout, ...header }, preview }, rank });
      if (isGtnet) found.push({ candidate: { specification: { type: "gtnet", ...header }, preview }, rank });
    }
  }
  // The sort is stable: equally likely layouts stay in the order of the list.
  return found.sort((a, b) => b.rank - a.rank).map(({ candidate }) => candidate);
}

function readWords(datagrams: readonly Uint8Array[], options: RawOptions): Sample[] | undefined {
  const { decode } = raw(options);
  const samples: Sample[] = [];
  for (const datagram of datagrams) {
    const read = tryDecode(decode, datagram);
    if (read === undefined) return undefined;
    samples.push(...read);
  }
  return samples;
}

const shown = 4;

/** Describes the start of a sample in words. */
export function describeSample(sample: Sample | undefined): string {
  if (sample === undefined) return "no values";
  const { values, sequence } = sample;
  const list = values.slice(0, shown).map(shorten).join(", ");
  const header = sequence === undefined ? "" : `sequence number ${sequence}, `;
  return `${header}${countValues(sample)}: ${list}${values.length > shown ? ", ..." : ""}`;
}

/** Formats a value with as many digits as a float32 has. */
function shorten(value: Value): string {
  return String(typeof value === "number" ? Number(value.toPrecision(7)) : value);
}
