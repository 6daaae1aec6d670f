/**
 * `villas-client convert`: files of samples in another format.
 *
 * @module
 */

import { describePath } from "../system/open.ts";
import type { Format } from "../formats/format.ts";
import { convert, createValueConverter } from "../recordings/convert.ts";
import { formatForPath, readBatches } from "../recordings/files.ts";
import type { Sample } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { ChoiceError, file } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { commonOptions, createFormatOf, format } from "./_shared/options.ts";
import { failureOf, openDestination, waitForRoom, type WriteError } from "./_shared/output.ts";
import {
  defaultFileFormat,
  findRecording,
  formatOfName,
  inputFormatOption,
  type Recording,
  textFormatsHelp,
  timeColumnOption,
} from "./_shared/recording.ts";
import { signalList } from "./_shared/signals.ts";
import { plural } from "../system/text.ts";

const outputFormat = format([], undefined, {
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
  output: file("FILE", { help: "write to this file instead of standard output" }),
  ...commonOptions,
};

/** Counts of what was converted so far. */
interface ConversionCounters {
  /** Number of samples that were read. */
  samples: number;
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
    "(protobuf), .bin (villas.binary), .jsonl (json), .txt, .log or .dat (villas.human).",
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
      what: "Make a file of bare numbers readable",
      line: `villas-client convert -i '{"type":"raw","bits":64}' -t 8f dump`,
    },
  ],
  options,
  async run(values, operands, session) {
    const started = performance.now();
    const { signals } = values;
    const paths = operands.length > 0 ? operands : ["-"];
    const reading = { signals, timeColumn: values["time-column"] };
    const recordings: Recording[] = [];
    for (const path of paths) recordings.push(await findRecording(path, values["input-format"], reading));
    const { output: target = "-" } = values;
    const name = values["output-format"] ?? formatOfName(target, "output-format");
    const format = await createFormatOf("output-format", name, signals === undefined ? {} : { signals });
    if (!format.isText && target === "-" && session.output.isTerminal) {
      throw new InputError(`Cannot write ${format.name} to a terminal: it is binary; give --output FILE`);
    }
    const converters = recordings.map((recording) => converterOf(recording, format, signals));
    using destination = await openDestination(target, session, { isText: format.isText });
    if (destination === undefined) return exitStatus.done;
    const { output } = destination;
    const counters: ConversionCounters = { samples: 0, bytes: 0, unreadable: 0, unwritable: 0 };
    const ended = AbortSignal.any([session.ended, output.broken]);
    const unwritable = session.log.throttled("warning");
    {
      using _progress = showProgress(session.log, () => progressOf(recordings, counters));
      const pieces = convert(readAll(recordings, converters, counters, session, ended), format, {
        bytes: true,
        onEncodeError(error) {
          counters.unwritable++;
          unwritable.log(error.message);
        },
      });
      for await (const piece of pieces) {
        output.write(piece);
        destination.mark(counters.samples - counters.unwritable);
        if (output.isFull) await waitForRoom(output, ended);
        if (ended.aborted) break;
      }
    }
    unwritable.flush();
    const seconds = (performance.now() - started) / 1000;
    const failure = await failureOf(destination);
    return conclude(counters, { format: format.name, target, seconds, failure }, session);
  },
};

/** Changes the values of a batch of samples, where the conversion needs it. */
type ValueConverter = ReturnType<typeof createValueConverter>;

/** Creates the converter of values of a file; refuses a file whose values would change their meaning. */
function converterOf({ format }: Recording, output: Format, signals: readonly Signal[] | undefined): ValueConverter {
  try {
    return createValueConverter(format, output, signals);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const advice = "give --signals, such as 64f where all of them are floats";
    throw new InputError(`${error.message}; ${advice}`, { cause: error });
  }
}

/** Reads the samples of all files. */
async function* readAll(
  recordings: readonly Recording[],
  converters: readonly ValueConverter[],
  counters: ConversionCounters,
  { log }: Session,
  signal: AbortSignal,
): AsyncGenerator<Sample[], void, undefined> {
  for (const [index, { path, format }] of recordings.entries()) {
    const unreadable = log.throttled("warning");
    log.debug(`Reading ${describePath(path)} as ${format.name}`);
    const batches = readBatches(path, format, {
      signal,
      onRead: (bytes) => counters.bytes += bytes,
      onWarning: (message) => log.warning(`${describePath(path)}: ${message}`),
      onDecodeError(error) {
        counters.unreadable++;
        unreadable.log(`${describePath(path)}: ${error.message}`);
      },
    });
    for await (const samples of batches) {
      counters.samples += samples.length;
      yield converters[index]?.(samples) ?? samples;
    }
    unreadable.flush();
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
  const { samples, unreadable, unwritable } = counters;
  const written = failure?.samples ?? samples - unwritable;
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
