/**
 * Messages that have arrived and were not received yet.
 *
 * @module
 */

import { checkLimit, Turns } from "../receiving.ts";

/** The largest number of messages that wait. */
const maximumMessages = 1024;

/** The largest number of bytes that wait; one message may be longer. */
const maximumBytes = 64 * 1024 * 1024;

/** A bounded queue that drops its oldest messages, with calls that take turns as `Transport.receive` promises. */
export class Inbox {
  readonly #turns = new Turns();
  #messages: Uint8Array[] = [];
  #bytes = 0;
  #dropped = 0;
  #isClosed = false;
  /** Ends the wait of a receiver. */
  #wake = () => {};

  /** Number of messages that were dropped because nobody received them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a message. */
  push(message: Uint8Array): void {
    if (this.#isClosed) return;
    this.#messages.push(message);
    this.#bytes += message.length;
    while (this.#messages.length > maximumMessages || (this.#bytes > maximumBytes && this.#messages.length > 1)) {
      this.#bytes -= this.#messages.shift()?.length ?? 0;
      this.#dropped++;
    }
    this.#wake();
  }

  /** Receives messages, as `Transport.receive` says. */
  async receive(limit = Infinity): Promise<readonly Uint8Array[]> {
    checkLimit(limit);
    if (!this.#turns.take()) await this.#turns.wait();
    try {
      while (!this.#isClosed && this.#messages.length === 0) {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return this.#take(limit);
    } finally {
      this.#turns.pass();
    }
  }

  #take(limit: number): Uint8Array[] {
    if (this.#messages.length <= limit) {
      const taken = this.#messages;
      this.#messages = [];
      this.#bytes = 0;
      return taken;
    }
    const taken = this.#messages.splice(0, limit);
    for (const { length } of taken) this.#bytes -= length;
    return taken;
  }

  /** Takes no more messages; those that wait can still be received. */
  end(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Drops what waits, and ends all calls. */
  close(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.end();
  }
}
