/**
 * VILLASnode's format `opal.asyncip`: the packets of OPAL-RT's AsyncIP process.
 *
 * @module
 */

import { isComplex, type Value } from "../samples/sample.ts";
import type { SignalType } from "../samples/signals.ts";
import { castFloat } from "../samples/value_types.ts";
import { createBinaryFormat, lowSequence, readFrames } from "./binary/binary_format.ts";
import { checkSample } from "./check.ts";
import type { Frames } from "./binary/stream_decoder.ts";
import { checkOptions, integer } from "./options.ts";
import { EncodeError } from "./errors.ts";
import type { Format, FormatOptions } from "./format.ts";

/** Options of `opal.asyncip`, besides the common ones. */
export interface OpalAsyncipOptions extends FormatOptions {
  /** Device that sends the packets, -32768 to 32767; default 0. Packets of any device are decoded. */
  dev_id?: number;
}

const name = "opal.asyncip";

/** Most values in a packet, the limit of VILLASnode and AsyncIP. */
const maximumValues = 64;

const headerLength = 8;
const sequencePosition = 2;
const lengthPosition = 6;
const valueLength = 8;

/**
 * Creates the format `opal.asyncip`.
 *
 * A packet is a header of 8 bytes and a float64 per value; all numbers are little endian:
 *
 * | offset | bytes | content |
 * |---|---|---|
 * | 0 | 2 | device, int16 |
 * | 2 | 4 | sequence number |
 * | 6 | 2 | length of the values in bytes, int16 |
 * | 8 | 8 per value | float64 |
 *
 * Packets follow each other, in a datagram as in a file; those without values are ignored, as VILLASnode does.
 *
 * Encoding casts every value to float64, as VILLASnode does: an integer beyond 2^53 is rounded, a boolean becomes 0 or
 * 1, and a complex value its real part, rounded to float32. Only the low 32 bits of a sequence number are written (0 if
 * there is none), and no timestamps. A sample without values is refused, because the receiver would ignore it, and so
 * is one of more than 64 values, which VILLASnode does not survive.
 *
 * Decoding returns numbers, or casts them back to the types of `signals`: an integer is truncated, a boolean is true
 * for anything but 0, a complex value has the number as its real part. Numbers beyond 2^53 and those that are not
 * finite stay numbers even if the signal is an integer, because the original integer is lost.
 *
 * @param options The signals, whether to leave out the sequence number (written as 0), and the device
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/opal_asyncip.cpp`, `include/villas/formats/opal_asyncip.hpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { opalAsyncip } from "@villas/client/formats";
 *
 * const sample = { sequence: 4n, values: [1.5, 42n, true] };
 * const datagram = opalAsyncip({ dev_id: 2 }).encode([sample]);
 * assertEquals([...datagram.subarray(0, 8)], [2, 0, 4, 0, 0, 0, 24, 0]);
 * assertEquals(opalAsyncip().decode(datagram), [{ sequence: 4n, values: [1.5, 42, 1] }]);
 * assertEquals(opalAsyncip({ signals: parseSignals("fib") }).decode(datagram), [sample]);
 * ```
 */
export function opalAsyncip(options: OpalAsyncipOptions = {}): Format {
  checkOptions(name, options, { dev_id: integer(-0x8000, 0x7fff) });
  const { signals, dev_id: device = 0, sequence: withSequence = true } = options;
  const types = signals?.map(({ type }) => type) ?? [];

  const frames: Frames = {
    headerLength,
    measure(view, start, fail) {
      const length = view.getInt16(start + lengthPosition, true);
      if (length < 0 || length % valueLength !== 0) {
        fail(
          `a packet has ${length} bytes of values, which are not a multiple of ${valueLength}`,
          start + lengthPosition,
        );
      }
      return headerLength + length;
    },
    read(view, start, end) {
      const count = (end - start - headerLength) / valueLength;
      if (count === 0) return undefined;
      const values = new Array<Value>(count);
      for (let i = 0; i < count; i++) {
        values[i] = castFromFloat(view.getFloat64(start + headerLength + i * valueLength, true), types[i]);
      }
      return { sequence: BigInt(view.getUint32(start + sequencePosition, true)), values };
    },
  };

  return createBinaryFormat({
    name,
    isNumbered: true,
    measure: (sample, index) => {
      checkSample(name, sample, index, signals);
      const { length } = sample.values;
      if (length > maximumValues) {
        throw new EncodeError(name, `it has ${length} values, more than ${maximumValues}`, index);
      }
      if (length === 0) throw new EncodeError(name, "it has no values, so VILLASnode would ignore it", index);
      return headerLength + valueLength * length;
    },
    write(sample, view, start) {
      const { values } = sample;
      view.setInt16(start, device, true);
      view.setUint32(start + sequencePosition, withSequence ? lowSequence(sample.sequence) : 0, true);
      view.setInt16(start + lengthPosition, valueLength * values.length, true);
      let position = start + headerLength;
      for (let i = 0; i < values.length; i++) {
        view.setFloat64(position, castToFloat(values[i] ?? null), true);
        position += valueLength;
      }
      return position;
    },
    read: (view, start, end, fail) => readFrames(frames, view, start, end, fail),
    frames: () => frames,
  });
}

function castToFloat(value: Value): number {
  return typeof value === "number" ? value : isComplex(value) ? Math.fround(value.real) : Number(value);
}

function castFromFloat(value: number, type: SignalType = "float"): Value {
  const isLost = type === "integer" && !Number.isSafeInteger(Math.trunc(value));
  return isLost ? value : castFloat(value, type);
}
