/**
 * `villas-client send`: a recording, or the samples of a pipe, to a VILLASnode.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { castWholeNumbers } from "../recordings/convert.ts";
import { readBatches } from "../recordings/files.ts";
import { type OpenRecording, replay, type ReplayOptions, type Timing, type TimingIssue } from "../recordings/replay.ts";
import { createSendReport, type SendOptions, type SendReport, sendSteps } from "../recordings/send.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { InputError } from "../system/input_error.ts";
import { describePath } from "../system/open.ts";
import { plural } from "../system/text.ts";
import type { Command, Session } from "../terminal/command.ts";
import type { Log, ThrottledLog } from "../terminal/log.ts";
import { choice, count, flag, type Option, positive, text, type Values } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { parseAddress } from "../transports/address.ts";
import { destinationOf, freeLocal } from "./_shared/address.ts";
import { type ConnectionSettings, openConnection, type OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { checkInterval, intervalOption, reportIntervals, type Totals } from "./_shared/intervals.ts";
import {
  commonOptions,
  connectionOptions,
  format,
  limitOptions,
  linkOptions,
  nodeOptions,
  statsOption,
} from "./_shared/options.ts";
import {
  findRecording,
  inputFormatOption,
  rawCountsOption,
  type Recording,
  textFormatsHelp,
  timeColumnOption,
} from "./_shared/recording.ts";
import { type Conclusion, runConnected } from "./_shared/run_connected.ts";
import { directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";
import { describeUnsent, readSentValues } from "./_shared/signal_checks.ts";
import { checkServedSignals } from "./_shared/synchrophasors.ts";
import { amount, describeBursts, describeDropped, describeLink, findUnroutable } from "./_shared/summary.ts";

/**
 * Number of bytes of a file to read at a time if its samples are sent at their times: reading more would delay those that
 * are due meanwhile.
 */
const timedPieceLength = 8192;

const timings: readonly Timing[] = ["original", "rate", "fast"];

const timing: Option<Timing | undefined> = {
  ...choice<Timing>("WHEN", timings, "original", {
    help: "send by the timestamps of the samples (original), at a rate (rate), or immediately (fast)",
    defaultText: "original for a file, fast for standard input, rate with --rate",
  }),
  default: undefined,
};

const loop: Option<number> = {
  ...count("N", { help: "send the file N times, or endlessly without N; timestamps and sequence numbers go on" }, 1),
  isValueOptional: true,
  parse: (given) => given === "" ? Infinity : count("N", { help: "" }, 1).parse(given),
};

const options = {
  values: text("VALUES", { help: "send these values, such as 1,2.5,7i,true,1+2j, instead of a file" }),
  "input-format": inputFormatOption,
  "time-column": timeColumnOption,
  "raw-counts": rawCountsOption,
  timing,
  rate: positive("HZ", { short: "r", help: "send this many samples per second" }),
  speed: positive("FACTOR", {
    excludes: ["rate"],
    help: "with --timing original, send so many times faster",
    defaultText: "1",
  }, 1),
  loop,
  vectorize: count("N", {
    help: "send N samples per datagram; the last one may have fewer, except over mqtt, where they are left out",
    defaultText: "1",
  }, 1),
  sequence: choice("HOW", ["renumber", "keep", "none"], "renumber", {
    help: "number the samples from 0 (renumber), as recorded (keep), or not at all (none)",
  }),
  restamp: flag({ help: "replace origin timestamps with the time of sending" }),
  format: format([], "protobuf", { short: "f", env: "VILLAS_FORMAT", help: "set the format of datagrams" }),
  ...nodeOptions,
  ...sentSignalOptions,
  local: { ...connectionOptions.local, help: "send from this address" },
  remote: { ...connectionOptions.remote, help: "send to this address" },
  batch: connectionOptions.batch,
  ...linkOptions,
  "no-batch": connectionOptions["no-batch"],
  count: limitOptions.count,
  duration: limitOptions.duration,
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
};

