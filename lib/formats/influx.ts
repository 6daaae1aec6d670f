/**
 * The format `influx`: InfluxDB's line protocol, for InfluxDB and Telegraf, and as VILLASnode's `influxdb` node sends it.
 *
 * @module
 */

import type { Sample, Value } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { escapeKey, escapeMeasurement } from "./influx/names.ts";
import { type InfluxLine, readLine } from "./influx/line_reader.ts";
import { type LineSettings, LineWriter } from "./influx/line_writer.ts";
import { SignalNames } from "./json/signal_names.ts";
import { columns } from "./json/json_tree.ts";
import { checkOptions, type OptionRule } from "./options.ts";
import type { LineHandler } from "./text/lines.ts";
import { createTextFormat } from "./text/text_format.ts";
import { excerpt } from "./text/text_values.ts";
import type { Format, FormatOptions } from "./format.ts";

const name = "influx";

/** Most names of fields that are text, and their greatest length, that are kept for a report. */
const maximumTexts = 64;
const maximumTextLength = 80;

/** Options of the format `influx`, besides the common ones. */
export interface InfluxOptions extends FormatOptions {
  /** Name of the measurement; default `"villas"`. Reading takes only lines of it, all if it is not given. */
  measurement?: string;
  /** Tags behind the measurement, and their values; default none. Reading takes only lines that have all of them. */
  tags?: Readonly<Record<string, string>>;
}

const rules: Readonly<Record<string, OptionRule>> = {
  measurement: { expected: "a name", accepts: (value) => typeof value === "string" },
  tags: {
    expected: 'an object of texts such as {"host": "a"}',
    accepts: (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) &&
      Object.values(value).every((text) => typeof text === "string"),
  },
};

/**
 * Creates the format `influx`: `MEASUREMENT,TAG=VALUE FIELD=VALUE,... NANOSECONDS`, a line per sample, in datagrams and in
 * files. A field is named as its signal. Floats are written with the digits that they need (or `real_precision` decimals),
 * integers with an `i`, a complex value as two fields, `NAME_re` and `NAME_im`. Lines end with a line feed alone, and numbers
 * never begin with `+`.
 *
 * The line protocol has no place for sequence numbers, and for one of two timestamps: that of origin is written, or that of
 * reception where there is none. It has no NaN and no infinity: such values and unset ones are left out, which
 * {@linkcode Format.omitted} counts. InfluxDB fixes the type of a field by its first value, so a sample that has another type
 * there is refused; so is one without a value. InfluxDB makes one point of samples with the same time, field by field, unless
 * their tags differ (`findings/influxdb-points.sh`).
 *
 * Reading takes what Telegraf, InfluxDB's tools and VILLASnode's `influxdb` node write, with or without the NUL byte at the
 * end of its datagrams. Values are read by the names of the signals. If these have none, as in `2f`, or are not known, the
 * first line teaches the names and their order. Fields that are text are ignored and named in
 * {@linkcode Format.unmatchedNames}. An integer without an `i`, as VILLASnode writes it, needs its signal to be told from a
 * float.
 *
 * @param options The signals, whose names are written, the measurement and the tags
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value, or if a name occurs twice or cannot be written
 *
 * @see InfluxDB's line protocol, https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/; VILLASnode's
 * `lib/nodes/influxdb.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { influx } from "@villas/client/formats";
 *
 * const format = influx({ signals: parseSignals("fic"), measurement: "grid", tags: { host: "lab 1" } });
 * const sample = { tsOrigin: { sec: 1, nsec: 5 }, values: [230.5, -1n, { real: 0.5, imag: -0.25 }] };
 * const datagram = format.encode([sample]);
 * assertEquals(
 *   new TextDecoder().decode(datagram),
 *   "grid,host=lab\\ 1 signal0=230.5,signal1=-1i,signal2_re=0.5,signal2_im=-0.25 1000000005\n",
 * );
 * assertEquals(format.decode(datagram), [sample]);
 * ```
 */
export function influx(options: InfluxOptions = {}): Format {
  checkOptions(name, options, rules);
  const { signals, measurement, tags = {} } = options;
  const settings: LineSettings = {
    measurement: measurement ?? "villas",
    tags,
    signals,
    hasTime: options.ts_origin ?? true,
    hasData: options.data ?? true,
    precision: options.real_precision,
  };
  const omitted = new Map<string, number>();
  const unmatched = new Set<string>();
  const names = new SignalNames(name, signals, [], unmatched);
  const ownNames = new Set(signals?.flatMap((signal) => signal.name ?? []));
  const isWanted = createFilter(measurement, tags);
  const link = new LineWriter(settings, omitted);

  function createHandler(signalNames: SignalNames, onWarning?: (message: string) => void): LineHandler {
    let first: string | undefined;
    return {
      line(text, number, samples) {
        const line = readLine(text, number, signals !== undefined, ownNames);
        if (line === undefined || !isWanted(line.series)) return;
        keepNames(line.texts, unmatched);
        // A line of nothing but text is not a sample.
        if (line.fields.names.length === 0) return;
        samples.push(toSample(line, number, signalNames, signals));
        first ??= line.series;
        if (onWarning === undefined || line.series === first) return;
        onWarning(
          `it has lines of several series, such as ${excerpt(first)} and ${
            excerpt(line.series)
          }, whose fields of the same ` +
            `name are read as one signal; the options "measurement" and "tags" of format influx choose one`,
        );
        onWarning = undefined;
      },
    };
  }

  const format = createTextFormat({
    name,
    isOpenEnded: true,
    carriesTypes: true,
    createDatagramHandler: () => createHandler(names),
    createFileHandler: (_, onWarning) =>
      createHandler(names.forFile(), measurement === undefined ? onWarning : undefined),
    writeDatagram: (samples) => samples.map((sample, index) => link.write(sample, index)).join(""),
    createFileWriter(names) {
      const file = new LineWriter({ ...settings, ...signals === undefined && names && { names } }, omitted);
      return (samples) => samples.map((sample, index) => file.write(sample, index)).join("");
    },
  });
  return { ...format, unmatchedNames: unmatched, omitted };
}

function toSample(
  { fields, time }: InfluxLine,
  number: number,
  names: SignalNames,
  signals: readonly Signal[] | undefined,
): Sample {
  const values = names.collect(fields, number * columns + 1);
  if (signals !== undefined) {
    for (let i = 0; i < values.length; i++) values[i] = toSignal(values[i] ?? null, signals[i]);
  }
  return time === undefined ? { values } : { tsOrigin: time, values };
}

/** Gives a number the type of its signal, where it is written as another one. */
function toSignal(value: Value, signal: Signal | undefined): Value {
  return signal?.type === "boolean" && (value === 0n || value === 1n) ? value === 1n : value;
}

/** Creates the function that tells whether the lines of a series are to be read. */
function createFilter(
  measurement: string | undefined,
  tags: Readonly<Record<string, string>>,
): (series: string) => boolean {
  const pairs = Object.entries(tags).map(([key, value]) => `${escapeKey(key)}=${escapeKey(value)}`);
  if (measurement === undefined && pairs.length === 0) return () => true;
  const start = measurement === undefined ? undefined : escapeMeasurement(measurement);
  return (series) => {
    const [found, ...foundPairs] = series.split(/(?<!\\),/);
    return (start === undefined || found === start) && pairs.every((pair) => foundPairs.includes(pair));
  };
}

function keepNames(names: readonly string[], kept: Set<string>): void {
  for (const name of names) if (kept.size < maximumTexts) kept.add(name.slice(0, maximumTextLength));
}
