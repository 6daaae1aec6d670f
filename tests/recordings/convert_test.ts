import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { createFormat, EncodeError, type Format, parseSignals, type Sample } from "@villas/client";
import { csv, json, protobuf, value, villasBinary } from "@villas/client/formats";
import { convert, createTolerantWriter, createValueConverter, readBatches } from "@villas/client/recordings";
import { fc } from "../_properties.ts";
import { complexOf, finiteFloat, int64 } from "../formats/_text_suite.ts";

const vectors = new URL("../data/formats/", import.meta.url).pathname;
const encoder = new TextEncoder();

function concatenate(pieces: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
  const joined = new Uint8Array(bytes.reduce((length, piece) => length + piece.length, 0));
  let length = 0;
  for (const piece of bytes) {
    joined.set(piece, length);
    length += piece.length;
  }
  return joined;
}

/** The options that the rest of a vector's name stands for. */
const variants: Record<string, Record<string, unknown>> = {
  "": {},
  prec5: { real_precision: 5 },
  fake: { fake: true },
  indent4: { indent: 4, sort_keys: true },
  "noseq-nots": { sequence: false, ts_origin: false },
  nooffset: { offset: false },
  "32.big": { bits: 32, endianess: "big" },
  "32.little": { bits: 32, endianess: "little" },
  "64.big": { bits: 64, endianess: "big" },
  "64.little": { bits: 64, endianess: "little" },
  "64.little.fake": { bits: 64, endianess: "little", fake: true },
};
const types: Record<string, string> = { float: "3f", mixed: "fibc" };

/**
 * The vectors, but for those where VILLASnode writes what was in memory (`mixed.villas.binary`), or the low bits of an
 * integer that does not fit (`mixed.raw.32.big`): such samples are refused here.
 */
const names = [...Deno.readDirSync(vectors)].map(({ name }) => name)
  .filter((name) =>
    !name.endsWith(".input") && !/^mixed\.(?:villas\.(?:binary|web)|gtnet.*|raw(?:\.32.*)?)$/.test(name)
  ).sort();

for (const name of names) {
  Deno.test(`convert() writes ${name} byte for byte as VILLASnode does`, async () => {
    const [, source = "", type = "", variant = ""] =
      /^(\w+)\.((?:json|villas|opal)\.(?:kafka|reserve|edgeflex|binary|web|human|asyncip)|\w+)\.?(.*)$/.exec(name) ??
        [];
    const signals = parseSignals(types[source] ?? "");
    const input = await createFormat("villas.human", { signals });
    const output = await createFormat({ type, ...variants[variant] }, { signals });
    const samples = readBatches(`${vectors}${source}.input`, input, { pieceLength: 50 });
    const file = concatenate(await Array.fromAsync(convert(samples, output)));
    assertEquals(file, await Deno.readFile(vectors + name));
  });
}

Deno.test("convert() knows all vectors there are", () => assert(names.length > 35));

async function* inLists(samples: readonly Sample[], length: number): AsyncGenerator<readonly Sample[]> {
  for (let start = 0; start < samples.length; start += length) yield samples.slice(start, start + length);
}

Deno.test("convert() writes a header once, whatever comes at a time", async () => {
  const samples = Array.from({ length: 5 }, (_, i) => ({ values: [BigInt(i)] }));
  const whole = concatenate(await Array.fromAsync(convert(inLists(samples, 5), csv())));
  for (const length of [1, 2]) {
    assertEquals(concatenate(await Array.fromAsync(convert(inLists(samples, length), csv()))), whole);
  }
});

Deno.test("convert() writes nothing for nothing", async () => {
  assertEquals(await Array.fromAsync(convert(inLists([], 1), csv())), []);
});

