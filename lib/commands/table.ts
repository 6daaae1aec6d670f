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
    summary: "print each sample that arrives, and send it back or reply with constants",
    load: async () => (await import("./echo.ts")).echoCommand,
  },
  {
    name: "recv",
    summary: "print the samples that arrive, or record them in a file",
    load: async () => (await import("./recv.ts")).recvCommand,
  },
  {
    name: "scope",
    summary: "look at samples in a browser: an oscilloscope for a link, or for files side by side",
    load: async () => (await import("./scope.ts")).scopeCommand,
  },
  {
    name: "watch",
    summary: "show the signals that arrive on a terminal, renewed in place",
    load: async () => (await import("./watch.ts")).watchCommand,
  },
  {
    name: "send",
    summary: "send the samples of a file or a pipe: as recorded, at a rate, or immediately",
    load: async () => (await import("./send.ts")).sendCommand,
  },
  {
    name: "pipe",
    summary: "exchange samples on standard input and output, for controllers in other languages",
    load: async () => (await import("./pipe.ts")).pipeCommand,
  },
  {
    name: "run",
    summary: "run a controller in TypeScript or JavaScript: for each sample or at a fixed rate, fail-safe",
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    name: "bridge",
    summary: "pass samples on from any address or file to others, each with its own format",
    load: async () => (await import("./bridge.ts")).bridgeCommand,
  },
  {
    name: "convert",
    summary: "convert files of samples to another format",
    load: async () => (await import("./convert.ts")).convertCommand,
  },
  {
    name: "info",
    summary: "describe files of samples: signals, rate, gaps and ranges",
    load: async () => (await import("./info.ts")).infoCommand,
  },
  {
    name: "repair",
    summary: "complete the file of a recording that was cut off",
    load: async () => (await import("./repair.ts")).repairCommand,
  },
  {
    name: "signal",
    summary: "generate sines, ramps, pulses and the like, and print them or send them to a node",
    load: async () => (await import("./signal.ts")).signalCommand,
  },
  {
    name: "compare",
    summary: "compare files of samples, show the first difference, and count all of them",
    load: async () => (await import("./compare.ts")).compareCommand,
  },
  {
    name: "digest",
    summary: "compute VILLASnode's digests of frames, and compare those of two ends",
    load: async () => (await import("./digest.ts")).digestCommand,
  },
  {
    name: "rtt",
    summary: "measure round-trip times, losses and errors against an echo",
    load: async () => (await import("./rtt.ts")).rttCommand,
  },
  {
    name: "doctor",
    summary: "watch a link and explain what is wrong with it",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  },
  {
    name: "node",
    summary: "show and control a running VILLASnode over its API",
    load: async () => (await import("./node.ts")).nodeCommand,
  },
  {
    name: "config",
    summary: "print the VILLASnode configuration for the other end",
    load: async () => (await import("./config.ts")).configCommand,
  },
  {
    name: "demo",
    summary: "demonstrate the echo with a peer in this process, without a VILLASnode",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
  {
    name: "completions",
    summary: "print the completion script for bash, zsh or fish",
    load: async () => (await import("./completions.ts")).completionsCommand,
  },
  {
    name: "man",
    summary: "print the manual page",
    load: async () => (await import("./man.ts")).manCommand,
  },
];
