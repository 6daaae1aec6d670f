import { assert, assertEquals } from "@std/assert";
import { createFormat, type FormatSpecification, type Sample } from "@villas/client";
import {
  csv,
  detectFormat,
  gtnet,
  jsonEdgeflex,
  jsonKafka,
  jsonReserve,
  opalAsyncip,
  protobuf,
  type raw,
  tsv,
  villasBinary,
  villasHuman,
  villasWeb,
} from "@villas/client/formats";
import { fc } from "../_properties.ts";
import { fuzzCount, vector } from "./_binary.ts";

const names = (folder: string) =>
  [...Deno.readDirSync(new URL(`../data/${folder}`, import.meta.url))].map(({ name }) => name).sort();

const text = (content: string) => new TextEncoder().encode(content);

Deno.test("detectFormat() recognises every datagram that VILLASnode sent", () => {
  const datagrams = names("datagrams").map((name) => vector(`datagrams/${name}`));
  assertEquals(datagrams.length, 16);
  for (const datagram of datagrams) assertEquals(detectFormat([datagram]).format, "protobuf");
  assertEquals(detectFormat(datagrams), {
    format: "protobuf",
    reason: "it starts with 0x0a and its fields are those of a sample of 3 values",
    candidates: [],
  });
});

/** The format that a vector is of, by its name; nothing where the bytes do not tell. */
function expectedFormat(name: string): string | undefined {
  // What VILLASnode writes there is garbage behind the first message.
  if (/^mixed\.villas\.(binary|web)$/.test(name)) return undefined;
  const rest = name.replace(/^(float|mixed)\./, "").replace(/\.(prec5|indent4|nooffset|noseq-nots)$/, "");
  return /^(raw|gtnet)/.test(rest) ? undefined : rest;
}

for (const name of names("formats").filter((name) => !name.endsWith(".input"))) {
  const expected = expectedFormat(name);
  Deno.test(`detectFormat() finds ${expected ?? "no format"} in ${name}`, () => {
    const { format, reason, candidates } = detectFormat([vector(`formats/${name}`)]);
    assertEquals(format, expected, reason);
    assertEquals(candidates.length > 0, expected === undefined, reason);
  });
}

const layouts: [string, Parameters<typeof raw>[0]][] = [
  ["float.raw", { bits: 32, endianess: "little" }],
  ["float.raw.32.little", { bits: 32, endianess: "little" }],
  ["float.raw.32.big", { bits: 32, endianess: "big" }],
  ["float.raw.64.little", { bits: 64, endianess: "little" }],
  ["float.raw.64.big", { bits: 64, endianess: "big" }],
  ["float.raw.64.little.fake", { bits: 64, endianess: "little", fake: true }],
  ["float.gtnet.fake", { bits: 32, endianess: "big", fake: true }],
];

for (const [name, options] of layouts) {
  Deno.test(`detectFormat() names the right layout of ${name} first, and does not decide for it`, () => {
    const bytes = vector(`formats/${name}`);
    const length = bytes.length / 4;
    const datagrams = [0, 1, 2, 3].map((i) => bytes.subarray(i * length, (i + 1) * length));
    const { format, candidates } = detectFormat(datagrams.slice(1));
    assertEquals(format, undefined);
    assertEquals(candidates[0]?.specification, { type: "raw", ...options });
    const types = candidates.map(({ specification }) => specification.type);
    assert(types.includes("gtnet") && types.includes("raw"), types.join());
  });
}

Deno.test("detectFormat() previews each candidate", () => {
  const samples = [{ sequence: 9n, tsOrigin: { sec: 1_700_000_000, nsec: 1 }, values: [1.5, -2, 0.25, 4, 5] }];
  const { reason, candidates } = detectFormat([gtnet({ fake: true }).encode(samples)]);
  assertEquals(
    reason,
    "it matches no format that identifies itself, and bare numbers look the same in every width and byte order",
  );
  assertEquals(candidates.slice(0, 2), [
    {
      specification: { type: "raw", bits: 32, endianess: "big", fake: true },
      preview: "sequence number 9, 5 values: 1.5, -2, 0.25, 4, ...",
    },
    { specification: { type: "gtnet", fake: true }, preview: "sequence number 9, 5 values: 1.5, -2, 0.25, 4, ..." },
  ]);
});

