import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { detectFormat, influx } from "@villas/client/formats";
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
  writeDatagram,
  writeFile,
} from "./_text_suite.ts";

/** A datagram of VILLASnode's influxdb node. */
const vector = (name: string) => Deno.readFileSync(new URL(`../data/influx/${name}.bin`, import.meta.url));

const time = { tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 } };
const small = fc.float({ noNaN: true, noDefaultInfinity: true });
const samples = samplesOf({
  sec: 9_223_372_035,
  values: [finiteFloat, int64, fc.boolean(), complexOf(small)],
});
const line = "villas,host=a signal0=1.5,signal1=-42i,signal2=true,signal3_re=0.5,signal3_im=-0.25 1700000000123456789";

testRoundTrip(influx(), samples, samples);
testRoundTrip(
  influx({ signals: parseSignals("fibc"), measurement: "a, b", tags: { "x=y": "\u00fc 1" } }),
  samples,
  samples,
);
testPieces(influx(), "what VILLASnode sends", vector("fibc_0"));
testHostile(influx(), [line, 'cpu,a\\ b=c\\,d x\\=y=1,t="a \\" b",u=5u,n=-1e-7\n# comment\nm a=t 5']);
testLongLines(influx(), "m a=2.5 7", [" ", "1,", "\\"]);
testInvalidUtf8(influx(), "m a=2.5 7");

Deno.test("influx() reads the datagrams of VILLASnode, with their NUL and the blanks that are not escaped", () => {
  const first = { ...time, values: [1, 2.5] };
  assertEquals(influx().decode(vector("2f_0")), [first]);
  const three = influx({ signals: parseSignals("2f") }).decode(vector("2f_vec3"));
  assertEquals(
    three,
    [0, 1e6, 2e6].map((more) => ({ ...first, tsOrigin: { ...time.tsOrigin, nsec: 123_456_789 + more } })),
  );
});

Deno.test("influx() takes an integer of VILLASnode for a float, unless its signal says that it is one", () => {
  const complex = { real: 0.5, imag: -0.25 };
  assertEquals(influx().decode(vector("fibc_0")), [{ ...time, values: [1.5, -42, true, complex] }]);
  const typed = influx({ signals: parseSignals("fibc") });
  assertEquals(typed.decode(vector("fibc_0")), [{ ...time, values: [1.5, -42n, true, complex] }]);
  const far = readDatagram(typed, "m signal0=7,signal1=9007199254740993,signal2=1 5\n\0");
  assertEquals(far, [{ tsOrigin: { sec: 0, nsec: 5 }, values: [7, 2n ** 53n + 1n, true] }]);
});

Deno.test("influx() reads a file of such datagrams one behind the other", () => {
  const file = new Uint8Array([...vector("2f_0"), ...vector("2f_vec3")]);
  assertEquals(readGoodFile(influx(), file).length, 4);
});

Deno.test("influx() writes what InfluxDB and Telegraf take: the digits that are needed, i, true, and no +", () => {
  const values = [0.1, -0, 1e21, 5e-324, 123456789012345680, -(2n ** 63n), true, false, { real: 0.1, imag: -1e30 }];
  assertEquals(
    writeFile(influx(), [{ tsOrigin: { sec: 0, nsec: 7 }, sequence: 9n, values }, { values: [1] }]),
    "villas signal0=0.1,signal1=-0,signal2=1e+21,signal3=5e-324,signal4=123456789012345680," +
      "signal5=-9223372036854775808i,signal6=true,signal7=false,signal8_re=0.10000000149011612," +
      `signal8_im=${Math.fround(-1e30)} 7\nvillas signal0=1\n`,
  );
  assertEquals(
    writeFile(influx({ real_precision: 2, ts_origin: false }), [{ ...time, values: [2 / 3] }]),
    "villas signal0=0.67\n",
  );
});

Deno.test("influx() writes the time of reception where there is none of origin", () => {
  assertEquals(
    writeFile(influx(), [{ tsReceived: { sec: 3, nsec: 0 }, values: [1] }]),
    "villas signal0=1 3000000000\n",
  );
});

Deno.test("influx() escapes names of measurement, tags and fields, and reads them again", () => {
  const signals = [{ name: 'v "a", b=c', type: "float" as const }, { name: "\\d\u00fc", type: "complex" as const }];
  const options = { signals, measurement: "my grid,1=2", tags: { "z=1": "a b,c", host: "\\x=y" } };
  const text = writeFile(influx(options), [{ values: [1, { real: 2, imag: 3 }] }]);
  assertEquals(
    text,
    'my\\ grid\\,1=2,host=\\x\\=y,z\\=1=a\\ b\\,c v\\ "a"\\,\\ b\\=c=1,\\d\u00fc_re=2,\\d\u00fc_im=3\n',
  );
  assertEquals(readGoodFile(influx(options), text), [{ values: [1, { real: 2, imag: 3 }] }]);
});

