/**
 * Receives datagrams from a socket of Deno in batches: one call of the reader takes as many as are there already, each with
 * one call of Deno.
 *
 * Under load this saves the reader most of its own turns, and Deno most of its turns of waiting in the system. Where
 * datagrams come one at a time, each is handed over at once.
 *
 * @module
 */

/** A datagram and where it came from. */
export type Message = [datagram: Uint8Array, from: Deno.Addr];

/**
 * Turns of the queue of promises that a datagram which is there already may take to come out of Deno. It took two with
 * Deno 2.9.6, 1985 of 2000 times, and more than 20 the others; should it take more than these, batches become shorter, and
 * nothing else.
 */
const turns = 5;

/** Number of calls from one poll for a second datagram to the next, while datagrams come one at a time. */
const pollEvery = 8;

/** Receives datagrams; one call at a time. */
export class DatagramBatchReader {
  readonly #conn: Deno.DatagramConn;
  readonly #buffers: readonly Uint8Array[];
  readonly #messages: Message[] = [];
  /** Index of the next buffer to fill. */
  #next = 0;
  /** Resolves when Deno has filled the buffer that it was given, or cannot. */
  #filling: Promise<void> | undefined;
  #isFilled = false;
  #filled: Message | undefined;
  #failure: unknown;
  /** Number of batches in a row with one datagram: if 0, the next one probably has several. */
  #singleStreak = 0;

  /**
   * Creates a reader.
   *
   * @param conn The socket; nobody else may receive from it
   * @param buffers Memory for the datagrams, each as long as any datagram; a batch has at most as many as these
   */
  constructor(conn: Deno.DatagramConn, buffers: readonly Uint8Array[]) {
    this.#conn = conn;
    this.#buffers = buffers;
  }

  /**
   * Waits for datagrams.
   *
   * @param limit The largest number of datagrams to take, 1 or more
   * @returns The datagrams that are there, at least one. The list and the datagrams are valid until the next call.
   * @throws What Deno's `receive` throws, after the datagrams before it have been returned
   */
  async read(limit = this.#buffers.length): Promise<readonly Message[]> {
    const messages = this.#messages;
    messages.length = 0;
    const most = Math.min(limit, this.#buffers.length);
    const polls = this.#singleStreak % pollEvery === 0;
    // The memory that was used last is the fastest.
    if (this.#filling === undefined) this.#next = 0;
    let goesOn = true;
    while (goesOn && messages.length < most) {
      this.#filling ??= this.#fill();
      for (let turn = 0; polls && turn < turns && !this.#isFilled; turn++) await undefined;
      if (!this.#isFilled) {
        if (messages.length > 0) break; // Deno fills the buffer while these are read
        await this.#filling;
        goesOn = this.#singleStreak === 0;
      }
      if (this.#filled === undefined) {
        if (messages.length > 0) break; // the next call throws the failure
        this.#filling = undefined;
        throw this.#failure;
      }
      messages.push(this.#filled);
      this.#filling = this.#filled = undefined;
    }
    this.#singleStreak = messages.length > 1 ? 0 : this.#singleStreak + 1;
    return messages;
  }

  #fill(): Promise<void> {
    this.#isFilled = false;
    const buffer = this.#buffers[this.#next];
    this.#next = (this.#next + 1) % this.#buffers.length;
    return this.#conn.receive(buffer).then(this.#keep, this.#fail);
  }

  readonly #keep = (message: Message): void => {
    this.#isFilled = true;
    this.#filled = message;
  };

  readonly #fail = (error: unknown): void => {
    this.#isFilled = true;
    this.#failure = error;
  };
}

/**
 * Creates the buffers of a reader. Their distance is not a power of two, which would give all of them the same places in
 * the processor's caches.
 */
export function createBuffers(count: number, length: number): Uint8Array[] {
  const distance = length + 4160;
  const memory = new Uint8Array(count * distance);
  return Array.from({ length: count }, (_, index) => memory.subarray(index * distance, index * distance + length));
}