Deno.test("convert() leaves out what the format cannot carry, and says which samples these were", async () => {
  const values = [[1], [], [2], [3, 4], [], [5]];
  const samples = values.map((values) => ({ values }));
  for (const length of [1, 2, 3, 6]) {
    const errors: EncodeError[] = [];
    const pieces = convert(inLists(samples, length), value({ real_precision: 0 }), {
      onEncodeError: (error) => errors.push(error),
    });
    assertEquals((await Array.fromAsync(pieces)).join(""), "1\n2\n5\n");
    assertEquals(errors.map(({ message }) => message), [
      "Cannot encode sample 1 as value: it has 0 values, and the format carries exactly one",
      "Cannot encode sample 3 as value: it has 2 values, and the format carries exactly one",
      "Cannot encode sample 4 as value: it has 0 values, and the format carries exactly one",
    ]);
  }
});

Deno.test("convert() ends with the error where nobody takes the error", async () => {
  const pieces = convert(inLists([{ values: [1n, 2n] }], 1), value());
  await assertRejects(() => Array.fromAsync(pieces), EncodeError, "it has 2 values");
});

Deno.test("createTolerantWriter() passes on what is no fault of a sample", () => {
  const broken: Format = {
    ...json(),
    createEncoder: () => () => {
      throw new TypeError("broken");
    },
  };
  const write = createTolerantWriter(broken, () => {});
  let message = "";
  try {
    write([{ values: [] }]);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "broken");
});

Deno.test("createTolerantWriter() takes 20,000 samples of which none can be written", () => {
  let refused = 0;
  const write = createTolerantWriter(villasBinary(), () => refused++);
  const samples: Sample[] = Array.from({ length: 20_000 }, () => ({ values: [true] }));
  for (let i = 0; i < samples.length; i += 5000) assertEquals(write(samples.slice(i, i + 5000)), []);
  assertEquals(refused, 20_000);
});

for (const type of ["raw", "gtnet", "villas.binary", "villas.web"]) {
  Deno.test(`createValueConverter() refuses ${type} without signals, whose bits may be floats or integers`, async () => {
    const message =
      `Cannot convert from ${type} without signals: its values do not say whether they are floats or integers`;
    const format = await createFormat(type);
    for (const to of [json(), csv(), villasBinary()]) {
      assertThrows(() => createValueConverter(format, to), TypeError, message);
      assertEquals(createValueConverter(format, to, parseSignals("fi"))([{ values: [1, 2n] }]), [{ values: [1, 2n] }]);
    }
  });

  Deno.test(`createValueConverter() makes whole numbers of text floats for ${type}`, async () => {
    const to = await createFormat(type);
    for (const from of ["csv", "tsv", "villas.human", "value", "iotagent_ul"]) {
      const [sample] = createValueConverter(await createFormat(from), to)([{
        values: [1n, 2.5, true, 2n ** 53n + 1n],
      }]);
      assertEquals(sample?.values, [1, 2.5, true, 2n ** 53n + 1n]);
    }
  });
}

for (
  const [from, to] of [["json", "villas.binary"], ["protobuf", "raw"], ["csv", "protobuf"], ["opal.asyncip", "csv"]]
) {
  Deno.test(`createValueConverter() leaves values alone from ${from} to ${to}`, async () => {
    const convertValues = createValueConverter(await createFormat(from ?? ""), await createFormat(to ?? ""));
    assertEquals(convertValues([{ values: [1n, 2.5] }]), [{ values: [1n, 2.5] }]);
  });
}

Deno.test("createValueConverter() leaves integers alone for words that hold no floats", async () => {
  const to = await createFormat({ type: "raw", bits: 16 });
  assertEquals(createValueConverter(csv(), to)([{ values: [1n] }]), [{ values: [1n] }]);
});

// What chains of conversions keep: each format what it carries, and a chain what all of its formats carry.

interface Link {
  type: string;
  options?: Record<string, unknown>;
  carries: (keyof Sample)[];
  /** What becomes of a value. */
  float?: (value: number) => number;
}

