/**
 * Controllers to begin with.
 *
 * @module
 */

/** A template. */
export interface Template {
  /** What the controller does. */
  readonly summary: string;
  /** Text of the file. */
  readonly text: string;
  /** Returns the command to try it with. */
  readonly next: (file: string) => string;
}

/** Templates by name. */
export const templates: Readonly<Record<string, Template>> = {};
