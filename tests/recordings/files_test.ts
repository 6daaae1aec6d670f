import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createFormat, DecodeError, formatNames, parseSignals, type Sample } from "@villas/client";
import { csv, json, raw, villasBinary, villasHuman } from "@villas/client/formats";
import { formatForPath, readBatches, readSamples } from "@villas/client/recordings";
import { withFolder } from "../_folders.ts";

const vectors = new URL("../data/formats/", import.meta.url).pathname;

async function readAll(...parameters: Parameters<typeof readSamples>): Promise<Sample[]> {
  return await Array.fromAsync(readSamples(...parameters));
}

Deno.test("formatForPath() knows every format by its own name", () => {
  for (const name of formatNames) assertEquals(formatForPath(`run.1/a b.${name}`), name);
});

Deno.test("formatForPath() knows usual endings, in small letters and capitals", () => {
  const endings = { pb: "protobuf", bin: "villas.binary", web: "villas.web", jsonl: "json", ndjson: "json" };
  for (const [ending, name] of Object.entries(endings)) assertEquals(formatForPath(`/x/run.${ending}`), name);
  for (const ending of ["txt", "log", "dat", "human", "TXT"]) {
    assertEquals(formatForPath(`x.${ending}`), "villas.human");
  }
  assertEquals(formatForPath("C:\\data\\RUN.CSV"), "csv");
});

Deno.test("formatForPath() takes no more than the end of the name for a format", () => {
  for (
    const path of ["", "-", "json", "run", "run.", "run.mat.gz", "run.gz", "a.csv/run", "run.xjson", "run.constructor"]
  ) {
    assertEquals(formatForPath(path), undefined, path);
  }
  assertEquals(formatForPath("run.villas.json"), "json");
  assertEquals(formatForPath("run.json.gz"), "json");
  assertEquals(formatForPath("run.CSV.ZST"), "csv");
  assertEquals(formatForPath(".csv"), "csv");
});

for (const { name, format } of [{ name: "float.csv", format: csv() }, { name: "mixed.json", format: json() }]) {
  Deno.test(`readSamples() reads ${name} the same in pieces of any length`, async () => {
    const whole = await readAll(vectors + name, format);
    assert(whole.length > 1);
    for (const pieceLength of [1, 2, 7, 64]) {
      assertEquals(await readAll(vectors + name, format, { pieceLength }), whole);
    }
  });
}

Deno.test("readSamples() reads every binary vector byte by byte", async () => {
  for (const name of ["protobuf", "villas.binary", "villas.web", "opal.asyncip", "raw.64.big"]) {
    const [type = "", bits, endianess] = name.startsWith("raw") ? name.split(".") : [name];
    const options = bits === undefined ? {} : { bits: Number(bits), endianess };
    const format = await createFormat({ type, ...options }, { signals: parseSignals("3f") });
    const whole = await readAll(`${vectors}float.${name}`, format);
    assert(whole.length > 1, name);
    assertEquals(await readAll(`${vectors}float.${name}`, format, { pieceLength: 1 }), whole, name);
  }
});

Deno.test("readSamples() tells how many bytes it has read", async () => {
  let bytes = 0;
  await readAll(`${vectors}float.csv`, csv(), { pieceLength: 100, onRead: (length) => bytes += length });
  assertEquals(bytes, (await Deno.stat(`${vectors}float.csv`)).size);
});

Deno.test("readSamples() reports what it cannot read, and goes on", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.json`;
    await Deno.writeTextFile(path, '{"data": [1.5]}\n{"data": [}\n{"data": [2.5]}\n');
    const errors: DecodeError[] = [];
    const samples = await readAll(path, json(), { onDecodeError: (error) => errors.push(error) });
    assertEquals(samples.map(({ values }) => values), [[1.5], [2.5]]);
    assertEquals(errors.map(({ line, column }) => ({ line, column })), [{ line: 2, column: 11 }]);
    await assertRejects(() => readAll(path, json()), DecodeError, "at line 2, column 11");
  }));

Deno.test("readSamples() reads an empty file", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "");
    assertEquals(await readAll(`${folder}/a.csv`, csv()), []);
  }));

Deno.test("readSamples() says in a line what is wrong with a file", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const cases = [
      [`${folder}/none.csv`, Deno.errors.NotFound, `Cannot open ${folder}/none.csv: there is no such file or folder`],
      [folder, Deno.errors.IsADirectory, `Cannot read ${folder}: it is a folder`],
      [
        `${folder}/file/x`,
        Deno.errors.NotADirectory,
        `Cannot open ${folder}/file/x: a part of the path is not a folder`,
      ],
    ] as const;
    for (const [path, ErrorClass, message] of cases) {
      await assertRejects(() => readAll(path, csv()), ErrorClass, message);
    }
  }));

Deno.test({
  name: "readSamples() says that the system denies permission",
  // Who is root may read everything.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.csv`, "", { mode: 0o000 });
      const message = `Cannot open ${folder}/a.csv: the system denies permission`;
      await assertRejects(() => readAll(`${folder}/a.csv`, csv()), Deno.errors.PermissionDenied, message);
    }),
});

