/**
 * One route of a bridge, open: its clients and files, what passes between them, and its figures.
 *
 * @module
 */

import { freeLocal } from "./address.ts";
import { type ClientAddresses, listOf, openBridgeClient } from "./bridge_client.ts";
import { type End, isConnection } from "./bridge_ends.ts";
import {
  inputFigures,
  type OpenInput,
  type OpenOutput,
  outputFigures,
  type RouteFigures,
  sumReceived,
} from "./bridge_figures.ts";
import { FileSink, FileSource } from "./bridge_files.ts";
import type { MergeDescription, RouteDescription } from "./bridge_routes.ts";
import { type Bridge, type BridgeOutput, type BridgeSource, createBridge } from "../../client/bridge.ts";
import type { Client } from "../../client/client.ts";
import { UnfitSampleError } from "../../client/guard.ts";
import { createMerge, type Merge } from "../../client/merge.ts";
import { createShape, type Shape } from "../../client/shape.ts";
import type { Sample, Timestamp } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { plural } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";
import type { Log, ThrottledLog } from "../../terminal/log.ts";
import { type Address, parseAddress } from "../../transports/address.ts";
import { isBroker } from "./broker_options.ts";

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

/** One direction of a route. */
interface Way {
  readonly bridge: Bridge;
  readonly inputs: readonly OpenInput[];
  /** What merges the inputs, where it is needed. */
  readonly merge: Merge | undefined;
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
    return this.#ways.map(({ bridge, inputs, merge, outputs }, index) => {
      const { messages, samples, skipped, outputs: counters } = bridge.counters;
      const each = inputs.map((input, position) =>
        inputFigures(input, merge?.received[position] ?? { messages, samples })
      );
      return {
        name: index === 0 ? name : backOf(name),
        ...sumReceived(each),
        merged: merge?.merged ?? 0,
        skipped,
        looped: bridge.hasLooped,
        ...merge !== undefined && { inputs: each },
        outputs: outputs.map((output, position) => outputFigures(output, counters[position])),
      };
    });
  }

  /** Descriptions of what it does, one for each direction. */
  get announcements(): string[] {
    return this.#ways.map(({ inputs, outputs }) => {
      const received = inputs.flatMap(({ client }) => client?.local ?? []).join(" and ");
      const read = inputs.flatMap(({ client, end }) => client === undefined ? end.name : []).join(" and ");
      const reading = received === "" ? `Reading ${read}` : read === "" ? "" : `, reading ${read}`;
      const start = received === "" ? reading : `Receiving on ${received}${reading}`;
      const ends = outputs.map(({ end, client, file }) =>
        `${client?.remote ?? end.name} as ${client?.format.name ?? file?.format}`
      );
      return `${start}, sending to ${ends.join(" and ")}`;
    });
  }

  /** Errors of connections that were lost, and of files that could not be written as a whole; known when it is closed. */
  get failures(): string[] {
    const skipped = this.#ways.flatMap(({ inputs }) => inputs).flatMap(({ file, end }) =>
      file === undefined || file.refused === 0
        ? []
        : [`Skipped ${plural(file.refused, "record")} of ${end.name} that could not be read`]
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
    for (const { inputs } of this.#ways) for (const { client } of inputs) client?.close();
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
    const { name, inputs, merge, to, steps, isReversed } = this.description;
    const [from] = inputs;
    const signals = merge === undefined ? from && listOf(from) : merge.signals;
    const shape = await readInput(() => createShape(steps, signals), `Cannot bridge ${name}`).catch((error) => {
      throw error instanceof RangeError ? new InputError(error.message, { cause: error }) : error;
    });
    const clients: OpenInput[] = [];
    for (const end of inputs) if (end.path === undefined) clients.push({ end, client: await this.#openInput(end) });
    const outputs: OpenOutput[] = [];
    for (const end of to) outputs.push(await this.#openOutput(end, shape));
    const opened: OpenInput[] = [];
    for (const end of inputs) {
      opened.push(clients.find((client) => client.end === end) ?? { end, file: await this.#openFile(end) });
    }
    const forward = this.#connect(opened, outputs, shape);
    this.#ways = [forward];
    const [source] = clients;
    const [first] = outputs;
    if (!isReversed || source?.client === undefined || first?.client === undefined) return;
    const back = { end: source.end, client: source.client };
    this.#ways = [forward, this.#connect([{ end: first.end, client: first.client }], [back], undefined)];
  }

  #connect(inputs: readonly OpenInput[], outputs: readonly OpenOutput[], shape: Shape | undefined): Way {
    const { sequence, rate, name, merge: merging } = this.description;
    const { count, onSamples } = this.#settings;
    const unsent = this.#throttle();
    const unsendable = this.#throttle();
    const isForward = shape !== undefined;
    const isFile = inputs.every(({ file }) => file !== undefined);
    const label = isForward ? name : backOf(name);
    const sources: BridgeSource[] = inputs.flatMap(({ client, file }) => client ?? file ?? []);
    const merge = isForward && merging !== undefined ? this.#merge(inputs, sources, merging) : undefined;
    const source = merge ?? sources[0];
    if (source === undefined) throw new Error(`Cannot bridge ${name}: nothing is open to receive from`);
    const bridge = createBridge(source, outputs.map((output) => this.#settingsOf(output, isFile)), {
      ...isForward && { shape, sequence },
      ...isForward && rate !== undefined && { rate },
      ...count !== undefined && { count },
      stampArrival: !isFile && outputs.some(({ file }) => file !== undefined),
      ...onSamples && { onSamples: (samples, received) => onSamples(samples, received, label) },
      onEncodeError: (error, index) => unsent.log(describeRefused(error, outputs[index]?.end)),
      onSendError: (error) => unsendable.log(error.message),
      onNotice: (message) => this.#log.warning(`${label}: ${message}`),
    });
    return { bridge, inputs, merge, outputs };
  }

  #merge(
    inputs: readonly OpenInput[],
    sources: readonly BridgeSource[],
    { parts, mode, mask, keepsSequence }: MergeDescription,
  ): Merge {
    return createMerge(sources, parts, {
      ...{ mode, mask, keepSequence: keepsSequence },
      onWait: (silent) => {
        const names = silent.map((index) => inputs[index]?.end.name).join(" and ");
        this.#log.warning(`${this.description.name}: nothing has come from ${names} yet, so there is nothing to merge`);
      },
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
    const { address, local, remote } = end;
    // At a broker, the address says what to receive; other connections go both ways.
    const isLink = address !== undefined && isConnection(address) && !isBroker(address);
    const own = local ?? (isLink ? undefined : address);
    return await this.#openClient(end, { local: own, remote: remote ?? (isLink ? address : undefined) });
  }

  async #openFile(end: End): Promise<FileSource> {
    const unreadable = this.#throttle();
    return await FileSource.open(end, this.#stopped.signal, (error) => unreadable.log(`${end.name}: ${error.message}`));
  }

  async #openOutput(end: End, shape: Shape): Promise<OpenOutput> {
    if (end.path === undefined) {
      const { address, local, remote = address } = end;
      const own = local ?? (remote === undefined || isConnection(remote) ? undefined : freeLocalFor(remote));
      return { end, client: await this.#openClient(end, { local: own, remote }, shape.signals) };
    }
    const onBroken = () => {
      // A reader that is gone (`| head -1`) ends the command.
      if (end.path !== "-") this.#log.error(`Cannot write ${end.name} any more`);
    };
    const file = await FileSink.open(end, listOf(end) ?? shape.signals, this.#settings.session, onBroken);
    this.#owned.use(file);
    return { end, file };
  }

  async #openClient(end: End, addresses: ClientAddresses, names?: readonly Signal[]): Promise<Client> {
    const throttle = () => this.#throttle();
    const client = await openBridgeClient(end, addresses, {
      log: this.#log,
      batch: this.#settings.batch,
      names,
      throttle,
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

/** Returns an address of its own to send from. */
function freeLocalFor(remote: Address): Address | undefined {
  if (remote.transport !== "unix") return freeLocal(remote);
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
