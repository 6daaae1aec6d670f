/**
 * Compares streams of samples, one sample at a time: where they first differ, how often, and in what.
 *
 * @module
 */

import { type CompareOptions, type Difference, type DifferenceKind, findDifferences } from "./differences.ts";
import type { Sample } from "../samples/sample.ts";

/** Options of comparing streams. */
export interface CompareStreamsOptions extends Omit<CompareOptions, "untyped"> {
  /** Indexes of the streams whose integers may be floats, because their text does not tell; default: none. */
  untypedStreams?: readonly number[];
  /** Ends at the first difference, as VILLASnode does; default false: all are counted. */
  untilFirst?: boolean;
  /** Ends the comparison. */
  signal?: AbortSignal;
}

/** The first difference between streams. */
export interface FirstDifference extends Difference {
  /** Index of the sample in its stream, from 0. */
  index: number;
  /** Index of the stream that differs from the first one, which has index 0. */
  stream: number;
  /** The sample of the first stream; missing where that stream has ended. */
  expected?: Sample;
  /** The sample of the stream that differs; missing where that stream has ended. */
  actual?: Sample;
}

/** Result of comparing one stream with the first one. */
export interface StreamComparison {
  /** Number of samples that were read. */
  samples: number;
  /** Number of samples that differ from those of the first stream, by kind of difference; one may have several kinds. */
  differences: Record<DifferenceKind, number>;
  /** Number of values that differ, in all samples. */
  values: number;
  /** The largest distance between two values, and where it is; missing where no value differs by a number. */
  largest?: { distance: number | bigint; index: number; value: number };
}

/** Result of a comparison. */
export interface Comparison {
  /** The first difference; missing where there is none. */
  first?: FirstDifference;
  /** One entry per stream; the first one, which the others are compared with, has no differences. */
  streams: StreamComparison[];
  /** True where all streams were read to their ends. */
  isComplete: boolean;
}

/**
 * Compares streams of samples in constant memory: the first sample of each, then the second, and so on. All are compared
 * with the first stream, as VILLASnode does.
 *
 * @param streams Two or more streams of samples in batches, as {@linkcode readBatches} gives them
 * @param options What to compare, and when to end
 * @returns The first difference, and counts of all of them
 * @throws The errors of the streams
 *
 * @see VILLASnode, `src/villas-compare.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareStreams } from "@villas/client/recordings";
 *
 * async function* stream(...values: number[]) {
 *   for (const value of values) yield [{ values: [value] }];
 * }
 * const { first, streams } = await compareStreams([stream(1, 2, 3), stream(1, 2.5)]);
 * assertEquals(first?.kind, "data");
 * assertEquals(first?.index, 1);
 * assertEquals(streams[1]?.differences.data, 1);
 * assertEquals(streams[1]?.differences.length, 1);
 * ```
 */
export async function compareStreams(
  streams: readonly AsyncIterable<readonly Sample[]>[],
  options: CompareStreamsOptions = {},
): Promise<Comparison> {
  const { untilFirst = false, untypedStreams = [], signal } = options;
  const cursors = streams.map((stream) => new Cursor(stream));
  const results = streams.map(emptyResult);
  const comparison: Comparison = { streams: results, isComplete: false };
  const [reference] = cursors;
  const pairOptions = streams.map((_, stream) => ({
    ...options,
    untyped: untypedStreams.includes(0) || untypedStreams.includes(stream),
  }));

  function add(index: number, stream: number, found: readonly Difference[]): void {
    const [difference] = found;
    const result = results[stream];
    if (difference === undefined || result === undefined) return;
    count(result, index, found);
    if (comparison.first !== undefined) return;
    comparison.first = { ...difference, index, stream };
    const expected = reference?.sample;
    const actual = cursors[stream]?.sample;
    if (expected !== undefined) comparison.first.expected = expected;
    if (actual !== undefined) comparison.first.actual = actual;
  }

  try {
    for (let index = 0; !(untilFirst && comparison.first !== undefined); index++) {
      for (const cursor of cursors) {
        if (!cursor.step()) await cursor.fill();
      }
      // An interrupted stream looks like one that has ended.
      if (signal?.aborted) break;
      comparison.isComplete = cursors.every(({ sample }) => sample === undefined);
      if (comparison.isComplete) break;
      for (const [stream, { sample }] of cursors.entries()) {
        const result = results[stream];
        if (sample !== undefined && result !== undefined) result.samples++;
        // The end of a stream comes before any other difference of this sample, as in VILLASnode.
        if ((sample === undefined) !== (reference?.sample === undefined)) add(index, stream, [{ kind: "length" }]);
      }
      const expected = reference?.sample;
      if (expected === undefined) continue;
      for (let stream = 1; stream < cursors.length; stream++) {
        const actual = cursors[stream]?.sample;
        if (actual !== undefined) add(index, stream, findDifferences(expected, actual, pairOptions[stream]));
      }
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
  return comparison;
}

function emptyResult(): StreamComparison {
  const differences = { length: 0, sequence: 0, timestamp: 0, values: 0, type: 0, data: 0 };
  return { samples: 0, differences, values: 0 };
}

/** Counts a sample once for each kind of its differences, and each of its values that differ. */
function count(result: StreamComparison, index: number, found: readonly Difference[]): void {
  const kinds = new Set<DifferenceKind>();
  for (const { kind, value, distance } of found) {
    kinds.add(kind);
    if (value === undefined) continue;
    result.values++;
    if (distance !== undefined && !(distance <= (result.largest?.distance ?? -1))) {
      result.largest = { distance, index, value };
    }
  }
  for (const kind of kinds) result.differences[kind]++;
}

/** A position in a stream. */
class Cursor {
  /** The sample at this position; undefined in front of the first one and behind the last one. */
  sample: Sample | undefined;
  readonly #iterator: AsyncIterator<readonly Sample[]>;
  #batch: readonly Sample[] = [];
  #position = -1;
  #hasEnded = false;

  constructor(stream: AsyncIterable<readonly Sample[]>) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** Moves to the next sample of the batch; returns whether there is one, or the stream has ended. */
  step(): boolean {
    this.sample = this.#batch[++this.#position];
    return this.sample !== undefined || this.#hasEnded;
  }

  /** Reads on, and moves to the next sample or to the end. */
  async fill(): Promise<void> {
    while (!this.#hasEnded) {
      const { done, value } = await this.#iterator.next();
      this.#hasEnded = done === true;
      this.#batch = this.#hasEnded ? [] : value;
      this.#position = 0;
      this.sample = this.#batch[0];
      if (this.sample !== undefined) return;
    }
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
