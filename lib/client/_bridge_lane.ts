/**
 * One output of a bridge: a queue of its own, so that a slow or dead receiver neither stops the others nor fills the memory.
 *
 * @module
 */

import { ClosedError } from "./errors.ts";
import type { SendResult } from "./send_queue.ts";
import { EncodeError } from "../formats/errors.ts";
import type { Sample } from "../samples/sample.ts";
import { checkLimit } from "../transports/receiving.ts";

/** Takes samples: a client, or anything else that sends in two steps as a client does. */
export interface BridgeSink {
  /** Prepares a message; throws `EncodeError` or `RangeError` for one that cannot be sent. */
  enqueue(samples: readonly Sample[]): void;
  /** Sends the messages that are prepared; resolves when there is room for the next ones. */
  flush(): Promise<SendResult>;
}

/** An output of a bridge. */
export interface BridgeOutput {
  /** The destination. */
  readonly sink: BridgeSink;
  /** Number of samples per message; default 1, which is what a VILLASnode takes unless its `vectorize` says otherwise. */
  readonly vectorize?: number;
  /**
   * Time after which a message goes with fewer samples than that, in seconds, counted from its first one. Default: none, a
   * message waits until it is full, and the last one for the end.
   */
  readonly linger?: number;
  /** The most samples that wait for a slow receiver, the oldest of which are dropped then; default 1024. */
  readonly capacity?: number;
  /**
   * Time for which the whole bridge waits for this output where it falls behind, before it drops samples, in seconds.
   * Default 0.01, for live samples; `Infinity` where nothing may be lost, such as from file to file.
   */
  readonly patience?: number;
}

/** Counters of an output, in samples but for the messages: what was passed to it is the sum of all of them. */
export interface OutputCounters {
  /** Messages that were sent. */
  messages: number;
  /** Samples that were sent. */
  samples: number;
  /** Samples that were dropped because the receiver was too slow, or the bridge ended before they were sent. */
  dropped: number;
  /** Samples that were not sent because the receiver would not survive them, or the format cannot carry them. */
  refused: number;
  /** Samples that could not be delivered: the remote was not there, or the system refused to send. */
  undelivered: number;
  /** Samples that wait or are on their way. */
  waiting: number;
}

/** Callbacks of an output. */
export interface LaneCallbacks {
  /** Called with the error of a message that was not sent because of what is in it. */
  onEncodeError?: ((error: Error) => void) | undefined;
  /** Called with the error of messages that the system refused to send. */
  onSendError?: ((error: Error) => void) | undefined;
}

const defaultCapacity = 1024;
const defaultPatience = 0.01;

/** The queue of one output. */
export class BridgeLane {
  readonly #sink: BridgeSink;
  readonly #vectorize: number;
  readonly #lingerMs: number;
  readonly #capacity: number;
  readonly #patienceMs: number;
  readonly #callbacks: LaneCallbacks;
  readonly #counters = { messages: 0, samples: 0, dropped: 0, refused: 0, undelivered: 0 };
  /** Messages that wait for the flush that goes on. */
  #waiting: (readonly Sample[])[] = [];
  #waitingSamples = 0;
  /** Number of samples of each message that is prepared or on its way. */
  #lengths: number[] = [];
  /** Samples of a message that is not full yet. */
  #partial: Sample[] = [];
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;
  #isFlushing = false;
  /** True after a wait that was in vain, until all that waits has gone: others are not kept waiting again. */
  #isBehind = false;
  /** Wakes the bridge when a flush has ended. */
  #wake: (() => void) | undefined;

  /**
   * Creates the queue of an output that nobody else sends to.
   *
   * @throws {RangeError} If a number among its settings is out of range
   */
  constructor(output: BridgeOutput, callbacks: LaneCallbacks = {}) {
    const { sink, vectorize = 1, linger = Infinity, capacity = defaultCapacity, patience = defaultPatience } = output;
    checkLimit(vectorize, "number of samples per message");
    checkLimit(capacity, "capacity");
    this.#sink = sink;
    this.#vectorize = vectorize;
    this.#lingerMs = linger * 1000;
    this.#capacity = Math.max(capacity, vectorize);
    this.#patienceMs = patience * 1000;
    this.#callbacks = callbacks;
  }

