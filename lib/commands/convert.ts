/**
 * `villas-client convert`: files of samples in another format.
 *
 * @module
 */

import { align, type Alignment, type AlignOptions } from "../recordings/alignment/align.ts";
import { castWholeNumbers, createValueConverter, untypedTextFormats } from "../recordings/convert.ts";
import { excerpt } from "../recordings/excerpt.ts";
import type { FileFormat } from "../recordings/file_format.ts";
import { formatForPath } from "../recordings/file_formats.ts";
import type { Signal } from "../samples/signals.ts";
import { InputError } from "../system/input_error.ts";
import { describePath } from "../system/open.ts";
import { plural } from "../system/text.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { ChoiceError, file } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { alignmentOptions, describeAlignment, describeUnaligned, readAlignment } from "./_shared/alignment_options.ts";
import {
  findCommonSignals,
  findJoinedSignals,
  type KnownSignals,
  readAll,
  type ReadCounters,
  Source,
} from "./_shared/conversion_sources.ts";
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
  ...alignmentOptions,
  ...excerptOptions,
  output: file("FILE", { help: "write to this file instead of standard output" }),
  ...commonOptions,
};

/** Counts of what was converted so far. */
interface ConversionCounters extends ReadCounters {
  /** Number of samples to write: those that were read, or that were made of them, and that belong to the excerpt. */
  chosen: number;
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
    "--resample and --join go by the timestamps of origin, or of reception where there are no others. Samples out of order " +
    "find their place within 64 samples; later ones, and samples without a timestamp or with that of another one, are left " +
    "out. Whole numbers in text are floats for them, unless --signals says otherwise. The samples are numbered anew: with " +
    "--resample by periods, so that missing numbers show where a gap was left. With --join, names that several files have " +
    "begin with that of the file; where a file has no values, floats are nan, and integers and booleans are unset, which " +
    "most formats cannot carry. villas.human, parquet, matlab and comtrade say in the file how it came about. --from, --to, " +
    "--every and --select are about the result.",
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
      what: "Write a recording at 50 samples per second",
      line: "villas-client convert run1.csv --resample 50Hz --output run1_50Hz.csv",
    },
    {
      what: "Write the recordings of two labs side by side",
      line: "villas-client convert aachen.csv turin.csv --join --output both.csv",
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
    const settings = { signals, timeColumn: values["time-column"], rawCounts: values["raw-counts"] };
    const recordings: Recording[] = [];
    for (const path of paths) recordings.push(await findRecording(path, values["input-format"], settings));
    const { output: target = "-" } = values;
    const name = values["output-format"] ?? formatOfName(target, "output-format");
    const aligning = readAlignment(values, paths);
    const counters: ConversionCounters = { samples: 0, chosen: 0, bytes: 0, unreadable: 0, unwritable: 0 };
    const stopped = new AbortController();
    const ended = AbortSignal.any([session.ended, stopped.signal]);
    const reading = { signal: ended, ...aligning && { pieceLength: alignedPieceLength } };
    const sources: Source[] = [];
    for (const recording of recordings) sources.push(await Source.open(recording, counters, session, reading));
    const joined = aligning?.range === undefined ? undefined : await findJoinedSignals(sources, signals);
    const known: KnownSignals = joined === undefined
      ? { ...findCommonSignals(sources), ...signals && { signals } }
      : { signals: joined.flat() };
    const part = await readExcerpt(values, known.signals, known.names);
    const chosen = { signals: selected(known.signals, part), names: selected(known.names, part) };
    const format = await createFileFormatOf(
      "output-format",
      name,
      withSignals(chosen.signals ?? columnsOf(name, chosen)),
    );
    if (!format.isText && target === "-" && session.output.isTerminal) {
      throw new InputError(`Cannot write ${format.name} to a terminal: it is binary; give --output FILE`);
    }
    for (const source of sources) source.convertValues = converterOf(source, format, { signals, aligning });
    const unwritable = session.log.throttled("warning");
    await using writer = await openFileWriter(target, format, session, {
      ...chosen,
      remark: aligning && describeAlignment(aligning, paths),
      onEncodeError(error) {
        counters.unwritable++;
        unwritable.log(error.message);
      },
    });
    if (writer === undefined) return exitStatus.done;
    writer.broken.addEventListener("abort", () => stopped.abort(), { once: true });
    if (writer.broken.aborted) stopped.abort();
    const alignment = aligning && alignSources(sources, joined, aligning, format);
    let result: FileResult;
    {
      using _progress = showProgress(session.log, () => progressOf(recordings, counters));
      const all = alignment?.batches() ?? readAll(sources);
      for await (const samples of part === undefined ? all : excerpt(all, part)) {
        counters.chosen += samples.length;
        await writer.write(samples);
        if (ended.aborted) break;
      }
      result = await writer.finish();
    }
    unwritable.flush();
    for (const line of alignment === undefined ? [] : describeUnaligned(alignment.counters)) session.log.warning(line);
    for (const note of result.notes) session.log.warning(`${target}: ${note}`);
    const isApart = aligning?.range === "inner" && alignment?.counters.samples === 0 && counters.samples > 0;
    if (isApart) {
      session.log.error("The files have no time in common, and nothing is written: --join=outer writes all of them");
      return exitStatus.failed;
    }
    const seconds = (performance.now() - started) / 1000;
    return conclude(counters, { format: format.name, target, seconds, failure: result.failure }, session);
  },
};

/** Bytes to read at a time of files that are aligned, 32 KiB: the samples of each of them wait for those of the others. */
const alignedPieceLength = 32_768;

/** Formats whose files have the names of the signals in a header, and nothing else of them. */
const headerFormats: readonly string[] = ["csv", "tsv", "villas.human"];

/** Returns signals for a header where only the names are known: of values, a header says no type. */
function columnsOf(output: string | { readonly type: string }, { names }: KnownSignals): Signal[] | undefined {
  const type = typeof output === "string" ? output : output.type;
  return headerFormats.includes(type) ? names?.map((name) => ({ name, type: "float" })) : undefined;
}

/** Aligns the files: several side by side, or one after the other at another rate. */
function alignSources(
  sources: readonly Source[],
  joined: readonly (readonly Signal[])[] | undefined,
  aligning: AlignOptions,
  { name }: FileFormat,
): Alignment {
  // In the text of these, an integer may be missing as well.
  const options = untypedTextFormats.includes(name) ? { ...aligning, fill: NaN } : aligning;
  if (joined === undefined) return align([{ batches: readAll(sources) }], options);
  return align(sources.map((source, index) => ({ batches: source.batches(), width: joined[index]?.length })), options);
}

/** Creates the converter of values of a file; refuses a file whose values would change their meaning. */
function converterOf(
  { recording, isUntyped }: Source,
  output: FileFormat,
  { signals, aligning }: {
    readonly signals: readonly Signal[] | undefined;
    readonly aligning: AlignOptions | undefined;
  },
): Source["convertValues"] {
  try {
    const convertValues = createValueConverter(recording.format, output, signals);
    const isLine = aligning?.range !== undefined || aligning?.method === "linear";
    if (!isLine || !isUntyped || signals !== undefined) return convertValues;
    return (samples) => {
      castWholeNumbers(samples);
      return convertValues(samples);
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const advice = "give --signals, such as 64f where all of them are floats";
    throw new InputError(`${error.message}; ${advice}`, { cause: error });
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
