import { DuckDBInstance } from "npm:@duckdb/node-api@1.5.6-r.1";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample, type Signal } from "@villas/client";
import { parquet } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { cutEverywhere, mutateFiles, mutations } from "./_hostile.ts";

const signals: Signal[] = [
  { name: "va", unit: "V", type: "float" },
  { name: "count", type: "integer" },
  { name: "trip", type: "boolean" },
  { name: "z", unit: "Ω", type: "complex" },
];

const mixed: Sample[] = Array.from({ length: 50 }, (_, index) => ({
  sequence: 2n ** 63n + BigInt(index),
  tsOrigin: { sec: 1_700_000_000 + index, nsec: 123_456_789 },
  tsReceived: { sec: 1_700_000_000 + index, nsec: 123_999_999 },
  values: [
    [0.1, -0, 0, 1e308, 5e-324, NaN, -Infinity][index % 7] ?? 0,
    [2n ** 63n - 1n, -(2n ** 63n), 300n, 0n][index % 4] ?? 0n,
    index % 3 === 0,
    { real: index / 3, imag: -0.1 * index },
  ],
}));

async function write(
  path: string,
  samples: readonly Sample[],
  list?: readonly Signal[],
  compression?: "none" | "snappy",
) {
  await using writer = await parquet(compression === undefined ? {} : { compression })
    .create(path, list === undefined ? {} : { signals: list });
  for (let start = 0; start < samples.length; start += 7) await writer.write(samples.slice(start, start + 7));
  return await writer.finish();
}

async function read(path: string) {
  const warnings: string[] = [];
  const reader = await parquet().open(path, { onWarning: (message) => warnings.push(message) });
  return { signals: reader.signals, samples: (await Array.fromAsync(reader.batches())).flat(), warnings };
}

/** Asks DuckDB; it returns integers as text, so that none of their digits is lost. */
async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

for (const compression of ["none", "snappy"] as const) {
  Deno.test(`parquet() reads what it wrote with compression ${compression}, every bit of it`, async () => {
    await withFolder(async (folder) => {
      assertEquals(await write(`${folder}/x.parquet`, mixed, signals, compression), []);
      assertEquals(await read(`${folder}/x.parquet`), { signals, samples: mixed, warnings: [] });
      assertEquals(await listNames(folder), ["x.parquet"]);
    });
  });

  Deno.test(`parquet() writes with compression ${compression} what DuckDB reads, every number the same`, async () => {
    await withFolder(async (folder) => {
      await write(`${folder}/x.parquet`, mixed, signals, compression);
      const rows = await query(
        `select *, epoch_ns(time) as epoch, signbit(va) as negative from '${folder}/x.parquet' order by time_ns`,
      );
      assertEquals(rows.length, 50);
      for (const [index, row] of rows.entries()) {
        const { values: [va, count, trip, z], sequence, tsOrigin } = mixed[index] as Sample;
        const time = BigInt(tsOrigin?.sec ?? 0) * 1_000_000_000n + 123_456_789n;
        assertEquals(Number(row.va), Number(va));
        assertEquals(row.negative, Object.is(va, -0) || Number(va) < 0);
        assertEquals([row.count, row.sequence, row.time_ns], [String(count), String(sequence), String(time)]);
        assertEquals(row.trip, trip);
        assertEquals({ real: row["z.real"], imag: row["z.imag"] }, z as unknown);
        // DuckDB has timestamps of nanoseconds only without a zone: of ours it keeps microseconds.
        assertEquals(BigInt(String(row.epoch)) / 1000n, time / 1000n);
      }
    });
  });
}

Deno.test("parquet() writes row groups of bounded size, and reads them one by one", async () => {
  await withFolder(async (folder) => {
    const samples = Array.from({ length: 70_000 }, (_, index): Sample => ({
      tsOrigin: { sec: 5 + Math.floor(index / 1000), nsec: (index % 1000) * 1_000_000 },
      values: [index / 7],
    }));
    await write(`${folder}/x.parquet`, samples);
    const groups = await query(
      `select row_group_id, max(num_values) as n from parquet_metadata('${folder}/x.parquet') group by 1 order by 1`,
    );
    assertEquals(groups.map(({ n }) => Number(n)), [65_536, 4464]);
    assertEquals((await read(`${folder}/x.parquet`)).samples, samples);
  });
});

