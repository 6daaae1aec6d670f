/**
 * Tells the binary formats apart that say what they are, and reads the others in every way there is.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../../samples/sample.ts";
import type { Shape } from "./text.ts";
import { DecodeError } from "../errors.ts";
import { opalAsyncip } from "../opal_asyncip.ts";
import { protobuf } from "../protobuf.ts";
import { raw, type RawOptions } from "../raw.ts";
import { villasBinary } from "../villas_binary.ts";
import { villasWeb } from "../villas_web.ts";

/** A format that a datagram may be of, where the bytes do not tell. */
export interface FormatCandidate {
  /** The format, as `createFormat` takes it. */
  specification: { type: string; [option: string]: unknown };
  /** What it would read, in words. */
  preview: string;
}

const selfDescribing = [protobuf(), villasBinary(), villasWeb(), opalAsyncip()];

/** All formats that a datagram is a complete and sensible example of. */
export function findBinaryShapes(datagram: Uint8Array): Shape[] {
  const shapes: Shape[] = [];
  for (const { name, decode } of selfDescribing) {
    const samples = tryDecode(decode, datagram);
    const reason = samples === undefined ? undefined : explain(name, samples, datagram);
    if (reason !== undefined) shapes.push({ format: name, reason });
  }
  if (shapes.length < 2) return shapes;
  // Few messages are the same in both byte orders; their times are not.
  const inTime = shapes.filter(({ format }) => hasLikelyTime(format, datagram));
  return inTime.length === 1 ? inTime : shapes;
}

/** The samples of a datagram, or nothing where it is not of the format. */
export function tryDecode(decode: (datagram: Uint8Array) => Sample[], datagram: Uint8Array): Sample[] | undefined {
  try {
    return decode(datagram);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Why the samples that a format read from a datagram are no accident, or nothing where they may be one. */
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
      return `its length field at offset 6 matches ${counts}, all of a sensible size`;
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
 * Seconds since 1970 of the years 2010 and 2038. Most times that are sent lie between them, and of the float32 only those
 * above 12 million.
 */
const earliestSecond = 1_262_304_000;
const latestSecond = 2 ** 31;

function hasLikelyTime(format: string, datagram: Uint8Array): boolean {
  const decode = selfDescribing.find(({ name }) => name === format)?.decode;
  const samples = decode === undefined ? undefined : tryDecode(decode, datagram);
  return samples?.every(isInTime) ?? false;
}

export function isInTime({ tsOrigin }: Sample): boolean {
  return tsOrigin !== undefined && tsOrigin.sec >= earliestSecond && tsOrigin.sec < latestSecond;
}

/** Which part of the values has the size of something that was measured or computed: most accidents have not. */
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

/** The ways to read datagrams as bare words, the likeliest first, each with what it reads in the first of them. */
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
  // A stable sort: what is equally likely stays in the order of the list.
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

/** The start of what a sample holds, in words. */
export function describeSample(sample: Sample | undefined): string {
  if (sample === undefined) return "no values";
  const { values, sequence } = sample;
  const list = values.slice(0, shown).map(shorten).join(", ");
  const header = sequence === undefined ? "" : `sequence number ${sequence}, `;
  return `${header}${countValues(sample)}: ${list}${values.length > shown ? ", ..." : ""}`;
}

/** A value with the digits that a float32 has. */
function shorten(value: Value): string {
  return String(typeof value === "number" ? Number(value.toPrecision(7)) : value);
}
