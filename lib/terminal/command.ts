/**
 * Commands of the executable: one file each, and one line in the table of commands.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import type { Output } from "../system/output.ts";
import type { Log } from "./log.ts";
import type { Options, Values } from "./option.ts";

/** The streams and signals that a command runs with. */
export interface Session {
  /** Standard output: data, and nothing else. */
  readonly output: Output;
  /** Standard error: everything else. */
  readonly log: Log;
  /** Aborted by an interrupt, by a request to terminate, and when the reader of standard output is gone. */
  readonly ended: AbortSignal;
  /** All commands, for those that are about commands. */
  readonly commands: readonly CommandEntry[];
  /**
   * Lets a command do something else than end when the terminal or a service manager sends SIGHUP, such as read its files
   * again, until the handle is disposed of. Missing where nobody sends signals.
   */
  onHangup?(callback: () => void): Disposable;
  /** Names an option as the user gave it, for messages: `-l`, `--count` or `--count (from VILLAS_COUNT)`. */
  nameOf(option: string): string;
}

/** A command as its file declares it. */
export interface Command<O extends Options = Options> {
  /** Name on the command line. */
  readonly name: string;
  /** Operands as the usage line shows them, such as `"[udp|unix]"`. */
  readonly operands: string;
  /** Largest number of operands. */
  readonly maximumOperands: number;
  /** Possible operands, if `operands` does not list them. */
  readonly operandChoices?: readonly string[];
  /** Description for a user: paragraphs, wrapped when they are shown. */
  readonly description: readonly string[];
  /** Commands that work as typed, each with what it does. */
  readonly examples: readonly { readonly what: string; readonly line: string }[];
  /** The options. */
  readonly options: O;
  /** Files that the command writes, as far as their paths are not the values of options: each with its option. */
  readonly writtenFiles?: (
    values: Readonly<Record<string, unknown>>,
  ) => readonly { readonly option: string; readonly path: string }[];
  /** Exit status of a failure or wrong usage, if 1 and 2 mean something else here. */
  readonly failureStatus?: number;
  /** Runs the command and returns the exit status. */
  run(values: Values<O>, operands: readonly string[], session: Session): Promise<number>;
}

/** A command before its file is loaded. */
export interface CommandEntry {
  /** Name on the command line. */
  readonly name: string;
  /** Summary, on one line. */
  readonly summary: string;
  /** Loads the command's file only when it runs; the specifier is literal, so that `deno compile` embeds it. */
  readonly load: () => Promise<Command>;
}

/** The program that the commands belong to, as its help and its manual page introduce it. */
export interface Program {
  /** Purpose, as the end of "villas-client ...". */
  readonly purpose: string;
  /** Notes that hold for every command, one paragraph each. */
  readonly notes: readonly string[];
  /** Options of every command, which the manual page lists once. */
  readonly commonOptions: Options;
  /** Version number. */
  readonly version: string;
}

/** Exit statuses, as the help lists them. */
export const exitStatus = {
  /** Done; an interrupt counts as that. */
  done: 0,
  /** Failed. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Nothing that was awaited came in time. */
  timeout: 124,
} as const;

/** Creates the error for an operand that a command does not take. */
export function unknownOperand(operand: string | undefined): InputError {
  return new InputError(`Unknown operand "${operand}"`);
}
