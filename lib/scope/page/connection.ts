/// <reference lib="dom" />
/**
 * The connection with the server: it comes back by itself when it is lost.
 *
 * @module
 */

import {
  decodeRows,
  type PageMessage,
  type PictureRequest,
  type Rows,
  type SamplesRequest,
  type ServerMessage,
  subprotocol,
} from "../protocol.ts";

/** The shortest and longest wait before the next try, in milliseconds. */
const shortestWait = 200;
const longestWait = 2000;

/** Callbacks of a connection. */
export interface ConnectionEvents {
  /** Called with each message of text. */
  onMessage(message: ServerMessage): void;
  /** Called when the connection is there, and when it is lost. */
  onState(isConnected: boolean): void;
}

/** A request without its number, which the connection gives it. */
export type RowsRequest = Omit<PictureRequest, "id"> | Omit<SamplesRequest, "id">;

/** Speaks with the server. */
export class Connection {
  readonly #events: ConnectionEvents;
  readonly #pending = new Map<number, (rows: Rows | undefined) => void>();
  #socket: WebSocket | undefined;
  #wait = shortestWait;
  #number = 0;

  /** Connects, again and again. */
  constructor(events: ConnectionEvents) {
    this.#events = events;
    this.#open();
  }

  /** True while the server is there. */
  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Sends a message; it is lost where the server is not there. */
  send(message: PageMessage): void {
    if (this.isOpen) this.#socket?.send(JSON.stringify(message));
  }

  /** Asks for rows; undefined where the connection was lost. */
  request(request: RowsRequest): Promise<Rows | undefined> {
    if (!this.isOpen) return Promise.resolve(undefined);
    const id = ++this.#number;
    const { promise, resolve } = Promise.withResolvers<Rows | undefined>();
    this.#pending.set(id, resolve);
    this.send({ ...request, id } as PageMessage);
    return promise;
  }

  #open(): void {
    const url = new URL("stream", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.search = location.search;
    url.hash = "";
    const socket = new WebSocket(url, subprotocol);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = shortestWait;
      this.#events.onState(true);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => {
      this.#socket = undefined;
      for (const resolve of this.#pending.values()) resolve(undefined);
      this.#pending.clear();
      this.#events.onState(false);
      setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(longestWait, this.#wait * 1.5);
    };
    this.#socket = socket;
  }

  #receive(data: unknown): void {
    if (typeof data === "string") return this.#events.onMessage(JSON.parse(data));
    const rows = decodeRows(data as ArrayBuffer);
    this.#pending.get(rows.head.id)?.(rows);
    this.#pending.delete(rows.head.id);
  }
}
