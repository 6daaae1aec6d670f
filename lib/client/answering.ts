/**
 * Answers: every message that comes is dealt with before the next one, in the turn of the poll that found it where the client
 * polls.
 *
 * @module
 */

import type { Client } from "./client.ts";
import type { ReceiveOptions } from "./receive_queue.ts";
import type { Sample } from "../samples/sample.ts";

/**
 * Receives until the client is closed, and deals with what comes. An answer that waits for nothing costs no promise, and over a
 * transport that polls no turn of the event loop.
 *
 * @param client The connection
 * @param answer Deals with the samples of the datagrams that were there; what comes next is received when its promise has
 * resolved, or at once where it returns none
 * @param left Returns the number of datagrams that are still wanted: it ends with 0. Default: all
 * @throws What `receive` and `answer` throw
 */
export async function answerMessages(
  client: Client,
  answer: (messages: Sample[][]) => PromiseLike<unknown> | undefined,
  left?: () => number,
): Promise<void> {
  /** What the next datagrams have to wait for. */
  let pending: PromiseLike<unknown> | undefined;
  /** True if the samples that the client returns next are answered already. */
  let isAnswered = false;
  const onPolled = (messages: Sample[][]) => {
    pending = answer(messages);
    isAnswered = pending !== undefined;
    return !isAnswered;
  };
  // A limit holds for a call, and a call that goes on would exceed it.
  const wait: ReceiveOptions = left === undefined ? { onPolled } : {};
  for (;;) {
    if (left !== undefined) {
      wait.limit = left();
      if (wait.limit <= 0) return;
    }
    const messages = await client.receive(wait);
    if (messages.length === 0) return;
    if (!isAnswered) pending = answer(messages);
    isAnswered = false;
    if (pending !== undefined) await pending;
  }
}
