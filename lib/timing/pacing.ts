/**
 * Keeps a rate: the n-th step is due at a fixed time, however late the ones before it were.
 *
 * @module
 */

import { takeTurn, waitUntil } from "../system/wait.ts";

/** How long steps that are overdue may follow each other before the rest of the program has a turn, in milliseconds. */
const longestRun = 1;

/** A step of a {@linkcode pace}. */
export interface Step {
  /** Number of the step, from 0 and without gaps. */
  index: number;
  /** How long after it was due it came, in seconds. */
  late: number;
  /** Whether it came so late that the next one was due by then: its deadline is missed. */
  missed: boolean;
  /** Whether the next step is due, too, and follows at once: what this one gives may wait for it. */
  more: boolean;
}

/** How to wait for the steps of a {@linkcode pace}. */
export interface PaceOptions {
  /**
   * Whether to stay awake for the last two milliseconds before each step. What comes meanwhile, such as a datagram, is
   * seen within microseconds instead of up to 0.3 ms later, at the price of one processor; default false.
   */
  awake?: boolean;
}

/**
 * Steps at a constant rate.
 *
 * The n-th step is due n / rate seconds after the first one, so that delays do not add up: steps that are overdue follow
 * at once, none is left out. A step comes a few microseconds after it is due, where the machine has the time; above some
 * 3000 steps a second this takes all of one processor, below 200 some hundredths. The rest of the program, such as
 * sockets and interrupts, has its turns in any case.
 *
 * @param rate Steps a second; `Infinity` gives them as fast as they are taken
 * @param signal Ends the steps; a wait ends at once
 * @param options How to wait
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
 * @example Samples at 10 kHz, those that are due together in one go
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
  if (!(rate > 0)) throw new RangeError(`Cannot keep a rate of ${rate} a second: it must be above 0`);
  const { awake = false } = options;
  const isPaced = rate < Infinity;
  const start = performance.now();
  const timeOf = (index: number) => start + index * 1000 / rate;
  /** When the rest of the program had its last turn. */
  let turned = start;
  let more = false;
  for (let index = 0; !signal?.aborted; index++) {
    const due = timeOf(index);
    let time = performance.now();
    if (!more && (time < due || time - turned > longestRun)) {
      if (time < due) await waitUntil(due, signal, awake);
      else await takeTurn();
      if (signal?.aborted) return;
      time = turned = performance.now();
    }
    const isNextDue = timeOf(index + 1) <= time;
    more = isNextDue && time - turned <= longestRun;
    yield { index, late: isPaced ? (time - due) / 1000 : 0, missed: isPaced && isNextDue, more };
  }
}
