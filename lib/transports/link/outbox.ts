/**
 * Messages that wait for the connection.
 *
 * @module
 */

/** The largest number of messages that wait. */
const maximumMessages = 1024;

/** The largest number of bytes that wait; one message may be longer. */
const maximumBytes = 64 * 1024 * 1024;

/** A bounded queue of copies, which drops its oldest or its newest messages. */
export class Outbox {
  readonly #dropsNewest: boolean;
  readonly #messages: Uint8Array[] = [];
  #bytes = 0;
  #dropped = 0;

  /**
   * Creates a queue.
   *
   * @param dropsNewest Whether a message is dropped for which there is no room, instead of the oldest ones
   */
  constructor(dropsNewest = false) {
    this.#dropsNewest = dropsNewest;
  }

  /** Number of messages that were dropped because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Number of messages that wait. */
  get length(): number {
    return this.#messages.length;
  }

  /** Adds a copy of a message. */
  push(message: Uint8Array): void {
    if (this.#dropsNewest && this.#messages.length > 0 && !this.#hasRoom(message.length)) {
      this.#dropped++;
      return;
    }
    while (this.#messages.length > 0 && !this.#hasRoom(message.length)) {
      this.shift();
      this.#dropped++;
    }
    this.#messages.push(message.slice());
    this.#bytes += message.length;
  }

  #hasRoom(length: number): boolean {
    return this.#messages.length < maximumMessages && this.#bytes + length <= maximumBytes;
  }

  /** Takes the oldest message. */
  shift(): Uint8Array | undefined {
    const message = this.#messages.shift();
    this.#bytes -= message?.length ?? 0;
    return message;
  }

  /** Puts the message back that was taken last: it is the oldest one again, even where there is no room for it. */
  unshift(message: Uint8Array): void {
    this.#messages.unshift(message);
    this.#bytes += message.length;
  }
}
