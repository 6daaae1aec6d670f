/**
 * The client: a transport and a format, samples in and samples out.
 *
 * @module
 */

import { autoOptions, createDetector, DetectionError, undecidedFormat } from "./auto_format.ts";
import type { Counters } from "./counters.ts";
import { createOutgoing, type Encoder } from "./send_queue.ts";
import { DecodeError } from "../formats/errors.ts";
import type { Format, FormatOptions } from "../formats/format.ts";
import { createFormat, type FormatSpecification } from "../formats/table.ts";
import { createEchoGuard, createGuard } from "./guard.ts";
import type { Sample } from "../samples/sample.ts";
import { createSequenceTracker } from "../samples/sequence.ts";
import { type LinkSignals, parseDirections, type SignalDirections } from "../samples/directions.ts";
import type { Signal, SignalNotation } from "../samples/signals.ts";
import { defaultRemoteOf, openTransport, transportOf } from "../transports/table.ts";
import type { ReadyOptions, Transport, TransportOptions } from "../transports/transport.ts";

/** How to connect with a VILLASnode. */
export interface ConnectOptions extends TransportOptions {
  /**
   * How samples are written in datagrams; default `"protobuf"`. With `"auto"`, the first datagrams that come tell it:
   * they are held back until they do, for a second and 8 datagrams at most, and none is lost. It may have the options
   * that all formats have, as in `{ type: "auto", ts_received: true }`.
   */
  format?: FormatSpecification | Format;
  /**
   * The signals of both directions, as VILLASnode's `"64f2i"` or a list with names and units; or `{ in, out }`, because a
   * node seldom sends what it takes. `in` says what received values are, in formats that do not carry types or names.
   * `out` is what the node takes, and nothing else is sent; without it, up to 64 floats, which is VILLASnode's default.
   * `"any"` sends everything, to a receiver that is known to survive it.
   */
  signals?: SignalNotation | SignalDirections;
  /** A transport that is open already, instead of addresses; the client closes it at its end. */
  transport?: Transport;
  /** Called for each datagram that cannot be decoded; it is counted and left out in any case. */
  onRefused?: (error: DecodeError) => void;
  /** Called when the first datagrams have told their format, and why it is that one; only with the format `"auto"`. */
  onDetected?: (format: Format, reason: string) => void;
}

/**
 * A connection with a VILLASnode: samples in and samples out.
 *
 * Iterating over it gives each sample as it comes, until the client is closed; an iteration that is left early and
 * begun again goes on with the next sample. {@linkcode Client.receive} gives them datagram by datagram instead; do one or
 * the other at a time.
 *
 * Several senders may send at a time: the order of their calls is that of the datagrams.
 */
export interface Client extends AsyncIterable<Sample>, AsyncDisposable {
  /** The address that it receives on, such as `"udp://127.0.0.1:12001"`. */
  readonly local: string;
  /** The address that it sends to, if any. */
  readonly remote: string | undefined;
  /** How samples are written in datagrams; one of the name `"auto"`, which can do nothing, until it is known. */
  readonly format: Format;
  /** How much the kernel keeps of datagrams that wait, as {@linkcode Transport.receiveBuffer} says. */
  readonly receiveBuffer: number | undefined;
  /** What was received and sent so far: a copy that does not change any more. */
  readonly counters: Counters;

  /**
   * Waits for samples.
   *
   * @param limit How many datagrams to take at most, 1 or more; default: as many as there are. With the format `"auto"`,
   * more of them may tell the format.
   * @returns The samples of each datagram that is there, at least one sample; an empty list when the client is closed
   * @throws {DetectionError} If, with the format `"auto"`, what has come does not tell its format. It counts as refused
   * then; the next call looks at what comes next.
   */
  receive(limit?: number): Promise<Sample[][]>;

  /**
   * Sends one datagram, and with it those that are prepared already.
   *
   * @param samples What it shall hold; nothing is sent for none. VILLASnode takes one sample a datagram unless its
   * `vectorize` says otherwise.
   * @throws {UnfitSampleError} If a sample does not fit the signals of the receiver; nothing is sent then
   * @throws {EncodeError} If the format cannot carry a sample; nothing is sent then
   * @throws {RangeError} If the datagram would be too long; nothing is sent then
   * @throws {TypeError} If there is no remote
   * @throws {Error} If the system refuses to send, as {@linkcode Transport.send} says; nothing is sent then
   */
  send(samples: Sample | readonly Sample[]): Promise<void>;

