/**
 * The programs that are measured over sockets, each started once and then left alone until its turn comes.
 *
 * @module
 */

import { findFreeUdpPort } from "../_ports.ts";
import type { Bench } from "./_group.ts";
import type { Load } from "./_load.ts";
import type { Program } from "./_tools.ts";

/** What the programs of `peers/` say when they are ready. */
const peerReady = /ready (\d+)/;

/** What the executable says when it is ready. */
const cliReady = /[Rr]eceiving on udp:\/\/127\.0\.0\.1:(\d+)/;

/** What VILLASnode says when its path runs. */
const nodeReady = /Starting path/;

/** Names of the subjects, which the targets refer to. */
export const subjects = {
  bare: "bare Deno",
  echo: "echo",
  echoJson: "echo, JSON to a file",
  echoPlain: "echo --no-batch",
  echoPolling: "echo --busy-poll",
  node: "VILLASnode",
  python: "Python client",
  pythonPrinting: "Python client, printing",
  c: "plain C",
  cPolling: "plain C, polling",
  connect: "connect(), receive()",
  run: "run",
  runPolling: "run --busy-poll",
  runWaiting: "run --busy-wait",
  recv: "recv, printing nothing",
  recvPlain: "recv --no-batch",
  recvJson: "recv, JSON to a file",
  bridge: "bridge",
  bridgePlain: "bridge --no-batch",
  bridgeMetrics: "bridge --metrics",
  webSocketServer: "echo --local ws://",
  webSocketClient: "echo --remote ws://",
} as const;

/** A program that is measured. */
export interface Subject {
  /** What the table calls it. */
  readonly name: string;
  /** The program. */
  readonly program: Program;
  /** Empties the file that it prints to, so that the disk is not filled. */
  tidy(): Promise<void>;
}

/** Starts programs one by one. */
export interface Starter {
  /** Those that run. */
  readonly started: Subject[];
  /** Starts a Deno script of `peers/`. */
  script(name: string, file: string): Promise<void>;
  /** Starts the executable, which prints to a file. */
  cli(name: string, ...args: string[]): Promise<void>;
  /** Starts a bridge that sends back what comes. */
  bridge(name: string, ...args: string[]): Promise<void>;
  /** Starts a program that says "ready PORT". */
  program(name: string, command: readonly string[]): Promise<void>;
  /** Starts a real VILLASnode that sends back samples of so many values. */
  node(name: string, executable: string, values: number): Promise<void>;
}

/** Makes what starts programs facing the load generator. */
export function createStarter({ tools }: Bench, load: Load): Starter {
  const started: Subject[] = [];
  async function start(name: string, command: readonly string[], ready: RegExp, port?: number): Promise<void> {
    const output = `${tools.folder}/output-${started.length}`;
    const program = await tools.start({ command, ready, output, ...port !== undefined && { port } });
    started.push({ name, program, tidy: () => Deno.truncate(output) });
  }
  return {
    started,
    script: (name, file) =>
      start(name, [Deno.execPath(), "run", "-q", "-A", "--unstable-net", tools.peer(file), `${load.port}`], peerReady),
    cli(name, ...args) {
      const addresses = ["--local", "udp://127.0.0.1:0", "--remote", `udp://127.0.0.1:${load.port}`];
      return start(name, [...tools.cli, ...args, ...addresses], cliReady);
    },
    bridge(name, ...args) {
      const ends = ["udp://127.0.0.1:0", `udp://127.0.0.1:${load.port},local=udp://127.0.0.1:0`];
      return start(name, [...tools.cli, "bridge", ...ends, ...args], cliReady);
    },
    program: (name, command) => start(name, command, peerReady),
    async node(name, executable, values) {
      const port = findFreeUdpPort();
      const path = `${tools.folder}/node-${started.length}.json`;
      await Deno.writeTextFile(path, JSON.stringify(echoingNode(port, load.port, values)));
      await start(name, [executable, path], nodeReady, port);
    },
  };
}

/** The configuration of a VILLASnode that sends back what it receives. */
function echoingNode(port: number, remotePort: number, values: number) {
  const socket = {
    type: "socket",
    layer: "udp",
    format: "protobuf",
    in: { address: `127.0.0.1:${port}`, signals: { count: values, type: "float" } },
    out: { address: `127.0.0.1:${remotePort}` },
  };
  return {
    ...{ http: { enabled: false }, hugepages: 0 },
    nodes: { peer: socket },
    paths: [{ in: "peer", out: "peer" }],
  };
}

/** Whether the executable has a command, or an option of it. */
export async function hasCommand({ tools }: Bench, command: string, option = ""): Promise<boolean> {
  const [deno = "", ...args] = tools.cli;
  try {
    return (await tools.run(deno, ...args, command, "--help")).includes(option);
  } catch {
    return false; // there is no such command
  }
}