/** The command `send`. */
export const sendCommand: Command<typeof options> = {
  name: "send",
  operands: "[FILE]",
  maximumOperands: 1,
  description: [
    "Sends the samples of a file, or those that arrive on standard input (no file, or -), each at its time: a file as it " +
    "was recorded, and standard input immediately.",
    "VILLASnode silently drops a sample whose sequence number does not rise, and treats 0 as a restart: so samples are " +
    "numbered from 0, unless --sequence says otherwise. It terminates when it receives a value of another type than its " +
    "signal's: give --signals the types that the node has under in, and nothing else is sent. Without it, nothing but up " +
    "to 64 floats is sent, the default of a VILLASnode, and whole numbers in text count as floats. With --signals any, " +
    "the text in a file gives the types: 1.0 is a float, 1 an integer. VILLASnode accepts one sample per datagram unless " +
    "its in.vectorize says otherwise.",
    ...textFormatsHelp,
    "With the original timing, a sample is due as long after the first one as its origin timestamp says. One without a " +
    "timestamp, or with an earlier one than the sample before it, is sent immediately. A late sample does not delay those " +
    "after it; the summary counts the late ones.",
    "With --values, it sends one sample of these values, N with --count, or with --rate one after the other until " +
    "--count, --duration or an interrupt. The notation is that of echo --reply: 1, 2.5 or 1f is a float, 7i an integer, " +
    "true or false a boolean, 1+2j a complex number; with --signals, the letters may be omitted.",
    "Samples that cannot be read or sent are reported and skipped; the exit status is 1 then.",
  ],
  examples: [
    {
      what: "Replay a recording to the VILLASnode on this machine, twice as fast",
      line: "villas-client send run1.csv --speed 2",
    },
    {
      what: "Repeat it endlessly, at 100 samples per second with the current time",
      line: "villas-client send run1.csv --rate 100 --loop --restamp",
    },
    {
      what: "Send one sample of two values",
      line: "villas-client send --values 230.1,50",
    },
    {
      what: "Send what another program writes, immediately",
      line: "tail -f run1.json | villas-client send -i json --remote udp://192.0.2.7:12000",
    },
  ],
  options,
  async run(values, [path], session) {
    const { log } = session;
    checkInterval(values);
    const signals = directionsOf(values, session.nameOf);
    const destination = destinationOf(values);
    if (values.remote === undefined) checkServedSignals(destination, values.format, signals);
    const state: State = { bytes: 0, unreadable: 0, report: createSendReport() };
    const source = values.values === undefined
      ? await openFile(path ?? "-", values, signals, state, session)
      : await openConstants(values.values, path, values, signals);
    const announce = ({ remote }: OpenLink) => `Sending ${source.what} to ${remote} as ${values.format.type}`;
    const task = {
      async run(connection: Connection) {
        const { client, closed } = connection;
        const unsent = log.throttled("warning");
        const steps = replay(source.open(connection), {
          ...source.timing,
          loops: values.loop,
          signal: closed,
          onTimingIssue: (issue) => log.warning(timingMessages[issue]),
        });
        using _progress = showProgress(log, () => progressOf(source, values.loop, state, connection));
        using _intervals = reportIntervals(values.interval, log, () => totalsOf(state, connection));
        await sendSteps(client, steps, { ...sendOptions(values, connection, unsent), ...source.options }, state.report);
        unsent.flush();
      },
      conclude: (connection: Connection, seconds: number) => conclude(state, connection, seconds),
    };
    const format = destination?.transport === "c37.118" && values.rate !== undefined
      ? { data_rate: values.rate, ...values.format }
      : values.format;
    return await runConnected({ values, format, signals, isSendOnly: true }, session, announce, task, openSender);
  },
};

/** Source of the samples to send. */
interface Source {
  /** Its name for messages. */
  readonly what: string;
  /** Length of the file in bytes, if it is one. */
  readonly length: number | undefined;
  /** When to send the samples. */
  readonly timing: Partial<ReplayOptions>;
  /** Options of sending that the source decides. */
  readonly options: SendOptions;
  /** Returns what opens it, once for each loop. */
  open(connection: Connection): OpenRecording;
}

