import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { csv, tsv, villasHuman } from "@villas/client/formats";
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

const sample: Sample = {
  tsOrigin: { sec: 1, nsec: 2 },
  sequence: 3n,
  values: [1.5, -7n, true, { real: 1, imag: -2.5 }],
};
const signals = parseSignals("fibc");

for (const [create, separator] of [[csv, ","], [tsv, "\t"]] as const) {
  const format = create({ signals });
  const { name } = format;
  const line = "1,000000002,nan,3,1.5,-7,1,1.0-2.5i".replaceAll(",", separator);
  const createNumber = (samples: fc.Arbitrary<Sample>) =>
    samples.map((sample) => ({ ...sample, sequence: sample.sequence ?? 0n }));

  for (const [input, types] of [["float", "3f"], ["mixed", "fibc"]] as const) {
    for (const [variant, options] of [["", {}], [".prec5", { real_precision: 5 }]] as const) {
      if (name === "tsv" && variant !== "") continue;
      Deno.test(`${name} createEncoder() writes ${input}.${name}${variant} as VILLASnode does`, () => {
        const signals = parseSignals(types);
        const format = create({ signals, ...options });
        const text = vectorText(`${input}.${name}${variant}`);
        assertEquals(writeFile(format, readGoodFile(villasHuman({ signals }), vector(`${input}.input`))), text);
        assertEquals(writeFile(format, readGoodFile(format, text)), text);
        assertEquals(writeFile(create(options), readGoodFile(create(), text)), text);
      });
    }
    testPieces(create({ signals: parseSignals(types) }), `${input}.${name}`, vector(`${input}.${name}`));
  }

  testPieces(
    format,
    "errors, CRLF and characters of several bytes",
    `\ufeff${line}\r\n\r\n# é€😀\r\né\n${line}x\r\n${line}`,
  );
  testHostile(format, [`${line}\n${line}\n`, vectorText(`mixed.${name}`), line.replace("nan", "-0.5")]);
  testLongLines(format, line);
  testInvalidUtf8(format, line);

  const carried = { sequence: 2n ** 64n - 1n, sec: 2 ** 53 - 1000 };
  const values = [decimalFloat(17), int64, fc.boolean(), complexOf(decimalFloat(17))];
  testRoundTrip(
    format,
    createNumber(samplesOf({ ...carried, values })),
    samplesOf({ ...carried, offsetStep: 1, values }),
  );
  const untyped = [int64, decimalFloat(17), int64];
  testRoundTrip(
    create(),
    createNumber(samplesOf({ ...carried, values: untyped })),
    samplesOf({ ...carried, offsetStep: 7_001, values: untyped }),
  );

  Deno.test(`${name} decode() reports the reason and the position`, () => {
    const cases: [string, string][] = [
      ["x,1", `at line 1, column 1: expected a second from 0 to 9007199254740991, got "x"`],
      ["1", `at line 1, column 3: expected a nanosecond from 0 to 999999999, got ""`],
      ["1,1000000000,nan,1", `at line 1, column 3: expected a nanosecond from 0 to 999999999, got "1000000000"`],
      ["nan,1", `at line 1, column 5: expected "nan", because the seconds are missing as well`],
      ["1,2,x,1", `at line 1, column 5: expected a float, got "x"`],
      ["1,2,-5.5,1", "at line 1, column 5: the offset of -5.5 s leads to a timestamp out of range"],
      ["\n1,2,0.5,-1", `at line 2, column 9: expected a sequence number from 0 to 18446744073709551615, got "-1"`],
      ["1,2,0.5,1.5", `at line 1, column 9: expected a sequence number from 0 to 18446744073709551615, got "1.5"`],
      ["1,2,nan,1, x", `at line 1, column 11: expected a float, got "x"`],
      ["1,2,nan,1,,1", `at line 1, column 11: expected a float, got ""`],
      ["1,2,0.5,1,1.0,1,1,1i,5", "at line 1, column 22: the line has more values than the 4 signals"],
    ];
    for (const [text, why] of cases) {
      const error = assertThrows(() => readDatagram(format, text.replaceAll(",", separator)), DecodeError);
      assertEquals(error.message, `Cannot decode text as ${name} ${why}`);
    }
  });

  Deno.test(`${name} createDecoder() reports each bad line and continues with the next one`, () => {
    const { samples, messages } = readFile(format, `${line}\nx\n${line}${separator}1\n\n#\n${line}`);
    assertEquals(samples, [sample, sample]);
    assertEquals(messages.map((message) => message.slice(message.lastIndexOf(" at line "), message.indexOf(": "))), [
      " at line 2, column 1",
      " at line 3, column 37",
    ]);
  });
}

const received = { ...sample, tsReceived: { sec: 2, nsec: 0 } };

Deno.test("csv().encode() writes four leading columns, of numbers that VILLASnode reads", () => {
  const options = { real_precision: 1 };
  assertEquals(
    writeDatagram(csv(options), [received, { sequence: 4n, values: [NaN] }]),
    "1,000000002,0.000000000,3,1.5,-7,1,1.0-2.5i\n0,0,0.000000000,4,nan\n",
  );
  assertEquals(writeDatagram(tsv(options), [sample]), "1\t000000002\t0.000000000\t3\t1.5\t-7\t1\t1.0-2.5i\n");
  assertEquals(writeDatagram(csv({ ...options, offset: false }), [received]), "1,000000002,3,1.5,-7,1,1.0-2.5i\n");
  assertEquals(
    writeDatagram(csv({ ...options, ts_origin: false, sequence: false, data: false }), [received]),
    ",0.000000000\n",
  );
  assertThrows(() => csv({ signals }).encode([{ sequence: 0n, values: [1n] }]), EncodeError, "of type integer");
  assertThrows(
    () => csv().encode([{ values: [1] }]),
    EncodeError,
    "it has no sequence number, without which VILLASnode",
  );
});

