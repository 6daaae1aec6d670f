/**
 * Columns switched off in csv, tsv and villas.human: what is written must be read with the same options, and what
 * VILLASnode writes with them, too.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createFormat, parseSignals, type Sample, type Timestamp, type Value } from "@villas/client";
import { readDatagram, readGoodFile, writeDatagram, writeFile } from "./_text_suite.ts";

const types = ["csv", "tsv", "villas.human"] as const;
const switches = ["sequence", "ts_origin", "offset", "data"] as const;
type Switches = { [name in typeof switches[number]]: boolean };

/** All combinations of switches. */
const combinations: Switches[] = Array.from({ length: 2 ** switches.length }, (_, bits) => ({
  sequence: (bits & 1) === 0,
  ts_origin: (bits & 2) === 0,
  offset: (bits & 4) === 0,
  data: (bits & 8) === 0,
}));

const tsOrigin: Timestamp = { sec: 1_700_000_000, nsec: 5 };
const tsReceived: Timestamp = { sec: 1_700_000_001, nsec: 250_000_005 };

const lists: Record<string, Value[][]> = {
  "3f": [[1.5, 0, -2.5], [0, 1.5, NaN], [NaN, 0, 0], [7, 8, 9], [1.5, 2.5], [0], []],
  "ifb": [[7n, 1.5, true], [0n, 0, false], [-1n, NaN], [3n], []],
};

function sampleOf(values: Value[], index: number): Sample {
  return { tsOrigin, tsReceived, sequence: BigInt(index), values };
}

/** A sample as it is behind a format with switches. */
function carried(sample: Sample, { sequence, ts_origin, data }: Switches, hasReceived: boolean): Sample {
  return {
    ...ts_origin ? { tsOrigin: sample.tsOrigin } : {},
    ...ts_origin && hasReceived ? { tsReceived: sample.tsReceived } : {},
    ...sequence ? { sequence: sample.sequence } : {},
    values: data ? sample.values : [],
  } as Sample;
}

/** Whether nothing of a sample is written: then its line is empty, and read as none. */
function isNothing({ values }: Sample, type: string, { sequence, ts_origin, offset, data }: Switches): boolean {
  return type !== "villas.human" && !sequence && !ts_origin && !offset && (!data || values.length === 0);
}

/** A format with and without knowing its signals, with samples and how they are read without the columns left out. */
async function* casesOf(type: string, options: Switches) {
  for (const [list, valuesOf] of Object.entries(lists)) {
    const samples = valuesOf.map(sampleOf);
    const written = samples.filter((sample) => !isNothing(sample, type, options));
    const signals = parseSignals(list);
    const typed = await createFormat({ type, ...options }, { signals });
    yield { format: typed, samples, read: written };
    const untyped = await createFormat({ type, ...options });
    yield {
      format: untyped,
      samples,
      read: written.map((sample) => ({ ...sample, values: sample.values.map(toNumber) })),
    };
  }
}

/** A value as it is read without its signal: a boolean is an integer then. */
function toNumber(value: Value): Value {
  return typeof value === "boolean" ? BigInt(value) : value;
}

for (const type of types) {
  for (const options of combinations) {
    const off = switches.filter((name) => !options[name]).join(", ") || "nothing";

    Deno.test(`${type} without ${off} reads the datagrams that it writes`, async () => {
      for await (const { format, samples, read } of casesOf(type, options)) {
        const datagram = writeDatagram(format, samples);
        assertEquals(readDatagram(format, datagram), read.map((sample) => carried(sample, options, false)));
      }
    });

    Deno.test(`${type} without ${off} reads the files that it writes`, async () => {
      for await (const { format, samples, read } of casesOf(type, options)) {
        const file = writeFile(format, samples);
        assertEquals(readGoodFile(format, file), read.map((sample) => carried(sample, options, options.offset)));
      }
    });

    Deno.test(`${type} without ${off} reads the datagrams that VILLASnode writes`, async () => {
      const format = await createFormat({ type, ...options }, { signals: parseSignals("3f") });
      const samples = [[1.5, 0, -2.5], [0, 1.5, NaN], [7, 8, 9]].map(sampleOf);
      const datagram = samples.map((sample) => villasNodeLine(type, sample, options)).join("");
      const expected = samples.filter(() => villasNodeLine(type, samples[0] as Sample, options) !== "\n");
      assertEquals(readDatagram(format, datagram), expected.map((sample) => carried(sample, options, false)));
    });
  }
}

/**
 * A line of a datagram as VILLASnode writes it, which never has an offset (its `column.cpp` and `villas_human.cpp`).
 */
function villasNodeLine(
  type: string,
  sample: Sample,
  { sequence, ts_origin, data }: Switches,
): string {
  const { tsOrigin = { sec: 0, nsec: 0 }, sequence: number = 0n, values } = sample;
  const nsec = String(tsOrigin.nsec).padStart(9, "0");
  const texts = data ? values.map((value) => Number.isNaN(value) ? "nan" : Number(value).toFixed(17)) : [];
  if (type === "villas.human") {
    const time = ts_origin ? `${tsOrigin.sec}.${nsec}` : "";
    return `${time}${sequence ? `(${number})` : ""}${texts.map((text) => `\t${text}`).join("")}\n`;
  }
  const separator = type === "csv" ? "," : "\t";
  const columns = [...sequence ? [String(number)] : [], ...texts].map((text) => separator + text).join("");
  return `${ts_origin ? `${tsOrigin.sec}${separator}${nsec}` : ""}${columns}\n`;
}
