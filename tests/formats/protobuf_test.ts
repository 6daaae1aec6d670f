/**
 * Tests `protobuf` with the datagrams and files of VILLASnode, and the memory that it reads and writes.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, type Sample, type Value } from "@villas/client";
import { type FormatOptions, protobuf } from "@villas/client/formats";
import { at, data, f32, floatSamples, format, mixedSamples, read } from "./_protobuf.ts";
import { hex, join } from "./_wire.ts";

const integers = (sequence: bigint, values: Value[]): Sample => ({ sequence, tsOrigin: at(5), values });

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
  Deno.test(`protobuf() decodes and encodes ${name} byte for byte`, () => {
    assertEquals(format.decode(read(name)), samples);
    assertEquals(format.encode(samples).toHex(), read(name).toHex());
    const buffer = new Uint8Array(1000);
    const length = format.encodeInto(samples, buffer);
    assertEquals(buffer.subarray(0, length).toHex(), read(name).toHex());
  });
}

Deno.test("tests/data has no datagram or protobuf file without a test", () => {
  const names = ["datagrams", "formats"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, data))].map(({ name }) => `${folder}/${name}`)
  );
  assertEquals(names.filter((name) => /\.bin$|\.protobuf/.test(name)).sort(), Object.keys(captures).sort());
});

Deno.test("protobuf() options sequence and ts_origin leave out what VILLASnode leaves out", () => {
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

Deno.test("protobuf() decodes what VILLASnode's Python package writes", () => {
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

Deno.test("protobuf() decodes a part of a larger memory", () => {
  const datagram = read("datagrams/mixed-vec4-0.bin");
  for (const offset of [0, 1, 3, 8, 1000]) {
    const memory = new Uint8Array(datagram.length + 2000).fill(0xff);
    memory.set(datagram, offset);
    assertEquals(format.decode(memory.subarray(offset, offset + datagram.length)), mixedSamples);
  }
});

Deno.test("protobuf() leaves decoded samples alone when the buffer is used again", () => {
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

Deno.test("protobuf() decodes again after an error, in the same buffer and in another one", () => {
  const good = read("datagrams/float-0.bin");
  const bad = good.slice();
  bad[1] = 0x7f;
  assertThrows(() => format.decode(bad), DecodeError);
  bad[1] = 0x35;
  assertEquals(format.decode(bad), floatSamples.slice(0, 1));
  assertEquals(format.decode(good), floatSamples.slice(0, 1));
});

Deno.test("protobuf() decodes from memory of any kind", () => {
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

Deno.test("protobuf() encodes each datagram into memory of its own", () => {
  const first = format.encode(mixedSamples);
  const second = format.encode(floatSamples);
  assert(first.buffer !== second.buffer);
  assertEquals(first.toHex(), read("datagrams/mixed-vec4-0.bin").toHex());
  assertEquals([first.byteOffset, first.buffer.byteLength], [0, first.length]);
});

Deno.test("protobuf() encodes into the memory given and touches nothing around it", () => {
  const memory = new Uint8Array(1000).fill(0xee);
  const expected = read("datagrams/mixed-vec4-0.bin");
  const length = format.encodeInto(mixedSamples, memory.subarray(100, 600));
  assertEquals(memory.subarray(100, 100 + length).toHex(), expected.toHex());
  assert(memory.subarray(0, 100).every((byte) => byte === 0xee));
  assert(memory.subarray(100 + length).every((byte) => byte === 0xee));
  assertEquals(format.encodeInto(mixedSamples, memory.subarray(0, length)), length);
});

Deno.test("protobuf() does not encode into memory that is too small, and touches nothing", () => {
  const memory = new Uint8Array(1000);
  const error = assertThrows(() => format.encodeInto(mixedSamples, memory.subarray(0, 247)), RangeError);
  assertEquals(error.message, "Cannot encode 248 bytes into a buffer: it has 247 bytes");
  assert(memory.every((byte) => byte === 0));
});

Deno.test("protobuf() returns independent formats", () => {
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

Deno.test("protobuf() has its name and is not text", () => {
  assertEquals([format.name, format.isText], ["protobuf", false]);
});

Deno.test("protobuf() knows no options but the common ones", () => {
  const error = assertThrows(() => protobuf({ bits: 32 } as FormatOptions), TypeError);
  assertEquals(
    error.message,
    'Cannot set option "bits" of format protobuf: ' +
      "it has signals, sequence, ts_origin, ts_received, offset, data, real_precision",
  );
});
