import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample, type Signal } from "@villas/client";
import { matlab } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { cutEverywhere, mutateFiles, mutations } from "./_hostile.ts";
import {
  findOctave,
  findScipy,
  type ForeignVariable,
  readWithOctave,
  readWithScipy,
  runOctave,
} from "./_other_readers.ts";

const scipy = await findScipy();
const octave = await findOctave();

const signals: Signal[] = [
  { name: "va", unit: "V", type: "float" },
  { name: "count", type: "integer" },
  { name: "trip", type: "boolean" },
  { name: "z", unit: "Ω", type: "complex" },
];

/** Samples whose values no shorter type holds. */
const mixed: Sample[] = Array.from({ length: 20 }, (_, index) => ({
  sequence: 2n ** 63n + BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 123_456_789 },
  tsReceived: { sec: 1_700_000_000 + index, nsec: 123_999_999 },
  values: [
    [0.1, -0, 1e308, 5e-324, 300, -200, 127.5][index % 7] ?? 0,
    [2n ** 63n - 1n, -(2n ** 63n), 300n, 0n][index % 4] ?? 0n,
    index % 3 === 0,
    { real: index / 3, imag: -0.1 * index },
  ],
}));

async function write(path: string, samples: readonly Sample[], list?: readonly Signal[]) {
  await using writer = await matlab().create(path, list === undefined ? {} : { signals: list });
  for (let start = 0; start < samples.length; start += 7) await writer.write(samples.slice(start, start + 7));
  return await writer.finish();
}

async function read(path: string) {
  const warnings: string[] = [];
  const errors: string[] = [];
  const reader = await matlab().open(path, {
    onWarning: (message) => warnings.push(message),
    onDecodeError: ({ message }) => errors.push(message),
  });
  const samples = (await Array.fromAsync(reader.batches())).flat();
  return { signals: reader.signals, samples, warnings, errors };
}

Deno.test("matlab() reads what it wrote, every bit of it", async () => {
  await withFolder(async (folder) => {
    assertEquals(await write(`${folder}/x.mat`, mixed, signals), []);
    assertEquals(await read(`${folder}/x.mat`), { signals, samples: mixed, warnings: [], errors: [] });
    assertEquals(await listNames(folder), ["x.mat"]);
  });
});

Deno.test("matlab() reads what it wrote of 20,000 samples, in blocks", async () => {
  await withFolder(async (folder) => {
    const samples = Array.from({ length: 20_000 }, (_, index): Sample => ({
      tsOrigin: { sec: 5, nsec: index * 50_000 },
      values: [index / 7, BigInt(index), index % 2 === 0],
    }));
    await write(`${folder}/x.mat`, samples);
    const found = await read(`${folder}/x.mat`);
    assertEquals(found.samples, samples);
  });
});

/** Compares the variables of another reader with the samples, number by number. */
function assertSame(found: Record<string, ForeignVariable>, wide: boolean): void {
  const numbers = (name: string, part: "real" | "imag" = "real") => (found[name]?.[part] ?? []).map(Number);
  const column = (index: number) => mixed.map(({ values }) => values[index]);
  assertEquals(numbers("va"), column(0).map(Number));
  assert(Object.is(numbers("va")[1], -0), "the sign of zero is lost");
  assertEquals((found.count?.real ?? []).map(BigInt), column(1));
  assertEquals(numbers("trip").map((value) => value === 1), column(2));
  assertEquals(numbers("z"), column(3).map((value) => (value as { real: number }).real));
  assertEquals(numbers("z", "imag"), column(3).map((value) => (value as { imag: number }).imag));
  assertEquals(numbers("time"), mixed.map((_, index) => index));
  assertEquals(
    (found.time_ns?.real ?? []).map(BigInt),
    mixed.map((_, index) => (1_700_000_000n + BigInt(index)) * 1_000_000_000n + 123_456_789n),
  );
  if (wide) assertEquals((found.sequence?.real ?? []).map(BigInt), mixed.map(({ sequence }) => sequence));
  // 2023-11-14 22:13:20.123456789 UTC.
  assert(Math.abs((numbers("datenum")[0] ?? 0) - 739_204.9259273549) < 1e-9, `${numbers("datenum")[0]}`);
  const info = JSON.parse(found.signal_info?.real.join("") ?? "");
  assertEquals(info[3], { variable: "z", name: "z", unit: "Ω", type: "complex" });
}

