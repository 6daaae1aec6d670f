/**
 * What a command of the executable is: one file of this folder each, and one line in the table.
 *
 * @module
 */

import type { Output } from "../system/output.ts";
import type { Log } from "./log.ts";
import type { Options, Values } from "./option.ts";

/** What a command has to do with the world. */
export interface Session {
  /** Standard output: data, and nothing else. */
  readonly output: Output;
  /** Standard error: everything else. */
  readonly log: Log;
  /** Aborted by an interrupt, by the request to terminate, and when nobody reads standard output any more. */
  readonly ended: AbortSignal;
  /** All commands, for those that are about commands. */
  readonly commands: readonly CommandEntry[];
}

/** A command as its file declares it. */
export interface Command<O extends Options = Options> {
  /** What it is called by. */
  readonly name: string;
  /** What may stand besides the options, such as `"[udp|unix]"`. */
  readonly operands: string;
  /** The largest number of operands. */
  readonly maximumOperands: number;
  /** What the operands may be, where `operands` does not list it. */
  readonly operandChoices?: readonly string[];
  /** What a user should know: paragraphs, wrapped when they are shown. */
  readonly description: readonly string[];
  /** Commands that work as typed, each with what it does. */
  readonly examples: readonly { readonly what: string; readonly line: string }[];
  /** The options. */
  readonly options: O;
  /** The exit status where it fails or is used wrongly, if its others mean something else. */
  readonly troubleStatus?: number;
  /** Runs it; the exit status. */
  run(values: Values<O>, operands: readonly string[], session: Session): Promise<number>;
}

/** A command before its file is loaded. */
export interface CommandEntry {
  /** What it is called by. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Loads the command's file only when it runs; the specifier is literal, so that `deno compile` embeds it. */
  readonly load: () => Promise<Command>;
}

/** A wrong use of the command line: exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Exit statuses, as the help lists them. */
export const exitStatus = {
  /** Done; an interrupt counts as that. */
  done: 0,
  /** Failed. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** What was waited for did not come in time. */
  timeout: 124,
} as const;
