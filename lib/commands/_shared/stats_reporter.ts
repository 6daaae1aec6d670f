/**
 * Statistics of what a command receives, and lines of them while it runs.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Statistics } from "../../timing/statistics.ts";
import type { Log } from "../../terminal/log.ts";
import { checkInterval, receivedTotals, reportIntervals } from "./intervals.ts";

/** Measures what a command receives, and reports it while it runs. */
export interface StatsReporter extends Pick<Statistics, "figures" | "record">, Disposable {
  /** Prints the lines of `--interval`, if there are any, until the handle is disposed of. */
  watch(client: Client): Disposable;
}

/** Options of the reporter. */
interface ReporterValues {
  readonly stats: string | undefined;
  readonly verbose: boolean;
  readonly interval?: number | undefined;
  readonly quiet: boolean;
}

/** Time between two lines of `--verbose`, in milliseconds. */
const verboseInterval = 1000;

/**
 * Creates a reporter if the options ask for one: for the figures at the end, for a line per interval, or for a line per
 * second on a terminal.
 *
 * @param values Values of the command's options
 * @param log The log that shows the lines
 * @throws {InputError} If the options contradict each other
 */
export async function createStatsReporter(values: ReporterValues, log: Log): Promise<StatsReporter | undefined> {
  checkInterval({ interval: undefined, ...values });
  const { stats, verbose, interval } = values;
  if (stats === undefined && interval === undefined && !verbose) return undefined;
  // Who asks for no statistics does not load what makes them.
  const { createStatistics } = await import("../../timing/statistics.ts");
  const { IntervalDelays } = await import("./interval_delays.ts");
  const { describeInterval } = await import("./statistics_text.ts");
  const total = createStatistics();
  const delays = interval === undefined ? undefined : new IntervalDelays();
  let recent = interval === undefined && verbose && log.hasStatus ? createStatistics() : undefined;
  const timer = recent && setInterval(() => {
    if (recent !== undefined) log.info(describeInterval(recent.figures));
    recent = createStatistics();
  }, verboseInterval);
  return {
    get figures() {
      return total.figures;
    },
    record(samples, received) {
      const elapsed = performance.now() / 1000;
      total.record(samples, received, elapsed);
      delays?.record(samples, received);
      recent?.record(samples, received, elapsed);
    },
    watch: (client) => reportIntervals(interval, log, () => receivedTotals(client), () => delays?.describe() ?? ""),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
