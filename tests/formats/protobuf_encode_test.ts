/**
 * Tests what `protobuf` encodes, and what it refuses because a VILLASnode would not survive it.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { EncodeError, parseSignals, type Sample, type Value } from "@villas/client";
import { type FormatOptions, protobuf } from "@villas/client/formats";
import { format, mixedSamples, read } from "./_protobuf.ts";

function assertNotEncoded(samples: readonly Sample[], why: string, options?: FormatOptions, index = 0): void {
  const strict = protobuf(options);
  const buffer = new Uint8Array(1000);
  for (const encode of [() => strict.encode(samples), () => strict.encodeInto(samples, buffer)]) {
    const error = assertThrows(encode, EncodeError);
    assertEquals(error.message, `Cannot encode sample ${index} as protobuf: ${why}`);
    assertEquals([error.name, error.format, error.index], ["EncodeError", "protobuf", index]);
  }
  assert(buffer.every((byte) => byte === 0));
}

const refused: [string, Sample, string, FormatOptions?][] = [
  ["a sample of type start", { type: "start", values: [] }, "VILLASnode does not survive a sample of type start"],
  ["a sample of type stop", { type: "stop", values: [1] }, "VILLASnode does not survive a sample of type stop"],
  ["a value that is not set", { values: [1, null] }, "value 1 is not set, which VILLASnode does not survive"],
  ["a list with a hole", { values: Array(1) }, "value 0 is not set, which VILLASnode does not survive"],
  [
    "an integer of 2^63",
    { values: [2n ** 63n] },
    `value 0 is ${2n ** 63n}, which is out of range for a signed 64-bit integer`,
  ],
  [
    "an integer of -2^63 - 1",
    { values: [true, -(2n ** 63n) - 1n] },
    `value 1 is ${-(2n ** 63n) - 1n}, which is out of range for a signed 64-bit integer`,
  ],
  [
    "a sequence number of -1",
    { sequence: -1n, values: [] },
    "its sequence number -1 is out of range for an unsigned 64-bit integer",
  ],
  [
    "a sequence number of 2^64",
    { sequence: 2n ** 64n, values: [] },
    `its sequence number ${2n ** 64n} is out of range for an unsigned 64-bit integer`,
  ],
  [
    "a sequence number that is no bigint",
    { sequence: 5 as unknown as bigint, values: [] },
    "its sequence number is a number, not a bigint",
  ],
  [
    "a value that is a text",
    { values: ["1" as unknown as Value] },
    "value 0 is not a number, bigint, boolean or complex number",
  ],
  [
    "a complex value without an imaginary part",
    { values: [{ real: 1 } as Value] },
    "value 0 is not a number, bigint, boolean or complex number",
  ],
  [
    "an origin timestamp with too many nanoseconds",
    { tsOrigin: { sec: 1, nsec: 1e9 }, values: [] },
    "its origin timestamp of 1 s and 1000000000 ns is out of range",
  ],
  [
    "an origin timestamp before 1970",
    { tsOrigin: { sec: -1, nsec: 0 }, values: [] },
    "its origin timestamp of -1 s and 0 ns is out of range",
  ],
  [
    "a fraction of a nanosecond",
    { tsOrigin: { sec: 1, nsec: 0.5 }, values: [] },
    "its origin timestamp of 1 s and 0.5 ns is out of range",
  ],
  [
    "a timestamp of reception that is no number",
    { tsReceived: { sec: NaN, nsec: 0 }, values: [] },
    "its receive timestamp of NaN s and 0 ns is out of range",
  ],
  [
    "an origin timestamp after 2106",
    { tsOrigin: { sec: 2 ** 32, nsec: 0 }, values: [] },
    "a timestamp is after the year 2106, where the format ends",
  ],
  [
    "a timestamp of reception after 2106, if it is to be sent",
    { tsReceived: { sec: 2 ** 32, nsec: 0 }, values: [] },
    "a timestamp is after the year 2106, where the format ends",
    { ts_received: true },
  ],
  [
    "an integer for a float signal",
    { values: [1, 2n] },
    "value 1 is of type integer, signal1 of type float",
    { signals: parseSignals("2f") },
  ],
  [
    "a float for an integer signal with a name",
    { values: [1] },
    "value 0 is of type float, count of type integer",
    { signals: [{ name: "count", type: "integer" }] },
  ],
  [
    "more values than signals",
    { values: [1, 2, 3] },
    "it has 3 values for 2 signals",
    { signals: parseSignals("2f") },
  ],
];
for (const [what, sample, why, options] of refused) {
  Deno.test(`protobuf().encode() refuses ${what}`, () => {
    assertNotEncoded([sample], why, options);
    // Nor anything of the datagram that it is in, wherever it stands.
    assertNotEncoded([{ values: [] }, sample], why, options, 1);
  });
}

Deno.test("protobuf() encodes what fits the signals, which may be fewer values", () => {
  const strict = protobuf({ signals: parseSignals("fibc") });
  assertEquals(strict.encode(mixedSamples).toHex(), read("datagrams/mixed-vec4-0.bin").toHex());
  assertEquals(strict.decode(strict.encode([{ values: [] }, { values: [1, 2n] }])).length, 2);
});

Deno.test("protobuf().encode() ignores a time that it does not send", () => {
  const future = { sec: 2 ** 33, nsec: 0 };
  assertEquals(protobuf({ ts_origin: false }).encode([{ tsOrigin: future, values: [] }]).toHex(), "0a020801");
  assertEquals(format.encode([{ tsReceived: future, values: [] }]).toHex(), "0a020801");
});

Deno.test("protobuf() encodes no samples as the empty datagram", () => {
  assertEquals(format.encode([]).length, 0);
  assertEquals(format.encodeInto([], new Uint8Array(0)), 0);
});

Deno.test("protobuf() encodes the widest sample that UDP carries", () => {
  const values = Array.from({ length: 5458 }, (_, i) => i / 7);
  const datagram = format.encode([{ sequence: 1n, values }]);
  assertEquals(datagram.length, 65_504);
  assertEquals(format.decode(datagram), [{ sequence: 1n, values }]);
});
