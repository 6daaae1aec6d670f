/**
 * `villas-client signal`: generated signals like those of `villas signal`, to print or to send to a node.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { createSampler } from "../generators/generate.ts";
import { type GeneratedSignal, randomSeed, shapes, toSignalList } from "../generators/waveform.ts";
import { createPaceMeter, type PaceMeter } from "../timing/pace_meter.ts";
import type { Output } from "../system/output.ts";
import { BurstLimiter } from "../timing/burst_limiter.ts";
import { pace, type Step } from "../timing/pacing.ts";
import { nextReportingInstant } from "../timing/reporting_instants.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { castFloat } from "../samples/value_types.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import { sleep } from "../system/wait.ts";
import type { Command, Session } from "../terminal/command.ts";
import { count, flag, number, numeric, positive, type Values } from "../terminal/option.ts";
import { destinationOf, freeLocal } from "./_shared/address.ts";
import type { OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { checkInterval, intervalOption, reportIntervals, type Totals } from "./_shared/intervals.ts";
import {
  commonOptions,
  connectionOptions,
  format,
  limitOptions,
  linkOptions,
  type NamedFormat,
  nodeOptions,
  statsOption,
} from "./_shared/options.ts";
import { describePace, summarizePace } from "./_shared/pace_summary.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { runConnected, runTask } from "./_shared/run_connected.ts";
import { directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";
import { checkNumber } from "./_shared/signal_checks.ts";
import {
  amount,
  describeBursts,
  describeDropped,
  describeLink,
  describeUndelivered,
  findUnroutable,
} from "./_shared/summary.ts";
import { checkShapes, readSignals } from "./_shared/shapes.ts";

const seedOption = numeric(
  "N",
  { help: "set the seed of random signals; the same seed gives the same samples", defaultText: "a random one" },
  undefined,
  "a whole number, 0 or greater",
  (number) => Number.isSafeInteger(number) && number >= 0,
);

// Samples are sent because the command line says so, not because of a variable that is set for other commands.
const { env: _variable, ...remote } = connectionOptions.remote;

const options = {
  values: count(
    "N",
    { short: "v", help: "generate N values of each SHAPE (-v as in villas-signal)", defaultText: "1" },
    1,
  ),
  rate: positive("HZ", { short: "r", help: "generate this many samples per second", defaultText: "10" }, 10),
  frequency: number("HZ", { short: "F", help: "set the frequency; of a ramp, the period in seconds" }, 1),
  amplitude: number("NUMBER", { short: "a", help: "set the amplitude; of a counter, its step" }, 1),
  stddev: number("NUMBER", { short: "D", help: "set the standard deviation of the steps of random" }, 0.02),
  offset: number("NUMBER", { short: "o", help: "add this to all values (-o as in villas-signal)" }, 0),
  phase: number("RADIANS", { short: "p", help: "set the initial phase (-p as in villas-signal)" }, 0),
  "pulse-width": number(
    "STEPS",
    { short: "w", help: "set the width of a pulse, which is high for one sample more" },
    1,
  ),
  "pulse-low": number("NUMBER", { short: "L", help: "set the low value of a pulse" }, 0),
  "pulse-high": number("NUMBER", { short: "H", help: "set the high value of a pulse" }, 1),
  seed: seedOption,
  "no-realtime": flag({ short: "n", help: "do not wait: sample N has the time N / rate after the start" }),
  format: format([], undefined, {
    short: "f",
    env: "VILLAS_FORMAT",
    // On standard output, it would be another format than the one that the variable is about.
    envWith: "remote",
    help: "set the format on standard output or, with --remote, of datagrams",
    defaultText: "villas.human, protobuf in datagrams",
  }),
  ...nodeOptions,
  ...sentSignalOptions,
  remote: { ...remote, help: "send to this address", defaultText: "standard output only" },
  local: {
    ...connectionOptions.local,
    // On its own, it is an address to which others connect, and not that of the variable.
    envWith: "remote",
    help:
      "send from this address, which a node with verify_source checks; or without --remote, serve the samples there " +
      "(c37.118)",
    defaultText: "a free port, or unix:/var/run/villas-node.client.sock",
  },
  batch: { ...connectionOptions.batch, needs: ["remote"] },
  "when-down": { ...linkOptions["when-down"], needs: ["remote"] },
  "tls-ca": { ...linkOptions["tls-ca"], needs: ["remote"] },
  "no-check": { ...linkOptions["no-check"], needs: ["remote"] },
  mqtt: { ...linkOptions.mqtt, needs: ["remote"] },
  amqp: { ...linkOptions.amqp, needs: ["remote"] },
  "tls-cert": { ...linkOptions["tls-cert"], needs: ["tls-key", "remote"] },
  "tls-key": { ...linkOptions["tls-key"], needs: ["tls-cert", "remote"] },
  "no-batch": { ...connectionOptions["no-batch"], needs: ["remote"] },
  "busy-wait": flag({
    excludes: ["no-realtime"],
    help: "never sleep for less than 2 ms: more precise on a busy machine, but uses a whole CPU core",
  }),
  print: format(["none", "table"], undefined, {
    help: "set the format on standard output, or table or none",
    defaultText: "that of --format, none with --remote",
  }),
  count: limitOptions.count,
  duration: { ...limitOptions.duration, help: "quit after the last sample before this time" },
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
  // As for VILLASnode's tool, -v is the number of values.
  verbose: flag({ help: commonOptions.verbose.help }),
};

/** Largest number of samples that are sent or printed at once, if they are generated faster than that. */
const batchLength = 64;

