/**
 * `villas-client rtt`: what VILLASnode's `test_rtt` node does, against any echo.
 *
 * @module
 */

import type { Format } from "../formats/format.ts";
import { parseSpecification } from "../formats/specification.ts";
import { createFormat } from "../formats/table.ts";
import type { Histogram } from "../timing/histogram.ts";
import { drawHistogram, type HistogramScale } from "../timing/histogram_text.ts";
import { createProbe } from "../roundtrips/probe.ts";
import { plannedCount, type RoundTripCase, type RoundTripReport } from "../roundtrips/round_trip.ts";
import { measureRoundTrips } from "../roundtrips/measure.ts";
import { calibrateRoundTrips } from "../roundtrips/baseline.ts";
import { findCaveats, summarizeRoundTrips } from "../roundtrips/summary.ts";
import { type RoundTripResult, tabulateRoundTrips } from "../roundtrips/table.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { Signal } from "../samples/signals.ts";
import { now } from "../samples/timestamp.ts";
import { maximumUdpLength, tooLong } from "../transports/send.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { type Connection, openConnection } from "./_shared/connect.ts";
import { count, duration, flag, type Option, text, type Values } from "../terminal/option.ts";
import { commonOptions, connectionOptions, format as formatOption } from "./_shared/options.ts";
import { showProgress } from "../terminal/progress.ts";
import { waitForRemote } from "./_shared/ready.ts";
import { openRoundTripFiles, type RoundTripFiles } from "./_shared/rtt_files.ts";
import { checkNumber, directionsOf, sentSignals, withSignals } from "./_shared/signals.ts";

const options = {
  ...connectionOptions,
  format: formatOption([], "protobuf", {
    short: "f",
    help: "format of the datagrams: a name, or a JSON object with its options",
  }),
  rate: list("HZ,...", isPositive, "numbers above 0 with commas between them", [100], {
    short: "r",
    help: "samples a second, one case for each",
    defaultText: "100",
  }),
  values: list("N,...", isCount, "whole numbers, 1 or more, with commas between them", [1], {
    help: "values in each sample, one case for each with each rate",
    defaultText: "1",
  }),
  count: count("N", { short: "l", help: "samples of each case" }),
  duration: duration({ help: "how long each case takes", defaultText: "10 without --count" }),
  warmup: timeOrNone("before each case, send for this time what is not counted", "0.5", 0.5),
  cooldown: timeOrNone("after each case, go on receiving for this time", "0.5", 0.5),
  late: duration({ help: "count as late what takes longer than this", defaultText: "the cooldown" }),
  timeout: duration(
    { help: "end with status 124 when nothing at all comes back for this time", defaultText: "10" },
    10,
  ),
  calibration: timeOrNone("before each case, measure the client's own share for this time; 0 for not", "0.5", 0.5),
  json: flag({ help: "write one JSON object instead of the tables" }),
  histogram: scaleOption(),
  log: text("PREFIX", { help: "append each round trip to PREFIX_valuesN_rateN.log, as VILLASnode's test_rtt does" }),
  svg: text("FILE", { help: "draw the round trips over time and their percentiles" }),
  title: text("TEXT", { help: "what stands above the drawing" }),
  ...commonOptions,
};

