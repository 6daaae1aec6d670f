/**
 * `villas-client compare`: what VILLASnode's `villas-compare` does.
 *
 * @module
 */

import { compareStreams, type CompareStreamsOptions, type Comparison } from "../recordings/compare.ts";
import type { DifferenceKind } from "../recordings/differences.ts";
import { formatForPath, readBatches } from "../recordings/files.ts";
import type { Position } from "../formats/errors.ts";
import type { Format, FormatOptions } from "../formats/format.ts";
import { createFormat } from "../formats/table.ts";
import type { Sample } from "../samples/sample.ts";
import { type Command, UsageError } from "../terminal/command.ts";
import { comparisonToJson, describeComparison } from "./_shared/comparison.ts";
import { locateSample } from "./_shared/locate.ts";
import { flag, type Option } from "../terminal/option.ts";
import { commonOptions } from "./_shared/options.ts";
import { signalList } from "./_shared/signals.ts";

/** The exit status for what files differ in first: VILLASnode's (`src/villas-compare.cpp`, `lib/sample.cpp`). */
const statuses: Readonly<Record<DifferenceKind, number>> = {
  length: 1,
  sequence: 2,
  timestamp: 3,
  values: 4,
  data: 5,
  type: 6,
};

/** The exit status where nothing was found out; VILLASnode's tools end with it when they fail. */
const trouble = 255;

/** The format of a file whose name does not tell it, as in VILLASnode. */
const defaultFormat = "villas.human";

const epsilonOption: Option<number> = {
  short: "e",
  value: "EPSILON",
  help: "how far apart floats, complex numbers and timestamps (in seconds) may be",
  defaultText: "1e-6",
  initial: 1e-6,
  parse(given) {
    const number = Number(given);
    if (given.trim() === "" || !(number >= 0)) throw new SyntaxError("expected a number, 0 or more");
    return number;
  },
};

