import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, type Sample } from "@villas/client";
import { run, start, startPipeline } from "./_cli.ts";
import { withFolder } from "../_folders.ts";

const data = new URL("../data/formats/", import.meta.url).pathname;

/** Writes samples to a file in the format of its ending, and returns its path. */
async function write(folder: string, name: string, samples: readonly Sample[], format = "json"): Promise<string> {
  const path = `${folder}/${name}`;
  const content = (await createFormat(format)).createEncoder()(samples);
  await (typeof content === "string" ? Deno.writeTextFile(path, content) : Deno.writeFile(path, content));
  return path;
}

const base: Sample = { sequence: 7n, tsOrigin: { sec: 1_700_000_000, nsec: 250_000_000 }, values: [1.5, 2n, true] };

const statuses: [name: string, status: number, kind: string, others: Sample[], sentence: string][] = [
  ["length where one goes on", 1, "length", [base, base], "a.json has ended, b.json goes on"],
  ["length where one ends", 1, "length", [], "b.json has ended, a.json goes on"],
  ["sequence number", 2, "sequence", [{ ...base, sequence: 9n }], "sequence number 7 and 9"],
  [
    "sequence number that one lacks",
    2,
    "sequence",
    [{ ...base, sequence: undefined } as unknown as Sample],
    "sequence number 7 and none",
  ],
  [
    "later timestamp",
    3,
    "timestamp",
    [{ ...base, tsOrigin: { sec: 1_700_000_000, nsec: 750_000_000 } }],
    "origin timestamp 1700000000.250000000 and 1700000000.750000000, 0.5 s apart (epsilon 0.000001)",
  ],
  [
    "earlier timestamp, which VILLASnode does not see",
    3,
    "timestamp",
    [{ ...base, tsOrigin: { sec: 1_699_999_999, nsec: 250_000_000 } }],
    "origin timestamp 1700000000.250000000 and 1699999999.250000000, 1 s apart (epsilon 0.000001)",
  ],
  ["number of values", 4, "values", [{ ...base, values: [1.5] }], "number of values 3 and 1"],
  ["data", 5, "data", [{ ...base, values: [1.5, 4n, true] }], "value 1, 2 and 4, 2 apart (epsilon 0.000001)"],
  ["type", 6, "type", [{ ...base, values: [1.5, 2, true] }], "type of value 1, integer and float"],
];

for (const [name, status, kind, others, sentence] of statuses) {
  Deno.test(`compare ends with status ${status} for another ${name}, and shows it`, async () => {
    await withFolder(async (folder) => {
      const paths = [await write(folder, "a.json", [base]), await write(folder, "b.json", others)];
      const [text, json] = await Promise.all([run("compare", ...paths), run("compare", "--json", ...paths)]);
      assertEquals([text.code, json.code], [status, status]);
      assertEquals([text.stderr, json.stderr], ["", ""]);
      const [first = ""] = text.stdout.split("\n");
      assertMatch(first, /^\S+a\.json and \S+b\.json differ first in sample [01]: /);
      assertStringIncludes(first.replaceAll(`${folder}/`, ""), sentence);
      const result = JSON.parse(json.stdout);
      assertEquals([result.status, result.equal, result.first.kind], [status, false, kind]);
      assertEquals(result.files[1].differences[kind], 1);
    });
  });
}

Deno.test("compare ends with status 0 for equal files, and prints nothing but that", async () => {
  await withFolder(async (folder) => {
    const a = await write(folder, "a.json", [base]);
    const b = await write(folder, "b.pb", [base], "protobuf");
    const { code, stdout, stderr } = await run("compare", a, b, a);
    assertEquals([code, stdout, stderr], [0, "", "villas-client: The 3 files are equal: 1 sample\n"]);
    const { code: status, stdout: line } = await run("compare", a, b, "--json", "--quiet", "-e", "0.5");
    const differences = { length: 0, sequence: 0, timestamp: 0, values: 0, type: 0, data: 0 };
    assertEquals(status, 0);
    assertEquals(JSON.parse(line), {
      command: "compare",
      status: 0,
      equal: true,
      complete: true,
      epsilon: 0.5,
      first: null,
      files: [
        { file: a, format: "json", samples: 1, differences, values: 0, largest: null },
        { file: b, format: "protobuf", samples: 1, differences, values: 0, largest: null },
      ],
    });
  });
});

