/**
 * Measures round trips: samples go to an echo and come back.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { RoundTripOptions, RoundTripReport } from "./round_trip.ts";
import { createRoundTripTracker } from "./_tracker.ts";

/**
 * Measures round trips to an echo: anything that sends back what it receives, such as this package's `echo`, or a
 * VILLASnode with a path that leads from a node to the same node.
 *
 * The sequence numbers rise from 0 through all cases, warm-ups included, because VILLASnode drops a sample whose number is
 * not above the last one's. VILLASnode also fills up a sample with the last values of a longer one before it: give cases
 * with fewer values first. No two samples have the same values, so that corruption is detected. A sample is sent when it
 * is due, whether those before it have come back or not; its round trip begins when it is really sent, and its lateness
 * is reported separately.
 *
 * @param client The connection; it is closed at the end
 * @param options The cases, and how long to wait
 * @returns A report for each case that was begun
 * @throws {TypeError} If the format carries no sequence number
 * @throws {EncodeError} If the format or the signals do not allow such samples
 * @throws {RangeError} If a rate is not above 0
 *
 * @see VILLASnode, `lib/nodes/test_rtt.cpp`
 *
 * @example An echo in the same process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, echo } from "@villas/client";
 * import { measureRoundTrips } from "@villas/client/roundtrips";
 *
 * await using far = await connect({ local: "memory:far", remote: "memory:near" });
 * const near = await connect({ local: "memory:near", remote: "memory:far" });
 * const echoing = echo(far);
 * const [report] = await measureRoundTrips(near, { cases: [{ rate: 1000, values: 8, count: 20 }], cooldown: 0.05 });
 * far.close();
 * await echoing;
 * assertEquals([report?.sent, report?.received, report?.lost], [20, 20, 0]);
 * assertEquals(report?.roundTrips.count, 20);
 * ```
 */
export async function measureRoundTrips(client: Client, options: RoundTripOptions): Promise<RoundTripReport[]> {
  const { cases, signal, beforeCase, onCase, timeout } = options;
  const ended = new AbortController();
  const end = () => ended.abort();
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  const tracker = createRoundTripTracker(client, options, ended.signal);
  const receiving = tracker.receive().finally(end);
  receiving.catch(() => {}); // awaited at the end
  let timer: ReturnType<typeof setTimeout> | undefined;
  const reports: RoundTripReport[] = [];
  try {
    for (let index = 0; index < cases.length; index++) {
      await beforeCase?.(index);
      if (ended.signal.aborted) break;
      if (timeout !== undefined) timer ??= setTimeout(() => tracker.hasAnswer || end(), timeout * 1000);
      const { report, done } = tracker.measure(index);
      reports.push(report);
      onCase?.(report, index);
      await done;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    client.close();
    await receiving;
  }
  return reports;
}
