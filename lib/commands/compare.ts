/**
 * `villas-client compare`: the counterpart of VILLASnode's `villas-compare`.
 *
 * @module
 */

import { compareStreams, type CompareStreamsOptions, type Comparison } from "../recordings/compare.ts";
import { untypedTextFormats } from "../recordings/convert.ts";
import type { DifferenceKind } from "../recordings/differences.ts";
import { readBatches } from "../recordings/files.ts";
import { createFileFormat, formatForPath } from "../recordings/file_formats.ts";
import type { Position } from "../formats/errors.ts";
import type { FileFormat } from "../recordings/file_format.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { Sample } from "../samples/sample.ts";
import { InputError, readInput } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import type { Command } from "../terminal/command.ts";
import type { Log } from "../terminal/log.ts";
import { flag, numeric, type Option } from "../terminal/option.ts";
import { comparisonToJson, describeComparison } from "./_shared/comparison.ts";
import { locateSample } from "./_shared/locate.ts";
import { commonOptions, type NamedFormat } from "./_shared/options.ts";
import {
  defaultFileFormat,
  rawCountsOption,
  readingOptions,
  type RecordingSettings,
  timeColumnOption,
} from "./_shared/recording.ts";
import { signalList } from "./_shared/signals.ts";

/** Exit status by the kind of the first difference, as VILLASnode's (`src/villas-compare.cpp`, `lib/sample.cpp`). */
const statuses: Readonly<Record<DifferenceKind, number>> = {
  length: 1,
  sequence: 2,
  timestamp: 3,
  values: 4,
  data: 5,
  type: 6,
};

/** Exit status if the comparison failed, as VILLASnode's tools have it. */
const failureStatus = 255;

const epsilonOption = numeric(
  "EPSILON",
  {
    short: "e",
    help: "accept floats, complex numbers and timestamps (in seconds) that are at most so far apart",
    defaultText: "1e-6",
  },
  1e-6,
  "a number, 0 or greater",
  (number) => number >= 0,
);

