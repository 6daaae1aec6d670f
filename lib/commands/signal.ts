/**
 * `villas-client signal`: generated signals like those of `villas signal`, to print or to send to a node.
 *
 * @module
 */

import { createSampler } from "../generators/generate.ts";
import { randomSeed, shapes, toSignalList } from "../generators/waveform.ts";
import type { Timestamp } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import { InputError } from "../system/input_error.ts";
import { sleep } from "../system/wait.ts";
import type { Command, Session } from "../terminal/command.ts";
import { BurstLimiter } from "../timing/burst_limiter.ts";
import { createPaceMeter } from "../timing/pace_meter.ts";
import { pace } from "../timing/pacing.ts";
import { nextReportingInstant } from "../timing/reporting_instants.ts";
import { destinationOf, freeLocal } from "./_shared/address.ts";
import type { OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { checkInterval, reportIntervals } from "./_shared/intervals.ts";
import { summarizePace } from "./_shared/pace_summary.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { runConnected, runTask } from "./_shared/run_connected.ts";
import { checkShapes, readSignals } from "./_shared/shapes.ts";
import { deliver } from "./_shared/signal_delivery.ts";
import { signalOptions, type SignalValues } from "./_shared/signal_options.ts";
import { describeSignal, findFailure, totalsOf, warnOfMissedDeadlines } from "./_shared/signal_summary.ts";
import { castTo, servedStream, typesOf } from "./_shared/signal_types.ts";
import { directionsOf } from "./_shared/signals.ts";
import { describeBursts } from "./_shared/summary.ts";

/** The command `signal`. */
export const signalCommand: Command<typeof signalOptions> = {
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
  options: signalOptions,
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
        return { figures, lines: [...describeSignal(meter, seconds, isFree, connection?.client), ...overdue], failure };
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

/** Counts the samples before the end of a duration, the first of which is at its beginning. */
function countWithin(duration: number | undefined, rate: number): number {
  // Without the rounding, 0.3 s at 10 per second would be more than 3 samples.
  return duration === undefined ? Infinity : Math.max(1, Math.ceil(Number((duration * rate).toPrecision(12))));
}

/** Creates the printer, which omits the offset to the receive timestamp, because there is none. */
async function createSignalPrinter(
  values: SignalValues,
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