const tsOrigin = { sec: 1_700_000_000, nsec: 5 };
const sample: Sample = { sequence: 4n, tsOrigin, values: [1.5, 2, 3] };
const untimed: Sample = { sequence: 4n, values: [1.5, 2, 3] };

const shapes: [string | undefined, string, Uint8Array][] = [
  [
    "villas.binary",
    "it starts with 0x20 and its length field, read as big endian, matches 3 values",
    villasBinary().encode([sample]),
  ],
  [
    "villas.binary",
    "it starts with 0x20 and its length field, read as big endian, matches the values of 2 messages",
    villasBinary().encode([sample, sample]),
  ],
  [
    "villas.web",
    "it starts with 0x20 and its length field, read as little endian, matches 3 values",
    villasWeb().encode([sample]),
  ],
  // Their lengths of 257 and 0 are the same in both byte orders; their times are not.
  [
    "villas.web",
    "it starts with 0x20 and its length field, read as little endian, matches 257 values",
    villasWeb().encode([{ ...sample, values: new Array(257).fill(1) }]),
  ],
  [
    "villas.binary",
    "it starts with 0x20 and its length field, read as big endian, matches 0 values",
    villasBinary().encode([{ ...sample, values: [] }]),
  ],
  [
    "opal.asyncip",
    "its length field at offset 6 matches 3 values, all of plausible magnitude",
    opalAsyncip().encode([sample]),
  ],
  ["protobuf", "it starts with 0x0a and its fields are those of 2 samples", protobuf().encode([sample, sample])],
  [
    "json",
    'it is JSON of an array of objects with "data"',
    text('[{"ts": {"origin": [1, 2]}, "sequence": 0, "data": [1.0, 2.5]}]'),
  ],
  ["json", "it is an empty JSON array", text(" [ ] ")],
  [
    "json.kafka",
    'it is JSON of an object with "payload"',
    text('{"schema": {}, "payload": {"timestamp": 1, "a": 1.0}}'),
  ],
  ["json.kafka", 'it is JSON of an array of objects with "payload"', jsonKafka().encode([sample])],
  ["json.reserve", 'it is JSON of an array of objects with "measurements"', jsonReserve().encode([sample])],
  ["json.reserve", 'it is JSON of an array of objects with "setpoints"', text('[{"setpoints": []}]')],
  ["json.edgeflex", 'it is JSON of an array of objects with "created"', jsonEdgeflex().encode([sample, sample])],
  [
    "json.edgeflex",
    'it is JSON of an object with "created"',
    text('{"data": 1.0, "payload": {"real": 1.0, "imag": 2.0}, "sequence": true, "x": null, "created": 1}'),
  ],
  [
    "json.reserve",
    'it is JSON of an object with "measurements"',
    text('{"measurements": [{"name": "a", "value": 1.0}]}'),
  ],
  ["json", 'it is JSON of an array of objects with "sequence"', text('[{"ts": {"origin": [1, 2]}, "sequence": 0}]')],
  ["json.edgeflex", 'it is JSON of an object with "created"', text('{"signal0": 1.0, "created": 1548104309033}')],
  ["villas.human", "its lines begin with a time, and values follow", text("1700000000.000000005(4)F\t1.0\t2.0\n")],
  ["villas.human", "its lines begin with a time, and values follow", text("123456780+1.0(4) 1.0 2.0\n")],
  ["csv", "its lines begin with seconds and nanoseconds, separated by a comma", text("1700000000,000000005,4,1.0\n")],
  ["csv", "its lines begin with seconds and nanoseconds, separated by a comma", text("nan,nan,nan,4,1.0\n")],
  ["csv", "its lines begin with a comma, without a time before it", text(",4,1.0\n")],
  ["csv", "its lines begin with a comma, without a time before it", text(",0.000000000,4,1.0\n")],
  ["tsv", "its lines begin with a tab, without a time before it", text("\tnan\tnan\t1.0\n")],
  ["csv", "its lines begin with seconds and nanoseconds, separated by a comma", csv().encode([sample])],
  ["csv", "its lines begin with seconds and nanoseconds, separated by a comma", csv().encode([untimed])],
  ["tsv", "its lines begin with seconds and nanoseconds, separated by a tab", tsv().encode([untimed])],
  ["tsv", "its lines begin with seconds and nanoseconds, separated by a tab", text("1700000000\t000000005\t4\t1.0\n")],
  ["value", "it is a single number", text("-1.50000000000000000\n")],
  ["iotagent_ul", "it has names and numbers separated by |", text("signal0|0.022245|signal1|-1.0")],
  [undefined, 'it is text that matches no format of VILLASnode: it starts with "Hello, world!"', text("Hello, world!")],
  [undefined, 'it is text that matches no format of VILLASnode: it starts with "{\\"a\\": 1}"', text('{"a": 1}')],
];

