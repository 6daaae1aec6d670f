/**
 * `villas-client recv`: what arrives, on standard output or into a file.
 *
 * @module
 */

import { formatForPath } from "../recordings/files.ts";
import { receiveSamples } from "../client/receive.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { type Connection, openConnection } from "./_shared/connect.ts";
import { isFormatTold } from "./_shared/detection.ts";
import { text, type Values } from "../terminal/option.ts";
import {
  address,
  commonOptions,
  connectionOptions,
  format,
  limitOptions,
  printOption,
  statsOption,
  wireFormatOption,
} from "./_shared/options.ts";
import { type Destination, openDestination, waitForRoom } from "./_shared/output.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { showProgress } from "../terminal/progress.ts";
import { directionsOf, receivedSignalOptions, withSignals } from "./_shared/signals.ts";
import { createMeter, type Meter } from "./_shared/statistics.ts";
import { describeSummary, summarize, type Summary, writeStats } from "./_shared/summary.ts";

const { "signals-out": _sent, ...receivingOptions } = connectionOptions;

const options = {
  ...receivingOptions,
  remote: address({ help: "receive from this address only", defaultText: "from every address" }),
  ...receivedSignalOptions,
  format: wireFormatOption,
  output: text("FILE", { short: "o", help: "write to this file, whose content is replaced; - is standard output" }),
  print: format(["none"], undefined, {
    ...printOption,
    defaultText: "what the ending of FILE means (.csv, .tsv, .json, .pb, .bin, .txt, ...), else json",
  }),
  ...limitOptions,
  stats: statsOption,
  ...commonOptions,
};

/** The command `recv`. */
export const recvCommand: Command<typeof options> = {
  name: "recv",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Receives samples and prints them, or records them in a file, until it is interrupted; then it prints a summary. It " +
    "never sends anything and needs no remote: without --remote, samples from every address are taken (losses are " +
    "counted as if they were of one sender, though). It receives on UDP port 12001 unless --local says otherwise.",
    "Each sample is given the time of its arrival, unless it has one: villas.human, csv and tsv show how long it took " +
    "from its origin, by the clocks of both machines, as VILLASnode's own recordings do.",
    "What cannot be decoded is reported, counted and left out. What FORMAT cannot carry, such as two values in format " +
    "value, is left out as well, and the status is 1 then.",
    "With --format auto, the first datagrams tell their format: protobuf, villas.binary, villas.web, opal.asyncip, or " +
    "one of the text formats. raw and gtnet are bare numbers, which may be anything: they are not guessed, but listed, " +
    "each with what it would read, and the status is 1.",
  ],
  examples: [
    { what: "Show what a VILLASnode sends to this machine", line: "villas-client recv" },
    {
      what: "Record a minute of it in a file of comma-separated values",
      line: "villas-client recv -o run1.csv --duration 1m",
    },
    {
      what: "Wait ten seconds at most for one sample in whatever format",
      line: "villas-client recv -f auto -l 1 --timeout 10",
    },
    {
      what: "Show a multicast group's samples as VILLASnode's tools do",
      line: "villas-client recv --multicast 224.1.2.3 -p villas.human",
    },
    {
      what: "Receive bare numbers, two of 32 bits and an integer, over unix datagrams",
      line: "villas-client recv unix -f gtnet -t 2f1i",
    },
  ],
  options,
  async run(values, [operand], session) {
    const started = performance.now();
    const { output: file = "-" } = values;
    const signals = directionsOf(values);
    const printFormat = await choosePrintFormat(chooseSpecification(values), withSignals(signals.in), {
      isTerminal: file === "-" && session.output.isTerminal,
      hasStats: file === "-" && values.stats === "-",
    });
    await using connection = await openConnection(
      { values, operand, format: values.format, signals, isReceiveOnly: true },
      session,
    );
    // Not before: what is in the file stays there where nothing can be received.
    using destination = await openDestination(file, session);
    if (destination === undefined) return exitStatus.done;
    const printer = createPrinter(printFormat, destination.output, session.log);
    using meter = createMeter(values, session.log);
    const isTold = await receive(values, connection, destination, { printer, meter }, session);
    const summary = {
      ...summarize("recv", connection.client, (performance.now() - started) / 1000, meter),
      output: { file, format: printFormat?.name ?? "none", samples: printer.printed, refused: printer.refused },
    };
    for (const line of describe(summary)) session.log.info(line);
    if (values.stats !== undefined) await writeStats(summary, values.stats, session);
    if (connection.ending === "timeout") session.log.error(`No sample came for ${values.timeout} s`);
    if (!isTold || printer.refused > 0) return exitStatus.failed;
    return connection.ending === "timeout" ? exitStatus.timeout : exitStatus.done;
  },
};

/** What to print in, where the options do not say it. */
function chooseSpecification({ output, print }: Values<typeof options>): string {
  if (output === "") throw new UsageError("Cannot write to a file without a name");
  const isFile = output !== undefined && output !== "-";
  if (print !== undefined) {
    if (isFile && print === "none") throw new UsageError("Cannot use --output with --print none: nothing is written");
    return print;
  }
  if (!isFile) return "json";
  const found = formatForPath(output);
  const isUnknown = found === undefined && /\.[^./\\]+$/.test(output);
  if (isUnknown) throw new UsageError(`Cannot tell from the name of ${output} what to write: give --print`);
  return found ?? "json";
}

/** Receives until the end; whether the format was told. */
async function receive(
  { output: file = "-", count, remote }: Values<typeof options>,
  connection: Connection,
  { output, finish }: Destination,
  { printer, meter }: { printer: Printer; meter: Meter | undefined },
  { log }: Session,
): Promise<boolean> {
  const { client } = connection;
  const close = () => client.close();
  // A full disk, or a reader who has gone.
  output.broken.addEventListener("abort", close, { once: true });
  log.info(`Receiving on ${client.local} from ${remote === undefined ? "every address" : client.remote}`);
  const isTerminalFree = file !== "-" || printer.format === undefined;
  using _progress = isTerminalFree ? showProgress(log, () => progressOf(connection, file)) : undefined;
  const isTold = await isFormatTold(
    receiveSamples(client, {
      ...count === undefined ? {} : { count },
      onSamples(samples, received) {
        connection.touch();
        printer.print(samples);
        meter?.record(samples, received);
      },
      // A reader or a disk that is slower than the samples come slows this down, instead of filling the memory.
      onPause: () => output.isFull ? waitForRoom(output, connection.closed) : undefined,
    }),
    log,
  );
  client.close();
  await finish();
  connection.endMessages();
  printer.endMessages();
  return isTold;
}

function progressOf({ client }: Connection, file: string) {
  const { samples, missing } = client.counters.received;
  return { what: file === "-" ? "Receiving" : `Recording ${file}`, samples, note: `missing ${missing}` };
}

function describe(summary: Summary & { output: { file: string; format: string; samples: number; refused: number } }) {
  const { file, format, samples, refused } = summary.output;
  const lines = describeSummary(summary, false);
  if (file !== "-") lines.push(`Wrote ${samples} ${samples === 1 ? "sample" : "samples"} to ${file} as ${format}`);
  if (refused > 0) lines.push(`Not written, because ${format} cannot carry it: ${refused}`);
  return lines;
}
