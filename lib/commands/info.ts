/**
 * `villas-client info`: what is in files of samples.
 *
 * @module
 */

import type { RecordingReader } from "../recordings/file_format.ts";
import { describeReader } from "../recordings/info.ts";
import type { RecordingInfo, SignalFigures } from "../recordings/recording_info.ts";
import type { Timestamp } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";
import { InputError } from "../system/input_error.ts";
import { describePath } from "../system/open.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { flag } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { formatDuration } from "../timing/durations.ts";
import { commonOptions } from "./_shared/options.ts";
import {
  findRecording,
  inputFormatOption,
  rawCountsOption,
  type Recording,
  timeColumnOption,
} from "./_shared/recording.ts";
import { signalList } from "./_shared/signals.ts";

const options = {
  "input-format": inputFormatOption,
  signals: signalList({
    short: "t",
    help: "set the signal types, such as 64f2i, for formats that do not carry them",
  }),
  "time-column": timeColumnOption,
  "raw-counts": rawCountsOption,
  json: flag({ help: "print one JSON object per file" }),
  ...commonOptions,
};

/** The command `info`. */
export const infoCommand: Command<typeof options> = {
  name: "info",
  operands: "[FILE...]",
  maximumOperands: Infinity,
  description: [
    "Reads files of samples, or standard input (no file, or -), and describes them: the format, the number of samples, start, " +
    "end and rate, gaps and duplicates, and the name, unit, type and range of each signal. It takes one pass, in constant " +
    "memory.",
    "A gap is an interval that is more than half longer than the usual one, which is the median of the first 1000. The rate " +
    "is that from the first to the last timestamp. Times are those of origin, or of reception where there is no other.",
    "Records that cannot be read are reported and skipped; the exit status is 1 then.",
  ],
  examples: [
    { what: "See what a fault recorder has recorded", line: "villas-client info fault.cfg" },
    { what: "Get the rates of some recordings", line: "villas-client info --json run1.csv run2.mat" },
  ],
  options,
  async run(values, operands, session) {
    const paths = operands.length > 0 ? operands : ["-"];
    if (paths.filter((path) => path === "-").length > 1) throw new InputError("Cannot read standard input twice");
    const settings = {
      signals: values.signals,
      timeColumn: values["time-column"],
      rawCounts: values["raw-counts"],
    };
    const recordings: Recording[] = [];
    for (const path of paths) recordings.push(await findRecording(path, values["input-format"], settings));
    let status: number = exitStatus.done;
    for (const [index, recording] of recordings.entries()) {
      const description = await describe(recording, session);
      if (description === undefined) return exitStatus.failed;
      if (description.unreadable > 0) status = exitStatus.failed;
      const lines = values.json ? [toJson(description)] : toLines(description);
      if (index > 0 && !values.json) session.output.write("\n");
      for (const line of lines) session.output.write(`${line}\n`);
    }
    return status;
  },
};

/** A file and what it holds. */
interface Description {
  readonly recording: Recording;
  readonly reader: RecordingReader;
  readonly info: RecordingInfo;
  /** Number of records that could not be read. */
  readonly unreadable: number;
}

/** Reads a file; undefined if the session ended first. */
async function describe(recording: Recording, { log, ended }: Session): Promise<Description | undefined> {
  const { path, format, length } = recording;
  const unreadable = log.throttled("warning");
  let faults = 0;
  let bytes = 0;
  const reader = await format.open(path, {
    signal: ended,
    onRead: (count) => bytes += count,
    onWarning: (message) => log.warning(`${describePath(path)}: ${message}`),
    onDecodeError(error) {
      faults++;
      unreadable.log(`${describePath(path)}: ${error.message}`);
    },
  }).catch((error) => {
    const { message } = error as Error;
    throw message.includes(path) ? error : new Error(`Cannot read ${path}: ${message}`, { cause: error });
  });
  let samples = 0;
  const started = performance.now();
  using _progress = showProgress(log, () => {
    const progress = { what: `Reading ${describePath(path)}`, samples };
    return length === undefined ? progress : { ...progress, fraction: bytes / length };
  });
  const info = await describeReader(reader, (count) => samples = count);
  unreadable.flush();
  const seconds = (performance.now() - started) / 1000;
  log.debug(`Read ${bytes} bytes in ${seconds.toFixed(3)} s (${(bytes / seconds / 1e6).toFixed(0)} MB/s)`);
  return ended.aborted ? undefined : { recording, reader, info, unreadable: faults };
}

function nameOf({ signals, names }: RecordingReader, index: number): string {
  return signals?.[index]?.name ?? names?.[index] ?? `signal${index}`;
}

