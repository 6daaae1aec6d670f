/**
 * The formats that are JSON with a name beside each value: json.edgeflex, json.kafka and json.reserve.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, type Format, parseSignals, type Sample, type Signal } from "@villas/client";
import { jsonEdgeflex, jsonKafka, jsonReserve, villasHuman } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  complexOf,
  finiteFloat,
  int64,
  readDatagram,
  readFile,
  readGoodFile,
  samplesOf,
  testHostile,
  testInvalidUtf8,
  testLongLines,
  testPieces,
  testRoundTrip,
  vector,
  vectorText,
  writeDatagram,
  writeFile,
} from "./_text_suite.ts";

const lines: Record<string, string> = {
  "json.edgeflex": `{"signal0": 1.5, "created": 1005}`,
  "json.kafka": `{"schema": {}, "payload": {"timestamp": 1005, "sequence": 7, "signal0": 1.5}}`,
  "json.reserve": `{"measurements": [{"name": "signal0", "value": 1.5, "created": 1005, "sequence": 7}]}`,
};
const mixed = parseSignals("fibc");
const values = [
  finiteFloat,
  int64,
  fc.boolean(),
  complexOf(finiteFloat.filter((part) => Number.isFinite(Math.fround(part)))),
];
const carried = { sec: 2 ** 43, nsecStep: 1_000_000 };
const createTime = (samples: fc.Arbitrary<Sample>) =>
  samples.map((sample) => ({ ...sample, tsOrigin: sample.tsOrigin ?? { sec: 0, nsec: 0 } }));

for (const create of [jsonEdgeflex, jsonKafka, jsonReserve]) {
  const { name } = create();
  const line = lines[name] ?? "";

  for (const [input, types] of [["float", "3f"], ["mixed", "fibc"]] as const) {
    // VILLASnode writes the bits of all values as floats in json.reserve.
    if (name === "json.reserve" && input === "mixed") continue;
    Deno.test(`${name} createEncoder() writes ${input}.${name} as VILLASnode does`, () => {
      const signals = parseSignals(types);
      const text = vectorText(`${input}.${name}`);
      assertEquals(
        writeFile(create({ signals }), readGoodFile(villasHuman({ signals }), vector(`${input}.input`))),
        text,
      );
      assertEquals(writeFile(create({ signals }), readGoodFile(create({ signals }), text)), text);
      assertEquals(writeFile(create(), readGoodFile(create(), text)), text);
    });
    testPieces(create(), `${input}.${name}`, vector(`${input}.${name}`));
  }

  testHostile(create({ signals: parseSignals("2f") }), [`[${line}, ${line}]`, `${line}\n${line}\n`]);
  testLongLines(create(), line);
  testInvalidUtf8(create(), line);

  Deno.test(`${name} puts values at the places of their signals`, () => {
    const signals: Signal[] = [{ name: "va", type: "float" }, { name: "vb", type: "integer" }, { type: "float" }];
    const read = (a: string, b: string) =>
      readDatagram(create({ signals }), line.replaceAll("signal0", a).replace(/1\.5/, b))[0]?.values;
    assertEquals(read("va", "1"), [1]);
    assertEquals(read("vb", "1"), [null, 1n]);
    assertEquals(read("signal2", "1e3"), [null, null, 1000]);
    assertEquals(read("signal_1", "2"), [null, 2n]);
    for (const name of ["signal_3", "signal_4294967296", "__proto__"]) {
      const message = `: expected values named "va", "vb", "signal2", got "${name}"`;
      assertThrows(() => read(name, "2"), DecodeError, message);
    }
    assertEquals(readDatagram(create(), line.replace("signal0", "signal_3"))[0]?.values, [1.5]);
  });

  Deno.test(`${name} refuses signals of the same name`, () => {
    const signals: Signal[] = [{ name: "signal1", type: "float" }, { type: "float" }];
    assertThrows(
      () => create({ signals }),
      TypeError,
      `Cannot name the values of format ${name}: "signal1" has two meanings`,
    );
  });

  Deno.test(`${name} createEncoder() writes what was received without a value`, () => {
    const text = writeFile(create(), [{ type: "stop", values: [null, NaN] }]);
    assertEquals(readGoodFile(create({ signals: parseSignals("bf") }), text)[0]?.values, [null, NaN]);
    assertThrows(() => create().encode([{ tsOrigin: { sec: 0, nsec: 0 }, values: [NaN] }]), EncodeError, "is nan");
  });
}

const edgeflexSamples = createTime(samplesOf({ ...carried, values }));
testRoundTrip(jsonEdgeflex({ signals: mixed }), edgeflexSamples, samplesOf({ ...carried, values }));
testRoundTrip(jsonEdgeflex({ sort_keys: true }), edgeflexSamples, edgeflexSamples);
testRoundTrip(
  jsonKafka({ signals: mixed, indent: 2 }),
  samplesOf({ ...carried, sequence: 2n ** 63n - 1n, values }),
  samplesOf({ ...carried, sequence: 2n ** 64n - 1n, values }),
);
testRoundTrip(
  jsonReserve({ signals: parseSignals("2f") }),
  samplesOf({ ...carried, sequence: 2n ** 63n - 1n, values: [finiteFloat, finiteFloat] }),
  samplesOf({ ...carried, sequence: 2n ** 64n - 1n, values: [finiteFloat, finiteFloat] }),
);

Deno.test("jsonReserve() writes integers, booleans and complex values in files as what they are, and no datagram", () => {
  const sample: Sample = { values: [-7n, true, { real: 1, imag: 2 }] };
  const text = writeFile(jsonReserve(), [sample]);
  assertEquals(
    text,
    `{"measurements": [{"name": "signal0", "value": -7}, {"name": "signal1", "value": true}, {"name": "signal2", "value": {"real": 1.0, "imag": 2.0}}]}\n`,
  );
  assertEquals(readGoodFile(jsonReserve(), text), [sample]);
  assertThrows(() => jsonReserve().encode([sample]), EncodeError, "value 0 is of type integer");
});

Deno.test("jsonReserve().decode() takes setpoints", () => {
  assertEquals(readDatagram(jsonReserve(), `[{"target": "x", "setpoints": [{"name": "a", "value": 1.0}]}]`), [
    { values: [1] },
  ]);
});

Deno.test("jsonKafka() writes the schema of its options", () => {
  assertEquals(
    writeDatagram(jsonKafka({ schema: { version: 2, tags: ["a", 0.5, null, { b: true }] }, compact: true }), [{
      values: [1n],
    }]),
    `[{"schema":{"version":2,"tags":["a",0.5,null,{"b":true}],"fields":[{"type":"int64","optional":false,"field":"signal0"}]},"payload":{"signal0":1}}]`,
  );
  assertThrows(() => jsonKafka({ schema: [] as unknown as Record<string, unknown> }), TypeError, "expected an object");
  assertThrows(() => jsonKafka({ signals: [{ name: "sequence", type: "float" }] }), TypeError, "two meanings");
});

Deno.test("jsonEdgeflex().encode() refuses samples that VILLASnode does not take", () => {
  assertThrows(() => jsonEdgeflex().encode([{ values: [1] }]), EncodeError, "it has no origin timestamp");
  assertThrows(
    () => jsonEdgeflex().encode([{ tsOrigin: { sec: 1, nsec: 0 }, values: [] }]),
    EncodeError,
    "it has no value, without which VILLASnode does not accept it",
  );
});

Deno.test("json.edgeflex, json.kafka and json.reserve report the reason and the position", () => {
  const cases: [Format, string, string][] = [
    [jsonEdgeflex(), `{"a": "x"}`, `at line 1, column 7: expected a number, true, false or {"real": ..., "imag": ...}`],
    [jsonEdgeflex(), `{"created": -1}`, "at line 1, column 13: expected an integer from 0 to 9007199254740991"],
    [jsonKafka(), `{"a": 1}`, `at line 1, column 1: the object has no "payload"`],
    [jsonKafka(), `{"payload": []}`, "at line 1, column 13: expected an object"],
    [
      jsonKafka(),
      `{"payload": {"sequence": 0.5}}`,
      "at line 1, column 26: expected an integer from 0 to 18446744073709551615",
    ],
    [jsonReserve(), `{}`, `at line 1, column 1: expected a list of "measurements" or "setpoints"`],
    [jsonReserve(), `{"setpoints": 1}`, `at line 1, column 15: expected a list of "measurements" or "setpoints"`],
    [jsonReserve(), `{"setpoints": [1]}`, "at line 1, column 16: expected an object"],
    [
      jsonReserve(),
      `{"setpoints": [{"name": 1}]}`,
      `at line 1, column 16: expected a measurement with "name" and "value"`,
    ],
  ];
  for (const [format, text, why] of cases) {
    const error = assertThrows(() => readDatagram(format, text), DecodeError);
    assertEquals(error.message, `Cannot decode text as ${format.name} ${why}`);
    assertEquals(readFile(format, text), { samples: [], messages: [error.message] });
  }
});
