/**
 * The driver of MQTT: one connection with a broker, by the package `mqtt`.
 *
 * This file is the only one that loads the package, and it is loaded when a link connects for the first time.
 *
 * @module
 */

import type { Socket } from "node:net";
import { type IClientOptions, MqttClient } from "npm:mqtt@5.16.0";
import { Changes } from "../../system/changes.ts";
import { type DialOptions, type LinkConnection, RefusedError } from "../link/connection.ts";
import {
  describeSocketError,
  explainAlert,
  explainOpening,
  openSocket,
  type SocketTarget,
  withTlsHint,
} from "../link/socket.ts";
import type { Unconfirmed } from "../link/unconfirmed.ts";
import type { MqttOptions } from "./options.ts";
import { PublishWriter } from "./publish_writer.ts";

/** VILLASnode's default of `keepalive`, in seconds (`lib/nodes/mqtt.cpp`). */
const defaultKeepalive = 5;

/** Time for which a broker keeps the session of a client of MQTT 5 that is away, in seconds: a day. */
const sessionExpiry = 86_400;

/** Number of messages that are taken before the receiver gets a turn. */
const messagesPerTurn = 128;

/** Everything that a connection with a broker needs. */
export interface MqttSettings {
  /** The broker. */
  readonly broker: SocketTarget;
  /** The filter to subscribe to; without it, nothing is received. */
  readonly filter?: string | undefined;
  /** The topic to publish under; without it, nothing is sent. */
  readonly topic?: string | undefined;
  /** Options of the user. */
  readonly options: MqttOptions;
  /** Leaves out what this client publishes itself, which version 5 can. */
  readonly isDeaf: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** What the broker has not acknowledged, of the connections before this one, too. */
  readonly unconfirmed: Unconfirmed;
  /** Called for each message that the broker refuses, which version 5 can. */
  onReturned(): void;
}

/**
 * Connects with a broker once.
 *
 * @throws {RefusedError} If the broker refuses this client or its subscription
 * @throws {Error} If the broker cannot be reached
 */
export async function dialMqtt(settings: MqttSettings, { signal, onMessage }: DialOptions): Promise<LinkConnection> {
  const socket = await openSocket(settings.broker, signal);
  const connection = new MqttConnection(settings, socket, onMessage);
  const give = () => connection.abort();
  signal.addEventListener("abort", give, { once: true });
  try {
    if (signal.aborted) give();
    await connection.open();
    return connection;
  } catch (error) {
    connection.abort();
    throw error;
  } finally {
    signal.removeEventListener("abort", give);
  }
}

class MqttConnection implements LinkConnection {
  readonly closed: Promise<string>;
  readonly #settings: MqttSettings;
  readonly #socket: Socket;
  readonly #client: MqttClient;
  readonly #publishing: { readonly qos: 0 | 1 | 2; readonly retain: boolean };
  readonly #opened = Promise.withResolvers<void>();
  /** The error that has ended the connection, if one has. */
  #error: Error | undefined;
  #isClosed = false;
  /** Number of messages that this connection has sent and the broker has not acknowledged. */
  #inFlight = 0;
  /** The largest number of them that the broker accepts. */
  #maximumInFlight = Infinity;
  /** Functions that wake the calls which wait for a change. */
  readonly #changes = new Changes();
  /** Sends what the broker does not confirm. */
  readonly #writer: PublishWriter | undefined;

