/**
 * Writes COMTRADE records: collects the samples, then chooses the factors, the rate and the unit of the stamps that keep
 * most of them.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { Sample, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { secondsBetween } from "../../samples/timestamp.ts";
import { PartFile } from "../_part_file.ts";
import { Spool } from "../_spool.ts";
import { checkColumns, signalsOfSample } from "../column_check.ts";
import type { CreateOptions, RecordingWriter } from "../file_format.ts";
import { createUniqueNames } from "../unique_names.ts";
import { missingStamp } from "./clock.ts";
import type { ComtradeDataType } from "./config.ts";
import { recordLength, valueLengths } from "./data.ts";
import { isSingleFile } from "./parts.ts";
import {
  chooseFactors,
  type Factors,
  formatConfiguration,
  type RecordSettings,
  type RecordTimes,
  storedMissing,
} from "./config_writer.ts";

const name = "comtrade";

/** The most samples: their numbers have 32 bits, and in text ten digits. */
const maximumSamples = 2 ** 32 - 1;

/** Length of the pieces to write, 128 KiB. */
const pieceLength = 131_072;

/** Creates the writer of a record. */
export async function createComtradeWriter(
  path: string,
  settings: RecordSettings,
  options: CreateOptions,
): Promise<RecordingWriter> {
  // What cannot be written is known now, and not when all samples have come.
  return new ComtradeWriter(path, await PartFile.create(path), settings, options);
}

class ComtradeWriter implements RecordingWriter {
  readonly #path: string;
  readonly #file: PartFile;
  readonly #settings: RecordSettings;
  readonly #names: readonly string[] | undefined;
  readonly #remark: string | undefined;
  #signals: readonly Signal[] | undefined;
  #spool: Spool | undefined;

