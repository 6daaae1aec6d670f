/**
 * `villas-client send`: a recording, or what comes through a pipe, to a VILLASnode.
 *
 * @module
 */

import { describePath } from "../system/open.ts";
import { castWholeNumbers } from "../recordings/convert.ts";
import { readBatches } from "../recordings/files.ts";
import { type OpenRecording, replay, type ReplayOptions, type Timing, type TimingIssue } from "../recordings/replay.ts";
import { createSendReport, type SendOptions, type SendReport, sendSteps } from "../recordings/send.ts";
import { transportForAddress } from "../transports/address.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { type Connection, type ConnectionSettings, openConnection } from "./_shared/connect.ts";
import type { LimitedLog, Log } from "../terminal/log.ts";
import { choice, count, flag, type Option, positive, type Values } from "../terminal/option.ts";
import { commonOptions, connectionOptions, format, limitOptions, nodeOptions, statsOption } from "./_shared/options.ts";
import { showProgress } from "../terminal/progress.ts";
import { waitForRemote } from "./_shared/ready.ts";
import { findRecording, inputFormatOption, type Recording } from "./_shared/recording.ts";
import { describeUnsent, directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";
import { plural } from "../system/text.ts";
import { amount, writeStats } from "./_shared/summary.ts";

/**
 * How many bytes of a file to read at a time where samples have their times: no sample shall be late because others are
 * being read.
 */
const timedPieceLength = 8192;

const timings: readonly Timing[] = ["original", "rate", "fast"];

const timing: Option<Timing | undefined> = {
  ...choice<Timing>("WHEN", timings, "original", {
    help: "send by the timestamps of the samples (original), at a rate (rate), or as fast as they come (fast)",
    defaultText: "original for a file, fast for standard input, rate with --rate",
  }),
  initial: undefined,
};

const rate: Option<number | undefined> = {
  ...positive("HZ", { short: "r", help: "send this many samples a second" }, 1),
  initial: undefined,
};

const loop: Option<number> = {
  value: "N",
  isValueOptional: true,
  help: "send the file N times, or again and again; timestamps and sequence numbers go on",
  initial: 1,
  parse: (given) => given === "" ? Infinity : count("N", { help: "" }, 1).parse(given),
};

const options = {
  "input-format": inputFormatOption,
  timing,
  rate,
  speed: positive("FACTOR", { help: "with --timing original: how much faster than recorded", defaultText: "1" }, 1),
  loop,
  vectorize: count("N", { help: "samples a datagram; the last one may have fewer", defaultText: "1" }, 1),
  sequence: choice("HOW", ["renumber", "keep", "none"], "renumber", {
    help: "sequence numbers: from 0 on (renumber), as recorded (keep), or none (none)",
  }),
  restamp: flag({ help: "replace the origin timestamps by the time of sending" }),
  format: format([], "protobuf", { short: "f", env: "VILLAS_FORMAT", help: "the format of the datagrams" }),
  ...nodeOptions,
  ...sentSignalOptions,
  local: { ...connectionOptions.local, help: "where to send from" },
  remote: { ...connectionOptions.remote, help: "where to send to" },
  batch: connectionOptions.batch,
  count: limitOptions.count,
  duration: limitOptions.duration,
  stats: statsOption,
  ...commonOptions,
};

/** The command `send`. */
export const sendCommand: Command<typeof options> = {
  name: "send",
  operands: "[FILE]",
  maximumOperands: 1,
  description: [
    "Sends the samples of a file, or those that come through standard input (no file, or -), each when its time has come. " +
    "A file is sent as it was recorded; what comes through a pipe is sent as it comes.",
    "VILLASnode drops without a word a sample whose sequence number does not rise, and takes a 0 for a new beginning: so " +
    "the samples are numbered from 0 on, unless --sequence says otherwise. It ends when it receives a value of another " +
    "type than its signal's: give --signals the types that the node has under in, and nothing else is sent. Without it " +
    "nothing but up to 64 floats is, which a VILLASnode takes whose configuration says nothing, and whole numbers in " +
    "text count as floats. With --signals any the texts in a file show their types: 1.0 is a float, 1 an integer. " +
    "VILLASnode takes one sample a datagram unless its in.vectorize says otherwise.",
    "By the original timing a sample is due as long after the first one as its origin timestamp says. One without a " +
    "timestamp, or with an earlier one than the sample before it, is sent at once. What is late does not delay what " +
    "follows; the summary says how much was late.",
    "What cannot be read, and what cannot be sent, is reported and left out. The status is 1 then, at the end.",
  ],
  examples: [
    {
      what: "Replay a recording to the VILLASnode on this machine, twice as fast",
      line: "villas-client send run1.csv --speed 2",
    },
    {
      what: "The same again and again, 100 samples a second with the time of now",
      line: "villas-client send run1.csv --rate 100 --loop --restamp",
    },
    {
      what: "What another program writes, as it comes",
      line: "tail -f run1.json | villas-client send -i json --remote udp://192.0.2.7:12000",
    },
  ],
  options,
  async run(values, [path = "-"], session) {
    const { stats } = values;
    const timing = timingOf(values, path);
    const signals = directionsOf(values);
    const recording = await findRecording(path, values["input-format"], sentSignals(signals));
    await using connection = await openSender({
      values: { ...values, timeout: undefined, "any-source": false, multicast: undefined, interface: undefined },
      operand: undefined,
      format: values.format,
      signals,
    }, session);
    const { client, closed } = connection;
    const { format } = client;
    const started = performance.now();
    session.log.info(`Sending ${describePath(path)} (${recording.format.name}) to ${client.remote} as ${format.name}`);
    await waitForRemote(connection, session.log);
    const state = { bytes: 0, unreadable: 0, report: createSendReport() };
    const refusals = session.log.limited("warning");
    const open = openerOf(recording, timing.timing, state, connection, session);
    const steps = replay(signals.out === undefined && recording.format.isText ? asFloats(open, session.log) : open, {
      ...timing,
      loops: values.loop,
      signal: closed,
      onTimingIssue: (issue) => session.log.warning(issueTexts[issue]),
    });
    {
      using _progress = showProgress(session.log, () => progressOf(recording, values.loop, state, connection));
      await sendSteps(client, steps, sendOptions(values, connection, refusals), state.report);
    }
    refusals.end();
    connection.endMessages();
    const seconds = (performance.now() - started) / 1000;
    const { unreadable, report } = state;
    const { sent } = client.counters;
    const summary = {
      command: "send",
      local: client.local,
      remote: client.remote,
      format: format.name,
      seconds,
      sent,
      unreadable,
      ...report,
    };
    if (stats !== undefined) await writeStats(summary, stats, session);
    return conclude(state, connection, seconds, session);
  },
};

/** What has been read and sent so far. */
interface State {
  /** Bytes of the file that were read, in all loops. */
  bytes: number;
  /** Records of the file that could not be read. */
  unreadable: number;
  /** Samples that were sent. */
  readonly report: SendReport;
}

const issueTexts: Readonly<Record<TimingIssue, string>> = {
  missing: "A sample has no timestamp: such ones are sent together with the one before",
  backward: "A timestamp is earlier than the one before it: such samples are sent at once",
  pause: "The recording pauses for a minute or more, and so does the sending (--rate and --timing fast do not)",
  standstill: "No time passes in the recording: its loops follow each other at once (--rate gives them a pace)",
};

/** When to send; throws where the options contradict each other. */
function timingOf({ timing, rate, speed, loop }: Values<typeof options>, path: string): Partial<ReplayOptions> {
  if (path === "-" && loop > 1) throw new UsageError("Cannot loop standard input: it can be read once only");
  if (rate !== undefined && (timing ?? "rate") !== "rate") {
    throw new UsageError(`Cannot use --rate with --timing ${timing}`);
  }
  if (timing === "rate" && rate === undefined) throw new UsageError("Cannot use --timing rate without --rate HZ");
  const chosen = timing ?? (rate !== undefined ? "rate" : path === "-" && speed === 1 ? "fast" : "original");
  if (speed !== 1 && chosen !== "original") throw new UsageError(`Cannot use --speed with --timing ${chosen}`);
  return rate === undefined ? { timing: chosen, speed } : { timing: chosen, rate };
}

/** Connects. Where another client has the default port, any other will do: VILLASnode does not answer to this one. */
async function openSender(settings: ConnectionSettings, session: Session): Promise<Connection> {
  const { values } = settings;
  try {
    return await openConnection(settings, session);
  } catch (error) {
    const { local, remote = "udp://127.0.0.1:12000" } = values;
    const isReplaceable = local === undefined && transportForAddress(remote) === "udp";
    if (!isReplaceable || !(error instanceof Deno.errors.AddrInUse)) throw error;
    const free = remote.includes("[") ? "udp://[::]:0" : "udp://0.0.0.0:0";
    const connection = await openConnection({ ...settings, values: { ...values, local: free, remote } }, session);
    session.log.info(`Port 12001 is in use: sending from ${connection.client.local}`);
    return connection;
  }
}

/** What opens the file; its faults are those of the first reading. */
function openerOf(
  { path, format }: Recording,
  timing: Timing | undefined,
  state: State,
  { closed }: Connection,
  { log }: Session,
): OpenRecording {
  return async function* (loop) {
    const unreadable = log.limited("warning");
    yield* readBatches(path, format, {
      signal: closed,
      ...timing === "fast" ? {} : { pieceLength: timedPieceLength },
      onRead: (bytes) => state.bytes += bytes,
      onDecodeError(error) {
        if (loop > 0) return;
        state.unreadable++;
        unreadable.say(`${describePath(path)}: ${error.message}`);
      },
    });
    unreadable.end();
  };
}

/**
 * Takes whole numbers in text for floats, as VILLASnode's own tools do without a list of signals: `1` in a file is no
 * promise that a node has an integer there. Where a float would not hold all digits, it stays an integer.
 */
function asFloats(open: OpenRecording, log: Log): OpenRecording {
  let isTold = false;
  return async function* (loop) {
    for await (const samples of open(loop)) {
      if (castWholeNumbers(samples) && !isTold) {
        log.info("Sending whole numbers as floats, as VILLASnode's tools do (--signals gives other types)");
        isTold = true;
      }
      yield samples;
    }
  };
}

function sendOptions(values: Values<typeof options>, { closed }: Connection, refusals: LimitedLog): SendOptions {
  const { vectorize, sequence, restamp, count } = values;
  const settings: SendOptions = {
    vectorize,
    numbering: sequence,
    restamp,
    signal: closed,
    onEncodeError: (error) => refusals.say(describeUnsent(error)),
  };
  if (count !== undefined) settings.count = count;
  return settings;
}

function progressOf({ path, length }: Recording, loops: number, { bytes, report }: State, { client }: Connection) {
  const progress = {
    what: `Sending ${describePath(path)}`,
    samples: client.counters.sent.samples,
    note: `${report.lateCount} late`,
  };
  return length && Number.isFinite(loops) ? { ...progress, part: bytes / (length * loops) } : progress;
}

/** Says how it went; the exit status. */
function conclude(
  { unreadable, report }: State,
  { client, ending }: Connection,
  seconds: number,
  { log }: Session,
): number {
  const { sent } = client.counters;
  const { samples, refused, lateCount, maximumLateness } = report;
  log.info(`Sent ${amount(sent)} in ${seconds.toFixed(1)} s (${(sent.samples / seconds).toFixed(1)} samples/s)`);
  if (lateCount > 0) {
    const most = (maximumLateness * 1000).toFixed(1);
    log.info(`More than 1 ms late were ${lateCount} of ${plural(samples, "sample")}, the latest one ${most} ms`);
  }
  const faults = [
    ...unreadable > 0 ? [`${plural(unreadable, "record")} that could not be read`] : [],
    ...refused > 0 ? [`${plural(refused, "sample")} that could not be sent`] : [],
    // Whatever ends the sending cuts off what is on its way.
    ...sent.undelivered > 0 && ending === undefined
      ? [`${plural(sent.undelivered, "datagram")} for which the remote was not there`]
      : [],
  ];
  if (faults.length === 0) return exitStatus.done;
  log.error(`Left out ${faults.join(", and ")}`);
  return exitStatus.failed;
}
