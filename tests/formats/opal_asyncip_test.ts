import { assertEquals, assertThrows } from "@std/assert";
import { createFormat, DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { opalAsyncip, type OpalAsyncipOptions } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  assertMindsBuffers,
  assertReadsPieces,
  assertSurvivesHostileBytes,
  floatSamples,
  mixedSamples,
  readFile,
  vector,
  writeFile,
} from "./_binary.ts";

const format = opalAsyncip();
const float = vector("formats/float.opal.asyncip");
const mixed = vector("formats/mixed.opal.asyncip");
const bare = (samples: readonly Sample[]): Sample[] =>
  samples.map(({ sequence = 0n, values }) => ({ sequence, values }));

Deno.test("opalAsyncip() writes and reads float.opal.asyncip as VILLASnode does", () => {
  assertEquals(writeFile(format, floatSamples), float);
  assertEquals(format.encode(floatSamples), float);
  assertEquals(format.decode(float), bare(floatSamples));
  assertEquals(format.encode(format.decode(float)), float);
  assertReadsPieces(format, float, bare(floatSamples));
});

Deno.test("opalAsyncip() writes and reads mixed.opal.asyncip as VILLASnode does", () => {
  const typed = opalAsyncip({ signals: parseSignals("fibc") });
  assertEquals(writeFile(typed, mixedSamples), mixed);
  const real = (value: number) => ({ real: value, imag: 0 });
  assertEquals(typed.decode(mixed), [
    { sequence: 0n, values: [1.5, -7n, true, real(1.25)] },
    { sequence: 1n, values: [-0.5, 2 ** 63, false, real(Math.fround(0.1))] },
    { sequence: 2n, values: [1e20, -300n, true, real(0)] },
    { sequence: 3n, values: [0.1, 0n, false, real(5)] },
  ]);
  assertReadsPieces(format, mixed, format.decode(mixed));
  assertEquals(format.encode(format.decode(mixed)), mixed);
});

Deno.test("opalAsyncip() casts back to what the signals say, as far as the number tells", () => {
  const integers = opalAsyncip({ signals: parseSignals("6i") });
  const values = [1.9, -1.9, 2 ** 53, NaN, -Infinity, 2 ** 53 - 1, 0.5];
  assertEquals(integers.decode(format.encode([{ values }])), [
    { sequence: 0n, values: [1n, -1n, 2 ** 53, NaN, -Infinity, 2n ** 53n - 1n, 0.5] },
  ]);
  const booleans = opalAsyncip({ signals: parseSignals("4b") });
  assertEquals(booleans.decode(format.encode([{ values: [0, -0, 0.1, NaN] }]))[0]?.values, [false, false, true, true]);
});

Deno.test("opalAsyncip() refuses what VILLASnode does not survive or ignores", () => {
  const cases: [Sample, string][] = [
    [{ values: new Array(65).fill(0) }, "it has 65 values, more than 64"],
    [{ values: [] }, "it has no values, so VILLASnode would ignore it"],
    [{ values: [null] }, "value 0 is not set, which VILLASnode does not survive"],
    [{ type: "stop", values: [1] }, "VILLASnode does not survive a sample of type stop"],
  ];
  for (const [bad, why] of cases) {
    const error = assertThrows(() => format.encode([{ values: [1] }, bad]), EncodeError);
    assertEquals(error.message, `Cannot encode sample 1 as opal.asyncip: ${why}`);
  }
  assertThrows(
    () => opalAsyncip({ signals: parseSignals("f") }).encode([{ values: [1n] }]),
    EncodeError,
    "type integer",
  );
  assertEquals(format.encode([{ values: new Array(64).fill(0) }]).length, 520);
});

Deno.test("opalAsyncip() writes device and low sequence number, and reads any device", () => {
  const sample = { sequence: 2n ** 32n - 1n, values: [1] };
  const datagram = opalAsyncip({ dev_id: -2 }).encode([{ ...sample, sequence: 2n ** 40n + sample.sequence }]);
  assertEquals([...datagram.subarray(0, 8)], [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 8, 0]);
  assertEquals(format.decode(datagram), [sample]);
  assertEquals(opalAsyncip({ sequence: false }).encode([sample])[2], 0);
});

