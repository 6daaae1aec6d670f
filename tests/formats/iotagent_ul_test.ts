import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals } from "@villas/client";
import { iotagentUl, villasHuman } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  decimalFloat,
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

const signals = parseSignals("3f");
const samples = samplesOf({ values: [decimalFloat(6), int64, fc.boolean()] });
testRoundTrip(iotagentUl({ signals: parseSignals("fib") }), samples, samples, 1);
testPieces(iotagentUl(), "float.iotagent_ul", vector("float.iotagent_ul"));
testHostile(iotagentUl(), [vectorText("float.iotagent_ul"), "é|nan|b|-7\nc|1.5"]);
testLongLines(iotagentUl(), "a|2.500000");
testInvalidUtf8(iotagentUl(), "a|2.500000");

Deno.test("iotagentUl().createEncoder() writes float.iotagent_ul as VILLASnode does", () => {
  const text = vectorText("float.iotagent_ul");
  assertEquals(writeFile(iotagentUl({ signals }), readGoodFile(villasHuman({ signals }), vector("float.input"))), text);
  assertEquals(writeFile(iotagentUl(), readGoodFile(iotagentUl(), text)), text);
});

Deno.test("iotagentUl().encode() writes one sample, integers as whole numbers, and refuses complex values", () => {
  const named = iotagentUl({ signals: [{ name: "va", type: "float" }, { name: "on", type: "boolean" }] });
  assertEquals(writeDatagram(named, [{ sequence: 1n, values: [0.1, true] }]), "va|0.100000|on|1");
  assertEquals(writeDatagram(iotagentUl(), []), "");
  const complex = { values: [1, { real: 1, imag: 2 }] };
  assertThrows(
    () => iotagentUl().encode([complex]),
    EncodeError,
    "value 1 is of type complex, which the format cannot carry",
  );
  assertThrows(() => writeFile(iotagentUl(), [{ values: [null] }, complex]), EncodeError, "Cannot encode sample 1");
  assertThrows(
    () => iotagentUl().encode([{ values: [1] }, { values: [1] }]),
    EncodeError,
    "a datagram of this format holds only one sample",
  );
  assertThrows(() => iotagentUl({ signals: [{ name: "a|b", type: "float" }] }), TypeError, `"a|b" contains "|"`);
});

Deno.test("iotagentUl() reads names and values and reports the reason and the position", () => {
  assertEquals(readDatagram(iotagentUl(), "a|1.5|b|-7|c|nan"), [{ values: [1.5, -7n, NaN] }]);
  assertEquals(readFile(iotagentUl(), "a|1.5\nx\na|\na|1|\n|2\na|2.5"), {
    samples: [{ values: [1.5] }, { values: [2.5] }],
    messages: [
      'at line 2, column 1: expected a name, "|" and a value',
      'at line 3, column 1: expected a name, "|" and a value',
      'at line 4, column 5: expected a name after the last "|"',
      'at line 5, column 1: expected a name, "|" and a value',
    ].map((why) => `Cannot decode text as iotagent_ul ${why}`),
  });
  assertThrows(
    () => readDatagram(iotagentUl({ signals: parseSignals("fi") }), "a|1|b|1.5"),
    DecodeError,
    `at line 1, column 7: expected an integer, got "1.5"`,
  );
});
