/**
 * A UDP socket in the place of a VILLASnode: keeps what comes, and answers.
 *
 * @module
 */

/** A socket on a free port of the loopback. */
export class NodeSocket implements AsyncDisposable {
  /** Datagrams that have come since the last {@linkcode NodeSocket.begin}. */
  datagrams: Uint8Array[] = [];
  readonly #socket: Deno.DatagramConn;
  readonly #address: Deno.NetAddr;
  readonly #reading: Promise<void>;
  #onDatagram: ((datagram: Uint8Array, from: Deno.NetAddr) => void) | undefined;
  #onMarker: (() => void) | undefined;

  constructor() {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    this.#address = this.#socket.addr as Deno.NetAddr;
    this.#reading = this.#read();
  }

  /** Address in the project's notation. */
  get address(): string {
    return `udp://127.0.0.1:${this.#address.port}`;
  }

  /** Forgets what came, and calls back with what comes from now on. */
  begin(onDatagram?: (datagram: Uint8Array, from: Deno.NetAddr) => void): void {
    this.datagrams = [];
    this.#onDatagram = onDatagram;
  }

  /** Sends a datagram to a port of this machine. */
  async send(datagram: Uint8Array, port: number): Promise<void> {
    await this.#socket.send(datagram, { transport: "udp", hostname: "127.0.0.1", port });
  }

  /** Waits until all that was sent before has been read: a datagram of its own comes after it. */
  async settle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onMarker = resolve;
    await this.send(new Uint8Array(1), this.#address.port);
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      try {
        const [bytes, from] = await this.#socket.receive(buffer);
        this.#take(bytes.slice(), from as Deno.NetAddr);
      } catch (error) {
        // Closed, which is how it ends.
        if (error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BadResource) return;
        throw error;
      }
    }
  }

  #take(datagram: Uint8Array, from: Deno.NetAddr): void {
    if (from.port === this.#address.port) {
      this.#onMarker?.();
    } else {
      this.datagrams.push(datagram);
      this.#onDatagram?.(datagram, from);
    }
  }
}
