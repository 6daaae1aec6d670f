import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Sample } from "@villas/client";
import { json, protobuf, villasBinary } from "@villas/client/formats";
import { run, startFed, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { hasTerminal, startOnTerminal } from "./_terminal.ts";
import { withFolder } from "../_folders.ts";

const vectors = new URL("../data/formats/", import.meta.url).pathname;
const isWindows = Deno.build.os === "windows";

Deno.test("convert does in a pipe what villas-convert does, byte for byte", async () => {
  await using process = startFed("convert", "-i", "villas.human", "-o", "csv", "-t", "fibc");
  await process.write(await Deno.readFile(`${vectors}mixed.input`));
  await process.endInput();
  const { code, stdout, stderr } = await process.finish();
  assertEquals(stdout, await Deno.readTextFile(`${vectors}mixed.csv`));
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
});

for (
  const [name, ...options] of [
    ["float.protobuf", "-o", "protobuf", "-t", "3f"],
    ["float.villas.binary", "-t", "3f"],
    ["mixed.raw.64.big", "-o", '{"type": "raw", "bits": 64, "endianess": "big"}', "-t", "fibc"],
    ["mixed.json.edgeflex", "-t", "fibc"],
  ]
) {
  Deno.test(`convert writes ${name} into a file, byte for byte as VILLASnode does`, () =>
    withFolder(async (folder) => {
      const [source] = (name ?? "").split(".");
      const input = `${vectors}${source}.input`;
      const output = `${folder}/${name}`;
      const { code, stdout, stderr } = await run(
        "convert",
        "-i",
        "villas.human",
        input,
        "--output",
        output,
        ...options,
      );
      assertEquals({ code, stdout }, { code: 0, stdout: "" });
      assertMatch(stderr, /Wrote \d+ samples as [\w.]+ to \S+ in \d+\.\d s/);
      assertEquals(await Deno.readFile(output), await Deno.readFile(vectors + name));
    }));
}

Deno.test("convert through a chain of formats, each told by the name of its file, ends where it began", () =>
  withFolder(async (folder) => {
    const first = `${vectors}float.villas.human.nooffset`;
    await Deno.copyFile(first, `${folder}/0.villas.human`);
    const last = ["-o", '{"type": "villas.human", "offset": false}'];
    for (const [from, to, ...rest] of [["0.villas.human", "1.pb"], ["1.pb", "2.json"], ["2.json", "3.txt", ...last]]) {
      const { code, stderr } = await run("convert", `${folder}/${from}`, "--output", `${folder}/${to}`, "-q", ...rest);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
    }
    assertEquals(await Deno.readTextFile(`${folder}/3.txt`), await Deno.readTextFile(first));
  }));

Deno.test("convert puts several files into one, and standard input where a hyphen stands", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.json`, '{"data": [1.5]}\n');
    await Deno.writeFile(`${folder}/b.pb`, protobuf().encode([{ values: [3.5] }, { values: [4n] }]));
    await using process = startFed("convert", `${folder}/a.json`, "-", `${folder}/b.pb`, "-o", "json");
    await process.write("1.0(7)\t2.5\n");
    await process.endInput();
    const { code, stdout } = await process.finish();
    assertEquals(code, 0);
    const first = '{"ts": {"origin": [1, 0]}, "sequence": 7, "data": [2.5]}';
    assertEquals(stdout, `{"data": [1.5]}\n${first}\n{"data": [3.5]}\n{"data": [4]}\n`);
  }));

Deno.test("convert writes villas.human where nothing says another format", async () => {
  await using process = startFed("convert");
  await process.write("5.000000001(7) 1 2.5 nan\n");
  await process.endInput();
  const { stdout } = await process.finish();
  assertEquals(
    stdout,
    "# seconds.nanoseconds+offset(sequence)\tsignal0\tsignal1\tsignal2\n5.000000001(7)\t1\t2.50000000000000000\tnan\n",
  );
});

Deno.test("convert writes what comes through a pipe before the pipe ends", async () => {
  await using process = startFed("convert", "-i", "json", "-o", "value");
  await process.write('{"data": [1]}\n{"da');
  await process.expectOutput(/^1\n$/);
  await process.write('ta": [2]}\n');
  await process.expectOutput(/^1\n2\n$/);
  await process.endInput();
  assertEquals((await process.finish()).code, 0);
});

Deno.test("convert reports what it cannot read, converts the rest, and ends with status 1", () =>
  withFolder(async (folder) => {
    const file = `${folder}/a.json`;
    await Deno.writeTextFile(file, '{"data": [1]}\n{"data": [x]}\n{"data": [2]}\n{"data": {}}\n{"data": [3]}\n');
    const { code, stdout, stderr } = await run("convert", file, "-o", "value");
    assertEquals({ code, stdout }, { code: 1, stdout: "1\n2\n3\n" });
    assertEquals(
      stderr,
      `villas-client: warning: ${file}: Cannot decode text as json at line 2, column 11: expected a value\n` +
        "villas-client: warning: 1 more message like the last one\n" +
        "villas-client: error: Skipped 2 records that could not be read\n",
    );
  }));

Deno.test("convert says at which offset a binary file ends too early", () =>
  withFolder(async (folder) => {
    const file = `${folder}/a.villas.binary`;
    const messages = villasBinary().encode([{ values: [1] }, { values: [2] }]);
    await Deno.writeFile(file, messages.subarray(0, 30));
    const { code, stdout, stderr } = await run(
      "convert",
      file,
      "-t",
      "f",
      "-o",
      '{"type": "value", "real_precision": 0}',
    );
    assertEquals({ code, stdout }, { code: 1, stdout: "1\n" });
    assertStringIncludes(
      stderr,
      "Cannot decode file as villas.binary at offset 20: the file ends inside the sample that begins here",
    );
    assertStringIncludes(stderr, "error: Skipped 1 record that could not be read\n");
  }));

Deno.test("convert leaves out what the format cannot carry, says so, and ends with status 1", () =>
  withFolder(async (folder) => {
    const file = `${folder}/a.json`;
    await Deno.writeTextFile(file, '{"data": [1]}\n{"data": [1, 2]}\n{"data": [3]}\n');
    const { code, stdout, stderr } = await run("convert", file, "-o", "value");
    assertEquals({ code, stdout }, { code: 1, stdout: "1\n3\n" });
    assertStringIncludes(stderr, "warning: Cannot encode sample 1 as value: it has 2 values, and the format carries");
    assertStringIncludes(stderr, "error: Skipped 1 sample that value cannot carry\n");
  }));

Deno.test("convert reads protobuf of any length, as VILLASnode's converter does not", () =>
  withFolder(async (folder) => {
    const samples: Sample[] = Array.from({ length: 20_000 }, (_, i) => ({ sequence: BigInt(i), values: [i / 2, i] }));
    await Deno.writeFile(`${folder}/a.pb`, protobuf().encode(samples));
    const { code, stdout } = await run("convert", `${folder}/a.pb`, "-o", "json");
    assertEquals(code, 0);
    assertEquals(stdout, json().createEncoder()(samples));
  }));

Deno.test("convert gives names to what has none", async () => {
  const signals = '[{"name": "va", "unit": "V"}, {"name": "n", "type": "integer"}]';
  await using process = startFed("convert", "-o", "tsv", "-t", signals);
  await process.write("0.0 1 2\n");
  await process.endInput();
  const { stdout } = await process.finish();
  assertEquals(stdout, "# secs\tnsecs\toffset\tsequence\tva[V]\tn\nnan\tnan\tnan\tnan\t1.00000000000000000\t2\n");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`convert ends with status 0 on ${signal} while it waits for a pipe`, async () => {
    await using process = startFed("convert", "-i", "json", "-o", "value");
    await process.write('{"data": [1]}\n');
    await process.expectOutput(/1\n/);
    process.kill(signal);
    assertEquals(await process.finish(), { code: 0, stdout: "1\n", stderr: "" });
  });
}

Deno.test({
  name: "convert ends cleanly when nobody reads its output any more",
  ignore: isWindows,
  fn: () =>
    withFolder(async (folder) => {
      const samples: Sample[] = Array.from({ length: 100_000 }, (_, i) => ({ values: [i] }));
      await Deno.writeFile(`${folder}/a.pb`, protobuf().encode(samples));
      await using process = startPipeline("| head -n 1", "convert", `${folder}/a.pb`, "-o", "json");
      assertEquals(await process.finish(), { code: 0, stdout: '{"data": [0.0]}\n', stderr: "" });
    }),
});

Deno.test({
  name: "convert says that the disk is full",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { code, stderr } = await run("convert", `${vectors}float.csv`, "--output", "/dev/full", "-o", "csv");
    assertEquals(code, 1);
    const failure = "Cannot write /dev/full: the disk is full; 0 samples are safe in it";
    assertMatch(stderr, /^villas-client: Wrote 0 samples as csv to \/dev\/full in /);
    assertStringIncludes(stderr, `\nvillas-client: error: ${failure}\n`);
  },
});

Deno.test("convert leaves alone what is in its output file where it cannot begin", () =>
  withFolder(async (folder) => {
    const output = `${folder}/out.csv`;
    await Deno.writeTextFile(output, "precious");
    await Deno.writeTextFile(`${folder}/a.txt`, "");
    for (
      const [code, ...args] of [
        [1, `${folder}/none.csv`],
        [1, folder],
        [1, `${folder}/a.txt`, `${folder}/none.csv`],
        [2, `${folder}/a.txt`, "-i", "nonsense"],
        [2, `${folder}/a.txt`, "-o", "nonsense"],
        [2, `${folder}/a.txt`, "-i", "raw"],
        [2, output],
      ] as const
    ) {
      const { stderr, ...result } = await run("convert", ...args, "--output", output);
      assertEquals(result, { code, stdout: "" }, stderr);
      assertEquals(stderr.split("\n").length, code === 1 ? 2 : 3, stderr);
      assertEquals(await Deno.readTextFile(output), "precious");
    }
  }));

testWrongUsages([
  [["convert", "a.cvs"], "Cannot tell the format of a.cvs from its name: give --input-format"],
  [["convert", "--output", "x.cvs"], "Cannot tell the format of x.cvs from its name: give --output-format"],
  [["convert", "-o", "jsn"], 'Cannot set -o to "jsn": did you mean json?'],
  [
    ["convert", "-o", '{"type": "raw", "bits": 7}'],
    'Cannot use --output-format: Cannot set option "bits" of format raw to 7...',
  ],
  [["convert", "-i", "raw"], "Cannot decode a file of raw: ..."],
  [
    ["convert", `${vectors}float.villas.binary`, "-o", "json"],
    "Cannot convert from villas.binary without signals: its values do not say whether they are floats or integers; " +
    "give --signals, such as 64f where all of them are floats",
  ],
  [["convert", "--rate", "1"], "Unknown option --rate..."],
]);

Deno.test("convert fails with status 1 if it cannot read or write a file", () =>
  withFolder(async (folder) => {
    const none = `${folder}/none.csv`;
    for (
      const [message, ...args] of [
        [`Cannot open ${none}: `, none],
        [`Cannot read ${folder}: `, folder],
        [`Cannot write ${folder}: `, "--output", folder, "-o", "csv"],
      ]
    ) {
      const { code, stdout, stderr } = await run("convert", ...args);
      assertEquals([code, stdout], [1, ""], stderr);
      assertStringIncludes(stderr, `villas-client: error: ${message}`);
    }
  }));

Deno.test({
  name: "convert writes no binary format to a terminal, but text",
  ignore: !await hasTerminal(),
  async fn() {
    await using binary = startOnTerminal("convert", `${vectors}float.csv`, "-o", "protobuf");
    const refused = await binary.finish();
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stdout, "Cannot write protobuf to a terminal: it is binary; give --output FILE");
    await using text = startOnTerminal("convert", `${vectors}float.json`, "-o", "json");
    const shown = await text.finish();
    assertEquals(shown.stdout.replaceAll("\r", ""), await Deno.readTextFile(`${vectors}float.json`));
  },
});

Deno.test("convert reads a table of another program, whose time --time-column names", () =>
  withFolder(async (folder) => {
    const table = `${folder}/table.csv`;
    await Deno.writeTextFile(table, "va,when,vb\n1.5,0.5,2.5\n");
    const line = '{"ts": {"origin": [0, 500000000]}, "sequence": 0, "data": [1.5, 2.5]}\n';
    for (const column of ["when", "1"]) {
      const { code, stdout, stderr } = await run("convert", table, "-o", "json", "--time-column", column);
      assertEquals({ code, stdout, stderr }, { code: 0, stdout: line, stderr: "" });
    }
    const { code, stderr } = await run("convert", table, "-o", "json");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "the first line names columns, but neither secs and nsecs nor a time");
  }));

Deno.test("convert warns once about times whose digits VILLASnode reads as nanoseconds", () =>
  withFolder(async (folder) => {
    const file = `${folder}/a.txt`;
    await Deno.writeTextFile(file, "1.5(0)\t1.5\n1.75(1)\t1.5\n");
    const { code, stderr } = await run("convert", file, "-o", "json");
    assertEquals(code, 0);
    assertMatch(stderr, /^villas-client: warning: \S+a\.txt: The time 1\.5 has 1 of 9 digits .* read as 5 ns, .*\n$/);
  }));
