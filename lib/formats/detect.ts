/**
 * Detection of the format of the first datagrams.
 *
 * @module
 */

import { findBinaryMatches, findWordCandidates, type FormatCandidate } from "./detect/binary.ts";
import { findTextMatch, type FormatMatch, textOf } from "./detect/text.ts";

export type { FormatCandidate };

/** The result of {@linkcode detectFormat}. */
export interface Detection {
  /** VILLASnode's name of the format; missing if the bytes do not tell it. */
  format?: string;
  /** Options that the format needs to decode them, such as `{ separator: ";" }`; missing if it needs none. */
  options?: Record<string, unknown>;
  /** The reason why it is this format, or none, as a clause. */
  reason: string;
  /** The possible formats if the bytes do not tell it, the likeliest first; only a person knows which one it is. */
  candidates: FormatCandidate[];
}

/** Most datagrams that are examined: more evidence is not needed, and costs time. */
const maximumDatagrams = 8;

/**
 * Detects the format of the first datagrams.
 *
 * Formats that identify themselves (`protobuf`, `villas.binary`, `villas.web`, `opal.asyncip`) are recognised by their
 * headers, lengths and fields, which must account for every byte; text formats (`json` and its relatives,
 * `villas.human`, `csv` with any separator, `tsv`, `value`, `iotagent_ul`, `influx`) by their look; rows of bare numbers match
 * none of them. More than half of the datagrams must match the format, and fewer any other: a broken one among them
 * does no harm. `raw` and `gtnet` are bare numbers, which look the same in every layout: they are never guessed, but
 * returned as candidates.
 *
 * @param datagrams The datagrams as they came; the first 8 that are not empty count
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
  if (given.length === 0) return { reason: "there is no datagram that is not empty", candidates: [] };
  const found = new Map<string, { match: FormatMatch; count: number }>();
  for (const match of given.flatMap(findMatches)) {
    const key = JSON.stringify([match.format, match.options]);
    const entry = found.get(key) ?? { match, count: 0 };
    entry.count++;
    found.set(key, entry);
  }
  const [best, second] = [...found.values()].sort((a, b) => b.count - a.count);
  if (best === undefined) return undecided(given);
  const { count, match: { reason, ...likely } } = best;
  if (second?.count === count) {
    const candidates = [best, second].map(({ match }) => candidateOf(match));
    return { reason: `the datagrams match ${likely.format} and ${second.match.format} equally well`, candidates };
  }
  if (2 * count <= given.length) {
    return {
      reason: `only ${count} of ${given.length} datagrams match ${likely.format}`,
      candidates: [candidateOf(best.match)],
    };
  }
  const share = count === given.length ? "" : `${count} of ${given.length} datagrams match: `;
  return { ...likely, reason: `${share}${reason}`, candidates: [] };
}

function candidateOf({ format, options, reason }: FormatMatch): FormatCandidate {
  return { specification: { type: format, ...options }, preview: reason };
}

function findMatches(datagram: Uint8Array): FormatMatch[] {
  const text = textOf(datagram);
  const match = text === undefined ? undefined : findTextMatch(text);
  return match === undefined ? findBinaryMatches(datagram) : [match, ...findBinaryMatches(datagram)];
}

function undecided(datagrams: readonly Uint8Array[]): Detection {
  const texts = datagrams.map(textOf);
  const [first] = texts;
  if (first !== undefined && !texts.includes(undefined)) {
    const start = JSON.stringify(first.slice(0, 20));
    return { reason: `it is text that matches no format of VILLASnode: it starts with ${start}`, candidates: [] };
  }
  const candidates = findWordCandidates(datagrams);
  const reason = candidates.length === 0
    ? "it matches no format that identifies itself, and its length is not a multiple of 4 bytes"
    : "it matches no format that identifies itself, and bare numbers look the same in every width and byte order";
  return { reason, candidates };
}
