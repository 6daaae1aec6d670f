/**
 * VILLASnode's `csv` format: a sample a line, its columns separated by a comma.
 *
 * @module
 */

import { type ColumnOptions, createColumnFormat } from "./text/column_format.ts";
import type { Format } from "./format.ts";

export type { ColumnOptions as CsvOptions } from "./text/column_format.ts";

/**
 * Makes the format `csv`: seconds, nanoseconds, offset, sequence number and values. `nan` stands for what there is not.
 *
 * The offset, from origin to reception, is in seconds and only in files. In datagrams VILLASnode writes three columns in
 * front of the values, without the offset, but reads four: four are written, with an offset of `0.000000000`, and `0,0` for
 * a timestamp that there is not. Both are read: the third column is the offset where there is one column more than the
 * signals account for; else one with a point is an offset, one of digits only the sequence number, and `nan` an offset where
 * a sequence number or another `nan` follows. An offset of 0 in a datagram is no time of reception. With `offset: false`,
 * three columns are written. What remains ambiguous is a datagram of VILLASnode without timestamp or sequence number, and
 * with fewer values than signals or with signals that are not known.
 *
 * Without signals, a text of digits only is an integer. A value beyond the signals is an error, because VILLASnode dies
 * on it; fewer are fine. There is no place for the start of a frame.
 *
 * @param options What the values are, what to leave out, and how lines look
 * @returns The format
 *
 * @see VILLASnode's `lib/formats/column.cpp` and `lib/formats/line.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csv } from "@villas/client/formats";
 *
 * const format = csv({ real_precision: 2 });
 * const datagram = format.encode([{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [230.1, -1n] }]);
 * assertEquals(new TextDecoder().decode(datagram), "1,000000005,0.000000000,7,230.10,-1\n");
 * assertEquals(format.decode(datagram), [{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [230.1, -1n] }]);
 * ```
 */
export function csv(options: ColumnOptions = {}): Format {
  return createColumnFormat("csv", ",", options);
}
