import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { DecodeError, EncodeError, parseSignals, type Sample } from "@villas/client";
import { comtrade, type ComtradeOptions } from "@villas/client/recordings";
import { listNames, withFolder } from "../_folders.ts";
import { cutEverywhere, mutateFiles, mutations } from "./_hostile.ts";

const encoder = new TextEncoder();

/** A configuration with the lines of each revision; what a test is about replaces some of them. */
interface Lines {
  head?: string;
  counts?: string;
  analog?: readonly string[];
  digital?: readonly string[];
  rates?: readonly string[];
  start?: string;
  trigger?: string;
  type?: string;
  rest?: readonly string[];
}

function configuration(lines: Lines = {}): string {
  const { analog = ["1,va,A,,V,0.5,10,0,-32767,32767,2000,100,S"], digital = ["1,trip,,,0"] } = lines;
  return [
    lines.head ?? "North,R1,1999",
    lines.counts ?? `${analog.length + digital.length},${analog.length}A,${digital.length}D`,
    ...analog,
    ...digital,
    "50",
    ...lines.rates ?? ["0", "0,2"],
    lines.start ?? "31/12/2013,23:59:59.500000",
    lines.trigger ?? "31/12/2013,23:59:59.600000",
    lines.type ?? "ASCII",
    ...lines.rest ?? ["1"],
    "",
  ].join("\r\n");
}

interface Read {
  samples: Sample[];
  signals: unknown;
  warnings: string[];
  errors: string[];
}

