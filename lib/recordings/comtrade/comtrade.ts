/**
 * The format of files `comtrade`: records of fault recorders and relays.
 *
 * @module
 */

import { integer, oneOf, type OptionRule } from "../../formats/options.ts";
import { checkFileOptions } from "../file_options.ts";
import { createUniqueNames } from "../unique_names.ts";
import type { Signal } from "../../samples/signals.ts";
import type { FileFormat, ReadOptions, RecordingReader } from "../file_format.ts";
import { readStream } from "../stream_file.ts";
import { type ComtradeDataType, type ComtradeRevision, type Configuration, parseConfiguration } from "./config.ts";
import { type ComtradeValues, createDataDecoder } from "./data.ts";
import { findParts } from "./parts.ts";

const name = "comtrade";

/** Options of the format `comtrade`. */
export interface ComtradeOptions {
  /** Writing: the signals; default: those that the first sample has. */
  signals?: readonly Signal[];
  /**
   * Reading: analogue values in the unit and on the side of the transformer that the record has (`"recorded"`, the
   * default), on the `"primary"` or `"secondary"` side, or as the integers that are stored (`"counts"`).
   */
  values?: ComtradeValues;
  /** Writing: edition of the standard; default 2013. */
  revision?: ComtradeRevision;
  /**
   * Writing: form of the data; default `"binary32"` in 2013, else `"binary"`. Only 2013 has `"binary32"` and `"float32"`.
   */
  data_type?: ComtradeDataType;
  /** Writing: names of station and recorder; default none, and `"villas-client"`. */
  station?: string;
  /** Writing: name of the recorder. */
  device?: string;
  /** Writing: nominal frequency in hertz; default 50. */
  frequency?: number;
}

const text: OptionRule = {
  expected: "text of at most 64 characters without commas and line ends",
  accepts: (value) => typeof value === "string" && /^[^,\r\n]{0,64}$/.test(value),
};

const rules: Readonly<Record<string, OptionRule>> = {
  values: oneOf("recorded", "primary", "secondary", "counts"),
  revision: oneOf(1991, 1999, 2013),
  data_type: oneOf("ascii", "binary", "binary32", "float32"),
  station: text,
  device: text,
  frequency: integer(1, 100_000),
};

/**
 * Creates the format `comtrade`: a `.cfg` with a `.dat`, or both in one `.cff`.
 *
 * Reading gives the analogue channels as floats, then the status channels as booleans, with the time of each sample and its
 * number in the record. A missing analogue value is NaN. Times are UTC where the record says how its local time differs
 * (2013), and are taken for UTC elsewhere.
 *
 * Writing keeps floats, integers (as analogue channels) and booleans (as status channels, behind the analogue ones). There
 * is no place for complex values, infinities, receive timestamps and sequence numbers.
 *
 * @param options How to read the values, and what to write
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see IEEE C37.111-1991, -1999 and -2013 (IEC 60255-24)
 *
 * @example A record that is written and read again
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { comtrade } from "@villas/client/recordings";
 *
 * const folder = await Deno.makeTempDir();
 * const format = comtrade({ revision: 1999 });
 * {
 *   await using writer = await format.create(`${folder}/run.cfg`, { signals: [{ name: "va", unit: "V", type: "float" }] });
 *   await writer.write([{ tsOrigin: { sec: 5, nsec: 0 }, values: [230.5] }]);
 *   await writer.finish();
 * }
 * const reader = await format.open(`${folder}/run.cfg`);
 * assertEquals(reader.signals, [{ name: "va", unit: "V", type: "float" }]);
 * const batches = await Array.fromAsync(reader.batches());
 * assertEquals(batches, [[{ sequence: 1n, tsOrigin: { sec: 5, nsec: 0 }, values: [230.5] }]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function comtrade(options: ComtradeOptions = {}): FileFormat & Required<Pick<FileFormat, "create">> {
  checkFileOptions(name, options, rules);
  const { values = "recorded", revision = 2013, data_type: data = revision === 2013 ? "binary32" : "binary" } = options;
  if (revision !== 2013 && (data === "binary32" || data === "float32")) {
    throw new TypeError(
      `Cannot set option "data_type" of format comtrade to "${data}": revision ${revision} does not have it`,
    );
  }
  return {
    name,
    isText: false,
    open: (path, reading = {}) => openRecord(path, values, reading),
    async create(path, creating = {}) {
      const { createComtradeWriter } = await import("./writer.ts");
      const { station = "", device = "villas-client", frequency = 50 } = options;
      const signals = creating.signals ?? options.signals;
      const settings = { revision, data, station, device, frequency };
      return await createComtradeWriter(path, settings, { ...creating, ...signals && { signals } });
    },
  };
}

async function openRecord(path: string, form: ComtradeValues, options: ReadOptions): Promise<RecordingReader> {
  const parts = await findParts(path);
  const configuration = parseConfiguration(parts.configuration, options.onWarning);
  const decoder = {
    name,
    createDecoder: (onDecodeError: Parameters<typeof createDataDecoder>[2]) =>
      createDataDecoder(configuration, form, onDecodeError),
  };
  return {
    signals: signalsOf(configuration, form),
    properties: { ...propertiesOf(configuration), ...parts.header === "" ? {} : { remark: parts.header } },
    batches: () => readStream(parts.data.path, decoder, { ...options, place: parts.data }),
  };
}

function signalsOf({ analog, digital }: Configuration, form: ComtradeValues): Signal[] {
  const channels = [...analog, ...digital];
  // Phases often have the same name, and differ in nothing but the phase.
  const counts = new Map<string, number>();
  for (const { name } of channels) counts.set(name, (counts.get(name) ?? 0) + 1);
  const labels = channels.map(({ name, phase }) =>
    phase !== "" && (counts.get(name) ?? 0) > 1 ? `${name} ${phase}`.trim() : name
  );
  const names = createUniqueNames(labels);
  return names.map((name, index) => {
    const unit = analog[index]?.unit;
    const type = index >= analog.length ? "boolean" : form === "counts" ? "integer" : "float";
    return { name, ...unit && form !== "counts" ? { unit } : {}, type };
  });
}

function propertiesOf(configuration: Configuration): Record<string, string> {
  const { station, device, revision, dataType, frequency, rates, trigger, timeMultiplier, timeCode } = configuration;
  return {
    station,
    device,
    revision: String(revision),
    data: dataType,
    ...Number.isNaN(frequency) ? {} : { frequency: `${frequency} Hz` },
    rates: rates.map(({ rate, lastSample }) => rate > 0 ? `${rate} Hz to sample ${lastSample}` : "by stamps").join(
      ", ",
    ),
    trigger: `${new Date(trigger.sec * 1000).toISOString().slice(0, 19)}.${String(trigger.nsec).padStart(9, "0")}Z`,
    ...timeMultiplier === 1 ? {} : { timemult: String(timeMultiplier) },
    ...timeCode === "" ? {} : { timecode: timeCode },
  };
}
