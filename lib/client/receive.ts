/**
 * Receiving, and nothing else: every sample that comes, with the time of its arrival.
 *
 * @module
 */

import type { Client } from "./client.ts";
import type { WaitOptions } from "./receive_queue.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";
import { checkLimit } from "../transports/receiving.ts";

/** Options of {@linkcode receiveSamples}. */
export interface ReceiveSamplesOptions extends WaitOptions {
  /** Ends after this number of samples, 1 or more; surplus samples of the last datagram are left out. Default: none. */
  count?: number;
  /** Called with the samples of each datagram, and the time of its arrival. */
  onSamples?: (samples: readonly Sample[], received: Timestamp) => void;
  /** Called after all samples that were there have been handed over; the next ones are received when it is done. */
  onPause?: () => Promise<void> | void;
}

/**
 * Receives samples until there are enough of them, or the client is closed.
 *
 * Samples without a receive timestamp get their time of arrival, as in VILLASnode (`lib/hooks/fix.cpp`), so that formats
 * which write the time from origin to reception have it. For samples that a client of the format `"auto"` has held back, it
 * is the time at which the format was told.
 *
 * @param client The connection
 * @param options Callbacks, and when to end
 * @returns Number of samples that were handed over
 * @throws {RangeError} If the count is not a whole number of 1 or more
 * @throws {TimeoutError} If no sample comes within the time limit
 * @throws {DetectionError} If the client's format is `"auto"` and what comes does not tell it
 *
 * @example Time that samples were on their way
 * ```ts
 * import { assert } from "@std/assert";
 * import { connect, now, receiveSamples, secondsBetween } from "@villas/client";
 *
 * await using node = await connect({ local: "memory:sender", remote: "memory:receiver" });
 * await using client = await connect({ local: "memory:receiver", remote: "memory:sender" });
 * await node.send({ sequence: 0n, tsOrigin: now(), values: [230.1] });
 * await receiveSamples(client, {
 *   count: 1,
 *   onSamples(samples) {
 *     for (const { tsOrigin, tsReceived } of samples) {
 *       assert(tsOrigin && tsReceived && secondsBetween(tsReceived, tsOrigin) >= 0);
 *     }
 *   },
 * });
 * ```
 */
export async function receiveSamples(client: Client, options: ReceiveSamplesOptions = {}): Promise<number> {
  const { count = Infinity, onSamples, onPause, signal, timeout } = options;
  checkLimit(count, "count");
  let received = 0;
  while (received < count) {
    const messages = await client.receive({ limit: count - received, signal, timeout });
    if (messages.length === 0) break;
    const time = now();
    for (const message of messages) {
      const samples = message.slice(0, count - received);
      if (samples.length === 0) break;
      for (const sample of samples) sample.tsReceived ??= time;
      received += samples.length;
      onSamples?.(samples, time);
    }
    await onPause?.();
  }
  return received;
}