/** Reads a record that has these parts. */
async function read(cfg: string, dat: string | Uint8Array, options: ComtradeOptions = {}): Promise<Read> {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/fault.cfg`, cfg);
    await Deno.writeFile(`${folder}/fault.dat`, typeof dat === "string" ? encoder.encode(dat) : dat);
    const warnings: string[] = [];
    const errors: string[] = [];
    const reader = await comtrade(options).open(`${folder}/fault.cfg`, {
      onWarning: (message) => warnings.push(message),
      onDecodeError: ({ message }) => errors.push(message),
    });
    const samples = (await Array.fromAsync(reader.batches())).flat();
    return { samples, signals: reader.signals, warnings, errors };
  });
}

const newYear = Date.UTC(2014, 0, 1) / 1000;

Deno.test("comtrade() reads text: a x + b, states, the time of the stamps, names and units", async () => {
  const { samples, signals, warnings, errors } = await read(configuration(), "1,0,4,0\r\n2,500001,-4,1\r\n\x1a");
  assertEquals(signals, [{ name: "va", unit: "V", type: "float" }, { name: "trip", type: "boolean" }]);
  assertEquals(samples, [
    { sequence: 1n, tsOrigin: { sec: newYear - 1, nsec: 500_000_000 }, values: [12, false] },
    { sequence: 2n, tsOrigin: { sec: newYear, nsec: 1000 }, values: [8, true] },
  ]);
  assertEquals([warnings, errors], [[], []]);
});

Deno.test("comtrade() reads dates of 1991 with the month first, two digits of the year, and states of three fields", async () => {
  const cfg = configuration({
    head: "North,R1",
    analog: ["1,va,A,,V,0.5,10,0,-32767,32767"],
    digital: ["1,trip,1"],
    start: "12/31/93,23:59:59.500000",
    trigger: "12/31/93,23:59:59.600000",
    rest: [],
  });
  const { samples } = await read(cfg, "1,0,4,0\n2,10,,1\n");
  assertEquals(samples[0]?.tsOrigin, { sec: Date.UTC(1994, 0, 1) / 1000 - 1, nsec: 500_000_000 });
  assertEquals(samples[1]?.values, [NaN, true]);
});

Deno.test("comtrade() takes an empty field of 1991 and 99999 since 1999 for a missing value, and 99999 of 1991 for a value", async () => {
  const since = await read(configuration(), "1,0,99999,0\n");
  assertEquals(since.samples[0]?.values, [NaN, false]);
  const before = await read(
    configuration({ head: "North,R1", digital: ["1,trip,0"], start: "12/31/93,0:0:0.0", trigger: "12/31/93,0:0:0.0" }),
    "1,0,99999,0\n",
  );
  assertEquals(before.samples[0]?.values, [99999 * 0.5 + 10, false]);
  const counts = await read(configuration(), "1,0,99999,0\n2,1,-7,0\n", { values: "counts" });
  assertEquals(counts.samples.map(({ values }) => values[0]), [null, -7n]);
});

Deno.test("comtrade() takes stamps for nanoseconds where the start or the trigger has nine fraction digits", async () => {
  const start = await read(configuration({ start: "31/12/2013,23:59:59.500000000" }), "1,0,4,0\n2,7,4,0\n");
  assertEquals(start.samples[1]?.tsOrigin?.nsec, 500_000_007);
  const trigger = await read(configuration({ trigger: "31/12/2013,23:59:59.500000000" }), "1,0,4,0\n2,7,4,0\n");
  assertEquals(trigger.samples[1]?.tsOrigin?.nsec, 500_000_007);
});

Deno.test("comtrade() goes on where binary stamps of nanoseconds begin again after 4.29 s times timemult", async () => {
  const cfg = configuration({ type: "BINARY", start: "31/12/2013,23:59:59.000000000", rest: ["2"] });
  const dat = new Uint8Array(3 * 12);
  const view = new DataView(dat.buffer);
  for (const [index, stamp] of [0, 4_000_000_000, 1_000_000_000].entries()) {
    view.setUint32(index * 12, index + 1, true);
    view.setUint32(index * 12 + 4, stamp, true);
  }
  const { samples } = await read(cfg, dat);
  const seconds = samples.map(({ tsOrigin }) => (tsOrigin?.sec ?? NaN) - newYear + (tsOrigin?.nsec ?? NaN) / 1e9);
  assertEquals(seconds.map((value) => value.toFixed(9)), ["-1.000000000", "7.000000000", "9.589934592"]);
});

Deno.test("comtrade() ignores the stamps where there is a sampling rate, and follows several of them", async () => {
  const cfg = configuration({ rates: ["2", "1000,2", "10,4"], start: "31/12/2013,00:00:00.000000" });
  const { samples } = await read(cfg, "1,77,0,0\n2,5,0,0\n3,,0,0\n4,0,0,0\n");
  assertEquals(samples.map(({ tsOrigin }) => tsOrigin?.nsec), [0, 1_000_000, 101_000_000, 201_000_000]);
});

Deno.test("comtrade() leaves out the time of a sample without a stamp where no rate tells it", async () => {
  const { samples } = await read(configuration(), "1,,4,0\n");
  assertEquals(samples, [{ sequence: 1n, values: [12, false] }]);
});

Deno.test("comtrade() takes local time to UTC by the time code of 2013, and warns of a leap second", async () => {
  const cfg = configuration({ head: "North,R1,2013", rest: ["1", "-5h30,-5h30", "0,1"] });
  const { samples, warnings } = await read(cfg, "1,0,4,0\n");
  assertEquals(samples[0]?.tsOrigin?.sec, newYear - 1 + 5 * 3600 + 1800);
  assertMatch(warnings.join(), /leap second is added/);
});

Deno.test("comtrade() reads BINARY, BINARY32 and FLOAT32, 17 states in two words, and missing values", async () => {
  const digital = Array.from({ length: 17 }, (_, index) => `${index + 1},d${index},,,0`);
  for (
    const [type, width, store, missing] of [
      ["BINARY", 2, (view: DataView, pos: number, value: number) => view.setInt16(pos, value, true), -0x8000],
      ["BINARY32", 4, (view: DataView, pos: number, value: number) => view.setInt32(pos, value, true), -0x8000_0000],
      [
        "FLOAT32",
        4,
        (view: DataView, pos: number, value: number) => view.setFloat32(pos, value, true),
        -3.4028234663852886e38,
      ],
    ] as const
  ) {
    const dat = new Uint8Array(2 * (8 + width + 4));
    const view = new DataView(dat.buffer);
    store(view, 8, -6);
    view.setUint16(8 + width, 0x8001, true);
    view.setUint16(10 + width, 1, true);
    store(view, 12 + width + 8, missing);
    const { samples } = await read(configuration({ head: "N,R,2013", digital, type }), dat);
    assertEquals(samples[0]?.values[0], 7, type);
    assertEquals(samples[1]?.values[0], NaN, type);
    const states = samples[0]?.values.slice(1) ?? [];
    assertEquals([...states.keys()].filter((index) => states[index] === true), [0, 15, 16], type);
  }
});

Deno.test("comtrade() gives values of the other side of the transformer, or counts", async () => {
  const dat = "1,0,4,0\n";
  assertEquals((await read(configuration(), dat, { values: "secondary" })).samples[0]?.values[0], 12);
  assertEquals((await read(configuration(), dat, { values: "primary" })).samples[0]?.values[0], 240);
  const counts = await read(configuration(), dat, { values: "counts" });
  assertEquals(counts.samples[0]?.values, [4n, false]);
  assertEquals(counts.signals, [{ name: "va", type: "integer" }, { name: "trip", type: "boolean" }]);
});

Deno.test("comtrade() tells channels of the same name apart by their phase, then by a number", async () => {
  const analog = ["1,U,A,,V,1,0,0,0,0,1,1,P", "2,U,B,,V,1,0,0,0,0,1,1,P", "3,U,B,,V,1,0,0,0,0,1,1,P"];
  const { signals } = await read(configuration({ analog, digital: [] }), "1,0,1,2,3\n");
  assertEquals((signals as { name: string }[]).map(({ name }) => name), ["U A", "U B", "U B_2"]);
});

Deno.test("comtrade() accepts what recorders write: other line ends, wrong totals, no line of rates, letters of a code page", async () => {
  const lines = configuration({ counts: "9,1A,1D", rates: ["0"] }).replaceAll("\r\n", "\n").replace(
    "North",
    "M\u00fcnchen",
  );
  const bytes = Uint8Array.from(lines, (letter) => letter.charCodeAt(0));
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/FAULT.CFG`, bytes);
    await Deno.writeTextFile(`${folder}/Fault.Dat`, " 1 , 0 , 4 , 0 ,\n");
    const warnings: string[] = [];
    const reader = await comtrade().open(`${folder}/FAULT.CFG`, { onWarning: (message) => warnings.push(message) });
    assertEquals(reader.properties?.station, "M\u00fcnchen");
    assertEquals((await Array.fromAsync(reader.batches())).flat()[0]?.values, [12, false]);
    assertMatch(warnings.join(), /claims 9 channels/);
  });
});