Deno.test("parquet() reads what DuckDB writes: timestamps of each unit, short integers, nulls; and says what it leaves out", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x.parquet`;
    for (
      const [type, nsec] of [["TIMESTAMP_NS", 123_456_789], ["TIMESTAMP", 123_456_000], [
        "TIMESTAMP_MS",
        123_000_000,
      ]] as const
    ) {
      await query(
        `copy (select '2023-11-14 22:13:20.123456789'${
          type === "TIMESTAMP_NS" ? "" : "::TIMESTAMP"
        }::${type} as stamp, 1.5::FLOAT as f, 7::SMALLINT as s, ` +
          `null::DOUBLE as none, true as b, 'text' as label, 18446744073709551615::UBIGINT as u) to '${path}' (format parquet)`,
      );
      const found = await read(path);
      assertEquals(found.signals?.map(({ name, type }) => `${name} ${type}`), [
        "f float",
        "s integer",
        "none float",
        "b boolean",
        "u integer",
      ]);
      const [sample] = found.samples;
      assertEquals(sample?.tsOrigin, { sec: 1_700_000_000, nsec });
      assertEquals(sample?.values.slice(0, 4), [1.5, 7n, null, true]);
      assertMatch(found.warnings.join(), /left out: label/);
    }
  });
});

Deno.test("parquet() takes a column of seconds named time for the time", async () => {
  await withFolder(async (folder) => {
    await query(
      `copy (select i * 0.25::DOUBLE as time, i as n from range(4) t(i)) to '${folder}/x.parquet' (format parquet)`,
    );
    const { samples } = await read(`${folder}/x.parquet`);
    assertEquals(samples[3], { tsOrigin: { sec: 0, nsec: 750_000_000 }, values: [3n] });
  });
});

Deno.test("parquet() writes no file of no samples, and leaves an older one", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.parquet`, "older");
    assertMatch((await write(`${folder}/x.parquet`, [], signals)).join(), /No sample came: no file is written/);
    assertEquals(await Deno.readTextFile(`${folder}/x.parquet`), "older");
    assertEquals(await listNames(folder), ["x.parquet"]);
  });
});

Deno.test("parquet() refuses what has no place in its columns, each by its name", async () => {
  await withFolder(async (folder) => {
    await using writer = await parquet().create(`${folder}/x.parquet`, { signals: parseSignals("fi") });
    const tsOrigin = { sec: 1, nsec: 0 };
    await writer.write([{ tsOrigin, sequence: 1n, values: [1, 2n] }]);
    for (
      const [sample, reason] of [
        [{ tsOrigin, sequence: 1n, values: [1, 2] }, "value 1 is of type float, its column of type integer"],
        [{ tsOrigin, sequence: 1n, values: [1, null] }, "value 1 is not set, its column of type integer"],
        [{ sequence: 1n, values: [1, 2n] }, "it has no timestamp, and the first sample of the file had one"],
        [{ tsOrigin, values: [1, 2n] }, "it has no sequence number, and the first sample of the file had one"],
      ] as const
    ) {
      const error = await assertRejects(() => writer.write([sample as unknown as Sample]), EncodeError);
      assertEquals(error.reason, reason);
    }
    await writer.write([{ tsOrigin, sequence: 2n, values: [null, 3n] }]);
    await writer.finish();
    assertEquals((await read(`${folder}/x.parquet`)).samples.map(({ values }) => values), [[1, 2n], [NaN, 3n]]);
  });
});

Deno.test("parquet() makes names of columns unique", async () => {
  await withFolder(async (folder) => {
    const list = ["time", "va", "va"].map((name): Signal => ({ name, type: "float" }));
    await write(`${folder}/x.parquet`, [{ tsOrigin: { sec: 1, nsec: 0 }, values: [1, 2, 3] }], list);
    assertEquals((await read(`${folder}/x.parquet`)).signals, list);
    const [row] = await query(`select * from '${folder}/x.parquet'`);
    assertEquals(Object.keys(row ?? {}), ["time", "time_ns", "time_2", "va", "va_2"]);
  });
});

Deno.test("parquet() says that a file was cut off, or is another kind of file", async () => {
  await withFolder(async (folder) => {
    await write(`${folder}/x.parquet`, mixed, signals);
    const bytes = await Deno.readFile(`${folder}/x.parquet`);
    for (
      const [content, reason] of [[bytes.subarray(0, 500), /does not end with "PAR1"/], [
        bytes.subarray(0, 5),
        /too short/,
      ]] as const
    ) {
      await Deno.writeFile(`${folder}/y.parquet`, content);
      const error = await assertRejects(() => parquet().open(`${folder}/y.parquet`), DecodeError);
      assertMatch(error.message, reason);
    }
  });
});

async function filesOf(compression: "none" | "snappy", columns = 4): Promise<Record<string, Uint8Array>> {
  return await withFolder(async (folder) => {
    const samples = mixed.slice(0, 3).map(({ tsOrigin, values }): Sample => ({
      ...tsOrigin && { tsOrigin },
      values: values.slice(0, columns),
    }));
    await write(`${folder}/x.parquet`, samples, signals.slice(0, columns), compression);
    return { "x.parquet": await Deno.readFile(`${folder}/x.parquet`) };
  });
}

Deno.test("parquet() refuses a file that is cut at any byte", async () => {
  const { cuts, whole } = await cutEverywhere({ format: parquet(), files: await filesOf("none", 1) });
  assert(cuts > 300 && whole === 3, `${cuts} cuts of ${whole} samples`);
});

for (const compression of ["none", "snappy"] as const) {
  Deno.test(`parquet() keeps its head with mutated files with compression ${compression}`, async () => {
    const refused = await mutateFiles({ format: parquet(), files: await filesOf(compression) }, 7);
    assert(refused > mutations / 10, `${refused} of ${mutations} were refused`);
  });
}
