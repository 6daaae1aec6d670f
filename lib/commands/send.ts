/**
 * `villas-client send`: a recording, or the samples of a pipe, to a VILLASnode.
 *
 * @module
 */

import { replay, type TimingIssue } from "../recordings/replay.ts";
import { createSendReport, type SendOptions, sendSteps } from "../recordings/send.ts";
import type { Command, Session } from "../terminal/command.ts";
import type { ThrottledLog } from "../terminal/log.ts";
import { showProgress } from "../terminal/progress.ts";
import { parseAddress } from "../transports/address.ts";
import { destinationOf, freeLocal } from "./_shared/address.ts";
import { type ConnectionSettings, openConnection, type OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { checkInterval, reportIntervals } from "./_shared/intervals.ts";
import { textFormatsHelp } from "./_shared/recording.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { sendOptions, type SendValues } from "./_shared/send_options.ts";
import { openConstants, openFile, type SendState } from "./_shared/send_source.ts";
import { concludeSending, progressOf, totalsOf } from "./_shared/send_summary.ts";
import { describeUnsent } from "./_shared/signal_checks.ts";
import { directionsOf } from "./_shared/signals.ts";
import { checkServedSignals } from "./_shared/synchrophasors.ts";

/** The command `send`. */
export const sendCommand: Command<typeof sendOptions> = {
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
  options: sendOptions,
  async run(values, [path], session) {
    const { log } = session;
    checkInterval(values);
    const signals = directionsOf(values, session.nameOf);
    const destination = destinationOf(values);
    if (values.local !== undefined) checkServedSignals(destination, values.format, signals);
    const state: SendState = { bytes: 0, unreadable: 0, report: createSendReport() };
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
        await sendSteps(client, steps, { ...optionsOf(values, connection, unsent), ...source.options }, state.report);
        unsent.flush();
      },
      conclude: (connection: Connection, seconds: number) => concludeSending(state, connection, seconds),
    };
    const format = destination?.transport === "c37.118" && values.rate !== undefined
      ? { data_rate: values.rate, ...values.format }
      : values.format;
    return await runConnected({ values, format, signals, isSendOnly: true }, session, announce, task, openSender);
  },
};

const timingMessages: Readonly<Record<TimingIssue, string>> = {
  missing: "A sample has no timestamp: such samples are sent together with the one before",
  backward: "A timestamp is earlier than the one before it: such samples are sent immediately",
  pause: "The recording pauses for a minute or more, and so does sending (unless with --rate or --timing fast)",
  standstill: "No time passes in the recording: its loops follow each other immediately (--rate sets a pace)",
};

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

/** Returns the options of sending that the command line decides. */
function optionsOf(values: SendValues, { closed }: Connection, unsent: ThrottledLog): SendOptions {
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
