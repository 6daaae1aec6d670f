/**
 * Progress of a long task on a terminal: one line, rewritten every second.
 *
 * It is not the progress bar of `@std/cli`, which is marked as unstable, needs to know the end that a live stream does
 * not have, and would be torn by warnings in between. This one is a part of the log, which knows about both.
 *
 * @module
 */

import { terminalWidth } from "./help.ts";
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

/** Length that is left of a name on any terminal, in characters. */
const shortestName = 12;

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
    log.status(describeProgress(state, rate, terminalWidth(Deno.stderr)));
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
 * @param width Longest line, in columns: the middle of a long name gives way; default: any length
 */
export function describeProgress(
  { what, samples, fraction, note }: ProgressState,
  rate: number,
  width = Infinity,
): string {
  const percent = fraction === undefined ? "" : `${Math.floor(100 * Math.min(Math.max(fraction, 0), 1))} %, `;
  const end = note === undefined ? "" : `, ${note}`;
  const count = `${samples} ${samples === 1 ? "sample" : "samples"}`;
  const figures = `: ${percent}${count}, ${rate.toFixed(rate < 100 ? 1 : 0)} samples/s${end}`;
  return shorten(what, Math.max(width - figures.length, shortestName)) + figures;
}

/** Leaves out the middle of a text that is too long. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = length - 3;
  return `${text.slice(0, Math.ceil(kept / 2))}...${text.slice(text.length - Math.floor(kept / 2))}`;
}
