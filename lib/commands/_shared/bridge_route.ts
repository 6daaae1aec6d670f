/**
 * One route of a bridge, open: its clients and files, what passes between them, and its figures.
 *
 * @module
 */

import { type End, isConnection } from "./bridge_ends.ts";
import { noneReceived, type OutputFigures, type RouteFigures } from "./bridge_figures.ts";
import { FileSink, FileSource } from "./bridge_files.ts";
import type { RouteDescription } from "./bridge_routes.ts";
import { type Bridge, type BridgeOutput, type BridgeSource, createBridge } from "../../client/bridge.ts";
import { type Client, connect } from "../../client/client.ts";
import type { OutputCounters } from "../../client/bridge.ts";
import { UnfitSampleError } from "../../client/guard.ts";
import { agreeOnFormat } from "../../client/link_format.ts";
import { createShape, type Shape } from "../../client/shape.ts";
import { peerFormatOptions } from "../../client/peer_codecs.ts";
import { synchrophasorOptions } from "../../client/synchrophasors.ts";
import type { Format } from "../../formats/format.ts";
import { parseSpecification } from "../../formats/specification.ts";
import type { FormatSpecification } from "../../formats/table.ts";
import type { Sample, Timestamp } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { plural } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";
import type { Log, ThrottledLog } from "../../terminal/log.ts";
import { type Address, parseAddress } from "../../transports/address.ts";
import { type OpenOptions, openTransport } from "../../transports/table.ts";
import { isBroker } from "./broker_options.ts";
import { describeUncarried, withHolder } from "./connect.ts";
import type { NamedFormat } from "./options.ts";
import { checkCapacity } from "./signal_checks.ts";

/** Settings of all routes of a command. */
export interface RouteSettings {
  /** The session. */
  readonly session: Session;
  /** True to report where many datagrams per system call are not possible, false for one; undefined as by default. */
  readonly batch: boolean | undefined;
  /** Number of samples to end after. */
  readonly count: number | undefined;
  /** Called with the samples of each message, their time of arrival, and the name of the route. */
  readonly onSamples?: ((samples: readonly Sample[], received: Timestamp, route: string) => void) | undefined;
}

/** An output, open. */
interface OpenOutput {
  readonly end: End;
  readonly client?: Client;
  readonly file?: FileSink;
}

/** One direction of a route. */
interface Way {
  readonly bridge: Bridge;
  readonly source: Client | undefined;
  readonly file: FileSource | undefined;
  readonly from: End;
  readonly outputs: readonly OpenOutput[];
}

/** Longest wait of a file or a pipe for slow outputs, in seconds: a recording can wait, a dead receiver is not waited for. */
const filePatience = 2;

let unixSockets = 0;

/** A route that passes samples on until its input ends, or it is stopped. */
export class OpenRoute implements AsyncDisposable {
  /** Its description. */
  readonly description: RouteDescription;
  readonly #settings: RouteSettings;
  readonly #stopped = new AbortController();
  readonly #owned = new AsyncDisposableStack();
  readonly #throttled: ThrottledLog[] = [];
  /** Reasons of connections that have ended by themselves. */
  readonly #losses: string[] = [];
  readonly #log: Log;
  #ways: readonly Way[] = [];

  private constructor(description: RouteDescription, settings: RouteSettings) {
    this.description = description;
    this.#settings = settings;
    this.#log = settings.session.log;
  }

  /**
   * Opens the ends of a route.
   *
   * @throws {InputError} If they cannot be what they are to be
   */
  static async open(description: RouteDescription, settings: RouteSettings): Promise<OpenRoute> {
    const route = new OpenRoute(description, settings);
    try {
      await route.#open();
      return route;
    } catch (error) {
      await route.#owned.disposeAsync();
      throw error;
    }
  }

