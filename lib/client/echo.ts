/**
 * The echo: every sample that comes goes back, as it is or with other values.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { EncodeError } from "../formats/errors.ts";
import type { Sample, Value } from "../samples/sample.ts";

/** What the echo sends back, and when it ends. */
export interface EchoOptions {
  /** Values to send back instead of those that came; sequence number and timestamps stay. */
  reply?: readonly Value[];
  /** Ends the echo after this number of samples; whole datagrams are answered, though. */
  count?: number;
  /** Called when datagrams have come, before anything is done with them: the time to look at the clock. */
  onReceive?: () => void;
  /** Called with the samples of each datagram, after they are on their way back. */
  onSamples?: (samples: readonly Sample[]) => void;
  /** Called after all datagrams that were there have been answered; the next ones are received when it is done. */
  onPause?: () => Promise<void> | void;
  /** Called with what cannot be sent back because the receiver would not survive it. */
  onUnsendable?: (error: Error) => void;
}

/**
 * Sends back what comes, datagram by datagram, until the client is closed.
 *
 * @param client The connection
 * @param options What to send back, and when to end
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
  const { reply, count = Infinity, onReceive, onSamples, onPause, onUnsendable } = options;
  let samples = 0;
  while (samples < count) {
    const messages = await client.receive(count - samples);
    if (messages.length === 0) return;
    onReceive?.();
    for (const message of messages) {
      try {
        if (reply === undefined) client.enqueueEcho(message);
        else client.enqueue(message.map((sample) => ({ ...sample, values: [...reply] })));
      } catch (error) {
        if (!(error instanceof EncodeError || error instanceof RangeError)) throw error;
        onUnsendable?.(error);
      }
    }
    // What is on its way to the peer matters more than what is printed about it.
    const sending = client.flush();
    for (const message of messages) {
      samples += message.length;
      onSamples?.(message);
    }
    await sending;
    const pause = onPause?.();
    if (pause !== undefined) await pause;
  }
}
