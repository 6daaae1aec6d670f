/**
 * Names that json.edgeflex, json.kafka and json.reserve take from the first sample, where the signals have none.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, type Format, parseSignals, type Signal, type Value } from "@villas/client";
import { jsonEdgeflex, jsonKafka, jsonReserve } from "@villas/client/formats";
import { readDatagram, readFile, readGoodFile, writeDatagram } from "./_text_suite.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The text of one sample of a format. */
const sampleOf: Record<string, (fields: Fields) => string> = {
  "json.edgeflex": (fields) => JSON.stringify({ ...fields, created: 1005 }),
  "json.kafka": (fields) => JSON.stringify({ schema: {}, payload: { timestamp: 1005, ...fields } }),
  "json.reserve": (fields) =>
    JSON.stringify({ measurements: Object.entries(fields).map(([name, value]) => ({ name, value, created: 1005 })) }),
};

function textOf({ name }: Format, ...samples: Fields[]): string {
  return `[${samples.map((fields) => sampleOf[name]?.(fields)).join(", ")}]`;
}

/** The values of samples that come in one datagram. */
function read(format: Format, ...samples: Fields[]): Value[][] {
  return readDatagram(format, textOf(format, ...samples)).map(({ values }) => values);
}

const named: Signal[] = [{ name: "va", type: "float" }, { name: "vb", type: "float" }];

