/**
 * Messages that were handed to a broker, and that it has not confirmed yet.
 *
 * @module
 */

/**
 * A window of messages that outlives a connection: what one has not confirmed, the next one sends again, in the same
 * order. So each message arrives at least once, and one whose confirmation was lost arrives twice.
 */
export class Unconfirmed {
  readonly #limit: number;
  readonly #messages = new Map<number, Uint8Array>();
  #lastNumber = 0;

  /**
   * Creates a window.
   *
   * @param limit The largest number of messages
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of messages. */
  get size(): number {
    return this.#messages.size;
  }

  /** True if there is no room for another message. */
  get isFull(): boolean {
    return this.#messages.size >= this.#limit;
  }

  /** Adds a message, which the window keeps; returns its number. */
  add(message: Uint8Array): number {
    this.#messages.set(++this.#lastNumber, message);
    return this.#lastNumber;
  }

  /** Removes a message: it was confirmed, or refused for good. */
  remove(number: number): void {
    this.#messages.delete(number);
  }

  /** Returns the messages with their numbers, in the order in which they were added. */
  entries(): [number: number, message: Uint8Array][] {
    return [...this.#messages];
  }
}