/** The command `rtt`. */
export const rttCommand: Command<typeof options> = {
  name: "rtt",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Sends samples to an echo and measures how long they are away: against villas-client echo, a VILLASnode with a path " +
    'from a node to itself (in = "client", out = "client"), or anything else that sends back what it receives. Each rate ' +
    "is measured with each number of values, those with fewer values first, because VILLASnode fills up a sample with " +
    "the values of a longer one before it. Sequence numbers rise from 0 through all cases: VILLASnode drops what does " +
    "not rise.",
    "lost: did not come back until the end of the cooldown, or of all cases. dup: came back once more. reorder: came " +
    "back after one that was sent later. late: took longer than --late, or came back when its case was over; it counts " +
    "as received, and so does its time. corrupt: what came back has other values, types, timestamp or number than was " +
    "sent, or cannot be read; received is without these. missed: sent when the next one was due already.",
    "All times are of whole round trips, from before a sample is encoded until after it is decoded. The jitter is that " +
    "of RFC 3550 (6.4.1), of round trips instead of transit times. Below each case stands the client's own share: the " +
    "same samples to a bare socket of its own and back. It is an upper estimate, and not subtracted, because times of " +
    "waiting do not add up. What makes the figures less than the whole story is said in warnings.",
  ],
  examples: [
    { what: "A hundred samples a second for ten seconds, to the node on this machine", line: "villas-client rtt" },
    {
      what: "Four cases, each of a thousand samples",
      line: "villas-client rtt --rate 100,1000 --values 1,8 --count 1000",
    },
    {
      what: "A picture for a paper, and the log of each round trip",
      line: "villas-client rtt --rate 1000 --duration 1m --svg rtt.svg --log lab",
    },
    { what: "The 99th percentile of each case", line: "villas-client rtt --json | jq '.cases[].roundTrip.p99'" },
  ],
  options,
  async run(values, [operand], session) {
    const cases = casesOf(values);
    const { json, histogram } = values;
    const signals = linkOf(values);
    if (json && histogram !== undefined) throw new UsageError("Cannot use --histogram with --json");
    if (values.title !== undefined && values.svg === undefined) {
      throw new UsageError("Cannot use --title without --svg");
    }
    const format = await findFormat(values, signals, cases);
    await using files = await openRoundTripFiles(cases, values);
    const settings = {
      values: { ...values, duration: undefined, timeout: undefined },
      operand,
      format: values.format,
      signals,
    };
    await using connection = await openConnection(settings, session);
    const { client } = connection;
    session.log.info(`Sending to ${client.remote}, receiving on ${client.local}`);
    await waitForRemote(connection, session.log);
    const results = await measure(cases, values, { connection, files, session, format, signals: sentSignals(signals) });
    connection.endMessages();
    if (json) session.output.write(`${JSON.stringify(asJson(values, connection, results))}\n`);
    else if (results.length > 0) { for (const line of asText(results, histogram)) session.output.write(`${line}\n`); }
    warn(results, session);
    await files.draw(results, {
      title: values.title ?? `Round trips to ${client.remote}`,
      subtitle: `${format.name}${sentSignals(signals) === undefined ? "" : ", with signals"}, from ${client.local}, ` +
        `${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC`,
    });
    if (connection.ending === "interrupt" || results.some(({ report }) => report.received + report.corrupted > 0)) {
      return exitStatus.done;
    }
    session.log.error(`Nothing came back from ${client.remote}`);
    return exitStatus.timeout;
  },
};

/** What measuring needs besides the options. */
interface Surroundings {
  connection: Connection;
  files: RoundTripFiles;
  session: Session;
  format: Format;
  signals: readonly Signal[] | undefined;
}

/** Measures all cases, and says on a terminal how far it is. */
async function measure(
  cases: readonly RoundTripCase[],
  values: Values<typeof options>,
  { connection: { client, closed }, files, session: { log }, format, signals }: Surroundings,
): Promise<RoundTripResult[]> {
  const { warmup, cooldown, late, timeout, calibration } = values;
  const results: RoundTripResult[] = [];
  const shares: (Histogram | undefined)[] = [];
  const durations = cases.map((testCase) => plannedCount(testCase) / testCase.rate);
  const total = durations.reduce((sum, seconds) => sum + seconds, 0);
  let begun = -1;
  using _progress = showProgress(log, () => {
    const { report } = results[begun] ?? {};
    const before = durations.slice(0, Math.max(0, begun)).reduce((sum, seconds) => sum + seconds, 0);
    const samples = results.reduce((sum, { report }) => sum + report.sent, 0);
    const part = (before + (report === undefined ? 0 : report.sent / report.rate)) / total;
    return { what: `Case ${Math.max(1, begun + 1)} of ${cases.length}`, samples, part };
  });
  await measureRoundTrips(client, {
    ...{ cases, warmup, cooldown, timeout, signal: closed },
    ...(late === undefined ? {} : { late }),
    ...(signals === undefined ? {} : { signals }),
    async before(index) {
      const testCase = cases[index];
      if (testCase === undefined || calibration === 0 || closed.aborted) return;
      const seconds = Math.min(calibration, durations[index] ?? calibration);
      const plan = { rate: testCase.rate, values: testCase.values, duration: seconds };
      const settings = { format, warmup: Math.min(warmup, seconds), signal: closed };
      try {
        const report = await calibrateRoundTrips(plan, signals === undefined ? settings : { ...settings, signals });
        shares[index] = report.roundTrips;
      } catch (error) {
        // Without the permission to use the loopback, or when it was ended.
        if (!closed.aborted) log.warning(`The client's own share is not known: ${(error as Error).message}`);
      }
    },
    onCase(report, index) {
      begun = index;
      const ownShare = shares[index];
      results.push(ownShare === undefined ? { report } : { report, ownShare });
    },
    onRoundTrip: files.record,
  });
  return results;
}