/** Prepares a file, or standard input. */
async function openFile(
  path: string,
  values: Values<typeof options>,
  signals: LinkSignals,
  state: State,
  session: Session,
): Promise<Source> {
  const timing = timingOf(values, path, session);
  const recording = await findRecording(path, values["input-format"], {
    signals: sentSignals(signals),
    timeColumn: values["time-column"],
    rawCounts: values["raw-counts"],
  });
  const { length, format } = recording;
  return {
    what: `${describePath(path)} (${format.name})`,
    length,
    timing,
    options: {},
    open(connection) {
      const open = openerOf(recording, timing.timing, state, connection, session);
      return signals.out === undefined && format.isText ? asFloats(open, session.log) : open;
    },
  };
}

/** Options that are about files. */
const fileOptions = ["input-format", "time-column", "raw-counts", "timing"] as const;

/** Prepares samples that all have the same values and the time of sending. */
async function openConstants(
  text: string,
  path: string | undefined,
  given: Values<typeof options>,
  signals: LinkSignals,
): Promise<Source> {
  if (path !== undefined) throw new InputError(`Cannot send ${describePath(path)} with --values, which replaces it`);
  const wrong = fileOptions.find((name) => given[name] !== undefined && given[name] !== false) ??
    (given.speed !== 1 ? "speed" : given.loop !== 1 ? "loop" : undefined);
  if (wrong !== undefined) throw new InputError(`Cannot use --${wrong} with --values: it is about files`);
  const { rate, count } = given;
  const values = await readSentValues(text, given.format.type, signals);
  return {
    what: text,
    length: undefined,
    timing: rate === undefined ? { timing: "fast" } : { timing: "rate", rate },
    options: { restamp: true, ...rate === undefined && { count: count ?? 1 } },
    open: () =>
      async function* () {
        for (;;) yield [{ values }];
      },
  };
}

/** Progress of reading and sending. */
interface State {
  /** Number of bytes of the file that were read, in all loops. */
  bytes: number;
  /** Number of records of the file that could not be read. */
  unreadable: number;
  /** Counts of the samples that were sent. */
  readonly report: SendReport;
}

const timingMessages: Readonly<Record<TimingIssue, string>> = {
  missing: "A sample has no timestamp: such samples are sent together with the one before",
  backward: "A timestamp is earlier than the one before it: such samples are sent immediately",
  pause: "The recording pauses for a minute or more, and so does sending (unless with --rate or --timing fast)",
  standstill: "No time passes in the recording: its loops follow each other immediately (--rate sets a pace)",
};

/** Chooses when to send; throws if the options contradict each other. */
function timingOf(
  { timing, rate, speed, loop }: Values<typeof options>,
  path: string,
  { nameOf }: Session,
): Partial<ReplayOptions> {
  if (path === "-" && loop > 1) throw new InputError("Cannot loop standard input: it can be read only once");
  if (rate !== undefined && (timing ?? "rate") !== "rate") {
    throw new InputError(`Cannot use ${nameOf("rate")} with --timing ${timing}`);
  }
  if (timing === "rate" && rate === undefined) throw new InputError("Cannot use --timing rate without --rate HZ");
  const chosen = timing ?? (rate !== undefined ? "rate" : path === "-" && speed === 1 ? "fast" : "original");
  if (speed !== 1 && chosen !== "original") throw new InputError(`Cannot use --speed with --timing ${chosen}`);
  return rate === undefined ? { timing: chosen, speed } : { timing: chosen, rate };
}

/** Connects. If another client has the default port, any other will do: VILLASnode does not answer to this one. */
async function openSender(settings: ConnectionSettings, session: Session): Promise<Connection> {
  const { values } = settings;
  try {
    return await openConnection(settings, session);
  } catch (error) {
    const remote = values.remote ?? parseAddress("udp://127.0.0.1:12000");
    const local = values.local === undefined ? freeLocal(remote) : undefined;
    if (local === undefined || !(error instanceof Deno.errors.AddrInUse)) throw error;
    const connection = await openConnection({ ...settings, values: { ...values, local, remote } }, session);
    session.log.info(`Port 12001 is in use: sending from ${connection.client.local}`);
    return connection;
  }
}