Deno.test("opalAsyncip() ignores packets without values", () => {
  const header = new Uint8Array(8);
  assertEquals(format.decode(header), []);
  assertEquals(format.decode(new Uint8Array()), []);
  const all = new Uint8Array([...header, ...float, ...header]);
  assertEquals(format.decode(all), bare(floatSamples));
  assertEquals(readFile(format, all, 3), { samples: bare(floatSamples), messages: [], offsets: [] });
});

const broken: [string, number, number[]][] = [
  ["it ends inside a header of 8 bytes, of which it has 7", 128, [0, 0, 0, 0, 0, 0, 0]],
  ["it ends inside a message of 16 bytes, of which it has 15", 128, [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a packet has 9 bytes of values, which are not a multiple of 8", 134, [0, 0, 0, 0, 0, 0, 9, 0]],
  ["a packet has -8 bytes of values, which are not a multiple of 8", 134, [0, 0, 0, 0, 0, 0, 0xf8, 0xff]],
];

for (const [why, offset, bytes] of broken) {
  Deno.test(`opalAsyncip().decode() reports: ${why}`, () => {
    const error = assertThrows(() => format.decode(new Uint8Array([1, ...float, ...bytes]).subarray(1)), DecodeError);
    assertEquals(error.message, `Cannot decode datagram as opal.asyncip at offset ${offset}: ${why}`);
  });
}

Deno.test("opalAsyncip().createDecoder() stops at a header that is none, and reports a truncated end", () => {
  assertEquals(readFile(format, new Uint8Array([...float, 0, 0, 0, 0, 0, 0, 9, 0, ...float]), 5), {
    samples: bare(floatSamples),
    messages: [
      "Cannot decode file as opal.asyncip at offset 134: a packet has 9 bytes of values, which are not a multiple of 8, " +
      "so the rest of the file cannot be decoded",
    ],
    offsets: [134],
  });
  assertEquals(readFile(format, float.subarray(0, 127)).messages, [
    "Cannot decode file as opal.asyncip at offset 96: the file ends inside the sample that begins here",
  ]);
});

Deno.test("opalAsyncip() refuses unknown options", () => {
  assertThrows(() => opalAsyncip({ dev_id: 32768 }), TypeError, "expected a whole number from -32768 to 32767");
  assertThrows(() => opalAsyncip({ bits: 8 } as OpalAsyncipOptions), TypeError, 'Cannot set option "bits"');
});

Deno.test("createFormat() finds opal.asyncip", async () => {
  const made = await createFormat({ type: "opal.asyncip", dev_id: 5 });
  assertEquals([made.name, made.isText, made.encode([{ values: [1] }])[0]], ["opal.asyncip", false, 5]);
});

Deno.test("opalAsyncip() reads and writes only the memory it is given", () => {
  assertMindsBuffers(format, [{ sequence: 1n, values: [1, 2] }, { sequence: 2n, values: [3] }]);
});

Deno.test("opalAsyncip() returns the samples it was given, from datagrams and files", () => {
  const typed = opalAsyncip({ signals: parseSignals("fib") });
  const integer = fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n });
  const sample = fc.record({
    sequence: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
    values: fc.tuple(fc.double(), integer, fc.boolean()),
  });
  fc.assert(fc.property(fc.array(sample), fc.integer({ min: 1, max: 99 }), (samples, pieceLength) => {
    assertEquals(typed.decode(typed.encode(samples)), samples);
    assertEquals(readFile(typed, writeFile(typed, samples), pieceLength).samples, samples);
  }));
});

Deno.test("opalAsyncip() decodes or refuses hostile bytes", () => {
  assertSurvivesHostileBytes(format, [float, mixed]);
  assertSurvivesHostileBytes(opalAsyncip({ signals: parseSignals("ibc") }), [float, mixed]);
});
