/**
 * Comparing digests of frames: did both ends see the same data, and where did they first not.
 *
 * @module
 */

import type { DigestMark, FrameDigest } from "./digest.ts";

/** Result of comparing digests. */
export interface DigestComparison {
  /** Number of frames with the same digest. */
  readonly equal: number;
  /** Number of frames that both have, with different digests. */
  readonly different: number;
  /** Number of frames that only the first one has, and only the second one. */
  readonly only: readonly [number, number];
  /** The first difference: the frame as each one has it; undefined where all frames are equal. */
  readonly first: readonly [FrameDigest | undefined, FrameDigest | undefined] | undefined;
}

/**
 * Compares the digests of two ends. Frames belong together where they begin with the same sample; others are in one of the
 * two only.
 *
 * @param one Digests of one end, in their order
 * @param other Digests of the other end, in their order
 * @returns The numbers of frames that are equal and not, and the first difference
 *
 * @example A frame that has not arrived
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareDigests, parseDigest } from "@villas/client/recordings";
 *
 * const digests = [0, 1, 2].map((n) => parseDigest(`${n}.0-${n} ${n}.0-${n} md5 0${n}`));
 * const { equal, only, first } = compareDigests(digests, digests.filter((_, index) => index !== 1));
 * assertEquals([equal, only], [2, [1, 0]]);
 * assertEquals(first, [digests[1], undefined]);
 * ```
 */
export function compareDigests(one: readonly FrameDigest[], other: readonly FrameDigest[]): DigestComparison {
  let [equal, different] = [0, 0];
  const only: [number, number] = [0, 0];
  let first: DigestComparison["first"];
  let left = 0;
  let right = 0;
  while (left < one.length || right < other.length) {
    const [mine, theirs] = [one[left], other[right]];
    const order = mine === undefined ? 1 : theirs === undefined ? -1 : compareMarks(mine.first, theirs.first);
    if (order <= 0) left++;
    if (order >= 0) right++;
    if (order !== 0) {
      only[order < 0 ? 0 : 1]++;
      first ??= order < 0 ? [mine, undefined] : [undefined, theirs];
    } else if (isEqual(mine, theirs)) {
      equal++;
    } else {
      different++;
      first ??= [mine, theirs];
    }
  }
  return { equal, different, only, first };
}

function isEqual(one: FrameDigest | undefined, other: FrameDigest | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.digest === other.digest && compareMarks(one.last, other.last) === 0;
}

/** Tells which of two samples comes first, by time and then by number; 0 where they are the same. */
function compareMarks(one: DigestMark, other: DigestMark): number {
  return one.time.sec - other.time.sec || one.time.nsec - other.time.nsec ||
    (one.sequence < other.sequence ? -1 : one.sequence > other.sequence ? 1 : 0);
}
