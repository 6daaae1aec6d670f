/**
 * The interface of a client: a transport and a format, samples in and samples out.
 *
 * @module
 */

import type { Counters } from "./counters.ts";
import type { ReceiveOptions, WaitOptions } from "./receive_queue.ts";
import type { SendResult } from "./send_queue.ts";
import type { Format } from "../formats/format.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import type { ReadyOptions, TransportStats } from "../transports/transport.ts";

/**
 * A connection with a VILLASnode: samples in and samples out.
 *
 * Iterating over it gives each sample as it comes, until the client is closed. {@linkcode Client.receive} gives them
 * datagram by datagram instead. Several iterations and calls may go on at a time: they take turns, and each sample goes to
 * one of them, in order. What an iteration that is left early still held goes to the next one.
 *
 * Several senders may send at a time: the order of their calls is that of the datagrams.
 */
export interface Client extends AsyncIterable<Sample>, AsyncDisposable {
  /** The address that it receives on, such as `"udp://127.0.0.1:12001"`. */
  readonly local: string;
  /** The address that it sends to, if any. */
  readonly remote: string | undefined;
  /** Format of the datagrams; one of the name `"auto"`, which can do nothing, until it is known. */
  readonly format: Format;
  /** Resolves when the client has ended: with the reason, or with undefined where {@linkcode Client.close} ended it. */
  readonly closed: Promise<Error | undefined>;
  /** Counters of what was received and sent so far: a copy that does not change any more. */
  readonly counters: Counters;

  /**
   * Waits for samples. Calls that overlap take turns in their order: each sample goes to one of them.
   *
   * Nothing is lost when a signal or a time limit ends the wait: the next call gets what comes.
   *
   * @param options The largest number of datagrams to take, and what ends the wait. With the format `"auto"`, more of them
   * may tell the format.
   * @returns The samples of each datagram that is there, at least one sample; an empty list when the client is closed
   * @throws {TimeoutError} If no sample comes within the time limit
   * @throws {RangeError} If the limit is not a whole number of 1 or more, or the time limit is not above 0
   * @throws The signal's reason, an `AbortError` where it has no other, if the signal ends the wait or has come before it
   * @throws {DetectionError} If, with the format `"auto"`, what has come does not tell its format. It counts as refused
   * then; the next call looks at what comes next.
   */
  receive(options?: ReceiveOptions): Promise<Sample[][]>;

  /**
   * Iterates over the samples as they come, like the client itself, with an end of its own.
   *
   * @param options Signal or time limit that ends the iteration, which rejects as {@linkcode Client.receive} does
   * @returns The samples, one by one
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { connect, TimeoutError } from "@villas/client";
   *
   * await using node = await connect({ local: "memory:sender", remote: "memory:iterating" });
   * await using client = await connect({ local: "memory:iterating", remote: "memory:sender" });
   * await node.send([{ values: [1] }, { values: [2] }]);
   * const received = [];
   * try {
   *   for await (const { values } of client.samples({ timeout: 0.05 })) received.push(...values);
   * } catch (error) {
   *   if (!(error instanceof TimeoutError)) throw error;
   * }
   * assertEquals(received, [1, 2]);
   * ```
   */
  samples(options?: WaitOptions): AsyncIterableIterator<Sample>;

  /**
   * Waits until there is a sample to receive, and leaves it there: the format knows the signals then, where the other end
   * describes them (`c37.118`).
   *
   * @param options What ends the wait, which rejects as {@linkcode Client.receive} does
   * @returns Whether there is one; false when the client is closed
   */
  waitForSamples(options?: WaitOptions): Promise<boolean>;

  /**
   * Sends one datagram, or one message over a connection, and with it those that are prepared already.
   *
   * @param samples Its samples; nothing is sent for none. VILLASnode takes one sample per datagram unless its `vectorize`
   * says otherwise.
   * @returns Numbers of datagrams that were sent and that could not be delivered, with those that were prepared before
   * @throws {ClosedError} If the client is closed
   * @throws {UnfitSampleError} If a sample does not fit the signals of the receiver; nothing is sent then
   * @throws {EncodeError} If the format cannot carry a sample; nothing is sent then
   * @throws {RangeError} If the datagram would be too long, or have more samples than the receiver takes; nothing is sent
   * then
   * @throws {TypeError} If there is no remote
   * @throws {Error} If the system refuses to send, as {@linkcode Transport.send} says; nothing is sent then
   */
  send(samples: OutgoingSample | readonly OutgoingSample[]): Promise<SendResult>;

  /**
   * Prepares a datagram, which {@linkcode Client.flush} sends: several go to the system at once.
   *
   * @param samples As {@linkcode Client.send}
   * @throws As {@linkcode Client.send}; what was prepared before stays prepared
   */
  enqueue(samples: readonly OutgoingSample[]): void;

  /**
   * Prepares a datagram that returns received samples as they are, for {@linkcode Client.flush}. The other end chose
   * their types, so they are checked only where the signals of this direction are given.
   *
   * @param samples The samples as they were received
   * @throws As {@linkcode Client.enqueue}
   */
  enqueueEcho(samples: readonly Sample[]): void;

  /**
   * Sends the datagrams that are prepared.
   *
   * @returns Numbers of datagrams that were sent and that could not be delivered
   * @throws {Error} If the system refuses to send; nothing is sent then, nor kept
   */
  flush(): Promise<SendResult>;

  /**
   * Sends the datagrams that are prepared as {@linkcode Client.flush} does, without a promise where the system takes all of
   * them at once, as it does most of the time in batches over UDP.
   *
   * @returns The numbers, or a promise of them
   */
  flushNow(): SendResult | Promise<SendResult>;

  /**
   * Waits until the remote is there, where a sender can tell (`unix`, connections).
   *
   * @param options The end of the wait, and a callback for its beginning
   */
  ready(options?: ReadyOptions): Promise<void>;

  /** Returns the figures of the transport, such as the number of datagrams that the kernel dropped. */
  stats(): TransportStats;

  /**
   * Ends receiving and sending; may be called again. A connection delivers what was sent before, within 2 s:
   * {@linkcode closed} resolves then.
   */
  close(): void;
}
