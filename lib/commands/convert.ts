/**
 * `villas-client convert`: files of samples from one format to another.
 *
 * @module
 */

import { describePath } from "../system/open.ts";
import { convert } from "../recordings/convert.ts";
import { readSamples } from "../recordings/files.ts";
import type { Sample } from "../samples/sample.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { createFormatOf } from "./_shared/format.ts";
import { text } from "../terminal/option.ts";
import { commonOptions, format } from "./_shared/options.ts";
import { signalList } from "./_shared/signals.ts";
import { openDestination, waitForRoom } from "./_shared/output.ts";
import { showProgress } from "../terminal/progress.ts";
import {
  defaultFileFormat,
  findRecording,
  formatOfName,
  inputFormatOption,
  isSameFile,
  type Recording,
} from "./_shared/recording.ts";
import { plural } from "./_shared/summary.ts";

const options = {
  "input-format": inputFormatOption,
  "output-format": format([], undefined, {
    short: "o",
    help: "the format of what is written",
    defaultText: `what the name of the file ends with, else ${defaultFileFormat}`,
  }),
  signals: signalList({
    short: "t",
    help:
      "what the values are, such as 64f2i (f float, i integer, b boolean, c complex), or a JSON list of objects with " +
      "name, unit and type",
  }),
  output: text("FILE", { help: "write to this file instead of standard output" }),
  ...commonOptions,
};

/** What has become of the samples so far. */
interface Tally {
  /** Samples that were read. */
  samples: number;
  /** Bytes that were read. */
  bytes: number;
  /** Records of the files that could not be read. */
  unreadable: number;
  /** Samples that the output format cannot carry. */
  unwritable: number;
}

/** The command `convert`. */
export const convertCommand: Command<typeof options> = {
  name: "convert",
  operands: "[FILE...]",
  maximumOperands: Infinity,
  description: [
    "Reads samples from files, one after the other, or from standard input (no file, or -), and writes them in another " +
    "format to standard output or a file, as they come and in constant memory.",
    "Formats are given as VILLASnode takes them: a name, or a JSON object with type and the format's options. Names of " +
    "files that end in a format's name (.csv, .json, .villas.human, .protobuf, ...) or in .pb (protobuf), .bin " +
    "(villas.binary), .jsonl (json), .txt, .log or .dat (villas.human) need none.",
    "Protocol Buffers and JSON say of which type a value is. The other text formats show it: digits alone are an integer, " +
    "an i at the end makes a complex number, and everything else is a float. The other binary formats do not: they hold " +
    "floats where --signals does not say otherwise, and raw and gtnet files cannot be read without it. (VILLASnode's " +
    "converter takes everything for 64 floats then.) --signals also gives the names for headers and for the formats " +
    "that have names.",
    "What cannot be read is reported with its line and column, or its offset, and left out; so is a sample that the output " +
    "format cannot carry. The status is 1 then, at the end.",
  ],
  examples: [
    { what: "A recording for a spreadsheet", line: "villas-client convert run1.json --output run1.csv" },
    {
      what: "What villas-convert does, in a pipe",
      line: "villas-client convert -i villas.human -o protobuf -t 3f < run1.txt > run1.pb",
    },
    {
      what: "Bare numbers become readable",
      line: `villas-client convert -i '{"type":"raw","bits":64}' -t 8f dump`,
    },
  ],
  options,
  async run(values, operands, session) {
    const started = performance.now();
    const { signals } = values;
    const paths = operands.length > 0 ? operands : ["-"];
    const recordings: Recording[] = [];
    for (const path of paths) recordings.push(await findRecording(path, values["input-format"], signals));
    const { output: target = "-" } = values;
    const name = values["output-format"] ?? formatOfName(target, "output-format");
    const format = await createFormatOf("output-format", name, signals === undefined ? {} : { signals });
    if (!format.isText && target === "-" && session.output.isTerminal) {
      throw new UsageError(`Cannot write ${format.name} to a terminal, as it is binary: give --output FILE`);
    }
    await checkOutput(target, paths);
    using destination = await openDestination(target, session);
    if (destination === undefined) return exitStatus.done;
    const { output } = destination;
    const tally: Tally = { samples: 0, bytes: 0, unreadable: 0, unwritable: 0 };
    const ended = AbortSignal.any([session.ended, output.broken]);
    const unwritable = session.log.limited("warning");
    {
      using _progress = showProgress(session.log, () => progressOf(recordings, tally));
      const pieces = convert(readAll(recordings, tally, session, ended), format, {
        bytes: true,
        report(error) {
          tally.unwritable++;
          unwritable.say(error.message);
        },
      });
      for await (const piece of pieces) {
        output.write(piece);
        if (output.isFull) await waitForRoom(output, ended);
        if (ended.aborted) break;
      }
    }
    unwritable.end();
    await destination.finish();
    return conclude(tally, format.name, target, (performance.now() - started) / 1000, session);
  },
};

/** To open a file for writing empties it: one that is read as well would be lost. */
async function checkOutput(target: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await isSameFile(path, target)) throw new UsageError(`Cannot write to ${target}: it is read, too`);
  }
}

/** The samples of all files. */
async function* readAll(
  recordings: readonly Recording[],
  tally: Tally,
  { log }: Session,
  signal: AbortSignal,
): AsyncGenerator<Sample[], void, undefined> {
  for (const { path, format } of recordings) {
    const unreadable = log.limited("warning");
    log.debug(`Reading ${describePath(path)} as ${format.name}`);
    const lists = readSamples(path, format, {
      signal,
      onRead: (bytes) => tally.bytes += bytes,
      report(error) {
        tally.unreadable++;
        unreadable.say(`${describePath(path)}: ${error.message}`);
      },
    });
    for await (const samples of lists) {
      tally.samples += samples.length;
      yield samples;
    }
    unreadable.end();
  }
}

function progressOf(recordings: readonly Recording[], { samples, bytes }: Tally) {
  const what = recordings.length === 1 ? `Converting ${describePath(recordings[0]?.path ?? "-")}` : "Converting";
  const total = recordings.reduce((sum, { length }) => sum + (length ?? NaN), 0);
  return total > 0 ? { what, samples, part: bytes / total } : { what, samples };
}

/** Says how it went; the exit status. */
function conclude(
  tally: Tally,
  format: string,
  target: string,
  seconds: number,
  { log, ended }: Session,
): number {
  const { samples, unreadable, unwritable } = tally;
  const rate = `${seconds.toFixed(1)} s (${(samples / seconds).toFixed(0)} samples/s)`;
  const line = `Wrote ${plural(samples - unwritable, "sample")} as ${format} to ${target} in ${rate}`;
  // Behind a pipe, a command that does what it should says nothing.
  if (target === "-") log.debug(line);
  else log.info(line);
  if (ended.aborted) log.debug("Ended before all was read");
  const faults = [
    ...unreadable > 0 ? [`${plural(unreadable, "record")} that could not be read`] : [],
    ...unwritable > 0 ? [`${plural(unwritable, "sample")} that ${format} cannot carry`] : [],
  ];
  if (faults.length === 0) return exitStatus.done;
  log.error(`Left out ${faults.join(", and ")}`);
  return exitStatus.failed;
}