/** More missed deadlines than this, and than this fraction of all, are worth a warning. */
const worryingCount = 10;
const worryingFraction = 0.01;

/** Rate above which there is no time to sleep anyway, in samples per second. */
const busyWaitRate = 3000;

/** Destination of the samples. */
interface Destination {
  /** The node, if there is one. */
  readonly client: Client | undefined;
  /** The printer, which may print nothing. */
  readonly printer: Printer;
  /** Spreads out what is overdue. */
  readonly bursts: BurstLimiter;
  /** Samples per second. */
  readonly rate: number;
  /** Aborted when the command ends. */
  readonly ended: AbortSignal;
}

/** The command `signal`. */
export const signalCommand: Command<typeof options> = {
  name: "signal",
  operands: "SHAPE...",
  operandChoices: shapes,
  maximumOperands: Infinity,
  description: [
    `Generates samples as VILLASnode's tool of this name does, with one value for each SHAPE: ${shapes.join(", ")}. ` +
    "Prints them, sends them to a node with --remote, or both with --print.",
    "The options apply to all shapes; after a colon, a shape has its own, by the names of VILLASnode's configuration " +
    "(name, unit, frequency, amplitude, stddev, offset, phase, pulse_width, pulse_low, pulse_high).",
    "The signals are those of VILLASnode, which may not be what you expect: square begins with its low half " +
    "(offset - amplitude), triangle at its top; the frequency of ramp is its period in seconds; pulse is high for one " +
    "sample more than its width; random is a walk that begins at the offset and ignores the amplitude, and its standard " +
    "deviation is 0.02 here but 0.2 in a VILLASnode configuration; mixed is random, sine, square, triangle, ramp, " +
    "counter, constant and pulse in turn. All values are floats, cast if --signals or --config say that the node has " +
    "other types. With --seed, random is the same each time, though it differs from VILLASnode's.",
    "Each sample is due at a fixed time after the first one, so that the rate does not drift. VILLASnode skips samples that " +
    "it is too late for; here they follow immediately, and none is skipped. The summary counts those that were so late " +
    "that the next one was due already (missed deadlines), and shows how regular they were. Above about 3000 samples per " +
    "second, and with --busy-wait above 300, precise waiting uses a whole CPU core.",
    "With --stats, the summary is one JSON object, all times in seconds.",
  ],
  examples: [
    { what: "Print ten samples of a sine, without waiting", line: "villas-client signal sine -nl 10" },
    {
      what: "Send a sine of 50 Hz and a ramp to a node, 1000 times per second",
      line: "villas-client signal sine:frequency=50 ramp -r 1000 --remote 127.0.0.1:12000",
    },
    {
      what: "Print a random walk that is the same each time",
      line: "villas-client signal random --seed 7 -nl 1000 -f csv",
    },
    {
      what: "Measure how precise this machine is at 10 kHz",
      line: "villas-client signal counter -r 10000 --duration 3 --print none",
    },
  ],
  options,
  async run(values, operands, session) {
    const { rate, "no-realtime": isFree } = values;
    const destination = destinationOf(values);
    if (values.local !== undefined && destination === undefined) {
      throw new InputError(`Cannot use ${session.nameOf("local")} without --remote`);
    }
    const isStream = destination?.transport === "c37.118";
    checkInterval(values);
    const signals = await readSignals(operands, values);
    const types = typesOf(values, signals.length, session);
    checkShapes(values, signals, session);
    const seed = values.seed ?? randomSeed();
    const printer = await createSignalPrinter(values, toSignalList(signals), types, session);
    if (values.seed === undefined && signals.some(({ signal }) => signal === "random" || signal === "mixed")) {
      session.log.info(`To repeat these random signals: --seed ${seed}`);
    }
    const limit = Math.min(values.count ?? Infinity, countWithin(values.duration, rate));
    const meter = createPaceMeter();
    const bursts = new BurstLimiter();
    const task = {
      async run(connection: Connection | undefined) {
        const start = isStream && !isFree ? await waitForInstant(rate, session.ended) : undefined;
        const source = {
          rate,
          seed,
          realtime: !isFree && start === undefined,
          ...start === undefined ? {} : { start },
        };
        const sampleOf = castTo(types, createSampler(signals, source));
        const steps = pace(isFree ? Infinity : rate, session.ended, { busyWait: values["busy-wait"] });
        using _intervals = reportIntervals(values.interval, session.log, () => totalsOf(meter, connection?.client));
        const target = { client: connection?.client, printer, bursts, rate: isFree ? Infinity : rate };
        await deliver(steps, limit, sampleOf, meter, { ...target, ended: session.ended }, session.output);
      },
      conclude(connection: Connection | undefined, seconds: number) {
        printer.flushLogs();
        const { remote, counters: { sent } } = connection?.client ?? { counters: {} };
        const link = connection?.client.stats().link;
        const figures = {
          command: "signal",
          signals: signals.map(({ signal }) => signal),
          rate,
          seed,
          samples: meter.steps,
          seconds,
          ...(isFree ? {} : summarizePace(meter)),
          ...(connection === undefined ? {} : { remote, sent }),
          ...link && { link },
        };
        warnOfMissedDeadlines(meter, values, session);
        const overdue = bursts.figures.datagrams > 0 ? [describeBursts(bursts.figures)] : [];
        const failure = connection === undefined ? undefined : findFailure(connection);
        return { figures, lines: [...describe(meter, seconds, isFree, connection?.client), ...overdue], failure };
      },
    };
    // The limits apply to the signal, not to the connection.
    if (destination === undefined) return await runTask(undefined, { stats: values.stats }, session, task);
    const { remote, stats, local = freeLocal(destination), format = { type: "protobuf" } } = values;
    const { batch, "no-batch": noBatch } = values;
    const { "when-down": whenDown, "tls-ca": tlsCa, "no-check": noCheck, mqtt, amqp } = values;
    const { "tls-cert": tlsCert, "tls-key": tlsKey } = values;
    const link = {
      ...{ local, remote, batch, "no-batch": noBatch, stats, mqtt, amqp, "when-down": whenDown, "no-check": noCheck },
      ...{ "tls-ca": tlsCa, "tls-cert": tlsCert, "tls-key": tlsKey },
    };
    const settings = isStream
      ? { values: link, ...servedStream(format, values, signals, types), isSendOnly: true }
      : { values: link, format, signals: directionsOf(values), isSendOnly: true };
    const announce = ({ local, remote }: OpenLink) => {
      if (local !== remote) return `Sending to ${remote} from ${local}`;
      return values.remote === undefined ? `Serving ${local}` : `Sending to ${remote}`;
    };
    return await runConnected(settings, session, announce, task);
  },
};

