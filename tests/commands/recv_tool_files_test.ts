import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseSignals, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { createFileFormat, formatForPath } from "@villas/client/recordings";
import { pace } from "@villas/client/timing";
import { listNames } from "../_folders.ts";
import { run } from "./_cli.ts";
import { startRecv } from "./_recv.ts";

async function makeFolder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

const samples: Sample[] = [0, 1, 2, 3].map((index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000, nsec: index * 1_000_000 },
  values: [index + 0.5, -2.25],
}));

const signals = '[{"name": "va", "unit": "V"}, {"name": "ia", "unit": "A"}]';

/** Reads a file of another tool. */
async function readFile(path: string) {
  const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
  const found = (await Array.fromAsync(reader.batches())).flat();
  return { signals: reader.signals, samples: found.map(({ tsOrigin, values }) => ({ tsOrigin, values })) };
}

/** Endings of the files of other tools that are recorded. */
const endings = ["cfg", "cff", "mat", "parquet"];

for (const ending of endings) {
  Deno.test(`recv --output x.${ending} closes the file at the end, and leaves no journal`, async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/x.${ending}`;
    await Deno.writeTextFile(file, "something older");
    await using pair = await startRecv("--output", file, "--signals", signals, "--count", "4");
    await pair.peer.send([protobuf().encode(samples.slice(0, 1)), protobuf().encode(samples.slice(1))]);
    const { code, stderr } = await pair.recv.finish();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `Wrote 4 samples to ${file} as ${formatForPath(file)}`);
    assertEquals(await readFile(file), {
      signals: parseSignals(signals),
      samples: samples.map(({ tsOrigin, values }) => ({ tsOrigin, values })),
    });
    const names = await listNames(folder.path);
    assertEquals(names.filter((name) => /journal|part|spool/.test(name)), []);
  });

  Deno.test(`recv --output x.${ending} that is killed leaves a journal, which repair completes`, async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/x.${ending}`;
    {
      await using pair = await startRecv("--output", file, "--signals", signals);
      await pair.peer.send([protobuf().encode(samples)]);
      for await (const _ of pace(100)) {
        const { size } = await Deno.stat(`${file}.journal`).catch(() => ({ size: 0 }));
        if (size > 100) break;
      }
      pair.recv.kill("SIGKILL");
      await pair.recv.finish();
    }
    // A journal that a power cut has shortened, too.
    const journal = await Deno.readFile(`${file}.journal`);
    await Deno.writeFile(`${file}.journal`, journal.subarray(0, journal.length - 5));
    const again = await run("recv", "--local", "udp://127.0.0.1:0", "--output", file, "--count", "1", "--timeout", "5");
    assertEquals(again.code, 1);
    assertMatch(again.stderr, /has the samples of an earlier run; villas-client repair/);
    const { code, stderr } = await run("repair", file);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `Wrote 3 samples as ${formatForPath(file)} to ${file}`);
    assertEquals((await readFile(file)).samples.length, 3);
    assertEquals((await Deno.stat(`${file}.journal`).catch(() => undefined)) === undefined, true);
    const none = await run("repair", file);
    assertEquals(none.code, 1);
    assertMatch(none.stderr, /Cannot repair .*: there is no .*\.journal/);
  });
}

Deno.test("recv refuses what cannot be done with files of other tools", async () => {
  await using folder = await makeFolder();
  const local = ["recv", "--local", "udp://127.0.0.1:0"];
  for (
    const [args, status, message] of [
      [["-p", "comtrade"], 2, /it is a file of its own; give --output FILE/],
      [
        ["-o", `${folder.path}/x.cfg`, "--append"],
        2,
        /Cannot append to .*: a file of comtrade ends where it was closed/,
      ],
      [["-o", `${folder.path}/none/x.cfg`], 1, /no such folder/],
      [["-o", `${folder.path}/x`, "-p", '{"type":"comtrade","revision":2000}'], 2, /expected 1991, 1999, 2013/],
    ] as const
  ) {
    const { code, stderr } = await run(...local, ...args);
    assertMatch(stderr, message);
    assertEquals(code, status, stderr);
  }
  assertEquals(await listNames(folder.path), []);
});

Deno.test("recv keeps the journal of samples that the file cannot carry, and says so", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/x.cfg`;
  await using pair = await startRecv("--output", file, "--count", "3");
  const odd: Sample = { ...samples[1] as Sample, values: [{ real: 1, imag: 2 }, 1] };
  await pair.peer.send([protobuf().encode([samples[0] as Sample]), protobuf().encode([odd, samples[2] as Sample])]);
  const { code, stderr } = await pair.recv.finish();
  assertEquals(code, 1);
  assertMatch(stderr, /Skipped 1 sample that comtrade cannot carry/);
  assertMatch(stderr, /are in .*x\.cfg\.journal/);
  assertEquals((await readFile(file)).samples.length, 2);
});

Deno.test("convert, compare and send take comtrade files as any other", async () => {
  await using folder = await makeFolder();
  const [csv, cfg] = [`${folder.path}/a.csv`, `${folder.path}/a.cfg`];
  const lines = samples.map(({ tsOrigin, values }) => `${tsOrigin?.sec},${tsOrigin?.nsec},nan,0,${values.join(",")}`);
  await Deno.writeTextFile(csv, `# secs,nsecs,offset,sequence,va,ia\n${lines.join("\n")}\n`);
  const converted = await run("convert", csv, "--output", cfg);
  assertEquals(converted.code, 0, converted.stderr);
  const compared = await run("compare", "-s", csv, cfg);
  assertEquals(compared.code, 0, compared.stdout + compared.stderr);
  const counts = await run("convert", cfg, "--raw-counts", "-o", "csv");
  assertMatch(counts.stdout, /,5,-225\n/);
  const sent = await run("send", cfg, "--local", "udp://127.0.0.1:0", "--remote", "udp://127.0.0.1:9", "--speed", "10");
  assertMatch(sent.stderr, /Sent 4 datagrams, 4 samples/);
  const wrong = await run("convert", csv, "--raw-counts", "-o", "csv");
  assertEquals(wrong.code, 2);
  assertMatch(wrong.stderr, /Cannot use --raw-counts with csv/);
  const piped = await run("convert", cfg, "-o", "comtrade");
  assertEquals(piped.code, 2);
  assert(/give --output FILE/.test(piped.stderr));
});