  /** Figures of each direction so far. */
  get figures(): RouteFigures[] {
    const { name } = this.description;
    return this.#ways.map(({ bridge, source, file, from, outputs }, index) => {
      const { messages, samples, skipped, outputs: counters } = bridge.counters;
      const received = source?.counters.received ??
        { ...noneReceived, datagrams: messages, samples, refused: file?.refused ?? 0 };
      return {
        name: index === 0 ? name : backOf(name),
        from: source?.local ?? from.name,
        format: source?.format.name ?? from.format?.type ?? "",
        received,
        kernelDrops: source?.stats().kernelDrops ?? null,
        skipped,
        looped: bridge.hasLooped,
        outputs: outputs.map((output, position) => figuresOf(output, counters[position])),
      };
    });
  }

  /** Descriptions of what it does, one for each direction. */
  get announcements(): string[] {
    return this.#ways.map(({ source, from, outputs }) => {
      const start = source === undefined ? `Reading ${from.name}` : `Receiving on ${source.local}`;
      const ends = outputs.map(({ end, client, file }) =>
        `${client?.remote ?? end.name} as ${client?.format.name ?? file?.format}`
      );
      return `${start}, sending to ${ends.join(" and ")}`;
    });
  }

  /** Errors of connections that were lost, and of files that could not be written as a whole; known when it is closed. */
  get failures(): string[] {
    const skipped = this.#ways.flatMap(({ file, from }) =>
      file === undefined || file.refused === 0
        ? []
        : [`Skipped ${plural(file.refused, "record")} of ${from.name} that could not be read`]
    );
    return [
      ...this.#losses,
      ...skipped,
      ...this.#ways.flatMap(({ outputs }) => outputs.flatMap(({ file }) => file?.failure ?? [])),
    ];
  }

  /** Passes samples on until the input ends. */
  async run(): Promise<void> {
    await Promise.all(this.#ways.map(async ({ bridge }) => {
      try {
        await bridge.run();
      } finally {
        // One direction alone is not what was asked for.
        this.stop();
      }
    }));
  }

  /** Ends the input; what has come is sent before {@linkcode OpenRoute.run} ends. */
  stop(): void {
    this.#stopped.abort();
    for (const { source } of this.#ways) source?.close();
  }

  /** Writes what throttled logs have held back. */
  flushLogs(): void {
    for (const log of this.#throttled) log.flush();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    return this.#owned.disposeAsync();
  }

  async #open(): Promise<void> {
    const { name, from, to, steps, isReversed } = this.description;
    const signals = listOf(from);
    const shape = await readInput(() => createShape(steps, signals), `Cannot bridge ${name}`).catch((error) => {
      throw error instanceof RangeError ? new InputError(error.message, { cause: error }) : error;
    });
    const source = from.path === undefined ? await this.#openInput(from) : undefined;
    const outputs: OpenOutput[] = [];
    for (const end of to) outputs.push(await this.#openOutput(end, shape));
    const file = source === undefined ? await this.#openFile(from) : undefined;
    const forward = { bridge: this.#connect(source ?? file, from, outputs, shape), source, file, from, outputs };
    this.#ways = [forward];
    const [first] = outputs;
    if (!isReversed || source === undefined || first?.client === undefined) return;
    const back: OpenOutput[] = [{ end: from, client: source }];
    const bridge = this.#connect(first.client, first.end, back, undefined);
    this.#ways = [forward, { bridge, source: first.client, file: undefined, from: first.end, outputs: back }];
  }

  #connect(
    input: BridgeSource | undefined,
    from: End,
    outputs: readonly OpenOutput[],
    shape: Shape | undefined,
  ): Bridge {
    const { sequence, rate, name } = this.description;
    if (input === undefined) throw new Error(`Cannot receive from ${from.name}: it is not open`);
    const { count, onSamples } = this.#settings;
    const unsent = this.#throttle();
    const unsendable = this.#throttle();
    const isFile = from.path !== undefined;
    const isForward = shape !== undefined;
    const label = isForward ? name : backOf(name);
    return createBridge(input, outputs.map((output) => this.#settingsOf(output, isFile)), {
      ...isForward && { shape, sequence },
      ...isForward && rate !== undefined && { rate },
      ...count !== undefined && { count },
      stampArrival: !isFile && outputs.some(({ file }) => file !== undefined),
      ...onSamples && { onSamples: (samples, received) => onSamples(samples, received, label) },
      onEncodeError: (error, index) => unsent.log(describeRefused(error, outputs[index]?.end)),
      onSendError: (error) => unsendable.log(error.message),
      onNotice: (message) => this.#log.warning(`${label}: ${message}`),
    });
  }

  #settingsOf({ end, client, file }: OpenOutput, isFromFile: boolean): BridgeOutput {
    const { vectorize = 1, linger } = end;
    const sink = client ?? file;
    if (sink === undefined) throw new Error(`Cannot send to ${end.name}: it is not open`);
    // Nothing is lost between a file and a file; a receiver that is gone is not waited for without end.
    const patience = isFromFile ? (file === undefined ? filePatience : Infinity) : undefined;
    return { sink, vectorize, ...linger !== undefined && { linger }, ...patience !== undefined && { patience } };
  }

  #throttle(level: "debug" | "warning" = "warning"): ThrottledLog {
    const log = this.#log.throttled(level);
    this.#throttled.push(log);
    return log;
  }

  /** Opens the end that samples come from; of a route of both ways, they also go there. */
  async #openInput(end: End): Promise<Client> {
    const { address, local, remote, multicast } = end;
    // At a broker, the address says what to receive; other connections go both ways.
    const isLink = address !== undefined && isConnection(address) && !isBroker(address);
    const own = local ?? (isLink ? undefined : address);
    const target = remote ?? (isLink ? address : undefined);
    return await this.#openClient(end, own, target, multicast === undefined ? {} : { multicast: { group: multicast } });
  }

  async #openFile(end: End): Promise<FileSource> {
    const unreadable = this.#throttle();
    return await FileSource.open(end, this.#stopped.signal, (error) => unreadable.log(`${end.name}: ${error.message}`));
  }

  async #openOutput(end: End, shape: Shape): Promise<OpenOutput> {
    if (end.path === undefined) {
      const { address, local, remote = address } = end;
      const own = local ?? (remote === undefined || isConnection(remote) ? undefined : freeLocalFor(remote));
      return { end, client: await this.#openClient(end, own, remote, {}, shape.signals) };
    }
    const onBroken = () => {
      // A reader that is gone (`| head -1`) ends the command.
      if (end.path !== "-") this.#log.error(`Cannot write ${end.name} any more`);
    };
    const file = await FileSink.open(end, listOf(end) ?? shape.signals, this.#settings.session, onBroken);
    this.#owned.use(file);
    return { end, file };
  }

  async #openClient(
    end: End,
    ownAddress: Address | undefined,
    otherAddress: Address | undefined,
    others: Pick<OpenOptions, "multicast">,
    names?: readonly Signal[],
  ): Promise<Client> {
    const refused = this.#throttle();
    const ignored = this.#throttle();
    const uncarried = this.#throttle();
    const options: OpenOptions = { ...others };
    const agreed = await readInput(() =>
      agreeOnFormat({ format: end.format, local: ownAddress, remote: otherAddress })
    );
    const { local, remote } = agreed;
    if (local !== undefined) options.local = local;
    if (remote !== undefined) options.remote = remote;
    const transportName = (local ?? remote)?.transport;
    const format = withNames(end, specificationOf(agreed.format), names);
    Object.assign(options, synchrophasorOptions(format, remote ?? local), peerFormatOptions(local, remote));
    const signals = signalsOf(end);
    if (format.type !== "auto") await checkCapacity(format, signals);
    const { batch } = this.#settings;
    if (transportName === "udp" && batch !== undefined) options.batch = batch;
    if (transportName === "udp" && batch) {
      options.onFallback = (why) => this.#log.warning(`Cannot receive and send ${end.name} in batches: ${why}`);
    }
    options.onIgnored = (from) => ignored.log(`Ignored a datagram from ${from}: expected ${remote?.text}`);
    const transport = await readInput(() => openTransport(options, transportName)).catch(async (error) => {
      throw await withHolder(error, local);
    });
    const client = await readInput(() =>
      connect({
        transport,
        format,
        signals,
        onDecodeError: (error, _datagram, source = end.name) => refused.log(`${error.message} (from ${source})`),
        onPeerEncodeError: ({ message }, name) => uncarried.log(describeUncarried(name, message)),
        onDetected: ({ name }, reason) => this.#log.info(`Detected format ${name}: ${reason}`),
      })
    ).catch((error) => {
      transport.close();
      throw error;
    });
    this.#owned.use(client);
    void client.closed.then((reason) => {
      if (reason !== undefined) this.#losses.push(`${end.name} has ended: ${reason.message}`);
    });
    return client;
  }
}

