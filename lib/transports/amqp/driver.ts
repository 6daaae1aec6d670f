/**
 * The driver of AMQP: one connection with a broker that sends or receives, by the package `amqplib`.
 *
 * This file is the only one that loads the package, and it is loaded when a link connects for the first time.
 *
 * @see AMQP 0-9-1; RabbitMQ, "Publisher Confirms", "Streams"
 *
 * @module
 */

import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type ConsumeMessage,
  type Options,
} from "npm:amqplib@2.3.1";
import { type DialOptions, type LinkConnection, RefusedError } from "../link/connection.ts";
import {
  describeSocketError,
  explainAlert,
  explainOpening,
  explainSocketError,
  type SocketTarget,
  tlsOptions,
  withTlsHint,
} from "../link/socket.ts";
import type { Unconfirmed } from "../link/unconfirmed.ts";
import type { AmqpOptions, AmqpRoute } from "./options.ts";

/** Time between signs of life in both directions, in seconds; the connection counts as lost after twice as long. */
const heartbeat = 5;

/** The longest time of opening a connection, in milliseconds. */
const openingTime = 10_000;

/** Number of messages that the package keeps until the socket takes them; its own default is 16 times as many. */
const bufferedMessages = 64;

/** Default number of messages that a broker sends ahead of their acknowledgement. */
const defaultPrefetch = 256;

/** What both directions need. */
export interface AmqpSettings {
  readonly broker: SocketTarget;
  readonly options: AmqpOptions;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** What receiving needs. */
export interface ConsumerSettings extends AmqpSettings {
  /** Where messages come from; undefined for a queue that exists. */
  readonly route: AmqpRoute | undefined;
  /** Mark of the messages that this link has sent, which are left out; undefined where they are received, too. */
  readonly ownMark: string | undefined;
  /** The place in a stream, which outlives a connection. */
  readonly position: { next: number | undefined };
}

/** What sending needs. */
export interface ProducerSettings extends AmqpSettings {
  /** Where messages go to. */
  readonly route: AmqpRoute;
  /** Mark of the messages of this link. */
  readonly mark: string;
  /** What the broker has not confirmed, of the connections before this one, too. */
  readonly unconfirmed: Unconfirmed;
  /** Called for each message that the broker gave back: no queue takes it, or it could not keep it. */
  onReturned(): void;
}

/**
 * Connects with a broker once, to receive.
 *
 * @throws {RefusedError} If the broker refuses this client, or has an exchange or a queue with other properties
 * @throws {Error} If the broker cannot be reached
 */
export async function dialConsumer(settings: ConsumerSettings, dialing: DialOptions): Promise<LinkConnection> {
  const connection = new AmqpConsumer(settings, dialing.onMessage);
  await connection.start(dialing.signal);
  return connection;
}

/**
 * Connects with a broker once, to send.
 *
 * @throws As {@linkcode dialConsumer}
 */
export async function dialProducer(settings: ProducerSettings, dialing: DialOptions): Promise<LinkConnection> {
  const connection = new AmqpProducer(settings);
  await connection.start(dialing.signal);
  return connection;
}

/** A connection with one channel. Whatever ends one of them ends both. */
abstract class AmqpConnection<C extends Channel> implements LinkConnection {
  readonly closed: Promise<string>;
  protected readonly settings: AmqpSettings;
  /** True when the connection is lost or closed. */
  protected isClosed = false;
  /** Wakes the call that waits for a change. */
  protected wake = (): void => {};
  readonly #resolveClosed: (reason: string) => void;
  /** Aborted to destroy the socket, which the package does not give away. */
  readonly #socketEnd = new AbortController();
  #connection: ChannelModel | undefined;
  #channel: C | undefined;
  /** The error that has ended the connection, if one has. */
  #error: Error | undefined;

  constructor(settings: AmqpSettings) {
    this.settings = settings;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<string>());
  }

  abstract send(message: Uint8Array): Promise<void> | void;