for (const create of [jsonEdgeflex, jsonKafka, jsonReserve]) {
  const { name } = create();

  for (const signals of [undefined, parseSignals("3f"), [{ type: "float" }, { type: "float" }, { type: "float" }]]) {
    const title = signals === undefined ? "without signals" : `with signals ${JSON.stringify(signals[0])}, ...`;
    const createOne = () => create(signals === undefined ? {} : { signals: signals as Signal[] });

    Deno.test(`${name} ${title} keeps the order of the first sample when the order of the names changes`, () => {
      const format = createOne();
      assertEquals(read(format, { a: 0.5, b: 1.5 }), [[0.5, 1.5]]);
      assertEquals(read(format, { b: 3.5, a: 2.5 }, { a: 4.5, b: 5.5 }), [[2.5, 3.5], [4.5, 5.5]]);
    });

    Deno.test(`${name} ${title} leaves missing names unset and appends new ones`, () => {
      const format = createOne();
      assertEquals(read(format, {}, { a: 0.5, b: 1.5 }), [[], [0.5, 1.5]]);
      assertEquals(read(format, { b: 1.5 }, { a: 0.5 }), [[null, 1.5], [0.5]]);
      assertEquals(read(format, { c: 2.5, b: 1.5 }, { c: 3.5, a: 0.5 }), [[null, 1.5, 2.5], [0.5, null, 3.5]]);
      assertEquals(format.unmatchedNames, new Set());
    });

    Deno.test(`${name} ${title} learns nothing from a sample that is refused`, () => {
      const format = createOne();
      assertThrows(() => read(format, { x: 0.5, y: "text" }), DecodeError);
      assertEquals(read(format, { a: 0.5 }), [[0.5]]);
      assertThrows(() => read(format, { b: 0.5, c: "text" }), DecodeError);
      assertEquals(read(format, { c: 1.5 }, { b: 2.5 }), [[null, 1.5], [null, null, 2.5]]);
    });

    Deno.test(`${name} ${title} encode() writes the names that decode() learned, in their order`, () => {
      const format = createOne();
      read(format, { "b c": 0.5, "é": 1.5 });
      const samples = readDatagram(format, textOf(format, { "é": 3.5, "b c": 2.5 }));
      const datagram = writeDatagram(format, samples);
      assert(datagram.indexOf('"b c"') < datagram.indexOf('"é"'), datagram);
      const other = createOne();
      assertEquals(readDatagram(other, datagram), samples);
      assertEquals(writeDatagram(other, samples), datagram);
    });

    Deno.test(`${name} ${title} createDecoder() learns the names of each file for itself`, () => {
      const format = createOne();
      const file = (...samples: Fields[]) => samples.map((fields) => `${sampleOf[name]?.(fields)}\n`).join("");
      const values = (text: string) => readGoodFile(format, text).map((sample) => sample.values);
      assertEquals(values(file({ a: 0.5, b: 1.5 }, { b: 3.5, a: 2.5 }, { b: 4.5 })), [[0.5, 1.5], [2.5, 3.5], [
        null,
        4.5,
      ]]);
      assertEquals(values(file({ b: 1.5, a: 0.5 }, { a: 2.5 })), [[1.5, 0.5], [null, 2.5]]);
      assertEquals(read(format, { c: 0.5, a: 1.5 }), [[0.5, 1.5]]);
      const text = file({ a: 0.5, b: 1.5 }, { b: 3.5, a: 2.5 });
      for (const piece of [1, 7, 64]) assertEquals(readFile(format, text, piece), readFile(format, text));
    });
  }

  Deno.test(`${name} puts names such as signal1 at the places of an unnamed list`, () => {
    const format = create({ signals: parseSignals("3f") });
    assertEquals(read(format, { signal2: 2.5, signal0: 0.5 }, { signal_1: 1.5 }), [[0.5, null, 2.5], [null, 1.5]]);
    assertEquals(read(format, { extra: 9.5, signal1: 1.5 }), [[null, 1.5]]);
    assertEquals(format.unmatchedNames, new Set(["extra"]));
    assertThrows(
      () => read(format, { a: 0.5 }),
      DecodeError,
      ': expected values named "signal0", "signal1", "signal2", got "a"',
    );
    assertThrows(() => read(create({ signals: parseSignals("f") }), { signal1: 1.5 }), DecodeError, 'got "signal1"');
  });

  Deno.test(`${name} takes the types of an unnamed list in the learned order`, () => {
    const format = create({ signals: parseSignals("fi") });
    const text = textOf(format, { b: 1, a: 2 });
    const values = readDatagram(format, text)[0]?.values;
    assertEquals(values, [1, 2n]);
    assertEquals(readDatagram(format, textOf(format, { a: 4, b: 3 }))[0]?.values, [3, 4n]);
  });

  Deno.test(`${name} learns as many names as there are signals and tells the others`, () => {
    const format = create({ signals: parseSignals("2f") });
    assertEquals(read(format, { a: 0.5, b: 1.5, c: 2.5 }, { c: 2.5, b: 1.5, d: 3.5 }), [[0.5, 1.5], [null, 1.5]]);
    assertEquals([...format.unmatchedNames ?? []], ["c", "d"]);
    assertThrows(() => read(format, { c: 2.5 }), DecodeError, 'expected values named "a", "b", got "c"');
  });

  Deno.test(`${name} refuses a sample of which no name fits, and says which came`, () => {
    const format = create({ signals: named });
    assertEquals(read(format, { x: 1.5, vb: 2.5 }), [[null, 2.5]]);
    assertEquals(read(format, {}), [[]]);
    const cases: [Fields, string][] = [
      [{ x: 1.5 }, 'expected values named "va", "vb", got "x"'],
      [{ a: 0, b: 0, c: 0, d: 0, e: 0, f: 0 }, 'expected values named "va", "vb", got "a", "b", "c", "d" and 2 more'],
      [{ ["n".repeat(100)]: 1.5 }, `expected values named "va", "vb", got "${"n".repeat(40)}..."`],
    ];
    for (const [fields, why] of cases) {
      const { message } = assertThrows(() => read(format, fields), DecodeError);
      assert(message.startsWith(`Cannot decode text as ${name} at line 1, column `), message);
      assert(message.endsWith(`: ${why}`), message);
    }
    assertThrows(
      () => read(create({ signals: [] }), { x: 1.5 }),
      DecodeError,
      "expected no values, because there are no signals",
    );
    assertEquals(format.unmatchedNames, new Set(["x"]));
  });

  Deno.test(`${name} keeps a bounded number of ignored names of bounded length`, () => {
    const format = create({ signals: named });
    const names = Array.from({ length: 100 }, (_, i) => `${i}${"n".repeat(100)}`);
    for (const name of names) read(format, { va: 0.5, [name]: 1.5 });
    assertEquals([...format.unmatchedNames ?? []], names.slice(0, 64).map((name) => `${name.slice(0, 80)}...`));
  });

  Deno.test(`${name} learns a bounded number of names`, () => {
    const format = create();
    const fieldsFrom = (start: number) =>
      Object.fromEntries(Array.from({ length: 4096 }, (_, i) => [`n${start + i}`, i]));
    for (let start = 0; start < 65_536; start += 4096) read(format, fieldsFrom(start));
    assertEquals(format.unmatchedNames?.size, 0);
    assertEquals(read(format, { late: 1.5, n1: 0.5 }), [[null, 0.5]]);
    assertEquals(format.unmatchedNames, new Set(["late"]));
    // A few bytes that name the last of all signals cost half a megabyte each.
    const last = { n65535: 1.5 };
    assertEquals(read(format, last)[0]?.length, 65_536);
    assertThrows(() => read(format, ...new Array(300).fill(last)), DecodeError, "too many values are not set");
    assertEquals(read(format, last, last).length, 2);
  });

  Deno.test(`${name} learns no more characters than a link's names have`, () => {
    const format = create();
    const long = "n".repeat(2 ** 20);
    for (let i = 0; i < 3; i++) read(format, { [`${i}${long}`]: i });
    assertThrows(() => read(format, { [`4${long}`]: 4 }), DecodeError, "expected values named");
    assertEquals(read(format, { short: 4.5 }), [[null, null, null, 4.5]]);
  });

  Deno.test(`${name} encode() never writes one name twice`, () => {
    const format = create();
    assertEquals(read(format, { signal1: 0.5 }), [[0.5]]);
    const [sample] = readDatagram(format, textOf(format, { signal1: 0.5 }));
    const datagram = writeDatagram(format, [{ ...sample, values: [0.5, 1.5, 2.5] }]);
    assertEquals(readDatagram(create(), datagram)[0]?.values, [0.5, 1.5, 2.5]);
    assert(datagram.includes('"signal1_"'), datagram);
  });
}
