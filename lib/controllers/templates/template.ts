/**
 * A controller to begin with.
 *
 * @module
 */

/** A controller to begin with, as a file of TypeScript. */
export interface Template {
  /** What the controller does: a noun with what belongs to it. */
  readonly summary: string;
  /** Text of the file. */
  readonly text: string;
}

/** Names of all templates. */
export const templateNames = ["constants", "pi", "droop", "average", "breaker", "phasor"] as const;
