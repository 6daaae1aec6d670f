/**
 * VILLASnode's format `protobuf`: one message of `proto/villas.proto` per datagram.
 *
 * Written by hand for the few message types there are: no generated code, no reflection. The tests compare it with the
 * schema, as read by protobufjs and by Google's implementation.
 *
 * @module
 */

import { checkBuffer } from "./check.ts";
import type { Format, FormatOptions } from "./format.ts";
import { checkOptions } from "./options.ts";
import { createDatagramDecoder } from "./protobuf/datagram_decoder.ts";
import { createDatagramEncoder } from "./protobuf/datagram_encoder.ts";
import { ProtobufStreamDecoder } from "./protobuf/stream_decoder.ts";

/**
 * Creates the format `protobuf`.
 *
 * Samples keep everything: int64 and uint64 as `bigint`, -0, NaN, infinities and subnormals. Decoding accepts what
 * Google's implementation accepts: fields in any order, repeated ones (the last one counts, messages merge), unknown
 * ones, varints longer than necessary, missing ones (0, and DATA for `type`), unset values (`null`). Only nanoseconds
 * above 999 999 999 are refused, because no timestamp has them. Encoding writes the bytes that VILLASnode writes, plus
 * `ts_received` if asked to.
 *
 * A file consists of messages back to back, as VILLASnode writes it, and may have any size. Decoding continues after a
 * sample that cannot be decoded or takes more than 16 MiB; after bytes that are not a field it cannot, and reports
 * that. A file may record what another program sent, so encoding one also accepts start and stop marks and unset
 * values; they are refused once the file is sent to a VILLASnode.
 *
 * @param options The signals, and what to leave out
 * @returns The format; it keeps no state from one datagram to the next
 * @throws {TypeError} If an option does not exist or does not accept its value
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
    carriesTypes: true,
    decode,
    encode(samples) {
      const datagram = new Uint8Array(measure(samples));
      write(samples, datagram);
      return datagram;
    },
    encodeInto(samples, buffer) {
      const length = measure(samples);
      checkBuffer(length, buffer);
      write(samples, buffer);
      return length;
    },
    createDecoder: (onDecodeError) => new ProtobufStreamDecoder(decode, onDecodeError),
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
