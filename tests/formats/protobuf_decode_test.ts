/**
 * Tests what `protobuf` decodes as every parser of Protocol Buffers must, and what it refuses.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, type Sample } from "@villas/client";
import { format, mixedSamples, read, sampleOf, valueOf } from "./_protobuf.ts";
import { delimited, double, hex, join, tag, varint, Wire } from "./_wire.ts";

function assertRefused(datagram: Uint8Array, reason: string, offset: number): void {
  const error = assertThrows(() => format.decode(datagram), DecodeError);
  assertEquals(error.message, `Cannot decode datagram as protobuf at offset ${offset}: ${reason}`);
  assertEquals([error.name, error.format, error.reason, error.offset], ["DecodeError", "protobuf", reason, offset]);
}

const takes: [string, Uint8Array, Sample[]][] = [
  ["the empty datagram", hex(""), []],
  ["an empty sample", hex("0a00"), [{ values: [] }]],
  ["a missing type, which is DATA", sampleOf(hex("1005")), [{ sequence: 5n, values: [] }]],
  ["START", sampleOf(hex("0802")), [{ type: "start", values: [] }]],
  ["STOP", sampleOf(hex("0803")), [{ type: "stop", values: [] }]],
  ["the last one of several types", sampleOf(hex("0802 0803 0801")), [{ values: [] }]],
  ["an unknown type as an unknown field", sampleOf(hex("0802 0800 0804 087f")), [{ type: "start", values: [] }]],
  ["a negative type as an unknown field", sampleOf(hex("08"), varint(-1)), [{ values: [] }]],
  ["a type by its lower 32 bits", sampleOf(hex("08"), varint(2n ** 32n + 3n)), [{ type: "stop", values: [] }]],
  ["ts_received", sampleOf(hex("2204 0805 1006")), [{ tsReceived: { sec: 5, nsec: 6 }, values: [] }]],
  ["the empty timestamp, which is 0", sampleOf(hex("1a00")), [{ tsOrigin: { sec: 0, nsec: 0 }, values: [] }]],
  ["a timestamp without seconds", sampleOf(hex("1a02 1007")), [{ tsOrigin: { sec: 0, nsec: 7 }, values: [] }]],
  ["a timestamp in parts", sampleOf(hex("1a02 0805 1005 1a02 1007")), [
    { sequence: 5n, tsOrigin: { sec: 5, nsec: 7 }, values: [] },
  ]],
  ["parts of a timestamp over each other", sampleOf(hex("1a04 0805 1006 1a02 0809")), [
    { tsOrigin: { sec: 9, nsec: 6 }, values: [] },
  ]],
  ["nanoseconds that are too many until the next part", sampleOf(hex("1a06 10ffffffff0f 1a02 1001")), [
    { tsOrigin: { sec: 0, nsec: 1 }, values: [] },
  ]],
  ["seconds and nanoseconds in any order", sampleOf(hex("1a04 1006 0805")), [
    { tsOrigin: { sec: 5, nsec: 6 }, values: [] },
  ]],
  ["seconds by their lower 32 bits", sampleOf(delimited(3, hex("08"), varint(2n ** 32n + 5n))), [
    { tsOrigin: { sec: 5, nsec: 0 }, values: [] },
  ]],
  ["new_frame", sampleOf(hex("2801")), [{ newFrame: true, values: [] }]],
  ["new_frame that is false", sampleOf(hex("2800")), [{ values: [] }]],
  ["the last one of several new_frame", sampleOf(hex("2801 2800")), [{ values: [] }]],
  ["the last one of several sequence numbers", sampleOf(hex("1001 1002")), [{ sequence: 2n, values: [] }]],
  ["fields in any order", sampleOf(hex("a2060909000000000000f03f 2801 1a0408051006 a206021001 1007 0801")), [
    { sequence: 7n, tsOrigin: { sec: 5, nsec: 6 }, newFrame: true, values: [1, 1n] },
  ]],
  ["a value that is not set", valueOf(), [{ values: [null] }]],
  ["values that are not set among others", sampleOf(hex("a20600 a2060909000000000000f03f a20600")), [
    { values: [null, 1, null] },
  ]],
  ["the last one of several members of a value", valueOf(hex("09000000000000f03f 102a 1801")), [{ values: [true] }]],
  ["a float over an integer", valueOf(hex("102a 09000000000000f03f")), [{ values: [1] }]],
  ["a value of true by any bit of 64", valueOf(hex("18"), varint(2n ** 63n)), [{ values: [true] }]],
  ["a value of true by a bit above 32", valueOf(hex("18"), varint(2n ** 32n)), [{ values: [true] }]],
  ["a value of false with bits above 64", valueOf(hex("18 80808080808080808002")), [{ values: [false] }]],
  ["an integer with bits above 64, which do not count", valueOf(hex("10 8180808080808080807e")), [{ values: [1n] }]],
  ["a complex value without parts, which are 0", valueOf(hex("2200")), [{ values: [{ real: 0, imag: 0 }] }]],
  ["a complex value in parts", valueOf(hex("2205 0d0000803f 2205 1500000040")), [{ values: [{ real: 1, imag: 2 }] }]],
  [
    "parts of a complex value with another member between, which clears them",
    valueOf(hex("2205 0d0000803f 1801 2205 1500000040")),
    [{ values: [{ real: 0, imag: 2 }] }],
  ],
  ["non-minimal numbers", sampleOf(hex("088100 10 85808080808080808000 2881808000")), [
    { sequence: 5n, newFrame: true, values: [] },
  ]],
  ["non-minimal tags", sampleOf(hex("8880808000 01 908000 05")), [{ sequence: 5n, values: [] }]],
  ["non-minimal lengths", hex("0a8880808000 0801 a2068200 1001"), [{ values: [1n] }]],
  ["a non-minimal tag of a float", sampleOf(hex("a28600 09 09 000000000000f03f")), [{ values: [1] }]],
  ["a float with a non-minimal tag inside", sampleOf(hex("a2060a 8900 000000000000f03f")), [{ values: [1] }]],
  ["samples of several messages, one after the other", join(sampleOf(hex("1001")), sampleOf(hex("1002"))), [
    { sequence: 1n, values: [] },
    { sequence: 2n, values: [] },
  ]],
];
for (const [what, datagram, samples] of takes) {
  Deno.test(`protobuf().decode() accepts ${what}`, () => assertEquals(format.decode(datagram), samples));
}

const unknownFields: Record<string, Uint8Array> = {
  "a varint": hex("38ff01"),
  "a varint of ten bytes": hex("38ffffffffffffffffff7f"),
  "eight bytes": hex("39 0102030405060708"),
  "a text": hex("3a03 616263"),
  "the empty text": hex("3a00"),
  "four bytes": hex("3d 01020304"),
  "an empty group": hex("3b 3c"),
  "a group of all that there is": hex("3b 0801 110102030405060708 1a0161 23 24 2d01020304 3c"),
  "a group of a group of the same number": hex("3b 3b 3c 3c"),
  "the highest number": join(tag(2 ** 29 - 1, Wire.varint), [1]),
  "a known number as another wire type": hex("0d 01020304"),
};
for (const [what, field] of Object.entries(unknownFields)) {
  Deno.test(`protobuf().decode() skips unknown fields everywhere: ${what}`, () => {
    // Number 1 with four bytes is the real part of a complex value, and unknown everywhere else.
    const inComplex = field[0] === 0x0d ? hex("") : field;
    const timestamp = join(field, hex("0805"), field, hex("1006"), field);
    const complex = join(inComplex, hex("0d0000803f"), inComplex, hex("1500000040"), inComplex);
    const sample = join(
      ...[hex("0801"), hex("1007"), delimited(3, timestamp), delimited(4, timestamp), hex("2801")],
      ...[hex("09090909"), hex("0a0161")].map((bytes) => delimited(50, bytes)),
      delimited(100, field, hex("09"), double(1), field),
      delimited(100, field, delimited(4, complex), field),
    );
    const datagram = join(field, delimited(1, field, sample, field), field);
    const time = { sec: 5, nsec: 6 };
    assertEquals(format.decode(datagram), [
      { sequence: 7n, tsOrigin: time, tsReceived: time, newFrame: true, values: [1, { real: 1, imag: 2 }] },
    ]);
  });
}

Deno.test("protobuf().decode() skips known numbers with other wire types", () => {
  const content = ["01", "0102030405060708", "0161", "", "", "01020304"].map(hex);
  const ends = (field: number, wireType: number) => wireType === Wire.startGroup ? tag(field, Wire.endGroup) : [];
  const others = (schema: Record<number, number>) =>
    join(
      ...Object.entries(schema).flatMap(([field, own]) =>
        [0, 1, 2, 3, 5].filter((wireType) => wireType !== own).map((wireType) =>
          join(tag(Number(field), wireType), content[wireType] ?? [], ends(Number(field), wireType))
        )
      ),
    );
  const sample = join(
    others({ 1: Wire.varint, 2: Wire.varint, 3: Wire.delimited, 4: Wire.delimited, 5: Wire.varint, 100: 2 }),
    delimited(3, others({ 1: Wire.varint, 2: Wire.varint })),
    delimited(100, others({ 1: Wire.fixed64, 2: Wire.varint, 3: Wire.varint, 4: Wire.delimited })),
    delimited(100, delimited(4, others({ 1: Wire.fixed32, 2: Wire.fixed32 }))),
  );
  assertEquals(format.decode(join(others({ 1: Wire.delimited }), delimited(1, sample))), [
    { tsOrigin: { sec: 0, nsec: 0 }, values: [null, { real: 0, imag: 0 }] },
  ]);
});

const endsInside = "it ends inside a field";
const tooLong = "a number is longer than its type allows";
const numberTooLarge = "the number of a field is longer than 29 bits";
const refuses: [string, Uint8Array, string, number][] = [
  ["a tag alone", hex("0a"), endsInside, 1],
  ["a tag that continues", hex("8a"), endsInside, 1],
  ["a length that is longer than the datagram", hex("0a02 08"), endsInside, 2],
  ["a length of 2^31 - 1", hex("0a ffffffff07"), endsInside, 6],
  ["a length of 2^31", hex("0a 8080808008 00"), tooLong, 6],
  ["a length of six bytes", hex("0a 808080808000"), tooLong, 6],
  ["a value that is longer than its sample", hex("0a04 a2060210 00"), endsInside, 5],
  ["a number that continues at the end", hex("0a02 1080"), endsInside, 4],
  ["a number that continues after its sample", hex("0a02 1080 01"), endsInside, 4],
  ["a sequence number of eleven bytes", hex("0a0c 10 8080808080808080808001"), tooLong, 13],
  ["an unknown number of eleven bytes", hex("38 8080808080808080808001"), tooLong, 11],
  ["a float of seven bytes", hex("0a0b a20608 09 00000000000000"), endsInside, 6],
  ["a float that is longer than its value", hex("0a0c a20608 09 0000000000000000"), endsInside, 6],
  ["a part of a complex value of three bytes", hex("0a09 a20606 2204 0d000000"), endsInside, 8],
  ["a text that is longer than the datagram", hex("3a05 616263"), endsInside, 2],
  ["four bytes of which three are there", hex("3d010203"), endsInside, 1],
  ["eight bytes of which seven are there", hex("3901020304050607"), endsInside, 1],
  ["a field of the number 0", hex("0001"), "a field has the number 0", 1],
  ["a field of the number 0 in a sample", hex("0a02 0000"), "a field has the number 0", 3],
  ["a group of the number 0", hex("0304"), "a field has the number 0", 1],
  ["the wire type 6", hex("0e"), "a field has a wire type that does not exist", 1],
  ["the wire type 7", hex("0a01 0f"), "a field has a wire type that does not exist", 3],
  ["a field number of 30 bits", hex("8080808010 00"), numberTooLarge, 5],
  ["a tag of six bytes", hex("888080808000 00"), numberTooLarge, 5],
  ["a group without end", hex("3b 0801"), endsInside, 3],
  ["the end of a group that did not begin", hex("3c"), "a group ends that did not begin", 1],
  ["the end of a group in a sample that began outside", hex("3b 0a013c 0a014c"), endsInside, 7],
  ["the end of another group", hex("3b 44"), "a group ends that did not begin", 2],
  ["101 groups in each other", hex("3b".repeat(101) + "3c".repeat(101)), "groups are nested too deeply", 101],
  ["100 groups in a sample", sampleOf(hex("3b".repeat(100) + "3c".repeat(100))), "groups are nested too deeply", 103],
  [
    "1,000,000,000 nanoseconds",
    sampleOf(hex("1a06 108094ebdc03")),
    "ts_origin has 1000000000 nanoseconds, more than 999999999",
    10,
  ],
  [
    "2^32 - 1 nanoseconds in a sample that is not the last",
    join(sampleOf(hex("2206 10ffffffff0f")), sampleOf()),
    "ts_received has 4294967295 nanoseconds, more than 999999999",
    10,
  ],
];
for (const [what, datagram, reason, offset] of refuses) {
  Deno.test(`protobuf().decode() refuses ${what}`, () => {
    assertRefused(datagram, reason, offset);
    // Where it stands in the memory does not matter, nor what stands after it.
    const memory = new Uint8Array(datagram.length + 40).fill(1);
    memory.set(datagram, 20);
    assertRefused(memory.subarray(20, 20 + datagram.length), reason, offset);
  });
}

Deno.test("protobuf().decode() decodes or refuses every beginning of a datagram", () => {
  const whole = read("datagrams/mixed-vec4-0.bin");
  const ends = [0, 62, 126, 191, 248];
  for (let length = 0; length <= whole.length; length++) {
    const samples = ends.indexOf(length);
    if (samples >= 0) assertEquals(format.decode(whole.subarray(0, length)), mixedSamples.slice(0, samples));
    else assertThrows(() => format.decode(whole.subarray(0, length)), DecodeError, endsInside);
  }
});

Deno.test("protobuf().decode() accepts 100 nested groups, and 99 in a sample", () => {
  assertEquals(format.decode(hex("3b".repeat(100) + "3c".repeat(100))), []);
  assertEquals(format.decode(sampleOf(hex("3b".repeat(99) + "3c".repeat(99)))), [{ values: [] }]);
});

Deno.test("decode() reads any number of floats, alone and around other values", () => {
  for (const count of [0, 1, 2, 64, 8192, 8193, 20_000]) {
    const floats = Array.from({ length: count }, (_, index) => Math.sin(index));
    for (
      const values of [floats, [...floats, 7n, ...floats], [true, ...floats], [...floats, { real: 1, imag: 2 }, 3]]
    ) {
      const [sample] = format.decode(format.encode([{ values }]));
      assertEquals(sample, { values });
      sample?.values.push(1);
      assertEquals(format.decode(format.encode([{ values }])), [{ values }], "a later one shares no memory with it");
    }
  }
});
