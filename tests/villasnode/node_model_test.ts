/**
 * Tests the model of a node with what VILLASnode wrote itself, and with one datagram per rule that breaks it.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { hex, text, unfit } from "./_unfit.ts";
import { createNodeModel, type NodeSettings, type NodeValue, type Verdict } from "./node_model.ts";

const decoder = new TextDecoder();

/** Reads a file of `tests/data`. */
function vector(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../data/${name}`, import.meta.url));
}

/** Takes all datagrams; the verdicts on them. */
function takeAll(settings: NodeSettings, datagrams: readonly Uint8Array[]): Verdict[] {
  const node = createNodeModel(settings);
  return datagrams.map((datagram) => node.take(datagram));
}

function assertFits(verdicts: readonly Verdict[], name: string): void {
  for (const { fits, reasons } of verdicts) assert(fits, `${name}: ${reasons.join("; ")}`);
}

Deno.test("createNodeModel: protobuf datagrams of a socket node fit a node with its signals", () => {
  const signals: Record<string, string> = { float: "3f", integer: "3i", boolean: "3b", complex: "2c", mixed: "fibc" };
  const groups = new Map<string, string[]>();
  for (const { name } of Deno.readDirSync(new URL("../data/datagrams", import.meta.url))) {
    const [, group = ""] = /^(.*)-\d\.bin$/.exec(name) ?? [];
    groups.set(group, [...groups.get(group) ?? [], name].sort());
  }
  assertEquals(groups.size, 10);
  for (const [group, names] of groups) {
    const [, kind = "", count = "1"] = /^([a-z]+)(?:-vec(\d))?/.exec(group) ?? [];
    const settings = { format: "protobuf", signals: signals[kind] ?? "", vectorize: Number(count) };
    const verdicts = takeAll(settings, names.map((name) => vector(`datagrams/${name}`)));
    assertFits(verdicts, group);
    assert(verdicts.every(({ samples }) => samples.length > 0), group);
  }
});

/** The values of `float.input` and `mixed.input`, from which VILLASnode wrote the files. */
const written: Record<string, NodeValue[][]> = {
  float: [[0, -0, 0], [1.25, -0.1, 0.001], [2.5, -0.2, 0.002], [3.75, -0.30000000000000004, 0.003]],
  mixed: [
    [1.5, -7n, true, { real: 1.25, imag: -2.5 }],
    [-0.5, 2n ** 63n - 1n, false, { real: Math.fround(0.1), imag: Math.fround(0.2) }],
    [1e20, -300n, true, { real: 0, imag: -3 }],
    [0.1, 0n, false, { real: 5, imag: 0 }],
  ],
};

/** Divides a file into the datagrams that VILLASnode would send: one sample each. */
function datagramsOf(format: string, file: Uint8Array, length?: number): Uint8Array[] {
  if (length !== undefined) {
    return Array.from({ length: file.length / length }, (_, i) => file.subarray(i * length, (i + 1) * length));
  }
  const lines = decoder.decode(file).split(/(?<=\n)/).filter((line) => !line.startsWith("#"));
  return lines.map((line) => text(format.startsWith("json") ? `[${line.trimEnd()}]` : line));
}

Deno.test("createNodeModel: samples that VILLASnode wrote to files are read with all their values", () => {
  const table: [name: string, format: NodeSettings["format"], length?: number][] = [
    ["float.csv", "csv"],
    ["mixed.csv", "csv"],
    ["float.tsv", "tsv"],
    ["mixed.tsv", "tsv"],
    ["float.villas.human", "villas.human"],
    ["mixed.villas.human", "villas.human"],
    ["float.villas.human.nooffset", "villas.human"],
    ["mixed.villas.human.nooffset", "villas.human"],
    ["float.json", "json"],
    ["mixed.json", "json"],
    ["float.json.kafka", "json.kafka"],
    ["mixed.json.kafka", "json.kafka"],
    ["float.json.edgeflex", "json.edgeflex"],
    ["mixed.json.edgeflex", "json.edgeflex"],
    ["float.json.reserve", "json.reserve"],
    ["float.opal.asyncip", "opal.asyncip", 32],
    ["float.raw.64.little", { type: "raw", bits: 64 }, 24],
    ["float.raw.64.big", { type: "raw", bits: 64, endianess: "big" }, 24],
    ["float.raw.64.little.fake", { type: "raw", bits: 64, fake: true }, 48],
    ["mixed.raw.64.little", { type: "raw", bits: 64 }, 40],
    ["mixed.raw.64.little.fake", { type: "raw", bits: 64, fake: true }, 64],
  ];
  for (const [name, format, length] of table) {
    const kind = name.startsWith("float") ? "float" : "mixed";
    const datagrams = datagramsOf(typeof format === "string" ? format : format.type, vector(`formats/${name}`), length);
    const verdicts = takeAll({ format, signals: kind === "float" ? "3f" : "fibc" }, datagrams);
    assertFits(verdicts, name);
    assertEquals(verdicts.map(({ samples }) => samples[0]?.values), written[kind], name);
  }
});

Deno.test("createNodeModel: 32-bit samples that VILLASnode wrote are read with what 32 bits hold", () => {
  const table: [name: string, format: NodeSettings["format"], length: number][] = [
    ["float.raw", "raw", 12],
    ["float.raw.32.big", { type: "raw", endianess: "big" }, 12],
    ["float.gtnet", "gtnet", 12],
    ["float.gtnet.fake", { type: "gtnet", fake: true }, 24],
    ["float.villas.binary", "villas.binary", 28],
    ["float.villas.web", "villas.web", 28],
  ];
  const expected = written.float?.map((values) => values.map((value) => Math.fround(value as number)));
  for (const [name, format, length] of table) {
    const verdicts = takeAll({ format, signals: "3f" }, datagramsOf("", vector(`formats/${name}`), length));
    assertFits(verdicts, name);
    assertEquals(verdicts.map(({ samples }) => samples[0]?.values), expected, name);
  }
});

Deno.test("createNodeModel: payloads that VILLASnode published fit, one after another", () => {
  for (const type of ["2f", "fibc"]) {
    for (
      const format of ["gtnet", "json", "json.kafka", "protobuf", "raw", "villas.binary", "villas.human", "villas.web"]
    ) {
      // The two binary formats carry neither boolean nor complex, and so there is nothing of them.
      if (type === "fibc" && format.startsWith("villas.") && format !== "villas.human") continue;
      const name = `${type}.${format}`;
      const verdicts = takeAll({ format, signals: type }, [0, 1].map((n) => vector(`payloads/${name}.${n}`)));
      assertFits(verdicts, name);
      const expected = type === "2f" ? [1, 2.5] : [1.5, -42n, true, { real: 0.5, imag: -0.25 }];
      for (const { samples } of verdicts) assertEquals(samples[0]?.values, expected, name);
    }
  }
  for (const format of ["protobuf", "villas.human"]) {
    assertFits(takeAll({ format, signals: "4f" }, [vector(`payloads/4f.${format}.nonfinite`)]), format);
  }
});

Deno.test("createNodeModel: what VILLASnode writes and does not read the same way does not fit", () => {
  const table: [name: string, format: string, signals: string, reason: RegExp][] = [
    // On network nodes it writes three columns in front, and reads four.
    ["2f.csv.0", "csv", "2f", /^the line does not end at "\.0000/],
    ["fibc.csv.0", "csv", "fibc", /^the line does not end at "\.5000/],
    ["2f.iotagent_ul.0", "iotagent_ul", "2f", /^VILLASnode does not read iotagent_ul$/],
    // It prints the last of two values, and what lay in memory.
    ["2f.value", "value", "f", /^expected a line feed|^behind the only value stands/],
  ];
  for (const [name, format, signals, reason] of table) {
    const { fits, reasons } = createNodeModel({ format, signals }).take(vector(`payloads/${name}`));
    assert(!fits, name);
    assertMatch(reasons[0] ?? "", reason, name);
  }
  // NaN is left out of the array: nothing is wrong with the datagram but its values.
  const verdict = createNodeModel({ format: "json", signals: "4f" }).take(vector("payloads/4f.json.nonfinite"));
  assertEquals(verdict.samples[0]?.values, [1, 3, 4]);
});

Deno.test("createNodeModel: a datagram that breaks one rule does not fit, and the reason says which", () => {
  for (const [format, signals, datagram, reason] of unfit) {
    const { fits, reasons } = createNodeModel({ format, signals }).take(datagram);
    const name = `${JSON.stringify(format)} ${signals}: expected ${reason}`;
    assert(!fits, name);
    assertEquals(reasons.length, 1, `${name}: ${reasons.join("; ")}`);
    assertMatch(reasons[0] ?? "", reason, name);
  }
});

Deno.test("createNodeModel: with any signals only the syntax of a format is checked", () => {
  for (const [format, , datagram] of unfit) {
    const { reasons } = createNodeModel({ format, signals: "any" }).take(datagram);
    for (const reason of reasons) assert(!/the node has|, signal0 of type|a signal of type/.test(reason), reason);
  }
  const verdict = createNodeModel({ format: "csv", signals: "any" }).take(text("1,2,0,3,1,1.0,2j,nan,-1+inf i\n"));
  assertEquals(verdict.samples, []);
  const { samples } = createNodeModel({ format: "csv", signals: "any" }).take(text("1,2,0,3,1,1.0,2j,nan,-1+infi\n"));
  assertEquals(samples, [{
    time: { sec: 1n, nsec: 2n },
    sequence: 3n,
    values: [1n, 1, { real: 0, imag: 2 }, NaN, { real: -1, imag: Infinity }],
  }]);
});

/** A message of villas.binary without values. */
const numbered = (sequence: number) => hex(`20000000 ${sequence.toString(16).padStart(8, "0")} 00000001 00000000`);

function fitting(settings: NodeSettings, datagrams: readonly Uint8Array[]): boolean[] {
  return takeAll(settings, datagrams).map(({ fits }) => fits);
}

Deno.test("createNodeModel: a sequence number that does not rise is dropped, and 0 begins anew", () => {
  const settings = { format: "villas.binary", signals: "f" };
  // Seen with VILLASnode 1.2.0: the second 6, the 5 and the 19 are dropped.
  assertEquals(fitting(settings, [5, 6, 6, 5, 7, 20, 19, 21, 0, 1].map(numbered)), [
    ...[true, true, false, false, true, true, false, true, true, true],
  ]);
  assertEquals(fitting(settings, [0, 0, 1, 0, 0].map(numbered)), [true, false, true, true, false]);
  assertEquals(fitting(settings, [1, 0x7fff_ffff, 0xffff_ffff].map(numbered)), [true, true, false]);
  assertEquals(fitting(settings, [1, 0x8000_0000, 0xffff_fffe].map(numbered)), [true, true, true]);
});

Deno.test("createNodeModel: a distance of 2^31 counts as backwards, one of 2^32 as none", () => {
  const line = (sequence: bigint) => text(`1.000000000(${sequence})\t1.5\n`);
  const settings = { format: "villas.human", signals: "f" };
  assertEquals(fitting(settings, [1n, 1n + 2n ** 31n].map(line)), [true, false]);
  assertEquals(fitting(settings, [1n, 2n ** 31n].map(line)), [true, true]);
  assertEquals(fitting(settings, [1n, 1n + 2n ** 32n].map(line)), [true, false]);
  // A wrap around is not a restart: the numbers go on.
  assertEquals(fitting(settings, [2n ** 64n - 1n, 0n, 1n].map(line)), [true, true, true]);
});

Deno.test("createNodeModel: samples with and without sequence numbers do not mix", () => {
  const line = (number: string) => text(`1.000000000${number}\t1.5\n`);
  const settings = { format: "villas.human", signals: "f" };
  assertEquals(fitting(settings, ["", "", ""].map(line)), [true, true, true]);
  assertEquals(fitting(settings, ["(5)", "", "(6)"].map(line)), [true, false, false]);
});

Deno.test("createNodeModel: samples beyond vectorize are lost, also where a datagram straddles it", () => {
  const samples = (...numbers: number[]) => text(numbers.map((number) => `1.000000000(${number})\t1.5\n`).join(""));
  const human = { format: "villas.human", signals: "f" };
  assertEquals(fitting(human, [samples(0, 1)]), [false]);
  assertEquals(fitting({ ...human, vectorize: 2 }, [samples(0, 1), samples(2), samples(3)]), [true, true, true]);
  assertEquals(fitting({ ...human, vectorize: 2 }, [samples(0), samples(1, 2)]), [true, false]);
  assertEquals(fitting({ format: "raw", signals: "f", vectorize: 2 }, [hex("0000803f")]), [false]);
});

Deno.test("createNodeModel: a node without signals takes up to 64 floats", () => {
  const line = (count: number) => text(`1.000000000(0)${"\t1.5".repeat(count)}\n`);
  assertEquals(createNodeModel({ format: "villas.human" }).take(line(64)).fits, true);
  assertEquals(createNodeModel({ format: "villas.human" }).take(line(65)).reasons, [
    "value 64: the node has 64 signals",
  ]);
});
