/**
 * A TCP relay between a client and a server that tests control: it stalls, delays, cuts and lets go on.
 *
 * @module
 */

/** Size of the pieces that are relayed, in bytes. */
const pieceLength = 16_384;

/** A relay on a port of its own. */
export class TcpRelay implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  /** All connections, of both sides. */
  readonly #conns = new Set<Deno.Conn>();
  readonly #work = new Set<Promise<void>>();
  #isClosed = false;
  #connections = 0;
  #delayMs = 0;
  #returned = 0;
  #stalled: { promise: Promise<void>; resolve: () => void } | undefined;

  /**
   * Starts a relay to a port of the loopback, which need not be open yet.
   *
   * @param target The port
   * @param port The port of the relay itself; default: a free one
   */
  constructor(target: number, port = 0) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    this.#keep(this.#accept());
  }

  /** Number of bytes that went from the server to clients. */
  get returned(): number {
    return this.#returned;
  }

  /** Number of clients that are connected with the server. */
  get connections(): number {
    return this.#connections;
  }

  /** Holds each piece back for a time, in milliseconds. */
  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  /** Relays nothing until {@linkcode resume}: the connections stay open, as where a cable is unplugged. */
  stall(): void {
    this.#stalled ??= Promise.withResolvers<void>();
  }

  /** Goes on relaying. */
  resume(): void {
    this.#stalled?.resolve();
    this.#stalled = undefined;
  }

  /** Cuts all connections, those that are being made, too. */
  cut(): void {
    for (const conn of this.#conns) end(conn);
    this.#conns.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    this.resume();
    this.cut();
    await Promise.all(this.#work);
  }

  #keep(work: Promise<void>): void {
    const kept: Promise<void> = work.catch(() => {}).finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      // It was taken from the queue of the system before the listener was closed.
      if (this.#isClosed) end(client);
      else this.#keep(this.#relay(client));
    }
  }

  async #relay(client: Deno.Conn): Promise<void> {
    this.#conns.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => undefined);
    // Whoever cuts the way does not find a connection that is being made: the client tells that it was cut.
    if (server === undefined || !this.#conns.has(client)) {
      if (server !== undefined) end(server);
      this.#conns.delete(client);
      return end(client);
    }
    this.#conns.add(server);
    this.#connections++;
    await Promise.allSettled([
      this.#pump(client, server),
      this.#pump(server, client, (length) => this.#returned += length),
    ]);
    this.#connections--;
    this.#conns.delete(client);
    this.#conns.delete(server);
  }

  /** Passes on what one end sends; ends both when one has ended. */
  async #pump(from: Deno.Conn, to: Deno.Conn, onPass = (_length: number) => {}): Promise<void> {
    const buffer = new Uint8Array(pieceLength);
    try {
      for (;;) {
        const length = await from.read(buffer);
        if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
        while (this.#stalled !== undefined) await this.#stalled.promise;
        if (length === null) break;
        for (let sent = 0; sent < length;) sent += await to.write(buffer.subarray(sent, length));
        onPass(length);
      }
    } finally {
      end(from);
      end(to);
    }
  }
}

function end(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
