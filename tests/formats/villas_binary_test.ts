import { assertEquals, assertThrows } from "@std/assert";
import { createFormat, DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { villasBinary, type VillasBinaryOptions, villasWeb } from "@villas/client/formats";
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

const time = { sec: 5, nsec: 6 };
const sample = { sequence: 7n, tsOrigin: time, values: [1.5, -2] };
/** What a sample is behind float32. */
const read = (samples: readonly Sample[]): Sample[] =>
  samples.map(({ sequence, tsOrigin, values }) => ({
    sequence: sequence ?? 0n,
    tsOrigin: tsOrigin ?? { sec: 0, nsec: 0 },
    values: values.map((value) => typeof value === "number" ? Math.fround(value) : value),
  }));

/** A message; each argument is one of its fields. */
function writeMessage(
  isLittleEndian: boolean,
  first: number,
  source: number,
  length: number,
  nsec: number,
  ...words: number[]
): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 + 4 * words.length));
  view.setUint8(0, first);
  view.setUint8(1, source);
  view.setUint16(2, length, isLittleEndian);
  [7, 5, nsec, ...words].forEach((word, i) => view.setUint32(4 + 4 * i, word, isLittleEndian));
  return new Uint8Array(view.buffer);
}

const formats = [["villas.binary", villasBinary, false], ["villas.web", villasWeb, true]] as const;

