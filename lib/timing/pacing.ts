/**
 * Keeps a rate: the n-th step is due at a fixed time, however late the steps before it were.
 *
 * @module
 */

import { waitUntil, yieldToEventLoop } from "../system/wait.ts";

/** Longest run of overdue steps before the rest of the program has a turn, in milliseconds. */
const longestRun = 1;

/** A step of a {@linkcode pace}. */
export interface Step {
  /** Index of the step, from 0 and without gaps. */
  index: number;
  /** Time from when the step was due to when it came, in seconds. */
  lateness: number;
  /** True where the step was so late that the next one was due by then: its deadline was missed. */
  missed: boolean;
  /** True where the next step is due, too, and follows at once: the output of this one may wait for it. */
  more: boolean;
}

/** Options of waiting for the steps of a {@linkcode pace}. */
export interface PaceOptions {
  /**
   * Waits actively for the last 2 ms before each step, without naps. A datagram that arrives meanwhile is
   * received within microseconds instead of up to 0.3 ms later, at the price of one processor; default false.
   */
  busyWait?: boolean;
}

/**
 * Gives steps at a constant rate.
 *
 * The n-th step is due n / rate seconds after the first one, so that delays do not add up: overdue steps follow at once,
 * and none is left out. A step comes a few microseconds after it is due, where the machine has the time. Above some 3000
 * steps per second this takes all of one processor, below 200 a few percent of it. The rest of the program, such as sockets
 * and signals of the system, has its turns in any case.
 *
 * @param rate Steps per second; `Infinity` gives them as fast as they are taken
 * @param signal Ends the steps; a wait ends at once
 * @param options How to wait for a step
 * @returns The steps, each when it is due
 * @throws {RangeError} If the rate is not above 0
 *
 * @example Five steps at 1 kHz
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pace } from "@villas/client/timing";
 *
 * const indices = [];
 * for await (const { index } of pace(1000)) {
 *   indices.push(index);
 *   if (index === 4) break;
 * }
 * assertEquals(indices, [0, 1, 2, 3, 4]);
 * ```
 *
 * @example Samples at 10 kHz, those that are due together sent in one go
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect } from "@villas/client";
 * import { pace } from "@villas/client/timing";
 *
 * await using node = await connect({ local: "memory:n", remote: "memory:c" });
 * await using client = await connect({ local: "memory:c", remote: "memory:n" });
 * for await (const { index, more } of pace(10_000)) {
 *   if (index === 100) break;
 *   client.enqueue([{ sequence: BigInt(index), values: [index / 2] }]);
 *   if (!more) await client.flush();
 * }
 * await client.flush(); // the last ones may have waited for one more
 * assertEquals(client.counters.sent.samples, 100);
 * ```
 */
export async function* pace(
  rate: number,
  signal?: AbortSignal,
  options: PaceOptions = {},
): AsyncGenerator<Step, void, undefined> {
  if (!(rate > 0)) throw new RangeError(`Cannot keep a rate of ${rate} per second: it must be above 0`);
  const { busyWait = false } = options;
  const isPaced = rate < Infinity;
  const start = performance.now();
  const dueTime = (index: number) => start + index * 1000 / rate;
  /** The last turn of the rest of the program, in milliseconds. */
  let yielded = start;
  let more = false;
  for (let index = 0; !signal?.aborted; index++) {
    const due = dueTime(index);
    let time = performance.now();
    if (!more && (time < due || time - yielded > longestRun)) {
      if (time < due) await waitUntil(due, signal, busyWait);
      else await yieldToEventLoop();
      if (signal?.aborted) return;
      time = yielded = performance.now();
    }
    const isNextDue = dueTime(index + 1) <= time;
    more = isNextDue && time - yielded <= longestRun;
    yield { index, lateness: isPaced ? (time - due) / 1000 : 0, missed: isPaced && isNextDue, more };
  }
}
