/**
 * `villas-client convert`: files of samples in another format.
 *
 * @module
 */

import { describePath } from "../system/open.ts";
import type { FileFormat, RecordingReader } from "../recordings/file_format.ts";
import { createValueConverter } from "../recordings/convert.ts";
import { formatForPath } from "../recordings/file_formats.ts";
import { excerpt } from "../recordings/excerpt.ts";
import type { Sample } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { ChoiceError, file } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { excerptOptions, readExcerpt, selected } from "./_shared/excerpt_options.ts";
import { type FileResult, openFileWriter } from "./_shared/file_writer.ts";
import { commonOptions, createFileFormatOf, fileFormat } from "./_shared/options.ts";
import type { WriteError } from "./_shared/output.ts";
import {
  defaultFileFormat,
  findRecording,
  formatOfName,
  inputFormatOption,
  rawCountsOption,
  type Recording,
  textFormatsHelp,
  timeColumnOption,
} from "./_shared/recording.ts";
import { signalList, withSignals } from "./_shared/signals.ts";
import { plural } from "../system/text.ts";

const outputFormat = fileFormat([], {
  short: "o",
  help: "write this format (-o as in villas-convert; --output names a file)",
  defaultText: `the one that the file's name ends with, else ${defaultFileFormat}`,
});

