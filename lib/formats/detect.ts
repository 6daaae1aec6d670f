/**
 * Tells from the first datagrams which format they are of.
 *
 * @module
 */

import { findBinaryShapes, findWordCandidates, type FormatCandidate } from "./detect/binary.ts";
import { findTextShape, type Shape, textOf } from "./detect/text.ts";

export type { FormatCandidate };

/** The result of {@linkcode detectFormat}. */
export interface Detection {
  /** VILLASnode's name of the format; missing where the bytes do not tell it. */
  format?: string;
  /** Options that the format needs to read them, such as `{ separator: ";" }`; missing where there are none. */
  options?: Record<string, unknown>;
  /** Why it is this one, or why none, in words. */
  reason: string;
  /** Where the bytes do not tell: what they may be, the likeliest first. Which one it is, only a person knows. */
  candidates: FormatCandidate[];
}

/** More evidence than this many datagrams give is not needed, and costs time. */
const maximumDatagrams = 8;

/**
 * Tells from the first datagrams which format they are of.
 *
 * Formats that say what they are (`protobuf`, `villas.binary`, `villas.web`, `opal.asyncip`) are recognised by their
 * headers, lengths and fields, which must account for every byte; text formats (`json` and its relatives,
 * `villas.human`, `csv` with any separator, `tsv`, `value`, `iotagent_ul`) by their shape; rows of bare numbers are none of
 * them. More than half of the datagrams must be of the
 * format, and fewer of every other: a broken one among them does no harm. `raw` and `gtnet` are bare numbers, which
 * look the same whatever they are: these are never guessed, but returned as candidates.
 *
 * @param datagrams The datagrams as they came; the first 8 count, and empty ones do not
 * @returns The format and the reason, or the candidates; it never throws, whatever the bytes are
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { detectFormat, raw, villasBinary } from "@villas/client/formats";
 *
 * const samples = [{ sequence: 1n, values: [1.5, 2.5, 3.5] }];
 * assertEquals(detectFormat([villasBinary().encode(samples)]), {
 *   format: "villas.binary",
 *   reason: "it starts with 0x20 and its length field, read as big endian, matches 3 values",
 *   candidates: [],
 * });
 *
 * const { format, candidates } = detectFormat([raw().encode(samples)]);
 * assertEquals(format, undefined);
 * assertEquals(candidates[0], {
 *   specification: { type: "raw", bits: 32, endianess: "little" },
 *   preview: "3 values: 1.5, 2.5, 3.5",
 * });
 * ```
 */
export function detectFormat(datagrams: readonly Uint8Array[]): Detection {
  const given = datagrams.filter(({ length }) => length > 0).slice(0, maximumDatagrams);
  if (given.length === 0) return { reason: "there is no datagram with anything in it", candidates: [] };
  const found = new Map<string, { shape: Shape; count: number }>();
  for (const shape of given.flatMap(findShapes)) {
    const key = JSON.stringify([shape.format, shape.options]);
    const entry = found.get(key) ?? { shape, count: 0 };
    entry.count++;
    found.set(key, entry);
  }
  const [best, second] = [...found.values()].sort((a, b) => b.count - a.count);
  if (best === undefined) return undecided(given);
  const { count, shape: { reason, ...likely } } = best;
  if (second?.count === count) {
    const candidates = [best, second].map(({ shape }) => candidateOf(shape));
    return { reason: `the datagrams may as well be ${likely.format} as ${second.shape.format}`, candidates };
  }
  if (2 * count <= given.length) {
    return {
      reason:
        `only ${count} of ${given.length} datagrams look like ${likely.format}, and the others like something else`,
      candidates: [candidateOf(best.shape)],
    };
  }
  const share = count === given.length ? "" : `${count} of ${given.length} datagrams say so: `;
  return { ...likely, reason: `${share}${reason}`, candidates: [] };
}

function candidateOf({ format, options, reason }: Shape): FormatCandidate {
  return { specification: { type: format, ...options }, preview: reason };
}

function findShapes(datagram: Uint8Array): Shape[] {
  const text = textOf(datagram);
  const shape = text === undefined ? undefined : findTextShape(text);
  return shape === undefined ? findBinaryShapes(datagram) : [shape, ...findBinaryShapes(datagram)];
}

function undecided(datagrams: readonly Uint8Array[]): Detection {
  const texts = datagrams.map(textOf);
  const [first] = texts;
  if (first !== undefined && !texts.includes(undefined)) {
    const start = JSON.stringify(first.slice(0, 20));
    return { reason: `it is text of no shape that VILLASnode writes: it starts with ${start}`, candidates: [] };
  }
  const candidates = findWordCandidates(datagrams);
  const reason = candidates.length === 0
    ? "it is none of the formats that say what they are, and its length is no multiple of 4 bytes"
    : "it is none of the formats that say what they are, and bare numbers look the same in every width and byte order";
  return { reason, candidates };
}
