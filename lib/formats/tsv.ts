/**
 * VILLASnode's format `tsv`: one sample per line, in columns separated by tabs.
 *
 * @module
 */

import { type ColumnOptions, createColumnFormat } from "./text/column_format.ts";
import type { Format } from "./format.ts";

export type { ColumnOptions as TsvOptions } from "./text/column_format.ts";

/**
 * Creates the format `tsv`: `csv` with tabs instead of commas. {@linkcode csv} describes the columns.
 *
 * @param options The signals, what to leave out, and the style of lines
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/column.cpp` and `lib/formats/line.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tsv } from "@villas/client/formats";
 *
 * const encode = tsv({ real_precision: 2 }).createEncoder();
 * assertEquals(
 *   encode([{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [230.1] }]),
 *   "# secs\tnsecs\toffset\tsequence\tsignal0\n1\t000000005\tnan\t7\t230.10\n",
 * );
 * ```
 */
export function tsv(options: ColumnOptions = {}): Format {
  return createColumnFormat("tsv", "\t", options);
}