  /**
   * Prepares a datagram, which {@linkcode Client.flush} sends: several go to the system at once.
   *
   * @param samples As {@linkcode Client.send}
   * @throws As {@linkcode Client.send}; what was prepared before stays prepared
   */
  enqueue(samples: readonly Sample[]): void;

  /**
   * Prepares a datagram that gives received samples back as they are, for {@linkcode Client.flush}. The other end chose
   * their types, so they are checked only where the signals of this direction are given.
   *
   * @param samples As they were received
   * @throws As {@linkcode Client.enqueue}
   */
  enqueueEcho(samples: readonly Sample[]): void;

  /**
   * Sends the datagrams that are prepared.
   *
   * @throws {Error} If the system refuses to send; nothing is sent then, nor kept
   */
  flush(): Promise<void>;

  /**
   * Waits until the remote is there, where a sender can tell (`unix`).
   *
   * @param options How to end the wait, and whom to tell of it
   */
  ready(options?: ReadyOptions): Promise<void>;

  /** Number of datagrams that the kernel dropped because they were not received in time; undefined if unknown. */
  countKernelDrops(): number | undefined;

  /** Ends receiving and sending; may be called again. */
  close(): void;
}

/**
 * Connects with a VILLASnode, that is, opens a socket: neither UDP nor unix datagrams know connections.
 *
 * @param options Where and how. Without any, those of VILLASnode's Python client: `protobuf` over UDP, received on port
 * 12001, sent to port 12000 of this machine.
 * @returns The client; close it, or declare it with `await using`
 * @throws {Deno.errors.AddrInUse} If another socket has the local address
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address or the signal list cannot be read
 * @throws {TypeError} If there is no such format or it has no such option
 *
 * @example Two ends of one connection
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect } from "@villas/client";
 *
 * await using node = await connect({ local: "memory:node", remote: "memory:client" });
 * await using client = await connect({ local: "memory:client", remote: "memory:node", signals: "2f" });
 * await client.send({ sequence: 0n, values: [230.1, 50] });
 * for await (const sample of node) {
 *   assertEquals(sample, { sequence: 0n, values: [230.1, 50] });
 *   break;
 * }
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const { format: specification = "protobuf", signals, ...addresses } = options;
  const directions = parseDirections(signals ?? signalsOfFormat(specification));
  const auto = autoOptions(specification);
  const codecs = auto === undefined ? await createCodecs(specification, directions) : undecided;
  const transport = options.transport ?? await openTransport(withDefaultRemote(addresses));
  const detected = (found: FormatSpecification) => createCodecs(found, directions, auto);
  return createClient(transport, codecs, detected, options);
}

/** The signals that stand among the options of a format, which are those of both directions. */
function signalsOfFormat(specification: FormatSpecification | Format): SignalNotation | undefined {
  return typeof specification === "object" && "signals" in specification
    ? specification.signals as SignalNotation
    : undefined;
}

/** The format of each direction: one list of signals is not the other's. */
interface Codecs {
  readonly received: Format;
  readonly sent: Encoder;
  /** For samples that go back as they came: where nothing says what the node takes, what it sent. */
  readonly echoed: Encoder;
}

const undecided: Codecs = {
  received: undecidedFormat,
  sent: { format: undecidedFormat },
  echoed: { format: undecidedFormat },
};

async function createCodecs(
  specification: FormatSpecification | Format,
  { in: received, out: sent }: LinkSignals,
  defaults: FormatOptions = {},
): Promise<Codecs> {
  const create = (signals: readonly Signal[] | undefined) =>
    createFormat(specification, signals === undefined ? defaults : { ...defaults, signals });
  const decoder = await create(received);
  const format = await create(sent === "any" ? undefined : sent);
  const encoder = { format, guard: createGuard(specification, sent), number: createNumbering(format) };
  if (sent !== undefined && sent !== "any") return { received: decoder, sent: encoder, echoed: encoder };
  const guard = sent === "any" ? undefined : createEchoGuard(specification);
  return { received: decoder, sent: encoder, echoed: { format: decoder, guard } };
}

