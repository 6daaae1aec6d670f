/**
 * Frames worked out by hand, field by field, and what is said of broken ones.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Complex, createFormat, DecodeError, EncodeError, type Value } from "@villas/client";
import {
  computeCrc,
  ConfigurationError,
  ConfigurationReader,
  DataLayout,
  decodeHeaderText,
  decodeTimeQuality,
  encodeConfiguration1,
  encodeConfiguration2,
  encodeConfiguration3,
  encodeHeaderText,
  findFrameProblem,
  readHeader,
  signalsOf,
  toTimestamp,
} from "@villas/client/c37_118";
import { fc } from "../../_properties.ts";
import { configurationOf, frame, name16, slowCrc } from "./_frames.ts";

/** Two stations of all that there is: 16-bit rectangular with factors of both signs, and polar floats, time base 1000. */
const configuration = frame(
  "aa31 SIZE 00f1 6553f100 00000000", // SYNC, FRAMESIZE, IDCODE 241, SOC, FRACSEC
  "000003e8 0002", // TIME_BASE 1000, NUM_PMU
  name16("Station A") + "1e36 0000 0002 0003 0001", // IDCODE 7734, FORMAT: all integers, rectangular; 2, 3, 1
  name16("VA") + name16("IA") + name16("POW") + name16("RMS") + name16("PEAK"),
  Array.from({ length: 16 }, (_, bit) => name16(bit < 3 ? `BIT ${bit}` : "")).join(""),
  "00 0df847", // PHUNIT VA: volt, 915527 x 10^-5 V
  "01 00b1cd", // PHUNIT IA: ampere, 45517 x 10^-5 A
  "00 000001 01 fffffe 02 000064", // ANUNIT: POW 1, RMS -2, PEAK 100
  "0004 0005", // DIGUNIT: normal state 1 of bit 2, mask bits 0 and 2
  "0000 0016", // FNOM 60 Hz, CFGCNT 22
  name16("Station B") + "0002 000f 0001 0001 0000", // FORMAT: all floats, polar; 1 phasor, 1 analog
  name16("VB") + name16("T"),
  "00 000001 00 000001", // PHUNIT, ANUNIT, without a meaning for floats
  "0001 0000", // FNOM 50 Hz, CFGCNT 0
  "001e", // DATA_RATE 30
);

/** Data of them, 0.25 s after a second, with a leap second pending and 1 us of time quality. */
const data = frame(
  "aa01 SIZE 00f1 6553f100 140000fa",
  "a000", // STAT: data error 10, PMU not in sync
  "3920 0000", // VA: 14624 + 0i units
  "e378 ce16", // IA: -7304 - 12778i units
  "09c4 ff38", // FREQ +2500 mHz, DFREQ -200 / 100 Hz/s
  "0064 fff6 8000", // POW 100, RMS -10, PEAK missing
  "fffb", // digital word: all but bit 2
  "0844", // STAT: trigger by frequency, time within 100 ns
  "43660000 bfc90fdb", // VB: 230 V at -pi/2
  "42483d71 bdcccccd", // 50.06 Hz, -0.1 Hz/s
  "41ac0000", // 21.5
);

const [magnitude, scaleA, scaleB] = [230, 9.15527, 0.45517];

function assertClose(actual: Value | undefined, expected: Complex | number): void {
  if (typeof expected === "number") return assertAlmostEquals(Number(actual), expected, 1e-5);
  const { real, imag } = actual as Complex;
  assertAlmostEquals(real, expected.real, 1e-4);
  assertAlmostEquals(imag, expected.imag, 1e-4);
}

Deno.test("ConfigurationReader reads each field of a configuration 2 worked out by hand", () => {
  assertEquals(findFrameProblem(configuration), undefined);
  const read = new ConfigurationReader().read(configuration);
  assertEquals([read?.idcode, read?.timeBase, read?.dataRate], [241, 1000, 30]);
  const [a, b] = read?.pmus ?? [];
  assertEquals([a?.station, a?.idcode, a?.nominalFrequency, a?.changeCount], ["Station A", 7734, 60, 22]);
  const integers = { isPolar: false, hasFloatPhasors: false, hasFloatAnalogs: false, hasFloatFrequency: false };
  assertEquals(a?.numbers, integers);
  assertEquals(a?.phasors.map(({ name, unit }) => [name, unit]), [["VA", "volt"], ["IA", "ampere"]]);
  for (const [index, scale] of [scaleA, scaleB].entries()) {
    assertAlmostEquals(a?.phasors[index]?.scale ?? 0, scale, 1e-12);
  }
  assertEquals(a?.analogs.map(({ name, kind, scale }) => [name, kind, scale]), [["POW", 0, 1], ["RMS", 1, -2], [
    "PEAK",
    2,
    100,
  ]]);
  assertEquals(a?.digitals[0]?.names.slice(0, 4), ["BIT 0", "BIT 1", "BIT 2", ""]);
  assertEquals([a?.digitals[0]?.normal, a?.digitals[0]?.mask], [4, 5]);
  assertEquals([b?.station, b?.idcode, b?.nominalFrequency, b?.changeCount], ["Station B", 2, 50, 0]);
  const floats = { isPolar: true, hasFloatPhasors: true, hasFloatAnalogs: true, hasFloatFrequency: true };
  assertEquals(b?.numbers, floats);
});