for (const [format, reason, datagram] of shapes) {
  Deno.test(`detectFormat() finds ${format}: ${reason}`, () => {
    assertEquals(detectFormat([datagram]), { ...format === undefined ? {} : { format }, reason, candidates: [] });
  });
}

const humanTimes = [
  "1700000000.000000005(4)F\t1.0",
  "0.0(0)\t1.0",
  "0.000000000(0)\t1.00000000000000000\t2.00000000000000000",
  "12.500000000\t1.00000000000000000",
  "0.0F\t1.0",
  "5+1.0(4) 1.0",
  "5.000000001-2.500000e-09\tnan",
  "5+1e-05\t-1",
  "1700000000\t1.0",
  "1700000000.000000005;1.0;2.0",
  "(7)F\t1.0",
  "7(3)",
  "7(3)\t1+2i",
  "7(3)\t<?>",
];

for (const line of humanTimes) {
  Deno.test(`detectFormat() finds ${JSON.stringify(line)} to be villas.human, which can be read`, () => {
    const datagram = text(`${line}\n`);
    assertEquals(detectFormat([datagram]).format, "villas.human");
    assertEquals(villasHuman().decode(datagram).length, 1);
  });
}

const bareNumbers = [
  "1,2,3",
  "1 2 3",
  "1\t2\t3",
  "1;2;3",
  "1,2",
  "1.5,2.5",
  "0.0\t1.5",
  "1.5e-5 2.5",
  "1.0+2.0i\t3.0-1.0i",
  "230.123456789,50.0",
  "230.123456789 50.0",
  "1,000000002;3",
  "2024-05-06 12:00:00,1.5",
  "12:30:15 1.5",
  "(1) First",
  ",,",
  "\t1.5\t2.5",
  "\tindented",
];

for (const line of bareNumbers) {
  Deno.test(`detectFormat() takes ${JSON.stringify(line)} for nothing that VILLASnode writes`, () => {
    const { format, reason } = detectFormat([text(`${line}\n`)]);
    assertEquals(format, undefined, reason);
  });
}

Deno.test("detectFormat() finds the separator of csv", async () => {
  for (const separator of [";", "|", " ", ":", "&", "\\"]) {
    for (const given of [sample, untimed]) {
      const datagram = csv({ separator }).encode([given, given]);
      const { format, options, reason } = detectFormat([datagram, datagram]);
      assertEquals(format, "csv", separator);
      assertEquals(options, { separator });
      const by = separator === " " ? "a space" : `"${separator}"`;
      assertEquals(reason, `its lines begin with seconds and nanoseconds, separated by ${by}`);
      const found = await createFormat({ type: "csv", ...options });
      assertEquals(found.decode(datagram), [given, given]);
    }
  }
  assertEquals(detectFormat([text("# secs;nsecs;offset;sequence;va\n1;2;nan;3;1.0\n")]), {
    format: "csv",
    options: { separator: ";" },
    reason: 'it begins with the header of csv, separated by ";"',
    candidates: [],
  });
  // Two separators are two formats.
  const mixed = [csv({ separator: ";" }).encode([sample]), csv({ separator: "|" }).encode([sample])];
  assertEquals(detectFormat(mixed).candidates.map(({ specification }) => specification), [
    { type: "csv", separator: ";" },
    { type: "csv", separator: "|" },
  ]);
});

