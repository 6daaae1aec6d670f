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
