/**
 * A driver of links for tests, and the server that it connects to: each message is its length, as four bytes, and its
 * bytes, over TCP. What is tested with it is the link; the drivers of real protocols run the same tests.
 *
 * @module
 */

import type { Dial } from "../../lib/transports/link/connection.ts";
import { Link } from "../../lib/transports/link/link.ts";
import type { ConnectionOptions } from "../../lib/transports/link/options.ts";
import type { LinkServer } from "./_link_suite.ts";

/** Connects a link to a port of the loopback. */
export function openFrames(port: number, options?: ConnectionOptions): Link {
  const address = `frames://127.0.0.1:${port}`;
  return new Link({ local: address, remote: address, maximumLength: 65_536, dial: createDial(port) }, options);
}

function createDial(port: number): Dial {
  return async ({ signal, onMessage }) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port, signal }).catch((error) => {
      throw new Error(error.name === "ConnectionRefused" ? "nobody listens there" : String(error.message));
    });
    const closed = readFrames(conn, onMessage).then(() => "the server closed it", () => "the connection was reset")
      .finally(() => end(conn));
    let last = Promise.resolve();
    return {
      closed,
      async send(message) {
        const frame = toFrame(message);
        await (last = last.then(() => writeAll(conn, frame)));
      },
      async close() {
        await last.catch(() => {});
        await conn.closeWrite().catch(() => {});
        await closed;
      },
      abort: () => end(conn),
    };
  };
}

function end(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

function toFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, 4);
  return frame;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** Reads frames until the other end closes. */
async function readFrames(conn: Deno.Conn, onFrame: (frame: Uint8Array) => Promise<void> | void): Promise<void> {
  let rest = new Uint8Array();
  const buffer = new Uint8Array(65_536);
  for (let length; (length = await conn.read(buffer)) !== null;) {
    const bytes = new Uint8Array(rest.length + length);
    bytes.set(rest);
    bytes.set(buffer.subarray(0, length), rest.length);
    let start = 0;
    while (bytes.length - start >= 4) {
      const end = start + 4 + new DataView(bytes.buffer).getUint32(start);
      if (end > bytes.length) break;
      await onFrame(bytes.slice(start + 4, end));
      start = end;
    }
    rest = bytes.slice(start);
  }
}

/** A server of the driver. */
export class FrameServer implements LinkServer {
  readonly port: number;
  readonly received: Uint8Array[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #conns = new Map<Deno.Conn, Promise<void>>();
  readonly #accepting: Promise<void>;
  #paused: PromiseWithResolvers<void> | undefined;
  #wake = () => {};

  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    this.#accepting = this.#accept().catch(() => {});
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      const take = async (frame: Uint8Array) => {
        while (this.#paused !== undefined) await this.#paused.promise;
        this.received.push(frame);
        this.#wake();
      };
      const leave = () => {
        this.#conns.delete(conn);
        end(conn);
      };
      this.#conns.set(conn, readFrames(conn, take).then(leave, leave));
      this.#wake();
    }
  }

  async waitFor(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  get clients(): number {
    return this.#conns.size;
  }

  async send(message: Uint8Array): Promise<void> {
    for (const conn of this.#conns.keys()) await writeAll(conn, toFrame(message));
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.resume();
    const ends = [...this.#conns.values()];
    for (const conn of this.#conns.keys()) end(conn);
    await Promise.all([this.#accepting, ...ends]);
  }
}
