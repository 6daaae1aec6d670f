/**
 * What `protobuf` makes of literal bytes, and what bytes it writes.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample, type Timestamp, type Value } from "@villas/client";
import { type FormatOptions, protobuf } from "@villas/client/formats";
import { delimited, double, hex, join, tag, varint, Wire } from "./_wire.ts";

const format = protobuf();
const data = new URL("../data/", import.meta.url);
const read = (name: string) => Deno.readFileSync(new URL(name, data));

/** A datagram of one sample of these fields. */
const sampleOf = (...fields: (Uint8Array | readonly number[])[]) => delimited(1, ...fields);
/** A datagram of one sample of one value of these fields. */
const valueOf = (...fields: (Uint8Array | readonly number[])[]) => sampleOf(delimited(100, ...fields));

function decodeOne(datagram: Uint8Array): Sample {
  const [sample, ...more] = format.decode(datagram);
  assert(sample !== undefined && more.length === 0);
  return sample;
}

function assertRefused(datagram: Uint8Array, reason: string, offset: number): void {
  const error = assertThrows(() => format.decode(datagram), DecodeError);
  assertEquals(error.message, `Cannot decode datagram as protobuf at offset ${offset}: ${reason}`);
  assertEquals([error.name, error.format, error.reason, error.offset], ["DecodeError", "protobuf", reason, offset]);
}

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

// What VILLASnode 1.2 has sent.

const at = (nsec: number): Timestamp => ({ sec: 1_700_000_000, nsec });
const f32 = Math.fround;
const integers = (sequence: bigint, values: Value[]): Sample => ({ sequence, tsOrigin: at(5), values });

const floatSamples: Sample[] = [
  [0, -0, 0],
  [1.25, -0.1, 1e-300],
  [2.5, -0.2, 2e-300],
  [3.75, -0.30000000000000004, 3e-300],
  [5, -0.4, 4e-300],
  [6.25, -0.5, 5e-300],
  [7.5, -0.6000000000000001, 6e-300],
  [8.75, -0.7000000000000001, 7e-300],
].map((values, i) => ({ sequence: BigInt(i), tsOrigin: at(123_456_789 + i), values }));

const mixedSamples: Sample[] = [
  { sequence: 0n, tsOrigin: at(1), values: [1.5, -7n, true, { real: 1.25, imag: -2.5 }] },
  { sequence: 1n, tsOrigin: at(100_000_001), values: [-0, 2n ** 63n - 1n, false, { real: f32(0.1), imag: f32(0.2) }] },
  { sequence: 2n, tsOrigin: at(200_000_001), values: [1e308, -(2n ** 63n), true, { real: 0, imag: -3 }] },
  { sequence: 3n, tsOrigin: at(300_000_001), values: [0.1, 0n, false, { real: 5, imag: 0 }] },
];

const floatFile: Sample[] = [
  { sequence: 0n, tsOrigin: at(123_456_789), values: [0, -0, 0] },
  { sequence: 1n, tsOrigin: at(123_456_790), values: [1.25, -0.1, 0.001] },
  { sequence: 2n, tsOrigin: at(123_456_791), newFrame: true, values: [2.5, -0.2, 0.002] },
  { sequence: 3n, tsOrigin: at(123_456_792), values: [3.75, -0.30000000000000004, 0.003] },
];

const mixedFile: Sample[] = [
  { sequence: 0n, tsOrigin: at(1), values: [1.5, -7n, true, { real: 1.25, imag: -2.5 }] },
  {
    sequence: 1n,
    tsOrigin: at(100_000_001),
    values: [-0.5, 2n ** 63n - 1n, false, { real: f32(0.1), imag: f32(0.2) }],
  },
  { sequence: 2n, tsOrigin: at(200_000_001), values: [1e20, -300n, true, { real: 0, imag: -3 }] },
  { sequence: 3n, tsOrigin: at(300_000_001), newFrame: true, values: [0.1, 0n, false, { real: 5, imag: 0 }] },
];

const withoutMetadata = ({ sequence: _, tsOrigin: __, ...rest }: Sample): Sample => rest;

