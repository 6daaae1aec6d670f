import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { villasHuman } from "@villas/client/formats";
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
  vector,
  vectorText,
  writeDatagram,
  writeFile,
} from "./_text_suite.ts";

const line = "1.000000002(3)F\t1.5\t-7\t1\t1.0-2.5i";
const sample: Sample = {
  tsOrigin: { sec: 1, nsec: 2 },
  sequence: 3n,
  newFrame: true,
  values: [1.5, -7n, true, { real: 1, imag: -2.5 }],
};
const signals = parseSignals("fibc");
const format = villasHuman({ signals });

for (const [name, types] of [["float", "3f"], ["mixed", "fibc"]] as const) {
  for (const [variant, options] of [["", {}], [".nooffset", { offset: false }]] as const) {
    Deno.test(`villasHuman().createEncoder() writes ${name}.villas.human${variant} as VILLASnode does`, () => {
      const format = villasHuman({ signals: parseSignals(types), ...options });
      const text = vectorText(`${name}.villas.human${variant}`);
      assertEquals(writeFile(format, readGoodFile(format, vector(`${name}.input`))), text);
      assertEquals(writeFile(format, readGoodFile(format, text)), text);
    });
  }
  testPieces(villasHuman({ signals: parseSignals(types) }), `${name}.villas.human`, vector(`${name}.villas.human`));
}

testPieces(
  format,
  "errors, CRLF and characters of several bytes",
  `\ufeff${line}\r\n\r\n# é€😀\r\né\n${line}x\r\n${line}`,
);
testHostile(format, [`${line}\n${line}\n`, vectorText("mixed.villas.human"), "1+-5e-09(0) nan,1 0 1.0+-2.0i"]);
testLongLines(format, line);
testInvalidUtf8(format, line);

const carried = { sequence: 2n ** 64n - 1n, sec: 2 ** 53 - 1000, newFrame: true };
for (const decimals of [17, 3]) {
  const float = decimalFloat(decimals);
  const values = [float, int64, fc.boolean(), complexOf(decimals === 17 ? float : fc.integer({ min: -999, max: 999 }))];
  testRoundTrip(
    villasHuman({ signals, real_precision: decimals }),
    samplesOf({ ...carried, values }),
    samplesOf({ ...carried, offsetStep: 1000, values }),
  );
}
testRoundTrip(
  villasHuman(),
  samplesOf({ ...carried, values: [decimalFloat(17), int64] }),
  samplesOf({
    ...carried,
    offsetStep: 1,
    values: [int64, complexOf(fc.constantFrom(-0, 0.5, NaN, Infinity, -Infinity))],
  }),
);

Deno.test("villasHuman().encode() writes lines without header and offset", () => {
  const received = { ...sample, tsReceived: { sec: 2, nsec: 0 } };
  assertEquals(
    writeDatagram(villasHuman({ real_precision: 1 }), [received, { values: [NaN] }]),
    "1.000000002(3)F\t1.5\t-7\t1\t1.0-2.5i\n0.0\tnan\n",
  );
  assertEquals(writeDatagram(villasHuman({ ts_origin: false, sequence: false, data: false }), [sample]), "0.0F\n");
  assertThrows(() => format.encode([{ values: [1n] }]), EncodeError, "of type integer");
  assertThrows(() => format.encode([{ values: [null] }]), EncodeError, "is not set");
  assertThrows(() => format.encodeInto([sample], new Uint8Array(4)), RangeError, "it has 4 bytes");
});

Deno.test("villasHuman().createEncoder() begins with a header that names signals and units", () => {
  const write = villasHuman({
    signals: [{ name: "va", unit: "V", type: "float" }, { type: "float" }],
    real_precision: 0,
  }).createEncoder();
  assertEquals(write([]), "");
  assertEquals(
    write([{ tsOrigin: { sec: 1, nsec: 0 }, tsReceived: { sec: 0, nsec: 999_999_995 }, values: [1, null] }]),
    "# seconds.nanoseconds+offset(sequence)\tva[V]\tsignal1\n1.000000000-5.000000e-09\t1\tnan\n",
  );
  assertEquals(write([{ type: "stop", values: [2.5] }]), "0.0\t2\n");
  assertEquals(
    writeFile(villasHuman({ header: false, delimiter: ";" }), [{ values: [1n] }, { values: [] }]),
    "0.0\t1;0.0;",
  );
  assertEquals(
    writeFile(villasHuman({ comment_prefix: "%" }), [{ values: [] }]),
    "% seconds.nanoseconds+offset(sequence)\n0.0\n",
  );
});

