/**
 * Draws a histogram as text, for a terminal.
 *
 * @module
 */

import { formatIn, unitFor } from "./durations.ts";
import type { Bucket, Histogram } from "./histogram.ts";

/** Scale of the lines of a histogram: ranges of the same width, or each wider than the last by the same factor. */
export type HistogramScale = "log" | "linear";

/** The most lines to draw. */
const maximumLines = 20;

/** Steps that people count in, within a power of ten. */
const niceSteps = [1, 2, 5, 10];

/** Edges of logarithmic lines within a power of ten, from fine to coarse: the finest that fits is used. */
const logarithmicSteps = [[1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2], [1, 1.5, 2.2, 3.3, 4.7, 6.8], [
  1,
  2.2,
  4.7,
], [1]];

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Draws a histogram: one line for each range of durations, with their number, share and a bar.
 *
 * @param histogram The durations
 * @param scale Scale of the ranges
 * @param width Length of the longest line, in characters
 * @returns The lines; none where there are no durations
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createHistogram, drawHistogram } from "@villas/client/timing";
 *
 * const histogram = createHistogram();
 * for (const microseconds of [1, 3, 5, 5, 15]) histogram.record(microseconds / 1e6);
 * assertEquals(drawHistogram(histogram, "linear", 50).slice(2, 6), [
 *   "   3.00 -    4.00 µs        1  20.0 % ██████",
 *   "   4.00 -    5.00 µs        0   0.0 %",
 *   "   5.00 -    6.00 µs        2  40.0 % ████████████",
 *   "   6.00 -    7.00 µs        0   0.0 %",
 * ]);
 * ```
 */
export function drawHistogram(histogram: Histogram, scale: HistogramScale = "log", width = 80): string[] {
  if (histogram.count === 0) return [];
  const edges = scale === "log" ? logarithmicEdges(histogram) : linearEdges(histogram);
  const counts = countBetween(histogram.buckets(), edges);
  const unit = unitFor(histogram.max);
  const most = Math.max(...counts);
  const lines = counts.map((count, line) => {
    const [from = 0, to = 0] = edges.slice(line, line + 2);
    const range = `${formatIn(unit, from).padStart(7)} - ${formatIn(unit, to).padStart(7)} ${unit.symbol}`;
    const share = `${(100 * count / histogram.count).toFixed(1)} %`;
    const left = `${range} ${String(count).padStart(8)} ${share.padStart(7)} `;
    return (left + bar(count / most, width - left.length)).trimEnd();
  });
  // A duration next to an edge may be counted on its other side, which leaves the outer line empty.
  return lines.slice(counts.findIndex(Boolean), counts.findLastIndex(Boolean) + 1);
}

/** Returns a bar of a length from 0 to 1 of its room; any length above 0 can be seen. */
function bar(length: number, room: number): string {
  const parts = length === 0 ? 0 : Math.max(1, Math.round(length * room * 8));
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
}

function linearEdges({ min, max }: Histogram): number[] {
  const rough = Math.max(max - min, 1e-9) / (maximumLines - 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (niceSteps.find((nice) => nice * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.floor(min / step);
  const lines = Math.floor(max / step) + 1 - first;
  return Array.from({ length: lines + 1 }, (_, line) => (first + line) * step);
}

function logarithmicEdges({ min, max }: Histogram): number[] {
  let edges: number[] = [];
  for (const steps of logarithmicSteps) {
    edges = [];
    for (let power = Math.floor(Math.log10(min)) - 1; (edges.at(-1) ?? 0) <= max; power++) {
      for (const step of steps) {
        const edge = step * 10 ** power;
        if ((edges.at(-1) ?? 0) > max) break;
        // The first edge is the last one that is not above the shortest duration.
        if (edge <= min) edges = [edge];
        else edges.push(edge);
      }
    }
    if (edges.length <= maximumLines + 1) break;
  }
  return edges;
}

/** Counts the durations between each edge and the next one. */
function countBetween(buckets: readonly Bucket[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  let line = 0;
  for (const { from, to, count } of buckets) {
    const middle = (from + to) / 2;
    while (line < counts.length - 1 && middle >= (edges[line + 1] ?? Infinity)) line++;
    counts[line] = (counts[line] ?? 0) + count;
  }
  return counts;
}