/** Returns the name of a route's other direction. */
function backOf(name: string): string {
  return `${name} (back)`;
}

const noneSent: OutputCounters = { messages: 0, samples: 0, dropped: 0, refused: 0, undelivered: 0, waiting: 0 };

function figuresOf({ end, client, file }: OpenOutput, counters: OutputCounters = noneSent): OutputFigures {
  // The file's own format refuses what it cannot carry when it is written, and a full disk shows at the end.
  const refused = file?.refused ?? 0;
  const samples = Math.min(counters.samples - refused, file?.written ?? Infinity);
  return {
    to: client?.remote ?? end.name,
    format: client?.format.name ?? file?.format ?? "",
    ...counters,
    samples,
    refused: counters.refused + refused,
    undelivered: counters.undelivered + counters.samples - refused - samples,
  };
}

function listOf({ signals }: End): readonly Signal[] | undefined {
  return signals === "any" ? undefined : signals;
}

function signalsOf(end: End) {
  const { signals } = end;
  const received = listOf(end);
  return { ...received && { in: received }, ...signals && { out: signals } };
}

/** Returns the format that is given or that an address says; where neither does, that of all links. */
function specificationOf(format: FormatSpecification | Format = "protobuf"): NamedFormat {
  return typeof format === "object" && "decode" in format
    ? { type: (format as Format).name }
    : parseSpecification(format as FormatSpecification);
}