/** Waits for the next time at which a PMU measures: its samples have these times exactly, however late they are sent. */
async function waitForInstant(rate: number, ended: AbortSignal): Promise<Timestamp> {
  const time = now();
  const instant = nextReportingInstant(time, rate);
  await sleep(secondsBetween(instant, time) * 1000, ended);
  return instant;
}

/** Describes the stream of a PMU that has the generated signals: their names, their types and their rate. */
function servedStream(
  format: NamedFormat,
  values: Values<typeof options>,
  generated: readonly GeneratedSignal[],
  types: readonly SignalType[],
) {
  const given = sentSignals(directionsOf(values));
  const out = toSignalList(generated).map((signal, index): Signal => {
    const { name = signal.name, unit } = generated[index]?.name === undefined ? given?.[index] ?? {} : {};
    const shownUnit = signal.unit ?? unit;
    return {
      ...name === undefined ? {} : { name },
      ...shownUnit === undefined ? {} : { unit: shownUnit },
      type: types[index] ?? signal.type,
    };
  });
  return { format: { data_rate: values.rate, ...format }, signals: { out } };
}

function totalsOf({ steps, missed }: PaceMeter, client: Client | undefined): Totals {
  const counts = { "missed deadlines": missed };
  return { samples: steps, counts: client ? { ...counts, undelivered: client.counters.sent.undelivered } : counts };
}