Deno.test("comtrade() takes day and month the other way round where there is no such month, and says so", async () => {
  const { samples, warnings } = await read(configuration({ start: "12/31/2013,00:00:00" }), "1,0,4,0\n");
  assertEquals(samples[0]?.tsOrigin?.sec, newYear - 86_400);
  assertMatch(warnings.join(), /the other way round/);
});

Deno.test("comtrade() names the line and column of what it cannot read, and goes on behind it", async () => {
  const { samples, errors } = await read(configuration(), "1,0,4,0\n2,0,x,0\n3,0,4\n4,0,4,2\n5,9,4,0\n");
  assertEquals(samples.map(({ sequence }) => sequence), [1n, 5n]);
  assertEquals(errors, [
    "Cannot decode text as comtrade at line 2, column 5: it is not a number",
    "Cannot decode text as comtrade at line 3, column 1: expected 4 fields, and found 3",
    "Cannot decode text as comtrade at line 4, column 7: a state is neither 0 nor 1",
  ]);
});

for (
  const [what, lines, message] of [
    ["a channel that is missing", { counts: "900001,900000A,1D" }, /line 4: expected analogue channel 2, of 7 fields/],
    ["more channels than there are", { counts: "2000000,999999A,999999D" }, /line 2: it has 1999998 channels/],
    ["a factor that is no number", { analog: ["1,va,A,,V,x,10,0,0,0,1,1,P"] }, /line 3: the factor a of analogue/],
    ["a type that does not exist", { type: "BINARY64" }, /line 10: its data are of type "BINARY64"/],
    ["a negative rate", { rates: ["1", "-5,2"] }, /sampling rate 1 is below 0/],
    ["absurdly many rates", { rates: ["999999999", "1,2"] }, /number of sampling rates is 999999999/],
    ["a date that is none", { start: "yesterday,00:00:00" }, /is "yesterday"/],
  ] as const
) {
  Deno.test(`comtrade() refuses ${what}, and names the line`, async () => {
    await assertRejects(() => read(configuration(lines), "1,0,4,0\n"), DecodeError, undefined, what).then((
      { message: found },
    ) => assertMatch(found, message));
  });
}

