/**
 * `villas-client rtt`: the counterpart of VILLASnode's node `test_rtt`, for any echo.
 *
 * @module
 */

import { EncodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import { createFormat } from "../formats/table.ts";
import type { Histogram } from "../timing/histogram.ts";
import { drawHistogram, type HistogramScale } from "../timing/histogram_text.ts";
import { roundTripLogName } from "../roundtrips/log.ts";
import { createProbe } from "../roundtrips/probe.ts";
import { plannedCount, type RoundTripCase, type RoundTripReport } from "../roundtrips/round_trip.ts";
import { measureRoundTrips } from "../roundtrips/measure.ts";
import { measureLoopbackBaseline } from "../roundtrips/baseline.ts";
import { findCaveats, summarizeRoundTrips } from "../roundtrips/summary.ts";
import { type RoundTripResult, tabulateRoundTrips } from "../roundtrips/table.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { Signal } from "../samples/signals.ts";
import { now } from "../samples/timestamp.ts";
import { maximumUdpLength, tooLong } from "../transports/sending.ts";
import { InputError, readInput } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import {
  count,
  duration,
  durationOrZero,
  file,
  flag,
  isCount,
  isPositive,
  numberList,
  type Option,
  text,
  type Values,
} from "../terminal/option.ts";
import { lineWidth } from "../terminal/help.ts";
import { showProgress } from "../terminal/progress.ts";
import { type OpenLink, socketOptionsOf } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { metricsOption, serveRoundTripMetrics } from "./_shared/metrics_option.ts";
import { busyPollOption, commonOptions, connectionOptions, format as formatOption } from "./_shared/options.ts";
import { openRoundTripFiles, type RoundTripFiles } from "./_shared/rtt_files.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf, sentSignals, withSignals } from "./_shared/signals.ts";
import { checkNumber } from "./_shared/signal_checks.ts";
import { findUnroutable } from "./_shared/summary.ts";

const scaleOption: Option<HistogramScale | undefined> = {
  value: "SCALE",
  isValueOptional: true,
  completes: ["log", "linear"],
  help: "draw a histogram of each case, with log or linear ranges of durations",
  default: undefined,
  parse(given) {
    if (given !== "" && given !== "log" && given !== "linear") throw new SyntaxError("expected log or linear");
    return given === "" ? "log" : given;
  },
};

const options = {
  ...connectionOptions,
  "busy-poll": busyPollOption,
  format: formatOption([], "protobuf", {
    short: "f",
    env: "VILLAS_FORMAT",
    help: "set the format of datagrams: a name, or a JSON object with its options",
  }),
  rate: numberList(
    "HZ,...",
    { short: "r", help: "send this many samples per second, one case for each rate", defaultText: "100" },
    [100],
    "numbers greater than 0, separated by commas",
    isPositive,
  ),
  values: numberList(
    "N,...",
    { help: "send N values in each sample, one case for each N with each rate", defaultText: "1" },
    [1],
    "whole numbers, 1 or greater, separated by commas",
    isCount,
  ),
  count: count("N", { short: "l", help: "send N samples in each case" }),
  duration: duration({ help: "send for this time in each case", defaultText: "10 without --count" }),
  warmup: durationOrZero({ help: "send uncounted samples for this time before each case", defaultText: "0.5" }, 0.5),
  cooldown: durationOrZero({ help: "keep receiving for this time after each case", defaultText: "0.5" }, 0.5),
  late: duration({ help: "count round trips longer than this as late", defaultText: "the cooldown" }),
  timeout: duration({ help: "quit with status 124 if nothing comes back for this time", defaultText: "10" }, 10),
  calibration: durationOrZero(
    { help: "measure the overhead of the client for this time before each case; 0 skips it", defaultText: "0.5" },
    0.5,
  ),
  json: flag({ excludes: ["histogram"], help: "write one JSON object instead of the tables" }),
  histogram: scaleOption,
  log: text("PREFIX", { help: "append each round trip to PREFIX_valuesN_rateN.log, as VILLASnode's test_rtt does" }),
  svg: file("FILE", { help: "draw the round trips over time and their percentiles" }),
  title: text("TEXT", { needs: ["svg"], help: "set the title of the drawing" }),
  metrics: metricsOption,
  ...commonOptions,
};

/** The command `rtt`. */
export const rttCommand: Command<typeof options> = {
  name: "rtt",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Sends samples to an echo and measures their round trips: against villas-client echo, a VILLASnode with a path from a " +
    'node to itself (in = "client", out = "client"), or anything else that sends back what it receives. Each rate is ' +
    "measured with each number of values, fewer values first, because VILLASnode fills up a sample with the values of a " +
    "longer one before it. Sequence numbers rise from 0 through all cases: VILLASnode drops samples whose numbers do not.",
    "lost: did not come back before the end of the cooldown, or of all cases. dup: came back again. reorder: came back " +
    "after one that was sent later. late: took longer than --late, or came back when its case was over; it counts as " +
    "received, and so does its time. corrupt: came back with other values, types, timestamp or number than it was sent " +
    "with, or cannot be decoded; received excludes these. missed: was sent when the next one was due already.",
    "All times are of whole round trips, from before a sample is encoded until after it is decoded. The jitter is that " +
    "of RFC 3550 (6.4.1), of round trips instead of transit times. Below each case stands the overhead of the client: the " +
    "round trips of the same samples over a bare socket of its own. It is an upper estimate and is not subtracted, because " +
    "waiting times do not add up. Warnings tell where the figures are not the whole story.",
  ],
  examples: [
    { what: "Send 100 samples per second for ten seconds to the node on this machine", line: "villas-client rtt" },
    {
      what: "Measure four cases, each of 1000 samples",
      line: "villas-client rtt --rate 100,1000 --values 1,8 --count 1000",
    },
    {
      what: "Draw a picture for a paper, and log each round trip",
      line: "villas-client rtt --rate 1000 --duration 1m --svg rtt.svg --log lab",
    },
    { what: "Print the 99th percentile of each case", line: "villas-client rtt --json | jq '.cases[].roundTrip.p99'" },
  ],
  options,
  writtenFiles: (values) => {
    const { log, ...plan } = values as Values<typeof options>;
    return log === undefined ? [] : casesOf(plan).map((testCase) => ({
      option: "log",
      path: roundTripLogName(log, testCase),
    }));
  },
  async run(values, [operand], session) {
    const cases = casesOf(values);
    const { json, histogram } = values;
    const signals = linkOf(values, session);
    const format = await findFormat(values, signals, cases);
    await using files = await openRoundTripFiles(cases, values);
    let results: RoundTripResult[] = [];
    // The durations are those of the cases, not of the connection.
    const settings = {
      values: { ...values, duration: undefined, timeout: undefined },
      operand,
      format: values.format,
      signals,
    };
    const announce = ({ local, remote }: OpenLink) =>
      local === remote ? `Sending and receiving over ${local}` : `Sending to ${remote}, receiving on ${local}`;
    return await runConnected(settings, session, announce, {
      async run(connection) {
        const surroundings = { connection, files, session, format, signals: sentSignals(signals) };
        results = await measure(cases, values, surroundings);
      },
      async conclude(connection) {
        const { client: { local, remote }, ending } = connection;
        if (json) session.output.write(`${JSON.stringify(toJson(values, connection, results))}\n`);
        else if (results.length > 0) {
          for (const line of toText(results, histogram, lineWidth(Deno.stdout))) session.output.write(`${line}\n`);
        }
        warn(results, session);
        // The tables come first, whatever becomes of the files; an error of standard output is reported at the end.
        await session.output.flush().catch(() => {});
        const failures = await files.finish(results, {
          title: values.title ?? `Round trips to ${remote}`,
          subtitle: `${format.name}${sentSignals(signals) === undefined ? "" : ", with signals"}, from ${local}, ` +
            `${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC`,
        });
        const hasReceived = results.some(({ report }) => report.received + report.corrupted > 0);
        if (failures.length > 0) return { failure: failures.join("; ") };
        if (ending === "interrupt" || hasReceived) return {};
        const unroutable = findUnroutable(connection.client);
        if (unroutable !== undefined) return { failure: `Nothing was sent: no route leads to ${unroutable}` };
        return { failure: `Nothing came back from ${remote}`, status: exitStatus.timeout };
      },
    });
  },
};