/** Formats of the files, undefined for those that have none of their own. */
const formatsOption: Option<readonly (NamedFormat | undefined)[] | undefined> = {
  short: "f",
  value: "FORMAT",
  help: "set the format of all files, or a list with one for each: json,csv or a JSON list",
  defaultText: `the one that the file's name ends with, else ${defaultFileFormat}`,
  default: undefined,
  parse(given) {
    const parse = (text: string) => text === "" ? undefined : parseSpecification(text);
    if (/^\s*\{/.test(given)) return [parse(given)];
    if (!/^\s*\[/.test(given)) return given.split(",").map((name) => parse(name.trim()));
    return (JSON.parse(given) as unknown[]).map((entry) => {
      if (typeof entry === "string") return parse(entry);
      if (typeof entry !== "object" || entry === null) throw new SyntaxError("expected names and objects with a type");
      return parse(JSON.stringify(entry));
    });
  },
};

// `-v` is VILLASnode's letter for something else here.
const { short: _, ...verbose } = commonOptions.verbose;

const options = {
  epsilon: epsilonOption,
  "ignore-data": flag({ short: "v", help: "ignore the values (-v as in villas-compare)" }),
  "ignore-timestamps": flag({ short: "T", help: "ignore the origin timestamps" }),
  "ignore-sequence": flag({ short: "s", help: "ignore the sequence numbers" }),
  format: formatsOption,
  signals: signalList({
    short: "t",
    help: "set the signal types, such as 64f2i, for formats that do not carry them",
  }),
  "time-column": timeColumnOption,
  "raw-counts": rawCountsOption,
  first: flag({ help: "quit at the first difference, as VILLASnode does, instead of counting all of them" }),
  json: flag({ help: "print the result as one JSON object, even if the files are equal" }),
  ...commonOptions,
  verbose,
};

/** The command `compare`. */
export const compareCommand: Command<typeof options> = {
  name: "compare",
  operands: "FILE FILE...",
  maximumOperands: Infinity,
  failureStatus,
  description: [
    "Compares files of samples, of any length and each in its own format, sample by sample with the first file. If they " +
    "differ, it prints the first difference in full, and counts the samples that differ by kind. - is standard input.",
    "Exit status, by the kind of the first difference as in VILLASnode: 0 none, 1 length (a file ends before the first " +
    "one, or after it), 2 sequence number, 3 origin timestamp, 4 number of values, 5 a value, 6 the type of a value. " +
    `${failureStatus} if there is no result: a wrong command line, a file that cannot be read, an interrupt.`,
    "Without --signals, 1 and 1.0 are equal where one of them comes from villas.human, csv, tsv, value or iotagent_ul: their " +
    "text does not tell an integer from a float.",
    "Numbers are equal if they are at most EPSILON apart, complex ones by the magnitude of their difference, and " +
    "timestamps in either direction; integers are compared exactly. NaN is equal to NaN and to nothing else. A sequence " +
    "number or timestamp that both samples lack is equal; one that only one of them has differs (VILLASnode exits with " +
    "255 in both cases). Receive timestamps and flags are not compared.",
  ],
  examples: [
    { what: "Check that a recording holds what was sent", line: "villas-client compare sent.json received.csv" },
    {
      what: "Compare the values only, to a tenth",
      line: "villas-client compare -T -s -e 0.1 run1.csv run2.csv run3.csv",
    },
    {
      what: "Compare files in formats that their names do not tell",
      line: "villas-client compare -f protobuf,json sent received",
    },
  ],
  options,
  async run(values, paths, { output, log, ended }) {
    const reading = {
      signals: values.signals,
      timeColumn: values["time-column"],
      rawCounts: values["raw-counts"],
    };
    const formats = await findFormats(paths, values.format, reading);
    const settings: CompareStreamsOptions = {
      epsilon: values.epsilon,
      sequence: !values["ignore-sequence"],
      timestamp: !values["ignore-timestamps"],
      data: !values["ignore-data"],
      untypedStreams: values.signals !== undefined
        ? []
        : [...formats.keys()].filter((index) => untypedTextFormats.includes(formats[index]?.name ?? "")),
      untilFirst: values.first,
      signal: ended,
    };
    const streams = paths.map((path, index) => readNamed(path, formats[index] as FileFormat, log, ended));
    const comparison = await compareStreams(streams, settings);
    const { first, isComplete } = comparison;
    const files = paths.map((path, index) => ({ path, format: formats[index]?.name ?? "" }));
    const positions = await findPositions(comparison, paths, formats);
    const result = { ...comparison, files, positions, epsilon: values.epsilon };
    const status = first !== undefined ? statuses[first.kind] : isComplete ? 0 : failureStatus;
    if (values.json) output.write(`${comparisonToJson(result, status)}\n`);
    else for (const line of describeComparison(result)) output.write(`${line}\n`);
    const samples = comparison.streams[0]?.samples ?? 0;
    if (first === undefined && isComplete) {
      log.info(`The ${paths.length} files are equal: ${plural(samples, "sample")}`);
    }
    if (ended.aborted) log.warning(`Interrupted after ${plural(samples, "sample")} of ${paths[0]}`);
    return status;
  },
};

async function findFormats(
  paths: readonly string[],
  given: readonly (NamedFormat | undefined)[] | undefined,
  settings: RecordingSettings,
): Promise<FileFormat[]> {
  if (paths.length < 2) throw new InputError("FILE is missing: give two files or more");
  if (paths.filter((path) => path === "-").length > 1) throw new InputError("Cannot read standard input twice");
  if (given !== undefined && given.length > 1 && given.length !== paths.length) {
    throw new InputError(
      `Cannot use ${given.length} formats for ${paths.length} files: expected one, or one for each`,
    );
  }
  return await Promise.all(paths.map((path, index) => {
    const specification = given === undefined || given.length > 1 ? given?.[index] : given[0];
    const named = specification ?? { type: formatForPath(path) ?? defaultFileFormat };
    return readInput(() => createFileFormat(named, readingOptions(named.type, settings)));
  }));
}

/** Reads a file, and names it in errors. */
async function* readNamed(
  path: string,
  format: FileFormat,
  log: Log,
  signal: AbortSignal,
): AsyncGenerator<Sample[], void, undefined> {
  try {
    yield* readBatches(path, format, { signal, onWarning: (message) => log.warning(`${path}: ${message}`) });
  } catch (error) {
    const { message } = error as Error;
    throw message.includes(path) ? error : new Error(`Cannot read ${path}: ${message}`, { cause: error });
  }
}

/** Finds the samples of the first difference in their files. */
async function findPositions(
  { first }: Comparison,
  paths: readonly string[],
  formats: readonly FileFormat[],
): Promise<[Position, Position]> {
  const find = async (stream: number, sample: Sample | undefined) => {
    const path = paths[stream];
    const format = formats[stream];
    const canFind = first !== undefined && sample !== undefined && path !== undefined && format !== undefined;
    return canFind ? await locateSample(path, format, first.index) : {};
  };
  return [await find(0, first?.expected), await find(first?.stream ?? 0, first?.actual)];
}