const captures: Record<string, Sample[]> = {
  "datagrams/boolean-0.bin": [integers(0n, [false, false, true])],
  "datagrams/boolean-1.bin": [integers(1n, [true, false, true])],
  "datagrams/complex-0.bin": [integers(0n, [{ real: 0, imag: 0 }, { real: f32(0.1), imag: 0 }])],
  "datagrams/complex-1.bin": [integers(1n, [{ real: 1, imag: -1 }, { real: f32(0.1), imag: f32(0.333333) }])],
  "datagrams/float-0.bin": floatSamples.slice(0, 1),
  "datagrams/float-1.bin": floatSamples.slice(1, 2),
  "datagrams/float-noseq-0.bin": [{ tsOrigin: at(123_456_789), values: [0, -0, 0] }],
  "datagrams/float-noseq-nots-0.bin": [{ values: [0, -0, 0] }],
  "datagrams/float-nots-0.bin": [{ sequence: 0n, values: [0, -0, 0] }],
  "datagrams/float-vec8-0.bin": floatSamples,
  "datagrams/integer-0.bin": [integers(0n, [0n, 0n, 1n])],
  "datagrams/integer-1.bin": [integers(1n, [1n, -1n, 100n])],
  "datagrams/mixed-0.bin": mixedSamples.slice(0, 1),
  "datagrams/mixed-1.bin": mixedSamples.slice(1, 2),
  "datagrams/mixed-2.bin": mixedSamples.slice(2, 3),
  "datagrams/mixed-vec4-0.bin": mixedSamples,
  "formats/float.protobuf": floatFile,
  "formats/float.protobuf.noseq-nots": floatFile.map(withoutMetadata),
  "formats/mixed.protobuf": mixedFile,
  "formats/mixed.protobuf.noseq-nots": mixedFile.map(withoutMetadata),
};

for (const [name, samples] of Object.entries(captures)) {
  Deno.test(`protobuf decodes and encodes ${name} byte for byte`, () => {
    assertEquals(format.decode(read(name)), samples);
    assertEquals(format.encode(samples).toHex(), read(name).toHex());
    const buffer = new Uint8Array(1000);
    const length = format.encodeInto(samples, buffer);
    assertEquals(buffer.subarray(0, length).toHex(), read(name).toHex());
  });
}

Deno.test("there is a test for every datagram and protobuf file in tests/data", () => {
  const names = ["datagrams", "formats"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, data))].map(({ name }) => `${folder}/${name}`)
  );
  assertEquals(names.filter((name) => /\.bin$|\.protobuf/.test(name)).sort(), Object.keys(captures).sort());
});

Deno.test("protobuf options sequence and ts_origin leave out what VILLASnode leaves out", () => {
  assertEquals(
    protobuf({ sequence: false, ts_origin: false }).encode(mixedFile).toHex(),
    read("formats/mixed.protobuf.noseq-nots").toHex(),
  );
  assertEquals(
    protobuf({ sequence: false }).encode(floatSamples.slice(0, 1)).toHex(),
    read("datagrams/float-noseq-0.bin").toHex(),
  );
  assertEquals(
    protobuf({ ts_origin: false }).encode(floatSamples.slice(0, 1)).toHex(),
    read("datagrams/float-nots-0.bin").toHex(),
  );
});