/** Surroundings of a measurement. */
interface Surroundings {
  connection: Connection;
  files: RoundTripFiles;
  session: Session;
  format: Format;
  signals: readonly Signal[] | undefined;
}

/** Measures all cases, and shows the progress on a terminal. */
async function measure(
  cases: readonly RoundTripCase[],
  values: Values<typeof options>,
  { connection: { client, closed }, files, session: { log }, format, signals }: Surroundings,
): Promise<RoundTripResult[]> {
  const { warmup, cooldown, late, timeout, calibration } = values;
  const socket = socketOptionsOf(values);
  const results: RoundTripResult[] = [];
  const reports = () => results.map(({ report }) => report);
  await using _metrics = await serveRoundTripMetrics(values.metrics, client, reports, log);
  const overheads: (Histogram | undefined)[] = [];
  const durations = cases.map((testCase) => plannedCount(testCase) / testCase.rate);
  const total = durations.reduce((sum, seconds) => sum + seconds, 0);
  let begun = -1;
  using _progress = showProgress(log, () => {
    const { report } = results[begun] ?? {};
    const before = durations.slice(0, Math.max(0, begun)).reduce((sum, seconds) => sum + seconds, 0);
    const samples = results.reduce((sum, { report }) => sum + report.sent, 0);
    const fraction = (before + (report === undefined ? 0 : report.sent / report.rate)) / total;
    return { what: `Case ${Math.max(1, begun + 1)} of ${cases.length}`, samples, fraction };
  });
  await measureRoundTrips(client, {
    ...{ cases, warmup, cooldown, timeout, signal: closed },
    ...(late === undefined ? {} : { lateThreshold: late }),
    ...(signals === undefined ? {} : { signals }),
    async beforeCase(index) {
      const testCase = cases[index];
      if (testCase === undefined || calibration === 0 || closed.aborted) return;
      const seconds = Math.min(calibration, durations[index] ?? calibration);
      const plan = { rate: testCase.rate, values: testCase.values, duration: seconds };
      const settings = { format, socket, warmup: Math.min(warmup, seconds), signal: closed };
      try {
        const report = await measureLoopbackBaseline(plan, signals === undefined ? settings : { ...settings, signals });
        overheads[index] = report.roundTrips;
      } catch (error) {
        // There is no permission to use the loopback, or the command was interrupted.
        if (!closed.aborted) log.warning(`Cannot measure the overhead of the client: ${(error as Error).message}`);
      }
    },
    onCase(report, index) {
      begun = index;
      const clientOverhead = overheads[index];
      results.push(clientOverhead === undefined ? { report } : { report, clientOverhead });
    },
    onRoundTrip: files.record,
  });
  return results;
}