Deno.test("csv().createEncoder() writes the offset where the time of reception is known, else nan", () => {
  const write = csv({ header: false, real_precision: 1 }).createEncoder();
  assertEquals(
    write([received, sample, { values: [] }]),
    "1,000000002,0.999999998,3,1.5,-7,1,1.0-2.5i\n1,000000002,nan,3,1.5,-7,1,1.0-2.5i\nnan,nan,nan,nan\n",
  );
  assertEquals(readGoodFile(csv(), "1,000000002,0.000000000,3\n0,0,nan,4\n"), [
    { tsOrigin: { sec: 1, nsec: 2 }, tsReceived: { sec: 1, nsec: 2 }, sequence: 3n, values: [] },
    { tsOrigin: { sec: 0, nsec: 0 }, sequence: 4n, values: [] },
  ]);
});

Deno.test("csv().decode() tells three leading columns from four", () => {
  const read = (text: string, types?: string, options = {}) => {
    const given = types === undefined ? {} : { signals: parseSignals(types) };
    const [{ sequence, tsReceived, values } = { values: [] }] = readDatagram(csv({ ...given, ...options }), text);
    return [sequence, tsReceived?.sec, ...values];
  };
  for (const types of ["2f", undefined]) {
    assertEquals(read("1,5,7,1.5,2.5", types), [7n, undefined, 1.5, 2.5]);
    assertEquals(read("1,5,3.0,7,1.5,2.5", types), [7n, 4, 1.5, 2.5]);
    assertEquals(read("1,5,nan,7,1.5,2.5", types), [7n, undefined, 1.5, 2.5]);
    assertEquals(read("1,5,0.000000000,7,1.5,2.5", types), [7n, undefined, 1.5, 2.5]);
    assertEquals(read("1,5,0.000000000,7,1.5", types), [7n, undefined, 1.5]);
    assertEquals(read("1,5,0.000000000,7", types), [7n, undefined]);
    assertEquals(read("1,5,nan,nan", types), [undefined, undefined]);
    assertEquals(read("1,5,nan,1.5", types), [undefined, undefined, 1.5]);
    assertEquals(read("1,5,7", types), [7n, undefined]);
    assertEquals(read(",nan,7", types), [7n, undefined]);
    assertEquals(read("nan,nan,7,1.5", types), [7n, undefined, 1.5]);
  }
  // Only the number of columns tells that an offset without a point, as a person writes it, is one ...
  assertEquals(read("1,5,3,7,1,2", "2f"), [7n, 4, 1, 2]);
  assertEquals(read("1,5,0,7,1,2", "2f"), [7n, undefined, 1, 2]);
  assertEquals(read("1,5,3,7,1", "2f"), [3n, undefined, 7, 1]);
  // ... and that a sequence number that there is not is none, before a value that is not either.
  assertEquals(read("1,5,nan,nan,2.5", "2f"), [undefined, undefined, NaN, 2.5]);
  assertEquals(read("1,5,nan,nan,2.5"), [undefined, undefined, 2.5]);
  assertEquals(read("1,5,nan,nan,nan,2.5", "2f"), [undefined, undefined, NaN, 2.5]);
  // Without sequence numbers, VILLASnode's datagrams have two columns, and those that are sent from here three.
  for (const types of ["2f", undefined]) {
    assertEquals(read("1,5,1.5,2.5", types, { sequence: false }), [undefined, undefined, 1.5, 2.5]);
    assertEquals(read("1,5,0.000000000,1.5", types, { sequence: false }), [undefined, undefined, 1.5]);
  }
  assertEquals(read("1,5,0.25,1.5,2.5", "2f", { sequence: false }), [undefined, 1, 1.5, 2.5]);
  const short = { sequence: false, real_precision: 9 };
  assertEquals(read("1,5,0.000000000,2.500000000", "2f", short), [undefined, undefined, 0, 2.5]);
  assertEquals(read("1,5,0.000000000,1.500000000,2.500000000", "2f", short), [undefined, undefined, 1.5, 2.5]);
});

Deno.test("csv().createDecoder() takes nan for an offset, whatever the number of values", () => {
  const format = csv({ signals: parseSignals("2f") });
  for (const rest of ["nan,1.5", "7,1.5", "nan", "7", "nan,nan,2.5", "7,1.5,2.5"]) {
    const values = rest.split(",").slice(1).map(Number);
    assertEquals(readGoodFile(format, `1,5,nan,${rest}`)[0]?.values, values);
  }
});

Deno.test("csv().createEncoder() begins with a header that names signals and units", () => {
  const options = { signals: [{ name: "va", unit: "V", type: "float" }] as const, separator: ";", real_precision: 0 };
  assertEquals(writeFile(csv(options), [{ values: [1] }]), "# secs;nsecs;offset;sequence;va[V]\nnan;nan;nan;nan;1\n");
  assertEquals(
    writeFile(csv({ ts_origin: false, offset: false, header: true }), [{ values: [] }]),
    "# sequence\n,nan\n",
  );
  assertThrows(() => csv({ separator: "ab" }), TypeError, "expected one ASCII character");
});