/**
 * Numbers samples that have no sequence number, on from the last one, for a format that has a place for it in any case:
 * VILLASnode would drop all but the first of them.
 */
function createNumbering({ isNumbered }: Format): Encoder["number"] {
  if (isNumbered !== true) return undefined;
  let next = 0n;
  return (samples) =>
    samples.map((sample) => {
      const { sequence = next } = sample;
      next = BigInt.asUintN(64, sequence + 1n);
      return sample.sequence === undefined ? { ...sample, sequence } : sample;
    });
}

function withDefaultRemote(options: TransportOptions): TransportOptions {
  if (options.remote !== undefined) return options;
  const remote = defaultRemoteOf(options.local === undefined ? "udp" : transportOf(options.local), options.local);
  return remote === undefined ? options : { ...options, remote };
}

function createClient(
  transport: Transport,
  initialCodecs: Codecs,
  createDetected: (found: FormatSpecification) => Promise<Codecs>,
  { onRefused, onDetected }: ConnectOptions,
): Client {
  let codecs = initialCodecs;
  const detect = createDetector(transport, count);
  const tracker = createSequenceTracker();
  const received = { datagrams: 0, bytes: 0, samples: 0, refused: 0 };
  const outgoing = createOutgoing(transport);
  let unread: Iterator<Sample> = [].values();

  function count({ length }: Uint8Array): void {
    received.datagrams++;
    received.bytes += length;
  }

  /** As long as the format is not known: the datagrams that tell it. None when the client is closed. */
  async function detectFormat(): Promise<readonly Uint8Array[]> {
    const { datagrams, detection, isClosed } = await detect();
    if (detection.format !== undefined) {
      codecs = await createDetected({ type: detection.format, ...detection.options });
      onDetected?.(codecs.received, detection.reason);
      return datagrams;
    }
    received.refused += datagrams.length;
    if (!isClosed) throw new DetectionError(detection);
    for (const _ of datagrams) onRefused?.(new DecodeError("auto", detection.reason));
    return [];
  }

  /** The samples of a datagram; none where it cannot be decoded. */
  function decode(datagram: Uint8Array): Sample[] {
    try {
      const samples = codecs.received.decode(datagram);
      received.samples += samples.length;
      for (const sample of samples) tracker.track(sample);
      return samples;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      received.refused++;
      onRefused?.(error);
      return [];
    }
  }

  /** The samples of datagrams, without those that hold none. */
  function decodeAll(datagrams: readonly Uint8Array[]): Sample[][] {
    const messages: Sample[][] = [];
    for (const datagram of datagrams) {
      const samples = decode(datagram);
      if (samples.length > 0) messages.push(samples);
    }
    return messages;
  }

  /** Waits for samples. */
  async function receiveSome(limit?: number): Promise<Sample[][]> {
    for (;;) {
      const isDecided = codecs !== undecided;
      const datagrams = isDecided ? await transport.receive(limit) : await detectFormat();
      if (isDecided) datagrams.forEach(count); // the others are counted as they come
      const messages = decodeAll(datagrams);
      if (messages.length > 0 || datagrams.length === 0) return messages;
    }
  }

  const client: Client = {
    local: transport.local,
    get remote() {
      return transport.remote;
    },
    get format() {
      return codecs.received;
    },
    receiveBuffer: transport.receiveBuffer,
    get counters() {
      return {
        received: { ...received, ignored: transport.ignored, ...tracker.counters },
        sent: { ...outgoing.counters },
      };
    },
    receive: receiveSome,
    async send(samples) {
      client.enqueue(Array.isArray(samples) ? samples : [samples as Sample]);
      await outgoing.flush();
    },
    enqueue: (samples) => outgoing.enqueue(samples, codecs.sent),
    enqueueEcho: (samples) => outgoing.enqueue(samples, codecs.echoed),
    flush: outgoing.flush,
    ready: (readyOptions) => transport.ready(readyOptions),
    countKernelDrops: () => transport.countKernelDrops(),
    close: () => transport.close(),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let item = unread.next(); item.done !== true; item = unread.next()) yield item.value;
        const messages = await client.receive();
        if (messages.length === 0) return;
        unread = messages.flat().values();
      }
    },
    [Symbol.asyncDispose]() {
      client.close();
      return Promise.resolve();
    },
  };
  return client;
}