function warn(results: readonly RoundTripResult[], { log }: Session): void {
  for (const { report, ownShare } of results) {
    for (const caveat of findCaveats(report, ownShare)) log.warning(`${nameOf(report)}: ${caveat}`);
  }
  if (results.some(({ report }) => report.kernelDrops === undefined)) {
    log.debug("How many datagrams the kernel dropped is not known (Deno asks it for UDP with --allow-all, on Linux)");
  }
}

function asJson(
  { warmup, cooldown, late = cooldown }: Values<typeof options>,
  { client }: Connection,
  results: readonly RoundTripResult[],
) {
  const { local, remote, format } = client;
  const cases = results.map(({ report, ownShare }) => summarizeRoundTrips(report, ownShare));
  return { command: "rtt", local, remote, format: format.name, warmup, cooldown, late, cases };
}

function asText(results: readonly RoundTripResult[], scale: HistogramScale | undefined): string[] {
  const lines = tabulateRoundTrips(results);
  if (scale === undefined) return lines;
  return [
    ...lines,
    ...results.flatMap((
      { report },
    ) => ["", `${nameOf(report)}: round trips`, ...drawHistogram(report.roundTrips, scale)]),
  ];
}

function nameOf({ rate, values }: RoundTripReport): string {
  return `${rate} samples/s of ${values} ${values === 1 ? "value" : "values"}`;
}

/** The cross product; each case once. */
function casesOf({ rate, values, count, duration }: Values<typeof options>): RoundTripCase[] {
  const limits = { ...(count === undefined ? {} : { count }), ...(duration === undefined ? {} : { duration }) };
  const rising = [...new Set(values)].sort((a, b) => a - b);
  return rising.flatMap((values) => [...new Set(rate)].map((rate) => ({ rate, values, ...limits })));
}

/** The signals of both directions: an echo gives back what it takes, unless the options say that it does not. */
function linkOf(values: Values<typeof options>): LinkSignals {
  const signals = directionsOf(values);
  const sent = sentSignals(signals);
  return sent === undefined ? signals : { in: sent, ...signals };
}

/** The format, if round trips can be measured in it. */
async function findFormat(
  { format }: Values<typeof options>,
  signals: LinkSignals,
  cases: readonly RoundTripCase[],
): Promise<Format> {
  const list = sentSignals(signals);
  const numbers = new Set(cases.map(({ values }) => values));
  for (const number of numbers) checkNumber(parseSpecification(format).type, number, signals);
  try {
    const found = await createFormat(format, withSignals(list));
    for (const number of numbers) {
      const { length } = found.encode([createProbe(found, number, list).sample(0, now())]);
      if (length > maximumUdpLength) throw tooLong(length, maximumUdpLength, "any echo");
    }
    return found;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Numbers with commas between them. */
function list(
  value: string,
  accepts: (number: number) => boolean,
  expected: string,
  initial: readonly number[],
  description: Pick<Option<unknown>, "short" | "help" | "defaultText">,
): Option<readonly number[]> {
  return {
    ...description,
    value,
    initial,
    parse(given) {
      const numbers = given.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
      if (!numbers.every(accepts)) throw new SyntaxError(`expected ${expected}`);
      return numbers;
    },
  };
}

function isPositive(number: number): boolean {
  return number > 0 && number < Infinity;
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 1;
}

/** A time that may be 0. */
function timeOrNone(help: string, defaultText: string, initial: number): Option<number> {
  const option = duration({ help, defaultText }, initial);
  return { ...option, parse: (given) => Number(given) === 0 && given.trim() !== "" ? 0 : option.parse(given) };
}

function scaleOption(): Option<HistogramScale | undefined> {
  return {
    value: "SCALE",
    isValueOptional: true,
    help: "draw a histogram of each case, with ranges of durations that are log or linear",
    initial: undefined,
    parse(given) {
      if (given !== "" && given !== "log" && given !== "linear") throw new SyntaxError("expected log or linear");
      return given === "" ? "log" : given;
    },
  };
}
