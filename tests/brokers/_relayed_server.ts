/**
 * A broker as the suite of links needs its other end: behind a relay, with an observer of another make.
 *
 * @module
 */

import { TcpRelay } from "../_tcp_relay.ts";
import type { LinkServer } from "../transports/_link_suite.ts";

/** A client of another make, which is connected with the broker itself. */
export interface Observer extends AsyncDisposable {
  /** Sends a message to where links receive. */
  send(message: Uint8Array): Promise<void>;
}

/** A broker's port that a link connects with. */
export class RelayedServer implements LinkServer {
  readonly received: Uint8Array[] = [];
  readonly #relay: TcpRelay;
  readonly #stack: AsyncDisposableStack;
  readonly #observer: Observer;
  #wake = () => {};

  private constructor(relay: TcpRelay, stack: AsyncDisposableStack, open: (server: RelayedServer) => Observer) {
    this.#relay = relay;
    this.#stack = stack;
    this.#observer = open(this);
  }

  /**
   * Opens the port when the observer is there, so that it misses nothing.
   *
   * @param brokerPort The broker's own port
   * @param port The port for links; 0 takes a free one
   * @param observe Connects an observer, which calls back with each message from a link
   * @param owned What ends with the server
   */
  static async open(
    brokerPort: number,
    port: number,
    observe: (onMessage: (message: Uint8Array) => void) => Promise<Observer>,
    owned?: AsyncDisposable,
  ): Promise<RelayedServer> {
    const stack = new AsyncDisposableStack();
    if (owned !== undefined) stack.use(owned);
    const early: Uint8Array[] = [];
    let take = (message: Uint8Array): void => void early.push(message);
    const observer = stack.use(await observe((message) => take(message)));
    const relay = stack.use(new TcpRelay(brokerPort, port));
    return new RelayedServer(relay, stack, (server) => {
      take = (message) => server.#take(message);
      early.forEach(take);
      return observer;
    });
  }

  get port(): number {
    return this.#relay.port;
  }

  get clients(): number {
    return this.#relay.connections;
  }

  #take(message: Uint8Array): void {
    this.received.push(message);
    this.#wake();
  }

  async waitFor(condition: () => boolean): Promise<void> {
    while (!condition()) {
      // Clients come without a word.
      const timer = setTimeout(() => this.#wake(), 5);
      await new Promise<void>((resolve) => this.#wake = resolve);
      clearTimeout(timer);
    }
  }

  async send(message: Uint8Array): Promise<void> {
    const before = this.#relay.returned;
    await this.#observer.send(message);
    // The broker has taken it; that does not mean that it has passed it on.
    await this.waitFor(() => this.#relay.returned >= before + message.length);
  }

  pause(): void {
    this.#relay.stall();
  }

  resume(): void {
    this.#relay.resume();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
