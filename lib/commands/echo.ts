/**
 * `villas-client echo`: the counterpart of VILLASnode's Python client.
 *
 * @module
 */

import { echo, type EchoOptions } from "../client/echo.ts";
import { describeFitting, findDefaultMismatch } from "../client/guard.ts";
import type { Value } from "../samples/sample.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { now } from "../samples/timestamp.ts";
import type { Command, Session } from "../terminal/command.ts";
import type { Log } from "../terminal/log.ts";
import { text } from "../terminal/option.ts";
import type { OpenLink } from "./_shared/connect.ts";
import { intervalOption } from "./_shared/intervals.ts";
import { metricsOption, serveClientMetrics } from "./_shared/metrics_option.ts";
import {
  busyPollOption,
  commonOptions,
  connectionOptions,
  limitOptions,
  printOption,
  statsOption,
  wireFormatOption,
} from "./_shared/options.ts";
import { waitForRoom } from "./_shared/output.ts";
import { createPrinter } from "./_shared/printer.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf } from "./_shared/signals.ts";
import { describeUnsent, readSentValues } from "./_shared/signal_checks.ts";
import { createStatsReporter, type StatsReporter } from "./_shared/stats_reporter.ts";
import { describeSummary, describeUndelivered, summarize } from "./_shared/summary.ts";
import { createView } from "./_shared/view.ts";
import { viewOptions } from "./_shared/view_options.ts";

const options = {
  ...connectionOptions,
  "busy-poll": busyPollOption,
  format: wireFormatOption,
  reply: text("VALUES", { help: "reply with these values, such as 1,2.5,7i,true,1+2j, instead of the received ones" }),
  print: printOption,
  ...viewOptions,
  ...limitOptions,
  interval: intervalOption,
  stats: statsOption,
  metrics: metricsOption,
  ...commonOptions,
};

/** The command `echo`. */
export const echoCommand: Command<typeof options> = {
  name: "echo",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Receives samples, prints each and sends it back until interrupted, then prints a summary. The defaults are those of " +
    "VILLASnode's Python client: Protocol Buffers over UDP, received on port 12001, sent to port 12000 of this machine. " +
    "VILLASnode always sends to the address in its configuration, so the local port must be the one configured there.",
    "The form of a value of --reply gives its type: 1, 2.5, 1e3, nan, inf or 1f is a float, 7i an integer, true or false " +
    "a boolean, 1+2j or 2j a complex number, 1c one without an imaginary part. With --signals, the letters may be " +
    "omitted. Sequence numbers and timestamps are those of the received sample.",
    "In JSON, a float always has a fraction or an exponent, and an integer never does; NaN and infinities, which JSON does " +
    "not have, are printed as null.",
    "Datagrams that cannot be decoded are reported, counted and skipped. Samples that VILLASnode would not survive (a " +
    "start or stop mark, a value that is not set, types other than those of --signals or --signals-out) are not sent " +
    "back. Without these options, samples go back as they came, and the first one that is not up to 64 floats is reported " +
    "with the in.signals that the node needs for it; --reply then sends nothing but up to 64 floats.",
  ],
  examples: [
    { what: "Answer the VILLASnode on this machine, as the Python client does", line: "villas-client echo" },
    { what: "Do the same over unix datagrams", line: "villas-client echo unix" },
    {
      what: "Answer ten samples of another machine with constants",
      line: "villas-client echo --remote udp://192.0.2.7:12000 --reply 230.1,7i --count 10",
    },
    {
      what: "Answer in whatever format the samples have, and print them as VILLASnode's tools do",
      line: "villas-client echo --format auto --print villas.human",
    },
    {
      what: "Answer silently for a minute and keep the figures",
      line: "villas-client echo --print none --duration 60 --stats=figures.json",
    },
  ],
  options,
  async run(values, [operand], session) {
    const { log } = session;
    const signals = directionsOf(values, session.nameOf);
    const view = await createView(values, values.print, signals.in, {
      isTerminal: session.output.isTerminal,
      hasStats: values.stats === "-",
    });
    const reply = values.reply === undefined
      ? undefined
      : await readSentValues(values.reply, values.format.type, signals);
    // The answer is the received sample, including the receive timestamp that VILLASnode itself never writes.
    const format = { ts_received: true, ...values.format };
    const printer = createPrinter(view.format, session.output, log, view.reduce);
    using reporter = await createStatsReporter(values, log);
    const announce = ({ local, remote }: OpenLink) =>
      local === remote ? `Sending back what comes over ${local}` : `Receiving on ${local}, sending back to ${remote}`;
    return await runConnected({ values, operand, format, signals, awaitsDatagrams: true }, session, announce, {
      async run(connection) {
        const { closed } = connection;
        const { client } = connection;
        await using served = await serveClientMetrics("echo", values.metrics, client, log);
        const settings = echoOptions(values.count, reply, signals, [reporter, served], {
          session,
          closed,
          onSamples(samples) {
            connection.resetIdleTimer();
            printer.print(samples);
          },
        });
        using _intervals = reporter?.watch(client);
        await echo(client, settings);
      },
      conclude({ client }, seconds) {
        printer.flushLogs();
        const figures = summarize("echo", client, seconds, reporter);
        const { noRouteTo, sent: { undelivered } } = figures;
        const failure = noRouteTo === undefined ? undefined : describeUndelivered(undelivered, noRouteTo);
        return { figures, lines: describeSummary(figures), failure };
      },
    });
  },
};

/** The surroundings of an echo. */
interface Surroundings {
  readonly session: Session;
  /** Aborted when the connection is closed. */
  readonly closed: AbortSignal;
  readonly onSamples: NonNullable<EchoOptions["onSamples"]>;
}

function echoOptions(
  count: number | undefined,
  reply: Value[] | undefined,
  signals: LinkSignals,
  measures: readonly (Pick<StatsReporter, "record"> | undefined)[],
  { session: { output, log }, closed, onSamples }: Surroundings,
): EchoOptions {
  const unsent = log.throttled("warning");
  // What goes back is what came: the node has to accept what it sends, which its default signals may not.
  let isUnguarded = reply === undefined && signals.out === undefined;
  let received = now();
  const active = measures.filter((measure) => measure !== undefined);
  return {
    ...count === undefined ? {} : { count },
    ...reply === undefined ? {} : { reply },
    onSamples(samples) {
      if (isUnguarded) isUnguarded = !samples.some(({ values }) => announceUnguarded(values, log));
      onSamples(samples);
      for (const measure of active) measure.record(samples, received);
    },
    // Without statistics, nobody needs the time.
    ...active.length === 0 ? {} : { onReceive: () => received = now() },
    // A reader that is slower than the samples slows the echo down, instead of filling the memory.
    onPause: () => output.isFull ? waitForRoom(output, closed) : undefined,
    onEncodeError: (error) => unsent.log(describeUnsent(error)),
  };
}

/** Tells what the node needs for a sample to come back, if that is not VILLASnode's default; returns whether it did. */
function announceUnguarded(values: readonly Value[], log: Log): boolean {
  if (findDefaultMismatch(values) === undefined) return false;
  const fitting = describeFitting(values);
  log.info(
    `Sending back samples that are not up to 64 floats: the node needs in.signals = "${fitting}" for them; with ` +
      `--signals ${fitting} nothing else is sent back`,
  );
  return true;
}
