/**
 * `villas-client signal`: what `villas signal` generates, to print or straight to a node.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { createSampler } from "../generators/generate.ts";
import { parseGeneratedSignal } from "../generators/parse.ts";
import { type GeneratedSignal, randomSeed, type Shape, shapes, toSignalList } from "../generators/waveform.ts";
import { createPaceMeter, type PaceMeter } from "../timing/pace_meter.ts";
import type { Output } from "../system/output.ts";
import { pace, type Step } from "../timing/pacing.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { Sample } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { castFloat } from "../samples/value_types.ts";
import { transportOf } from "../transports/table.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { type Connection, openConnection } from "./_shared/connect.ts";
import { count, flag, number, type Option, positive, type Values } from "../terminal/option.ts";
import { commonOptions, connectionOptions, format, limitOptions, nodeOptions, statsOption } from "./_shared/options.ts";
import { suggest } from "../terminal/parse.ts";
import { choosePrintFormat, createPrinter, type Printer } from "./_shared/printer.ts";
import { waitForRemote } from "./_shared/ready.ts";
import { checkNumber, directionsOf, sentSignalOptions, sentSignals } from "./_shared/signals.ts";
import { amount, plural, writeStats } from "./_shared/summary.ts";
import { describePace, summarizePace } from "./_shared/pace_summary.ts";

const seedOption: Option<number | undefined> = {
  value: "N",
  help: "what random signals derive from, to have the same ones again",
  defaultText: "another one each time",
  initial: undefined,
  parse(given) {
    const seed = Number(given);
    if (!/^\d+$/.test(given) || !Number.isSafeInteger(seed)) {
      throw new SyntaxError("expected a whole number, 0 or more");
    }
    return seed;
  },
};

// What is sent is sent because the command line says so, not for a variable that is set for other commands.
const { env: _variable, ...remote } = connectionOptions.remote;

const options = {
  values: count("N", { short: "v", help: "values of each SHAPE", defaultText: "1" }, 1),
  rate: positive("HZ", { short: "r", help: "samples a second", defaultText: "10" }, 10),
  frequency: number("HZ", { short: "F", help: "periods a second; of a ramp, though, seconds a period" }, 1),
  amplitude: number("NUMBER", { short: "a", help: "amplitude; of a counter, what it rises by" }, 1),
  stddev: number("NUMBER", { short: "D", help: "standard deviation of the steps of random" }, 0.02),
  offset: number("NUMBER", { short: "o", help: "what is added to all values" }, 0),
  phase: number("RADIANS", { short: "p", help: "phase at the beginning" }, 0),
  "pulse-width": number("STEPS", { short: "w", help: "how long a pulse is high, in samples, and one more" }, 1),
  "pulse-low": number("NUMBER", { short: "L", help: "a pulse while it is low" }, 0),
  "pulse-high": number("NUMBER", { short: "H", help: "a pulse while it is high" }, 1),
  seed: seedOption,
  "no-realtime": flag({ short: "n", help: "do not wait: the time is that of the counter, N / rate after the start" }),
  format: format([], undefined, {
    short: "f",
    help: "what to write on standard output or, with --remote, in datagrams",
    defaultText: "villas.human, protobuf in datagrams",
  }),
  ...nodeOptions,
  ...sentSignalOptions,
  remote: { ...remote, help: "send to this node", defaultText: "standard output only" },
  local: {
    ...connectionOptions.local,
    help: "where to send from, which a node with verify_source asks for",
    defaultText: "a free port, or unix:/var/run/villas-node.client.sock",
  },
  batch: connectionOptions.batch,
  awake: flag({ help: "never sleep for less than 2 ms: more precise on a busy machine, takes one processor" }),
  print: format(["none"], undefined, {
    help: "what to write on standard output; none writes nothing",
    defaultText: "that of --format, none with --remote",
  }),
  count: limitOptions.count,
  duration: { ...limitOptions.duration, help: "end with the last sample before this time" },
  stats: statsOption,
  ...commonOptions,
  // As in VILLASnode's tool, -v is the number of values.
  verbose: flag({ help: commonOptions.verbose.help }),
};

/** How many samples are sent or printed in one go at most, where they are made faster than that. */
const batchLength = 64;

/** More missed deadlines than these, and than this share of all, are worth a warning. */
const worryingCount = 10;
const worryingShare = 0.01;

/** From about this rate on there is no time for sleeping. */
const awakeAnyway = 3000;

