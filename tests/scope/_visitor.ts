/**
 * The page of a scope as its server sees it: a WebSocket that speaks its protocol.
 *
 * @module
 */

import type { ScopeServer } from "@villas/client/scope";
import { decodeRows, type Rows, type ServerMessage, subprotocol } from "../../lib/scope/protocol.ts";

/** Time after which a message is not waited for any longer, in milliseconds. */
const patience = 30_000;

/** A page without a browser. */
export class Visitor implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #messages: (ServerMessage | Rows)[] = [];
  #notify = Promise.withResolvers<void>();
  readonly closed: Promise<CloseEvent>;

  constructor({ url }: Pick<ScopeServer, "url">, headers: Record<string, string> = {}, protocol = subprotocol) {
    const { host, search } = new URL(url);
    const address = `ws://${host}/stream${search}`;
    const options = { protocols: [protocol], headers: { origin: `http://${host}`, ...headers } };
    this.#socket = new WebSocket(address, options as unknown as string[]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => {
      this.#messages.push(typeof data === "string" ? JSON.parse(data) : decodeRows(data));
      this.#notify.resolve();
      this.#notify = Promise.withResolvers();
    };
    this.#socket.onerror = (event) => event.preventDefault();
    this.closed = new Promise((resolve) => this.#socket.onclose = resolve);
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Waits for a message that a test recognizes, and takes it out; fails when there is none for a long time. */
  async take<T extends ServerMessage | Rows>(recognize: (message: ServerMessage | Rows) => message is T): Promise<T> {
    const { promise: overdue, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("The page was not sent what it waits for")), patience);
    try {
      for (;;) {
        const index = this.#messages.findIndex(recognize);
        if (index >= 0) return this.#messages.splice(index, 1)[0] as T;
        await Promise.race([this.#notify.promise, overdue]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  takeRows(id: number): Promise<Rows> {
    return this.take((message): message is Rows => "head" in message && message.head.id === id);
  }

  /** Waits for a message of a type, of which a test may want a certain one. */
  takeOf<K extends ServerMessage["type"]>(
    type: K,
    isWanted: (message: Extract<ServerMessage, { type: K }>) => boolean = () => true,
  ) {
    return this.take((message): message is Extract<ServerMessage, { type: K }> =>
      !("head" in message) && message.type === type && isWanted(message as Extract<ServerMessage, { type: K }>)
    );
  }

  async [Symbol.asyncDispose]() {
    this.#socket.close();
    await this.closed;
  }
}
