import { assertEquals, assertThrows } from "@std/assert";
import {
  createFormat,
  DecodeError,
  EncodeError,
  type Format,
  parseSignals,
  type Sample,
  type Signal,
} from "@villas/client";
import { gtnet, raw, type RawOptions } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  assertMindsBuffers,
  assertReadsPieces,
  assertSurvivesHostileBytes,
  float32,
  floatSamples,
  mixedSamples,
  readFile,
  timestamp,
  vector,
  writeFile,
} from "./_binary.ts";

const create = { raw, gtnet };

const vectors: [keyof typeof create, string, RawOptions][] = [
  ["raw", "raw", {}],
  ["raw", "raw.32.little", { bits: 32, endianess: "little" }],
  ["raw", "raw.32.big", { bits: 32, endianess: "big" }],
  ["raw", "raw.64.little", { bits: 64 }],
  ["raw", "raw.64.big", { bits: 64, endianess: "big" }],
  ["raw", "raw.64.little.fake", { bits: 64, endianess: "little", fake: true }],
  ["gtnet", "gtnet", {}],
  ["gtnet", "gtnet.fake", { fake: true }],
  ["raw", "gtnet.fake", { endianess: "big", fake: true }],
];

/** What a sample is behind the wire. */
function read(samples: readonly Sample[], { bits = 32, fake = false }: RawOptions): Sample[] {
  const { fround } = Math;
  return samples.map(({ sequence = 0n, tsOrigin = { sec: 0, nsec: 0 }, values }) => ({
    ...fake ? { sequence, tsOrigin } : {},
    values: values.map((value) => {
      if (typeof value === "number") return bits === 32 ? fround(value) : value;
      if (typeof value !== "object" || value === null) return value;
      return { real: fround(value.real), imag: fround(value.imag) };
    }),
  }));
}

for (const [name, file, options] of vectors) {
  const symbol = `${name}(${JSON.stringify(options)})`;

  Deno.test(`${symbol} writes and reads float.${file} as VILLASnode does`, () => {
    assertIsVector(create[name]({ ...options, signals: parseSignals("3f") }), `float.${file}`, floatSamples, options);
    assertEquals(writeFile(create[name](options), floatSamples), vector(`formats/float.${file}`));
  });

  Deno.test(`${symbol} writes and reads mixed.${file} as VILLASnode does, but for an integer that it cuts`, () => {
    const format = create[name]({ ...options, signals: parseSignals("fibc") });
    if (options.bits === 64) return assertIsVector(format, `mixed.${file}`, mixedSamples, options);
    const why = `Cannot encode sample 1 as ${name}: value 1 is 9223372036854775807, which does not fit into 32 bits`;
    assertEquals(assertThrows(() => format.createEncoder()(mixedSamples), EncodeError).message, why);
    // Cut to 32 bits, the largest int64 is -1.
    const cut = mixedSamples.map((sample) => ({
      ...sample,
      values: sample.values.map((value) => value === 9223372036854775807n ? -1n : value),
    }));
    assertIsVector(format, `mixed.${file}`, cut, options);
  });
}

function assertIsVector(format: Format, file: string, samples: readonly Sample[], options: RawOptions): void {
  const bytes = vector(`formats/${file}`);
  const expected = read(samples, options);
  assertEquals(writeFile(format, samples), bytes);
  assertReadsPieces(format, bytes, expected);
  assertEquals(writeFile(format, expected), bytes);
  const length = bytes.length / samples.length;
  for (const [i, sample] of samples.entries()) {
    const datagram = bytes.subarray(i * length, (i + 1) * length);
    assertEquals(format.encode([sample]), datagram);
    assertEquals(format.decode(datagram), [expected[i]]);
  }
}

Deno.test("raw() writes integers and booleans of 8 and 16 bits", () => {
  const signals = parseSignals("bi");
  assertEquals(raw({ bits: 8, signals }).encode([{ values: [true, 42n] }]), Uint8Array.of(1, 42));
  const big = raw({ bits: 16, endianess: "big", signals });
  assertEquals(big.encode([{ values: [true, -2n] }]), Uint8Array.of(0, 1, 0xff, 0xfe));
  assertEquals(big.decode(Uint8Array.of(0, 9, 0x80, 0)), [{ values: [true, -32768n] }]);
  const little = raw({ bits: 16, signals });
  assertEquals(little.encode([{ values: [true, -2n] }]), Uint8Array.of(1, 0, 0xfe, 0xff));
});

Deno.test("raw() reads words without signals as floats, or as integers where floats do not exist", () => {
  assertEquals(raw({ bits: 8 }).decode(Uint8Array.of(1, 0xff)), [{ values: [1n, -1n] }]);
  assertEquals(raw({ bits: 16 }).decode(Uint8Array.of(1, 0x80)), [{ values: [-32767n] }]);
  assertEquals(raw().decode(Uint8Array.of(0, 0, 0xc0, 0x3f)), [{ values: [1.5] }]);
  assertEquals(raw({ bits: 64 }).decode(new Uint8Array(8)), [{ values: [0] }]);
  assertEquals(raw().decode(new Uint8Array()), []);
});