/**
 * Returns the format of an end, with the names of the signals that come, where nothing says what the end takes: the guard
 * does not take them for what the receiver survives.
 */
function withNames({ signals }: End, format: NamedFormat, names: readonly Signal[] | undefined): NamedFormat {
  return names === undefined || signals !== undefined ? format : { signals: names, ...format };
}

/** Returns an address of its own to send from. */
function freeLocalFor({ transport, text }: Address): Address | undefined {
  if (transport === "udp") {
    return text.includes("[") ? parseAddress("udp://[::]:0") : { transport, host: "*", port: 0, text: "udp://*:0" };
  }
  if (transport !== "unix") return undefined;
  const folder = Deno.env.get("XDG_RUNTIME_DIR") ?? Deno.env.get("TMPDIR") ?? "/tmp";
  return parseAddress(`unix:${folder}/villas-bridge-${Deno.pid}-${++unixSockets}.sock`);
}

/** Describes a sample that was not sent, and names the setting that would let it pass. */
function describeRefused(error: Error, end: End | undefined): string {
  const name = end?.name ?? "the output";
  if (!(error instanceof UnfitSampleError) || !error.isDefault) return `${name}: ${error.message}`;
  const { mismatch, fittingSignals } = error;
  return `Cannot send to ${name}: ${mismatch}, and a VILLASnode accepts up to 64 floats unless its in.signals says ` +
    `otherwise: give ${name},signals=${fittingSignals} if it does, or signals=any to send samples unchecked`;
}
