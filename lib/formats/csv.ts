/**
 * VILLASnode's format `csv`: one sample per line, in columns separated by commas.
 *
 * @module
 */

import { type ColumnOptions, createColumnFormat } from "./text/column_format.ts";
import type { Format } from "./format.ts";

export type { ColumnOptions as CsvOptions } from "./text/column_format.ts";

/**
 * Creates the format `csv`: seconds, nanoseconds, offset, sequence number and values; `nan` stands for anything
 * missing.
 *
 * The offset, from origin to reception, is in seconds and only in files. In datagrams VILLASnode writes three columns
 * before the values, without the offset, but reads four. So four are written, with an offset of `0.000000000`, and
 * `0,0` for a missing timestamp. Both are read: the third column is the offset if there is one column more than the
 * signals account for; otherwise one with a point is an offset, one of digits only is the sequence number, and `nan` is
 * an offset if a sequence number or another `nan` follows. An offset of 0 in a datagram means no receive timestamp.
 * With `offset: false`, three columns are written. One case remains ambiguous: a datagram of VILLASnode without
 * timestamp or sequence number that has fewer values than signals, or whose signals are not known.
 *
 * Without signals, text of digits only is an integer, and booleans, which are written as 0 and 1, are read as such. A
 * value beyond the signals is an error, because VILLASnode does not survive it; fewer are fine. There is no place for
 * the start of a frame.
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
