/**
 * Files of columns as people, spreadsheets and other programs write them.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseSignals, type Sample } from "@villas/client";
import { csv, type CsvOptions, tsv, villasHuman } from "@villas/client/formats";
import { readDatagram, readFile, readGoodFile, testPieces } from "./_text_suite.ts";

const tsOrigin = { sec: 1, nsec: 0 };

const files: [title: string, file: string, samples: Sample[], options?: CsvOptions][] = [
  ["whole numbers in all leading columns", "1,0,0,1,0.05217\n", [
    { tsOrigin, tsReceived: tsOrigin, sequence: 1n, values: [0.05217] },
  ]],
  ["a whole offset and as many values as signals", "1,0,2,1,0.5\n", [
    { tsOrigin, tsReceived: { sec: 3, nsec: 0 }, sequence: 1n, values: [0.5] },
  ], { signals: parseSignals("f") }],
  ["fewer values than signals", "1,0,nan,1,0.5\n", [{ tsOrigin, sequence: 1n, values: [0.5] }], {
    signals: parseSignals("3f"),
  }],
  ["a header without an offset", "# secs,nsecs,sequence,va\n1,0,7,8\n", [{ tsOrigin, sequence: 7n, values: [8n] }]],
  ["a header without a sequence number", "# secs,nsecs,offset,va\n1,0,nan,8\n", [{ tsOrigin, values: [8n] }]],
  ["a header without a timestamp", "# offset,sequence,va\n,nan,7,8\n", [{ sequence: 7n, values: [8n] }]],
  ["a header of a sequence number first", "sequence,va\n7,8\n", [{ sequence: 7n, values: [8n] }]],
  ["a header without the comment character", "secs,nsecs,offset,sequence,va\n1,0,nan,7,8\n", [
    { tsOrigin, sequence: 7n, values: [8n] },
  ]],
  [
    "a header with a unit, capitals and quotes",
    '"Secs","Nsecs","Offset","Sequence","u [V]"\n"1","0","nan","7","8.5"\n',
    [
      { tsOrigin, sequence: 7n, values: [8.5] },
    ],
  ],
  ["two recordings behind each other", "# secs,nsecs,sequence\n1,0,7\n# secs,nsecs,offset,sequence\n1,0,nan,8\n", [
    { tsOrigin, sequence: 7n, values: [] },
    { tsOrigin, sequence: 8n, values: [] },
  ]],
  ["a separator at the end of a line", "1,0,nan,7,8.5,\n1,0,nan,8,\n", [
    { tsOrigin, sequence: 7n, values: [8.5] },
    { tsOrigin, sequence: 8n, values: [] },
  ]],
  ["blanks before a comment and a time", "  # remark\n  1,0,nan,7,8.5\n", [{ tsOrigin, sequence: 7n, values: [8.5] }]],
  ["remarks that are not headers", "# time, as the relay has it\n# offset: none\n1,0,nan,7,8.5\n", [
    { tsOrigin, sequence: 7n, values: [8.5] },
  ]],
  ["empty cells of a missing timestamp", ",,nan,7,8.5\n", [{ sequence: 7n, values: [8.5] }]],
  ["quoted cells with decimal commas", '1,0,nan,7,"8,5","-2,5e3"\n', [{
    tsOrigin,
    sequence: 7n,
    values: [8.5, -2500],
  }]],
  ["semicolons and decimal commas", "secs;nsecs;offset;sequence;va\n1;0;0,25;7;8,5\n", [
    { tsOrigin, tsReceived: { sec: 1, nsec: 250_000_000 }, sequence: 7n, values: [8.5] },
  ]],
  ["semicolons without a header", "1;0;nan;7;8,5;2\n", [{ tsOrigin, sequence: 7n, values: [8.5, 2n] }]],
  ["semicolons in a commented header", "# secs;nsecs;offset;sequence;va\n1;0;nan;7;8,5\n", [
    { tsOrigin, sequence: 7n, values: [8.5] },
  ]],
  ["a semicolon in a unit", "secs,nsecs,offset,sequence,va[V;rms]\n1,0,nan,7,8.5\n", [
    { tsOrigin, sequence: 7n, values: [8.5] },
  ]],
  ["a table of seconds from 0", "time,a,b\n0,1.5,2\n0.001,2.5,3\n1e-1,3.5,4\n", [
    { tsOrigin: { sec: 0, nsec: 0 }, sequence: 0n, values: [1.5, 2n] },
    { tsOrigin: { sec: 0, nsec: 1_000_000 }, sequence: 1n, values: [2.5, 3n] },
    { tsOrigin: { sec: 0, nsec: 100_000_000 }, sequence: 2n, values: [3.5, 4n] },
  ]],
  ["a table of seconds since 1970, to the nanosecond", "t,a\n1700000000.123456789,1.5\n", [
    { tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 }, sequence: 0n, values: [1.5] },
  ]],
  [
    "a table of dates of ISO 8601",
    "timestamp,a\n2023-11-14T22:13:20.123456789Z,1.5\n2023-11-14 23:13:20+01:00,2.5\n2023-11-14,3.5\n",
    [
      { tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 }, sequence: 0n, values: [1.5] },
      { tsOrigin: { sec: 1_700_000_000, nsec: 0 }, sequence: 1n, values: [2.5] },
      { tsOrigin: { sec: 1_699_920_000, nsec: 0 }, sequence: 2n, values: [3.5] },
    ],
  ],
  ["a table of a spreadsheet", '\ufeff"Time (s)";"u [V]"\r\n"0,5";"1,25"\r\n0,75;;\r\n', [
    { tsOrigin: { sec: 0, nsec: 500_000_000 }, sequence: 0n, values: [1.25] },
    { tsOrigin: { sec: 0, nsec: 750_000_000 }, sequence: 1n, values: [null] },
  ]],
  ["a table with a commented header", "# time,a\n0.5,1.5\n", [
    { tsOrigin: { sec: 0, nsec: 500_000_000 }, sequence: 0n, values: [1.5] },
  ]],
  ["a table whose time has another name", "a,when\n1.5,0.5\n", [
    { tsOrigin: { sec: 0, nsec: 500_000_000 }, sequence: 0n, values: [1.5] },
  ], { time_column: "when" }],
  ["a table without a header", "1.5,0.5,2.5\n", [
    { tsOrigin: { sec: 0, nsec: 500_000_000 }, sequence: 0n, values: [1.5, 2.5] },
  ], { time_column: 1 }],
];

for (const [title, file, samples, options] of files) {
  Deno.test(`csv().createDecoder() reads ${title}`, () => {
    assertEquals(readGoodFile(csv(options), file), samples);
    if (!file.includes(";")) {
      assertEquals(readGoodFile(tsv(options), file.replaceAll(/,(?!\d+(?:e\d)?")/g, "\t")), [
        ...samples.map((sample) => ({ ...sample })),
      ]);
    }
  });
}

testPieces(csv(), "a table with a header", "time,a\n0.5,1.5\n1,2.5\n");

const faults: [file: string, message: string, options?: CsvOptions][] = [
  ["a,b,c,d,e\n", "at line 1, column 1: the first line names columns, but neither secs and nsecs nor a time"],
  ["a,b,c,d,e\n", '{"type": "csv", "skip_first_line": true}'],
  ["a,b\n1,2\n", 'at line 1, column 1: there is no column "when": the header has a, b', { time_column: "when" }],
  ["1,2\n", 'there is no header with a column "when"', { time_column: "when" }],
  ["time,a\nsoon,1\n", 'at line 2, column 1: expected a time in seconds or as in ISO 8601, got "soon"'],
  ["time,a\n-1,1\n", "expected a time since 1970 or since the start, got -1"],
  ["time,a\n1960-01-01,1\n", 'expected a time since 1970, got "1960-01-01"'],
  ["time,a\n0.5,x\n", 'at line 2, column 5: expected a float, got "x"'],
];

for (const [file, message, options] of faults) {
  Deno.test(`csv().createDecoder() says what is wrong with ${JSON.stringify(file)}: ${message}`, () => {
    const { messages } = readFile(csv(options), file);
    assertStringIncludes(messages[0] ?? "", message);
  });
}

Deno.test("csv().decode() takes no line of a datagram for a header", () => {
  assertEquals(readDatagram(csv(), "# time,a\n1,5,7,1.5\n"), [
    { tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [1.5] },
  ]);
});

Deno.test("villas.human reads a time and a comment behind blanks", () => {
  assertEquals(readGoodFile(villasHuman(), "\t # remark\n  1.000000005(7)\t1.5\n"), [
    { tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [1.5] },
  ]);
  assertEquals(readGoodFile(villasHuman({ ts_origin: false }), "\t1.5\t2.5\n"), [{ values: [1.5, 2.5] }]);
});

Deno.test("villas.human reads a fraction of other than nine digits as nanoseconds, and warns about it once", () => {
  const warnings: string[] = [];
  const decoder = villasHuman().createDecoder((error) => {
    throw error;
  }, (message) => warnings.push(message));
  const file = "0.0(1)\t1\n1.000000005(2)\t1\n1.5(3)\t1\n2.25(4)\t1\n3(5)\t1\n";
  const samples = [...decoder.push(new TextEncoder().encode(file)), ...decoder.end()];
  assertEquals(samples.map(({ tsOrigin }) => tsOrigin?.nsec), [undefined, 5, 5, 25, 0]);
  assertEquals(warnings, [
    "The time 1.5 has 1 of 9 digits behind the point: they are read as 5 ns, as VILLASnode reads them, and not as a " +
    "fraction of a second",
  ]);
});
