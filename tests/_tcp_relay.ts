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
  readonly #pairs = new Set<readonly [Deno.Conn, Deno.Conn]>();
  readonly #work = new Set<Promise<void>>();
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

  /** Number of connections. */
  get connections(): number {
    return this.#pairs.size;
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

  /** Cuts all connections. */
  cut(): void {
    for (const pair of this.#pairs) for (const conn of pair) end(conn);
    this.#pairs.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
      this.#keep((async () => {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => undefined);
        if (server === undefined) return end(client);
        const pair = [client, server] as const;
        this.#pairs.add(pair);
        await Promise.allSettled([
          this.#pump(client, server),
          this.#pump(server, client, (length) => this.#returned += length),
        ]);
        this.#pairs.delete(pair);
      })());
    }
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
