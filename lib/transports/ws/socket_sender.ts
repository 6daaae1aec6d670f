/**
 * Sending over a WebSocket, which takes whatever it is given: what it has not passed on yet is watched, so that memory
 * does not grow.
 *
 * @module
 */

/** More bytes than this are not given to a socket at a time. */
const highWater = 1024 * 1024;

/** Time between two looks at what a socket has not passed on, in milliseconds; it does not say when it has. */
const lookInterval = 2;

/** A socket that passes nothing on for this time, in milliseconds, leads nowhere. */
const stallTime = 10_000;

const decoder = new TextDecoder();

/** The sending side of a socket. */
export class SocketSender {
  readonly #socket: WebSocket;
  readonly #isText: boolean;
  readonly #onStall: () => void;
  /** Ends the call that waits. */
  #giveUp = () => {};
  #isEnded = false;
  /** Messages since the socket had passed everything on. */
  #sinceEmpty = 0;

  /**
   * Creates the sender of an open socket.
   *
   * @param socket The socket
   * @param isText Whether to send text frames
   * @param onStall Called when the socket has passed nothing on for 10 s
   */
  constructor(socket: WebSocket, isText: boolean, onStall: () => void = () => {}) {
    this.#socket = socket;
    this.#isText = isText;
    this.#onStall = onStall;
  }

  /** True while the socket has as much as it should. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > highWater;
  }

  /** Number of messages that the socket may not have passed on yet. What it has passed on may still wait in the system. */
  get pending(): number {
    return this.#socket.bufferedAmount === 0 ? 0 : this.#sinceEmpty;
  }

  /** Sends a message; a promise where the socket is full, for the time when it is not any more. */
  send(message: Uint8Array): Promise<void> | void {
    if (this.#isEnded) throw new Error("The connection is closed");
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount > highWater) return this.#sendLater(message);
    if (bufferedAmount === 0) this.#sinceEmpty = 0;
    this.#give(message);
  }

  /** Gives a message to the socket, which copies it. */
  #give(message: Uint8Array): void {
    this.#sinceEmpty++;
    this.#socket.send(this.#isText ? decoder.decode(message) : message as Uint8Array<ArrayBuffer>);
  }

  async #sendLater(message: Uint8Array): Promise<void> {
    await this.#drained();
    this.#give(message);
  }

  /** Waits until the socket has passed on enough to take more; rejects when it ends. One call at a time. */
  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      this.#giveUp = () => {
        clearTimeout(timer);
        reject(new Error("The connection is closed"));
      };
      let least = Infinity;
      let progressTime = performance.now();
      const look = () => {
        const { bufferedAmount } = this.#socket;
        const now = performance.now();
        if (bufferedAmount < least) {
          least = bufferedAmount;
          progressTime = now;
        }
        if (bufferedAmount <= highWater / 2) return resolve();
        timer = setTimeout(look, lookInterval);
        if (now - progressTime > stallTime) this.#onStall();
      };
      look();
    });
  }

  /** Ends the sending; a call that waits rejects. */
  end(): void {
    this.#isEnded = true;
    this.#giveUp();
  }
}