Deno.test("influx() leaves NaN, infinities and unset values out, and counts the first two", () => {
  const format = influx();
  const sample: Sample = { values: [NaN, 1, Infinity, null, { real: 1, imag: -Infinity }, { real: NaN, imag: 1 }] };
  assertEquals(writeFile(format, [sample]), "villas signal1=1\n");
  assertEquals([...format.omitted ?? []], [["NaN", 2], ["infinity", 2]]);
  const none = assertThrows(() => writeFile(format, [{ values: [NaN, NaN] }]), EncodeError);
  assertEquals(none.reason, "it has no value but NaN, and a line needs one");
  assertEquals(format.omitted?.get("NaN"), 2, "a sample that is refused as a whole is counted as such");
  assertEquals(
    assertThrows(() => writeFile(format, [{ values: [null] }]), EncodeError).reason,
    "it has no value, and a line needs one",
  );
});

Deno.test("influx() refuses another type than the first one of a field, in a file and on a link, and goes on with the first", () => {
  const format = influx();
  const file = format.createEncoder();
  for (const write of [file, (samples: readonly Sample[]) => writeDatagram(format, samples)]) {
    assertEquals(write([{ values: [NaN, 1n] }]), "villas signal1=1i\n");
    const error = assertThrows(() => write([{ values: [1.5, 2n] }, { values: [5n, 3n] }]), EncodeError);
    assertEquals([error.index, error.reason], [1, "value 0 is of type integer, and the field signal0 has type float"]);
    assertEquals(write([{ values: [2, 4n] }]), "villas signal0=2,signal1=4i\n");
  }
  // Another file is another series of first values.
  assertEquals(writeFile(format, [{ values: [5n] }]), "villas signal0=5i\n");
});

Deno.test("influx() refuses marks, times after 2262, and values that do not fit the signals", () => {
  const reasons = (sample: Sample) =>
    assertThrows(() => influx({ signals: parseSignals("f") }).encode([sample]), EncodeError).reason;
  assertEquals(reasons({ type: "stop", values: [1] }), "it is a stop mark, not data");
  assertEquals(
    reasons({ tsOrigin: { sec: 9_223_372_036, nsec: 854_775_807 }, values: [1] }),
    "its timestamp is after the year 2262, where the format ends",
  );
  assertEquals(reasons({ values: [1n] }), "value 0 is of type integer, signal0 of type float");
  const last = { tsOrigin: { sec: 9_223_372_036, nsec: 854_775_806 }, values: [1] };
  assertEquals(writeFile(influx(), [last]), "villas signal0=1 9223372036854775806\n");
});

const names: [options: Parameters<typeof influx>[0], message: string][] = [
  [{ measurement: "" }, 'Cannot write "" as the measurement of format influx: it is empty'],
  [{ measurement: "#a" }, 'Cannot write "#a" as the measurement of format influx: a line that begins so is a comment'],
  [{ measurement: "a\nb" }, 'Cannot write "a\\nb" as the measurement of format influx: it has a control character'],
  [
    { tags: { "a\\": "b" } },
    'Cannot write "a\\\\" as the tag of format influx: the backslash in it would escape what follows',
  ],
  [{ tags: { time: "b" } }, 'Cannot write "time" as the tag of format influx: InfluxDB keeps it for itself'],
  [{ tags: { a: "" } }, 'Cannot write "" as the value of tag "a" of format influx: it is empty'],
  [
    { signals: [{ name: "time", type: "float" }] },
    'Cannot write "time" as the field of format influx: InfluxDB keeps it for itself',
  ],
  [
    { signals: [{ name: "a_re", type: "float" }, { name: "a", type: "complex" }] },
    'Cannot name the values of format influx: "a_re" has two meanings',
  ],
  [
    { tags: { a: 1 } as never },
    'Cannot set option "tags" of format influx to {"a":1}: expected an object of texts such as {"host": "a"}',
  ],
];
for (const [options, message] of names) {
  Deno.test(`influx() refuses ${JSON.stringify(options)}`, () => {
    assertEquals(assertThrows(() => influx(options), TypeError).message, message);
  });
}