Deno.test("villasHuman().decode() takes what people and Python write", () => {
  const read = (text: string, types?: string) =>
    readDatagram(types === undefined ? villasHuman() : villasHuman({ signals: parseSignals(types) }), text);
  assertEquals(read(line, "fibc"), [sample]);
  assertEquals(read(`${line}\r\n# comment\r\n\r\n${line}\r\n`, "fibc"), [sample, sample]);
  assertEquals(read("1.5(0)\t1"), [{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 0n, values: [1n] }]);
  assertEquals(read("1\t-0 1,.5 ;  1e3  "), [{ tsOrigin: { sec: 1, nsec: 0 }, values: [0n, 1n, 0.5, 1000] }]);
  assertEquals(read("1\t-0\t1\tNaN\t-inf", "4f"), [{ tsOrigin: { sec: 1, nsec: 0 }, values: [-0, 1, NaN, -Infinity] }]);
  assertEquals(read("1+-5e-09(0)\t1.0+-2.0i\t2j\t3\ttrue\t<?>", "3cbb"), [{
    tsOrigin: { sec: 1, nsec: 0 },
    tsReceived: { sec: 0, nsec: 999_999_995 },
    sequence: 0n,
    values: [{ real: 1, imag: -2 }, { real: 0, imag: 2 }, { real: 3, imag: 0 }, true, null],
  }]);
  assertEquals(read("5.0+nan(1)F"), [{ tsOrigin: { sec: 5, nsec: 0 }, sequence: 1n, newFrame: true, values: [] }]);
  assertEquals(read("0.0(1)\t1.0"), [{ sequence: 1n, values: [1] }]);
  assertEquals(read("1.0\tnan-infi"), [{ tsOrigin: { sec: 1, nsec: 0 }, values: [{ real: NaN, imag: -Infinity }] }]);
  assertEquals(read(""), []);
});

Deno.test("villasHuman().decode() reports the reason and the position", () => {
  const cases: [string, string][] = [
    ["x", "at line 1, column 1: expected seconds and nanoseconds such as 1.000000005"],
    ["1.0\n-1.0", "at line 2, column 1: expected seconds and nanoseconds such as 1.000000005"],
    ["9007199254740992.0", `at line 1, column 1: expected a second from 0 to 9007199254740991, got "9007199254740992"`],
    ["1.1000000000", `at line 1, column 3: expected a nanosecond from 0 to 999999999, got "1000000000"`],
    ["1.5-7(0)", "at line 1, column 4: the offset of -7 s leads to a timestamp out of range"],
    [
      "1.5(18446744073709551616)",
      `at line 1, column 4: expected a sequence number from 0 to 18446744073709551615, got "18446744073709551616"`,
    ],
    ["1.5(-1)", "at line 1, column 4: expected a tab, a space or a comma before a value"],
    ["1.5(1", "at line 1, column 4: expected a tab, a space or a comma before a value"],
    ["1.5(1)G", "at line 1, column 7: expected a tab, a space or a comma before a value"],
    [
      "1.5\t1.0\t9223372036854775808",
      `at line 1, column 9: "9223372036854775808" is out of range for a signed 64-bit integer`,
    ],
    ["1.5\t1.0\t1.5", `at line 1, column 9: expected an integer, got "1.5"`],
    ["1.5\t1e999", `at line 1, column 5: "1e999" is out of range for a float`],
    ["1.5\t0x10", `at line 1, column 5: expected a float, got "0x10"`],
    ["1.5\t1.0\t1\tyes", `at line 1, column 11: expected 0 or 1, got "yes"`],
    ["1.5\t1.0\t1\t1\t1+2", `at line 1, column 13: expected a complex number such as 1.5-2.5i, got "1+2"`],
    ["1.5\t1.0\t1\t1\t1i\t5", "at line 1, column 16: the line has more values than the 4 signals"],
    ["1.5,1.0,,1", `at line 1, column 9: expected an integer, got ""`],
    ["1.5,1.0,", `at line 1, column 9: expected an integer, got ""`],
  ];
  for (const [text, why] of cases) {
    const error = assertThrows(() => readDatagram(format, text), DecodeError);
    assertEquals(error.message, `Cannot decode text as villas.human ${why}`);
  }
});

Deno.test("villasHuman().createDecoder() reports each bad line and continues with the next one", () => {
  const { samples, messages } = readFile(format, `${line}\nx\n${line} 1\n1.0 x\n\n#\n${line}`);
  assertEquals(samples, [sample, sample]);
  assertEquals(messages.map((message) => message.slice(message.lastIndexOf(" at line "), message.indexOf(": "))), [
    " at line 2, column 1",
    " at line 3, column 35",
    " at line 4, column 5",
  ]);
});

Deno.test("villasHuman().createDecoder() takes other line ends and comments, and skips a first line", () => {
  const format = villasHuman({ delimiter: ";", comment_prefix: "%", skip_first_line: true });
  assertEquals(readGoodFile(format, "seconds;%x;1.5(1);1.6(2)"), [
    { tsOrigin: { sec: 1, nsec: 5 }, sequence: 1n, values: [] },
    { tsOrigin: { sec: 1, nsec: 6 }, sequence: 2n, values: [] },
  ]);
  assertThrows(() => villasHuman({ delimiter: "é" }), TypeError, "expected one ASCII character");
});