Deno.test("raw() takes fewer words than signals, and whole values only", () => {
  const format = raw({ signals: parseSignals("fc") });
  assertEquals(format.decode(new Uint8Array(4)), [{ values: [0] }]);
  assertEquals(format.decode(new Uint8Array(12)), [{ values: [0, { real: 0, imag: 0 }] }]);
});

const broken: [string, number, number[], RawOptions?][] = [
  ["its 5 bytes are not a whole number of words of 32 bits", 5, [0, 0, 0, 0, 0]],
  ["it ends inside a header of 3 words", 8, new Array(8).fill(0), { fake: true }],
  ["a timestamp has 1000000000 nanoseconds, more than 999999999", 8, [...new Array(8).fill(0), 0, 0xca, 0x9a, 0x3b], {
    fake: true,
  }],
  ["a timestamp has 18446744073709552000 seconds, more than a float64 holds exactly", 8, new Array(24).fill(255), {
    fake: true,
    bits: 64,
  }],
  ["it has more words than 1 signals need", 4, new Array(8).fill(0), { signals: parseSignals("f") }],
  ["it ends inside value 1", 4, new Array(8).fill(0), { signals: parseSignals("fc") }],
  ["value 1 is of type float, which 16 bits cannot carry", 2, [0, 0, 0, 0], { bits: 16, signals: parseSignals("if") }],
  ["value 0 is of type complex, which 8 bits cannot carry", 0, [0, 0], { bits: 8, signals: parseSignals("c") }],
];

for (const [why, offset, bytes, options] of broken) {
  Deno.test(`raw().decode() reports: ${why}`, () => {
    const datagram = Uint8Array.of(9, ...bytes).subarray(1);
    const error = assertThrows(() => raw(options).decode(datagram), DecodeError);
    assertEquals(error.message, `Cannot decode datagram as raw at offset ${offset}: ${why}`);
  });
}

const refused: [Sample[], string, RawOptions?][] = [
  [[{ values: [1] }, { values: [2] }], "sample 1 as raw: a datagram of this format holds only one sample"],
  [[{ values: [] }], "sample 0 as raw: it has no values, so it would have no bytes"],
  [[{ values: [2147483648n] }], "sample 0 as raw: value 0 is 2147483648, which does not fit into 32 bits"],
  [[{ values: [1n, -32769n] }], "sample 0 as raw: value 1 is -32769, which does not fit into 16 bits", { bits: 16 }],
  [[{ values: [128n] }], "sample 0 as raw: value 0 is 128, which does not fit into 8 bits", { bits: 8 }],
  [[{ values: [1] }], "sample 0 as raw: value 0 is of type float, which does not fit into 8 bits", { bits: 8 }],
  [
    [{ values: [1n, { real: 1, imag: 2 }] }],
    "sample 0 as raw: value 1 is of type complex, which does not fit into 16 bits",
    { bits: 16 },
  ],
  [[{ values: [null] }], "sample 0 as raw: value 0 is not set, which VILLASnode does not survive"],
  [[{ values: [1, 2] }], "sample 0 as raw: it has 2 values for 1 signal", { signals: parseSignals("f") }],
  [
    [{ tsOrigin: { sec: 2 ** 32, nsec: 0 }, values: [1] }],
    "sample 0 as raw: a timestamp is after the year 2106, where the format ends",
    { fake: true },
  ],
];

for (const [samples, why, options] of refused) {
  Deno.test(`raw().encode() refuses ${why.slice(17)}`, () => {
    const error = assertThrows(() => raw(options).encode(samples), EncodeError);
    assertEquals(error.message, `Cannot encode ${why}`);
  });
}

Deno.test("raw() keeps all of a sequence number in a header of 64 bits, and the low half in one of 32", () => {
  const sample = { sequence: 2n ** 64n - 1n, tsOrigin: { sec: 2 ** 33, nsec: 1 }, values: [] };
  const wide = raw({ bits: 64, fake: true });
  assertEquals(wide.decode(wide.encode([sample])), [sample]);
  const narrow = raw({ fake: true });
  assertEquals(narrow.decode(narrow.encode([{ ...sample, tsOrigin: { sec: 1, nsec: 1 } }])), [
    { sequence: 0xffff_ffffn, tsOrigin: { sec: 1, nsec: 1 }, values: [] },
  ]);
  const off = raw({ fake: true, sequence: false, ts_origin: false });
  const nothing = { sequence: 0n, tsOrigin: { sec: 0, nsec: 0 }, values: [] };
  assertEquals(off.decode(off.encode([sample])), [nothing]);
  assertEquals(narrow.decode(narrow.encode([{ values: [] }])), [nothing]);
});

Deno.test("raw() refuses options that contradict each other", () => {
  const cases: [object, string][] = [
    [{ bits: 24 }, 'Cannot set option "bits" of format raw to 24: expected 8, 16, 32, 64'],
    [{ endianess: "middle" }, 'Cannot set option "endianess" of format raw to "middle": expected "little", "big"'],
    [{ bits: 8, endianess: "big" }, 'Cannot set option "endianess" of format raw: one byte has no byte order'],
    [
      { bits: 16, fake: true },
      'Cannot set option "fake" of format raw: a timestamp does not fit into words of 16 bits',
    ],
  ];
  for (const [options, message] of cases) {
    assertEquals(assertThrows(() => raw(options as RawOptions), TypeError).message, message);
  }
});

