/**
 * A WebSocket server for tests of the client: it takes any path, and a TCP relay in front of it lets it stall.
 *
 * @module
 */

import { TcpRelay } from "../_tcp_relay.ts";
import type { LinkServer } from "./_link_suite.ts";

/** Answers of the server to what is not a WebSocket; undefined where it has none. */
export type Answer = (request: Request) => Response | Promise<Response> | undefined;

/** Options of the server. */
export interface ServerOptions {
  /** Port to listen on; default: a free one. */
  port?: number;
  /** Answers requests, before they become WebSockets. */
  answer?: Answer;
  /** The sub-protocol that is chosen; default: the offered one. */
  protocol?: string;
  /** Certificate and key, for wss. */
  tls?: { cert: string; key: string };
}

/** The server. */
export class WebSocketTestServer implements LinkServer {
  readonly port: number;
  readonly received: Uint8Array[] = [];
  /** Frames as they came: text, or bytes. */
  readonly frames: (string | ArrayBuffer)[] = [];
  /** Requests for WebSockets, with their headers. */
  readonly requests: { path: string; headers: Headers }[] = [];
  readonly sockets = new Set<WebSocket>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #relay: TcpRelay;
  readonly #stop = new AbortController();
  #wake = () => {};

  constructor({ port = 0, answer, protocol, tls }: ServerOptions = {}) {
    const options = { hostname: "127.0.0.1", port: 0, signal: this.#stop.signal, onListen() {}, ...tls };
    this.#server = Deno.serve(options, async (request) => {
      const response = await answer?.(request);
      return response ?? this.#upgrade(request, protocol);
    });
    this.#relay = new TcpRelay(this.#server.addr.port, port);
    this.port = this.#relay.port;
  }

  #upgrade(request: Request, protocol = request.headers.get("sec-websocket-protocol") ?? ""): Response {
    this.requests.push({ path: new URL(request.url).pathname, headers: new Headers(request.headers) });
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol, idleTimeout: 0 });
    socket.onopen = () => {
      this.sockets.add(socket);
      this.#wake();
    };
    socket.onmessage = ({ data }) => {
      this.frames.push(data);
      this.received.push(typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data));
      this.#wake();
    };
    socket.onclose = () => {
      this.sockets.delete(socket);
      this.#wake();
    };
    return response;
  }

  get clients(): number {
    return this.sockets.size;
  }

  async waitFor(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  // deno-lint-ignore require-await -- the suite's servers may have to wait
  async send(message: Uint8Array | string): Promise<void> {
    for (const socket of this.sockets) socket.send(message as Uint8Array<ArrayBuffer>);
  }

  pause(): void {
    this.#relay.stall();
  }

  resume(): void {
    this.#relay.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay[Symbol.asyncDispose]();
    while (this.sockets.size > 0) await new Promise<void>((resolve) => this.#wake = resolve);
    this.#stop.abort();
    await this.#server.finished;
  }
}
