/**
 * The bridge: samples of one end go to others, each with its own format, signals and pace.
 *
 * @module
 */

import { BridgeLane, type BridgeOutput, type BridgeSink, type OutputCounters } from "./_bridge_lane.ts";
import { JumpWatch, LoopWatch, Renumbering } from "./_bridge_watch.ts";
import type { Shape } from "./shape.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";
import { checkLimit } from "../transports/receiving.ts";

export type { BridgeOutput, BridgeSink, OutputCounters };

/** Gives samples: a client, or anything else that has messages. */
export interface BridgeSource {
  /** Waits for messages, at most so many; an empty list when there will be no more. */
  receive(options?: { limit?: number }): Promise<readonly (readonly Sample[])[]>;
}

/** Options of {@linkcode createBridge}. */
export interface BridgeOptions {
  /** Shape of the samples; default: they stay as they are. */
  shape?: Shape;
  /**
   * Sequence numbers: those of the samples (`"keep"`, the default), or numbers from 0 without gaps, and from 0 again where
   * the sender starts over (`"renumber"`).
   */
  sequence?: "keep" | "renumber";
  /**
   * Sends the newest sample so many times per second, if a new one has come, and leaves out the others. Default: every
   * sample is sent at once.
   */
  rate?: number;
  /** Ends the bridge after this number of received samples, 1 or more; whole messages are passed on, though. */
  count?: number;
  /** Gives samples without a receive timestamp their time of arrival, as recordings want it; default false. */
  stampArrival?: boolean;
  /** Longest wait for slow outputs at the end, in seconds; default 2. What is left then is dropped, and counted. */
  finishTimeout?: number;
  /** Called with the samples of each message as they come, and their time of arrival. */
  onSamples?: (samples: readonly Sample[], received: Timestamp) => void;
  /** Called with the error of a message that was not sent, and the index of the output that would not survive it. */
  onEncodeError?: (error: Error, output: number) => void;
  /** Called with the error of the system that refused to send, and the index of the output. */
  onSendError?: (error: Error, output: number) => void;
  /** Called, once each, with a sentence on a loop, or on sequence numbers that a VILLASnode would stop at. */
  onNotice?: (message: string) => void;
}

/** Counters of a bridge, in samples but for the messages. */
export interface BridgeCounters {
  /** Messages that were received. */
  messages: number;
  /** Samples that were received. */
  samples: number;
  /** Samples that the shape or the rate has left out, so that no output got them. */
  skipped: number;
  /** Counters of the outputs, in their order: each got the samples that were received and not skipped. */
  outputs: OutputCounters[];
}

/** Samples on their way from one end to others. */
export interface Bridge {
  /** The counters so far: a copy that does not change any more. */
  readonly counters: BridgeCounters;
  /** True if samples have come round again. */
  readonly hasLooped: boolean;
  /**
   * Passes samples on until the source has no more, or the count is reached; then sends what still waits.
   *
   * @throws What the source throws
   */
  run(): Promise<void>;
}

/**
 * Creates a bridge: samples that one end gives go to all others.
 *
 * An output that is slow or gone does not stop the others: up to `capacity` samples wait for it, then the oldest are
 * dropped, and counted. Whatever becomes of a sample is counted: for each output, what was received less what was skipped is
 * the sum of its counters. A client as an output sends nothing that its signals do not allow.
 *
 * The bridge ends when its source does: close the client that it receives from. It closes nothing itself.
 *
 * @param source The end to receive from
 * @param outputs The ends to send to
 * @param options Shape, numbering, rate, and callbacks
 * @returns The bridge, which passes samples on when it is run
 * @throws {RangeError} If a number among the options is out of range
 *
 * @example From protobuf to JSON, and every second sample to a list
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, type Sample } from "@villas/client";
 * import { createBridge, createShape } from "@villas/client/client";
 *
 * await using node = await connect({ local: "memory:sending", remote: "memory:in" });
 * await using viewer = await connect({ local: "memory:viewer", remote: "memory:out", format: "json" });
 * await using from = await connect({ local: "memory:in", remote: "memory:sending" });
 * await using to = await connect({ local: "memory:out", remote: "memory:viewer", format: "json" });
 * const bridge = createBridge(from, [{ sink: to }], {
 *   shape: createShape([{ type: "decimate", ratio: 2 }]),
 *   count: 3,
 * });
 * for (let i = 0; i < 3; i++) await node.send({ sequence: BigInt(i), values: [i] });
 * await bridge.run();
 * const received: Sample[] = (await viewer.receive()).flat();
 * assertEquals(received.map(({ sequence }) => sequence), [0n, 2n]);
 * assertEquals([bridge.counters.samples, bridge.counters.skipped], [3, 1]);
 * ```
 */
export function createBridge(
  source: BridgeSource,
  outputs: readonly BridgeOutput[],
  options: BridgeOptions = {},
): Bridge {
  return new RunningBridge(source, outputs, options);
}

class RunningBridge implements Bridge {
  readonly #source: BridgeSource;
  readonly #options: BridgeOptions;
  readonly #lanes: readonly BridgeLane[];
  readonly #renumbering: Renumbering | undefined;
  readonly #jumps: JumpWatch | undefined;
  readonly #loops = new LoopWatch();
  readonly #newest: NewestSample | undefined;
  readonly #apply: Shape["apply"] | undefined;
  #messages = 0;
  #samples = 0;
  #skipped = 0;

