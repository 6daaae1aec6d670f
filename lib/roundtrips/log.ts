/**
 * Round trips in the layout of VILLASnode's `test_rtt` node, a file for each case.
 *
 * @module
 */

import { villasHuman } from "../formats/villas_human.ts";
import type { RoundTrip, RoundTripReport } from "./round_trip.ts";
import { timestampFromMilliseconds } from "../samples/timestamp.ts";

/** Writes the file of one case: what to append to it. */
export interface RoundTripLog {
  /** The line of one sample, and the header in front of the first one. */
  sample(roundTrip: RoundTrip): string;
  /** The last line: the figures of the case. */
  end(report: RoundTripReport): string;
}

/**
 * The name of the file of a case.
 *
 * @param prefix What it begins with, possibly a folder
 * @param testCase The case
 * @returns `PREFIX_valuesV_rateR.log`, as VILLASnode names it
 *
 * @see VILLASnode, `lib/nodes/test_rtt.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundTripLogName } from "@villas/client/roundtrips";
 *
 * assertEquals(roundTripLogName("results/lab", { rate: 100, values: 8 }), "results/lab_values8_rate100.log");
 * ```
 */
export function roundTripLogName(prefix: string, { rate, values }: { rate: number; values: number }): string {
  // VILLASnode rounds the rate; two rates below 1 would share a file then.
  return `${prefix}_values${values}_rate${Number.isInteger(rate) ? rate.toFixed(0) : rate}.log`;
}

/**
 * Starts the file of a case: `villas.human` without values, a line for each sample that came back, with its round trip
 * as the offset, then a comment with the case's figures as JSON. The numbers of the samples begin at 0 in each case, as
 * VILLASnode's do; `missed` is the number of those that did not come back.
 *
 * @param id The number of the case, from 0
 * @returns What makes the lines
 *
 * @see VILLASnode, `lib/nodes/test_rtt.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRoundTripLog } from "@villas/client/roundtrips";
 *
 * const log = createRoundTripLog(0);
 * const line = log.sample({ case: 0, index: 7, tsOrigin: { sec: 1, nsec: 5 }, elapsed: 0, seconds: 183.243e-6 });
 * assertEquals(line, "# seconds.nanoseconds+offset(sequence)\n1.000000005+1.832430e-04(7)\n");
 * ```
 */
export function createRoundTripLog(id: number): RoundTripLog {
  const write = villasHuman({ data: false }).createEncoder();
  return {
    sample({ index, tsOrigin, seconds }) {
      const { sec, nsec } = timestampFromMilliseconds(seconds * 1000 + tsOrigin.nsec / 1e6);
      const tsReceived = { sec: tsOrigin.sec + sec, nsec };
      return String(write([{ sequence: BigInt(index), tsOrigin, tsReceived, values: [] }]));
    },
    end({ rate, values, started, stopped, planned, sent, received }) {
      const missed = sent - received;
      const figures = { id, rate, values, started, stopped, count: planned, sent, received, missed };
      return `# ${JSON.stringify(figures)}\n`;
    },
  };
}
