/**
 * Opens a client: finds its format and addresses, and puts the transport, the codecs and both queues together.
 *
 * @module
 */

import { autoOptions } from "./auto_format.ts";
import type { Client } from "./client.ts";
import { createCodecs, type Sending, signalsOfFormat, undecidedCodecs } from "./codecs.ts";
import type { Counters } from "./counters.ts";
import { ClosedError } from "./errors.ts";
import { agreeOnFormat } from "./link_format.ts";
import { PeerCodecs, peerFormatOptions } from "./peer_codecs.ts";
import { synchrophasorOptions } from "./synchrophasors.ts";
import { Receiver } from "./receiver.ts";
import { type ReceiveOptions, ReceiveQueue, type WaitOptions } from "./receive_queue.ts";
import { type PeerEncoding, SendQueue, type SendResult } from "./send_queue.ts";
import type { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { FormatSpecification } from "../formats/table.ts";
import { parseDirections, type SignalDirections } from "../samples/directions.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import type { SignalNotation } from "../samples/signals.ts";
import { type Address, parseAddress } from "../transports/address.ts";
import { defaultRemoteFor, type OpenOptions, openTransport } from "../transports/table.ts";
import type { ReadyOptions, Transport, TransportStats } from "../transports/transport.ts";

/** Options of {@linkcode connect}. */
export interface ConnectOptions extends OpenOptions {
  /**
   * Format of the datagrams; default `"protobuf"`, or what the address says: the ending of a WebSocket's path, else that of
   * VILLASnode's node type (`ws`: `"villas.web"`, `mqtt` and `amqp`: `"json"`). With `"auto"`, it is detected from the first
   * datagrams: they are held back until they tell it, for a second and 8 datagrams at most, and none is lost. It may have
   * the options that all formats have, as in `{ type: "auto", ts_received: true }`.
   */
  format?: FormatSpecification | Format;
  /**
   * The signals of both directions, as VILLASnode's `"64f2i"` or a list with names and units; or `{ in, out }`, because a
   * node seldom sends what it takes. `in` has the types of received values, for formats that do not carry types or names.
   * `out` has the signals that the node takes, and nothing else is sent; without it, up to 64 floats, VILLASnode's default.
   * `"any"` sends everything, to a receiver that is known to survive it.
   */
  signals?: SignalNotation | SignalDirections;
  /** A transport that is open already, instead of addresses; the client closes it at its end. */
  transport?: Transport;
  /**
   * Called for each datagram that cannot be decoded, with the address that it came from where the transport can tell; it is
   * counted and left out in any case. The datagram is valid during the call.
   */
  onDecodeError?: (error: DecodeError, datagram?: Uint8Array, source?: string) => void;
  /**
   * Called where clients of a WebSocket server have asked for a format that cannot carry what is sent: they do not get it.
   * Format and signals of the server itself decide whether it is sent at all.
   */
  onPeerEncodeError?: (error: Error, format: string) => void;
  /** Called with the detected format and the reason why it is that one; only with the format `"auto"`. */
  onDetected?: (format: Format, reason: string) => void;
}

/**
 * Connects with a VILLASnode. Over UDP and unix datagrams, that is to open a socket; a transport that connects goes on
 * connecting in the background, and {@linkcode Client.ready} waits for it.
 *
 * @param options Addresses, format and signals. The defaults are those of VILLASnode's Python client: `protobuf` over UDP,
 * received on port 12001, sent to port 12000 of this machine.
 * @returns The client; close it, or declare it with `await using`
 * @throws {Deno.errors.AddrInUse} If another socket has the local address
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address or the signal list cannot be parsed
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
  const { format: given, signals, ...rest } = options;
  const { format: specification = "protobuf", local, remote } = agreeOnFormat({
    format: given,
    local: toAddress(rest.local),
    remote: toAddress(rest.remote),
    check: rest.check,
  });
  const addresses = {
    ...peerFormatOptions(local, remote),
    ...rest,
    ...synchrophasorOptions(specification, remote ?? local, rest.synchrophasors),
    ...local && { local },
    ...remote && { remote },
  };
  const directions = parseDirections(signals ?? signalsOfFormat(specification));
  const auto = autoOptions(specification);
  const codecs = auto === undefined ? await createCodecs(specification, directions) : undecidedCodecs;
  const transport = options.transport ?? await openTransport(withDefaultRemote(addresses));
  const createDetected = (found: FormatSpecification) => createCodecs(found, directions, auto);
  try {
    const preamble = transport.keepsPreamble ? codecs.sent.format.preamble?.() : undefined;
    if (preamble !== undefined) await transport.send(preamble);
  } catch (error) {
    transport.close();
    throw error;
  }
  const peers = transport.peerFormats && new PeerCodecs(transport.peerFormats, directions);
  const receiver = new Receiver(transport, codecs, createDetected, options, directions.in, peers);
  return new OpenClient(transport, receiver, peers && { codecs: peers, onError: options.onPeerEncodeError });
}

function toAddress(address: string | Address | undefined): Address | undefined {
  return typeof address === "string" ? parseAddress(address) : address;
}

function withDefaultRemote(options: OpenOptions): OpenOptions {
  if (options.remote !== undefined) return options;
  const local = toAddress(options.local);
  const remote = defaultRemoteFor(local?.transport ?? "udp", local);
  return { ...options, ...remote !== undefined && { remote } };
}

class OpenClient implements Client {
  readonly local: string;
  readonly closed: Promise<Error | undefined>;
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  readonly #receiveQueue: ReceiveQueue;
  readonly #sendQueue: SendQueue;
  #isClosed = false;

  constructor(transport: Transport, receiver: Receiver, peers: PeerEncoding | undefined) {
    this.local = transport.local;
    this.closed = transport.closed;
    this.#transport = transport;
    this.#receiver = receiver;
    this.#receiveQueue = new ReceiveQueue(receiver);
    this.#sendQueue = new SendQueue(transport, peers);
    void transport.closed.then(() => this.#isClosed = true); // where not this client closes it
  }

  get remote(): string | undefined {
    return this.#transport.remote;
  }

  get format(): Format {
    return this.#receiver.codecs.received;
  }

  get counters(): Counters {
    return { received: this.#receiver.counters, sent: { ...this.#sendQueue.counters } };
  }

  receive(options?: ReceiveOptions): Promise<Sample[][]> {
    return this.#receiveQueue.receive(options);
  }

  samples(options?: WaitOptions): AsyncIterableIterator<Sample> {
    return this.#receiveQueue.samples(options);
  }

  waitForSamples(options?: WaitOptions): Promise<boolean> {
    return this.#receiveQueue.waitForSamples(options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Sample> {
    return this.#receiveQueue.samples();
  }

  async send(samples: OutgoingSample | readonly OutgoingSample[]): Promise<SendResult> {
    this.enqueue(isList(samples) ? samples : [samples]);
    return await this.#sendQueue.flush();
  }

  enqueue(samples: readonly OutgoingSample[]): void {
    this.#enqueue(samples, "sent");
  }

  enqueueEcho(samples: readonly Sample[]): void {
    this.#enqueue(samples, "echoed");
  }

  #enqueue(samples: readonly OutgoingSample[], sending: Sending): void {
    if (this.#isClosed) throw new ClosedError(this.local);
    this.#sendQueue.enqueue(samples, this.#receiver.codecs, sending);
  }

  flush(): Promise<SendResult> {
    return this.#sendQueue.flush();
  }

  flushNow(): SendResult | Promise<SendResult> {
    return this.#sendQueue.flushNow();
  }

  ready(options?: ReadyOptions): Promise<void> {
    return this.#transport.ready(options);
  }

  stats(): TransportStats {
    return this.#transport.stats();
  }

  close(): void {
    this.#isClosed = true;
    this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed; // a connection delivers what was sent
  }
}

function isList(samples: OutgoingSample | readonly OutgoingSample[]): samples is readonly OutgoingSample[] {
  return Array.isArray(samples);
}