const ignoring: [string[], Sample][] = [
  [["-e", "0.75"], { ...base, values: [2, 2n, true] }],
  [["-v"], { ...base, values: [2] }],
  [["-T"], { ...base, tsOrigin: { sec: 0, nsec: 0 } }],
  [["-s"], { ...base, sequence: 0n }],
  [["-vTs"], { values: [] }],
];

for (const [args, other] of ignoring) {
  Deno.test(`compare ${args.join(" ")} does not see it`, async () => {
    await withFolder(async (folder) => {
      const paths = [await write(folder, "a.json", [base]), await write(folder, "b.json", [other])];
      const [plain, ignored] = await Promise.all([run("compare", ...paths), run("compare", ...args, ...paths)]);
      assertEquals([plain.code > 0, ignored.code], [true, 0]);
    });
  });
}

Deno.test("compare shows the first difference in full, counts all, and ends with the status of the first one", async () => {
  await withFolder(async (folder) => {
    const samples = Array.from(
      { length: 5 },
      (_, i): Sample => ({ ...base, sequence: BigInt(i), values: [i, 9n, 0.5] }),
    );
    const others = samples.map((sample, i) => ({ ...sample, values: i < 2 ? sample.values : [i * 1.5, 9n, 1] }));
    const floats = samples.map((sample, i) => ({ ...sample, values: i < 4 ? sample.values : [i, 9, 0.5] }));
    const a = await write(folder, "a.json", samples);
    const b = await write(folder, "b.csv", others.slice(0, 4), "csv");
    const c = await write(folder, "c.pb", floats, "protobuf");
    const { code, stdout } = await run("compare", a, c, b);
    assertEquals(code, 5);
    assertEquals(stdout.replaceAll(`${folder}/`, "").split("\n"), [
      "a.json and b.csv differ first in sample 2: value 0, 2 and 3, 1 apart (epsilon 0.000001)",
      "a.json, line 3:",
      '{"ts": {"origin": [1700000000, 250000000]}, "sequence": 2, "data": [2.0, 9, 0.5]}',
      "b.csv, line 4:",
      '{"ts": {"origin": [1700000000, 250000000]}, "sequence": 2, "data": [3.0, 9, 1.0]}',
      "",
      "Samples that differ from the 5 of a.json, in",
      "   length  sequence  timestamp   values     type     data  file",
      "        0         0          0        0        1        0  c.pb",
      "        1         0          0        0        0        2  b.csv",
      "c.pb: 1 value differs",
      "b.csv: 4 values differ, at most 1.5 apart (value 0 of sample 3)",
      "",
    ]);
    const { code: status, stdout: line } = await run("compare", "--first", "--json", a, c, b);
    assertEquals(status, 5);
    const { complete, files } = JSON.parse(line);
    assertEquals([complete, files.map(({ samples }: { samples: number }) => samples)], [false, [3, 3, 3]]);
  });
});

for (const format of ["json", "csv", "villas.human", "protobuf", "villas.binary", "villas.web", "opal.asyncip"]) {
  Deno.test(`compare says where in a long ${format} file the first difference is`, async () => {
    await withFolder(async (folder) => {
      const samples = Array.from(
        { length: 20_000 },
        (_, i): Sample => ({ ...base, sequence: BigInt(i), values: [i, 0.5] }),
      );
      const index = 15_321;
      const others = samples.with(index, { ...samples[index], values: [-1, 0.5] });
      const paths = [await write(folder, "a", samples, format), await write(folder, "b", others, format)];
      const { code, stdout } = await run("compare", "-f", format, "--json", "-e", "0.1", ...paths);
      assertEquals(code, 5);
      const { first, files } = JSON.parse(stdout);
      assertEquals([first.index, first.value, first.distance], [index, 0, index + 1]);
      assertEquals(files[1].differences.data, 1);
      const write1 = (await createFormat(format)).createEncoder();
      const before = write1(samples.slice(0, index));
      const expected = typeof before === "string"
        ? { line: before.split("\n").length, offset: null }
        : { line: null, offset: before.length };
      for (const side of [first.expected, first.actual]) {
        assertEquals({ line: side.line, offset: side.offset }, expected);
        assertEquals(side.sample.sequence, index);
      }
    });
  });
}

