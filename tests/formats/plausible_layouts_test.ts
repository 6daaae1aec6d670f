import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseSignals, type Signal, type Value } from "@villas/client";
import { findPlausibleLayout, raw, type RawOptions, villasBinary, villasWeb } from "@villas/client/formats";
import { seededRandom } from "../_random.ts";

type Layout = Required<Pick<RawOptions, "bits" | "endianess" | "fake">>;

const layouts: Layout[] = ([32, 64] as const).flatMap((bits) =>
  (["little", "big"] as const).flatMap((endianess) => [false, true].map((fake) => ({ bits, endianess, fake })))
);

const nameOf = ({ bits, endianess, fake }: Layout) => `${bits} bits, ${endianess}${fake ? ", with a header" : ""}`;

/** Datagrams of rows of values. */
function encode(rows: readonly Value[][], layout: Layout, sequence = 0): Uint8Array[] {
  const format = raw(layout);
  return rows.map((values, index) => {
    const tsOrigin = { sec: 1_700_000_000 + index, nsec: 123_456_789 };
    return format.encode([{ sequence: BigInt(sequence + index), tsOrigin, values }]);
  });
}

/** A layout as it is found: in 32 bits big endian is that of gtnet. */
function specificationOf({ bits, endianess, fake }: Layout) {
  const header = fake ? { fake } : {};
  if (bits === 32) return { type: endianess === "big" ? "gtnet" : "raw", ...header };
  return { type: "raw", bits, ...endianess === "big" ? { endianess } : {}, ...header };
}

const find = (datagrams: Uint8Array[], read: Layout, signals?: readonly Signal[]) =>
  findPlausibleLayout(datagrams, { type: "raw", ...read }, signals);

const sines = Array.from({ length: 8 }, (_, i) => [0, 1, 2, 3].map((k) => 325 * Math.sin(i + k) + 0.01));

for (const sent of layouts) {
  Deno.test(`findPlausibleLayout() finds ${nameOf(sent)} from every other layout`, () => {
    const datagrams = encode(sines, sent, 5);
    for (const read of layouts) {
      const found = find(datagrams, read);
      assertEquals(found?.specification, read === sent ? undefined : specificationOf(sent), nameOf(read));
      if (found !== undefined) assert(found.preview.endsWith(`4 values: ${firstOf(sines, sent.bits)}`), found.preview);
    }
  });
}

function firstOf([row = []]: number[][], bits: number): string {
  return row.map((value) => Number((bits === 32 ? Math.fround(value) : value).toPrecision(7))).join(", ");
}

const little: Layout = { bits: 32, endianess: "little", fake: false };
const big: Layout = { bits: 32, endianess: "big", fake: false };

Deno.test("findPlausibleLayout() needs no more than a few short values", () => {
  for (const row of [[1.5, 2.5], [230, 49.5, 3], [5, 10, 100, 60], [0, -1.5, 0, 0.25]]) {
    for (const [sent, read] of [[big, little], [little, big]] as const) {
      assertEquals(find(encode([row], sent), read), {
        specification: specificationOf(sent),
        preview: `${row.length} values: ${row.join(", ")}`,
      });
    }
  }
});

Deno.test("findPlausibleLayout() needs one value where the signals are floats", () => {
  const datagrams = encode([[1.5]], big);
  assertEquals(find(datagrams, little), undefined);
  assertEquals(find(datagrams, little, parseSignals("f")), {
    specification: { type: "gtnet" },
    preview: "1 value: 1.5",
  });
  const complex = encode([[{ real: 0.5, imag: -2 }]], big);
  assertEquals(find(complex, little, parseSignals("c"))?.preview, "2 values: 0.5, -2");
});

Deno.test("findPlausibleLayout() looks at no integers, and at no layout with more words than the signals have", () => {
  const datagrams = encode([[1.5, 7n, true]], big);
  assertEquals(find(datagrams, little, parseSignals("fib"))?.specification, { type: "gtnet" });
  assertEquals(find(datagrams, little, parseSignals("3i")), undefined);
  assertEquals(find(encode([[1.5, 2.5, 3.5]], big), little, parseSignals("2f")), undefined);
});

Deno.test("findPlausibleLayout() takes a layout as VILLASnode's configuration has it", () => {
  const datagrams = encode([[1.5, 2.5]], big);
  const expected = { specification: { type: "gtnet" }, preview: "2 values: 1.5, 2.5" };
  for (const given of ["raw", '{"type": "raw"}', { type: "gtnet", endianess: "little" }]) {
    assertEquals(findPlausibleLayout(datagrams, given), expected);
  }
  for (const given of ["gtnet", "protobuf", { type: "raw", bits: 16 }, { type: "raw", endianess: "big" }]) {
    assertEquals(findPlausibleLayout(datagrams, given), undefined);
  }
  assertEquals(findPlausibleLayout([new Uint8Array(), ...datagrams], "raw"), expected);
  assertEquals(findPlausibleLayout([], "raw"), undefined);
  assertThrows(() => findPlausibleLayout(datagrams, "{"), SyntaxError);
  assertThrows(() => findPlausibleLayout(datagrams, "{}"), TypeError);
});

