/** Tests the files of `protobuf`: the decoder of chunks, and the lenient side of the encoder. */

import { assertEquals, assertThrows } from "@std/assert";
import { EncodeError, parseSignals, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  assertReadsPieces,
  assertSurvivesHostileBytes,
  floatSamples,
  mixedSamples,
  readFile,
  vector,
  writeFile,
} from "./_binary.ts";

const format = protobuf();
const withoutReceived = (samples: readonly Sample[]) => samples.map(({ tsReceived: _, ...sample }) => sample);
const float = vector("formats/float.protobuf");
const mixed = vector("formats/mixed.protobuf");
/** Complex parts are float32 on the wire. */
const mixedRead = format.decode(mixed);

for (const [name, samples] of [["float", floatSamples], ["mixed", mixedSamples]] as const) {
  Deno.test(`protobuf().createEncoder() writes ${name}.protobuf as VILLASnode does`, () => {
    assertEquals(writeFile(format, samples), vector(`formats/${name}.protobuf`));
    const bare = protobuf({ sequence: false, ts_origin: false });
    assertEquals(writeFile(bare, samples), vector(`formats/${name}.protobuf.noseq-nots`));
  });
}

Deno.test("protobuf().createDecoder() reads the vectors in chunks of any length, and reports a truncated end", () => {
  assertReadsPieces(format, float, withoutReceived(floatSamples));
  assertReadsPieces(format, mixed, mixedRead);
  assertEquals(readFile(format, float.subarray(0, 220)).messages, [
    "Cannot decode file as protobuf at offset 167: the file ends inside the field that begins here",
  ]);
});

Deno.test("protobuf().createDecoder() reads consecutive datagrams", () => {
  const names = [...Deno.readDirSync(new URL("../data/datagrams", import.meta.url))].map(({ name }) => name).sort();
  const datagrams = names.map((name) => vector(`datagrams/${name}`));
  const file = new Uint8Array(datagrams.flatMap((datagram) => [...datagram]));
  assertEquals(names.length, 16);
  assertReadsPieces(format, file, datagrams.flatMap((datagram) => format.decode(datagram)));
});

Deno.test("protobuf().createDecoder() reports the offset of a broken sample and continues after it", () => {
  const broken = float.slice();
  broken[61] = 0x1f; // the tag of the second sample's timestamp gets wire type 7
  const samples = withoutReceived(floatSamples);
  assertEquals(readFile(format, new Uint8Array([...float, ...broken, ...float]), 5), {
    samples: [...samples, ...samples.filter((_, i) => i !== 1), ...samples],
    messages: ["Cannot decode file as protobuf at offset 284: a field has a wire type that does not exist"],
    offsets: [284],
  });
});

Deno.test("protobuf().createDecoder() reports the offset of a wrong value", () => {
  const file = new Uint8Array([...float, 0x0a, 4, 0x1a, 2, 0x17, 0, ...float]);
  assertEquals(readFile(format, file), {
    samples: [...withoutReceived(floatSamples), ...withoutReceived(floatSamples)],
    messages: ["Cannot decode file as protobuf at offset 227: a field has a wire type that does not exist"],
    offsets: [227],
  });
});

