/**
 * `villas-client pipe`: samples in on standard input, out on standard output, as VILLASnode's `villas-pipe` does it.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { ClosedError } from "../client/errors.ts";
import { receiveSamples } from "../client/receive.ts";
import { EncodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import { castWholeNumbers } from "../recordings/convert.ts";
import { readBatches } from "../recordings/files.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { Sample } from "../samples/sample.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import type { Command, Session } from "../terminal/command.ts";
import { count, flag, type Values } from "../terminal/option.ts";
import { isConnecting, parseAddress } from "../transports/address.ts";
import { defaultRemoteFor } from "../transports/table.ts";
import { reachableAddress } from "./_shared/address.ts";
import { type LinkValues, type OpenLink, parseTransportName } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { isBroker } from "./_shared/broker_options.ts";
import { intervalOption } from "./_shared/intervals.ts";
import {
  commonOptions,
  connectionOptions,
  createFormatOf,
  format,
  limitOptions,
  statsOption,
} from "./_shared/options.ts";
import { waitForRoom } from "./_shared/output.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { defaultFileFormat } from "./_shared/recording.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf, sentSignals, withSignals } from "./_shared/signals.ts";
import { describeUnsent } from "./_shared/signal_checks.ts";
import { createStatsReporter, type StatsReporter } from "./_shared/stats_reporter.ts";
import { describeSummary, summarize } from "./_shared/summary.ts";

const options = {
  "io-format": format([], defaultFileFormat, {
    short: "f",
    help: "set the format of standard input and output (-f as in villas-pipe)",
  }),
  ...connectionOptions,
  format: format(["auto"], "protobuf", {
    env: "VILLAS_FORMAT",
    help: "set the format of datagrams, or auto to detect it from the first ones (it is protobuf to send until then)",
  }),
  vectorize: count("N", { help: "send up to N samples that come together in one datagram", defaultText: "1" }, 1),
  swap: flag({
    short: "x",
    help: "take the node's end of the link: exchange the addresses, and the signals of the two directions (-x as in " +
      "villas-pipe)",
  }),
  "send-only": flag({ short: "s", help: "send standard input, and receive nothing (-s as in villas-pipe)" }),
  "receive-only": flag({ short: "r", help: "receive, and do not read standard input (-r as in villas-pipe)" }),
  "send-count": count("N", { short: "L", help: "stop sending after this many samples (-L as in villas-pipe)" }),
  count: count("N", {
    short: "l",
    help: "quit after this many received samples, and not at the end of standard input",
  }),
  duration: { ...limitOptions.duration, short: "T", help: "quit after this time (-T as in villas-pipe)" },
  timeout: limitOptions.timeout,
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
};

/** The command `pipe`. */
export const pipeCommand: Command<typeof options> = {
  name: "pipe",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Connects a program that reads and writes lines, in Python or MATLAB say, with a VILLASnode, over one port: samples " +
    "that arrive go to standard output, samples on standard input to the node. Both are passed on at once, so that a " +
    "controller can answer each sample; it has to flush its lines, too.",
    "The letters are those of VILLASnode's villas-pipe. -f is the format of the lines, and --format that of the " +
    "datagrams. In villas.human, the first line are the names of the values, behind a #. The line of an answer may begin " +
    "with the time and number of the sample that it answers, as they came. Samples without a sequence number are numbered " +
    "from 0.",
    "It ends at the end of standard input, unless -l says how many samples to wait for. What VILLASnode would not survive " +
    "is not sent: without --signals or --signals-out, nothing but up to 64 floats, and whole numbers in text count as " +
    "floats. Samples that cannot be read or sent are reported and skipped; the exit status is 1 then.",
  ],
  examples: [
    {
      what: "Let a controller in Python answer each sample (after: mkfifo answers)",
      line: "villas-client pipe < answers | python3 controller.py > answers",
    },
    {
      what: "Send the lines of a file at once, and print ten samples that arrive",
      line: "villas-client pipe -l 10 < setpoints.txt",
    },
    { what: "Print JSON, one sample per line, and send nothing", line: "villas-client pipe -r -f json" },
  ],
  options,
  async run(values, [operand], session) {
    const { output, log } = session;
    const { stats } = values;
    if (values["send-only"] && values["receive-only"]) {
      throw new InputError("Cannot use --send-only with --receive-only");
    }
    const signals = values.swap ? swapSignals(directionsOf(values)) : directionsOf(values);
    const link = values.swap ? swapAddresses(values, operand) : values;
    const lines = values["io-format"];
    const target = { isTerminal: output.isTerminal, hasStats: stats === "-" };
    const printer = createPrinter(await choosePrintFormat(lines, withSignals(signals.in), target), output, log);
    const inputFormat = await createFormatOf("io-format", lines, withSignals(sentSignals(signals)));
    using reporter = await createStatsReporter(values, log);
    const state: State = { unreadable: 0, refused: 0 };
    const announce = ({ local, remote }: OpenLink) =>
      local === remote
        ? `Receiving and sending standard input over ${local}`
        : `Receiving on ${local}, sending standard input to ${remote}`;
    const given = { ...values, ...link };
    const settings = {
      ...{ values: given, operand, format: values.format, signals },
      ...{ isSendOnly: values["send-only"], isReceiveOnly: values["receive-only"] && isBroker(given.local) },
    };
    if (given.remote?.transport === "mqtt" && values.vectorize > 1) {
      throw new InputError(
        "Cannot use --vectorize over mqtt: the samples that come together are not always as many, and VILLASnode's mqtt " +
          "node makes samples of those that are missing",
      );
    }
    return await runConnected(settings, session, announce, {
      async run(connection) {
        const { client, closed } = connection;
        using _intervals = reporter?.watch(client);
        // Ends the other direction, whichever of them ends first.
        const ended = new AbortController();
        const signal = AbortSignal.any([closed, ended.signal]);
        const close = () => {
          client.close();
          ended.abort();
        };
        output.broken.addEventListener("abort", close, { once: true });
        const receiving = values["send-only"]
          ? undefined
          : receive(values.count, connection, printer, reporter, session);
        const sending = values["receive-only"]
          ? undefined
          : send(values, inputFormat, signals, { client, signal, state, session });
        // With a number of samples to wait for, the end of standard input does not matter.
        const isSendingLast = receiving === undefined || values.count === undefined;
        try {
          await Promise.all([receiving?.then(close), isSendingLast ? sending?.then(close) : sending]);
        } finally {
          close();
        }
      },
      conclude({ client }, seconds) {
        printer.flushLogs();
        const figures = { ...summarize("pipe", client, seconds, reporter), ...state, unprinted: printer.refused };
        const skipped = [
          ...state.unreadable > 0 ? [`${plural(state.unreadable, "line")} that could not be read`] : [],
          ...state.refused > 0 ? [`${plural(state.refused, "sample")} that could not be sent`] : [],
          ...printer.refused > 0 ? [`${plural(printer.refused, "sample")} that could not be printed`] : [],
        ];
        const failure = skipped.length === 0 ? undefined : `Skipped ${skipped.join(", and ")}`;
        return { figures, lines: describeSummary(figures), failure };
      },
    });
  },
};

