/**
 * `villas-client echo`: what VILLASnode's Python client does.
 *
 * @module
 */

import { echo, type EchoOptions } from "../client/echo.ts";
import { parseSpecification } from "../formats/specification.ts";
import { describeFitting, findDefaultMismatch } from "../client/guard.ts";
import type { Value } from "../samples/sample.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { now } from "../samples/timestamp.ts";
import { parseValues } from "../samples/values.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { type Connection, openConnection } from "./_shared/connect.ts";
import { isFormatTold } from "./_shared/detection.ts";
import type { Log } from "../terminal/log.ts";
import { text, type Values } from "../terminal/option.ts";
import {
  commonOptions,
  connectionOptions,
  limitOptions,
  printOption,
  statsOption,
  wireFormatOption,
} from "./_shared/options.ts";
import { waitForRoom } from "./_shared/output.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { waitForRemote } from "./_shared/ready.ts";
import { checkUnsent, describeUnsent, directionsOf, sentSignals, withSignals } from "./_shared/signals.ts";
import { createMeter, type Meter } from "./_shared/statistics.ts";
import { describeSummary, summarize, writeStats } from "./_shared/summary.ts";

const options = {
  ...connectionOptions,
  format: wireFormatOption,
  reply: text("VALUES", { help: "send back these values instead of those that came, such as 1,2.5,7i,true,1+2j" }),
  print: printOption,
  ...limitOptions,
  stats: statsOption,
  ...commonOptions,
};

/** The command `echo`. */
export const echoCommand: Command<typeof options> = {
  name: "echo",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Receives samples, prints each and sends it back, until it is interrupted; then it prints a summary. The " +
    "defaults are those of VILLASnode's Python client: Protocol Buffers over UDP, received on port 12001, sent to port " +
    "12000 of this machine. VILLASnode always answers to the address in its configuration, so the local port has to be " +
    "the one that is configured there.",
    "The letter behind a value of --reply says its type: 1, 2.5, 1e3, nan, inf or 1f is a float, 7i an integer, true or " +
    "false a boolean, 1+2j or 2j a complex number, 1c one without imaginary part. With --signals the letter may be left " +
    "out. Sequence numbers and timestamps are those of the sample that came.",
    "A float in JSON always has a fraction or an exponent, an integer never; NaN and infinities, which JSON does not " +
    "have, are printed as null.",
    "What cannot be decoded is reported, counted and left out. What VILLASnode would not survive (a start or stop mark, " +
    "a value that is not set, other types than --signals or --signals-out says) is not sent back. Without these the " +
    "samples go back as they came, and the first one that is not up to 64 floats is reported with the in.signals that " +
    "the node needs for it; --reply sends nothing but up to 64 floats then.",
  ],
  examples: [
    { what: "What the Python client does: answer the VILLASnode on this machine", line: "villas-client echo" },
    { what: "The same over unix datagrams", line: "villas-client echo unix" },
    {
      what: "Answer ten samples of another machine with constants",
      line: "villas-client echo --remote udp://192.0.2.7:12000 --reply 230.1,7i --count 10",
    },
    {
      what: "Answer whatever comes in its own format, and show it as VILLASnode's tools do",
      line: "villas-client echo --format auto --print villas.human",
    },
    {
      what: "Answer quietly for a minute and keep the figures",
      line: "villas-client echo --print none --duration 60 --stats=figures.json",
    },
  ],
  options,
  async run(values, [operand], session) {
    const started = performance.now();
    const signals = directionsOf(values);
    const printFormat = await choosePrintFormat(values.print, withSignals(signals.in), {
      isTerminal: session.output.isTerminal,
      hasStats: values.stats === "-",
    });
    // What goes back is what came, with the timestamp of reception that VILLASnode itself never writes.
    const format = { ts_received: true, ...parseSpecification(values.format) };
    await using connection = await openConnection({ values, operand, format, signals }, session);
    const { client } = connection;
    const printer = createPrinter(printFormat, session.output, session.log);
    using meter = createMeter(values, session.log);
    session.log.info(`Receiving on ${client.local}, sending back to ${client.remote}`);
    await waitForRemote(connection, session.log);
    const settings = echoOptions(values, signals, connection, printer, session);
    if (meter !== undefined) measure(settings, meter);
    const isTold = await isFormatTold(echo(client, settings), session.log);
    connection.endMessages();
    printer.endMessages();
    const summary = summarize("echo", client, (performance.now() - started) / 1000, meter);
    for (const line of describeSummary(summary)) session.log.info(line);
    if (values.stats !== undefined) await writeStats(summary, values.stats, session);
    if (connection.ending === "timeout") session.log.error(`No sample came for ${values.timeout} s`);
    if (!isTold) return exitStatus.failed;
    return connection.ending === "timeout" ? exitStatus.timeout : exitStatus.done;
  },
};

function echoOptions(
  values: Values<typeof options>,
  signals: LinkSignals,
  connection: Connection,
  printer: Printer,
  { output, log }: Session,
): EchoOptions {
  const unsendable = log.limited("warning");
  // What goes back is what came: the node has to take what it sends, which its default signals may not.
  let isUnguarded = values.reply === undefined && signals.out === undefined;
  const settings: EchoOptions = {
    onSamples(samples) {
      connection.touch();
      if (isUnguarded) isUnguarded = !samples.some(({ values }) => announceUnguarded(values, log));
      printer.print(samples);
    },
    // A reader that is slower than the samples come slows the echo down, instead of filling the memory.
    onPause: () => output.isFull ? waitForRoom(output, connection.closed) : undefined,
    onUnsendable: (error) => unsendable.say(describeUnsent(error)),
  };
  if (values.count !== undefined) settings.count = values.count;
  if (values.reply !== undefined) {
    try {
      settings.reply = parseValues(values.reply, sentSignals(signals));
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
    checkUnsent(parseSpecification(values.format).type, settings.reply, signals);
  }
  return settings;
}

/** Says what the node needs for a sample to come back, where that is not VILLASnode's default; whether it said so. */
function announceUnguarded(values: readonly Value[], log: Log): boolean {
  if (findDefaultMismatch(values) === undefined) return false;
  const fitting = describeFitting(values);
  log.info(
    `Sending back samples that are not up to 64 floats: the node needs in.signals = "${fitting}" for it; with ` +
      `--signals ${fitting} nothing else is sent back`,
  );
  return true;
}

/** Measures what is received, besides. */
function measure(settings: EchoOptions, meter: Meter): void {
  const { onSamples } = settings;
  let received = now();
  settings.onReceive = () => received = now();
  settings.onSamples = (samples) => {
    onSamples?.(samples);
    meter.record(samples, received);
  };
}
