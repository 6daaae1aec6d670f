import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample, type Value } from "@villas/client";
import { json, villasHuman } from "@villas/client/formats";
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

const line = `{"ts": {"origin": [1, 2]}, "sequence": 3, "data": [1.5, -7, true, {"real": 1.0, "imag": -2.5}]}`;
const sample: Sample = {
  tsOrigin: { sec: 1, nsec: 2 },
  sequence: 3n,
  values: [1.5, -7n, true, { real: 1, imag: -2.5 }],
};

for (const [name, types] of [["float", "3f"], ["mixed", "fibc"]] as const) {
  for (const [variant, options] of [["", {}], [".indent4", { indent: 4, sort_keys: true }]] as const) {
    Deno.test(`json().createEncoder() writes ${name}.json${variant} as VILLASnode does, from what it and the input hold`, () => {
      const format = json(options);
      const input = readGoodFile(villasHuman({ signals: parseSignals(types) }), vector(`${name}.input`));
      const text = vectorText(`${name}.json${variant}`);
      assertEquals(writeFile(format, input), text);
      assertEquals(writeFile(format, readGoodFile(format, text)), text);
      assertEquals(writeFile(format, format.decode(format.encode(input))), text);
    });
    testPieces(json(), `${name}.json${variant}`, vector(`${name}.json${variant}`));
  }
}

testPieces(
  json(),
  "errors, CRLF and characters of several bytes",
  `\ufeff${line}\r\n{"é€😀": "é",\r\nx}\n${line}, é\r\n${line}`,
);
testHostile(json(), [
  `${line}\n${line}\n`,
  `[${line}, ${line}]`,
  vectorText("mixed.json.indent4"),
  `{"flags": ["new_frame", "é\\u00e9"], "data": [0.1e-5, -0, null, NaN]}`,
]);
testLongLines(json(), line);
testInvalidUtf8(json(), line);

const carried = {
  sec: 2 ** 53 - 1000,
  newFrame: true,
  newSimulation: true,
  values: [
    finiteFloat,
    int64,
    fc.boolean(),
    complexOf(finiteFloat.filter((part) => Number.isFinite(Math.fround(part)))),
  ],
};
for (const options of [{}, { indent: 3, escape_slash: true }, { compact: true, ensure_ascii: true, sort_keys: true }]) {
  testRoundTrip(
    json({ ...options, ts_received: true }),
    samplesOf({ ...carried, sequence: 2n ** 63n - 1n, offsetStep: 1 }),
    samplesOf({ ...carried, sequence: 2n ** 64n - 1n, offsetStep: 12_345 }),
  );
}

Deno.test("json() writes the same by the fast path, which it has for its usual style, as by the common one", () => {
  const values = fc.oneof(fc.double(), finiteFloat, int64, fc.boolean(), fc.constant(null), complexOf(fc.double()));
  const samples = fc.tuple(samplesOf(carried), fc.array(values, { maxLength: 30 })).map(([sample, list]) => ({
    ...sample,
    values: list,
  }));
  const switches = fc.record({
    sequence: fc.boolean(),
    ts_origin: fc.boolean(),
    ts_received: fc.boolean(),
    data: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(samples, { maxLength: 3 }), switches, (list, options) => {
      // A precision of 0 stands for the usual one; the fast path leaves it to the common one.
      const [fast, common] = [json(options), json({ ...options, real_precision: 0 })];
      assertEquals(writeFile(fast, list), writeFile(common, list));
      const finite = list.map((sample) => ({ ...sample, values: sample.values.filter(isFiniteValue) }));
      assertEquals(writeDatagram(fast, finite), writeDatagram(common, finite));
    }),
    { numRuns: 1000 },
  );
});

function isFiniteValue(value: Value): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return value !== null &&
    (typeof value !== "object" || [value.real, value.imag].map(Math.fround).every(Number.isFinite));
}

Deno.test("json().encode() writes an array with a fraction in every float", () => {
  assertEquals(
    writeDatagram(json(), [sample, { values: [1, -0, 1e20, 1e-7] }]),
    `[${line}, {"data": [1.0, -0.0, 1e20, 9.9999999999999995e-8]}]`,
  );
  assertEquals(writeDatagram(json(), []), "[]");
});

Deno.test("json().encode() writes the style that its options say", () => {
  const received = { ...sample, tsReceived: { sec: 4, nsec: 5 }, newFrame: true, newSimulation: true, values: [0.1] };
  assertEquals(
    writeDatagram(json({ compact: true, ts_received: true, real_precision: 3 }), [received]),
    `[{"ts":{"origin":[1,2],"received":[4,5]},"flags":["new_simulation","new_frame"],"sequence":3,"data":[0.1]}]`,
  );
  assertEquals(
    writeDatagram(json({ ts_origin: false, sequence: false, data: false, indent: 1 }), [received]),
    `[\n {\n  "flags": [\n   "new_simulation",\n   "new_frame"\n  ]\n }\n]`,
  );
});