  constructor(path: string, file: PartFile, settings: RecordSettings, { signals, names, remark }: CreateOptions) {
    this.#path = path;
    this.#file = file;
    this.#settings = settings;
    this.#names = names;
    this.#remark = remark;
    if (signals !== undefined) this.#signals = checkTypes(signals);
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const [first] = samples;
    if (first === undefined) return;
    this.#signals ??= checkTypes(signalsOfSample(first, this.#names));
    checkColumns(name, samples, this.#signals, refuseValue);
    const taken = samples.map((sample, index) => timed(sample, index));
    this.#spool ??= await Spool.create(this.#path, this.#signals);
    if (this.#spool.length + samples.length > maximumSamples) {
      throw new EncodeError(name, "a record holds at most 4294967295 samples", 0);
    }
    await this.#spool.append(taken);
  }

  async finish(): Promise<readonly string[]> {
    const spool = this.#spool ??= await Spool.create(this.#path, this.#signals ?? []);
    const { settings, times, factors, notes } = await this.#plan(spool);
    const configuration = formatConfiguration(settings, spool, factors, times);
    const isSingle = isSingleFile(this.#path);
    const dataPath = isSingle ? this.#path : this.#siblingPath("dat");
    const encoder = new TextEncoder();
    const records = new RecordEncoder(settings, factors, times, spool.signals);
    await using dataFile = isSingle ? undefined : await PartFile.create(dataPath);
    await this.#file.write(
      encoder.encode(isSingle ? sectionHeads(configuration, settings, spool, this.#remark) : configuration),
    );
    const target = dataFile ?? this.#file;
    for await (const samples of spool.samples()) await records.write(samples, target);
    await records.flush(target);
    if (!isSingle && this.#remark !== undefined) await this.#writeHeader(this.#remark);
    // The configuration comes last: whoever finds it finds the data, too.
    await dataFile?.finish();
    await this.#file.finish();
    return [...notes, ...records.describeErrors()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spool?.[Symbol.asyncDispose]();
    this.#spool = undefined;
    await this.#file[Symbol.asyncDispose]();
  }

  /** Writes the header file of the record, which is free text. */
  async #writeHeader(remark: string): Promise<void> {
    await using file = await PartFile.create(this.#siblingPath("hdr"));
    await file.write(new TextEncoder().encode(`${remark}\r\n`));
    await file.finish();
  }

  /** Returns the path of another file of the record: its ending is in capitals where that of the configuration is. */
  #siblingPath(ending: string): string {
    return this.#path.replace(
      /(\.[^./\\]*)?$/,
      (own) => `.${own !== "" && own === own.toUpperCase() ? ending.toUpperCase() : ending}`,
    );
  }

  async #plan(spool: Spool) {
    const { signals, figures } = spool;
    const settings = this.#settings;
    const times = await planTimes(spool, settings);
    const factors = figures.map((column) => chooseFactors(column, settings.data));
    const notes = describeLosses(spool, times, settings);
    return { settings, times, factors, notes, signals };
  }
}

function checkTypes(signals: readonly Signal[]): readonly Signal[] {
  const index = signals.findIndex(({ type }) => type === "complex");
  if (index < 0) return signals;
  throw new EncodeError(name, `signal ${index} is complex, which the format cannot carry`, 0);
}

function refuseValue(value: Value): string | undefined {
  return value === Infinity || value === -Infinity ? "is infinite, which the format cannot carry" : undefined;
}

/** Returns a sample with a time: that of its reception where it has no other. */
function timed(sample: Sample, index: number): Sample {
  const time = sample.tsOrigin ?? sample.tsReceived;
  if (time === undefined) throw new EncodeError(name, "it has no timestamp, which the format needs", index);
  return sample.tsOrigin === undefined ? { ...sample, tsOrigin: time } : sample;
}

/** Chooses a rate where the samples have one, and the unit of the stamps. */
async function planTimes(spool: Spool, { revision }: RecordSettings): Promise<RecordTimes> {
  const start = spool.first ?? { sec: 0, nsec: 0 };
  const span = spool.last === undefined ? 0 : secondsBetween(spool.last, start);
  const rate = await findRate(spool, span);
  const canCountNanoseconds = revision === 2013;
  // A stamp of nanoseconds ends after 4.29 s: they are worth it where no microsecond tells the time, and it is theirs to tell.
  const isWhole = await haveWholeMicroseconds(spool);
  if (canCountNanoseconds && !isWhole && (rate > 0 || span < 4.29)) return { start, rate, unit: 1, multiplier: 1 };
  let multiplier = 1;
  while (rate === 0 && span * 1e6 / multiplier >= missingStamp) multiplier *= 10;
  return { start: { sec: start.sec, nsec: start.nsec - start.nsec % 1000 }, rate, unit: 1000, multiplier };
}

/** Returns the sampling rate where all samples are taken at it, to the nanosecond; else 0. */
async function findRate(spool: Spool, span: number): Promise<number> {
  if (spool.length < 2 || spool.isBackward || span <= 0) return 0;
  const interval = span * 1e9 / (spool.length - 1);
  let start: bigint | undefined;
  let index = 0;
  for await (const times of spool.times("origin")) {
    start ??= times[0] ?? 0n;
    for (const time of times) {
      // 1 ns is what rounding the time of a rate such as 3840 Hz costs.
      if (Math.abs(Number(time - start) - index * interval) > 1) return 0;
      index++;
    }
  }
  // 20000 Hz, and not 20000.000000003: the span is rounded, too.
  const rate = 1e9 / interval;
  const rounded = Math.round(rate * 1000) / 1000;
  return Math.abs((spool.length - 1) / rounded - span) < 1e-9 ? rounded : rate;
}

async function haveWholeMicroseconds(spool: Spool): Promise<boolean> {
  for await (const times of spool.times("origin")) {
    for (const time of times) if (time % 1000n !== 0n) return false;
  }
  return true;
}

/** Tells what the record does not hold, besides the errors of its values. */
function describeLosses(spool: Spool, { rate, multiplier, unit }: RecordTimes, { revision }: RecordSettings): string[] {
  const notes: string[] = [];
  if (spool.isBackward) {
    notes.push("Timestamps go backward, which a record cannot show: such samples have the time of the one before");
  }
  if (rate === 0 && unit * multiplier > 1) {
    notes.push(`The times are whole multiples of ${multiplier} µs`);
  }
  if (spool.numbered > 0) notes.push("The sequence numbers are not kept: a record counts its samples from 1");
  if (spool.received > 0) notes.push("The receive timestamps are not kept: a record has no place for them");
  const firstState = spool.signals.findIndex(({ type }) => type === "boolean");
  if (firstState >= 0 && spool.signals.slice(firstState).some(({ type }) => type !== "boolean")) {
    notes.push("The signals change their order: status channels come after the analogue ones");
  }
  if (spool.signals.some(({ type }) => type === "integer")) {
    notes.push("Integers are read as floats: a record does not say which channels have them");
  }
  if (revision !== 2013) notes.push("Times are UTC, which a record of this revision cannot say");
  return notes;
}

function sectionHeads(configuration: string, { data }: RecordSettings, spool: Spool, remark = ""): string {
  const states = spool.signals.filter(({ type }) => type === "boolean").length;
  const length = data === "ascii" ? 0 : spool.length * recordLength(data, spool.signals.length - states, states);
  const dataHead = data === "ascii" ? "DAT ASCII" : `DAT BINARY: ${length}`;
  return [
    "--- file type: CFG ---",
    configuration + "--- file type: INF ---",
    "",
    "--- file type: HDR ---",
    remark,
    `--- file type: ${dataHead} ---`,
    "",
  ].join("\r\n");
}

/** Encodes the samples of a record, and follows the errors that its values have. */
class RecordEncoder {
  readonly #settings: RecordSettings;
  readonly #factors: readonly Factors[];
  readonly #times: RecordTimes;
  readonly #names: readonly string[];
  readonly #analog: readonly number[];
  readonly #states: readonly number[];
  /** The largest error of each signal. */
  readonly #errors: Float64Array;
  #piece = new Uint8Array(pieceLength);
  #used = 0;
  #text = "";
  #count = 0;
  #lastStamp = 0;

  constructor(
    settings: RecordSettings,
    factors: readonly Factors[],
    times: RecordTimes,
    signals: readonly Signal[],
  ) {
    this.#settings = settings;
    this.#factors = factors;
    this.#times = times;
    this.#names = createUniqueNames(signals.map(({ name }) => name));
    this.#analog = [...signals.keys()].filter((index) => signals[index]?.type !== "boolean");
    this.#states = [...signals.keys()].filter((index) => signals[index]?.type === "boolean");
    this.#errors = new Float64Array(signals.length);
  }

  async write(samples: readonly Sample[], file: PartFile): Promise<void> {
    const { data } = this.#settings;
    for (const sample of samples) {
      if (data === "ascii") this.#writeLine(sample);
      else await this.#writeRecord(sample, data, file);
    }
    if (this.#text === "") return;
    await file.write(new TextEncoder().encode(this.#text));
    this.#text = "";
  }

  async flush(file: PartFile): Promise<void> {
    await file.write(this.#piece.subarray(0, this.#used));
    this.#used = 0;
  }

  /** Describes the errors of the values: each signal that has one, up to eight of them. */
  describeErrors(): string[] {
    const worst = [...this.#errors.keys()].filter((index) => (this.#errors[index] ?? 0) > 0);
    if (worst.length === 0) return [];
    const shown = worst.slice(0, 8).map((index) => `${this.#names[index]} ${this.#errors[index]?.toExponential(1)}`);
    const rest = worst.length > 8 ? `, and ${worst.length - 8} more` : "";
    return [
      `Values are rounded to what ${this.#settings.data} data hold; the largest errors: ${shown.join(", ")}${rest}`,
    ];
  }

  #stored(index: number, value: Value): number {
    const { data } = this.#settings;
    const exact = typeof value === "bigint" ? Number(value) : value as number | null ?? NaN;
    if (Number.isNaN(exact)) return storedMissing(data);
    const { a, b } = this.#factors[index] ?? { a: 1, b: 0 };
    const stored = data === "float32" ? Math.fround((exact - b) / a) : Math.round((exact - b) / a);
    const restored = a * stored + b;
    const error = typeof value === "bigint"
      ? Math.abs(Number(value - BigInt(Math.round(restored))))
      : Math.abs(restored - exact);
    // One unit in the last place is what any multiplication costs.
    if (error > (this.#errors[index] ?? 0) && error > Math.abs(exact) * 2 ** -52) this.#errors[index] = error;
    return stored;
  }

  #stamp({ tsOrigin }: Sample): number {
    const { start, unit, multiplier, rate } = this.#times;
    const time = tsOrigin ?? start;
    const units = ((time.sec - start.sec) * 1e9 + (time.nsec - start.nsec)) / unit / multiplier;
    const stamp = Math.max(Math.round(units), this.#lastStamp);
    // At a rate the stamps do not count, and need not fit.
    if (rate > 0 && stamp >= missingStamp) return missingStamp;
    return this.#lastStamp = stamp;
  }

  #writeLine(sample: Sample): void {
    const { values } = sample;
    const stamp = this.#stamp(sample);
    let line = `${++this.#count},${stamp === missingStamp ? "" : stamp}`;
    const isMissing1991 = this.#settings.revision === 1991;
    for (const index of this.#analog) {
      const stored = this.#stored(index, values[index] ?? null);
      line += isMissing1991 && stored === storedMissing("ascii") ? "," : `,${stored}`;
    }
    for (const index of this.#states) line += values[index] === true ? ",1" : ",0";
    this.#text += `${line}\r\n`;
  }

  async #writeRecord(sample: Sample, data: Exclude<ComtradeDataType, "ascii">, file: PartFile): Promise<void> {
    const length = recordLength(data, this.#analog.length, this.#states.length);
    if (this.#used + length > this.#piece.length) {
      await this.flush(file);
      if (length > this.#piece.length) this.#piece = new Uint8Array(length);
    }
    const view = new DataView(this.#piece.buffer, this.#used, length);
    view.setUint32(0, ++this.#count, true);
    view.setUint32(4, this.#stamp(sample), true);
    let pos = 8;
    for (const index of this.#analog) {
      const stored = this.#stored(index, sample.values[index] ?? null);
      if (data === "binary") view.setInt16(pos, stored, true);
      else if (data === "binary32") view.setInt32(pos, stored, true);
      else view.setFloat32(pos, stored, true);
      pos += valueLengths[data];
    }
    for (let i = 0; i < this.#states.length; i += 16, pos += 2) {
      let word = 0;
      for (let bit = 0; bit < 16 && i + bit < this.#states.length; bit++) {
        if (sample.values[this.#states[i + bit] ?? 0] === true) word |= 1 << bit;
      }
      view.setUint16(pos, word, true);
    }
    this.#used += length;
  }
}
