/**
 * VILLASnode's `tsv` format: a sample a line, its columns separated by a tab.
 *
 * @module
 */

import { type ColumnOptions, createColumnFormat } from "./text/column_format.ts";
import type { Format } from "./format.ts";

export type { ColumnOptions as TsvOptions } from "./text/column_format.ts";

/**
 * Makes the format `tsv`: `csv` with tabs instead of commas.
 *
 * @param options What the values are, what to leave out, and how lines look
 * @returns The format
 *
 * @see VILLASnode's `lib/formats/column.cpp` and `lib/formats/line.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tsv } from "@villas/client/formats";
 *
 * const write = tsv({ real_precision: 2 }).createEncoder();
 * assertEquals(
 *   write([{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [230.1] }]),
 *   "# secs\tnsecs\toffset\tsequence\tsignal0\n1\t000000005\tnan\t7\t230.10\n",
 * );
 * ```
 */
export function tsv(options: ColumnOptions = {}): Format {
  return createColumnFormat("tsv", "\t", options);
}
