/**
 * An independent reader of what a PMU of ours serves: tshark's dissector of synchrophasors, field by field.
 *
 * It has the values of phasors only in its text, finds the configuration of a data frame by the flow of ports, and shows only what
 * the configuration before says; so each stream has ports of its own, and the frames are put into a capture file by hand.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Complex, connect, createFormat, type Sample, type Value } from "@villas/client";
import {
  commands,
  type Configuration,
  ConfigurationReader,
  DataLayout,
  decodeStatus,
  encodeCommand,
  FrameSplitter,
  frameTypes,
  type PmuDescription,
  readHeader,
  typeOfFrame,
} from "@villas/client/c37_118";
import { type Random, seededRandom } from "../_random.ts";
import { isTsharkThere } from "./_tools.ts";

const hasTshark = await isTsharkThere();

/** Streams, and data frames of each. */
const streamCount = 24;
const frameCount = 10;

const letters = "ABCDEFGHIJ";

/** Describes a PMU of random channels and formats. */
function randomPmu(random: Random, number: number): PmuDescription {
  const list = <T>(limit: number, make: (index: number) => T) =>
    Array.from({ length: random.below(limit) }, (_, i) => make(i));
  const signal = (kind: string, index: number) => `${kind}${number}_${index}`;
  return {
    name: `Station ${letters[number]}`,
    idcode: random.below(65_536),
    frequency: signal("f", 0),
    rocof: signal("r", 0),
    nominal_frequency: random.pick([50, 60]),
    change_count: random.below(65_536),
    phasor_type: random.pick(["float", "int16"]),
    analog_type: random.pick(["float", "int16"]),
    frequency_type: random.pick(["float", "int16"]),
    polar: random.chance(0.5),
    service_class: random.pick(["measurement", "protection"]),
    window: random.below(1e6),
    group_delay: random.below(1e6),
    latitude: random.below(90) + 0.5,
    longitude: -random.below(180) - 0.25,
    elevation: random.below(2000),
    phasor: list(5, (index) => ({
      signal: signal("z", index),
      unit: random.pick(["volt", "ampere"]),
      component: random.pick([
        "zero_sequence",
        "positive_sequence",
        "negative_sequence",
        "phase_a",
        "phase_b",
        "phase_c",
      ]),
      scale: random.pick([0.01, 0.05, 1]),
    })),
    analog: list(4, (index) => ({
      signal: signal("a", index),
      unit: random.pick(["point_on_wave", "rms", "peak"]),
      scale: random.pick([1, -3, 10]),
    })),
    digital: list(20, (index) => ({ signal: signal("b", index), normal: random.chance(0.5) })),
  };
}

function randomValue(random: Random, name: string): Value {
  const number = () => (random.below(4000) - 2000) / 8;
  switch (name.charAt(0)) {
    case "z":
      return { real: number(), imag: number() };
    case "b":
      return random.chance(0.5);
    case "f":
      return 50 + (random.below(2000) - 1000) / 250;
    case "r":
      return (random.below(400) - 200) / 50;
    default:
      return Math.round(number()) * 30;
  }
}

/** Lets a PMU serve a stream over TCP, and returns the frames that its PDC gets: a configuration and the data. */
async function serve(random: Random, configurationCommand: number): Promise<Uint8Array[]> {
  const pmus = Array.from({ length: 1 + random.below(3) }, (_, number) => randomPmu(random, number));
  const description = {
    ...{ type: "c37.118", idcode: random.below(65_536), pmus },
    data_rate: random.pick([50, 60, 10, 1, 0.5]),
    time_base: random.pick([1_000_000, 1000, 16_777_215]),
    stat: random.below(65_536),
    time_quality: random.below(128),
  };
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0", format: description, signals: "any" });
  const { signals } = await describe(description);
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(/:(\d+)/.exec(pmu.local)?.[1]) });
  for (const command of [configurationCommand, commands.start]) {
    await tcp.write(encodeCommand(command, { version: 1, idcode: 1, soc: 1, timeQuality: 0, fraction: 0 }));
  }
  await pmu.ready();
  for (let index = 0; index < frameCount; index++) {
    const values = signals.map((name) => randomValue(random, name));
    const tsOrigin = { sec: 1_700_000_000 + index, nsec: random.below(1e9) };
    await pmu.send({ tsOrigin, values } satisfies Sample);
  }
  const splitter = new FrameSplitter();
  const frames: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  while (frames.filter((frame) => typeOfFrame(frame) === frameTypes.data).length < frameCount) {
    const length = await tcp.read(buffer);
    assert(length !== null);
    frames.push(...splitter.push(buffer.subarray(0, length)).map((frame) => frame.slice()));
  }
  tcp.close();
  return frames;
}

