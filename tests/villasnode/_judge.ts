/**
 * Runs one setting in the test, and judges what it sends by the model of the node that it is for.
 *
 * @module
 */

import type { Random } from "../_random.ts";
import type { Comparison } from "./_expected.ts";
import type { NodeSocket } from "./_node_socket.ts";
import type { RunningCommand } from "./_run_command.ts";
import type { FormatChoice, SignalChoice } from "./_settings.ts";
import { createNodeModel, type NodeSettings } from "./node_model.ts";

/** Where a setting runs. */
export interface Place {
  /** The node's socket. */
  readonly socket: NodeSocket;
  /** A folder for files. */
  readonly folder: string;
  /** Starts a command, in the test or as a process of its own. */
  readonly start: (args: readonly string[]) => RunningCommand;
}

/** What came of a setting. */
export interface Outcome {
  /** The setting: a command line, and the input. */
  readonly setting: string;
  /** Number of datagrams that were sent. */
  readonly sent: number;
  /** Datagrams that do not fit. */
  readonly unfit: readonly Unfit[];
}

/** A datagram that does not fit. */
export interface Unfit {
  /** Its text, or its hexadecimal digits. */
  readonly datagram: string;
  /** Reasons why it does not fit. */
  readonly reasons: readonly string[];
}

/** Runs one random setting of a format. */
export type Sender = (random: Random, type: string, place: Place) => Promise<Outcome>;

/** Milliseconds after which a command that has not ended is taken for one that hangs. */
const patience = 20_000;

/**
 * Judges datagrams in the order in which they were sent.
 *
 * @param format Format of the node
 * @param settings Its other settings
 * @param datagrams All datagrams that were sent to it
 * @param compare Compares each sample with what was to be sent, if that is known
 */
export function judge(
  format: FormatChoice,
  settings: Omit<NodeSettings, "format">,
  datagrams: readonly Uint8Array[],
  compare?: Comparison,
): Unfit[] {
  const node = createNodeModel({ format: format.specification, ...settings });
  return datagrams.flatMap((datagram) => {
    const { reasons, samples } = node.take(datagram);
    const differences = samples.map((sample) => compare?.(sample)).filter((text) => text !== undefined);
    const all = [...reasons, ...differences];
    return all.length === 0 ? [] : [{ datagram: show(datagram), reasons: all }];
  });
}

/** Writes a datagram for a message. */
export function show(datagram: Uint8Array): string {
  const isText = datagram.every((byte) => byte >= 32 && byte < 127 || byte === 9 || byte === 10);
  const text = isText ? JSON.stringify(new TextDecoder().decode(datagram)) : datagram.toHex();
  return text.length > 300 ? `${text.slice(0, 300)}... (${datagram.length} bytes)` : text;
}

/** Quotes arguments as a shell needs them. */
export function quote(args: readonly string[]): string {
  return args.map((arg) => /^[\w.,:/=+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Runs a command to its end, and waits until all that it has sent has come. */
export async function runToEnd(args: readonly string[], { socket, start }: Place): Promise<Unfit[]> {
  const faults = await waitFor(start(args));
  await socket.settle();
  return faults;
}

/** Waits for the end of a command; what is wrong with it. */
export async function waitFor(command: RunningCommand): Promise<Unfit[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), patience));
  const end = await Promise.race([command.finished, late]);
  clearTimeout(timer);
  if (end !== undefined) return [];
  command.interrupt();
  await command.finished;
  return [{ datagram: "", reasons: ["the command did not end"] }];
}

/** Arguments for the signals of a node. */
export function signalArguments(random: Random, { notation }: SignalChoice): string[] {
  return notation === undefined ? [] : [random.pick(["--signals", "-t", "--signals-out"]), notation];
}