  /** A copy of the counters. */
  get counters(): OutputCounters {
    let waiting = this.#waitingSamples + this.#partial.length;
    for (const length of this.#lengths) waiting += length;
    return { ...this.#counters, waiting };
  }

  /** Takes the samples of messages, and sends them as soon as it can. */
  take(messages: readonly (readonly Sample[])[]): void {
    if (this.#vectorize === 1) {
      for (const message of messages) {
        if (message.length === 1) this.#add(message);
        else for (const sample of message) this.#add([sample]);
      }
    } else {
      for (const message of messages) for (const sample of message) this.#collect(sample);
    }
    this.#start();
  }

  /**
   * Returns what the bridge is to wait for before it takes more; undefined most of the time. The wait ends when half of
   * the queue is free, or after the output's patience.
   */
  settle(): Promise<void> | undefined {
    if (this.#isBehind || this.#waitingSamples <= this.#capacity / 2) return undefined;
    return this.#waitFor(() => this.#waitingSamples <= this.#capacity / 2, this.#patienceMs);
  }

  /**
   * Sends all that waits, with a message that is not full.
   *
   * @param timeoutMs Longest wait, in milliseconds; what is left then counts as dropped
   */
  async finish(timeoutMs: number): Promise<void> {
    this.#closePartial();
    this.#start();
    await this.#waitFor(() => !this.#isFlushing, Math.max(timeoutMs, this.#patienceMs));
    clearTimeout(this.#lingerTimer);
    this.#counters.dropped += this.#waitingSamples;
    this.#waiting = [];
    this.#waitingSamples = 0;
    // A flush that has not ended: nobody will see whether it does.
    for (const length of this.#lengths) this.#counters.dropped += length;
    this.#lengths = [];
  }

  #collect(sample: Sample): void {
    this.#partial.push(sample);
    if (this.#partial.length >= this.#vectorize) this.#closePartial();
    else if (this.#partial.length === 1 && this.#lingerMs < Infinity) {
      this.#lingerTimer = setTimeout(() => {
        this.#closePartial();
        this.#start();
      }, this.#lingerMs);
    }
  }

  #closePartial(): void {
    clearTimeout(this.#lingerTimer);
    if (this.#partial.length === 0) return;
    const message = this.#partial;
    this.#partial = [];
    this.#add(message);
  }

  /** Prepares a message, or lets it wait for the flush that goes on. */
  #add(message: readonly Sample[]): void {
    if (!this.#isFlushing) {
      this.#prepare(message);
      return;
    }
    this.#waiting.push(message);
    this.#waitingSamples += message.length;
    while (this.#waitingSamples > this.#capacity) {
      const { length } = this.#waiting.shift() ?? [];
      this.#waitingSamples -= length;
      this.#counters.dropped += length;
    }
  }

  #prepare(message: readonly Sample[]): void {
    try {
      this.#sink.enqueue(message);
      this.#lengths.push(message.length);
    } catch (error) {
      if (error instanceof ClosedError) {
        this.#counters.undelivered += message.length;
        return;
      }
      if (!(error instanceof EncodeError || error instanceof RangeError)) throw error;
      this.#refuse(message, error);
    }
  }

  /** Counts a message that cannot be sent; of several samples, those go that can. */
  #refuse(message: readonly Sample[], error: Error): void {
    if (message.length > 1) {
      for (const sample of message) this.#prepare([sample]);
      return;
    }
    this.#counters.refused += message.length;
    this.#callbacks.onEncodeError?.(error);
  }

  /** Begins to send what is prepared, unless that goes on already. */
  #start(): void {
    if (this.#isFlushing || this.#lengths.length === 0) return;
    this.#isFlushing = true;
    this.#sink.flush().then(this.#onSent, this.#onFailed);
  }

  readonly #onSent = ({ sent }: SendResult): void => {
    const lengths = this.#lengths;
    const counters = this.#counters;
    counters.messages += Math.min(sent, lengths.length);
    for (let index = 0; index < lengths.length; index++) {
      if (index < sent) counters.samples += lengths[index] ?? 0;
      else counters.undelivered += lengths[index] ?? 0;
    }
    this.#continue();
  };

  readonly #onFailed = (error: unknown): void => {
    for (const length of this.#lengths) this.#counters.undelivered += length;
    this.#callbacks.onSendError?.(error instanceof Error ? error : new Error(String(error)));
    this.#continue();
  };

  /** Goes on with what has come during a flush. */
  #continue(): void {
    this.#isFlushing = false;
    this.#lengths = [];
    if (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#waitingSamples = 0;
      for (const message of waiting) this.#prepare(message);
      this.#start();
    } else {
      this.#isBehind = false;
    }
    this.#wake?.();
  }

  /** Waits for a condition that a flush brings about. */
  async #waitFor(isDone: () => boolean, timeoutMs: number): Promise<void> {
    const overdue = Promise.withResolvers<void>();
    let isOverdue = false;
    const timer = timeoutMs === Infinity ? undefined : setTimeout(() => {
      isOverdue = true;
      overdue.resolve();
    }, timeoutMs);
    while (!isDone() && !isOverdue) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await Promise.race([promise, overdue.promise]);
    }
    this.#wake = undefined;
    clearTimeout(timer);
    if (isOverdue) this.#isBehind = true;
  }
}