Deno.test("c37.118 reads each value of a data frame worked out by hand", async () => {
  const format = await createFormat({ type: "c37.118", stat_signals: true });
  assertEquals(format.decode(configuration), []);
  const [sample] = format.decode(data);
  assertEquals(sample?.tsOrigin, { sec: 0x6553f100, nsec: 250_000_000 });
  const values = sample?.values ?? [];
  assertClose(values[0], { real: 14_624 * scaleA, imag: 0 });
  assertClose(values[1], { real: -7304 * scaleB, imag: -12_778 * scaleB });
  assertEquals([values[2], values[3]], [62.5, -2]);
  // 0x8000 is a missing value because STAT says that there is an error.
  assertEquals([values[4], values[5], values[6]], [100, 20, NaN]);
  assertEquals([values[7], values[8]], [true, false]);
  assertClose(values[9], { real: 0, imag: -magnitude });
  assertClose(values[10], 50.06);
  assertClose(values[11], -0.1);
  assertEquals(values.slice(12), [21.5, 0xa000n, 0x0844n]);
  assertEquals(decodeTimeQuality(readHeader(new DataView(data.buffer)).timeQuality), {
    isLeapSecondDeleted: false,
    leapSecondOccurred: false,
    leapSecondPending: true,
    maximumError: 1e-6,
  });
  assertEquals(format.signals?.map(({ name, unit, type }) => `${name} ${unit ?? ""} ${type}`), [
    "pmu0_VA V complex",
    "pmu0_IA A complex",
    "pmu0_frequency Hz float",
    "pmu0_rocof Hz/s float",
    ...["pmu0_POW  float", "pmu0_RMS  float", "pmu0_PEAK  float", "pmu0_BIT 0  boolean", "pmu0_BIT 2  boolean"],
    ...["pmu1_VB V complex", "pmu1_frequency Hz float", "pmu1_rocof Hz/s float", "pmu1_T  float"],
    ...["pmu0_stat  integer", "pmu1_stat  integer"],
  ]);
});

Deno.test("c37.118 names signals after stations by option, and gives equal names a number", async () => {
  const format = await createFormat({ type: "c37.118", names: "station" });
  const read = new ConfigurationReader().read(configuration);
  const [a] = read?.pmus ?? [];
  assert(read !== undefined && a !== undefined);
  format.decode(encodeConfiguration2({ ...read, pmus: [{ ...a, phasors: [...a.phasors, ...a.phasors] }] }));
  assertEquals(format.signals?.slice(0, 4).map(({ name }) => name), [
    ...["Station A_VA", "Station A_IA", "Station A_VA_2", "Station A_IA_2"],
  ]);
});

Deno.test("DataLayout writes what it has read from a data frame worked out by hand", () => {
  const read = new ConfigurationReader().read(configuration);
  assert(read !== undefined);
  const layout = new DataLayout(read, { hasStatus: true });
  assertEquals(layout.frameLength, data.length);
  const values = layout.read(new DataView(data.buffer));
  const written = data.slice().fill(0, 14);
  layout.write(new DataView(written.buffer), 0, values, 0);
  // Bits outside of the mask are 0; the checksum is not its business.
  const expected = data.slice(14, -2);
  expected[21] = 0x01;
  expected[20] = 0;
  assertEquals(written.slice(14, -2).toHex(), expected.toHex().replace("fffb", "0001"));
});

