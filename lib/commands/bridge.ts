/**
 * `villas-client bridge`: samples from one end to others, each with its own format.
 *
 * @module
 */

import { describeRoute, type RouteFigures } from "./_shared/bridge_figures.ts";
import type { RouteSettings } from "./_shared/bridge_route.ts";
import { RouteSet } from "./_shared/bridge_set.ts";
import { type End, parseEnd } from "./_shared/bridge_ends.ts";
import { checkCredentials } from "./_shared/bridge_link.ts";
import { checkLoops, checkRoute, numberings, type RouteDescription } from "./_shared/bridge_routes.ts";
import { readRoutes } from "./_shared/bridge_routes_file.ts";
import { socketOptionsOf } from "./_shared/connect.ts";
import { checkUsedFiles } from "./_shared/file_conflicts.ts";
import { checkInterval, intervalOption, reportIntervals } from "./_shared/intervals.ts";
import { bridgeMetrics, DelayHistogram, serveMetrics } from "./_shared/metrics.ts";
import { metricsOption } from "./_shared/metrics_option.ts";
import { commonOptions, connectionOptions, limitOptions, statsOption } from "./_shared/options.ts";
import { parseSelection } from "./_shared/view.ts";
import { checkDestination } from "./_shared/output.ts";
import { writeStats } from "./_shared/summary.ts";
import type { ShapeStep } from "../client/shape.ts";
import type { SignalType } from "../samples/signals.ts";
import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { choice, count, duration, flag, type Option, positive, text, type Values } from "../terminal/option.ts";