  /** Opens the channel of this direction. */
  protected abstract openChannel(connection: ChannelModel): Promise<C>;

  /** Declares what this direction uses, and begins. */
  protected abstract begin(channel: C): Promise<void>;

  /** Waits until everything is delivered that has to be, before the channel is closed. */
  protected abstract settle(): Promise<void>;

  /** Connects and begins. */
  async start(signal: AbortSignal): Promise<void> {
    const give = () => this.abort();
    signal.addEventListener("abort", give, { once: true });
    try {
      if (signal.aborted) give();
      const connection = await this.#connect();
      this.#connection = connection;
      connection.on("error", (error) => this.#error ??= error);
      connection.on("close", (error) => this.#end(error));
      const channel = await this.openChannel(connection);
      this.#channel = channel;
      channel.on("error", (error) => this.#error ??= error);
      channel.on("close", () => this.#abandon());
      await this.begin(channel);
    } catch (error) {
      this.abort();
      throw this.#explain(error);
    } finally {
      signal.removeEventListener("abort", give);
    }
  }

  async #connect(): Promise<ChannelModel> {
    const { broker, options: { vhost = "/" }, user = "guest", password = "guest" } = this.settings;
    const { host, port, tls } = broker;
    const server = { protocol: tls === undefined ? "amqp" : "amqps", hostname: host, port };
    const login = { username: user, password, vhost: encodeURIComponent(vhost), heartbeat };
    const socket = {
      ...{ noDelay: true, timeout: openingTime, signal: this.#socketEnd.signal },
      ...tls !== undefined && tlsOptions(tls, host),
      clientProperties: { connection_name: "villas-client" },
    };
    try {
      return await connect({ ...server, ...login }, socket);
    } catch (error) {
      if (/Handshake|SASL|abruptly|frame|Expected/i.test((error as Error).message)) throw error;
      throw explainAlert(error, host) ?? await explainSocketError(error, broker);
    }
  }

  /** Explains why the connection could not begin. */
  #explain(error: unknown): Error {
    if (error instanceof RefusedError) return error;
    const cause = this.#error ?? error;
    const { message, code } = cause as Error & { code?: unknown };
    const { user, options: { vhost = "/" } } = this.settings;
    const refuse = (reason: string) => new RefusedError(reason, { cause });
    if (/ACCESS.REFUSED/.test(message) && /Handshake|login|Login/.test(message)) {
      return refuse(
        user === undefined
          ? 'the broker does not accept user "guest"; set VILLAS_USER and VILLAS_PASSWORD'
          : `the broker refuses user "${user}" or the password; see VILLAS_USER and VILLAS_PASSWORD`,
      );
    }
    // The package leaves out the reason of a broker that closes the connection instead of opening it.
    if (/NOT.ALLOWED|Expected ConnectionOpenOk/.test(message)) {
      return refuse(`the broker has no virtual host "${vhost}", or not for this user`);
    }
    if (code === 406) return refuse(`the broker has it with other properties: ${describeClose(message)}`);
    if (code === 404 || code === 403 || code === 405) return refuse(`the broker refuses it: ${describeClose(message)}`);
    if (/abruptly|frame|Expected/i.test(message)) {
      const reason = /abruptly/.test(message) ? "the other end closed the connection" : "it does not speak AMQP 0-9-1";
      return new Error(withTlsHint(reason, this.settings.broker, "amqps"), { cause });
    }
    return explainOpening(cause, this.settings.broker, "amqps");
  }

  /** Ends the connection because its channel has ended. */
  #abandon(): void {
    if (!this.isClosed) this.#connection?.close().catch(() => {});
  }

  #end(error: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const cause = this.#error ?? error;
    this.#resolveClosed(cause === undefined ? "the broker closed the connection" : describeEnd(cause));
    this.wake();
  }

  /** Waits for a change. */
  protected change(): Promise<void> {
    return new Promise((resolve) => this.wake = resolve);
  }

  async close(): Promise<void> {
    await this.settle();
    if (this.isClosed) return;
    const connection = this.#connection;
    try {
      // First the channel: what was just published would be lost with the connection.
      await this.#channel?.close();
      await connection?.close();
    } catch {
      // It has ended meanwhile.
    }
    this.abort();
  }

  abort(): void {
    this.#socketEnd.abort();
    this.#end(undefined);
  }
}

class AmqpConsumer extends AmqpConnection<Channel> {
  readonly #settings: ConsumerSettings;
  readonly #onMessage: DialOptions["onMessage"];
  /** The last message that was received and not acknowledged. */
  #last: ConsumeMessage | undefined;
  #acknowledge = (_upTo: ConsumeMessage): void => {};