  constructor(settings: MqttSettings, socket: Socket, onMessage: DialOptions["onMessage"]) {
    const { topic = "", options: { qos = 0, retain = false, version = 3 } } = settings;
    this.#settings = settings;
    this.#socket = socket;
    this.#publishing = { qos, retain };
    if (qos === 0) this.#writer = new PublishWriter(socket, { topic, retain, version });
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    // Not mqtt.connect(): it would connect again by itself, and tells the faults of certificates badly.
    this.#client = new MqttClient(() => socket, clientOptions(settings));
    this.#client.on("connect", ({ properties }) => {
      // A broker of version 5 ends the connection of a client that sends more ahead (MQTT 5, 3.3.4); the package does not
      // heed it.
      this.#maximumInFlight = properties?.receiveMaximum ?? Infinity;
      this.#opened.resolve();
    });
    // There may be several errors for one fault; the first one says the most.
    this.#client.on("error", (error) => this.#error ??= error);
    socket.on("error", (error) => this.#error ??= error);
    this.#client.on("disconnect", ({ reasonCode }) => this.#error ??= new Error(describeReason(reasonCode)));
    // A copy: the payload is a view of all that came with it, which would stay in memory as long as it.
    this.#client.on("message", (_topic, payload) => onMessage(new Uint8Array(payload)));
    // The package handles all that came at once before anything else runs: the receiver gets a turn now and then, or a
    // burst would be dropped unread.
    let handled = 0;
    this.#client.handleMessage = (_packet, callback) => {
      if (++handled % messagesPerTurn === 0) setImmediate(callback);
      else callback();
    };
    socket.on("drain", () => this.#changes.notify());
    socket.on("close", () => {
      this.#isClosed = true;
      this.#client.end(true);
      this.#opened.reject(explainRefusal(this.#error, settings));
      resolve(this.#error === undefined ? "the broker closed the connection" : describeSocketError(this.#error));
      this.#changes.notify();
    });
    this.#opened.promise.catch(() => {});
  }

  get pending(): number {
    return this.#settings.unconfirmed.size;
  }

  /** Waits for the broker's consent, subscribes, and sends again what the last connection did not confirm. */
  async open(): Promise<void> {
    await this.#opened.promise;
    const { filter, isDeaf, unconfirmed, options: { version = 3 } } = this.#settings;
    if (filter !== undefined) {
      const noLocal = version === 5 && isDeaf ? { nl: true } : {};
      await this.#subscribe(filter, { qos: this.#publishing.qos, ...noLocal });
    }
    for (const [number, message] of unconfirmed.entries()) {
      await this.#changes.until(() => !this.#isBusy || this.#isClosed);
      if (this.#isClosed) throw explainRefusal(this.#error, this.#settings);
      this.#publish(message, number);
    }
  }

  #subscribe(filter: string, options: { qos: 0 | 1 | 2; nl?: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.subscribe(filter, options, (error, granted = []) => {
        // 128 and above are refusals (MQTT 3.1.1, 3.9.3; MQTT 5, 3.9.3).
        const isRefused = granted?.some(({ qos }) => qos >= 128);
        if (error === null && !isRefused) return resolve();
        if (this.#isClosed) return reject(explainRefusal(this.#error, this.#settings));
        reject(new RefusedError(`the broker refuses the subscription to ${filter}`));
      });
    });
  }

  send(message: Uint8Array): Promise<void> | void {
    if (this.#isClosed) throw new Error("the connection is lost");
    if (this.#isBusy || this.#settings.unconfirmed.isFull) return this.#sendLater(message);
    this.#take(message);
  }

  get #isBusy(): boolean {
    return this.#socket.writableNeedDrain || this.#inFlight >= this.#maximumInFlight;
  }

  async #sendLater(message: Uint8Array): Promise<void> {
    await this.#changes.until(() => (!this.#isBusy && !this.#settings.unconfirmed.isFull) || this.#isClosed);
    if (this.#isClosed) throw new Error("the connection is lost");
    this.#take(message);
  }

  #take(message: Uint8Array): void {
    if (this.#writer !== undefined) return this.#writer.publish(message);
    const copy = message.slice();
    this.#publish(copy, this.#settings.unconfirmed.add(copy));
  }

  /** Publishes a message that stays as it is, and that the broker is to confirm. */
  #publish(message: Uint8Array, number: number): void {
    const { topic = "", unconfirmed, onReturned } = this.#settings;
    // The package tells bytes from text by the class Buffer.
    const payload = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.#inFlight++;
    this.#client.publish(topic, payload, this.#publishing, (error) => {
      this.#inFlight--;
      if (error !== null && error !== undefined) {
        // An error with a code is the broker's answer, and the last word (MQTT 5, 3.4.2.1). Others mean that no answer
        // came: the next connection sends the message again.
        if (typeof (error as { code?: unknown }).code !== "number") return;
        onReturned();
      }
      unconfirmed.remove(number);
      this.#changes.notify();
    });
  }

  async close(): Promise<void> {
    await this.#changes.until(() => this.#settings.unconfirmed.size === 0 || this.#isClosed);
    if (!this.#isClosed) {
      this.#writer?.flush();
      this.#client.end();
    }
    await this.closed;
  }

  abort(): void {
    this.#client.end(true);
    this.#socket.destroy();
  }
}

function clientOptions({ options, user, password }: MqttSettings): IClientOptions {
  const { version = 3, client_id: id, session = false, keepalive = defaultKeepalive } = options;
  const { will_topic: will, will_message: message = "", qos = 0, retain = false } = options;
  return {
    // A name of this length is accepted by every broker (MQTT 3.1.1, 3.1.3.1).
    clientId: id ?? `villas-client-${crypto.randomUUID().slice(0, 8)}`,
    ...version === 5
      ? { protocolVersion: 5, ...session && { properties: { sessionExpiryInterval: sessionExpiry } } }
      : { protocolVersion: 4 },
    clean: !session,
    keepalive,
    ...user !== undefined && { username: user },
    ...password !== undefined && { password },
    ...will !== undefined && { will: { topic: will, payload: Buffer.from(message), qos, retain } },
    // The link connects again, subscribes again and keeps what waits.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // A thread of its own for a timer would outlive the connection.
    timerVariant: "native",
  };
}

/** Reasons of a broker, by the codes of CONNACK: those of MQTT 3.1.1 (3.2.2.3), then those of MQTT 5 (3.2.2.2). */
const refusals: Readonly<Record<number, string>> = {
  1: "it does not speak this version of MQTT; give --mqtt version=5 or leave it out",
  2: "it does not accept this client_id",
  132: "it does not speak this version of MQTT; give --mqtt version=3 or leave it out",
  133: "it does not accept this client_id",
  138: "it bans this client",
};

/** Codes of credentials that are wrong or missing, of both versions. */
const credentialCodes: readonly unknown[] = [4, 5, 134, 135];

/** Explains why a connection was not accepted. */
function explainRefusal(error: Error | undefined, { broker, user }: MqttSettings): Error {
  if (error === undefined) return new Error(withTlsHint("the other end closed the connection", broker, "mqtts"));
  const { code } = error as Error & { code?: unknown };
  if (credentialCodes.includes(code)) {
    return new RefusedError(
      user === undefined
        ? "the broker asks for a user and a password; set VILLAS_USER and VILLAS_PASSWORD"
        : `the broker refuses user "${user}" or the password; see VILLAS_USER and VILLAS_PASSWORD`,
    );
  }
  const refusal = typeof code === "number" ? refusals[code] : undefined;
  if (refusal !== undefined) return new RefusedError(refusal);
  return explainAlert(error, broker.host) ?? explainOpening(error, broker, "mqtts");
}

/** Reasons for which a broker of MQTT 5 ends a connection (3.14.2.1). */
const endings: Readonly<Record<number, string>> = {
  139: "the broker shuts down",
  141: "nothing came from this client for too long",
  142: "another client with the same client_id has connected",
  149: "a message was too long for the broker",
};

function describeReason(code: number | undefined): string {
  return endings[code ?? 0] ?? `the broker ended the connection (reason code ${code})`;
}
