/**
 * `villas-client recv`: samples that arrive, on standard output or in a file.
 *
 * @module
 */

import { receiveSamples } from "../client/receive.ts";
import { formatForPath } from "../recordings/files.ts";
import { InputError } from "../system/input_error.ts";
import type { Command, Session } from "../terminal/command.ts";
import { file, flag, type Values } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { address } from "./_shared/address.ts";
import type { Connection } from "./_shared/connect.ts";
import { withHeaderRemoved } from "./_shared/headers.ts";
import { intervalOption } from "./_shared/intervals.ts";
import { clientMetrics, DelayHistogram, metricsOption, serveMetrics } from "./_shared/metrics.ts";
import {
  commonOptions,
  connectionOptions,
  format,
  limitOptions,
  type NamedFormat,
  printOption,
  statsOption,
  wireFormatOption,
} from "./_shared/options.ts";
import { Recorder } from "./_shared/recorder.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf, receivedSignalOptions } from "./_shared/signals.ts";
import { createStatsReporter, type StatsReporter } from "./_shared/stats_reporter.ts";
import { describeSummary, plural, summarize } from "./_shared/summary.ts";
import { createView, viewOptions } from "./_shared/view.ts";

const { "signals-out": _sent, ...receivingOptions } = connectionOptions;

const options = {
  ...receivingOptions,
  "any-source": { ...receivingOptions["any-source"], needs: ["remote"] },
  remote: address({
    help: "receive from this address only",
    defaultText: "every address",
  }),
  ...receivedSignalOptions,
  format: wireFormatOption,
  output: file("FILE", {
    short: "o",
    help: "write to this file, which is overwritten when the first sample arrives; - is standard output",
  }),
  append: flag({
    needs: ["output"],
    excludes: ["no-clobber"],
    help: "write to the end of the file instead of overwriting it",
  }),
  "no-clobber": flag({ needs: ["output"], help: "fail if the file exists, instead of overwriting it" }),
  print: format(["none", "table"], undefined, {
    ...printOption,
    defaultText: "the one that FILE ends with (.csv, .tsv, .json, .pb, .bin, .txt, ...), else json",
  }),
  ...viewOptions,
  ...limitOptions,
  interval: intervalOption,
  stats: statsOption,
  metrics: metricsOption,
  ...commonOptions,
};