Deno.test("readSamples() refuses a format that does not say how a file divides, without opening it", async () => {
  await assertRejects(() => readAll("/nowhere", raw()), TypeError, 'option "signals" must say how long a sample is');
});

Deno.test("readSamples() closes the file when it is left early, and when the report throws", () =>
  withFolder(async (folder) => {
    // The sanitizers of Deno would tell of a file that stays open.
    await Deno.writeTextFile(`${folder}/a.json`, '{"data": [1.5]}\n{"data": [}\n');
    for await (const _ of readBatches(`${folder}/a.json`, json(), { pieceLength: 16 })) break;
    await assertRejects(() => readAll(`${folder}/a.json`, json()), DecodeError);
  }));

Deno.test("readSamples() gives nothing where the signal is aborted already", async () => {
  assertEquals(await readAll("/nowhere", csv(), { signal: AbortSignal.abort() }), []);
});

Deno.test({
  name: "readSamples() ends at once when the signal is aborted while it waits for a pipe",
  ignore: Deno.build.os === "windows",
  // What is waited for in vain ends some time later.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [path] }).output();
      // Opened for both, it neither waits for the other end nor comes to an end.
      using pipe = await Deno.open(path, { read: true, write: true });
      await pipe.write(new TextEncoder().encode('{"data": [1.5]}\n'));
      const controller = new AbortController();
      let samples = 0;
      for await (const list of readBatches(path, json(), { signal: controller.signal })) {
        samples += list.length;
        queueMicrotask(() => controller.abort());
      }
      assertEquals(samples, 1);
      // Ends the reading in the background that nobody waits for any more.
      await pipe.write(new Uint8Array(1));
    }),
});

Deno.test({
  name: "readSamples() ends at once when the signal is aborted while nobody has opened the other end of a pipe",
  ignore: Deno.build.os === "windows",
  // What is waited for in vain ends some time later.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [path] }).output();
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 1);
      assertEquals(await readAll(path, json(), { signal: controller.signal }), []);
      // Ends the opening in the background that nobody waits for any more.
      using _pipe = await Deno.open(path, { write: true });
      await new Promise((resolve) => setTimeout(resolve));
    }),
});

Deno.test({
  name: "readSamples() gives what comes through a pipe at once",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [path] }).output();
      using pipe = await Deno.open(path, { read: true, write: true });
      const lines = ['{"data": [1.5]}\n{"da', 'ta": [2.5]}\n'];
      let next = 0;
      const feed = () => pipe.write(new TextEncoder().encode(lines[next++]));
      await feed();
      const received: unknown[] = [];
      for await (const samples of readBatches(path, json())) {
        received.push(samples.map(({ values }) => values));
        if (next === lines.length) break;
        await feed();
      }
      assertEquals(received, [[[1.5]], [[2.5]]]);
    }),
});

Deno.test("readSamples() reads a huge file in constant memory", () =>
  withFolder(async (folder) => {
    // 96 MB: the same messages again and again.
    const piece = villasBinary().encode(
      Array.from(
        { length: 100_000 },
        (_, i) => ({ sequence: BigInt(i), values: [i, 2, 3, 4, 5, 6, 7, 8].slice(0, 4) }),
      ),
    );
    const path = `${folder}/a.bin`;
    const file = await Deno.open(path, { write: true, create: true });
    const times = 30;
    for (let i = 0; i < times; i++) {
      for (let rest: Uint8Array = piece; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    }
    file.close();
    let samples = 0;
    let most = 0;
    // Of this test's isolate: others run in the same process.
    const memory = () => Deno.memoryUsage().heapUsed + Deno.memoryUsage().external;
    const before = memory();
    for await (const list of readBatches(path, villasBinary())) {
      samples += list.length;
      most = Math.max(most, memory() - before);
    }
    assertEquals(samples, times * 100_000);
    assert(most < 60 * 2 ** 20, `the memory grew by ${(most / 2 ** 20).toFixed(0)} MiB`);
  }));

for (const [file, name] of [["/dev/zero", "csv"], ["/dev/zero", "json"], ["/dev/urandom", "villas.human"]] as const) {
  Deno.test({
    name: `readBatches() ends with an error on ${file} as ${name}, which holds no sample and has no end`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const format = await createFormat(name);
      const error = await assertRejects(async () => {
        for await (const _ of readBatches(file, format, { onDecodeError() {} }));
      }, Error);
      assertMatch(
        error.message,
        new RegExp(`^Cannot read ${file} as ${name}: (64 MiB of it hold no sample|\\d+ records of it are faulty)`),
      );
    },
  });
}

Deno.test("readBatches() reads on behind any number of faulty records in a file that has as many samples", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "1.000000000(1)\t1.5\nx\n".repeat(11_000));
  let faults = 0;
  let samples = 0;
  for await (const batch of readBatches(path, villasHuman(), { onDecodeError: () => faults++ })) {
    samples += batch.length;
  }
  assertEquals([samples, faults], [11_000, 11_000]);
  await Deno.remove(path);
});
