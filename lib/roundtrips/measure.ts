/**
 * Round trips: samples that go to an echo and come back, what became of each of them and how long it took.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { RoundTripOptions, RoundTripReport } from "./round_trip.ts";
import { createMeter } from "./_tracker.ts";

/**
 * Measures round trips to an echo: anything that sends back what it receives, such as this package's `echo`, or a
 * VILLASnode with a path that leads from a node to the same node.
 *
 * The sequence numbers begin at 0 and go on rising from case to case, the warm-ups included, because VILLASnode drops a
 * sample whose number is not above the last one's. VILLASnode also fills a sample up with the last values of a longer
 * one before: give cases with fewer values first. The values are such that each sample can be told from all others, so
 * that what comes back corrupted is seen. A sample is sent when it is due, whether those before it have come back or
 * not; its round trip begins when it is really sent, and how late that was is reported besides.
 *
 * @param client The connection; it is closed at the end
 * @param options What to send, and how long to wait
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
  const { cases, signal, before, onCase, timeout } = options;
  const ended = new AbortController();
  const end = () => ended.abort();
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  const meter = createMeter(client, options, ended.signal);
  const receiving = meter.receive().finally(end);
  receiving.catch(() => {}); // it is awaited at the end
  let timer: ReturnType<typeof setTimeout> | undefined;
  const reports: RoundTripReport[] = [];
  try {
    for (let index = 0; index < cases.length; index++) {
      await before?.(index);
      if (ended.signal.aborted) break;
      if (timeout !== undefined) timer ??= setTimeout(() => meter.hasAnswer || end(), timeout * 1000);
      const { report, done } = meter.measure(index);
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
