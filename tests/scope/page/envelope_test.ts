import { assert, assertEquals } from "@std/assert";
import { coverColumns, createColumns, type Projection } from "../../../lib/scope/page/envelope.ts";

/** 10 s on 100 pixels, and values from 0 to 10 on a height of 50. */
const projection: Projection = { from: 0, perSecond: 10, bottom: 0, perUnit: 5, height: 50 };

type Covered = [x: number, top: number, bottom: number];

/** Columns of the traces of all cases, which leave nothing behind for the next one. */
const columns = createColumns(100);

function cover(points: readonly (readonly [number, number | null])[], isStepped = false): Covered[] {
  const times = Float64Array.from(points, ([time]) => time);
  const values = Float64Array.from(points, ([, value]) => value ?? NaN);
  coverColumns(times, values, projection, isStepped, columns);
  return Array.from(columns.tops, (top, x): Covered => [x, top, columns.bottoms[x] ?? NaN])
    .filter(([, top, bottom]) => top <= bottom);
}

Deno.test("coverColumns covers what a column has, and the way from the one before", () => {
  assertEquals(cover([[0.01, 2], [0.05, 8], [0.11, 4], [0.15, 5]]), [[0, 10, 40], [1, 10, 30]]);
});

Deno.test("coverColumns breaks at gaps", () => {
  assertEquals(cover([[0.05, 2], [0.5, null], [0.95, 8]]), [[0, 40, 40], [9, 10, 10]]);
  assertEquals(cover([[0.05, 2], [0.06, null], [0.07, 4]]), [[0, 30, 40]]);
});

Deno.test("coverColumns draws the way between points that are columns apart, without a hole", () => {
  const sloped = cover([[0.05, 0], [1.05, 10]]);
  assertEquals(sloped.map(([x]) => x), Array.from({ length: 11 }, (_, x) => x));
  for (const [index, [, top, bottom]] of sloped.entries()) {
    const before = sloped[index - 1];
    assert(before === undefined || (top <= before[2] && bottom >= before[1]), `hole at ${index}`);
  }
  assertEquals(cover([[0.05, 2], [0.45, 8]], true).map(([, top, bottom]) => [top, bottom]), [
    ...[[40, 40], [40, 40], [40, 40], [40, 40], [10, 40]],
  ]);
});

Deno.test("coverColumns draws nothing outside, however far the points are", () => {
  const covered = cover([[-1e9, 1], [-0.05, 3], [0.05, 4], [1e9, 1e300]]);
  assertEquals([covered.length, covered[0]?.[0], covered.at(-1)?.[0]], [100, 0, 99]);
  assert(covered.every(([, top, bottom]) => top >= -50 && bottom <= 100));
});
