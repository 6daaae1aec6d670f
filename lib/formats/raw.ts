/**
 * VILLASnode's `raw` format: the bare values.
 *
 * @module
 */

import { createWordFormat, type RawOptions } from "./binary/words.ts";
import type { Format } from "./format.ts";

export type { RawOptions };

/**
 * Makes the format `raw`: the bare values of one sample, each a word of `bits` bits.
 *
 * A float is a float32 or float64, an integer two's complement, a boolean 0 or 1, a complex value takes two words, for
 * its real and its imaginary part. With `fake` three words stand in front: sequence number, seconds and nanoseconds of
 * the origin timestamp; without, a sample has neither. Nothing says what the words are: decoding takes their types from
 * `signals`, and without them floats in 32 and 64 bits and integers in 8 and 16 bits.
 *
 * What is refused, because VILLASnode does not survive it or sends something else than it was given:
 * - several samples in a datagram, and a sample without a word
 * - more words than the signals need; fewer are fine
 * - integers beyond the range of a word (VILLASnode cuts them)
 * - floats and complex values in 8 and 16 bits (VILLASnode sends -1)
 *
 * In 32 bits, floats are rounded to float32, and the header keeps the low 32 bits of a sequence number. The parts of a
 * complex value are rounded to float32 always, as VILLASnode holds them. A missing sequence number or timestamp is
 * written as 0.
 *
 * A file holds samples back to back. Only the signals tell how long one is: a file cannot be read without them, and all
 * samples that are written to one must have the same types.
 *
 * @param options What the values are, what to leave out of the header (written as 0), and the words
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} For options that contradict each other; from `reader`, where there are no signals
 *
 * @see VILLASnode's `lib/formats/raw.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { raw } from "@villas/client/formats";
 *
 * const format = raw({ bits: 16, endianess: "big", signals: parseSignals("ib") });
 * const datagram = format.encode([{ values: [-2n, true] }]);
 * assertEquals([...datagram], [0xff, 0xfe, 0, 1]);
 * assertEquals(format.decode(datagram), [{ values: [-2n, true] }]);
 * ```
 */
export function raw(options: RawOptions = {}): Format {
  return createWordFormat("raw", "little", options);
}
