/**
 * A connection with a broker over AMQP 0-9-1 and its channel, by the package `amqplib`: opened, explained and closed.
 *
 * The files of this folder that load the package are loaded when a link connects for the first time.
 *
 * @see AMQP 0-9-1; RabbitMQ, "Publisher Confirms", "Streams"
 *
 * @module
 */

import { type Channel, type ChannelModel, connect } from "npm:amqplib@2.3.1";
import { Changes } from "../../system/changes.ts";
import { type LinkConnection, RefusedError } from "../link/connection.ts";
import {
  describeSocketError,
  explainAlert,
  explainOpening,
  explainSocketError,
  type SocketTarget,
  tlsOptions,
  withTlsHint,
} from "../link/socket.ts";
import type { AmqpOptions, AmqpRoute } from "./options.ts";

/** Time between signs of life in both directions, in seconds; the connection counts as lost after twice as long. */
const heartbeat = 5;

/** The longest time of opening a connection, in milliseconds. */
const openingTime = 10_000;

/** What both directions need. */
export interface AmqpSettings {
  readonly broker: SocketTarget;
  readonly options: AmqpOptions;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** A connection with one channel. Whatever ends one of them ends both. */
export abstract class AmqpConnection<C extends Channel> implements LinkConnection {
  readonly closed: Promise<string>;
  protected readonly settings: AmqpSettings;
  /** True when the connection is lost or closed. */
  protected isClosed = false;
  readonly #resolveClosed: (reason: string) => void;
  /** Aborted to destroy the socket, which the package does not give away. */
  readonly #socketEnd = new AbortController();
  /** Functions that wake the calls which wait for a change. */
  protected readonly changes = new Changes();
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
    this.changes.notify();
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

/** Declares the exchange, as VILLASnode does unless the options say otherwise; the one without a name exists always. */
export async function declareExchange(channel: Channel, { exchange }: AmqpRoute, options: AmqpOptions): Promise<void> {
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