function warn(results: readonly RoundTripResult[], { log }: Session): void {
  for (const { report, clientOverhead } of results) {
    for (const caveat of findCaveats(report, clientOverhead)) log.warning(`${nameOf(report)}: ${caveat}`);
  }
  if (results.some(({ report }) => report.kernelDrops === undefined)) {
    log.debug("Datagrams dropped by the kernel: unknown (on Linux, --allow-all or --allow-ffi counts them for UDP)");
  }
}

function toJson(
  { warmup, cooldown, late = cooldown }: Values<typeof options>,
  { client }: Connection,
  results: readonly RoundTripResult[],
) {
  const { local, remote, format } = client;
  const cases = results.map(({ report, clientOverhead }) => summarizeRoundTrips(report, clientOverhead));
  return { command: "rtt", local, remote, format: format.name, warmup, cooldown, late, cases };
}

function toText(
  results: readonly RoundTripResult[],
  scale: HistogramScale | undefined,
  width: number,
): string[] {
  const lines = tabulateRoundTrips(results, width);
  if (scale === undefined) return lines;
  return [
    ...lines,
    ...results.flatMap((
      { report },
    ) => ["", `${nameOf(report)}: round trips`, ...drawHistogram(report.roundTrips, scale, width)]),
  ];
}

function nameOf({ rate, values }: RoundTripReport): string {
  return `${rate} samples/s of ${plural(values, "value")}`;
}

/** Returns the cross product of rates and numbers of values, each case once. */
function casesOf(
  { rate, values, count, duration }: Pick<Values<typeof options>, "rate" | "values" | "count" | "duration">,
): RoundTripCase[] {
  const limits = { ...(count === undefined ? {} : { count }), ...(duration === undefined ? {} : { duration }) };
  const rising = [...new Set(values)].sort((a, b) => a - b);
  return rising.flatMap((values) => [...new Set(rate)].map((rate) => ({ rate, values, ...limits })));
}

/** Returns the signals of both directions: an echo sends back what it receives, unless the options say otherwise. */
function linkOf(values: Values<typeof options>, { nameOf }: Session): LinkSignals {
  const signals = directionsOf(values, nameOf);
  const sent = sentSignals(signals);
  return sent === undefined ? signals : { in: sent, ...signals };
}

/** Creates the format, if round trips can be measured in it. */
async function findFormat(
  { format }: Values<typeof options>,
  signals: LinkSignals,
  cases: readonly RoundTripCase[],
): Promise<Format> {
  const list = sentSignals(signals);
  const numbers = new Set(cases.map(({ values }) => values));
  for (const number of numbers) checkNumber(format.type, number, signals);
  const found = await readInput(() => createFormat(format, withSignals(list)));
  for (const number of numbers) {
    const probe = await readInput(() => createProbe(found, number, list));
    try {
      const { length } = found.encode([probe.sample(0, now())]);
      if (length > maximumUdpLength) throw tooLong(length, maximumUdpLength, "any echo");
    } catch (error) {
      if (!(error instanceof EncodeError || error instanceof RangeError)) throw error;
      throw new InputError(error.message, { cause: error });
    }
  }
  return found;
}
