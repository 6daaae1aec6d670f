/**
 * `villas-client recv`: samples that arrive, on standard output or in a file.
 *
 * @module
 */

import type { Signal } from "../samples/signals.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import type { Command, Session } from "../terminal/command.ts";
import type { Log } from "../terminal/log.ts";
import { file, flag, type Values } from "../terminal/option.ts";
import { address } from "./_shared/address.ts";
import { isBroker } from "./_shared/broker_options.ts";
import type { OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { intervalOption } from "./_shared/intervals.ts";
import { metricsOption, serveClientMetrics } from "./_shared/metrics_option.ts";
import {
  commonOptions,
  connectionOptions,
  fileFormat,
  limitOptions,
  type NamedFormat,
  printOption,
  statsOption,
  wireFormatOption,
} from "./_shared/options.ts";
import type { RecorderSettings, SampleRecorder } from "./_shared/recorder.ts";
import type { ReferenceComparison } from "./_shared/reference.ts";
import { keepOption, rotateOption } from "./_shared/rotate_options.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf, receivedSignalOptions } from "./_shared/signals.ts";
import { createStatsReporter, type StatsReporter } from "./_shared/stats_reporter.ts";
import { pdcOptions, referenceOption, withPdcOptions } from "./_shared/synchrophasors.ts";
import { triggerOptions } from "./_shared/trigger_options.ts";
import { viewOptions, type ViewValues } from "./_shared/view_options.ts";

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
  rotate: rotateOption,
  keep: keepOption,
  ...triggerOptions,
  print: fileFormat(["none", "table"], {
    ...printOption,
    defaultText: "the one that FILE ends with (.csv, .tsv, .json, .pb, .bin, .txt, ...), else json",
  }),
  ...viewOptions,
  ...limitOptions,
  ...pdcOptions,
  reference: referenceOption,
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
    "With --trigger, only samples around events are printed or recorded: an event is the sample with which the condition " +
    "begins to hold, as with the edges of an oscilloscope; one that holds from the beginning is none. Signals compare to " +
    "numbers (>, >=, <, <=, ==, !=), complex ones by their magnitude; a signal alone holds while it is true, and SIGNAL " +
    "changes whenever its value does. new_frame, new_simulation and gap (missing sequence numbers) hold for a sample; and, " +
    "or, not and parentheses join them, and NaN tells nothing. Names come from --signals or the other end; signal0 is the " +
    "first value. An event within --post-trigger of another one prolongs its record. The time is that of the samples: of " +
    "their origin, if they have it. With --rotate, each event begins a file, with all of its --pre-trigger.",
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
      what: "Record each overvoltage in a file of its own, with the 5 s before it",
      line: "villas-client recv --trigger 'signal0 > 300' -o event-%s.csv --rotate event",
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
    const specification = await choosePrintSpecification(values);
    const loadRecording = (list = signals.in) => createRecording(values, path, specification, list, session);
    // A PMU describes its signals, which the header of a file and --select need.
    const isDescribed = (remote ?? values.local)?.transport === "c37.118" && signals.in === undefined;
    // What can be refused is refused before the socket is open. Plain JSON cannot be, and is loaded when it receives already.
    const isCheckedFirst = canBeRefused(specification, values) && !(isDescribed && values.select !== undefined);
    let recording = isCheckedFirst ? await loadRecording() : undefined;
    const settings = {
      ...{ values, operand, format: withPdcOptions(values, values.format), signals },
      ...{ isReceiveOnly: true, awaitsDatagrams: true },
    };
    const announce = (client: OpenLink) => {
      // Over a connection, the address says it all: the other end, or what to receive from a broker.
      if (remote !== undefined && client.local === remote.text) return `Receiving from ${client.local}`;
      const isLink = client.local === client.remote || isBroker(values.local);
      return `Receiving on ${client.local}${
        isLink ? "" : ` from ${remote === undefined ? "every address" : client.remote}`
      }`;
    };
    using reporter = await createStatsReporter(values, session.log);
    const comparison = await openComparison(values);
    const { rotate, keep } = values;
    if (rotate !== undefined && path === "-") throw new InputError("Cannot use --rotate with standard output");
    if (rotate?.kind === "event" && values.trigger === undefined) {
      throw new InputError("Cannot use --rotate event without --trigger, which says what an event is");
    }
    // Names that do not exist are known before anything is received, where the list is.
    if (!isDescribed) await loadTrigger(values, signals.in);
    let recorder: SampleRecorder | undefined;
    return await runConnected(settings, session, announce, {
      async run(connection) {
        const isKnown = isDescribed && await connection.client.waitForSamples();
        if (isKnown) recording = await loadRecording(connection.client.format.signals);
        recording ??= await loadRecording();
        const triggered = await loadTrigger(values, isKnown ? connection.client.format.signals : signals.in);
        // Not before: the content of the file stays there if nothing can be received.
        const onBroken = () => connection.client.close();
        using created = rotate === undefined
          ? await (await import("./_shared/recorder.ts")).Recorder.create(recording, session, onBroken)
          : await (await import("./_shared/rotation.ts")).RotatingRecorder.create(
            recording,
            { limit: rotate, keep },
            session,
            onBroken,
          );
        recorder = triggered?.(created, connection, session) ?? created;
        await receive(values, connection, { recorder, reporter, comparison }, session);
      },
      async conclude({ client }, seconds) {
        const { describeSummary, summarize } = await import("./_shared/summary.ts");
        const { written = 0, refused = 0, failure, events } = recorder ?? {};
        const name = recording?.format?.name ?? "none";
        const figures = {
          ...summarize("recv", client, seconds, reporter),
          output: { file: path, format: name, samples: written, refused, ...events !== undefined && { events } },
          ...comparison && { measurementErrors: comparison.figures },
        };
        const around = events === undefined ? "" : ` around ${plural(events, "event")}`;
        const lines = path === "-" ? [] : [
          recorder?.isOpen
            ? `Wrote ${plural(written, "sample")}${around} to ${recorder.place} as ${name}`
            : `Wrote nothing: no ${events === undefined ? "sample" : "event"} came, and ${path} is as it was`,
        ];
        const errors = comparison?.describe() ?? [];
        return { figures, lines: [...describeSummary(figures, false), ...errors, ...lines], failure };
      },
    });
  },
};

