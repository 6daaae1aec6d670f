/**
 * Decides whether the path behind a node may print the samples that arrive: VILLASnode's `print` hook has room for a
 * limited number of characters, and writes floats with all digits before the point.
 *
 * @module
 */

import { defaultSignalCount, type Signal, type SignalType } from "../samples/signals.ts";

/** Plan for printing samples. */
export interface PrintPlan {
  /** True where the path gets the hook. */
  readonly isPrinted: boolean;
  /** A sentence on why they are not printed, or up to which size they are. */
  readonly note?: string;
}

/** Size of the hook's buffer, in bytes (`DEFAULT_FORMAT_BUFFER_LENGTH` in `include/villas/node/config.hpp.in`). */
const capacity = 4096;

/** Bytes of the longest time, offset, sequence number and mark, with the end of the line (`lib/formats/villas_human.cpp`). */
const longestHead = 96;

/** Digits of the largest double, and of the largest single, which complex values consist of, before the point. */
const mostDigits: Readonly<Partial<Record<SignalType, number>>> = { float: 309, complex: 2 * 39 };

/** Digits before the point that measured values never reach; only diverging ones do. */
const usualDigits = 16;

/** Bytes of a value besides the digits before the point: a tab, signs, points, 17 digits behind each, and the i. */
const longestRest: Readonly<Record<SignalType, number>> = { float: 20, complex: 40, integer: 21, boolean: 2 };

/**
 * Decides whether samples with these signals are printed.
 *
 * @param signals The signals that the node takes; default: VILLASnode's 64 floats
 * @returns The plan
 */
export function planPrinting(signals?: readonly Signal[]): PrintPlan {
  const types = signals?.map(({ type }) => type) ?? Array<SignalType>(defaultSignalCount).fill("float");
  const sum = (bytes: (type: SignalType) => number) => types.reduce((total, type) => total + bytes(type), 0);
  const room = capacity - longestHead - sum((type) => longestRest[type]);
  if (sum((type) => mostDigits[type] ?? 0) <= room) return { isPrinted: true };
  const digits = Math.floor(room / sum((type) => type === "complex" ? 2 : type === "float" ? 1 : 0));
  if (digits < usualDigits) {
    const what = `samples of up to ${capacity} bytes of text, and ${types.length} values may have more`;
    return { isPrinted: false, note: `The path prints nothing: VILLASnode's print hook is made for ${what}` };
  }
  const limit = `floats of up to ${digits} digits before the point`;
  return {
    isPrinted: true,
    note: `VILLASnode can print ${types.length} values of a sample as long as they are ${limit}`,
  };
}
