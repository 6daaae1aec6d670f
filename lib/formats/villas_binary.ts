/**
 * VILLASnode's `villas.binary` format: its own messages, in network byte order.
 *
 * @module
 */

import { createVillasFormat, type VillasBinaryOptions } from "./binary/villas_message.ts";
import type { Format } from "./format.ts";

export type { VillasBinaryOptions };

/**
 * Makes the format `villas.binary`, which VILLASnode's `socket` node uses where it is told nothing else.
 *
 * A message is a header of 16 bytes and four bytes a value; all numbers are big endian:
 *
 * | offset | bytes | what |
 * |---|---|---|
 * | 0 | 1 | version 2 << 4, type << 2 (0 data, 1 start, 2 stop), reserved 0 |
 * | 1 | 1 | source index |
 * | 2 | 2 | number of values |
 * | 4 | 4 | sequence number |
 * | 8 | 4 + 4 | origin timestamp: seconds, nanoseconds |
 * | 16 | 4 a value | float32, or uint32 for an integer |
 *
 * The values do not say what they are: decoding takes their types from `signals`, and float where there are none.
 * Messages follow each other, in a datagram as in a file.
 *
 * What a sample loses on the way:
 * - floats are rounded to float32, and become infinite where they are beyond it
 * - integers keep their low 32 bits, and VILLASnode reads these as unsigned, and so does decoding: -1 comes back as
 *   4294967295. Only -2147483648 to 4294967295 are written.
 * - sequence numbers keep their low 32 bits, so that a sender may run for as long as it likes
 * - a missing sequence number is written, and so read, as 0, and a missing timestamp as 1970-01-01
 * - `newFrame` and `tsReceived` have no place
 *
 * A complex or boolean value is refused: VILLASnode cannot write one either (it sends what happened to be in memory).
 *
 * A file whose header is broken is not read on: what a next header looks like may as well be a value. Behind a message
 * of another source, refused by `validate_source_index`, reading goes on. Writing a file keeps the types start and stop.
 *
 * @param options What the values are, what to leave out (written as 0), and the source index
 * @returns The format; it keeps no state from one datagram to the next
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
