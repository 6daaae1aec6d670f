/**
 * VILLASnode's `gtnet` format: the bare values as RTDS's GTNET-SKT has them.
 *
 * @module
 */

import { createWordFormat, type RawOptions } from "./binary/words.ts";
import type { Format } from "./format.ts";

/**
 * Makes the format `gtnet`: the words of `raw`, 32 bits wide and big endian by default.
 *
 * It takes the options of `raw`, as in VILLASnode. GTNET-SKT itself knows float32 and int32; `fake` is what it calls a
 * header with sequence number and time stamp. What a sample looks like, what is lost and what is refused is said at
 * {@linkcode raw}.
 *
 * @param options What the values are, what to leave out of the header (written as 0), and the words
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} For options that contradict each other; from `reader`, where there are no signals
 *
 * @see VILLASnode's `lib/formats/raw.cpp`, and {@linkcode raw}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { gtnet } from "@villas/client/formats";
 *
 * const format = gtnet({ signals: parseSignals("fi") });
 * const datagram = format.encode([{ values: [1.5, -7n] }]);
 * assertEquals([...datagram], [0x3f, 0xc0, 0, 0, 0xff, 0xff, 0xff, 0xf9]);
 * assertEquals(format.decode(datagram), [{ values: [1.5, -7n] }]);
 * ```
 */
export function gtnet(options: RawOptions = {}): Format {
  return createWordFormat("gtnet", "big", options);
}