const outputFormatOption: typeof outputFormat = {
  ...outputFormat,
  parse(given) {
    try {
      return outputFormat.parse(given);
    } catch (error) {
      // In recv, -o is the file.
      if (!/^[^{]*[/.]/.test(given) || !(error instanceof ChoiceError) || formatForPath(given) === undefined) {
        throw error;
      }
      throw new SyntaxError(`it is a file; did you mean --output ${given}?`, { cause: error });
    }
  },
};

const options = {
  "input-format": inputFormatOption,
  "output-format": outputFormatOption,
  signals: signalList({
    short: "t",
    help:
      "set the signal types, such as 64f2i (f float, i integer, b boolean, c complex), or a JSON list of objects with name, " +
      "unit and type",
  }),
  "time-column": timeColumnOption,
  "raw-counts": rawCountsOption,
  ...excerptOptions,
  output: file("FILE", { help: "write to this file instead of standard output" }),
  ...commonOptions,
};

/** Counts of what was converted so far. */
interface ConversionCounters {
  /** Number of samples that were read, and of those that belong to the excerpt. */
  samples: number;
  chosen: number;
  /** Number of bytes that were read. */
  bytes: number;
  /** Number of records of the files that could not be read. */
  unreadable: number;
  /** Number of samples that the output format cannot carry. */
  unwritable: number;
}

/** The command `convert`. */
export const convertCommand: Command<typeof options> = {
  name: "convert",
  operands: "[FILE...]",
  maximumOperands: Infinity,
  description: [
    "Reads samples from files, one after the other, or from standard input (no file, or -), and writes them in another " +
    "format to standard output or a file, as a stream and in constant memory.",
    "A format is given as in a VILLASnode configuration: a name, or a JSON object with type and the format's options. It " +
    "may be omitted if the file's name ends in that of a format (.csv, .json, .villas.human, .protobuf, ...) or in .pb " +
    "(protobuf), .bin (villas.binary), .lp (influx), .jsonl (json), .txt, .log or .dat (villas.human).",
    ...textFormatsHelp,
    "Protocol Buffers and JSON carry the types of values. In the other text formats, digits alone are an integer, an i at " +
    "the end makes a complex number, and everything else is a float. The bits of villas.binary, villas.web, raw and " +
    "gtnet do not tell: reading them needs --signals, and without it, whole numbers in text become floats in them. " +
    "(VILLASnode's converter then assumes 64 floats.) --signals also gives the names for headers and for the formats " +
    "that have names.",
    "Records that cannot be read are reported with line and column, or offset, and skipped; so are samples that the output " +
    "format cannot carry. The exit status is 1 then.",
  ],
  examples: [
    { what: "Convert a recording for a spreadsheet", line: "villas-client convert run1.json --output run1.csv" },
    {
      what: "Convert in a pipe, as villas-convert does",
      line: "villas-client convert -i villas.human -o protobuf -t 3f < run1.txt > run1.pb",
    },
    {
      what: "Take two signals of ten seconds of a recording",
      line: "villas-client convert run1.csv --from +20 --to +30 --select 0,1 -o csv",
    },
    {
      what: "Make a file of bare numbers readable",
      line: `villas-client convert -i '{"type":"raw","bits":64}' -t 8f dump`,
    },
  ],
  options,
  async run(values, operands, session) {
    const started = performance.now();
    const { signals } = values;
    const paths = operands.length > 0 ? operands : ["-"];
    const reading = { signals, timeColumn: values["time-column"], rawCounts: values["raw-counts"] };
    const recordings: Recording[] = [];
    for (const path of paths) recordings.push(await findRecording(path, values["input-format"], reading));
    const { output: target = "-" } = values;
    const name = values["output-format"] ?? formatOfName(target, "output-format");
    const counters: ConversionCounters = { samples: 0, chosen: 0, bytes: 0, unreadable: 0, unwritable: 0 };
    const stopped = new AbortController();
    const ended = AbortSignal.any([session.ended, stopped.signal]);
    const sources: Source[] = [];
    for (const recording of recordings) sources.push(await openSource(recording, counters, session, ended));
    const allSignals = signals ?? inCommon(sources.map(({ reader }) => reader.signals));
    const allNames = inCommon(sources.map(({ reader }) => reader.names));
    const part = await readExcerpt(values, allSignals, allNames);
    const outputSignals = selected(allSignals, part);
    const format = await createFileFormatOf("output-format", name, withSignals(outputSignals));
    if (!format.isText && target === "-" && session.output.isTerminal) {
      throw new InputError(`Cannot write ${format.name} to a terminal: it is binary; give --output FILE`);
    }
    for (const source of sources) source.convertValues = converterOf(source.recording, format, signals);
    const unwritable = session.log.throttled("warning");
    await using writer = await openFileWriter(target, format, session, {
      signals: outputSignals,
      names: selected(allNames, part),
      onEncodeError(error) {
        counters.unwritable++;
        unwritable.log(error.message);
      },
    });
    if (writer === undefined) return exitStatus.done;
    writer.broken.addEventListener("abort", () => stopped.abort(), { once: true });
    if (writer.broken.aborted) stopped.abort();
    let result: FileResult;
    {
      using _progress = showProgress(session.log, () => progressOf(recordings, counters));
      const all = readAll(sources, counters);
      for await (const samples of part === undefined ? all : excerpt(all, part)) {
        counters.chosen += samples.length;
        await writer.write(samples);
        if (ended.aborted) break;
      }
      result = await writer.finish();
    }
    unwritable.flush();
    for (const note of result.notes) session.log.warning(`${target}: ${note}`);
    const seconds = (performance.now() - started) / 1000;
    return conclude(counters, { format: format.name, target, seconds, failure: result.failure }, session);
  },
};

/** Changes the values of a batch of samples, where the conversion needs it. */
type ValueConverter = ReturnType<typeof createValueConverter>;

/** Creates the converter of values of a file; refuses a file whose values would change their meaning. */
function converterOf(
  { format }: Recording,
  output: FileFormat,
  signals: readonly Signal[] | undefined,
): ValueConverter {
  try {
    return createValueConverter(format, output, signals);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const advice = "give --signals, such as 64f where all of them are floats";
    throw new InputError(`${error.message}; ${advice}`, { cause: error });
  }
}

/** A file that has been opened. */
interface Source {
  readonly recording: Recording;
  readonly reader: RecordingReader;
  /** Writes the warnings that were held back. */
  readonly flushLogs: () => void;
  /** Changes the values where the format that is written needs it. */
  convertValues: ValueConverter;
}

/** Opens a file; its samples are read later. */
async function openSource(
  recording: Recording,
  counters: ConversionCounters,
  { log }: Session,
  signal: AbortSignal,
): Promise<Source> {
  const { path, format } = recording;
  const unreadable = log.throttled("warning");
  log.debug(`Reading ${describePath(path)} as ${format.name}`);
  const reader = await format.open(path, {
    signal,
    onRead: (bytes) => counters.bytes += bytes,
    onWarning: (message) => log.warning(`${describePath(path)}: ${message}`),
    onDecodeError(error) {
      counters.unreadable++;
      unreadable.log(`${describePath(path)}: ${error.message}`);
    },
  }).catch((error) => {
    throw named(error, path);
  });
  return { recording, reader, flushLogs: () => unreadable.flush(), convertValues: (samples) => samples };
}

/** Names the file in an error that does not. */
function named(error: unknown, path: string): unknown {
  const { message } = error as Error;
  return message.includes(path) ? error : new Error(`Cannot read ${path}: ${message}`, { cause: error });
}

/** Returns the signals, or the names, that all files have; undefined if one does not have them, or they differ. */
function inCommon<T>(found: readonly (T | undefined)[]): T | undefined {
  const [first, ...others] = found;
  const text = JSON.stringify(first);
  return others.every((other) => JSON.stringify(other) === text) ? first : undefined;
}

/** Reads the samples of all files. */
async function* readAll(
  sources: readonly Source[],
  counters: ConversionCounters,
): AsyncGenerator<Sample[], void, undefined> {
  for (const { reader, convertValues, flushLogs } of sources) {
    for await (const samples of reader.batches()) {
      counters.samples += samples.length;
      yield convertValues(samples);
    }
    flushLogs();
  }
}

function progressOf(recordings: readonly Recording[], { samples, bytes }: ConversionCounters) {
  const what = recordings.length === 1 ? `Converting ${describePath(recordings[0]?.path ?? "-")}` : "Converting";
  const total = recordings.reduce((sum, { length }) => sum + (length ?? NaN), 0);
  return total > 0 ? { what, samples, fraction: bytes / total } : { what, samples };
}

/** Outcome of a conversion. */
interface ConversionResult {
  readonly format: string;
  readonly target: string;
  readonly seconds: number;
  /** Why not everything was written, if it was not. */
  readonly failure: WriteError | undefined;
}

/** Reports the result and returns the exit status. */
function conclude(
  counters: ConversionCounters,
  { format, target, seconds, failure }: ConversionResult,
  { log, ended }: Session,
): number {
  const { samples, chosen, unreadable, unwritable } = counters;
  const written = failure?.samples ?? chosen - unwritable;
  const rate = `${seconds.toFixed(1)} s (${(samples / seconds).toFixed(0)} samples/s)`;
  const line = `Wrote ${plural(written, "sample")} as ${format} to ${target} in ${rate}`;
  // In a pipe, a command that succeeds says nothing.
  if (target === "-") log.debug(line);
  else log.info(line);
  if (ended.aborted) log.debug("Interrupted before the end of the input");
  const skipped = [
    ...unreadable > 0 ? [`${plural(unreadable, "record")} that could not be read`] : [],
    ...unwritable > 0 ? [`${plural(unwritable, "sample")} that ${format} cannot carry`] : [],
  ];
  if (failure !== undefined) log.error(failure.message);
  if (skipped.length === 0) return failure === undefined ? exitStatus.done : exitStatus.failed;
  log.error(`Skipped ${skipped.join(", and ")}`);
  return exitStatus.failed;
}
