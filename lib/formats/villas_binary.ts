/**
 * VILLASnode's format `villas.binary`: its own messages, in network byte order.
 *
 * @module
 */

import { createVillasFormat, type VillasBinaryOptions } from "./binary/villas_message.ts";
import type { Format } from "./format.ts";

export type { VillasBinaryOptions };

/**
 * Creates the format `villas.binary`, the default of VILLASnode's node type `socket`.
 *
 * A message is a header of 16 bytes and four bytes per value; all numbers are big endian:
 *
 * | offset | bytes | content |
 * |---|---|---|
 * | 0 | 1 | version 2 << 4, type << 2 (0 data, 1 start, 2 stop), reserved 0 |
 * | 1 | 1 | source index |
 * | 2 | 2 | number of values |
 * | 4 | 4 | sequence number |
 * | 8 | 4 + 4 | origin timestamp: seconds, nanoseconds |
 * | 16 | 4 per value | float32, or uint32 for an integer |
 *
 * Nothing says what the values are: decoding takes their types from `signals`, and float without them. Messages follow
 * each other, in a datagram as in a file.
 *
 * A sample loses on the way:
 * - floats are rounded to float32, and become infinite beyond its range
 * - integers keep their low 32 bits, which VILLASnode reads as unsigned, and so does decoding: -1 comes back as
 *   4294967295. Only integers from -2147483648 to 4294967295 are written.
 * - sequence numbers keep their low 32 bits, so that a sender may run for any time
 * - a missing sequence number is written, and so read, as 0, and a missing timestamp as 1970-01-01
 * - `newFrame` and `tsReceived` have no place
 *
 * A complex or boolean value is refused: VILLASnode cannot write one either (it sends what happened to be in memory).
 *
 * Decoding a file ends at a broken header, because anything that looks like the next header may be a value. It
 * continues after a message of another source that `validate_source_index` refuses. Encoding a file keeps start and
 * stop marks.
 *
 * @param options The signals, what to leave out (written as 0), and the source index
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/villas_binary.cpp`, `lib/formats/msg.cpp`, `include/villas/formats/msg_format.hpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { villasBinary } from "@villas/client/formats";
 *
 * const format = villasBinary({ signals: parseSignals("fi"), source_index: 99 });
 * const sample = { sequence: 7n, tsOrigin: { sec: 1_700_000_000, nsec: 5 }, values: [1.5, 2n] };
 * const datagram = format.encode([sample]);
 * assertEquals([...datagram.subarray(0, 8)], [0x20, 99, 0, 2, 0, 0, 0, 7]);
 * assertEquals(format.decode(datagram), [sample]);
 * ```
 */
export function villasBinary(options: VillasBinaryOptions = {}): Format {
  return createVillasFormat("villas.binary", false, options);
}