  constructor(settings: ConsumerSettings, onMessage: DialOptions["onMessage"]) {
    super(settings);
    this.#settings = settings;
    this.#onMessage = onMessage;
  }

  protected openChannel(connection: ChannelModel): Promise<Channel> {
    return connection.createChannel();
  }

  protected async begin(channel: Channel): Promise<void> {
    const { route, options } = this.#settings;
    const { queue: name, queue_type: type = "classic", prefetch = defaultPrefetch } = options;
    if (route !== undefined) await declareExchange(channel, route, options);
    if (name === undefined) {
      const { queue } = await channel.assertQueue("", { durable: false, exclusive: true, autoDelete: true });
      if (route !== undefined) await channel.bindQueue(queue, route.exchange, route.routingKey);
      await channel.consume(queue, (message) => this.#take(message), { noAck: true });
      return;
    }
    // Without a route the queue is another one's, declared as that one likes.
    if (route === undefined) await channel.checkQueue(name);
    else {
      await channel.assertQueue(name, { durable: true, arguments: { "x-queue-type": type } });
      if (route.exchange !== "") await channel.bindQueue(name, route.exchange, route.routingKey);
    }
    // A stream refuses a consumer without a limit or without acknowledgement.
    await channel.prefetch(prefetch);
    this.#acknowledge = (message) => channel.ack(message, true);
    const offset = this.#settings.position.next ?? options.offset ?? "next";
    const stream = type === "stream" ? { arguments: { "x-stream-offset": offset } } : {};
    await channel.consume(name, (message) => this.#take(message, true), { noAck: false, ...stream });
  }

  #take(message: ConsumeMessage | null, isAcknowledged = false): void {
    if (message === null) {
      // The queue was deleted; the next connection declares it again.
      this.abort();
      return;
    }
    const { properties, content } = message;
    if (properties.appId === undefined || properties.appId !== this.#settings.ownMark) {
      // A copy: the content may be a view of all that came with it, which would stay in memory as long as it.
      this.#onMessage(new Uint8Array(content));
    }
    const offset = properties.headers?.["x-stream-offset"];
    if (typeof offset === "number") this.#settings.position.next = offset + 1;
    if (!isAcknowledged) return;
    // One acknowledgement for all that came at once.
    if (this.#last === undefined) setTimeout(() => this.#acknowledgeLast(), 0);
    this.#last = message;
  }

  #acknowledgeLast(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined && !this.isClosed) this.#acknowledge(last);
  }

  send(): never {
    throw new Error("it only receives");
  }

  // deno-lint-ignore require-await -- a promise, as that of the producer
  protected async settle(): Promise<void> {
    this.#acknowledgeLast();
  }
}

class AmqpProducer extends AmqpConnection<Channel> {
  readonly #settings: ProducerSettings;
  readonly #properties: Options.Publish;
  #channel: Channel | undefined;
  #confirming: ConfirmChannel | undefined;
  /** True while the package's buffer is full. */
  #isFull = false;

  constructor(settings: ProducerSettings) {
    super(settings);
    this.#settings = settings;
    const { confirm = false } = settings.options;
    // VILLASnode sets no properties and reads none; what is to be confirmed is to outlive the broker, too.
    this.#properties = { appId: settings.mark, mandatory: true, ...confirm && { persistent: true } };
  }