Deno.test("protobuf decodes what VILLASnode's Python package writes", () => {
  const values = "a2060909000000000000f03f a20609090000000000000040 a20609090000000000000840";
  const rest = "a20602102a a2060c220a0d00000000150000803f";
  const first = hex(`0a55 0801 1004 1a07088c9aef3a1000 2207088d9aef3a1000 2801 ${values} a206021801 ${rest}`);
  const second = hex(`0a55 0801 1005 1a0708959aef3a1000 220708969aef3a1000 2800 ${values} a206021800 ${rest}`);
  const samples: Sample[] = [
    {
      sequence: 4n,
      tsOrigin: { sec: 123_456_780, nsec: 0 },
      tsReceived: { sec: 123_456_781, nsec: 0 },
      newFrame: true,
      values: [1, 2, 3, true, 42n, { real: 0, imag: 1 }],
    },
    {
      sequence: 5n,
      tsOrigin: { sec: 123_456_789, nsec: 0 },
      tsReceived: { sec: 123_456_790, nsec: 0 },
      values: [1, 2, 3, false, 42n, { real: 0, imag: 1 }],
    },
  ];
  assertEquals(first.length + second.length, 174);
  assertEquals(format.decode(join(first, second)), samples);
  // With ts_received the bytes are the same, but for `new_frame: false`, which says nothing.
  const canonical = hex(join(first, second).toHex().replace("0a5508011005", "0a5308011005").replace("2800", ""));
  assertEquals(protobuf({ ts_received: true }).encode(samples).toHex(), canonical.toHex());
  // And without it they are VILLASnode's own.
  assertEquals(
    format.encode(samples.slice(0, 1)).toHex(),
    hex(`0a4c 0801 1004 1a07088c9aef3a1000 2801 ${values} a206021801 ${rest}`).toHex(),
  );
});

// Numbers, at the limits of their lengths.

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
  Deno.test(`protobuf carries the sequence number ${sequence}`, () => {
    const datagram = sampleOf(hex("0801 10"), hex(digits));
    assertEquals(format.decode(datagram), [{ sequence, values: [] }]);
    assertEquals(format.encode([{ sequence, values: [] }]).toHex(), datagram.toHex());
  });
}

for (const [value, digits] of [...unsigned, ...negative]) {
  Deno.test(`protobuf carries the integer value ${value}`, () => {
    const datagram = sampleOf(hex("0801"), delimited(100, hex("10"), hex(digits)));
    assertEquals(format.decode(datagram), [{ values: [value] }]);
    assertEquals(format.encode([{ values: [value] }]).toHex(), datagram.toHex());
  });
}

const seconds = unsigned.filter(([value]) => value < 2n ** 32n);
for (const [value, digits] of seconds) {
  Deno.test(`protobuf carries the second ${value} and, if it is one, the nanosecond ${value}`, () => {
    const sec = Number(value);
    const nsec = sec <= 999_999_999 ? sec : 999_999_999;
    const written = hex(nsec === sec ? digits : "ff93ebdc03");
    const datagram = sampleOf(hex("0801"), delimited(3, hex("08"), hex(digits), hex("10"), written));
    assertEquals(format.decode(datagram), [{ tsOrigin: { sec, nsec }, values: [] }]);
    assertEquals(format.encode([{ tsOrigin: { sec, nsec }, values: [] }]).toHex(), datagram.toHex());
  });
}