/** The command `recv`. */
export const recvCommand: Command<typeof options> = {
  name: "recv",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Receives samples and prints them, or records them in a file, until interrupted; then prints a summary. It never sends " +
    "anything and needs no remote: without --remote, it accepts samples from every address (losses are counted as if all " +
    "came from one sender, though). It receives on UDP port 12001 unless --local says otherwise.",
    "Samples without a receive timestamp get their time of arrival: villas.human, csv and tsv show how long they took " +
    "from their origin, by the clocks of both machines, as VILLASnode's own recordings do.",
    "--every, --max-rate and --select leave out samples and values of what is printed or recorded; the summary, --count " +
    "and --stats are about all that arrive.",
    "Datagrams that cannot be decoded are reported, counted and skipped. Samples that the output format cannot carry, such " +
    "as two values in format value, are skipped as well; the exit status is 1 then.",
    "With --format auto, the format is detected from the first datagrams: protobuf, villas.binary, villas.web, " +
    "opal.asyncip, or one of the text formats. raw and gtnet are bare numbers, which may mean anything: they are not " +
    "guessed but listed, each with what it would read, and the exit status is 1.",
  ],
  examples: [
    { what: "Print what a VILLASnode sends to this machine", line: "villas-client recv" },
    {
      what: "Record a minute of it in a file of comma-separated values",
      line: "villas-client recv -o run1.csv --duration 1m",
    },
    {
      what: "Wait at most ten seconds for one sample in any format",
      line: "villas-client recv -f auto -l 1 --timeout 10",
    },
    {
      what: "Print the samples of a multicast group as VILLASnode's tools do",
      line: "villas-client recv --multicast 224.1.2.3 -p villas.human",
    },
    {
      what: "Watch the first two values and the fifth one, five times per second",
      line: "villas-client recv --print table --select 0-1,4 --max-rate 5",
    },
    {
      what: "Watch the rate and the losses of a link, second by second",
      line: "villas-client recv --print none --interval 1s",
    },
    {
      what: "Receive bare 32-bit numbers, two floats and an integer, over unix datagrams",
      line: "villas-client recv unix -f gtnet -t 2f1i",
    },
  ],
  options,
  async run(values, [operand], session) {
    const { output: path = "-", remote } = values;
    const signals = directionsOf(values, session.nameOf);
    const specification = choosePrintSpecification(values);
    const { format: printFormat, reduce } = await createView(values, specification, signals.in, {
      isTerminal: path === "-" && session.output.isTerminal,
      hasStats: path === "-" && values.stats === "-",
    });
    const settings = {
      ...{ values, operand, format: values.format, signals },
      ...{ isReceiveOnly: true, awaitsDatagrams: true },
    };
    const announce = (client: { local: string; remote: string | undefined }) =>
      `Receiving on ${client.local} from ${remote === undefined ? "every address" : client.remote}`;
    using reporter = createStatsReporter(values, session.log);
    const { append, "no-clobber": noClobber } = values;
    const continued = append
      ? (await createView(values, withHeaderRemoved(specification), signals.in, { isTerminal: false })).format
      : printFormat;
    const recorderSettings = { path, format: printFormat, continued, reduce, options: { append, noClobber } };
    let recorder: Recorder | undefined;
    return await runConnected(settings, session, announce, {
      async run(connection) {
        // Not before: the content of the file stays there if nothing can be received.
        using created = await Recorder.create(recorderSettings, session, () => connection.client.close());
        recorder = created;
        await receive(values, connection, { recorder, reporter }, session);
      },
      conclude({ client }, seconds) {
        const { written = 0, refused = 0, failure } = recorder ?? {};
        const name = printFormat?.name ?? "none";
        const figures = {
          ...summarize("recv", client, seconds, reporter),
          output: { file: path, format: name, samples: written, refused },
        };
        const lines = path === "-" ? [] : [
          recorder?.isOpen
            ? `Wrote ${plural(written, "sample")} to ${path} as ${name}`
            : `Wrote nothing: no sample came, and ${path} is as it was`,
        ];
        return { figures, lines: [...describeSummary(figures, false), ...lines], failure };
      },
    });
  },
};

/** Chooses what to print in, if the options do not say it. */
function choosePrintSpecification({ output, print }: Values<typeof options>): NamedFormat {
  const isFile = output !== undefined && output !== "-";
  if (print !== undefined) {
    if (isFile && print.type === "none") {
      throw new InputError("Cannot use --output with --print none: nothing would be written");
    }
    return print;
  }
  if (!isFile) return { type: "json" };
  const found = formatForPath(output);
  const isUnknown = found === undefined && /\.[^./\\]+$/.test(output);
  if (isUnknown) throw new InputError(`Cannot tell the format of ${output} from its name: give --print`);
  return { type: found ?? "json" };
}

/** Receives until the end. */
async function receive(
  { output: path = "-", count, print, metrics }: Values<typeof options>,
  connection: Connection,
  { recorder, reporter }: { recorder: Recorder; reporter: StatsReporter | undefined },
  { log }: Session,
): Promise<void> {
  const { client } = connection;
  const isTerminalFree = path !== "-" || print?.type === "none";
  using _progress = isTerminalFree ? showProgress(log, () => progressOf(connection, path)) : undefined;
  using _intervals = reporter?.watch(client);
  const delays = metrics === undefined ? undefined : new DelayHistogram();
  await using _metrics = await serveMetrics(metrics, () => clientMetrics("recv", client, delays), log);
  try {
    await receiveSamples(client, {
      ...count === undefined ? {} : { count },
      onSamples(samples, received) {
        connection.resetIdleTimer();
        recorder.record(samples);
        reporter?.record(samples, received);
        delays?.record(samples, received);
      },
      // A reader or a disk that is slower than the samples slows this down, instead of filling the memory.
      onPause: () => recorder.settle(connection.closed),
    });
  } finally {
    client.close();
    await recorder.finish();
  }
}

function progressOf({ client }: Connection, path: string) {
  const { samples, missing } = client.counters.received;
  return { what: path === "-" ? "Receiving" : `Recording ${path}`, samples, note: `missing ${missing}` };
}