Deno.test("json().encode() refuses what VILLASnode would not take as it was meant", () => {
  const refuse = (refused: Sample) => assertThrows(() => json().encode([sample, refused]), EncodeError).message;
  assertEquals(
    refuse({ values: [1, NaN] }),
    "Cannot encode sample 1 as json: value 1 is nan, which JSON has no number for",
  );
  assertEquals(
    refuse({ values: [{ real: 0, imag: -1e300 }] }),
    "Cannot encode sample 1 as json: value 0 is -inf, which JSON has no number for",
  );
  assertEquals(
    refuse({ sequence: 2n ** 63n, values: [] }),
    "Cannot encode sample 1 as json: its sequence number 9223372036854775808 is above 2^63 - 1, the largest that VILLASnode accepts in JSON",
  );
  assertThrows(() => json({ signals: parseSignals("f") }).encode([{ values: [1n] }]), EncodeError, "of type integer");
  assertThrows(() => json().encodeInto([sample], new Uint8Array(10)), RangeError, "it has 10 bytes");
});

Deno.test("json().createEncoder() writes all that was received", () => {
  const text = writeFile(json(), [{ type: "start", sequence: 2n ** 64n - 1n, values: [null, NaN, -Infinity, 1n] }]);
  assertEquals(text, `{"sequence": 18446744073709551615, "data": [null, null, null, 1]}\n`);
  assertEquals(readGoodFile(json({ signals: parseSignals("bffi") }), text), [
    { sequence: 2n ** 64n - 1n, values: [null, NaN, NaN, 1n] },
  ]);
});

Deno.test("json().decode() takes a bare object, and floats without a fraction where the signals say float", () => {
  assertEquals(readDatagram(json(), line), [sample]);
  assertEquals(readDatagram(json(), ` [ ${line} ,\n${line} ] `), [sample, sample]);
  assertEquals(readDatagram(json(), `[{"data": [1, -0, 1, 1.0]}]`), [{ values: [1n, -0, 1n, 1] }]);
  assertEquals(readDatagram(json({ signals: parseSignals("3fi") }), `[{"data": [1, -0, 9007199254740993, 1]}]`), [
    { values: [1, -0, 9007199254740992, 1n] },
  ]);
  assertEquals(readDatagram(json(), `[{"data": [NaN, -Infinity]}]`), [{ values: [NaN, -Infinity] }]);
  assertEquals(readDatagram(json(), `{"__proto__": {"data": 1}, "data": [], "data": [true], "x\\"\\\\": [{}]}`), [
    { values: [true] },
  ]);
  assertEquals(readDatagram(json(), "[]"), []);
});

Deno.test("json().decode() reports the reason and the position", () => {
  const cases: [string, string][] = [
    [`{"data": [1.0, "a"]}`, `at line 1, column 16: expected a number, true, false or {"real": ..., "imag": ...}`],
    [
      `{"data":\n [9223372036854775808]}`,
      `at line 2, column 3: the integer is out of range for a signed 64-bit integer`,
    ],
    [`{"data": [1.]}`, "at line 1, column 13: expected a digit"],
    [`{"data": [01]}`, `at line 1, column 12: expected "," or "]"`],
    [`{"data": [1e400]}`, "at line 1, column 11: the number is out of range for a float"],
    [`{"data": [${"9".repeat(400)}]}`, "at line 1, column 11: the number is out of range for a float"],
    [`{"data": [1.0}`, `at line 1, column 14: expected "," or "]"`],
    [`{"data": [1.0]`, "at line 1, column 1: the value is incomplete"],
    [`[{"data": []}`, "at line 1, column 1: the value is incomplete"],
    [`{"data": []} ]`, "at line 1, column 14: expected an object"],
    [`[{"data": []} {}]`, `at line 1, column 15: expected "," or "]"`],
    [`{"data": {}}`, "at line 1, column 10: expected an array of values"],
    [`{"a": 1}`, "at line 1, column 1: the object has none of ts, flags, sequence and data"],
    [`{"ts": {"origin": [1, 1000000000]}}`, "at line 1, column 23: expected an integer from 0 to 999999999"],
    [`{"ts": {"origin": [1]}}`, "at line 1, column 19: expected a timestamp of seconds and nanoseconds"],
    [`{"ts": [1, 2]}`, "at line 1, column 8: expected an object of timestamps"],
    [`{"flags": "x"}`, "at line 1, column 11: expected an array of flags"],
    [`{"sequence": -1}`, "at line 1, column 14: expected an integer from 0 to 18446744073709551615"],
    [`{"sequence": 1.0}`, "at line 1, column 14: expected an integer from 0 to 18446744073709551615"],
    [`{"data": [{"real": 1}]}`, `at line 1, column 11: expected a number for "imag" of a complex value`],
    [`{"data": [{"real": "", "imag": 1}]}`, `at line 1, column 20: expected a number for "real" of a complex value`],
    [`{data: 1}`, "at line 1, column 2: expected a name in quotation marks"],
    [`{"data" 1}`, `at line 1, column 9: expected ":"`],
    [`{"data": ["a]}`, "at line 1, column 11: the string has no closing quotation mark"],
    [`{"a": "\\x"}`, "at line 1, column 7: the string has a wrong escape or a control character"],
    [`{"data": [nul]}`, "at line 1, column 11: expected a value"],
    ["12", "at line 1, column 1: expected an object"],
    [`{"a": ${"[".repeat(100)}`, "at line 1, column 70: more than 64 values are nested"],
  ];
  for (const [text, why] of cases) {
    const error = assertThrows(() => readDatagram(json(), text), DecodeError);
    assertEquals(error.message, `Cannot decode text as json ${why}`);
  }
});