Deno.test("raw() needs signals to read a file, and samples of one kind to write one", () => {
  const ignore = () => {};
  assertThrows(
    () => raw().createDecoder(ignore),
    TypeError,
    'Cannot decode a file of raw: option "signals" must say how long a sample is',
  );
  assertThrows(() => gtnet({ signals: [] }).createDecoder(ignore), TypeError, "a sample of no signals has no bytes");
  const write = raw({ signals: parseSignals("2f") }).createEncoder();
  const why = "its values are not of the types that all samples of the file must have: they are float, not float,float";
  const error = assertThrows(() => write([{ values: [1, 2] }, { values: [1] }]), EncodeError);
  assertEquals(error.message, `Cannot encode sample 1 as raw: ${why}`);
  const free = raw().createEncoder();
  free([{ values: [1n] }]);
  assertThrows(() => free([{ values: [1] }]), EncodeError, "they are float, not integer");
});

Deno.test("raw().createDecoder() reports what is wrong in one sample and continues after it", () => {
  const format = raw({ fake: true, signals: parseSignals("f") });
  const good = { sequence: 1n, tsOrigin: { sec: 1, nsec: 2 }, values: [1.5] };
  const file = writeFile(format, [good, good, good]);
  file[16 + 11] = 0xff;
  for (const pieceLength of [1, 15, 100]) {
    assertEquals(readFile(format, new Uint8Array([...file, 0]), pieceLength), {
      samples: [good, good],
      messages: [
        "Cannot decode file as raw at offset 24: a timestamp has 4278190082 nanoseconds, more than 999999999",
        "Cannot decode file as raw at offset 48: the file ends inside the sample that begins here",
      ],
      offsets: [24, 48],
    });
  }
});

Deno.test("createFormat() finds raw and gtnet with their options", async () => {
  const format = await createFormat('{"type": "raw", "bits": 64, "endianess": "big", "fake": true}');
  assertEquals([format.name, format.isText, format.encode([{ values: [] }]).length], ["raw", false, 24]);
  assertEquals((await createFormat("gtnet")).encode([{ values: [1n] }]), Uint8Array.of(0, 0, 0, 1));
});

Deno.test("raw() and gtnet() read and write only the memory they are given", () => {
  assertMindsBuffers(raw(), [{ values: [1, 2] }]);
  assertMindsBuffers(gtnet({ fake: true }), [{ sequence: 1n, values: [1n, true, { real: 1, imag: 2 }] }]);
});

/** All layouts there are, each with signals that fit it. */
const layouts: RawOptions[] = ([8, 16, 32, 64] as const).flatMap((bits) =>
  [false, true].filter((fake) => !fake || bits >= 32).flatMap((fake) =>
    (["little", "big"] as const).map((endianess) => ({
      bits,
      fake,
      ...bits > 8 ? { endianess } : {},
      signals: parseSignals(bits < 32 ? "2ib" : "fibc"),
    }))
  )
);

for (const options of layouts) {
  const { bits = 32, fake = false, endianess, signals = [] } = options;

  Deno.test(`raw() of ${bits} bits${fake ? " with header" : ""}, ${endianess}, returns the samples it was given`, () => {
    const format = raw(options);
    const limit = 2n ** BigInt(bits - 1);
    const byType = {
      float: bits === 64 ? fc.double() : float32,
      integer: fc.bigInt({ min: -limit, max: limit - 1n }),
      boolean: fc.boolean(),
      complex: fc.record({ real: float32, imag: float32 }),
    };
    const header = { sequence: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }), tsOrigin: timestamp };
    const all = fc.tuple(...signals.map(({ type }: Signal) => byType[type])) as fc.Arbitrary<Sample["values"]>;
    const sample = fc.record({ values: all, ...fake ? header : {} }) as fc.Arbitrary<Sample>;
    fc.assert(fc.property(fc.array(sample), fc.integer({ min: 1, max: 99 }), (samples, pieceLength) => {
      for (const each of samples) assertEquals(format.decode(format.encode([each])), [each]);
      assertEquals(readFile(format, writeFile(format, samples), pieceLength).samples, samples);
    }));
  });

  Deno.test(`raw() of ${bits} bits${fake ? " with header" : ""}, ${endianess}, decodes or refuses hostile bytes`, () => {
    assertSurvivesHostileBytes(raw(options), [vector("formats/mixed.raw"), vector("formats/float.raw.64.little.fake")]);
  });
}

Deno.test("raw() without signals decodes or refuses hostile bytes", () => {
  assertSurvivesHostileBytes(raw(), [vector("formats/mixed.raw")], { file: false });
  assertSurvivesHostileBytes(gtnet({ fake: true }), [vector("formats/mixed.gtnet.fake")], { file: false });
});