Deno.test("findPlausibleLayout() tells villas.binary from villas.web", () => {
  const sample = { sequence: 1n, tsOrigin: { sec: 1_700_000_000, nsec: 5 }, values: [1.5, 2.5] };
  const [inOrder, swapped] = [villasBinary().encode([sample]), villasWeb().encode([sample])];
  const preview = "sequence number 1, 2 values: 1.5, 2.5";
  assertEquals(findPlausibleLayout([swapped], "villas.binary"), { specification: { type: "villas.web" }, preview });
  assertEquals(findPlausibleLayout([inOrder], "villas.web"), { specification: { type: "villas.binary" }, preview });
  assertEquals(findPlausibleLayout([inOrder], "villas.binary"), undefined);
  assertEquals(findPlausibleLayout([swapped, inOrder], "villas.binary"), undefined);
  // A length of 257 is the same in both byte orders.
  const long = [0, 1].map((i) =>
    villasWeb().encode([{ ...sample, sequence: BigInt(i), values: new Array(257).fill(1.1) }])
  );
  assertEquals(findPlausibleLayout(long, "villas.binary")?.specification, { type: "villas.web" });
});

Deno.test("findPlausibleLayout() ignores broken datagrams", () => {
  const datagrams = encode(sines, { bits: 64, endianess: "little", fake: false });
  assertEquals(findPlausibleLayout([...datagrams, Uint8Array.of(1, 2, 3)], { type: "raw", bits: 64 }), undefined);
  assertEquals(findPlausibleLayout([...datagrams, Uint8Array.of(1, 2, 3, 4)], { type: "raw", bits: 64 }), undefined);
  assertEquals(findPlausibleLayout([Uint8Array.of(1, 2, 3)], { type: "raw", bits: 64 }), undefined);
});

Deno.test("findPlausibleLayout() accepts a header without numbers or times", () => {
  for (const read of layouts.filter(({ fake }) => fake)) {
    const format = raw({ ...read, sequence: false, ts_origin: false });
    const datagrams = sines.map((values) => format.encode([{ values }]));
    assertEquals(find(datagrams, read), undefined);
    const inDisorder = [...encode(sines, read, 1000), ...encode(sines, read)];
    assertEquals(find(inDisorder, read), undefined);
  }
});

const source = seededRandom(20);
const random = () => source.next() / 2 ** 32;
const size = () => 1 + Math.floor(8 * random());
const sign = () => random() < 0.5 ? -1 : 1;
const magnitude = () => sign() * 10 ** (21 * random() - 9);

/** Rows of values, and rows that are all the same. */
const tableOf = (create: () => Value) => {
  const [width, height] = [size(), size()];
  return Array.from({ length: height }, () => Array.from({ length: width }, create));
};
const constantOf = (create: () => Value) => {
  const [row = []] = tableOf(create);
  return Array.from({ length: size() }, () => row);
};
const integerBelow = (limit: number) => () => BigInt(Math.floor(limit * random()));

const plausible: Record<string, () => Value[][]> = {
  "floats from 1e-9 to 1e12": () => tableOf(magnitude),
  "constant floats": () => constantOf(magnitude),
  "floats and zeros": () => tableOf(() => random() < 0.5 ? 0 : magnitude()),
  "zeros": () => tableOf(() => 0),
  "round floats": () => tableOf(() => Math.round(8000 * random() - 4000) / 4),
  "small integers": () => tableOf(integerBelow(300)),
  "small constant integers": () => constantOf(integerBelow(300)),
  "negative integers": () => tableOf(() => -integerBelow(1000)()),
  "integers of two bytes": () => tableOf(integerBelow(2 ** 16)),
  "constant integers of two bytes": () => constantOf(integerBelow(2 ** 16)),
  "integers of three bytes": () => tableOf(integerBelow(2 ** 24)),
  "large integers": () => tableOf(integerBelow(2 ** 31)),
  "large constant integers": () => constantOf(integerBelow(2 ** 31)),
  "counters": () => {
    const starts = Array.from({ length: size() }, integerBelow(2 ** 24));
    return Array.from({ length: size() }, (_, i) => starts.map((start) => start + BigInt(i)));
  },
  "floats and integers": () => tableOf(() => random() < 0.5 ? magnitude() : integerBelow(1000)()),
  "booleans": () => tableOf(() => random() < 0.5),
  "floats that are not all finite": () => tableOf(() => random() < 0.2 ? NaN : random() < 0.2 ? Infinity : magnitude()),
};

for (const [name, create] of Object.entries(plausible)) {
  Deno.test(`findPlausibleLayout() finds nothing implausible in ${name}`, () => {
    for (let i = 0; i < 100; i++) {
      const rows = create();
      for (const layout of layouts) {
        const datagrams = encode(rows, layout, Math.floor(2 ** 20 * random()));
        assertEquals(find(datagrams, layout), undefined, `${nameOf(layout)}: ${rows}`);
        const types = rows[0]?.map((value) => typeof value === "number" ? "f" : typeof value === "bigint" ? "i" : "b");
        if (!/floats and integers|finite/.test(name)) {
          assertEquals(find(datagrams, layout, parseSignals(types?.join("") ?? "")), undefined, nameOf(layout));
        }
      }
    }
  });
}
