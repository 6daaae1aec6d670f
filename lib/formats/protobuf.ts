/**
 * VILLASnode's `protobuf` format: one message of `proto/villas.proto` a datagram.
 *
 * Written by hand over protobufjs's reader, for the few message types there are: no generated code, no reflection. The
 * tests hold it against the schema, read by protobufjs and by Google's implementation.
 *
 * @module
 */

import { createDatagramDecoder } from "./protobuf/decoder.ts";
import { createDatagramEncoder } from "./protobuf/encoder.ts";
import { createFileReader } from "./protobuf/file.ts";
import { checkOptions } from "./options.ts";
import type { Format, FormatOptions } from "./format.ts";

/**
 * Makes the format `protobuf`.
 *
 * Samples keep everything: int64 and uint64 as `bigint`, -0, NaN, infinities and subnormals. Decoding takes what
 * Google's implementation takes: fields in any order, repeated (the last one counts, messages merge), unknown ones,
 * varints longer than need be, missing ones (0, and DATA for `type`), values that are not set (`null`). Only nanoseconds
 * above 999 999 999 are refused, because no timestamp has them. Encoding writes the bytes that VILLASnode writes, plus
 * `ts_received` if asked to.
 *
 * A file holds messages back to back, as VILLASnode writes it, and may be of any size. Reading goes on behind a sample
 * that cannot be read, or that takes more than 16 MiB; behind bytes that are no field it cannot, and says so. Since a
 * file may be the recording of what somebody else sent, writing one also takes samples of another type than data and
 * values that are not set; whoever sends the file to a VILLASnode has them refused then.
 *
 * @param options What the values are, and what to leave out
 * @returns The format; it keeps no state from one datagram to the next
 *
 * @see VILLASnode's schema, `proto/villas.proto`, and `lib/formats/protobuf.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { protobuf } from "@villas/client/formats";
 *
 * const format = protobuf({ signals: parseSignals("fi") });
 * const datagram = format.encode([{ sequence: 7n, values: [230.1, -1n] }]);
 * assertEquals(format.decode(datagram), [{ sequence: 7n, values: [230.1, -1n] }]);
 * ```
 */
export function protobuf(options: FormatOptions = {}): Format {
  checkOptions("protobuf", options);
  const { measure, write } = createDatagramEncoder(options);
  const decode = createDatagramDecoder();
  return {
    name: "protobuf",
    isText: false,
    decode,
    encode(samples) {
      const datagram = new Uint8Array(measure(samples));
      write(samples, datagram);
      return datagram;
    },
    encodeInto(samples, buffer) {
      const length = measure(samples);
      if (length > buffer.length) {
        throw new RangeError(`Cannot encode ${length} bytes into a buffer: it has ${buffer.length} bytes`);
      }
      write(samples, buffer);
      return length;
    },
    createDecoder: (onDecodeError) => createFileReader(decode, onDecodeError),
    createEncoder() {
      const lenient = createDatagramEncoder(options, true);
      return (samples) => {
        const bytes = new Uint8Array(lenient.measure(samples));
        lenient.write(samples, bytes);
        return bytes;
      };
    },
  };
}
