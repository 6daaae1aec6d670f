/**
 * The echo: every sample that comes goes back, as it is or with other values.
 *
 * @module
 */

import { answerMessages } from "./answering.ts";
import type { Client } from "./client.ts";
import { ClosedError } from "./errors.ts";
import { EncodeError } from "../formats/errors.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import { checkLimit } from "../transports/receiving.ts";

/** Options of an echo. */
export interface EchoOptions {
  /** Values to send back instead of those that came; sequence number and timestamps stay. */
  reply?: OutgoingSample["values"];
  /** Ends the echo after this number of samples, 1 or more; whole datagrams are answered, though. Default: none. */
  count?: number;
  /** Called when datagrams have come, before anything is done with them: the time to look at the clock. */
  onReceive?: () => void;
  /** Called with the samples of each datagram, after they are on their way back. */
  onSamples?: (samples: readonly Sample[]) => void;
  /** Called after all datagrams that were there have been answered; the next ones are received when it is done. */
  onPause?: () => Promise<void> | void;
  /** Called with the error of a datagram that cannot be sent back because the receiver would not survive it. */
  onEncodeError?: (error: Error) => void;
}

/**
 * Sends back what comes, datagram by datagram, until the client is closed.
 *
 * @param client The connection
 * @param options Values to send back, and when to end
 * @throws {RangeError} If the count is not a whole number of 1 or more
 * @throws {DetectionError} If the client's format is `"auto"` and what comes does not tell it
 *
 * @example Two samples are sent back with constant values
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, echo } from "@villas/client";
 *
 * await using node = await connect({ local: "memory:n", remote: "memory:c" });
 * await using client = await connect({ local: "memory:c", remote: "memory:n" });
 * await node.send([{ sequence: 5n, values: [1] }, { sequence: 6n, values: [2] }]);
 * await echo(client, { reply: [230], count: 2 });
 * assertEquals(await node.receive(), [[{ sequence: 5n, values: [230] }, { sequence: 6n, values: [230] }]]);
 * ```
 */
export async function echo(client: Client, options: EchoOptions = {}): Promise<void> {
  checkLimit(options.count ?? Infinity, "count");
  await new Echo(client, options).run();
}

/** A running echo. */
class Echo {
  readonly #client: Client;
  readonly #options: EchoOptions;
  /** Number of samples that are still to come. */
  #left: number;
  #isClosed = false;

  constructor(client: Client, options: EchoOptions) {
    this.#client = client;
    this.#options = options;
    this.#left = options.count ?? Infinity;
  }

  run(): Promise<void> {
    return answerMessages(this.#client, this.#answer, this.#left === Infinity ? undefined : () => this.#left);
  }

  readonly #answer = (messages: readonly Sample[][]): Promise<void> | undefined => {
    const { onReceive, onSamples, onPause } = this.#options;
    onReceive?.();
    for (const message of messages) this.#enqueue(message);
    if (this.#isClosed) return undefined;
    // What is on its way to the peer matters more than what is printed about it.
    const sending = this.#client.flushNow();
    for (const message of messages) {
      this.#left -= message.length;
      onSamples?.(message);
    }
    return sending instanceof Promise ? sending.then(() => onPause?.()) : onPause?.() ?? undefined;
  };

  #enqueue(message: Sample[]): void {
    const { reply, onEncodeError } = this.#options;
    try {
      if (reply === undefined) this.#client.enqueueEcho(message);
      else this.#client.enqueue(message.map((sample) => ({ ...sample, values: reply })));
    } catch (error) {
      if (error instanceof ClosedError) this.#isClosed = true;
      else if (error instanceof EncodeError || error instanceof RangeError) onEncodeError?.(error);
      else throw error;
    }
  }
}
