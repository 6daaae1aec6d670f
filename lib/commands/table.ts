/**
 * The table of commands: a new command is one file and one line here.
 *
 * @module
 */

import type { Command } from "./_command.ts";

/** A command before its file is loaded. */
export interface CommandEntry {
  /** What it is called by. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Loads the command's file only when it runs; the specifier is literal, so that `deno compile` embeds it. */
  readonly load: () => Promise<Command>;
}

/** All commands, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "echo",
    summary: "print each sample that comes and send it back, or constants instead",
    load: async () => (await import("./echo.ts")).echoCommand,
  },
  {
    name: "recv",
    summary: "print each sample that comes, or record them in a file",
    load: async () => (await import("./recv.ts")).recvCommand,
  },
  {
    name: "signal",
    summary: "generate sines, ramps, pulses and the like, to print or to send to a node",
    load: async () => (await import("./signal.ts")).signalCommand,
  },
  {
    name: "compare",
    summary: "compare files of samples, show where they differ first, and count the rest",
    load: async () => (await import("./compare.ts")).compareCommand,
  },
  {
    name: "demo",
    summary: "show the echo at work with a peer in this process, without a VILLASnode",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
];
