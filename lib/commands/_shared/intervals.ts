/**
 * Figures of a running command, interval by interval: one line each on standard error.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { InputError } from "../../system/input_error.ts";
import type { Log } from "../../terminal/log.ts";
import { duration } from "../../terminal/option.ts";

/** Length of the intervals. */
export const intervalOption = duration({
  help: "print the figures of each interval of this length, such as 1s, as a line on standard error",
});

/** Totals of a command so far, of which a line shows the increase. */
export interface Totals {
  /** Number of samples. */
  readonly samples: number;
  /** Other counts, by their names. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Checks that the lines of the intervals are seen.
 *
 * @throws {InputError} If `--quiet` would suppress them
 */
export function checkInterval({ interval, quiet }: { interval: number | undefined; quiet: boolean }): void {
  if (interval !== undefined && quiet) {
    throw new InputError("Cannot use --interval with --quiet: nothing would be seen");
  }
}

/**
 * Prints a line for each interval, and one for the rest at the end if samples came in it, so that the lines add up.
 *
 * @param seconds Length of an interval, in seconds; undefined for no lines
 * @param log The log that prints them
 * @param measure Returns the totals so far
 * @param describe Describes more of the interval, as the end of the line
 * @returns The handle that ends it
 */
export function reportIntervals(
  seconds: number | undefined,
  log: Pick<Log, "info">,
  measure: () => Totals,
  describe: () => string = () => "",
): Disposable {
  if (seconds === undefined) return { [Symbol.dispose]() {} };
  const started = performance.now();
  const decimals = seconds < 1 ? 2 : 1;
  let lastTime = started;
  let last = measure();
  const report = () => {
    const time = performance.now();
    const totals = measure();
    const [from, to] = [lastTime, time].map((end) => ((end - started) / 1000).toFixed(decimals));
    const samples = totals.samples - last.samples;
    const rate = (samples / ((time - lastTime) / 1000)).toFixed(1);
    const counts = Object.entries(totals.counts).map(([name, count]) =>
      `, ${name} ${count - (last.counts[name] ?? 0)}`
    );
    log.info(
      `${from}-${to} s: ${samples} ${samples === 1 ? "sample" : "samples"} (${rate}/s)${counts.join("")}${describe()}`,
    );
    lastTime = time;
    last = totals;
  };
  const timer = setInterval(report, seconds * 1000);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      if (measure().samples > last.samples) report();
    },
  };
}

/** Returns the totals of what a client has received. */
export function receivedTotals({ counters: { received } }: Client): Totals {
  const { samples, missing, refused } = received;
  return { samples, counts: { missing, refused } };
}
