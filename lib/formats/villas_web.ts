/**
 * VILLASnode's `villas.web` format: its own messages as browsers get them, in little-endian byte order.
 *
 * @module
 */

import { createVillasFormat, type VillasBinaryOptions } from "./binary/villas_message.ts";
import type { Format } from "./format.ts";

/**
 * Makes the format `villas.web`: the messages of `villas.binary` with all numbers little endian.
 *
 * VILLASnode writes them in the byte order of its machine, which is little endian wherever it runs. What a message
 * looks like and what it loses is said at {@linkcode villasBinary}.
 *
 * @param options What the values are, what to leave out (written as 0), and the source index
 * @returns The format; it keeps no state from one datagram to the next
 *
 * @see VILLASnode's `lib/formats/villas_binary.cpp`, and {@linkcode villasBinary}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { villasWeb } from "@villas/client/formats";
 *
 * const format = villasWeb();
 * const sample = { sequence: 7n, tsOrigin: { sec: 1_700_000_000, nsec: 5 }, values: [1.5, -2] };
 * const datagram = format.encode([sample]);
 * assertEquals([...datagram.subarray(0, 8)], [0x20, 0, 2, 0, 7, 0, 0, 0]);
 * assertEquals(format.decode(datagram), [sample]);
 * ```
 */
export function villasWeb(options: VillasBinaryOptions = {}): Format {
  return createVillasFormat("villas.web", true, options);
}