Deno.test("compare keeps all digits of integers and sequence numbers", async () => {
  await withFolder(async (folder) => {
    const sample: Sample = { sequence: 2n ** 64n - 1n, values: [2n ** 63n - 1n, 0.5] };
    const a = await write(folder, "a.json", [sample]);
    const b = await write(folder, "b.json", [{ ...sample, values: [-(2n ** 63n), 0.5] }]);
    const { code, stdout } = await run("compare", "--json", a, b);
    assertEquals(code, 5);
    assertStringIncludes(stdout, '"distance":18446744073709551615,');
    assertStringIncludes(stdout, '"sample":{"sequence":18446744073709551615,"data":[9223372036854775807,0.5]}');
  });
});

Deno.test("compare reads types from --signals and formats from --format, also one for each file", async () => {
  const [csv, human, json] = [`${data}mixed.csv`, `${data}mixed.villas.human`, `${data}mixed.json`];
  const results = await Promise.all([
    run("compare", csv, human, json),
    run("compare", "-t", "fibc", csv, human, json),
    run("compare", "-t", "fibc", "-f", "csv,villas.human,json", csv, human, json),
    run("compare", "-t", "fibc", "-f", '[{"type": "csv"}, "villas.human", ""]', csv, human, json),
    run(
      "compare",
      "-t",
      "3f",
      "-f",
      '{"type": "raw", "bits": 64}',
      `${data}float.raw.64.little`,
      `${data}float.raw.64.little`,
    ),
  ]);
  assertEquals(results.map(({ code }) => code), [6, 0, 0, 0, 0], JSON.stringify(results));
});

Deno.test("compare reads standard input", async () => {
  await withFolder(async (folder) => {
    const a = await write(folder, "a.json", [base]);
    await using process = startPipeline(`< '${a}'`, "compare", "-f", "json", a, "-");
    const { code, stderr } = await process.finish();
    assertEquals([code, stderr], [0, "villas-client: The 2 files are equal: 1 sample\n"]);
  });
});

const failures: [string[], string][] = [
  [["compare"], "FILE is missing: give two files or more"],
  [["compare", `${data}mixed.json`], "FILE is missing: give two files or more"],
  [["compare", "-", "-"], "Cannot read standard input twice"],
  [["compare", "-e", "-1", "a", "b"], 'Cannot set -e to "-1": expected a number, 0 or greater'],
  [["compare", "-e"], "Cannot set -e: its value EPSILON is missing"],
  [["compare", "--epsilom", "1", "a", "b"], "Unknown option --epsilom: did you mean --epsilon?"],
  [["compare", "-t", "3x", "a", "b"], 'Cannot parse "3x" as a signal list'],
  [["compare", "-f", "yaml", "a", "b"], 'Cannot find format "yaml"'],
  [["compare", "-f", "csv,json", "a", "b", "c"], "Cannot use 2 formats for 3 files: expected one, or one for each"],
  [["compare", "-f", "[1", "a", "b"], 'Cannot set -f to "[1"'],
  [["compare", "-f", "[1]", "a", "b"], 'Cannot set -f to "[1]"'],
  [["compare", `${data}mixed.json`, `${data}none.json`], `Cannot open ${data}none.json: there is no such file`],
  [["compare", `${data}mixed.json`, "-f", "json", data], `Cannot read ${data}: `],
  [["compare", "-f", "json", `${data}mixed.json`, `${data}mixed.csv`], `Cannot read ${data}mixed.csv: Cannot decode`],
];

for (const [args, message] of failures) {
  Deno.test(`${args.join(" ").replaceAll(data, "")} fails with status 255, which no difference has`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assertStringIncludes(stderr, message);
    assertEquals([code, stdout], [255, ""]);
    assert(stderr.split("\n").length <= 3, stderr);
  });
}

