import { assertEquals } from "@std/assert";
import { findRunFault } from "../../lib/recordings/parquet/runs.ts";

/** Writes the head of a run. */
function head(length: number, isPacked: boolean): number[] {
  const bytes: number[] = [];
  let rest = length * 2 + (isPacked ? 1 : 0);
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(rest % 128 + 128);
  return [...bytes, rest];
}

const cases: readonly [what: string, bytes: number[], width: number, count: number, fault: string | undefined][] = [
  ["no runs", [], 1, 50, undefined],
  ["equal values", [...head(50, false), 1], 1, 50, undefined],
  [
    "two runs of equal values, each of two bytes",
    [...head(20, false), 1, 2, ...head(30, false), 3, 4],
    12,
    50,
    undefined,
  ],
  ["packed values, filled up to eight", [...head(7, true), 0, 0, 0, 0, 0, 0, 0], 1, 50, undefined],
  ["a block that is filled up", [...head(64, true), ...new Array(64).fill(0)], 1, 50, undefined],
  ["runs that end too soon", [...head(10, false), 1], 1, 50, undefined],
  ["a head that is cut off", [0x80], 1, 50, undefined],
  ["more equal values than the page has", [...head(50 + 513, false), 1], 1, 50, "a run has 563 values in a page of 50"],
  ["as many as fit into 31 bits", [...head(2 ** 30, false), 1], 1, 50, "a run has 1073741824 values in a page of 50"],
  ["packed values without bytes", head(2 ** 27, true), 0, 50, "a run has 1073741824 values in a page of 50"],
  [
    "a second run that is too long",
    [...head(50, false), 1, ...head(2 ** 20, false), 1],
    1,
    60,
    "a run has 1048576 values in a page of 60",
  ],
];

for (const [what, bytes, width, count, fault] of cases) {
  Deno.test(`findRunFault() ${fault === undefined ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(findRunFault(Uint8Array.from(bytes), width, count), fault);
  });
}