/** Where samples go. */
interface Destination {
  /** The node, if there is one. */
  readonly client: Client | undefined;
  /** Prints samples, or does nothing. */
  readonly printer: Printer;
}

/** The command `signal`. */
export const signalCommand: Command<typeof options> = {
  name: "signal",
  operands: "SHAPE...",
  operandChoices: shapes,
  maximumOperands: Infinity,
  description: [
    `Generates samples as VILLASnode's tool of this name does, with one value for each SHAPE: ${shapes.join(", ")}. ` +
    "They are printed, or sent to a node with --remote, or both with --print.",
    "The options are for all shapes; behind a colon a shape has its own, by the names of VILLASnode's configuration " +
    "(name, unit, frequency, amplitude, stddev, offset, phase, pulse_width, pulse_low, pulse_high).",
    "What is computed is what VILLASnode computes, which may not be what one expects: square begins with its low half " +
    "(offset - amplitude), triangle at its top; the frequency of ramp is its period in seconds; pulse is high for one " +
    "sample more than its width; random is a walk that begins at the offset and knows no amplitude, and its deviation is " +
    "0.02 here but 0.2 in a VILLASnode configuration; mixed is random, sine, square, triangle, ramp, counter, constant " +
    "and pulse in turn. All values are floats, cast where --signals or --config say that the node takes other types. With --seed, random is the same each time, though not what VILLASnode's is.",
    "Each sample is due at a fixed time after the first one, so that the rate does not drift. Where VILLASnode leaves out " +
    "samples that it is too late for, here they follow at once, and none is left out. At the end it is said how many " +
    "came so late that the next one was due (missed deadlines), and how regular they were. From about 3000 samples a " +
    "second on, and with --awake from 300 on, waiting precisely takes all of one processor.",
    "With --stats these figures are one JSON object, all times in seconds.",
  ],
  examples: [
    { what: "Ten samples of a sine, at once", line: "villas-client signal sine -nl 10" },
    {
      what: "A sine of 50 Hz and a ramp, a thousand times a second, to a node",
      line: "villas-client signal sine:frequency=50 ramp -r 1000 --remote 127.0.0.1:12000",
    },
    { what: "A random walk that is the same each time", line: "villas-client signal random --seed 7 -nl 1000 -f csv" },
    {
      what: "How precise this machine is at 10 kHz",
      line: "villas-client signal counter -r 10000 --duration 3 --print none",
    },
  ],
  options,
  async run(values, operands, session) {
    const signals = await readSignals(operands, values);
    const types = typesOf(values, signals.length);
    const seed = values.seed ?? randomSeed();
    const { rate, "no-realtime": isFree } = values;
    await using connection = values.remote === undefined ? undefined : await openSender(values, session);
    const destination = {
      client: connection?.client,
      printer: await createPrint(values, toSignalList(signals), types, session),
    };
    if (connection !== undefined) await waitForRemote(connection, session.log);
    if (values.seed === undefined && toSignalList(signals).some(({ name }) => name === "random")) {
      session.log.info(`To have the same random signals again: --seed ${seed}`);
    }
    const sampleOf = castTo(types, createSampler(signals, { rate, seed, realtime: !isFree }));
    const limit = Math.min(values.count ?? Infinity, countWithin(values.duration, rate));
    const meter = createPaceMeter();
    const started = performance.now();
    const steps = pace(isFree ? Infinity : rate, session.ended, { awake: values.awake });
    await deliver(steps, limit, sampleOf, meter, destination, session.output);
    const seconds = (performance.now() - started) / 1000;
    connection?.endMessages();
    destination.printer.endMessages();
    for (const line of describe(meter, seconds, isFree, destination.client)) session.log.info(line);
    if (meter.missed > worryingCount && meter.missed > worryingShare * meter.steps) {
      session.log.warning(
        "Many samples missed their deadline: this machine is too slow for the rate, or too busy" +
          (values.awake || rate > awakeAnyway ? "" : " (--awake may help)"),
      );
    }
    if (values.stats !== undefined) {
      const summary = {
        command: "signal",
        signals: signals.map(({ signal }) => signal),
        rate,
        seed,
        samples: meter.steps,
        seconds,
        ...(isFree ? {} : summarizePace(meter)),
        ...(connection === undefined
          ? {}
          : { remote: connection.client.remote, sent: connection.client.counters.sent }),
      };
      await writeStats(summary, values.stats, session);
    }
    return exitStatus.done;
  },
};