Deno.test("DataLayout reads and writes 16-bit polar phasors, also with a negative factor and an angle offset", () => {
  for (const [scale, angleOffset] of [[0.01, 0], [-0.01, 0], [0.01, 0.5]] as const) {
    const phasor = { name: "V", unit: "volt" as const, scale, angleOffset, component: 4, modifications: 0 };
    const numbers = { isPolar: true, hasFloatPhasors: false, hasFloatAnalogs: false, hasFloatFrequency: false };
    const pmu = { station: "P", idcode: 1, numbers, phasors: [phasor], analogs: [], digitals: [] };
    const layout = new DataLayout({
      ...{ idcode: 1, timeBase: 1000, dataRate: 50 },
      pmus: [{ ...pmu, nominalFrequency: 50, changeCount: 0 }],
    });
    const view = new DataView(new ArrayBuffer(layout.frameLength));
    const sent = { real: -120, imag: 85 };
    layout.write(view, 0, [sent, 49.9, 0.25], 0);
    assertEquals(view.getUint16(16), Math.round(Math.hypot(-120, 85) / 0.01));
    const [received, frequency, rocof] = layout.read(view);
    const { real, imag } = received as Complex;
    // Half a unit of the magnitude and of the angle, which is 10^-4 rad.
    assert(Math.hypot(real - sent.real, imag - sent.imag) < 0.005 + 147 * 0.5e-4 + 1e-9, `${real} ${imag}`);
    assertEquals([frequency, rocof], [49.9, 0.25]);
  }
});

Deno.test("DataLayout writes what is missing as absent: not a number, or its stand-in with a data error", () => {
  const read = new ConfigurationReader().read(configuration);
  assert(read !== undefined);
  const layout = new DataLayout(read);
  const view = new DataView(new ArrayBuffer(layout.frameLength));
  layout.write(view, 0, [], 0);
  assertEquals(layout.readStatus(view), [0x8000, 0]);
  const values = layout.read(view);
  const nothing = { real: NaN, imag: NaN };
  assertEquals(values, [nothing, nothing, 60, 0, NaN, NaN, NaN, false, false, nothing, 50, 0, NaN]);
});

for (
  const [values, reason] of [
    [[{ real: 4e5, imag: 0 }], "value 0 is 43691 units of its factor, which do not fit into 16 bits"],
    [[1.5], "value 0 is not of type complex, as its place in the data frame is"],
    [
      [{ real: 1, imag: 0 }, { real: 1, imag: 0 }, true],
      "value 2 is not of type float, as its place in the data frame is",
    ],
  ] as const
) {
  Deno.test(`DataLayout refuses a sample: ${reason}`, () => {
    const read = new ConfigurationReader().read(configuration);
    assert(read !== undefined);
    const layout = new DataLayout(read);
    const view = new DataView(new ArrayBuffer(layout.frameLength));
    assertEquals(assertThrows(() => layout.write(view, 0, [...values], 0), Error).message, reason);
  });
}

Deno.test("toTimestamp() carries a fraction of a whole second or more, and leaves it out for a time base of 0", () => {
  assertEquals(toTimestamp({ soc: 7, fraction: 1_000_000 }, 1_000_000), { sec: 8, nsec: 0 });
  assertEquals(toTimestamp({ soc: 7, fraction: 2500 }, 1000), { sec: 9, nsec: 500_000_000 });
  assertEquals(toTimestamp({ soc: 7, fraction: 3 }, 0), { sec: 7, nsec: 0 });
  assertEquals(toTimestamp({ soc: 7, fraction: 0xff_fffe }, 0xff_ffff), { sec: 7, nsec: 999_999_940 });
});

Deno.test("computeCrc() is that of the standard for any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => computeCrc(bytes) === slowCrc(bytes)));
});

for (const [type, encode] of [[1, encodeConfiguration1], [2, encodeConfiguration2]] as const) {
  Deno.test(`ConfigurationReader reads any configuration ${type} as it was written`, () => {
    fc.assert(fc.property(configurationOf(false), (written) => {
      assertEquals(new ConfigurationReader().read(encode(written)), written);
    }));
  });
}

Deno.test("ConfigurationReader reads any configuration 3 as it was written, whole and in segments", () => {
  fc.assert(fc.property(configurationOf(true), fc.integer({ min: 1, max: 200 }), (written, length) => {
    const frames = encodeConfiguration3(written, {}, length);
    const reader = new ConfigurationReader();
    const read = frames.map((frame) => reader.read(frame));
    assertEquals(read.slice(0, -1).some((configuration) => configuration !== undefined), false);
    assertEquals(read.at(-1), written);
  }));
});

Deno.test("ConfigurationReader refuses a configuration 3 that lacks a segment, and reads the next one", () => {
  const written = new ConfigurationReader().read(configuration);
  assert(written !== undefined);
  const frames = encodeConfiguration3(written, {}, 50);
  assert(frames.length > 4);
  const reader = new ConfigurationReader();
  const [first, , third] = frames;
  assert(first !== undefined && third !== undefined);
  reader.read(first);
  assertThrows(() => reader.read(third), ConfigurationError, "segment 3 of the configuration does not follow");
  const last = frames.at(-1);
  assert(last !== undefined);
  assertThrows(() => reader.read(last), ConfigurationError, "without the first one");
  assertEquals(frames.map((frame) => reader.read(frame)).at(-1)?.pmus.length, 2);
});