Deno.test("protobuf().createDecoder() skips unknown fields and groups", () => {
  const unknown = [
    [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // 1: varint, not a sample
    [0x11, 1, 2, 3, 4, 5, 6, 7, 8], // 2: fixed64
    [0x1a, 3, 0x0a, 0x7f, 0x00], // 3: bytes that look like the start of a sample
    [0x25, 1, 2, 3, 4], // 4: fixed32
    [0x2b, 0x0a, 1, 0x7f, 0x33, 0x34, 0x2c], // 5: a group with field 1 and a group in it
    [0x92, 0x80, 0x01, 0], // 2050: no bytes
    [0x8a, 0x80, 0x80, 0x80, 0x00, 0x00], // 1, in more bytes than need be: a sample of nothing
  ].flat();
  const file = new Uint8Array([...unknown, ...float, ...unknown]);
  const empty = { values: [] };
  for (const pieceLength of [1, 4, file.length]) {
    assertEquals(readFile(format, file, pieceLength), {
      samples: [empty, ...withoutReceived(floatSamples), empty],
      messages: [],
      offsets: [],
    });
  }
});

const notAField: [string, number[]][] = [
  ["a field has the number 0", [0x00]],
  ["a field has the number 0", [0x02]],
  ["a field has a wire type that does not exist", [0x0e]],
  ["a group ends that did not begin", [0x0c]],
  ["a group ends that did not begin", [0x13, 0x0c]],
  ["the number of a field is longer than 29 bits", [0x8a, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ["the number of a field is longer than 29 bits", [0xfa, 0xff, 0xff, 0xff, 0x1f]],
  ["a number is longer than its type allows", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x08]],
  ["a number is longer than its type allows", [0x08, ...new Array(10).fill(0x80), 0]],
  ["groups are nested too deeply", new Array(101).fill(0x0b)],
];

for (const [why, bytes] of notAField) {
  Deno.test(`protobuf().createDecoder() reports once: ${why}: ${bytes.slice(0, 6)}`, () => {
    // The last of the bytes that can be a group on their own is where it goes wrong.
    const offset = float.length + (why.includes("nested") ? 100 : bytes[0] === 0x13 ? 1 : 0);
    const message =
      `Cannot decode file as protobuf at offset ${offset}: ${why}, so the rest of the file cannot be decoded`;
    for (const pieceLength of [1, 1000]) {
      assertEquals(readFile(format, new Uint8Array([...float, ...bytes, ...float, 0, 0, 0]), pieceLength), {
        samples: withoutReceived(floatSamples),
        messages: [message],
        offsets: [offset],
      });
    }
  });
}

Deno.test("protobuf().createDecoder() reports a sample of more than 16 MiB and continues after it", () => {
  const errors: string[] = [];
  const decoder = format.createDecoder(({ message }) => errors.push(message));
  const head = Uint8Array.of(0x0a, 0x81, 0x80, 0x80, 0x08); // 16 MiB and 1 byte
  assertEquals(decoder.push(head), []);
  const piece = new Uint8Array(2 ** 20);
  for (let i = 0; i < 16; i++) assertEquals(decoder.push(piece), []);
  assertEquals(decoder.push(Uint8Array.of(0, ...float)), withoutReceived(floatSamples));
  assertEquals(decoder.end(), []);
  assertEquals(errors, [
    "Cannot decode file as protobuf at offset 0: a sample takes 16777222 bytes, more than 16777216",
  ]);
});

Deno.test("protobuf().createDecoder() reads a sample of exactly 16 MiB in chunks", () => {
  const sample = new Uint8Array(2 ** 24);
  // One unknown field fills the sample: lengths of 2^24 - 5 and 2^24 - 10 bytes.
  sample.set([0x0a, 0xfb, 0xff, 0xff, 0x07, 0x3a, 0xf6, 0xff, 0xff, 0x07]);
  const decoder = format.createDecoder((error) => {
    throw error;
  });
  const samples: Sample[] = [];
  for (let i = 0; i < sample.length; i += 100_000) samples.push(...decoder.push(sample.subarray(i, i + 100_000)));
  assertEquals(samples, [{ values: [] }]);
});

Deno.test("protobuf().createDecoder() lets onDecodeError() stop the decoding", () => {
  const decoder = format.createDecoder((error) => {
    throw error;
  });
  assertThrows(() => decoder.push(Uint8Array.of(0)), Error, "a field has the number 0, so the rest of the file");
});

Deno.test("protobuf().createEncoder() records types and unset values as they were received, which a datagram refuses", () => {
  const samples: Sample[] = [
    { type: "start", values: [] },
    { sequence: 1n, values: [null, 1.5, null, true] },
    { type: "stop", sequence: 2n, values: [] },
  ];
  const withSignals = protobuf({ signals: parseSignals("ffib") });
  for (const each of [format, withSignals]) {
    assertEquals(readFile(each, writeFile(each, samples)).samples, samples);
    for (const sample of samples) assertThrows(() => each.encode([sample]), EncodeError, "does not survive");
  }
  assertThrows(
    () => withSignals.createEncoder()([{ values: [null, 2n] }]),
    EncodeError,
    "Cannot encode sample 0 as protobuf: value 1 is of type integer, signal1 of type float",
  );
});

Deno.test("protobuf().createEncoder() returns memory of its own", () => {
  const write = format.createEncoder();
  const first = write(floatSamples);
  write(mixedSamples);
  assertEquals(first, float);
});

Deno.test("protobuf().createDecoder() returns the samples of decode() for chunks of any length", () => {
  const sample = fc.record({
    sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    values: fc.array(fc.oneof(fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.boolean())),
  });
  fc.assert(fc.property(fc.array(sample), fc.integer({ min: 1, max: 100 }), (samples, pieceLength) => {
    const bytes = writeFile(format, samples);
    assertEquals(format.decode(bytes), samples);
    assertEquals(readFile(format, bytes, pieceLength).samples, samples);
  }));
});

Deno.test("protobuf().createDecoder() decodes or refuses hostile bytes", () => {
  assertSurvivesHostileBytes(format, [float, mixed]);
});