Deno.test({
  name: "matlab() writes what SciPy reads, every number the same",
  ignore: scipy === undefined,
  async fn() {
    await withFolder(async (folder) => {
      await write(`${folder}/x.mat`, mixed, signals);
      const found = await readWithScipy(scipy ?? "", `${folder}/x.mat`);
      assertSame(found, true);
      assertEquals([found.va?.type, found.count?.type, found.z?.type], ["float64", "int64", "complex128"]);
    });
  },
});

Deno.test({
  name: "matlab() writes what Octave reads, every number the same",
  ignore: octave === undefined,
  async fn() {
    await withFolder(async (folder) => {
      await write(`${folder}/x.mat`, mixed, signals);
      const found = await readWithOctave(octave ?? "", `${folder}/x.mat`);
      assertSame(found, false);
      assertEquals([found.va?.type, found.count?.type, found.trip?.type], ["double", "int64", "logical"]);
    });
  },
});

Deno.test({
  name: "matlab() writes a file without samples that SciPy and Octave load",
  ignore: scipy === undefined || octave === undefined,
  async fn() {
    await withFolder(async (folder) => {
      await write(`${folder}/x.mat`, [], signals);
      assertEquals((await readWithScipy(scipy ?? "", `${folder}/x.mat`)).va?.real, []);
      assertEquals((await readWithOctave(octave ?? "", `${folder}/x.mat`)).count?.real, []);
      assertEquals((await read(`${folder}/x.mat`)).samples, []);
    });
  },
});

const scipyFile = `
import sys, numpy, scipy.io
n = numpy.arange(5)
scipy.io.savemat(sys.argv[1], {"t": n * 0.25, "small": n * 50, "wide": numpy.int64(2) ** 60 + n, "m": numpy.arange(10.0).reshape(5, 2),
  "flag": n > 2, "z": n + 1j * n, "note": "hello", "cell": numpy.array(["a", 1], dtype=object), "odd": numpy.arange(3)},
  do_compression=sys.argv[2] == "1", oned_as="row" if sys.argv[2] == "1" else "column")
`;

for (const isCompressed of [false, true]) {
  Deno.test({
    name: `matlab() reads what SciPy writes, ${isCompressed ? "compressed, in rows" : "plain, in columns"}`,
    ignore: scipy === undefined,
    async fn() {
      await withFolder(async (folder) => {
        const path = `${folder}/x.mat`;
        const args = ["-c", scipyFile, path, isCompressed ? "1" : "0"];
        assert((await new Deno.Command(scipy ?? "", { args }).output()).success);
        const found = await read(path);
        assertEquals(found.signals?.map(({ name, type }) => `${name} ${type}`), [
          ...["small integer", "wide integer", "m_1 float", "m_2 float", "flag boolean", "z complex"],
        ]);
        assertEquals(found.samples[3], {
          tsOrigin: { sec: 0, nsec: 750_000_000 },
          values: [150n, 2n ** 60n + 3n, 6, 7, true, { real: 3, imag: 3 }],
        });
        assertMatch(found.warnings.join(), /left out: .*cell.*odd|odd.*cell/);
      });
    },
  });
}

Deno.test({
  name: "matlab() reads what Octave writes with -v7 and -v6",
  ignore: octave === undefined,
  async fn() {
    await withFolder(async (folder) => {
      for (const version of ["-v7", "-v6"]) {
        const script =
          `time = (0:3)'/4; va = [1.5; NaN; -Inf; 300]; n = int32([1;2;3;4]); save("${version}", getenv("RECORDING"), "time", "va", "n")`;
        await runOctave(octave ?? "", script, `${folder}/x.mat`);
        const { samples } = await read(`${folder}/x.mat`);
        assertEquals(samples.map(({ values }) => values), [[1.5, 1n], [NaN, 2n], [-Infinity, 3n], [300, 4n]]);
        assertEquals(samples[1]?.tsOrigin, { sec: 0, nsec: 250_000_000 });
      }
    });
  },
});

Deno.test("matlab() makes names valid and unique, at most 63 characters, and keeps the original ones", async () => {
  await withFolder(async (folder) => {
    const names = ["a b", "a_b", "time", "1st", "end", "ü", "x".repeat(80), "x".repeat(70)];
    const list = names.map((name): Signal => ({ name, type: "float" }));
    const notes = await write(
      `${folder}/x.mat`,
      [{ tsOrigin: { sec: 1, nsec: 0 }, values: names.map((_, i) => i) }],
      list,
    );
    assertMatch(notes.join(), /Names that are none in MATLAB are changed/);
    const found = await read(`${folder}/x.mat`);
    assertEquals(found.signals, list);
    if (scipy === undefined) return;
    const variables = Object.keys(await readWithScipy(scipy, `${folder}/x.mat`));
    for (const name of variables) assertMatch(name, /^[A-Za-z][A-Za-z0-9_]{0,62}$/);
    assertEquals(variables.length, names.length + 4);
  });
});