Deno.test("compare --help ends with status 0", async () => {
  const { code, stdout } = await run("compare", "--help");
  assertEquals(code, 0);
  assertMatch(stdout, /^Usage: villas-client compare \[OPTIONS\] FILE FILE\.\.\.\n/);
});

Deno.test({
  name: "compare ends at an interrupt, and does not take what it has seen for all",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const a = await write(folder, "a.json", [base, base]);
      const pipe = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      await using process = start("compare", "-f", "json", a, pipe);
      // This waits until the other end is open, too.
      using writer = await Deno.open(pipe, { write: true });
      await writer.write(new TextEncoder().encode('{"data": [1.5'));
      process.kill("SIGINT");
      const { code, stdout, stderr } = await process.finish();
      assertEquals([code, stdout], [255, ""]);
      assertStringIncludes(stderr, "warning: Interrupted after 0 samples of");
    });
  },
});

Deno.test("compare ends cleanly when nobody reads its output", async () => {
  await withFolder(async (folder) => {
    const paths = [await write(folder, "a.json", [base]), await write(folder, "b.json", [{ ...base, values: [] }])];
    await using process = startPipeline("| true", "compare", ...paths);
    const { code, stderr } = await process.finish();
    assertEquals([code, stderr], [4, ""]);
  });
});

const wholeNumbers: [title: string, files: [string, string, string?], args: string[], code: number][] = [
  ["villas.human, as for villas-compare", ["a.txt", "b.txt"], [], 0],
  ["villas.human with another number", ["a.txt", "b.txt", "2.0"], [], 5],
  ["csv", ["a.csv", "b.csv"], [], 0],
  ["a float of json", ["a.txt", "b.json"], [], 0],
  ["two files of json", ["a.json", "b.json"], [], 6],
];

for (const [title, [left, right, number = "1.0"], args, expected] of wholeNumbers) {
  Deno.test(`compare of 1 and ${number} in ${title} ends with status ${expected}`, async () => {
    await withFolder(async (folder) => {
      const lineOf = (name: string, value: string) =>
        name.endsWith(".json")
          ? `{"sequence": 1, "data": [${value}]}\n`
          : name.endsWith(".csv")
          ? `nan,nan,nan,1,${value}\n`
          : `0.0(1)\t${value}\n`;
      await Deno.writeTextFile(`${folder}/${left}`, lineOf(left, "1"));
      await Deno.writeTextFile(`${folder}/${right}`, lineOf(right, number));
      const { code, stdout } = await run("compare", `${folder}/${left}`, `${folder}/${right}`, ...args);
      assertEquals(code, expected, stdout);
    });
  });
}

Deno.test("compare says what differs where the lines of two samples are alike", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "nan,nan,nan,1,nan\n");
    await Deno.writeTextFile(`${folder}/b.csv`, "nan,nan,nan,1,<?>\n");
    const { code, stdout } = await run("compare", `${folder}/a.csv`, `${folder}/b.csv`);
    assertEquals(code > 0, true);
    const [, , left = "", , right = ""] = stdout.split("\n");
    assertMatch(left, / {2}\(value 0 is \w+ NaN\)$/);
    assertMatch(right, / {2}\(value 0 is \w+ null\)$/);
    assertEquals(left.replace(/ {2}\(.*/, ""), right.replace(/ {2}\(.*/, ""));
  });
});

Deno.test("compare takes the time of a table from --time-column", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "when,va\n1.5,2.5\n");
    await Deno.writeTextFile(`${folder}/b.txt`, "1.500000000(0)\t2.5\n");
    const { code, stdout, stderr } = await run(
      "compare",
      `${folder}/a.csv`,
      `${folder}/b.txt`,
      "--time-column",
      "when",
    );
    assertEquals([code, stdout], [255, ""], stderr);
    assertStringIncludes(stderr, "Cannot use --time-column with villas.human: only csv and tsv files are tables");
    const table = await run("compare", `${folder}/a.csv`, `${folder}/a.csv`, "--time-column", "when");
    assertEquals(table.code, 0, table.stderr);
  });
});