  constructor(source: BridgeSource, outputs: readonly BridgeOutput[], options: BridgeOptions) {
    const { shape, sequence = "keep", rate, count = Infinity, onEncodeError, onSendError } = options;
    checkLimit(count, "count");
    if (rate !== undefined && !(rate > 0)) {
      throw new RangeError(`Cannot send ${rate} samples per second: the rate must be above 0`);
    }
    this.#source = source;
    this.#options = options;
    this.#apply = shape?.apply;
    this.#lanes = outputs.map((output, index) =>
      new BridgeLane(output, {
        onEncodeError: onEncodeError && ((error) => onEncodeError(error, index)),
        onSendError: onSendError && ((error) => onSendError(error, index)),
      })
    );
    if (sequence === "renumber") this.#renumbering = new Renumbering();
    else this.#jumps = new JumpWatch();
    if (rate !== undefined) this.#newest = new NewestSample(rate, (sample) => this.#distribute([[sample]]));
  }

  get counters(): BridgeCounters {
    const outputs = this.#lanes.map(({ counters }) => counters);
    // The newest sample may still be sent.
    const skipped = this.#skipped + (this.#newest?.replaced ?? 0);
    return { messages: this.#messages, samples: this.#samples, skipped, outputs };
  }

  get hasLooped(): boolean {
    return this.#loops.hasLooped;
  }

  async run(): Promise<void> {
    const { count = Infinity, finishTimeout = 2 } = this.#options;
    const wait = { limit: count };
    try {
      while (this.#samples < count) {
        wait.limit = count - this.#samples;
        const messages = await this.#source.receive(wait);
        if (messages.length === 0) break;
        this.#pass(messages);
        // Turns for all outputs at a time: a slow one costs its own patience, and no more than once.
        for (const lane of this.#lanes) {
          const settling = lane.settle();
          if (settling !== undefined) await settling;
        }
      }
    } finally {
      this.#newest?.finish();
      await Promise.all(this.#lanes.map((lane) => lane.finish(finishTimeout * 1000)));
    }
  }

  #pass(messages: readonly (readonly Sample[])[]): void {
    const { onSamples, stampArrival = false } = this.#options;
    const received = onSamples === undefined && !stampArrival ? undefined : now();
    this.#messages += messages.length;
    for (const message of messages) {
      this.#samples += message.length;
      if (received !== undefined) {
        if (stampArrival) { for (const sample of message) sample.tsReceived ??= received; }
        onSamples?.(message, received);
      }
      this.#watch(message);
    }
    const shaped = this.#shape(messages);
    if (this.#newest === undefined) this.#distribute(shaped);
    else for (const message of shaped) for (const sample of message) this.#newest.offer(sample);
  }

  #watch(message: readonly Sample[]): void {
    const { onNotice } = this.#options;
    const jump = this.#jumps?.look(message);
    if (jump !== undefined) onNotice?.(jump);
    this.#renumbering?.track(message);
    if (this.#loops.look(message)) {
      onNotice?.("The same sample comes again and again: what is sent seems to lead back here, in a loop");
    }
  }

  #shape(messages: readonly (readonly Sample[])[]): readonly (readonly Sample[])[] {
    const apply = this.#apply;
    if (apply === undefined) return messages;
    const shaped: (readonly Sample[])[] = [];
    for (const message of messages) {
      const samples = apply(message);
      this.#skipped += message.length - samples.length;
      if (samples.length > 0) shaped.push(samples);
    }
    return shaped;
  }

  #distribute(messages: readonly (readonly Sample[])[]): void {
    const renumbering = this.#renumbering;
    const numbered = renumbering === undefined ? messages : messages.map((message) => renumbering.number(message));
    for (const lane of this.#lanes) lane.take(numbered);
  }
}

/** Gives the newest sample at a fixed rate, if there is a new one. */
class NewestSample {
  readonly #period: number;
  readonly #send: (sample: Sample) => void;
  #sample: Sample | undefined;
  #due = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Number of samples that a newer one has replaced. */
  replaced = 0;

  constructor(rate: number, send: (sample: Sample) => void) {
    this.#period = 1000 / rate;
    this.#send = send;
  }

  /** Takes a sample. */
  offer(sample: Sample): void {
    if (this.#sample !== undefined) this.replaced++;
    this.#sample = sample;
    if (this.#timer !== undefined) return;
    const left = this.#due - performance.now();
    if (left <= 0) this.#give();
    else this.#timer = setTimeout(() => this.#give(), left);
  }

  /** Gives the last one at once. */
  finish(): void {
    clearTimeout(this.#timer);
    if (this.#sample !== undefined) this.#send(this.#sample);
    this.#sample = undefined;
  }

  #give(): void {
    this.#timer = undefined;
    const sample = this.#sample;
    if (sample === undefined) return;
    this.#sample = undefined;
    const time = performance.now();
    // On a grid, so that the delays of timers do not lower the rate.
    this.#due = time - this.#due < this.#period ? this.#due + this.#period : time + this.#period;
    this.#send(sample);
  }
}
