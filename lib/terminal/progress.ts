/**
 * Progress of a long task on a terminal: one line, rewritten every second.
 *
 * It is not the progress bar of `@std/cli`, which is marked as unstable, needs to know the end that a live stream does
 * not have, and would be torn by warnings in between. This one is a part of the log, which knows about both.
 *
 * @module
 */

import type { Log } from "./log.ts";

/** Progress of a task. */
export interface ProgressState {
  /** Name of the task, such as `"Recording run1.csv"`. */
  readonly what: string;
  /** Samples so far. */
  readonly samples: number;
  /** Fraction that is done, from 0 to 1; omitted if the end is not known. */
  readonly fraction?: number;
  /** A remark, such as `"missing 0"`. */
  readonly note?: string;
}

/** Time between two updates, in milliseconds. */
const interval = 1000;

/**
 * Shows the progress of a task once per second, until the result is disposed of; then the line disappears. Nothing is shown
 * if standard error is not a terminal, or the log is quiet.
 *
 * @param log The log that shows the line, below its messages
 * @param measure Returns the current state
 * @returns The handle that ends it: `using _progress = showProgress(...)`
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
 * Describes the progress on one line.
 *
 * @param state The current state
 * @param rate Recent rate, in samples per second
 */
export function describeProgress({ what, samples, fraction, note }: ProgressState, rate: number): string {
  const percent = fraction === undefined ? "" : `${Math.floor(100 * Math.min(Math.max(fraction, 0), 1))} %, `;
  const end = note === undefined ? "" : `, ${note}`;
  const count = `${samples} ${samples === 1 ? "sample" : "samples"}`;
  return `${what}: ${percent}${count}, ${rate.toFixed(rate < 100 ? 1 : 0)} samples/s${end}`;
}