/** Declares an option that takes a list of signals, each with what becomes of it. */
function perSignal(value: string, help: string, expected: string, pattern: RegExp) {
  const option: Option<readonly (readonly [string, string])[] | undefined> = {
    value,
    help,
    default: undefined,
    parse: (given) =>
      given.split(",").map((part) => {
        const [, signal = "", change = ""] = /^([^=]+)=(.+)$/.exec(part.trim()) ?? [];
        if (!pattern.test(change)) throw new SyntaxError(`expected ${expected}`);
        return [signal, change] as const;
      }),
  };
  return option;
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;

const options = {
  both: flag({ help: "pass samples on in both directions, between two ends" }),
  select: text("LIST", {
    help: "pass on these values only, in this order: indices from 0, ranges such as 2-4, and names of FROM's signals",
  }),
  rename: perSignal(
    "LIST",
    "rename signals, such as va=u1,vb=u2, for formats that have names; FROM needs its signals",
    "signals and names, such as va=u1,vb=u2",
    /./,
  ),
  cast: perSignal(
    "LIST",
    "cast values, such as 0=integer,va=float, to float, integer, boolean or complex",
    "signals and types, such as 0=integer,va=float",
    /^(?:float|integer|boolean|complex)$/,
  ),
  scale: perSignal(
    "LIST",
    "multiply values by a factor and add an offset, such as 0=0.001,va=2:10",
    "signals and factors, such as 0=0.001, or factors and offsets, such as va=2:10",
    new RegExp(`^${number}(?::${number})?$`),
  ),
  every: count("N", { help: "pass on every N-th sample only, beginning with the first" }),
  rate: positive("RATE", {
    short: "r",
    help: "send the newest sample RATE times per second, if a new one has come, and leave out the others",
  }),
  vectorize: count("N", { help: "send N samples per message", defaultText: "1" }),
  linger: duration({
    needs: ["vectorize"],
    help: "send a message with fewer samples when its first one has waited for this time, such as 10ms",
    defaultText: "wait until it is full",
  }),
  sequence: choice("HOW", numberings, "keep", {
    help:
      "keep the sequence numbers, or renumber samples from 0 without gaps, and from 0 again where the sender restarts",
  }),
  batch: connectionOptions.batch,
  "no-batch": connectionOptions["no-batch"],
  ...limitOptions,
  interval: intervalOption,
  stats: {
    ...statsOption,
    help: "write the figures of each route as one JSON object to a file, or without FILE to the end of standard output",
  },
  metrics: metricsOption,
  ...commonOptions,
};

/** The command `bridge`. */
export const bridgeCommand: Command<typeof options> = {
  name: "bridge",
  operands: "FROM TO [TO...] | ROUTES",
  maximumOperands: Infinity,
  operandChoices: [],
  description: [
    "Passes the samples of FROM on to each TO. Each is an address or a file, and has its own format and signals, which " +
    "follow it as settings: udp://192.0.2.7:12000,format=json,signals=2f. FROM is the address to receive on, TO the one to " +
    "send to; - is standard input or output.",
    "Settings: format (default protobuf, over mqtt and amqp json, or what a file's name ends with; auto for FROM detects it), signals (of FROM: the " +
    "types of what comes, for formats that do not carry them; of TO: what its node takes, or any), local (the address to " +
    "send from, default a free one; of ws and c37.118, to serve others), remote (the only address to receive from), " +
    "multicast (a group to join), vectorize and linger (as the options, for this TO), append=true (a file is continued, not " +
    "overwritten), and timing=fast (a file is read as fast as possible, not by its timestamps).",
    "Connections have more, each its own: the options of --mqtt and --amqp of other commands, such as qos=1 or confirm=true, " +
    "tls-ca, tls-cert and tls-key (files in PEM form), when-down, no-check=true (ws), version, configuration, names and " +
    "stat_signals (c37.118), and credentials=NAME, which are in the environment as NAME_USER, NAME_PASSWORD and NAME_TOKEN; " +
    "default VILLAS, where all ends that ask for credentials connect with one server.",
    "A TO gets nothing that its VILLASnode would not survive: without signals, up to 64 floats and nothing else. One that " +
    "is slow or gone does not stop the others: 1024 samples wait for it, then the oldest are dropped. The summary and " +
    "--stats say for each TO what was sent, dropped, refused and undelivered.",
    "With --both, what comes from TO goes back to FROM; FROM needs remote then, and TO local. Options that change samples " +
    "are about those from FROM to TO.",
    "ROUTES is a file of several routes in the words of VILLASnode's configuration, in JSON (.json) or libconfig: paths, each " +
    "with in and out (one or a list), mode (any or all) and mask, by which several inputs are merged, hooks (select, scale, " +
    "cast, decimate, limit_rate), reverse, rate and enabled, and with name, sequence (keep or renumber), vectorize and " +
    "linger. in and out are written as FROM and TO, or as groups of address or file and the settings, which may have " +
    "username, password, token and ssl, too; or they name nodes, which are such ends, and in may take a part of one: " +
    "node.data[0-2]. On SIGHUP the file is read again: routes that have not changed go on without losing a sample.",
  ],
  examples: [
    {
      what: "Give the samples of a VILLASnode to a program that reads JSON",
      line: "villas-client bridge udp://:12001 udp://127.0.0.1:9000,format=json",
    },
    {
      what: "Pass them on to another node, and record them meanwhile",
      line: "villas-client bridge udp://:12001 udp://192.0.2.7:12000 run1.csv",
    },
    {
      what: "Record two of ten values, one of them in thousands, ten times per second",
      line: "villas-client bridge udp://:12001 run1.csv --select 0,4 --scale 0=0.001 -r 10",
    },
    {
      what: "Take them from a broker of MQTT to one of AMQP",
      line: "villas-client bridge mqtt://lab1/va,qos=1 amqp://lab2/grid/va,confirm=true",
    },
    {
      what: "Connect two nodes in both directions",
      line: "villas-client bridge --both :12001,remote=lab1:12000 lab2:12000,local=:12002",
    },
    { what: "Run the routes of a file", line: "villas-client bridge routes.json" },
  ],
  options,
  async run(values, operands, session) {
    checkInterval(values);
    const { log } = session;
    const [path, ...others] = operands;
    if (path === undefined) throw new InputError("FROM is missing: give FROM and TO, or a file of routes");
    const file = others.length === 0 ? path : undefined;
    if (file !== undefined && (await parseEnd(file)).path !== file) {
      throw new InputError(`Cannot bridge ${file} alone: give a TO behind it, or a file of routes`);
    }
    if (file !== undefined) checkFileOptions(values, session);
    const read = async () => {
      const routes = file === undefined
        ? [await routeOf(values, operands)]
        : await readRoutes(file, (message) => log.warning(message));
      await checkRoutes(routes, file);
      return routes;
    };
    const routes = await read();
    if (values.stats !== undefined) await checkDestination(values.stats);
    const delays = new Map<string, DelayHistogram>();
    const settings = {
      ...{ session, batch: socketOptionsOf(values).batch, count: values.count },
      onSamples: values.metrics === undefined ? undefined : recordDelays(delays),
    };
    const started = performance.now();
    await using set = new RouteSet(settings);
    await set.start(routes);
    using _reloading = file === undefined ? undefined : reloadOnHangup(session, set, read);
    await using _metrics = values.metrics === undefined
      ? undefined
      : serveMetrics(values.metrics, () => bridgeMetrics(set.runningFigures, delays), log);
    using limits = new Limits(values, session, set);
    using _intervals = reportIntervals(values.interval, log, () => totalsOf(set.figures));
    await set.ended;
    const seconds = (performance.now() - started) / 1000;
    for (const figures of set.figures) for (const line of describeRoute(figures, seconds)) log.info(line);
    if (values.stats !== undefined) {
      await writeStats({ command: "bridge", seconds, routes: set.figures }, values.stats, session);
    }
    for (const failure of set.failures) log.error(failure);
    if (set.hasFailed) return exitStatus.failed;
    if (!limits.isTimeout) return exitStatus.done;
    log.error(`No sample arrived for ${values.timeout} s`);
    return exitStatus.timeout;
  },
};

/** Options that a file of routes has in words of its own. */
const routeOptions = ["both", "select", "rename", "cast", "scale", "every", "rate", "vectorize", "count"] as const;

function checkFileOptions(values: Values<typeof options>, { nameOf }: Session): void {
  const given = [
    ...routeOptions.filter((name) => values[name] !== undefined && values[name] !== false),
    ...values.sequence === "keep" ? [] : ["sequence"],
  ][0];
  if (given === undefined) return;
  throw new InputError(
    `Cannot use ${nameOf(given)} with a file of routes: it has its own words for this; or a TO is missing`,
  );
}

/** Derives the one route of a command line. */
async function routeOf(values: Values<typeof options>, operands: readonly string[]): Promise<RouteDescription> {
  const ends: End[] = [];
  for (const operand of operands) ends.push(await parseEnd(operand));
  const [from, ...to] = ends;
  if (from === undefined) throw new InputError("FROM is missing");
  const { vectorize, linger } = values;
  return {
    name: from.name,
    inputs: [from],
    merge: undefined,
    to: to.map((end) => {
      // Several samples are one piece of a file in any case.
      if (end.path !== undefined) return end;
      const number = end.vectorize ?? vectorize;
      return { ...end, vectorize: number, linger: end.linger ?? (number === undefined ? undefined : linger) };
    }),
    steps: await stepsOf(values, from),
    sequence: values.sequence,
    rate: values.rate,
    isReversed: values.both,
  };
}

async function stepsOf(values: Values<typeof options>, { signals }: End): Promise<ShapeStep[]> {
  const { select, rename = [], cast = [], scale = [], every } = values;
  const list = signals === "any" ? undefined : signals;
  const named = list?.map((signal, index) => ({ ...signal, name: signal.name ?? `signal${index}` }));
  return [
    ...select === undefined ? [] : [{ type: "select", signals: await parseSelection(select, named) } as const],
    ...scale.map(([signal, change]) => {
      const [factor, offset = "0"] = change.split(":");
      return { type: "scale", signals: [signal], scale: Number(factor), offset: Number(offset) } as const;
    }),
    ...cast.map(([signal, type]) => ({ type: "cast", signals: [signal], newType: type as SignalType } as const)),
    ...rename.map(([signal, name]) => ({ type: "cast", signals: [signal], newName: name } as const)),
    ...every === undefined ? [] : [{ type: "decimate", ratio: every } as const],
  ];
}

/** Checks routes before anything is opened. */
async function checkRoutes(routes: readonly RouteDescription[], file: string | undefined): Promise<void> {
  for (const route of routes) checkRoute(route);
  checkLoops(routes);
  checkCredentials(routes.flatMap(({ inputs, to }) => [...inputs, ...to]));
  const reads = routes.flatMap(({ inputs }) => inputs.flatMap(({ path }) => path ?? []));
  const writes = routes.flatMap(({ to }) => to.flatMap(({ path }) => path ?? []));
  for (const [paths, stream] of [[reads, "standard input"], [writes, "standard output"]] as const) {
    if (paths.filter((path) => path === "-").length > 1) throw new InputError(`Cannot use ${stream} twice`);
  }
  await checkUsedFiles([
    ...file === undefined ? [] : [{ path: file, purpose: "the file of routes", isWritten: false }],
    ...reads.filter((path) => path !== "-").map((path) => ({ path, purpose: "an input", isWritten: false })),
    ...writes.filter((path) => path !== "-").map((path) => ({ path, purpose: "an output", isWritten: true })),
  ]);
}

/** Reads the routes again whenever SIGHUP comes; what cannot be read leaves everything as it is. */
function reloadOnHangup(session: Session, set: RouteSet, read: () => Promise<RouteDescription[]>) {
  const { log } = session;
  let reloading = Promise.resolve();
  return session.onHangup?.(() => {
    reloading = reloading.then(async () => {
      try {
        await set.exchange(await read());
      } catch (error) {
        log.error(`The routes stay as they are: ${(error as Error).message}`);
      }
    });
  });
}

function totalsOf(figures: readonly RouteFigures[]) {
  let [samples, missing, dropped] = [0, 0, 0];
  for (const { received, outputs } of figures) {
    samples += received.samples;
    missing += received.missing;
    for (const output of outputs) dropped += output.dropped;
  }
  return { samples, counts: { missing, dropped } };
}

/** Returns what records the delays of samples by their routes. */
function recordDelays(delays: Map<string, DelayHistogram>): RouteSettings["onSamples"] {
  return (samples, received, route) => {
    let histogram = delays.get(route);
    if (histogram === undefined) delays.set(route, histogram = new DelayHistogram());
    histogram.record(samples, received);
  };
}

/** Ends the routes: at an interrupt, after a time, or when nothing comes. */
class Limits implements Disposable {
  readonly #ended: AbortSignal;
  readonly #stop: () => void;
  readonly #timers: (ReturnType<typeof setTimeout> | undefined)[] = [];
  /** True if no sample came in time. */
  isTimeout = false;

  constructor({ duration, timeout }: Values<typeof options>, { ended }: Session, set: RouteSet) {
    this.#ended = ended;
    this.#stop = () => set.stop();
    if (ended.aborted) this.#stop();
    ended.addEventListener("abort", this.#stop, { once: true });
    if (duration !== undefined) this.#timers.push(setTimeout(this.#stop, duration * 1000));
    if (timeout !== undefined) this.#watch(timeout * 1000, set);
  }

  /** Looks at the counters some times within the limit: samples on their way are not held up by it. */
  #watch(timeoutMs: number, set: RouteSet): void {
    let last = -1;
    let since = performance.now();
    const timer = setInterval(() => {
      const { samples } = totalsOf(set.figures);
      const time = performance.now();
      if (samples !== last) since = time;
      last = samples;
      if (time - since < timeoutMs) return;
      this.isTimeout = true;
      this.#stop();
    }, Math.max(1, timeoutMs / 10));
    this.#timers.push(timer);
  }

  [Symbol.dispose](): void {
    this.#ended.removeEventListener("abort", this.#stop);
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
