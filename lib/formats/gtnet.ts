/**
 * VILLASnode's format `gtnet`: the bare values as RTDS's GTNET-SKT has them.
 *
 * @module
 */

import { createWordFormat, type RawOptions } from "./binary/words.ts";
import type { Format } from "./format.ts";

/**
 * Creates the format `gtnet`: the words of `raw`, 32 bits wide and big endian by default.
 *
 * It has the options of `raw`, as in VILLASnode. GTNET-SKT itself has float32 and int32; `fake` is its header with
 * sequence number and time stamp. {@linkcode raw} describes the layout of a sample, what is lost and what is refused.
 *
 * @param options The signals, what to leave out of the header (written as 0), and the layout of the words
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value, or if options contradict each other;
 * from `createDecoder`, if there are no signals
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