Deno.test("detectFormat() detects every text format, for any values", async () => {
  const specifications: FormatSpecification[] = [
    "json",
    "json.kafka",
    "json.edgeflex",
    "json.reserve",
    "csv",
    "tsv",
    "villas.human",
    { type: "csv", sequence: false },
    { type: "tsv", ts_origin: false },
    { type: "csv", separator: ";", real_precision: 3 },
    { type: "villas.human", ts_origin: false },
    { type: "json.kafka", indent: 2 },
  ];
  for (const specification of specifications) {
    const format = await createFormat(specification);
    fc.assert(fc.property(
      fc.nat(2 ** 32 - 1),
      fc.nat(999_999_999),
      fc.nat(),
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 5 }),
      (sec, nsec, sequence, values) => {
        const datagram = format.encode([{ tsOrigin: { sec, nsec }, sequence: BigInt(sequence), values }]);
        assertEquals(detectFormat([datagram]).format, format.name, new TextDecoder().decode(datagram));
      },
    ));
  }
});

Deno.test("detectFormat() needs a datagram that is not empty", () => {
  const nothing = { reason: "there is no datagram that is not empty", candidates: [] };
  assertEquals(detectFormat([]), nothing);
  assertEquals(detectFormat([new Uint8Array(), new Uint8Array()]), nothing);
  assertEquals(detectFormat([new Uint8Array(), villasWeb().encode([sample])]).format, "villas.web");
  assertEquals(detectFormat([Uint8Array.of(0xff, 0, 1)]), {
    reason: "it matches no format that identifies itself, and its length is not a multiple of 4 bytes",
    candidates: [],
  });
});

Deno.test("detectFormat() ignores a few broken datagrams, and does not decide by a few good ones", () => {
  const good = protobuf().encode([sample]);
  const bad = good.subarray(0, good.length - 1);
  const { format, reason } = detectFormat([bad, good, good]);
  assertEquals(format, "protobuf");
  assertEquals(reason, "2 of 3 datagrams match: it starts with 0x0a and its fields are those of a sample of 3 values");
  assertEquals(detectFormat([bad, good]), {
    reason: "only 1 of 2 datagrams match protobuf",
    candidates: [{
      specification: { type: "protobuf" },
      preview: "it starts with 0x0a and its fields are those of a sample of 3 values",
    }],
  });
  assertEquals(
    detectFormat([villasWeb().encode([sample]), good]).reason,
    "the datagrams match villas.web and protobuf equally well",
  );
  // What comes after the eighth does not count.
  assertEquals(detectFormat([...new Array(8).fill(good), ...new Array(20).fill(bad)]).format, "protobuf");
});

Deno.test("detectFormat() does not decide between byte orders that look the same", () => {
  const { format, candidates } = detectFormat([villasBinary().encode([{ values: [] }])]);
  assertEquals(format, undefined);
  assertEquals(candidates.map(({ specification }) => specification.type), ["villas.binary", "villas.web"]);
});

Deno.test("detectFormat() never throws, and finds nothing in random datagrams", () => {
  let mistaken = 0;
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 100, maxLength: 100 }), { maxLength: 4 }), (datagrams) => {
      if (detectFormat(datagrams).format !== undefined) mistaken++;
    }),
    { numRuns: fuzzCount },
  );
  // Random bytes of uniform distribution, which the above is not.
  const random = new Uint8Array(100);
  for (let i = 0; i < fuzzCount; i++) {
    crypto.getRandomValues(random);
    if (detectFormat([random]).format !== undefined) mistaken++;
  }
  assertEquals(mistaken, 0);
});

Deno.test("detectFormat() takes a bounded time for a large hostile datagram", () => {
  const long = [
    "[".repeat(65_000),
    "1".repeat(65_000),
    "1.".repeat(32_000),
    "|".repeat(65_000),
    "\n".repeat(65_000),
    "{\n}\n".repeat(16_000),
    "1+1e1".repeat(13_000),
  ];
  for (const content of long) {
    const start = performance.now();
    detectFormat(new Array(8).fill(text(content)));
    const elapsed = performance.now() - start;
    assert(elapsed < 1000, `${elapsed} ms for ${content.slice(0, 10)}`);
  }
});