/** Returns what opens the file; its errors are reported in the first loop only. */
function openerOf(
  { path, format }: Recording,
  timing: Timing | undefined,
  state: State,
  { closed }: Connection,
  { log }: Session,
): OpenRecording {
  return async function* (loop) {
    const unreadable = log.throttled("warning");
    yield* readBatches(path, format, {
      signal: closed,
      ...timing === "fast" ? {} : { pieceLength: timedPieceLength },
      onRead: (bytes) => state.bytes += bytes,
      onWarning: (message) => loop === 0 && log.warning(`${describePath(path)}: ${message}`),
      onDecodeError(error) {
        if (loop > 0) return;
        state.unreadable++;
        unreadable.log(`${describePath(path)}: ${error.message}`);
      },
    });
    unreadable.flush();
  };
}

/**
 * Takes whole numbers in text for floats, as VILLASnode's own tools do without a list of signals: `1` in a file does not
 * promise that a node has an integer there. If a float would not hold all digits, it stays an integer.
 */
function asFloats(open: OpenRecording, log: Log): OpenRecording {
  let isLogged = false;
  return async function* (loop) {
    for await (const samples of open(loop)) {
      if (castWholeNumbers(samples) && !isLogged) {
        log.info("Sending whole numbers as floats, as VILLASnode's tools do (--signals gives other types)");
        isLogged = true;
      }
      yield samples;
    }
  };
}

function sendOptions(values: Values<typeof options>, { closed }: Connection, unsent: ThrottledLog): SendOptions {
  const { vectorize, sequence, restamp, count } = values;
  const settings: SendOptions = {
    vectorize,
    numbering: sequence,
    restamp,
    signal: closed,
    onEncodeError: (error) => unsent.log(describeUnsent(error)),
  };
  if (count !== undefined) settings.count = count;
  // VILLASnode's mqtt node makes samples of what is missing in a message.
  if (values.remote?.transport === "mqtt") settings.isExact = true;
  return settings;
}

function progressOf({ what, length }: Source, loops: number, { bytes, report }: State, { client }: Connection) {
  const progress = {
    what: `Sending ${what}`,
    samples: client.counters.sent.samples,
    note: `${report.lateCount} late`,
  };
  return length && Number.isFinite(loops) ? { ...progress, fraction: bytes / (length * loops) } : progress;
}

function totalsOf({ unreadable, report }: State, { client }: Connection): Totals {
  const { samples, undelivered } = client.counters.sent;
  return { samples, counts: { late: report.lateCount, skipped: unreadable + report.refused, undelivered } };
}

function whyUndelivered(client: Client): string {
  const remote = findUnroutable(client);
  return remote === undefined ? "while the remote was unreachable" : `because no route leads to ${remote}`;
}

/** Sums up what was sent, and what was skipped. */
function conclude({ unreadable, report }: State, { client, ending }: Connection, seconds: number): Conclusion {
  const { local, remote, format, counters: { sent } } = client;
  const { samples, refused, lateCount, maximumLateness } = report;
  const lines = [`Sent ${amount(sent)} in ${seconds.toFixed(1)} s (${(sent.samples / seconds).toFixed(1)} samples/s)`];
  if (lateCount > 0) {
    const most = (maximumLateness * 1000).toFixed(1);
    lines.push(`${lateCount} of ${plural(samples, "sample")} more than 1 ms late, at most ${most} ms`);
  }
  if (report.bursts !== undefined) lines.push(describeBursts(report.bursts));
  const { link } = client.stats();
  if (link !== undefined) lines.push(...describeLink(link));
  const skipped = [
    ...unreadable > 0 ? [`${plural(unreadable, "record")} that could not be read`] : [],
    ...refused > 0 ? [`${plural(refused, "sample")} that could not be sent`] : [],
    // Whatever ends the sending cuts off what is on its way.
    ...sent.undelivered > 0 && ending === undefined
      ? [`${plural(sent.undelivered, "datagram")} ${whyUndelivered(client)}`]
      : [],
  ];
  const dropped = link === undefined || ending !== undefined ? [] : describeDropped(link);
  return {
    lines,
    figures: {
      ...{ command: "send", local, remote, format: format.name, seconds, sent, unreadable, ...report },
      ...link && { link },
    },
    failure: skipped.length === 0 ? dropped[0] : `Skipped ${skipped.join(", and ")}`,
  };
}