/** Opens the recording that what arrives is compared with, if there is one. */
async function openComparison({ reference }: Values<typeof options>): Promise<ReferenceComparison | undefined> {
  if (reference === undefined) return undefined;
  const { ReferenceComparison } = await import("./_shared/reference.ts");
  return await ReferenceComparison.open(reference);
}

/** Loads what records only events, if that is wanted; refuses a condition about signals that do not exist. */
async function loadTrigger({ trigger, ...values }: Values<typeof options>, signals: readonly Signal[] | undefined) {
  if (trigger === undefined) return undefined;
  const { createCondition, TriggeredRecorder } = await import("./_shared/triggered_recorder.ts");
  const { createSequenceTracker } = await import("../samples/sequence.ts");
  const condition = createCondition(trigger, signals);
  return (target: SampleRecorder, { client }: Connection, { log }: Session) => {
    const createTracker = () => client.format.createTracker?.() ?? createSequenceTracker();
    return new TriggeredRecorder(target, condition, { trigger, ...values }, createTracker, log);
  };
}

/** Returns whether the format to print in, or what is printed of it, may turn out to be impossible. */
function canBeRefused(specification: NamedFormat, values: ViewValues): boolean {
  const isPlainJson = specification.type === "json" && Object.keys(specification).length === 1;
  return !isPlainJson || Object.keys(viewOptions).some((name) => values[name as keyof ViewValues] !== undefined);
}

/**
 * Creates the settings of the recorder.
 *
 * @throws {InputError} If the options contradict each other
 */
async function createRecording(
  values: Values<typeof options>,
  path: string,
  specification: NamedFormat,
  signals: readonly Signal[] | undefined,
  { output }: Session,
): Promise<RecorderSettings> {
  const { append, "no-clobber": noClobber } = values;
  const { createView } = await import("./_shared/view.ts");
  const { format, reduce } = await createView(values, specification, signals, {
    isTerminal: path === "-" && output.isTerminal,
    hasStats: path === "-" && values.stats === "-",
    isFile: path !== "-",
  });
  let continued = format;
  if (append) {
    const { withHeaderRemoved } = await import("./_shared/headers.ts");
    const bare = withHeaderRemoved(specification);
    continued = (await createView(values, bare, signals, { isTerminal: false, isFile: true })).format;
  }
  return { path, format, continued, reduce, options: { append, noClobber } };
}

/** Chooses what to print in, if the options do not say it. */
async function choosePrintSpecification({ output, print }: Values<typeof options>): Promise<NamedFormat> {
  const isFile = output !== undefined && output !== "-";
  if (print !== undefined) {
    if (isFile && print.type === "none") {
      throw new InputError("Cannot use --output with --print none: nothing would be written");
    }
    return print;
  }
  if (!isFile) return { type: "json" };
  const { formatOfEnding } = await import("./_shared/recording.ts");
  return { type: formatOfEnding(output, "--print", "json") };
}

/** Receives until the end. */
async function receive(
  { output: path = "-", count, print, metrics }: Values<typeof options>,
  connection: Connection,
  { recorder, reporter, comparison }: {
    readonly recorder: SampleRecorder;
    readonly reporter: StatsReporter | undefined;
    readonly comparison: ReferenceComparison | undefined;
  },
  { log }: Session,
): Promise<void> {
  const { client } = connection;
  const { receiveSamples } = await import("../client/receive.ts");
  const isTerminalFree = path !== "-" || print?.type === "none";
  using _progress = isTerminalFree && log.hasStatus ? await showReceiving(connection, path, log) : undefined;
  using _intervals = reporter?.watch(client);
  await using served = await serveClientMetrics("recv", metrics, client, log);
  try {
    await receiveSamples(client, {
      ...count === undefined ? {} : { count },
      onSamples(samples, received) {
        connection.resetIdleTimer();
        recorder.record(samples);
        reporter?.record(samples, received);
        comparison?.record(samples);
        served?.record(samples, received);
      },
      // A reader or a disk that is slower than the samples slows this down, instead of filling the memory.
      onPause: comparison === undefined
        ? () => recorder.settle(connection.closed)
        : () => comparison.settle(client).then(() => recorder.settle(connection.closed)),
    });
  } finally {
    client.close();
    await recorder.finish();
  }
}

/** Shows the progress on a terminal. */
async function showReceiving({ client }: Connection, path: string, log: Log): Promise<Disposable> {
  const { showProgress } = await import("../terminal/progress.ts");
  return showProgress(log, () => {
    const { samples, missing } = client.counters.received;
    return { what: path === "-" ? "Receiving" : `Recording ${path}`, samples, note: `missing ${missing}` };
  });
}