Deno.test("json().createDecoder() takes arrays and objects over several lines, and the last line without its end", () => {
  const text = `[\n  ${line},\n  {\n    "data":\n[ 1.0,\n2 ]}\n]\n${line}${line}\n\n[]\n${line}`;
  assertEquals(readGoodFile(json(), text), [sample, { values: [1, 2n] }, sample, sample, sample]);
});

Deno.test("json().createDecoder() gives the items of an array as soon as each is complete", () => {
  const reader = json().createDecoder((error) => {
    throw error;
  });
  assertEquals(reader.push(new TextEncoder().encode(`[\n${line},\n{"data"`)), [sample]);
  assertEquals(reader.push(new TextEncoder().encode(`:[]}\n`)), [{ values: [] }]);
});

Deno.test("json().createDecoder() reports each bad line and continues with the next one", () => {
  const cut = line.slice(0, 26);
  const text = [
    line,
    "garbage",
    `{"data": ["x"]}`,
    line,
    cut,
    line,
    cut + "]]",
    line,
    `{`,
    ` "data": [`,
    ` x`,
    `]}`,
    line,
  ].join("\n");
  const { samples, messages } = readFile(json(), text);
  assertEquals(samples, [sample, sample, sample, sample, sample]);
  assertEquals(messages.map((message) => message.replace(/^Cannot decode text as json /, "")), [
    "at line 2, column 1: expected an object",
    `at line 3, column 11: expected a number, true, false or {"real": ..., "imag": ...}`,
    `at line 6, column 1: expected a name in quotation marks`,
    `at line 7, column 27: expected a name in quotation marks`,
    "at line 11, column 2: expected a value",
  ]);
});

Deno.test("json().createDecoder() reports a bad item of an array and reads the others", () => {
  const text = `[\n  ${line},\n  {\n    "data": [1.0, ?]\n  },\n  ${line}\n]\n${line}`;
  const { samples, messages } = readFile(json(), text);
  assertEquals(samples, [sample, sample, sample]);
  assertEquals(messages, ["Cannot decode text as json at line 4, column 19: expected a value"]);
});

Deno.test("json().createDecoder() refuses a value that goes on for more than 16 MiB", () => {
  const part = `${" ".repeat(2 ** 20 - 6)}1.00,\n`;
  const { samples, messages } = readFile(json(), `{"data": [\n${part.repeat(20)}0]}\n${line}\n`, 65_536);
  assertEquals(samples, [sample]);
  assertEquals(messages, [
    "Cannot decode text as json at line 18, column 1: the value is longer than 16777216 characters",
  ]);
});

Deno.test("json().createDecoder() stops at what onDecodeError() throws", () => {
  const reader = json().createDecoder((error) => {
    throw error;
  });
  assertThrows(() => reader.push(new TextEncoder().encode("x\n")), DecodeError, "expected an object");
});

Deno.test("json().createByteEncoder() writes the bytes of createEncoder(), however long they are, and only where that is faster", () => {
  const samples: Sample[] = [
    { values: [] },
    {
      sequence: 2n ** 63n - 1n,
      tsOrigin: { sec: 1, nsec: 2 },
      tsReceived: { sec: 3, nsec: 4 },
      values: [1, -0, 1e300],
    },
    { newSimulation: true, newFrame: true, values: [7n, true, null, { real: 0.5, imag: -1 }] },
    { newFrame: true, sequence: 0n, values: Array.from({ length: 1000 }, (_, index) => Math.sin(index)) },
  ];
  const long = 10n ** 5000n;
  const huge = json().createByteEncoder?.()([{ sequence: long, values: [1, -long, 2.5, long] }]);
  assertEquals(new TextDecoder().decode(huge), `{"sequence": ${long}, "data": [1.0, -${long}, 2.5, ${long}]}\n`);
  for (const options of [{}, { ts_received: true }, { sequence: false, ts_origin: false }, { data: false }]) {
    const write = json(options).createByteEncoder?.();
    assert(write !== undefined);
    for (const some of [samples, ...samples.map((sample) => [sample]), []]) {
      assertEquals(new TextDecoder().decode(write(some)), json(options).createEncoder()(some));
    }
  }
  assertEquals(json({ compact: true }).createByteEncoder, undefined);
});