const formatsOption: Option<readonly string[] | undefined> = {
  short: "f",
  value: "FORMAT",
  help: "format of all files, or a list with one for each: json,csv or a JSON list",
  defaultText: `what the file's name ends in; ${defaultFormat} where that says nothing`,
  initial: undefined,
  parse(given) {
    if (/^\s*\{/.test(given)) return [given];
    if (!/^\s*\[/.test(given)) return given.split(",").map((name) => name.trim());
    return (JSON.parse(given) as unknown[]).map((entry) => {
      if (typeof entry === "string") return entry;
      if (typeof entry !== "object" || entry === null) throw new SyntaxError("expected names and objects with a type");
      return JSON.stringify(entry);
    });
  },
};

// `-v` is VILLASnode's letter for another thing here.
const { short: _, ...verbose } = commonOptions.verbose;

const options = {
  epsilon: epsilonOption,
  "ignore-data": flag({ short: "v", help: "do not compare the values" }),
  "ignore-timestamps": flag({ short: "T", help: "do not compare the origin timestamps" }),
  "ignore-sequence": flag({ short: "s", help: "do not compare the sequence numbers" }),
  format: formatsOption,
  signals: signalList({
    short: "t",
    help: "what the values are, such as 64f2i, for formats that do not say",
  }),
  first: flag({ help: "end at the first difference, as VILLASnode does, instead of counting all of them" }),
  json: flag({ help: "print the result as one JSON object, also where the files are equal" }),
  ...commonOptions,
  verbose,
};

/** The command `compare`. */
export const compareCommand: Command<typeof options> = {
  name: "compare",
  operands: "FILE FILE...",
  maximumOperands: Infinity,
  troubleStatus: trouble,
  description: [
    "Compares files of samples, of any length and each in a format of its own, sample by sample with the first file. " +
    "Where they differ it prints the first difference in full, and how many samples differ in what. - is standard input.",
    "Exit status: what the first difference is in, as VILLASnode has it: 0 none, 1 length (a file ends before the " +
    "first one, or after it), 2 sequence number, 3 origin timestamp, 4 number of values, 5 a value, 6 the type of a " +
    `value. ${trouble} where that is not known: a wrong command line, a file that cannot be read, an interrupt.`,
    "Numbers are equal where they are at most EPSILON apart, complex ones by the magnitude of their difference, and " +
    "timestamps earlier or later; integers are compared exactly. NaN is equal to NaN and to nothing else. What both " +
    "samples lack is equal; a sequence number or timestamp that only one has differs (VILLASnode ends with 255 for " +
    "both). Timestamps of reception and flags are not compared.",
  ],
  examples: [
    { what: "Does the recording hold what was sent?", line: "villas-client compare sent.json received.csv" },
    { what: "Values alone, to a tenth", line: "villas-client compare -T -s -e 0.1 run1.csv run2.csv run3.csv" },
    { what: "Two formats that no name tells", line: "villas-client compare -f protobuf,json sent received" },
  ],
  options,
  async run(values, paths, { output, log, ended }) {
    const formats = await findFormats(paths, values.format, values.signals ? { signals: values.signals } : {});
    const settings: CompareStreamsOptions = {
      epsilon: values.epsilon,
      sequence: !values["ignore-sequence"],
      timestamp: !values["ignore-timestamps"],
      data: !values["ignore-data"],
      untilFirst: values.first,
      signal: ended,
    };
    const streams = paths.map((path, index) => readNamed(path, formats[index] as Format, ended));
    const comparison = await compareStreams(streams, settings);
    const { first, isComplete } = comparison;
    const files = paths.map((path, index) => ({ path, format: formats[index]?.name ?? "" }));
    const positions = await findPositions(comparison, paths, formats);
    const result = { ...comparison, files, positions, epsilon: values.epsilon };
    const status = first !== undefined ? statuses[first.kind] : isComplete ? 0 : trouble;
    if (values.json) output.write(`${comparisonToJson(result, status)}\n`);
    else for (const line of describeComparison(result)) output.write(`${line}\n`);
    const samples = comparison.streams[0]?.samples ?? 0;
    if (first === undefined && isComplete) log.info(`The ${paths.length} files are equal: ${samples} samples`);
    if (ended.aborted) log.warning(`Interrupted after ${samples} samples of ${paths[0]}`);
    return status;
  },
};

async function findFormats(
  paths: readonly string[],
  given: readonly string[] | undefined,
  defaults: FormatOptions,
): Promise<Format[]> {
  if (paths.length < 2) throw new UsageError("Cannot compare fewer than two files");
  if (paths.filter((path) => path === "-").length > 1) throw new UsageError("Cannot read standard input twice");
  if (given !== undefined && given.length > 1 && given.length !== paths.length) {
    throw new UsageError(
      `Cannot take ${given.length} formats for ${paths.length} files: expected one, or one for each`,
    );
  }
  try {
    return await Promise.all(paths.map((path, index) => {
      const specification = given === undefined || given.length > 1 ? given?.[index] : given[0];
      return createFormat(specification || formatForPath(path) || defaultFormat, defaults);
    }));
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Reads a file; errors name it. */
async function* readNamed(
  path: string,
  format: Format,
  signal: AbortSignal,
): AsyncGenerator<Sample[], void, undefined> {
  try {
    yield* readBatches(path, format, { signal });
  } catch (error) {
    const { message } = error as Error;
    throw message.includes(path) ? error : new Error(`Cannot read ${path}: ${message}`, { cause: error });
  }
}

/** Where the samples of the first difference stand. */
async function findPositions(
  { first }: Comparison,
  paths: readonly string[],
  formats: readonly Format[],
): Promise<[Position, Position]> {
  const find = async (stream: number, sample: Sample | undefined) => {
    const path = paths[stream];
    const format = formats[stream];
    const canFind = first !== undefined && sample !== undefined && path !== undefined && format !== undefined;
    return canFind ? await locateSample(path, format, first.index) : {};
  };
  return [await find(0, first?.expected), await find(first?.stream ?? 0, first?.actual)];
}