const float32 = Math.fround;
const decimals = (value: number) => Number(value.toFixed(9));
const links: Link[] = [
  { type: "protobuf", carries: ["sequence", "tsOrigin", "newFrame"] },
  { type: "json", carries: ["sequence", "tsOrigin", "newFrame", "newSimulation"] },
  {
    type: "villas.human",
    options: { real_precision: 9 },
    carries: ["sequence", "tsOrigin", "newFrame"],
    float: decimals,
  },
  { type: "csv", options: { real_precision: 9 }, carries: ["sequence", "tsOrigin"], float: decimals },
  { type: "tsv", options: { real_precision: 9 }, carries: ["sequence", "tsOrigin"], float: decimals },
  { type: "villas.binary", carries: ["sequence", "tsOrigin"], float: float32 },
  { type: "villas.web", carries: ["sequence", "tsOrigin"], float: float32 },
  { type: "raw", options: { bits: 64, fake: true }, carries: ["sequence", "tsOrigin"] },
  { type: "gtnet", options: { fake: true }, carries: ["sequence", "tsOrigin"], float: float32 },
  { type: "opal.asyncip", carries: ["sequence"] },
  { type: "json.edgeflex", carries: [] },
  { type: "json.kafka", carries: ["sequence"] },
];

const floats = parseSignals("3f");
// Floats that no format loses anything of: multiples of 1/512 are float32 and have nine decimals.
const exactFloat = fc.integer({ min: -8_000_000, max: 8_000_000 }).map((count) => count / 512);
const anySamples = fc.array(
  fc.record({
    sequence: fc.bigInt(0n, 2n ** 31n - 1n),
    tsOrigin: fc.record({
      sec: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      nsec: fc.integer({ min: 0, max: 999_999_999 }),
    }),
    values: fc.tuple(exactFloat, exactFloat, exactFloat).map((values) => [...values]),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Only the parts of samples that are named, besides the values. */
function keep(samples: readonly Sample[], parts: readonly (keyof Sample)[]): Partial<Sample>[] {
  return samples.map((sample) =>
    Object.fromEntries(
      Object.entries(sample).filter(([part]) => part === "values" || parts.includes(part as keyof Sample)),
    )
  );
}

function rewrite(samples: readonly Sample[], format: Format): Sample[] {
  const fail = (error: Error) => {
    throw error;
  };
  const file = concatenate(createTolerantWriter(format, fail)(samples));
  const reader = format.createDecoder(fail);
  return [...reader.push(file), ...reader.end()];
}

for (const first of links) {
  Deno.test(`convert() from ${first.type} to every other format and back keeps what both carry`, async () => {
    const format = await createFormat({ type: first.type, ...first.options }, { signals: floats });
    for (const second of links) {
      const other = await createFormat({ type: second.type, ...second.options }, { signals: floats });
      const both = first.carries.filter((part) => second.carries.includes(part));
      fc.assert(
        fc.property(anySamples, (samples) => {
          const back = rewrite(rewrite(rewrite(samples, format), other), format);
          assertEquals(keep(back, both), keep(samples, both), second.type);
        }),
        { numRuns: 20 },
      );
    }
  });
}

Deno.test("convert() from json to protobuf and back keeps every value of every type", () => {
  const samples = fc.array(
    fc.record({
      sequence: fc.bigInt(0n, 2n ** 64n - 1n),
      newFrame: fc.constant(true as const),
      values: fc.tuple(finiteFloat, int64, fc.boolean(), complexOf(finiteFloat)).map((values) => [...values]),
    }),
    { maxLength: 5 },
  );
  fc.assert(fc.property(samples, (samples) => {
    fc.pre(
      samples.every(({ values: [, , , z] }) => z !== null && typeof z === "object" && Number.isFinite(z.real + z.imag)),
    );
    assertEquals(rewrite(rewrite(samples, json()), protobuf()), samples);
  }));
});

Deno.test("convert() returns text formats as bytes, too, which are those of their text", async () => {
  const samples: Sample[] = Array.from(
    { length: 100 },
    (_, index) => ({ sequence: BigInt(index), values: [index / 7] }),
  );
  async function* lists() {
    yield samples.slice(0, 60);
    yield samples.slice(60);
  }
  for (const format of [csv(), json()]) {
    const text = (await Array.fromAsync(convert(lists(), format))).join("");
    let bytes = "";
    for await (const piece of convert(lists(), format, { bytes: true })) {
      assertInstanceOf(piece, Uint8Array);
      bytes += new TextDecoder().decode(piece);
    }
    assertEquals(bytes, text);
  }
});