/** Returns the names of the signals that a description wants, in its order. */
async function describe(description: object): Promise<{ signals: string[] }> {
  const { describePmu } = await import("@villas/client/c37_118");
  await createFormat({ type: "c37.118", ...description });
  return { signals: describePmu(description).signals.map(({ name = "" }) => name) };
}

/** Writes frames into a capture file (libpcap, link type 101: raw IP), each stream from a port of its own. */
function capture(streams: readonly (readonly Uint8Array[])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const head = new DataView(new ArrayBuffer(24));
  for (const [offset, value] of [[0, 0xa1b2_c3d4], [4, 0x0002_0004], [16, 262_144], [20, 101]] as const) {
    head.setUint32(offset, value);
  }
  parts.push(new Uint8Array(head.buffer));
  for (const [index, frames] of streams.entries()) {
    let sequence = 1;
    for (const frame of frames) {
      const packet = new Uint8Array(40 + frame.length);
      const view = new DataView(packet.buffer);
      packet.set([0x45, 0, packet.length >> 8, packet.length & 0xff, 0, 0, 0, 0, 8, 6]); // IPv4, TCP
      packet.set([127, 0, 0, 1, 127, 0, 0, 2], 12);
      view.setUint16(20, 4712);
      view.setUint16(22, 50_000 + index);
      view.setUint32(24, sequence);
      packet.set([0x50, 0x18, 0xff, 0xff], 32);
      packet.set(frame, 40);
      sequence += frame.length;
      const record = new DataView(new ArrayBuffer(16));
      record.setUint32(8, packet.length);
      record.setUint32(12, packet.length);
      parts.push(new Uint8Array(record.buffer), packet);
    }
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Lines of tshark that hold a field, with what it is. */
const lines: readonly [pattern: RegExp, ...kinds: ("number" | "text")[]][] = [
  [/^PMU\/DC ID number \(\w+ source ID\): (\d+)$/, "number"],
  [/^Message Time Quality indicator code: .*\((0x\w+)\)$/, "number"],
  [/^Leap second direction: (Add|Delete)$/, "text"],
  [/^Leap second (?:occurred|pending): (True|False)$/, "text"],
  [/^Fraction of second \(raw\): (\d+)$/, "number"],
  [/^Resolution of fractional second time stamp: (\d+)$/, "number"],
  [/^Number of PMU blocks included in the frame: (\d+)$/, "number"],
  [/^Station #\d+: "(.*?) *"$/, "text"],
  [/^(?:FREQ\/DFREQ|Analog values|Phasor) format: (.*)$/, "text"],
  [/^Phasor notation: (\w+)$/, "text"],
  [/^Number of (?:phasors|analog values|digital status words): (\d+)$/, "number"],
  [/^(?:Phasor name|Analog value|Digital status label|Digital label) #\d+: "([^"]*?) *"$/, "text"],
  [/^#\d+ factor: (\d+) \* 10\^-5, unit: (\w+)$/, "number", "text"],
  [/^Factor for analog value #\d+: (.*), value: (-?\d+)$/, "text", "number"],
  [/^Phasor Type: (\w+(?: \w+)?)(?: \(0x\w\))?$/, "text"],
  [/^(?:Phasor|Analog) scale factor: (\S+)$/, "number"],
  [/^(?:Phasor angle|Analog) offset: (\S+)$/, "number"],
  [/^(?:Normal state|Valid bits): (0x\w+)$/, "number"],
  [/^PMU (?:Latitude|Longitude|Elevation): ([-\d.]+)/, "number"],
  [/^Service class: (\w+)/, "text"],
  [/^(?:PM window length|PM group delay): (\d+) /, "number"],
  [/^Nominal line frequency: (\d+)Hz$/, "number"],
  [/^Configuration change count: (\d+)$/, "number"],
  [/^Rate of transmission: (.*)$/, "text"],
  [/^(?:Data error|PMU Time Quality|Unlocked time|Trigger reason): .*\((0x\w+)\)$/, "number"],
  [/^Time synchronized: (Clock is synchronized|Synchronization lost)$/, "text"],
  [/^Data sorting: By (\w+)$/, "text"],
  [/^Trigger detected: (No )?[Tt]rigger/, "text"],
  [/^Configuration changed: (No|Within)/, "text"],
  [/^Data modified indicator: Data (not )?modified/, "text"],
  [
    /^Phasor #\d+: "[^"]*", +(\S+?)[VA] ∠ *(\S+?)° alt +(\S+?)\+j *(\S+?)[VA](?:;|$)/,
    "number",
    "number",
    "number",
    "number",
  ],
  [/^Actual frequency value: (\S+)$/, "number"],
  [/^Frequency deviation from nominal: \S+mHz \(actual frequency: (\S+)Hz\)$/, "number"],
  [/^Rate of change of frequency: ([-\d.e+]+)/, "number"],
  [/^Analog value #\d+: "[^"]*", *(\S+)(?: \(conversion factor: 0x\w+\))?$/, "number"],
  [/^Digital status word #\d+: (0x\w+)$/, "number"],
];

/** Reads the fields of each frame from tshark's text. */
function readFields(text: string): (string | number)[][] {
  return text.split(/^Frame \d+: /m).slice(1).map((frame) => {
    const fields: (string | number)[] = [];
    for (const line of frame.split("\n")) {
      const content = line.trim().replace(/^[01. ]+ = /, "");
      for (const [pattern, ...kinds] of lines) {
        const groups = pattern.exec(content);
        if (groups === null) continue;
        for (const [index, kind] of kinds.entries()) {
          fields.push(kind === "number" ? Number(groups[index + 1]) : groups[index + 1] ?? "");
        }
        break;
      }
    }
    return fields;
  });
}

const bool = (flag: boolean) => flag ? "True" : "False";

/** The fields of the header, as this library reads them. */
function headerFields(frame: Uint8Array): (string | number)[] {
  const { idcode, timeQuality, fraction } = readHeader(new DataView(frame.buffer));
  return [
    idcode,
    timeQuality & 0x40 ? "Add" : "Delete",
    bool((timeQuality & 0x20) !== 0),
    bool((timeQuality & 0x10) !== 0),
    timeQuality & 0x0f,
    fraction,
  ];
}

const components = ["Zero sequence", "Positive sequence", "Negative sequence", "", "Phase A", "Phase B", "Phase C"];
const analogKinds = ["single point-on-wave", "rms of analog input", "peak of input"];

/** The fields of a configuration, as this library reads them. */
function configurationFields({ timeBase, dataRate, pmus }: Configuration, isThird: boolean): (string | number)[] {
  const type = (isFloat: boolean) => isFloat ? "32-bit IEEE floating point" : "16-bit integer";
  const fields: (string | number)[] = [timeBase, pmus.length];
  for (const { station, idcode, numbers, phasors, analogs, digitals, nominalFrequency, changeCount, details } of pmus) {
    fields.push(
      station,
      idcode,
      ...[numbers.hasFloatFrequency, numbers.hasFloatAnalogs, numbers.hasFloatPhasors].map(type),
    );
    fields.push(numbers.isPolar ? "polar" : "rectangular", phasors.length, analogs.length, digitals.length);
    fields.push(...[...phasors, ...analogs].map(({ name }) => name), ...digitals.flatMap(({ names }) => names));
    for (const { unit, scale, angleOffset, component } of phasors) {
      const quantity = unit === "volt";
      if (isThird) fields.push(quantity ? "Voltage" : "Current", components[component] ?? "", scale, angleOffset);
      else fields.push(numbers.hasFloatPhasors ? scale : Math.round(scale * 1e5), quantity ? "Volt" : "Ampere");
    }
    for (const { kind, scale, offset } of analogs) {
      fields.push(...isThird ? [scale, offset] : [analogKinds[kind] ?? "", scale]);
    }
    for (const { normal, mask } of digitals) fields.push(normal, mask);
    if (isThird && details !== undefined) {
      fields.push(details.latitude, details.longitude, details.elevation);
      fields.push(details.serviceClass === "P" ? "Protection" : "Monitoring", details.window, details.groupDelay);
    }
    fields.push(nominalFrequency, changeCount);
  }
  const rate = dataRate > 0 ? `${dataRate} frame(s) per second` : `1 frame per ${-dataRate} second(s)`;
  return [...fields, rate];
}

/** The fields of a data frame, as this library reads them; tshark does not scale 16-bit analogue values of configuration 2. */
function dataFields(configuration: Configuration, isThird: boolean, frame: Uint8Array): (string | number)[] {
  const layout = new DataLayout(configuration);
  const view = new DataView(frame.buffer);
  const values = layout.read(view);
  const fields: (string | number)[] = [];
  let index = 0;
  for (const [pmu, stat] of layout.readStatus(view).entries()) {
    const status = decodeStatus(stat);
    fields.push(
      stat >> 14,
      status.isSynchronized ? "Clock is synchronized" : "Synchronization lost",
      status.isSortedByArrival ? "arrival" : "timestamp",
    );
    fields.push(status.trigger === undefined ? "No " : "", status.isConfigurationChanging ? "Within" : "No");
    fields.push(status.isModified ? "" : "not ", stat >> 6 & 7, stat >> 4 & 3, stat & 15);
    const { phasors = [], analogs = [], digitals = [], numbers } = configuration.pmus[pmu] ?? {};
    for (const _ of phasors) {
      const { real, imag } = values[index++] as Complex;
      fields.push(Math.hypot(real, imag), Math.atan2(imag, real) * 180 / Math.PI, real, imag);
    }
    fields.push(Number(values[index++]), Number(values[index++]));
    for (const { scale } of analogs) {
      fields.push(Number(values[index++]) / (isThird || numbers?.hasFloatAnalogs ? 1 : scale));
    }
    for (const { mask } of digitals) {
      let word = 0;
      for (let bit = 0; bit < 16; bit++) if (mask >> bit & 1) word |= Number(values[index++]) << bit;
      fields.push(word);
    }
  }
  return fields;
}

/** Compares fields; numbers may differ by the digits that tshark shows. */
function isSame(expected: string | number, found: string | number | undefined): boolean {
  if (typeof expected === "string" || typeof found !== "number") return expected === found;
  return Math.abs(expected - found) <= 0.0006 + Math.abs(expected) * 2e-6 ||
    Math.abs(Math.abs(expected - found) - 360) < 0.001; // -180 and 180 degrees
}

Deno.test({
  name: "tshark reads in each field what a PMU of ours has served",
  ignore: !hasTshark,
  async fn() {
    const random = seededRandom(37);
    const streams: Uint8Array[][] = [];
    for (let index = 0; index < streamCount; index++) {
      streams.push(await serve(random, index % 2 === 0 ? commands.sendConfiguration2 : commands.sendConfiguration3));
    }
    const file = await Deno.makeTempFile({ suffix: ".pcap" });
    try {
      await Deno.writeFile(file, capture(streams));
      const args = ["-r", file, "-d", "tcp.port==4712,synphasor", "-O", "synphasor", "-V"];
      const { code, stdout } = await new Deno.Command("tshark", { args, stderr: "null" }).output();
      assertEquals(code, 0);
      const found = readFields(new TextDecoder().decode(stdout));
      let compared = 0;
      for (const [stream, frames] of streams.entries()) {
        let configuration: Configuration | undefined;
        for (const [index, frame] of frames.entries()) {
          const isData = typeOfFrame(frame) === frameTypes.data;
          if (!isData) configuration = new ConfigurationReader().read(frame);
          assert(configuration !== undefined);
          const isThird = stream % 2 === 1;
          const content = isData
            ? dataFields(configuration, isThird, frame)
            : configurationFields(configuration, isThird);
          const expected = [...headerFields(frame), ...content];
          const fields = found.shift() ?? [];
          const wrong = expected.findIndex((field, index) => !isSame(field, fields[index]));
          const place = `stream ${stream}, frame ${index}, field ${wrong}: ${frame.toHex()}`;
          assertEquals(
            wrong < 0 ? [] : fields.slice(wrong - 2, wrong + 4),
            wrong < 0 ? [] : expected.slice(wrong - 2, wrong + 4),
            place,
          );
          assertEquals(fields.length, expected.length, place);
          compared += fields.length;
        }
      }
      assertEquals(found.length, 0);
      console.log(`${compared} fields of ${streamCount * (frameCount + 1)} frames are the same`);
      assert(compared > 5000, `${compared} fields`);
    } finally {
      await Deno.remove(file);
    }
  },
});
