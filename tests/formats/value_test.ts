import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals } from "@villas/client";
import { value } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import {
  complexOf,
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
  writeDatagram,
  writeFile,
} from "./_text_suite.ts";

const float = decimalFloat(17);
for (const [types, arbitrary] of [["f", float], ["i", int64], ["b", fc.boolean()], ["c", complexOf(float)]] as const) {
  const samples = samplesOf({ values: [arbitrary] });
  testRoundTrip(value({ signals: parseSignals(types) }), samples, samples, 1);
}
testPieces(value(), "errors, CRLF and characters of several bytes", "\ufeff1.5\r\n\n é€😀\r\n-7\n 1-2i ");
testHostile(value(), ["1.5\n2.5\n", "-7", "1.25-2.5i\r\n9223372036854775807"]);
testLongLines(value(), "2.5");
testInvalidUtf8(value(), "2.5");

Deno.test("value().encode() writes one value and a line feed", () => {
  assertEquals(writeDatagram(value(), [{ sequence: 1n, values: [0.1] }]), "0.10000000000000001\n");
  assertEquals(writeDatagram(value(), []), "");
  assertThrows(
    () => value().encode([{ values: [1, 2] }]),
    EncodeError,
    "Cannot encode sample 0 as value: it has 2 values, and the format carries exactly one",
  );
  assertThrows(
    () => value().encode([{ values: [1] }, { values: [2] }]),
    EncodeError,
    "a datagram of this format holds only one sample",
  );
  assertThrows(() => value({ signals: parseSignals("f") }).encode([{ values: [1n] }]), EncodeError, "of type integer");
});

Deno.test("value().createEncoder() writes one line per sample, and refuses more and fewer values", () => {
  assertEquals(writeFile(value({ real_precision: 2 }), [{ values: [0.5] }, { values: [null] }]), "0.50\nnan\n");
  assertThrows(
    () => writeFile(value(), [{ values: [1] }, { values: [] }]),
    EncodeError,
    "sample 1 as value: it has 0 values",
  );
});

Deno.test("value().decode() and createDecoder() read a value per line and reports the reason and the position", () => {
  assertEquals(readGoodFile(value({ signals: parseSignals("f") }), "1\n\n 2 "), [{ values: [1] }, { values: [2] }]);
  assertEquals(readFile(value(), "1\n  x\n2.0"), {
    samples: [{ values: [1n] }, { values: [2] }],
    messages: [`Cannot decode text as value at line 2, column 3: expected a float, got "x"`],
  });
  assertThrows(() => readDatagram(value(), "1 2"), DecodeError, `at line 1, column 1: expected a float, got "1 2"`);
});