const mixed: readonly Sample[] = Array.from({ length: 100 }, (_, index) => ({
  tsOrigin: { sec: 1_700_000_000, nsec: index * 250_000 + 5000 },
  values: [325.3 * Math.sin(index / 3), index % 3 === 0, index / 100, BigInt(index) - 50n],
}));

async function roundTrip(path: string, samples: readonly Sample[], options: ComtradeOptions) {
  const format = comtrade(options);
  await using writer = await format.create(path);
  await writer.write(samples);
  const notes = await writer.finish();
  const reader = await format.open(path);
  return { notes, samples: (await Array.fromAsync(reader.batches())).flat(), properties: reader.properties };
}

for (const revision of [1991, 1999, 2013] as const) {
  const types = revision === 2013 ? ["ascii", "binary", "binary32", "float32"] as const : ["ascii", "binary"] as const;
  for (const data_type of types) {
    for (const ending of revision === 2013 ? ["cfg", "cff"] : ["cfg"]) {
      Deno.test(`comtrade() reads what it wrote as ${data_type} of ${revision} in .${ending}, up to the error it named`, async () => {
        await withFolder(async (folder) => {
          const written = await roundTrip(`${folder}/run.${ending}`, mixed, { revision, data_type });
          assertEquals(written.samples.length, 100);
          assertEquals(written.properties?.rates, "4000 Hz to sample 100");
          const named = Number(/signal0 (\S+?)[,;]?(?: |$)/.exec(written.notes.join("; "))?.[1] ?? 0) * 1.06;
          assert(named < { ascii: 0.004, binary: 0.006, binary32: 2e-7, float32: 2e-5 }[data_type], `${named}`);
          for (const [index, { values, tsOrigin }] of written.samples.entries()) {
            const wanted = mixed[index];
            assertEquals(tsOrigin, wanted?.tsOrigin);
            const [sine, state, ramp, whole] = wanted?.values ?? [];
            assert(Math.abs(Number(values[0]) - Number(sine)) <= named, `${values[0]} is not ${sine}`);
            if (data_type === "float32") assert(Math.abs(Number(values[1]) - Number(ramp)) < 1e-7);
            else assertEquals(values[1], ramp);
            assertEquals(values[2], Number(whole));
            assertEquals(values[3], state);
          }
          assertEquals((await listNames(folder)).length, ending === "cff" ? 1 : 2);
        });
      });
    }
  }
}

Deno.test("comtrade() writes stamps that count where the samples are not regular: ns for seconds, µs for hours, tens for days", async () => {
  const start = 1_700_000_000;
  for (
    const [second, unit] of [[{ sec: start + 1, nsec: 7 }, 1], [{ sec: start + 4000, nsec: 7000 }, 1000], [
      { sec: start + 9000, nsec: 123_456_000 },
      10_000,
    ]] as const
  ) {
    await withFolder(async (folder) => {
      const times = [{ sec: start, nsec: 3000 }, second, { ...second, sec: second.sec + 2 }];
      const samples = times.map((tsOrigin) => ({ tsOrigin, values: [1] }));
      const { samples: found } = await roundTrip(`${folder}/run.cfg`, samples, {});
      for (const [index, { tsOrigin }] of found.entries()) {
        const wanted = times[index] ?? second;
        const error = (tsOrigin?.sec ?? NaN) * 1e9 - wanted.sec * 1e9 + (tsOrigin?.nsec ?? NaN) - wanted.nsec;
        assert(Math.abs(error) <= unit / 2 + (unit === 1 ? 0 : 0), `${index}: ${error} ns`);
      }
    });
  }
});