  get pending(): number {
    return this.#settings.unconfirmed.size;
  }

  protected async openChannel(connection: ChannelModel): Promise<Channel> {
    const buffering = { highWaterMark: bufferedMessages };
    if (!this.#settings.options.confirm) return this.#channel = await connection.createChannel(buffering);
    this.#confirming = await connection.createConfirmChannel(buffering);
    return this.#channel = this.#confirming;
  }

  protected async begin(channel: Channel): Promise<void> {
    const { route, options, unconfirmed, onReturned } = this.#settings;
    await declareExchange(channel, route, options);
    channel.on("drain", () => {
      this.#isFull = false;
      this.wake();
    });
    channel.on("return", () => onReturned());
    for (const [number, message] of unconfirmed.entries()) this.#publish(message, number);
  }

  send(message: Uint8Array): Promise<void> | void {
    if (this.isClosed) throw new Error("the connection is lost");
    if (this.#isBusy) return this.#sendLater(message);
    this.#take(message);
  }

  get #isBusy(): boolean {
    return this.#isFull || this.#settings.unconfirmed.isFull;
  }

  async #sendLater(message: Uint8Array): Promise<void> {
    while (this.#isBusy && !this.isClosed) await this.change();
    if (this.isClosed) throw new Error("the connection is lost");
    this.#take(message);
  }

  #take(message: Uint8Array): void {
    const copy = message.slice();
    if (this.#confirming === undefined) this.#publish(copy);
    else this.#publish(copy, this.#settings.unconfirmed.add(copy));
  }

  /** Publishes a message that stays as it is. */
  #publish(message: Uint8Array, number?: number): void {
    const { route: { exchange, routingKey }, unconfirmed, onReturned } = this.#settings;
    // The package takes bytes as a Buffer only.
    const content = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    if (number === undefined || this.#confirming === undefined) {
      if (this.#channel?.publish(exchange, routingKey, content, this.#properties) === false) this.#isFull = true;
      return;
    }
    const hasRoom = this.#confirming.publish(exchange, routingKey, content, this.#properties, (error) => {
      // Where the connection is lost, the next one sends it again.
      if (error !== null && error.message !== "message nacked") return;
      if (error !== null) onReturned();
      unconfirmed.remove(number);
      this.wake();
    });
    if (!hasRoom) this.#isFull = true;
  }

  protected async settle(): Promise<void> {
    while (this.#settings.unconfirmed.size > 0 && !this.isClosed) await this.change();
    // The package ignores what comes back after the channel is to be closed. An answer comes behind all of that.
    if (!this.isClosed) await this.#channel?.prefetch(0).catch(() => {});
  }
}

/** Declares the exchange, as VILLASnode does unless the options say otherwise; the one without a name exists always. */
async function declareExchange(channel: Channel, { exchange }: AmqpRoute, options: AmqpOptions): Promise<void> {
  const { exchange_type: type = "direct", durable = false } = options;
  if (exchange !== "") await channel.assertExchange(exchange, type, { durable, autoDelete: false });
}

/** Returns the part of a broker's message that says the reason. */
function describeClose(message: string): string {
  const [, reason] = /with message "(.*)"/s.exec(message) ?? [];
  return (reason ?? message).replaceAll("\0", "").replace(/^[A-Z]+[_-][A-Z]+ - /, "");
}

/** Describes why a connection has ended, as the end of a sentence. */
function describeEnd(error: Error): string {
  if (/Heartbeat timeout/i.test(error.message)) return `nothing came for ${2 * heartbeat} s`;
  if (/CONNECTION.FORCED/.test(error.message)) return "the broker shuts down";
  if (/Unexpected close/.test(error.message)) return "the broker closed the connection";
  return /with message/.test(error.message) ? describeClose(error.message) : describeSocketError(error);
}