/** Makes the samples, each when it is due, and hands them over; those that are due together, together. */
async function deliver(
  steps: AsyncIterable<Step>,
  limit: number,
  sampleOf: (step: number) => Sample,
  meter: PaceMeter,
  { client, printer }: Destination,
  output: Output,
): Promise<void> {
  let batch: Sample[] = [];
  const handOver = async () => {
    // What is on its way to the node matters more than what is printed about it.
    const sending = client?.flush();
    printer.print(batch);
    batch = [];
    await sending;
    // A reader that is slower than the samples come slows the generator down, instead of filling the memory.
    if (output.isFull) await output.drain();
  };
  for await (const step of steps) {
    const sample = sampleOf(step.index);
    client?.enqueue([sample]);
    batch.push(sample);
    meter.record(step);
    if (step.index + 1 >= limit) break;
    if (!step.more || batch.length >= batchLength) await handOver();
  }
  await handOver();
}

/** How many samples there are before the end of a duration, the first of them at its beginning. */
function countWithin(duration: number | undefined, rate: number): number {
  // Without the rounding, 0.3 s at 10 a second would be more than 3 samples.
  return duration === undefined ? Infinity : Math.max(1, Math.ceil(Number((duration * rate).toPrecision(12))));
}

async function readSignals(
  operands: readonly string[],
  values: Values<typeof options>,
): Promise<GeneratedSignal[]> {
  if (operands.length === 0) throw new UsageError(`A SHAPE is missing: ${shapes.join(", ")}`);
  const { frequency, amplitude, stddev, offset, phase } = values;
  const common = {
    frequency,
    amplitude,
    stddev,
    offset,
    phase,
    pulse_width: values["pulse-width"],
    pulse_low: values["pulse-low"],
    pulse_high: values["pulse-high"],
  };
  const signals: GeneratedSignal[] = [];
  for (const operand of operands) {
    const signal = { ...common, ...await readSignal(operand) };
    for (let i = 0; i < values.values; i++) signals.push(signal);
  }
  return signals;
}

async function readSignal(operand: string): Promise<GeneratedSignal> {
  const shape = operand.replace(/:.*/s, "");
  if (!shapes.includes(shape as Shape)) {
    throw new UsageError(
      `Unknown shape "${shape}"${await suggest(shape, shapes) || `: expected ${shapes.join(", ")}`}`,
    );
  }
  try {
    return parseGeneratedSignal(operand);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The types of the values; floats, unless the options say what the node takes. */
function typesOf(values: Values<typeof options>, count: number): readonly SignalType[] {
  const signals = directionsOf(values);
  const list = sentSignals(signals);
  if (values.remote !== undefined) checkNumber(parseSpecification(values.format ?? "protobuf").type, count, signals);
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

/** Connects with the node; what it sends is of no interest, so any free port will do. */
async function openSender(values: Values<typeof options>, session: Session): Promise<Connection> {
  const { remote = "", local = freeLocal(remote) } = values;
  const settings = {
    local,
    remote,
    "any-source": false,
    batch: values.batch,
    multicast: undefined,
    interface: undefined,
    count: undefined,
    duration: undefined,
    timeout: undefined,
  };
  const connection = await openConnection({
    values: settings,
    operand: undefined,
    format: values.format ?? "protobuf",
    signals: directionsOf(values),
  }, session);
  session.log.info(`Sending to ${connection.client.remote} from ${connection.client.local}`);
  return connection;
}

/** An address with a free port to send from; undefined where there are no ports. */
function freeLocal(remote: string): string | undefined {
  if (transportOf(remote) !== "udp") return undefined;
  return remote.includes("[") ? "udp://[::]:0" : "udp://0.0.0.0:0";
}

/** Makes what prints, like VILLASnode's tool without the time of reception, because there is none. */
async function createPrint(
  { print, format, remote, stats }: Values<typeof options>,
  signals: readonly Signal[],
  types: readonly SignalType[],
  { output, log }: Session,
): Promise<Printer> {
  const typed = signals.map((signal, index) => ({ ...signal, type: types[index] ?? signal.type }));
  const specification = print ?? (remote === undefined ? format ?? "villas.human" : "none");
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
    if (sent.undelivered > 0) lines.push(`The remote was not there for ${plural(sent.undelivered, "datagram")}`);
  }
  return isFree ? lines : [...lines, ...describePace(meter)];
}
