/**
 * Receives messages of a broker over AMQP 0-9-1.
 *
 * @module
 */

import type { Channel, ChannelModel, ConsumeMessage } from "npm:amqplib@2.3.1";
import type { DialOptions, LinkConnection } from "../link/connection.ts";
import { AmqpConnection, type AmqpSettings, declareExchange } from "./connection.ts";
import type { AmqpRoute } from "./options.ts";

/** Default number of messages that a broker sends ahead of their acknowledgement. */
const defaultPrefetch = 256;

/** What receiving needs. */
export interface ConsumerSettings extends AmqpSettings {
  /** Where messages come from; undefined for a queue that exists. */
  readonly route: AmqpRoute | undefined;
  /** Mark of the messages that this link has sent, which are left out; undefined where they are received, too. */
  readonly ownMark: string | undefined;
  /** The place in a stream, which outlives a connection. */
  readonly position: { next: number | undefined };
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
