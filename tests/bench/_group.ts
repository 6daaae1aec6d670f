/**
 * What a group of the bench is: one file of this folder each, and one line in `main.ts`.
 *
 * @module
 */

import type { Figure } from "./_figures.ts";
import type { Tools } from "./_tools.ts";

/** What a group is run with. */
export interface Bench {
  /** Whether to see only that it works, in a moment. */
  readonly quick: boolean;
  /** Number of turns that was asked for; default: what each group takes. */
  readonly turns?: number | undefined;
  /** Length of a turn that was asked for, in seconds; default: what each group takes. */
  readonly seconds?: number | undefined;
  /** The programs that are there. */
  readonly tools: Tools;
  /** Says what is left out or striking, aloud. */
  warn(message: string): void;
  /** Says what it is doing. */
  progress(message: string): void;
}

/** A group of the bench. */
export interface Group {
  /** What it is called by. */
  readonly name: string;
  /** What its figures are, for the head of its table. */
  readonly title: string;
  /** Measures. */
  run(bench: Bench): Promise<Figure[]>;
}

/** How many turns a group takes, and how long each is, in seconds. */
export interface Turns {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Returns the turns of a group.
 *
 * @param bench What it is run with
 * @param usual What it takes unless something else was asked for
 */
export function turnsOf({ quick, turns, seconds }: Bench, usual: Turns): Turns {
  if (quick) return { rounds: 1, seconds: 0.05 };
  return { rounds: turns ?? usual.rounds, seconds: seconds ?? usual.seconds };
}