Deno.test("influx() reads what other programs write: unsigned, short booleans, text, comments, fields in another order", () => {
  const format = influx();
  const file = [
    "# a comment",
    "",
    'cpu,host=a usage=12.5,on=T,note="a \\"b\\", c=1 ",count=7u 1000000000',
    "cpu,host=a count=8i,usage=1e2,off=false 2000000000\r",
    'cpu,host=a note="only text" 3000000000',
  ].join("\n");
  assertEquals(readGoodFile(format, file), [
    { tsOrigin: { sec: 1, nsec: 0 }, values: [12.5, true, 7n] },
    { tsOrigin: { sec: 2, nsec: 0 }, values: [100, null, 8n, false] },
  ]);
  assertEquals([...format.unmatchedNames ?? []], ["note"]);
});

Deno.test("influx() reads fields named NAME_re and NAME_im as they are if they are signals, and alone", () => {
  const signals = [{ name: "z_re", type: "float" as const }, { name: "z_im", type: "float" as const }];
  assertEquals(readDatagram(influx({ signals }), "m z_re=1,z_im=2"), [{ values: [1, 2] }]);
  assertEquals(readDatagram(influx(), "m z_im=2,a=1,z_re=1"), [{ values: [1, { real: 1, imag: 2 }] }]);
  assertEquals(readDatagram(influx(), "m z_im=2,a=1"), [{ values: [2, 1] }]);
});

Deno.test("influx() reads the lines of one measurement and of some tags, and says where a file has several series", () => {
  const file = "cpu,host=a,cpu=1 x=1\ncpu,host=b x=2\nmem,host=a x=3\nmem x=4\n";
  const read = (options: Parameters<typeof influx>[0]) => {
    const warnings: string[] = [];
    const decoder = influx(options).createDecoder((error) => {
      throw error;
    }, (message) => warnings.push(message));
    const samples = [...decoder.push(new TextEncoder().encode(file)), ...decoder.end()];
    return [samples.map(({ values }) => values[0]), warnings] as const;
  };
  assertEquals(read({ measurement: "mem" }), [[3, 4], []]);
  assertEquals(read({ tags: { host: "a" }, measurement: "cpu" }), [[1], []]);
  assertEquals(read({ measurement: "none" }), [[], []]);
  const [values, warnings] = read({});
  assertEquals(values, [1, 2, 3, 4]);
  assertEquals(warnings, [
    'it has lines of several series, such as "cpu,host=a,cpu=1" and "cpu,host=b", whose fields of the same name are read as ' +
    'one signal; the options "measurement" and "tags" of format influx choose one',
  ]);
});

const broken: [text: string, reason: string][] = [
  ["cpu", 'line 1, column 4: expected the name of a field and "="'],
  ["cpu x", 'line 1, column 6: expected the name of a field and "="'],
  ["cpu =1", "line 1, column 5: expected the name of a field"],
  ["cpu x=", 'line 1, column 7: expected a number, true, false or a text in quotes, got ""'],
  ["cpu x=1,", 'line 1, column 9: expected the name of a field and "="'],
  ["cpu x=1e999", 'line 1, column 7: "1e999" is out of range for a float'],
  ["cpu x=9223372036854775808i", "line 1, column 5: the integer is out of range for a signed 64-bit integer"],
  ["cpu x=yes", 'line 1, column 7: expected a number, true, false or a text in quotes, got "yes"'],
  ['cpu x="a', "line 1, column 7: the text of a field does not end"],
  ['cpu x="a"b', "line 1, column 7: expected a comma or a space behind the text of a field"],
  ["cpu x=1 now", 'line 1, column 9: expected nanoseconds since 1970, got "now"'],
  ["cpu x=1 -5", 'line 1, column 9: the timestamp "-5" is before 1970'],
  ["cpu x=1 5 6", "line 1, column 11: expected the end of the line behind the timestamp"],
  [`cpu x=1 ${"9".repeat(25)}`, 'line 1, column 9: the timestamp "9999999999999999999999999" is out of range'],
];
for (const [text, place] of broken) {
  Deno.test(`influx() says what is wrong with ${JSON.stringify(text)}`, () => {
    const { message } = assertThrows(() => readDatagram(influx(), text), DecodeError);
    assertEquals(message, `Cannot decode text as influx at ${place}`);
    assertEquals(readFile(influx(), `${text}\nm a=1\n`).samples, [{ values: [1] }]);
  });
}

Deno.test("detectFormat() finds influx in the datagrams of VILLASnode and of others", () => {
  for (const datagram of [vector("2f_0"), vector("2f_vec3"), vector("fibc_0"), new TextEncoder().encode(line)]) {
    assertEquals(detectFormat([datagram]).format, "influx");
  }
  for (const text of ["cpu", "cpu x", "a=1 b=2", "x,y=1", "GET / HTTP/1.1"]) {
    assert(detectFormat([new TextEncoder().encode(text)]).format !== "influx", text);
  }
});
