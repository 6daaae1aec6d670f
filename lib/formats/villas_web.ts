/**
 * VILLASnode's format `villas.web`: its own messages in the byte order of browsers, little endian.
 *
 * @module
 */

import { createVillasFormat, type VillasBinaryOptions } from "./binary/villas_message.ts";
import type { Format } from "./format.ts";

/**
 * Creates the format `villas.web`: the messages of `villas.binary` with all numbers little endian.
 *
 * VILLASnode writes them in the byte order of its machine, which is little endian wherever it runs.
 * {@linkcode villasBinary} describes the layout of a message and what a sample loses.
 *
 * @param options The signals, what to leave out (written as 0), and the source index
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value
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
