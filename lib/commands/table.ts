/**
 * The table of commands: a new command is one file and one line here.
 *
 * @module
 */

import type { CommandEntry } from "../terminal/command.ts";

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
    name: "send",
    summary: "send the samples of a file or a pipe, as recorded, at a rate, or as they come",
    load: async () => (await import("./send.ts")).sendCommand,
  },
  {
    name: "convert",
    summary: "turn files of samples into another format",
    load: async () => (await import("./convert.ts")).convertCommand,
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
    name: "rtt",
    summary: "measure how long samples take to an echo and back, and what becomes of them",
    load: async () => (await import("./rtt.ts")).rttCommand,
  },
  {
    name: "doctor",
    summary: "watch a link and say in plain words what is wrong with it",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  },
  {
    name: "config",
    summary: "print the VILLASnode configuration of the other end",
    load: async () => (await import("./config.ts")).configCommand,
  },
  {
    name: "demo",
    summary: "show the echo at work with a peer in this process, without a VILLASnode",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
  {
    name: "completions",
    summary: "print what completes command lines in bash, zsh or fish",
    load: async () => (await import("./completions.ts")).completionsCommand,
  },
  {
    name: "man",
    summary: "print the manual page",
    load: async () => (await import("./man.ts")).manCommand,
  },
];
