/**
 * Sends messages to a broker over AMQP 0-9-1.
 *
 * @module
 */

import type { Channel, ChannelModel, ConfirmChannel, Options } from "npm:amqplib@2.3.1";
import type { DialOptions, LinkConnection } from "../link/connection.ts";
import type { Unconfirmed } from "../link/unconfirmed.ts";
import { AmqpConnection, type AmqpSettings, declareExchange } from "./connection.ts";
import type { AmqpRoute } from "./options.ts";

/** Number of messages that the package keeps until the socket takes them; its own default is 16 times as many. */
const bufferedMessages = 64;

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
 * Connects with a broker once, to send.
 *
 * @throws As {@linkcode dialConsumer}
 */
export async function dialProducer(settings: ProducerSettings, dialing: DialOptions): Promise<LinkConnection> {
  const connection = new AmqpProducer(settings);
  await connection.start(dialing.signal);
  return connection;
}

class AmqpProducer extends AmqpConnection<Channel> {
  readonly #settings: ProducerSettings;
  readonly #properties: Options.Publish;
  #channel: Channel | undefined;
  #confirming: ConfirmChannel | undefined;
  /** Numbers of messages that came back and are not confirmed yet. */
  readonly #returned = new Set<number>();
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
      this.changes.notify();
    });
    channel.on("return", ({ properties: { messageId } }) => {
      // One that is to be confirmed counts when it is: without that, it is sent again, and may find a queue then.
      if (this.#confirming === undefined) onReturned();
      else this.#returned.add(Number(messageId));
    });
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
    await this.changes.until(() => !this.#isBusy || this.isClosed);
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
    const properties = { ...this.#properties, messageId: String(number) };
    const hasRoom = this.#confirming.publish(exchange, routingKey, content, properties, (error) => {
      // Where the connection is lost, the next one sends it again.
      if (error !== null && error.message !== "message nacked") return;
      if (this.#returned.delete(number) || error !== null) onReturned();
      unconfirmed.remove(number);
      this.changes.notify();
    });
    if (!hasRoom) this.#isFull = true;
  }

  protected async settle(): Promise<void> {
    await this.changes.until(() => this.#settings.unconfirmed.size === 0 || this.isClosed);
    // The package ignores what comes back after the channel is to be closed. An answer comes behind all of that.
    if (!this.isClosed) await this.#channel?.prefetch(0).catch(() => {});
  }
}
