/**
 * The receiving half of a client: calls that overlap take turns, a wait may be given up, and nothing is lost by it.
 *
 * @module
 */

import { TimeoutError } from "./errors.ts";
import type { Sample } from "../samples/sample.ts";
import { checkLimit, Turns } from "../transports/receiving.ts";

/** Options that end a wait for samples. Nothing is lost by it: the next call gets what comes. */
export interface WaitOptions {
  /** Ends the wait, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Time limit of each wait, in seconds, above 0 and at most 2,147,483 (24 days); a wait that takes longer rejects with
   * {@linkcode TimeoutError}. Default: none.
   */
  timeout?: number | undefined;
}

/** Options of one call that receives samples. */
export interface ReceiveOptions extends WaitOptions {
  /** The largest number of datagrams to take, a whole number of 1 or more; default: as many as there are. */
  limit?: number | undefined;
  /**
   * Called by a client that polls (`busyPoll`), with the samples of the datagrams of a poll in the very turn that finds them,
   * for answers that wait for nothing. Returns true if it has dealt with them: the call goes on waiting then. Otherwise, and
   * whenever else there are samples, the call returns them.
   */
  onPolled?: ((messages: Sample[][]) => boolean) | undefined;
}

/** The datagrams of a queue, and their samples. */
export interface SampleSource {
  /** The address that is received on, for messages. */
  readonly local: string;
  /** Waits for datagrams; resolves with an empty list when there will be no more. */
  receive(limit: number, handle?: (datagrams: readonly Uint8Array[]) => boolean): Promise<readonly Uint8Array[]>;
  /** Decodes datagrams; those without a sample are left out. */
  decode(datagrams: readonly Uint8Array[]): Sample[][];
}

/** The longest time of a timer, in seconds: the runtime counts milliseconds in 32 bits. */
const maximumTimeout = 2_147_483;

/**
 * Hands out the samples of a source, each of them once and in their order.
 *
 * One call at a time has its turn. A call that is given up leaves its read going on, and the next call waits for the same
 * one; so there is never more than one.
 */
export class ReceiveQueue {
  readonly #source: SampleSource;
  readonly #turns = new Turns();
  /** Samples of each datagram that were read and not yet handed out. */
  readonly #unread: Sample[][] = [];
  /** True while a read goes on whose result comes into {@linkcode #unread}. */
  #isReading = false;
  #isEnded = false;
  /** The error of such a read, which the next call throws. */
  #failure: { readonly error: unknown } | undefined;
  /** Wakes the call that has its turn when such a read has ended. */
  #wake = () => {};

  /** Creates the queue of a source that nobody else receives from. */
  constructor(source: SampleSource) {
    this.#source = source;
  }

  /** Receives the samples of datagrams; what it promises is said at `Client.receive`. */
  receive(options: ReceiveOptions = {}): Promise<Sample[][]> {
    const { limit = Infinity, signal, timeout, onPolled } = options;
    const isSimple = signal === undefined && timeout === undefined && !this.#isReading && this.#unread.length === 0;
    // Most calls have no rival and wait as long as it takes: they need no promise but that of the read.
    if (isSimple && this.#failure === undefined && this.#turns.take()) {
      return this.#read(limit, this.#passTurn, onPolled);
    }
    return this.#receiveInTurn(limit, options);
  }

  /**
   * Receives one sample after the other.
   *
   * @throws {TimeoutError} As {@linkcode receive}
   */
  async *samples(options: WaitOptions = {}): AsyncIterableIterator<Sample> {
    for (;;) {
      options.signal?.throwIfAborted();
      const sample = this.#takeSample() ?? await this.#receiveSample(options);
      if (sample === undefined) return;
      yield sample;
    }
  }

  /** Waits until there is a sample, and leaves it; returns false where there will be none. */
  waitForSamples(options: WaitOptions = {}): Promise<boolean> {
    return this.#inTurn(Infinity, options, () => this.#unread.length > 0);
  }

