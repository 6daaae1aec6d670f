/**
 * Shows on a terminal how far a long work is, in one line that is written anew each second.
 *
 * It is not the progress bar of `@std/cli`, which is marked as unstable, needs to know the end that a live stream does
 * not have, and would be torn by the warnings that come in between. This one is a part of the log, which knows of both.
 *
 * @module
 */

import type { Log } from "./log.ts";

/** How far a work is. */
export interface ProgressState {
  /** What is being done, such as `"Recording run1.csv"`. */
  readonly what: string;
  /** Samples so far. */
  readonly samples: number;
  /** Which part of the whole is done, from 0 to 1; left out where the end is not known. */
  readonly part?: number;
  /** What else there is to say, such as `"missing 0"`. */
  readonly note?: string;
}

/** How often the line is written anew, in milliseconds. */
const interval = 1000;

/**
 * Shows the state of a work once a second, until the result is disposed of; then the line is gone. Nothing is shown where
 * standard error is no terminal, or the log is quiet.
 *
 * @param log Where to show it; its messages appear above the line
 * @param measure Asked for the state each time
 * @returns What ends it: `using _progress = showProgress(...)`
 */
export function showProgress(log: Log, measure: () => ProgressState): Disposable {
  if (!log.hasStatus) return { [Symbol.dispose]: () => {} };
  let lastTime = performance.now();
  let lastSamples = measure().samples;
  const show = () => {
    const time = performance.now();
    const state = measure();
    const rate = (state.samples - lastSamples) / ((time - lastTime) / 1000);
    lastTime = time;
    lastSamples = state.samples;
    log.status(describeProgress(state, rate));
  };
  const timer = setInterval(show, interval);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      log.status("");
    },
  };
}

/**
 * The state in words, on one line.
 *
 * @param state How far the work is
 * @param rate Samples a second of late
 */
export function describeProgress({ what, samples, part, note }: ProgressState, rate: number): string {
  const percent = part === undefined ? "" : `${Math.floor(100 * Math.min(Math.max(part, 0), 1))} %, `;
  const end = note === undefined ? "" : `, ${note}`;
  const count = `${samples} ${samples === 1 ? "sample" : "samples"}`;
  return `${what}: ${percent}${count}, ${rate.toFixed(rate < 100 ? 1 : 0)} samples/s${end}`;
}
