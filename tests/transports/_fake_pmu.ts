/**
 * A PMU that a test plays by hand: it sees the commands of its PDC, and sends the bytes that the test wants.
 *
 * @module
 */

import { decodeCommand, FrameSplitter, readHeader } from "@villas/client/c37_118";

/** A command as it came. */
export interface ReceivedCommand {
  /** The command. */
  readonly command: number;
  /** Version of the frame. */
  readonly version: number;
  /** Stream that it is for. */
  readonly idcode: number;
}

/** A connection with a PDC. */
export class FakeConnection {
  readonly #tcp: Deno.TcpConn;
  readonly #commands: ReceivedCommand[] = [];
  #wake = () => {};
  #isEnded = false;
  /** Resolves when the PDC has closed the connection, or the test has. */
  readonly ended: Promise<void>;

  constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
    this.ended = this.#read();
  }

  async #read(): Promise<void> {
    const splitter = new FrameSplitter();
    const buffer = new Uint8Array(4096);
    for (let length; (length = await this.#tcp.read(buffer).catch(() => null)) !== null;) {
      for (const frame of splitter.push(buffer.subarray(0, length))) {
        const { version, idcode } = readHeader(new DataView(frame.buffer, frame.byteOffset, frame.length));
        this.#commands.push({ command: decodeCommand(frame)?.command ?? 0, version, idcode });
      }
      this.#wake();
    }
    this.#isEnded = true;
    this.#wake();
  }

  /** Waits for the next command; undefined where the PDC has closed the connection. */
  async nextCommand(): Promise<ReceivedCommand | undefined> {
    while (this.#commands.length === 0 && !this.#isEnded) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#commands.shift();
  }

  /** Number of commands that nobody has asked for. */
  get pendingCommands(): number {
    return this.#commands.length;
  }

  /** Sends bytes. */
  async send(...parts: readonly Uint8Array[]): Promise<void> {
    for (const bytes of parts) {
      for (let sent = 0; sent < bytes.length;) sent += await this.#tcp.write(bytes.subarray(sent));
    }
  }

  close(): void {
    try {
      this.#tcp.close();
    } catch {
      // It is closed already.
    }
  }
}

/** A PMU on a port of the loopback. */
export class FakePmu implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: FakeConnection[] = [];

  /** Address for a PDC. */
  get address(): string {
    return `c37.118://127.0.0.1:${this.#listener.addr.port}/7`;
  }

  /** Waits for a PDC. */
  async accept(): Promise<FakeConnection> {
    const connection = new FakeConnection(await this.#listener.accept());
    this.#connections.push(connection);
    return connection;
  }

  /** Listens no more. */
  stop(): void {
    this.#listener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#listener.close();
    } catch {
      // It is closed already.
    }
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#connections.map(({ ended }) => ended));
  }
}
