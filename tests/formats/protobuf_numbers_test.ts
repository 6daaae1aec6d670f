/**
 * Tests `protobuf` with numbers at the limits of their lengths and types.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { f32, format, sampleOf, valueOf } from "./_protobuf.ts";
import { delimited, hex } from "./_wire.ts";

function decodeOne(datagram: Uint8Array): Sample {
  const [sample, ...more] = format.decode(datagram);
  assert(sample !== undefined && more.length === 0);
  return sample;
}

const unsigned: [bigint, string][] = [
  [0n, "00"],
  [127n, "7f"],
  [128n, "8001"],
  [16_383n, "ff7f"],
  [16_384n, "808001"],
  [2n ** 21n - 1n, "ffff7f"],
  [2n ** 21n, "80808001"],
  [2n ** 28n - 1n, "ffffff7f"],
  [2n ** 28n, "8080808001"],
  [2n ** 31n, "8080808008"],
  [2n ** 32n - 1n, "ffffffff0f"],
  [2n ** 32n, "8080808010"],
  [2n ** 35n - 1n, "ffffffff7f"],
  [2n ** 35n, "808080808001"],
  [2n ** 42n, "80808080808001"],
  [2n ** 49n, "8080808080808001"],
  [2n ** 53n + 1n, "8180808080808010"],
  [2n ** 56n - 1n, "ffffffffffffff7f"],
  [2n ** 56n, "808080808080808001"],
  [2n ** 63n - 1n, "ffffffffffffffff7f"],
];
const above: [bigint, string][] = [
  [2n ** 63n, "80808080808080808001"],
  [2n ** 64n - 1n, "ffffffffffffffffff01"],
];
const negative: [bigint, string][] = [
  [-1n, "ffffffffffffffffff01"],
  [-128n, "80ffffffffffffffff01"],
  [-(2n ** 31n), "80808080f8ffffffff01"],
  [-(2n ** 32n), "80808080f0ffffffff01"],
  [-(2n ** 63n) + 1n, "81808080808080808001"],
  [-(2n ** 63n), "80808080808080808001"],
];

for (const [sequence, digits] of [...unsigned, ...above]) {
  Deno.test(`protobuf() carries the sequence number ${sequence}`, () => {
    const datagram = sampleOf(hex("0801 10"), hex(digits));
    assertEquals(format.decode(datagram), [{ sequence, values: [] }]);
    assertEquals(format.encode([{ sequence, values: [] }]).toHex(), datagram.toHex());
  });
}

for (const [value, digits] of [...unsigned, ...negative]) {
  Deno.test(`protobuf() carries the integer value ${value}`, () => {
    const datagram = sampleOf(hex("0801"), delimited(100, hex("10"), hex(digits)));
    assertEquals(format.decode(datagram), [{ values: [value] }]);
    assertEquals(format.encode([{ values: [value] }]).toHex(), datagram.toHex());
  });
}

const seconds = unsigned.filter(([value]) => value < 2n ** 32n);
for (const [value, digits] of seconds) {
  Deno.test(`protobuf() carries the second ${value}, and the nanosecond ${value} if it can be one`, () => {
    const sec = Number(value);
    const nsec = sec <= 999_999_999 ? sec : 999_999_999;
    const written = hex(nsec === sec ? digits : "ff93ebdc03");
    const datagram = sampleOf(hex("0801"), delimited(3, hex("08"), hex(digits), hex("10"), written));
    assertEquals(format.decode(datagram), [{ tsOrigin: { sec, nsec }, values: [] }]);
    assertEquals(format.encode([{ tsOrigin: { sec, nsec }, values: [] }]).toHex(), datagram.toHex());
  });
}

for (const length of [127, 128, 16_383, 16_384]) {
  Deno.test(`protobuf() carries samples whose length is around ${length} bytes`, () => {
    // From a few bytes below to a few above: booleans are 5 bytes each, a sequence number adds single ones.
    for (const sequence of [undefined, 0n, 128n, 16_384n]) {
      const values = Array.from({ length: Math.floor(length / 5) }, (_, i) => i % 3 === 0);
      const sample: Sample = sequence === undefined ? { values } : { sequence, values };
      assertEquals(format.decode(format.encode([sample])), [sample]);
    }
  });
}

const floats: [number, string][] = [
  [0, "0000000000000000"],
  [-0, "0000000000000080"],
  [1, "000000000000f03f"],
  [NaN, "000000000000f87f"],
  [Infinity, "000000000000f07f"],
  [-Infinity, "000000000000f0ff"],
  [Number.MIN_VALUE, "0100000000000000"],
  [-Number.MIN_VALUE, "0100000000000080"],
  [2 ** -1022 - 2 ** -1074, "ffffffffffff0f00"],
  [2 ** -1022, "0000000000001000"],
  [Number.MAX_VALUE, "ffffffffffffef7f"],
  [2 ** 53 + 2, "0100000000004043"],
];
for (const [value, digits] of floats) {
  Deno.test(`protobuf() carries the float value ${Object.is(value, -0) ? "-0" : value}`, () => {
    const datagram = sampleOf(hex("0801"), delimited(100, hex("09"), hex(digits)));
    // Twice: behind other fields of the value it does not go the fast way.
    const slowly = valueOf(hex("1801 09"), hex(digits));
    assert(Object.is(decodeOne(datagram).values[0], value));
    assert(Object.is(decodeOne(slowly).values[0], value));
    assertEquals(format.encode([{ values: [value] }]).toHex(), datagram.toHex());
  });
}

const parts: [number, string][] = [
  [0, "00000000"],
  [-0, "00000080"],
  [1.25, "0000a03f"],
  [NaN, "0000c07f"],
  [Infinity, "0000807f"],
  [-Infinity, "000080ff"],
  [2 ** -149, "01000000"],
  [2 ** -126, "00008000"],
  [f32(3.4028234663852886e38), "ffff7f7f"],
];
for (const [part, digits] of parts) {
  Deno.test(`protobuf() carries complex values with the part ${Object.is(part, -0) ? "-0" : part}`, () => {
    const datagram = sampleOf(
      hex("0801"),
      delimited(100, delimited(4, hex("0d"), hex(digits), hex("150000803f"))),
      delimited(100, delimited(4, hex("0d0000803f"), hex("15"), hex(digits))),
    );
    const values = [{ real: part, imag: 1 }, { real: 1, imag: part }];
    assertEquals(format.decode(datagram), [{ values }]);
    assertEquals(format.encode([{ values }]).toHex(), datagram.toHex());
  });
}

Deno.test("protobuf() rounds the parts of complex values to float32, which VILLASnode has too", () => {
  const [value] = decodeOne(format.encode([{ values: [{ real: 0.1, imag: 1e300 }] }])).values;
  assertEquals(value, { real: 0.10000000149011612, imag: Infinity });
});