/** Counts of what did not pass. */
interface State {
  /** Records of standard input that could not be read. */
  unreadable: number;
  /** Samples that could not be sent. */
  refused: number;
}

/** Exchanges the signals of the two directions. */
function swapSignals({ in: received, out: sent }: LinkSignals): LinkSignals {
  return {
    ...sent === undefined || sent === "any" ? {} : { in: sent },
    ...sent === "any" ? { out: sent } : received === undefined ? {} : { out: received },
  };
}

/** Exchanges the addresses: receives where the node would, and sends to where the client would receive. */
function swapAddresses({ local, remote }: LinkValues, operand: string | undefined): LinkValues {
  const transport = parseTransportName(operand) ?? local?.transport ?? remote?.transport ?? "udp";
  if (isConnecting(transport)) return { local: remote, remote: local };
  const here = local?.text ??
    (transport === "unix" ? "unix:/var/run/villas-node.client.sock" : "udp://0.0.0.0:12001");
  const node = remote ?? parseAddress(defaultRemoteFor(transport, local) ?? "");
  return { local: node, remote: parseAddress(reachableAddress(here)) };
}

/** Prints samples as they arrive, each at once. */
async function receive(
  count: number | undefined,
  connection: Connection,
  printer: Printer,
  reporter: StatsReporter | undefined,
  { output }: Session,
): Promise<void> {
  await receiveSamples(connection.client, {
    ...count === undefined ? {} : { count },
    onSamples(samples, received) {
      connection.resetIdleTimer();
      printer.print(samples);
      reporter?.record(samples, received);
    },
    onPause() {
      // A controller waits for the line. An error of writing shows when everything is flushed at the end.
      output.flush().catch(() => {});
      return output.isFull ? waitForRoom(output, connection.closed) : undefined;
    },
  });
}

/** Surroundings of the sending. */
interface Surroundings {
  readonly client: Client;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  readonly state: State;
  readonly session: Session;
}

/** Sends the samples of standard input as they come, until it ends or there were enough of them. */
async function send(
  { vectorize, "send-count": limit = Infinity }: Values<typeof options>,
  format: Format,
  signals: LinkSignals,
  { client, signal, state, session: { log } }: Surroundings,
): Promise<void> {
  const unreadable = log.throttled("warning");
  const unsent = log.throttled("warning");
  let next = 0n;
  let left = limit;
  const numbered = (sample: Sample): Sample => {
    const { sequence = next } = sample;
    next = BigInt.asUintN(64, sequence + 1n);
    return { ...sample, sequence };
  };
  const onDecodeError = (error: Error) => {
    state.unreadable++;
    unreadable.log(`Standard input: ${error.message}`);
  };
  for await (const samples of readBatches("-", format, { signal, onDecodeError })) {
    if (signals.out === undefined && format.isText) castWholeNumbers(samples);
    const taken = samples.slice(0, left);
    for (let first = 0; first < taken.length; first += vectorize) {
      const group = taken.slice(first, first + vectorize).map(numbered);
      try {
        client.enqueue(group);
        left -= group.length;
      } catch (error) {
        if (error instanceof ClosedError) return;
        if (!(error instanceof EncodeError || error instanceof RangeError)) throw error;
        state.refused += group.length;
        unsent.log(describeUnsent(error));
      }
    }
    await client.flush();
    if (left <= 0) break;
  }
  unreadable.flush();
  unsent.flush();
}