Deno.test("matlab() keeps samples without timestamps and numbers, and says what stands for them", async () => {
  await withFolder(async (folder) => {
    const bare: Sample[] = [{ values: [1] }, { values: [2] }];
    assertEquals(await write(`${folder}/x.mat`, bare), []);
    assertEquals((await read(`${folder}/x.mat`)).samples, bare);
    const notes = await write(`${folder}/x.mat`, [{ tsOrigin: { sec: 1, nsec: 0 }, values: [1] }, ...bare]);
    assertEquals(notes, ["2 samples have no timestamp: NaN in time, 0 in time_ns"]);
    assertEquals((await read(`${folder}/x.mat`)).samples.map(({ tsOrigin }) => tsOrigin?.sec), [
      1,
      undefined,
      undefined,
    ]);
  });
});

Deno.test("matlab() refuses values of another type than their variable, and unset integers", async () => {
  await withFolder(async (folder) => {
    await using writer = await matlab().create(`${folder}/x.mat`, { signals: parseSignals("fi") });
    for (const values of [[1, 2], [1n, 2n], [1, null], [1, 2n, 3]]) {
      await assertRejects(() => writer.write([{ values }]), EncodeError);
    }
    await writer.write([{ values: [null, 2n] }]);
    await writer.finish();
    assertEquals((await read(`${folder}/x.mat`)).samples, [{ values: [NaN, 2n] }]);
  });
});

Deno.test("matlab() says which other kind of file it is", async () => {
  await withFolder(async (folder) => {
    const level73 = new TextEncoder().encode("MATLAB 7.3 MAT-file, Platform".padEnd(512));
    for (
      const [bytes, reason] of [
        [level73, /level 7\.3 \(HDF5\): save it with -v7/],
        [new Uint8Array(200), /does not begin as a file of level 5/],
        [new Uint8Array(20), /ends inside an element/],
      ] as const
    ) {
      await Deno.writeFile(`${folder}/x.mat`, bytes);
      const error = await assertRejects(() => matlab().open(`${folder}/x.mat`), DecodeError);
      assertMatch(error.message, reason);
    }
  });
});

Deno.test("matlab() takes a matrix of two billion rows and no columns for nothing", async () => {
  await withFolder(async (folder) => {
    await write(`${folder}/x.mat`, [{ values: [1] }], [{ name: "va", type: "float" }]);
    const bytes = await Deno.readFile(`${folder}/x.mat`);
    const view = new DataView(bytes.buffer);
    // The dimensions of the first variable, and the length of its data.
    view.setInt32(128 + 32, 0x7fff_ffff, true);
    view.setInt32(128 + 36, 0, true);
    view.setUint32(128 + 60, 0, true);
    view.setUint32(128 + 4, 56, true);
    await Deno.writeFile(`${folder}/y.mat`, bytes.subarray(0, 128 + 64));
    assertEquals((await read(`${folder}/y.mat`)).samples, []);
  });
});

async function filesOf(list: readonly Signal[]): Promise<Record<string, Uint8Array>> {
  return await withFolder(async (folder) => {
    await write(
      `${folder}/x.mat`,
      mixed.slice(0, 3).map((sample) => ({ ...sample, values: sample.values.slice(0, list.length) })),
      list,
    );
    return { "x.mat": await Deno.readFile(`${folder}/x.mat`) };
  });
}

Deno.test("matlab() reads the whole variables of a file cut at any byte", async () => {
  const { cuts, whole } = await cutEverywhere({ format: matlab(), files: await filesOf(signals.slice(0, 1)) });
  assert(cuts > 600 && whole === 3, `${cuts} cuts of ${whole} samples`);
});

Deno.test("matlab() keeps its head with mutated files", async () => {
  const refused = await mutateFiles({ format: matlab(), files: await filesOf(signals) }, 5);
  assert(refused > mutations / 10, `${refused} of ${mutations} were refused`);
});

Deno.test({
  name: "matlab() keeps its head with mutated files that are compressed",
  ignore: scipy === undefined,
  async fn() {
    const files = await withFolder(async (folder) => {
      await new Deno.Command(scipy ?? "", { args: ["-c", scipyFile, `${folder}/x.mat`, "1"] }).output();
      return { "x.mat": await Deno.readFile(`${folder}/x.mat`) };
    });
    const refused = await mutateFiles({ format: matlab(), files }, 6);
    assert(refused > mutations / 10, `${refused} of ${mutations} were refused`);
  },
});