/** Names the types of a signal: of one type, or of several in the order of their number. */
function typesOf({ types }: SignalFigures): string {
  const found = Object.entries(types).sort(([, a], [, b]) => b - a).map(([type]) =>
    type === "invalid" ? "unset" : type
  );
  return found.join(", ");
}

function toLines({ recording, reader, info, unreadable }: Description): string[] {
  const { samples, start, end, rate, interval, gaps, times, sequence } = info;
  const rows: [string, string][] = [["format", recording.format.name]];
  for (const [name, value] of Object.entries(reader.properties ?? {})) if (value !== "") rows.push([name, value]);
  rows.push(["samples", String(samples)]);
  if (unreadable > 0) rows.push(["unreadable", String(unreadable)]);
  if (start !== undefined && end !== undefined) {
    rows.push(["start", isoTime(start)], ["end", isoTime(end)]);
    rows.push(["duration", formatSeconds(secondsBetween(end, start))]);
  }
  if (rate !== undefined) rows.push(["rate", `${Number(rate.toPrecision(7))} samples/s`]);
  if (interval !== undefined) rows.push(["interval", `${formatSeconds(interval)} usually`]);
  if (gaps.longestAt !== undefined) {
    rows.push(["gaps", `${gaps.count}, the longest ${formatSeconds(gaps.longest)} up to ${isoTime(gaps.longestAt)}`]);
  } else if (interval !== undefined) {
    rows.push(["gaps", "none"]);
  }
  const { missing, repeated, backward } = times;
  if (missing > 0) rows.push(["no timestamp", String(missing)]);
  if (repeated > 0) rows.push(["same timestamp", String(repeated)]);
  if (backward > 0) rows.push(["earlier than before", String(backward)]);
  if (sequence !== undefined) {
    const { missing, duplicate, reordered, restarts } = sequence;
    rows.push(["sequence", `missing ${missing}, duplicate ${duplicate}, reordered ${reordered}, restarts ${restarts}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = [describePath(recording.path), ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)];
  return info.signals.length === 0 ? lines : [...lines, ...toTable(reader, info.signals)];
}

function toTable(reader: RecordingReader, signals: readonly SignalFigures[]): string[] {
  const head = ["signal", "unit", "type", "minimum", "maximum", "NaN"];
  const body = signals.map((figures, index) => [
    nameOf(reader, index),
    reader.signals?.[index]?.unit ?? "",
    typesOf(figures),
    String(figures.minimum ?? ""),
    String(figures.maximum ?? ""),
    figures.nan > 0 ? String(figures.nan) : "",
  ]);
  const used = head.map((_, column) => column !== 1 && column !== 5 || body.some((row) => row[column] !== ""));
  const table = [head, ...body].map((row) => row.filter((_, column) => used[column]));
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

/** Writes a time span with all the digits that it has, from a second on. */
function formatSeconds(seconds: number): string {
  return seconds >= 1 ? `${Number(seconds.toFixed(9))} s` : formatDuration(seconds);
}

function isoTime({ sec, nsec }: Timestamp): string {
  if (sec > 8.64e12) return `${sec} s`;
  return `${new Date(sec * 1000).toISOString().slice(0, -5)}.${String(nsec).padStart(9, "0")}Z`;
}

/** Writes the description as one JSON object; what is not known is null, and integers are text where they lose digits. */
function toJson({ recording, reader, info, unreadable }: Description): string {
  const { start, end, rate, interval, gaps, times, sequence, samples } = info;
  const time = (timestamp: Timestamp | undefined) => timestamp === undefined ? null : [timestamp.sec, timestamp.nsec];
  const number = (value: number | bigint | undefined) =>
    typeof value === "bigint" ? (BigInt(Number(value)) === value ? Number(value) : String(value)) : value ?? null;
  return JSON.stringify({
    command: "info",
    file: recording.path,
    format: recording.format.name,
    properties: reader.properties ?? {},
    samples,
    unreadable,
    start: time(start),
    end: time(end),
    duration: start !== undefined && end !== undefined ? secondsBetween(end, start) : null,
    rate: rate ?? null,
    interval: interval ?? null,
    gaps: { count: gaps.count, longest: gaps.longest, at: time(gaps.longestAt) },
    times,
    sequence: sequence ?? null,
    signals: info.signals.map((figures, index) => ({
      name: nameOf(reader, index),
      unit: reader.signals?.[index]?.unit ?? null,
      types: figures.types,
      minimum: number(figures.minimum),
      maximum: number(figures.maximum),
      nan: figures.nan,
    })),
  });
}