  async #receiveInTurn(limit: number, options: WaitOptions): Promise<Sample[][]> {
    checkLimit(limit);
    return await this.#inTurn(limit, options, () => this.#takeMessages(limit));
  }

  #receiveSample(options: WaitOptions): Promise<Sample | undefined> {
    return this.#inTurn(Infinity, options, () => this.#takeSample());
  }

  /** Waits for the turn and for samples, and takes some of them; the time limit is that of both waits together. */
  async #inTurn<Taken>(limit: number, options: WaitOptions, take: () => Taken): Promise<Taken> {
    using end = new WaitEnd(options, this.#source.local);
    const { signal } = end;
    signal?.throwIfAborted();
    if (!this.#turns.take()) await this.#turns.wait(signal);
    try {
      await this.#fill(limit, signal);
      return take();
    } finally {
      this.#turns.pass();
    }
  }

  /** Waits until there is an unread sample, or there will be none. */
  async #fill(limit: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.#unread.length === 0 && !this.#isEnded) {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) {
        const { error } = this.#failure;
        this.#failure = undefined;
        throw error;
      }
      if (signal === undefined && !this.#isReading) {
        this.#keep(await this.#read(limit)); // a wait that cannot be given up
      } else {
        if (!this.#isReading) this.#startReading(limit);
        await this.#waitForRead(signal);
      }
    }
  }

  #keep(messages: Sample[][]): void {
    this.#isEnded = messages.length === 0;
    this.#unread.push(...messages);
  }

  #startReading(limit: number): void {
    this.#isReading = true;
    this.#read(limit).then(
      (messages) => {
        this.#isReading = false;
        this.#keep(messages);
        this.#wake();
      },
      (error) => {
        this.#isReading = false;
        this.#failure = { error };
        this.#wake();
      },
    );
  }

  #waitForRead(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(signal?.reason);
      this.#wake = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Waits for samples of the source, as long as it takes; an empty list where there will be none. */
  async #read(limit: number, onEnd?: () => void, onPolled?: ReceiveOptions["onPolled"]): Promise<Sample[][]> {
    let left: Sample[][] | undefined;
    const handle = onPolled && ((datagrams: readonly Uint8Array[]) => {
      // A call that came meanwhile has its turn behind this one.
      const messages = this.#source.decode(datagrams);
      if (messages.length === 0 || (!this.#turns.isAwaited && onPolled(messages))) return true;
      left = messages;
      return false;
    });
    try {
      checkLimit(limit);
      for (;;) {
        const datagrams = await this.#source.receive(limit, handle);
        const messages = left ?? this.#source.decode(datagrams);
        if (messages.length > 0 || datagrams.length === 0) return messages;
      }
    } finally {
      onEnd?.();
    }
  }

  readonly #passTurn = (): void => this.#turns.pass();

  #takeMessages(limit: number): Sample[][] {
    return this.#unread.splice(0, limit);
  }

  /** Takes the next unread sample; undefined where there is none. */
  #takeSample(): Sample | undefined {
    const [message] = this.#unread;
    if (message === undefined) return undefined;
    if (message.length === 1) this.#unread.shift();
    return message.shift();
  }
}

/** The end of a wait: the signal of the caller, the time limit, or both as one signal. */
class WaitEnd implements Disposable {
  /** Aborted when the wait ends; undefined where it lasts as long as it takes. */
  readonly signal: AbortSignal | undefined;
  readonly #clear: (() => void) | undefined;

  constructor({ signal, timeout }: WaitOptions, local: string) {
    this.signal = signal;
    if (timeout === undefined) return;
    if (!(timeout > 0 && timeout <= maximumTimeout)) {
      throw new RangeError(
        `Cannot use ${timeout} as the timeout: expected a number of seconds above 0, at most ${maximumTimeout}`,
      );
    }
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    const timer = setTimeout(() => controller.abort(new TimeoutError(local, timeout)), timeout * 1000);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.signal = controller.signal;
    this.#clear = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  }

  [Symbol.dispose](): void {
    this.#clear?.();
  }
}