/** Tells why datagrams were not delivered, unless what ended the command cut them off. */
function findFailure({ client, ending }: Connection): string | undefined {
  if (ending !== undefined) return undefined;
  const { undelivered } = client.counters.sent;
  if (undelivered > 0) return describeUndelivered(undelivered, findUnroutable(client));
  const { link } = client.stats();
  return link && describeDropped(link)[0];
}

function warnOfMissedDeadlines(meter: PaceMeter, values: Values<typeof options>, { log }: Session): void {
  if (meter.missed <= worryingCount || meter.missed <= worryingFraction * meter.steps) return;
  log.warning(
    "Many samples missed their deadline: this machine is too slow for the rate, or too busy" +
      (values["busy-wait"] || values.rate > busyWaitRate ? "" : " (--busy-wait may help)"),
  );
}

/** Generates the samples, each when it is due, and hands over together those that are due together. */
async function deliver(
  steps: AsyncIterable<Step>,
  limit: number,
  sampleOf: (step: number) => Sample,
  meter: PaceMeter,
  { client, printer, bursts, rate, ended }: Destination,
  output: Output,
): Promise<void> {
  let batch: Sample[] = [];
  const handOver = async () => {
    // Sending to the node comes before printing.
    const sending = client?.flush();
    printer.print(batch);
    batch = [];
    await sending;
    // A reader that is slower than the samples slows the generator down, instead of filling the memory.
    if (output.isFull) await output.drain();
  };
  for await (const step of steps) {
    const sample = sampleOf(step.index);
    client?.enqueue([sample]);
    batch.push(sample);
    meter.record(step);
    if (step.index + 1 >= limit) break;
    // Printing overruns nobody, so only what is sent is spread out.
    const isPauseDue = client !== undefined && bursts.add(step.lateness, rate);
    if (!step.more || isPauseDue || batch.length >= batchLength) await handOver();
    if (isPauseDue) await bursts.pause(ended);
  }
  await handOver();
}

/** Counts the samples before the end of a duration, the first of which is at its beginning. */
function countWithin(duration: number | undefined, rate: number): number {
  // Without the rounding, 0.3 s at 10 per second would be more than 3 samples.
  return duration === undefined ? Infinity : Math.max(1, Math.ceil(Number((duration * rate).toPrecision(12))));
}

/** Returns the types of the values: floats, unless the options say what the node has. */
function typesOf(values: Values<typeof options>, count: number, { nameOf }: Session): readonly SignalType[] {
  const signals = directionsOf(values, nameOf);
  const list = sentSignals(signals);
  if (values.remote !== undefined) checkNumber(values.format?.type ?? "protobuf", count, signals);
  return Array.from({ length: count }, (_, index) => list?.[index]?.type ?? "float");
}

/** Casts the generated floats to the types of the node's signals, as VILLASnode's `cast` hook does. */
function castTo(types: readonly SignalType[], sampleOf: (step: number) => Sample): (step: number) => Sample {
  if (types.every((type) => type === "float")) return sampleOf;
  return (step) => {
    const sample = sampleOf(step);
    return {
      ...sample,
      values: sample.values.map((value, index) => castFloat(Number(value), types[index] ?? "float")),
    };
  };
}

/** Creates the printer, which omits the offset to the receive timestamp, because there is none. */
async function createSignalPrinter(
  values: Values<typeof options>,
  signals: readonly Signal[],
  types: readonly SignalType[],
  { output, log }: Session,
): Promise<Printer> {
  const { print, format, stats } = values;
  const typed = signals.map((signal, index) => ({ ...signal, type: types[index] ?? signal.type }));
  const isSent = destinationOf(values) !== undefined;
  const specification = print ?? (isSent ? { type: "none" } : format ?? { type: "villas.human" });
  const chosen = await choosePrintFormat(specification, { signals: typed, offset: false }, {
    isTerminal: output.isTerminal,
    hasStats: stats === "-",
  });
  return createPrinter(chosen, output, log);
}

function describe(meter: PaceMeter, seconds: number, isFree: boolean, client: Client | undefined): string[] {
  const missed = `${plural(meter.missed, "missed deadline")}`;
  const lines = [`Generated ${plural(meter.steps, "sample")} in ${seconds.toFixed(3)} s${isFree ? "" : `, ${missed}`}`];
  if (client !== undefined) {
    const { sent } = client.counters;
    lines.push(`Sent ${amount(sent)}`);
    const { link } = client.stats();
    if (link !== undefined) lines.push(...describeLink(link));
  }
  return isFree ? lines : [...lines, ...describePace(meter)];
}
