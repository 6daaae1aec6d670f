/**
 * One client of a WebSocket server.
 *
 * @module
 */

import { Outbox } from "../link/outbox.ts";
import { bytesOf, describeEnd, messageOf } from "./dial.ts";
import { maximumMessage } from "./path.ts";
import { SocketSender } from "./socket_sender.ts";

/** The largest number of messages that a client may send per second. */
const maximumRate = 500_000;

/** Length of the interval that the rate is counted in, in milliseconds. */
const rateInterval = 1000;

/** Status of a close: a policy is broken, a message is too big (RFC 6455, 7.4.1). */
const closeStatus = { policy: 1008, tooBig: 1009 } as const;

/** One client: what it sends is handed over, and what it is slow to take loses its oldest messages. */
export class ServerClient {
  /** Resolves when the client is gone, with the reason. */
  readonly gone: Promise<string>;
  /** Name of the format that it has asked for; undefined where it is that of the server's address. */
  readonly format: string | undefined;
  readonly #socket: WebSocket;
  readonly #sender: SocketSender;
  readonly #outbox = new Outbox();
  /** Sending of what has waited, while it goes on. */
  #draining: Promise<void> | undefined;
  #rateStarted = performance.now();
  #rateCount = 0;

  /**
   * Creates the client of an open socket.
   *
   * @param socket The socket
   * @param format Format of the client, where it is not that of the server's address, and whether to send text frames
   * @param onMessage Called with each message of the client
   */
  constructor(
    socket: WebSocket,
    { format, isText }: { readonly format: string | undefined; readonly isText: boolean },
    onMessage: (message: Uint8Array) => void,
  ) {
    this.format = format;
    this.#socket = socket;
    this.#sender = new SocketSender(socket, isText);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.gone = promise;
    let fault = "";
    socket.onmessage = ({ data }) => this.#take(bytesOf(data), onMessage);
    socket.onerror = (event) => fault = messageOf(event);
    socket.onclose = ({ code, reason }) => { // may come twice after a time-out
      this.#sender.end();
      resolve(describeEnd(code, reason, fault));
    };
  }

  /** Number of messages that were dropped because the client was too slow. */
  get dropped(): number {
    return this.#outbox.dropped;
  }

  /** True while the client has as much to take as it should. */
  get isFull(): boolean {
    return this.#sender.isFull;
  }

  /** Number of messages that wait for the client. */
  get pending(): number {
    return this.#outbox.length + this.#sender.pending;
  }

  #take(message: Uint8Array, onMessage: (message: Uint8Array) => void): void {
    const now = performance.now();
    if (now - this.#rateStarted > rateInterval) {
      this.#rateStarted = now;
      this.#rateCount = 0;
    }
    if (++this.#rateCount > maximumRate) {
      this.#socket.close(closeStatus.policy, `more than ${maximumRate} messages per second`);
    } else if (message.length > maximumMessage) {
      this.#socket.close(closeStatus.tooBig, `a message has at most ${maximumMessage} bytes`);
    } else {
      onMessage(message);
    }
  }

  /** Sends a message as soon as the client takes it. */
  send(message: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#draining === undefined && !this.#sender.isFull) {
      void this.#sender.send(message);
      return;
    }
    this.#outbox.push(message);
    this.#draining ??= this.#drain();
  }

  /** Sends what has waited, as fast as the client takes it. */
  async #drain(): Promise<void> {
    try {
      for (let message; (message = this.#outbox.shift()) !== undefined;) await this.#sender.send(message);
    } catch {
      // The client is gone.
    }
    this.#draining = undefined;
  }

  /** Sends what has waited, and says goodbye. */
  async close(code: number, reason: string): Promise<void> {
    await this.#draining;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
    await this.gone;
  }
}