for (const [name, create, isLittleEndian] of formats) {
  const symbol = isLittleEndian ? "villasWeb()" : "villasBinary()";
  const format = create();
  const bytes = vector(`formats/float.${name}`);

  const message = (first: number, source: number, length: number, nsec: number, ...words: number[]) =>
    writeMessage(isLittleEndian, first, source, length, nsec, ...words);

  Deno.test(`${symbol} writes and reads float.${name} as VILLASnode does`, () => {
    assertEquals(writeFile(format, floatSamples), bytes);
    assertEquals(format.encode(floatSamples), bytes);
    assertEquals(format.decode(bytes), read(floatSamples));
    assertEquals(format.encode(format.decode(bytes)), bytes);
    assertReadsPieces(format, bytes, read(floatSamples));
  });

  Deno.test(`${symbol} refuses the types of mixed.input, of which VILLASnode writes what was in memory`, () => {
    for (const write of [(samples: Sample[]) => format.encode(samples), format.createEncoder()]) {
      assertThrows(
        () => write(mixedSamples),
        EncodeError,
        `Cannot encode sample 0 as ${name}: value 2 is of type boolean, which the format cannot carry`,
      );
      assertThrows(() => write([{ values: [{ real: 1, imag: 2 }] }]), EncodeError, "value 0 is of type complex");
    }
    // What VILLASnode wrote has one message at its start, for the sample whose int64 is all ones, and zeros behind it.
    const signals = parseSignals("fiff");
    const garbage = create({ signals }).createDecoder(() => {});
    const [first] = garbage.push(vector(`formats/mixed.${name}`));
    if (isLittleEndian) assertEquals(first?.values, [-0.5, 4294967295n, 0, 0]);
  });

  Deno.test(`${symbol} reads integers as unsigned, and signals beyond the list as floats`, () => {
    const typed = create({ signals: parseSignals("if") });
    const samples = [{ ...sample, values: [4294967295n, 1.5] }];
    assertEquals(typed.decode(typed.encode(samples)), samples);
    assertEquals(typed.decode(typed.encode([{ ...sample, values: [-1n, 1.5] }])), samples);
    assertEquals(typed.decode(message(0x20, 0, 3, 6, 2 ** 31, 0x3fc00000, 0x40000000)), [
      { ...sample, values: [2147483648n, 1.5, 2] },
    ]);
    assertEquals(typed.decode(message(0x20, 0, 1, 6, 9)), [{ ...sample, values: [9n] }]);
  });

  Deno.test(`${symbol} refuses what does not fit`, () => {
    const cases: [Sample, string][] = [
      [{ values: [1, 4294967296n] }, "value 1 is 4294967296, which does not fit into 32 bits"],
      [{ values: [-2147483649n] }, "value 0 is -2147483649, which does not fit into 32 bits"],
      [{ values: new Array(65_536).fill(0) }, "it has 65536 values, more than 65535"],
      [{ values: [null] }, "value 0 is not set, which VILLASnode does not survive"],
      [{ type: "start", values: [] }, "VILLASnode does not survive a sample of type start"],
      [
        { tsOrigin: { sec: 2 ** 32, nsec: 0 }, values: [] },
        "a timestamp is after the year 2106, where the format ends",
      ],
      [{ sequence: -1n, values: [] }, "its sequence number -1 is out of range for an unsigned 64-bit integer"],
    ];
    for (const [bad, why] of cases) {
      const expected = `Cannot encode sample 1 as ${name}: ${why}`;
      assertEquals(assertThrows(() => format.encode([sample, bad]), EncodeError).message, expected);
    }
    assertThrows(() => create({ signals: parseSignals("f") }).encode([sample]), EncodeError, "2 values for 1 signal");
    assertThrows(
      () => format.createEncoder()([{ values: [null] }]),
      EncodeError,
      "value 0 is not set, which the format cannot",
    );
    assertEquals(format.decode(format.encode([{ values: new Array(65_535).fill(1) }]))[0]?.values.length, 65_535);
  });

  Deno.test(`${symbol} writes the low 32 bits of a sequence number, and 0 for what is missing or switched off`, () => {
    const lost = format.decode(
      format.encode([{ sequence: 2n ** 32n + 5n, values: [1e300, 2 ** -200] }, { values: [] }]),
    );
    const never = { sec: 0, nsec: 0 };
    assertEquals(lost, [
      { sequence: 5n, tsOrigin: never, values: [Infinity, 0] },
      { sequence: 0n, tsOrigin: never, values: [] },
    ]);
    const bare = create({ sequence: false, ts_origin: false });
    assertEquals(format.decode(bare.encode([sample])), [{ sequence: 0n, tsOrigin: never, values: [1.5, -2] }]);
  });

  const broken: [string, number, Uint8Array, VillasBinaryOptions?][] = [
    ["a message has version 0, not 2", 0, message(0x02, 0, 0, 0)],
    ["a message has type 3, which does not exist", 0, message(0x2c, 0, 0, 0)],
    ["a message has 1 in its reserved bits, not 0", 0, message(0x21, 0, 0, 0)],
    ["a timestamp has 1000000000 nanoseconds, more than 999999999", 12, message(0x20, 0, 0, 1e9)],
    ["it ends inside a header of 16 bytes, of which it has 15", 0, message(0x20, 0, 0, 0).subarray(0, 15)],
    ["it ends inside a message of 24 bytes, of which it has 20", 0, message(0x20, 0, 2, 0, 1)],
    ["a message has source index 9, not 5", 1, message(0x20, 9, 0, 0), {
      source_index: 5,
      validate_source_index: true,
    }],
    ["value 1 is of type boolean, which the format cannot carry", 20, message(0x20, 0, 2, 0, 1, 1), {
      signals: parseSignals("fb"),
    }],
  ];

  for (const [why, offset, bad, options] of broken) {
    Deno.test(`${symbol}.decode() reports: ${why}`, () => {
      const strict = create(options);
      const good = strict.encode([{ ...sample, values: [1] }]);
      const datagram = new Uint8Array([0xff, ...good, ...bad]).subarray(1);
      const error = assertThrows(() => strict.decode(datagram), DecodeError);
      assertEquals(error.message, `Cannot decode datagram as ${name} at offset ${good.length + offset}: ${why}`);
      assertEquals(error.offset, good.length + offset);
    });
  }

  Deno.test(`${symbol}.decode() takes start and stop marks, other sources and nothing at all`, () => {
    const both = new Uint8Array([...message(0x24, 1, 0, 6), ...message(0x28, 200, 1, 6, 0)]);
    assertEquals(format.decode(both), [
      { type: "start", sequence: 7n, tsOrigin: time, values: [] },
      { type: "stop", sequence: 7n, tsOrigin: time, values: [0] },
    ]);
    assertEquals(format.decode(new Uint8Array()), []);
    assertEquals(readFile(format, writeFile(format, format.decode(both))).samples, format.decode(both));
  });

  Deno.test(`${symbol}.encode() writes its source index`, () => {
    assertEquals(create({ source_index: 99 }).encode([sample])[1], 99);
    assertEquals(create({ source_index: 99, validate_source_index: true }).decode(message(0x20, 99, 0, 6)).length, 1);
  });

  Deno.test(`${symbol}.createDecoder() continues after a message of another source, and not after a broken header`, () => {
    const strict = create({ validate_source_index: true });
    const good = message(0x20, 0, 1, 6, 0);
    const file = new Uint8Array([...good, ...message(0x20, 3, 1, 6, 0), ...good, ...message(0x30, 0, 0, 6), ...good]);
    const found = { sequence: 7n, tsOrigin: time, values: [0] };
    for (const pieceLength of [1, 19, 1000]) {
      assertEquals(readFile(strict, file, pieceLength), {
        samples: [found, found],
        messages: [
          `Cannot decode file as ${name} at offset 21: a message has source index 3, not 0`,
          `Cannot decode file as ${name} at offset 60: a message has version 3, not 2, ` +
          `so the rest of the file cannot be decoded`,
        ],
        offsets: [21, 60],
      });
    }
    assertEquals(readFile(format, bytes.subarray(0, 100)).messages, [
      `Cannot decode file as ${name} at offset 84: the file ends inside the sample that begins here`,
    ]);
  });

  Deno.test(`${symbol} refuses unknown options`, () => {
    assertThrows(
      () => create({ source_index: 256 }),
      TypeError,
      `Cannot set option "source_index" of format ${name} to 256: expected a whole number from 0 to 255`,
    );
    assertThrows(
      () => create({ bits: 8 } as VillasBinaryOptions),
      TypeError,
      `Cannot set option "bits" of format ${name}`,
    );
  });

  Deno.test(`createFormat() finds ${name}`, async () => {
    const made = await createFormat({ type: name, source_index: 3 });
    assertEquals([made.name, made.isText, made.encode([sample])[1]], [name, false, 3]);
  });

  Deno.test(`${symbol} reads and writes only the memory it is given`, () => {
    assertMindsBuffers(format, [sample, sample]);
  });

  Deno.test(`${symbol} returns the samples it was given, from datagrams and files`, () => {
    const typed = create({ signals: parseSignals("ifif") });
    const integer = fc.bigInt({ min: 0n, max: 0xffff_ffffn });
    const values = fc.tuple(integer, float32, integer, float32).chain((all) =>
      fc.nat({ max: 4 }).map((count) => all.slice(0, count))
    );
    const any = fc.record({ sequence: integer, tsOrigin: timestamp, values });
    fc.assert(fc.property(fc.array(any), fc.integer({ min: 1, max: 99 }), (samples, pieceLength) => {
      assertEquals(typed.decode(typed.encode(samples)), samples);
      assertEquals(readFile(typed, writeFile(typed, samples), pieceLength).samples, samples);
    }));
  });

  Deno.test(`${symbol} decodes or refuses hostile bytes`, () => {
    assertSurvivesHostileBytes(format, [bytes]);
    assertSurvivesHostileBytes(create({ signals: parseSignals("ifb"), validate_source_index: true }), [bytes]);
  });
}