for (const length of [127, 128, 16_383, 16_384]) {
  Deno.test(`protobuf carries samples whose length is around ${length} bytes`, () => {
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
  Deno.test(`protobuf carries the float value ${Object.is(value, -0) ? "-0" : value}`, () => {
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
  Deno.test(`protobuf carries complex values with the part ${Object.is(part, -0) ? "-0" : part}`, () => {
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

Deno.test("protobuf rounds the parts of complex values to float32, which VILLASnode has too", () => {
  const [value] = decodeOne(format.encode([{ values: [{ real: 0.1, imag: 1e300 }] }])).values;
  assertEquals(value, { real: 0.10000000149011612, imag: Infinity });
});

// What every parser of Protocol Buffers must take.

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
  Deno.test(`protobuf takes ${what}`, () => assertEquals(format.decode(datagram), samples));
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
  Deno.test(`protobuf steps over unknown fields everywhere: ${what}`, () => {
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

Deno.test("protobuf takes every known number with every other wire type as unknown", () => {
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

// What no parser takes.

const endsInside = "it ends inside a field";
const tooLong = "a number is longer than its type allows";
const numberTooLarge = "the number of a field is longer than 29 bits";
const refuses: [string, Uint8Array, string, number][] = [
  ["a tag alone", hex("0a"), endsInside, 1],
  ["a tag that goes on", hex("8a"), endsInside, 1],
  ["a length that is longer than the datagram", hex("0a02 08"), endsInside, 2],
  ["a length of 2^31 - 1", hex("0a ffffffff07"), endsInside, 6],
  ["a length of 2^31", hex("0a 8080808008 00"), tooLong, 6],
  ["a length of six bytes", hex("0a 808080808000"), tooLong, 6],
  ["a value that is longer than its sample", hex("0a04 a2060210 00"), endsInside, 5],
  ["a number that goes on at the end", hex("0a02 1080"), endsInside, 4],
  ["a number that goes on behind its sample", hex("0a02 1080 01"), endsInside, 4],
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
  Deno.test(`protobuf refuses ${what}`, () => {
    assertRefused(datagram, reason, offset);
    // Where it stands in the memory does not matter, nor what stands behind it.
    const memory = new Uint8Array(datagram.length + 40).fill(1);
    memory.set(datagram, 20);
    assertRefused(memory.subarray(20, 20 + datagram.length), reason, offset);
  });
}

Deno.test("protobuf refuses or takes every beginning of a datagram", () => {
  const whole = read("datagrams/mixed-vec4-0.bin");
  const ends = [0, 62, 126, 191, 248];
  for (let length = 0; length <= whole.length; length++) {
    const samples = ends.indexOf(length);
    if (samples >= 0) assertEquals(format.decode(whole.subarray(0, length)), mixedSamples.slice(0, samples));
    else assertThrows(() => format.decode(whole.subarray(0, length)), DecodeError, endsInside);
  }
});

Deno.test("protobuf takes 100 groups in each other, and 99 in a sample", () => {
  assertEquals(format.decode(hex("3b".repeat(100) + "3c".repeat(100))), []);
  assertEquals(format.decode(sampleOf(hex("3b".repeat(99) + "3c".repeat(99)))), [{ values: [] }]);
});

// What is not sent.

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
  Deno.test(`protobuf does not encode ${what}`, () => {
    assertNotEncoded([sample], why, options);
    // Nor anything of the datagram that it is in, wherever it stands.
    assertNotEncoded([{ values: [] }, sample], why, options, 1);
  });
}

Deno.test("protobuf encodes what fits the signals, which may be fewer values", () => {
  const strict = protobuf({ signals: parseSignals("fibc") });
  assertEquals(strict.encode(mixedSamples).toHex(), read("datagrams/mixed-vec4-0.bin").toHex());
  assertEquals(strict.decode(strict.encode([{ values: [] }, { values: [1, 2n] }])).length, 2);
});

Deno.test("protobuf does not look at a time that it does not send", () => {
  const future = { sec: 2 ** 33, nsec: 0 };
  assertEquals(protobuf({ ts_origin: false }).encode([{ tsOrigin: future, values: [] }]).toHex(), "0a020801");
  assertEquals(format.encode([{ tsReceived: future, values: [] }]).toHex(), "0a020801");
});

Deno.test("protobuf encodes no samples as the empty datagram", () => {
  assertEquals(format.encode([]).length, 0);
  assertEquals(format.encodeInto([], new Uint8Array(0)), 0);
});

Deno.test("protobuf encodes the widest sample that UDP carries", () => {
  const values = Array.from({ length: 5458 }, (_, i) => i / 7);
  const datagram = format.encode([{ sequence: 1n, values }]);
  assertEquals(datagram.length, 65_504);
  assertEquals(format.decode(datagram), [{ sequence: 1n, values }]);
});

// Memory: whose it is, and how long.

Deno.test("protobuf decodes a part of a larger memory", () => {
  const datagram = read("datagrams/mixed-vec4-0.bin");
  for (const offset of [0, 1, 3, 8, 1000]) {
    const memory = new Uint8Array(datagram.length + 2000).fill(0xff);
    memory.set(datagram, offset);
    assertEquals(format.decode(memory.subarray(offset, offset + datagram.length)), mixedSamples);
  }
});

Deno.test("protobuf leaves decoded samples alone when the buffer is used again", () => {
  const buffer = new Uint8Array(65_536);
  const first = read("datagrams/mixed-0.bin");
  buffer.set(first);
  const samples = format.decode(buffer.subarray(0, first.length));
  buffer.fill(0xff);
  const second = read("datagrams/float-0.bin");
  buffer.set(second);
  assertEquals(format.decode(buffer.subarray(0, second.length)), floatSamples.slice(0, 1));
  assertEquals(samples, mixedSamples.slice(0, 1));
});

Deno.test("protobuf decodes again after an error, in the same buffer and in another one", () => {
  const good = read("datagrams/float-0.bin");
  const bad = good.slice();
  bad[1] = 0x7f;
  assertThrows(() => format.decode(bad), DecodeError);
  bad[1] = 0x35;
  assertEquals(format.decode(bad), floatSamples.slice(0, 1));
  assertEquals(format.decode(good), floatSamples.slice(0, 1));
});

Deno.test("protobuf decodes from memory of any kind", () => {
  const datagram = read("datagrams/float-0.bin");
  const resizable = new Uint8Array(new ArrayBuffer(datagram.length, { maxByteLength: 1000 }));
  resizable.set(datagram);
  assertEquals(format.decode(resizable), floatSamples.slice(0, 1));
  resizable.buffer.resize(1000);
  assertEquals(format.decode(resizable.subarray(0, datagram.length)), floatSamples.slice(0, 1));
  const shared = new Uint8Array(new SharedArrayBuffer(datagram.length));
  shared.set(datagram);
  assertEquals(format.decode(shared), floatSamples.slice(0, 1));
});

Deno.test("protobuf encodes each datagram into memory of its own", () => {
  const first = format.encode(mixedSamples);
  const second = format.encode(floatSamples);
  assert(first.buffer !== second.buffer);
  assertEquals(first.toHex(), read("datagrams/mixed-vec4-0.bin").toHex());
  assertEquals([first.byteOffset, first.buffer.byteLength], [0, first.length]);
});

Deno.test("protobuf encodes into the memory given and touches nothing around it", () => {
  const memory = new Uint8Array(1000).fill(0xee);
  const expected = read("datagrams/mixed-vec4-0.bin");
  const length = format.encodeInto(mixedSamples, memory.subarray(100, 600));
  assertEquals(memory.subarray(100, 100 + length).toHex(), expected.toHex());
  assert(memory.subarray(0, 100).every((byte) => byte === 0xee));
  assert(memory.subarray(100 + length).every((byte) => byte === 0xee));
  assertEquals(format.encodeInto(mixedSamples, memory.subarray(0, length)), length);
});

Deno.test("protobuf does not encode into memory that is too small, and touches nothing", () => {
  const memory = new Uint8Array(1000);
  const error = assertThrows(() => format.encodeInto(mixedSamples, memory.subarray(0, 247)), RangeError);
  assertEquals(error.message, "Cannot encode 248 bytes into a buffer: it has 247 bytes");
  assert(memory.every((byte) => byte === 0));
});

Deno.test("protobuf formats do not get in each other's way", () => {
  const [a, b] = [protobuf(), protobuf({ sequence: false, ts_received: true })];
  const buffer = new Uint8Array(1000);
  const sample: Sample = { sequence: 3n, tsReceived: at(1), values: [1, 2n] };
  for (let i = 0; i < 3; i++) {
    const fromA = a.encode([sample, sample]);
    const length = b.encodeInto([sample], buffer);
    assertEquals(b.decode(fromA).length, 2);
    assertEquals(a.decode(buffer.subarray(0, length)), [{ tsReceived: at(1), values: [1, 2n] }]);
    assertEquals(a.decode(fromA), [{ sequence: 3n, values: [1, 2n] }, { sequence: 3n, values: [1, 2n] }]);
  }
});

Deno.test("protobuf names itself and is no text", () => {
  assertEquals([format.name, format.isText], ["protobuf", false]);
});

Deno.test("protobuf knows no options but the common ones", () => {
  const error = assertThrows(() => protobuf({ bits: 32 } as FormatOptions), TypeError);
  assertEquals(
    error.message,
    'Cannot set option "bits" of format protobuf: ' +
      "it has signals, sequence, ts_origin, ts_received, offset, data, real_precision",
  );
});