Deno.test("comtrade() writes missing values as the standard has them, in each form", async () => {
  const samples = [1, NaN, 3].map((value, index) => ({ tsOrigin: { sec: 5 + index, nsec: 0 }, values: [value] }));
  for (const data_type of ["ascii", "binary", "binary32", "float32"] as const) {
    await withFolder(async (folder) => {
      const { samples: found } = await roundTrip(`${folder}/x.cff`, samples, { data_type });
      assertEquals(found.map(({ values }) => values[0]), [1, NaN, 3], data_type);
    });
  }
});

Deno.test("comtrade() refuses what a record cannot hold, each by its name, and writes none of that batch", async () => {
  await withFolder(async (folder) => {
    await using writer = await comtrade().create(`${folder}/x.cfg`, { signals: parseSignals("fb") });
    const tsOrigin = { sec: 5, nsec: 0 };
    for (
      const [values, reason] of [
        [[Infinity, true], "value 0 is infinite, which the format cannot carry"],
        [[1n, true], "value 0 is of type integer, its column of type float"],
        [[1, null], "value 1 is not set, its column of type boolean"],
        [[1, true, 2], "it has 3 values, and the file 2 columns"],
      ] as const
    ) {
      const error = await assertRejects(
        () => writer.write([{ tsOrigin, values: [1, true] }, { tsOrigin, values: [...values] }]),
        EncodeError,
      );
      assertEquals([error.index, error.reason], [1, reason]);
    }
    const error = await assertRejects(() => writer.write([{ values: [1, true] }]), EncodeError);
    assertEquals(error.reason, "it has no timestamp, which the format needs");
    await writer.finish();
    const reader = await comtrade().open(`${folder}/x.cfg`);
    assertEquals(await Array.fromAsync(reader.batches()), []);
    await assertRejects(
      () => comtrade().create(`${folder}/y.cfg`, { signals: parseSignals("fc") }),
      EncodeError,
      "complex",
    );
  });
});

Deno.test("comtrade() leaves an older record as it was, and no file of its own, unless it was finished", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.cfg`, "older");
    {
      await using writer = await comtrade().create(`${folder}/x.cfg`);
      await writer.write([{ tsOrigin: { sec: 1, nsec: 0 }, values: [1] }]);
    }
    assertEquals(await listNames(folder), ["x.cfg"]);
    assertEquals(await Deno.readTextFile(`${folder}/x.cfg`), "older");
  });
});

Deno.test("comtrade() refuses options that do not exist, or that a revision does not have", () => {
  assertThrows(() => comtrade({ revision: 1999, data_type: "float32" }), TypeError, "revision 1999 does not have it");
  assertThrows(() => comtrade({ station: "a,b" }), TypeError, "without commas");
});

/** The files of a small record. */
async function filesOf(options: ComtradeOptions, ending: string): Promise<Record<string, Uint8Array>> {
  return await withFolder(async (folder) => {
    await roundTrip(`${folder}/x.${ending}`, mixed.slice(0, 4), options);
    const names = await listNames(folder);
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await Deno.readFile(`${folder}/${name}`)])),
    );
  });
}

for (
  const [what, options, ending] of [
    ["text", { data_type: "ascii" }, "cfg"],
    ["binary", { data_type: "binary", revision: 1999 }, "cfg"],
    ["a single file", { data_type: "float32" }, "cff"],
  ] as const
) {
  Deno.test(`comtrade() reads the whole samples of a record of ${what} cut at any byte`, async () => {
    const { cuts, whole } = await cutEverywhere({ format: comtrade(), files: await filesOf(options, ending) });
    assert(cuts > 200 && whole === 4, `${cuts} cuts of ${whole} samples`);
  });

  Deno.test(`comtrade() keeps its head with mutated records of ${what}`, async () => {
    const refused = await mutateFiles({ format: comtrade(), files: await filesOf(options, ending) }, 17);
    assert(refused > mutations / 10, `${refused} of ${mutations} were refused`);
  });
}