Deno.test("signalsOf() gives one signal for each value of any configuration, all of different names", () => {
  fc.assert(fc.property(configurationOf(true), fc.boolean(), (configuration, hasStatus) => {
    const signals = signalsOf(configuration, { hasStatus });
    assertEquals(signals.length, new DataLayout(configuration, { hasStatus }).valueCount);
    assertEquals(new Set(signals.map(({ name }) => name)).size, signals.length);
  }));
});

Deno.test("decodeHeaderText() reads the text of a header frame, and leaves out what fills it", () => {
  const settings = { version: 1, idcode: 7, soc: 1, timeQuality: 0, fraction: 0 };
  const frame = encodeHeaderText("Substation Süd, bay 4 \0\0", settings);
  assertEquals(findFrameProblem(frame), undefined);
  assertEquals(decodeHeaderText(frame), "Substation Süd, bay 4");
});

const broken: [what: string, bytes: Uint8Array, reason: string | RegExp][] = [
  ["no sync", Uint8Array.fromHex("0101001000070000000000000000"), "it does not begin with AA and a type of frame"],
  ["type 6", frame("aa61 SIZE 0007 00000000 00000000"), "it does not begin with AA and a type of frame"],
  ["a short frame", Uint8Array.fromHex("aa010010"), "it has 4 bytes, fewer than the 16 of any frame"],
  ["a frame cut short", data.subarray(0, 40), `it has 40 bytes, and its FRAMESIZE is ${data.length}`],
  ["a bit that is wrong", data.with(20, 1), "its checksum is not that of its content"],
  [
    "data before a configuration",
    data,
    "no configuration frame has come yet that says what is in a data frame",
  ],
  [
    "a configuration with more phasors than bytes",
    frame("aa31 SIZE 0007 00000000 00000000 000f4240 0001", name16("S"), "0001 0000 ffff 0000 0000 0000"),
    "it ends at offset 48, inside the description of a PMU",
  ],
  ["a configuration without content", frame("aa31 SIZE 0007 00000000 00000000"), /inside the description of a PMU$/],
];
for (const [what, bytes, reason] of broken) {
  Deno.test(`c37.118 refuses ${what}`, async () => {
    const format = await createFormat("c37.118");
    const error = assertThrows(() => format.decode(bytes), DecodeError);
    if (typeof reason === "string") assertEquals(error.reason, reason);
    else assert(reason.test(error.reason), error.reason);
  });
}

Deno.test("c37.118 refuses data that does not fit the configuration, and data of another stream", async () => {
  const format = await createFormat("c37.118");
  format.decode(configuration);
  const other = frame("aa01 SIZE 00f1 6553f100 00000000 0000 0000");
  const error = assertThrows(() => format.decode(other), DecodeError);
  assertEquals(
    error.reason,
    `the data frame has 20 bytes, and by the configuration of its stream it has ${data.length}`,
  );
  format.decode(encodeConfiguration2({ idcode: 5, timeBase: 1000, dataRate: 50, pmus: [] }));
  const stranger = frame("aa01 SIZE 0006 6553f100 00000000");
  assertEquals(
    assertThrows(() => format.decode(stranger), DecodeError).reason,
    "no configuration frame of stream 6 has come yet",
  );
});

Deno.test("c37.118 reads several frames in a datagram, of every version, and none in an empty one", async () => {
  const format = await createFormat("c37.118");
  const newer = data.slice();
  newer[1] = 0x02;
  const checksum = slowCrc(newer.subarray(0, -2));
  newer.set([checksum >> 8, checksum & 0xff], newer.length - 2);
  assertEquals(format.decode(Uint8Array.from([...configuration, ...data, ...newer])).length, 2);
  assertEquals(format.decode(new Uint8Array(0)), []);
});

Deno.test("c37.118 refuses samples that have no place in a frame", async () => {
  const format = await createFormat({ type: "c37.118", signals: [{ type: "float" }] });
  const encode = (sample: Parameters<typeof format.encode>[0][number]) => () => format.encode([sample]);
  assertThrows(encode({ type: "start", values: [] }), EncodeError, "a synchrophasor stream has no start marks");
  assertThrows(encode({ values: [1, 2] }), EncodeError, "it has 2 values for 1 signal");
  assertThrows(encode({ tsOrigin: { sec: 2 ** 32, nsec: 0 }, values: [1] }), EncodeError, "after the year 2106");
});
