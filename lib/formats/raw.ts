/**
 * VILLASnode's format `raw`: the bare values.
 *
 * @module
 */

import { createWordFormat, type RawOptions } from "./binary/words.ts";
import type { Format } from "./format.ts";

export type { RawOptions };

/**
 * Creates the format `raw`: the bare values of one sample, each a word of `bits` bits.
 *
 * A float is a float32 or float64, an integer is in two's complement, a boolean is 0 or 1, and a complex value takes
 * two words, its real and its imaginary part. With `fake`, three words come first: sequence number, seconds and
 * nanoseconds of the origin timestamp; otherwise a sample has neither. Nothing says what the words are: decoding takes
 * their types from `signals`; without signals, words of 32 and 64 bits are floats and words of 8 and 16 bits are
 * integers.
 *
 * Encoding refuses what VILLASnode does not survive or sends changed:
 * - several samples in a datagram, and a sample without a word
 * - more words than the signals need; fewer are fine
 * - integers out of the range of a word (VILLASnode truncates them)
 * - floats and complex values in 8 and 16 bits (VILLASnode sends -1)
 *
 * With 32 bits, floats are rounded to float32, and the header keeps the low 32 bits of a sequence number. The parts of
 * a complex value are always rounded to float32, as VILLASnode holds them. A missing sequence number or timestamp is
 * written as 0.
 *
 * A file consists of samples back to back. Only the signals tell how long one is: a file cannot be decoded without
 * them, and all samples of a file must have the same types.
 *
 * @param options The signals, what to leave out of the header (written as 0), and the layout of the words
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value, or if options contradict each other;
 * from `createDecoder`, if there are no signals
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
