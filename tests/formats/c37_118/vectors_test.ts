/**
 * The frames of a real VILLASnode, read and written again, byte for byte.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createFormat, type Value } from "@villas/client";
import {
  type Configuration,
  ConfigurationReader,
  decodeCommand,
  describePmu,
  encodeCommand,
  encodeConfiguration1,
  encodeConfiguration2,
  encodeConfiguration3,
  findFrameProblem,
  type FrameHeader,
  readHeader,
} from "@villas/client/c37_118";
import { descriptions, recorded } from "./_frames.ts";

const headerOf = (frame: Uint8Array): FrameHeader => readHeader(new DataView(frame.buffer));

function encode(type: number, configuration: Configuration, header: FrameHeader): Uint8Array {
  switch (type) {
    case 1:
      return encodeConfiguration1(configuration, header);
    case 2:
      return encodeConfiguration2(configuration, header);
    default:
      return encodeConfiguration3(configuration, header)[0] ?? new Uint8Array(0);
  }
}

const configurations = ["cfg1", "cfg2", "cfg3", "cfg2_multi", "cfg3_multi"].concat(
  [0, 1].flatMap((number) => [1, 2, 3].map((type) => `varied_${number}_cfg${type}`)),
);
for (const name of configurations) {
  const type = Number(/cfg(\d)/.exec(name)?.[1]);
  Deno.test(`configuration ${type} of a VILLASnode (${name}) is read, and written byte for byte`, () => {
    const frame = recorded(name);
    assertEquals(findFrameProblem(frame), undefined);
    const configuration = new ConfigurationReader().read(frame);
    assertEquals(configuration && encode(type, configuration, headerOf(frame)).toHex(), frame.toHex());
  });
}

for (const [key, prefix] of [["one", ""], ["varied_0", "varied_0_"], ["varied_1", "varied_1_"]] as const) {
  for (const type of [1, 2, 3]) {
    Deno.test(`describePmu() makes configuration ${type} of a VILLASnode from its settings (${key})`, () => {
      const frame = recorded(`${prefix}cfg${type}`);
      const { configuration } = describePmu(descriptions[key] ?? {});
      // A VILLASnode without a guid makes one at random.
      const guid = new ConfigurationReader().read(recorded(`${prefix}cfg3`))?.pmus[0]?.details?.guid ?? "";
      const pmus = configuration.pmus.map((pmu) => ({
        ...pmu,
        ...pmu.details && { details: { ...pmu.details, guid } },
      }));
      assertEquals(encode(type, { ...configuration, pmus }, headerOf(frame)).toHex(), frame.toHex());
    });
  }
}

const carry = "its time is rounded up to a whole second, which is written as one";
/** File, key of the settings, values by the name of the signal, and why the bytes that we write differ, if they do. */
const data: readonly [
  file: string,
  key: string,
  sec: number,
  nsec: number,
  Record<string, Value>,
  why: string | undefined,
][] = [
  ...[0, 500_000, 123_456_789, 999_999_999].map((nsec, index): typeof data[number] => {
    const values = { f: 50.01, r: -0.5, va: { real: 1, imag: 2 }, ia: { real: -3.5, imag: 0.25 }, an: 12.25 };
    return [
      `data${index}`,
      "one",
      1_700_000_000,
      nsec,
      { ...values, b: index % 2 === 1 },
      nsec > 999e6 ? carry : undefined,
    ];
  }),
  [
    "varied_0_data0",
    "varied_0",
    1_700_000_000,
    123_456_789,
    { f: 50, r: 0.25, z: { real: 230, imag: -1.5 } },
    undefined,
  ],
  ["varied_0_data1", "varied_0", 1_700_000_001, 999_999_999, { f: 49.5, r: -0.25, z: { real: NaN, imag: 0 } }, carry],
  ["varied_1_data0", "varied_1", 1_893_456_000, 500_000_000, { f: 60.01, r: 0.001, b: true }, undefined],
  ["varied_1_data1", "varied_1", 1_893_456_001, 1, { f: 59.99, r: -0.001, b: false }, undefined],
];
for (const [file, key, sec, nsec, byName, why] of data) {
  Deno.test(`data frame ${file} of a VILLASnode: ${why ?? "written byte for byte"}`, async () => {
    const description = descriptions[key] ?? {};
    const { signals } = describePmu(description);
    const format = await createFormat({ type: "c37.118", ...description, stat: 0x0040 });
    format.preamble?.();
    const values = signals.map(({ name = "" }) => byName[name] ?? null);
    const expected = recorded(file);
    const written = format.encode([{ tsOrigin: { sec, nsec }, values }]);
    if (why === undefined) {
      assertEquals(written.toHex(), expected.toHex());
    } else {
      assertEquals(headerOf(expected).fraction, description.time_base ?? 1_000_000);
      assertEquals([headerOf(written).soc, headerOf(written).fraction], [sec + 1, 0]);
      assertEquals(written.subarray(14, -2).toHex(), expected.subarray(14, -2).toHex());
    }
  });

  Deno.test(`data frame ${file} of a VILLASnode is read as the sample that it had`, async () => {
    const format = await createFormat("c37.118");
    const prefix = key === "one" ? "" : `${key}_`;
    assertEquals(format.decode(recorded(`${prefix}cfg2`)), []);
    const [sample] = format.decode(recorded(file));
    const { configuration, sources, signals } = describePmu(descriptions[key] ?? {});
    const expected = sources.map((source) => byName[signals[source]?.name ?? ""]);
    const rounded = expected.map((value) => typeof value === "number" ? Math.fround(value) : value);
    assertEquals(sample?.values, rounded);
    const seconds = (sample?.tsOrigin?.sec ?? 0) - sec + ((sample?.tsOrigin?.nsec ?? 0) - nsec) / 1e9;
    assertEquals(Math.abs(seconds) <= 0.51 / configuration.timeBase, true, `${seconds} s off`);
  });
}

Deno.test("data frames of a VILLASnode with two PMUs are read with both of them", async () => {
  const format = await createFormat("c37.118");
  format.decode(recorded("cfg3_multi"));
  const samples = [0, 1, 2].flatMap((number) => format.decode(recorded(`data_multi${number}`)));
  assertEquals(samples.map(({ tsOrigin }) => tsOrigin), [
    { sec: 1_700_000_000, nsec: 0 },
    { sec: 1_700_000_000, nsec: 2_000_000 },
    { sec: 1_700_000_001, nsec: 0 },
  ]);
  const [frequency, rocof] = [Math.fround(59.99), 0.125];
  assertEquals(samples[1]?.values, [{ real: 3, imag: 4 }, frequency, rocof, frequency, rocof, true, true]);
  assertEquals(format.signals?.map(({ name }) => name).slice(0, 4), [
    "pmu0_va",
    "pmu0_frequency",
    "pmu0_rocof",
    "pmu1_frequency",
  ]);
});

for (const [name, command] of [["first", 5], ["start", 2], ["stop", 1]] as const) {
  for (const kind of ["float_rect", "pol16"]) {
    Deno.test(`command ${name} of a VILLASnode to a PMU (${kind}) is read, and written byte for byte`, () => {
      const frame = recorded(`cmd_${name}_${kind}`);
      assertEquals(findFrameProblem(frame), undefined);
      assertEquals(decodeCommand(frame), { command, extension: new Uint8Array(0) });
      assertEquals(encodeCommand(command, headerOf(frame)).toHex(), frame.toHex());
    });
  }
}
