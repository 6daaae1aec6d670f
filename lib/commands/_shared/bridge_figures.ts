/**
 * Figures of a bridge's routes: for `--stats`, for metrics, and as lines for a person.
 *
 * @module
 */

import type { End } from "./bridge_ends.ts";
import type { FileSink, FileSource } from "./bridge_files.ts";
import type { OutputCounters } from "../../client/bridge.ts";
import type { Client } from "../../client/client.ts";
import type { ReceivedCounters } from "../../client/counters.ts";
import { plural } from "../../system/text.ts";

/** Figures of an output. */
export interface OutputFigures extends OutputCounters {
  /** The address or the path. */
  readonly to: string;
  /** Name of the format. */
  readonly format: string;
}

/** Figures of an input. */
export interface InputFigures {
  /** The address that it receives on, or the path that it reads. */
  readonly from: string;
  /** Name of the format that is received. */
  readonly format: string;
  /** Counters of what was received. */
  readonly received: ReceivedCounters;
  /** Number of datagrams that the kernel dropped before they could be received; null if unknown. */
  readonly kernelDrops: number | null;
}

/** Figures of one direction of a route; of several inputs, the names of all and the sums. */
export interface RouteFigures extends InputFigures {
  /** Name of the route. */
  readonly name: string;
  /** Samples that gave their values to merged samples which others have completed. */
  readonly merged: number;
  /** Figures of each input, where they are merged. */
  readonly inputs?: readonly InputFigures[];
  /** Samples that were left out on purpose. */
  readonly skipped: number;
  /** True if samples came round again. */
  readonly looped: boolean;
  /** Figures of the outputs. */
  readonly outputs: readonly OutputFigures[];
}

/** An input that is open: a client or a file. */
export interface OpenInput {
  readonly end: End;
  readonly client?: Client;
  readonly file?: FileSource;
}

/** An output that is open. */
export interface OpenOutput {
  readonly end: End;
  readonly client?: Client;
  readonly file?: FileSink;
}

/**
 * Returns the figures of an input.
 *
 * @param input The input
 * @param passed Numbers of messages and samples that it has given
 */
export function inputFigures(
  { end, client, file }: OpenInput,
  passed: { readonly messages: number; readonly samples: number },
): InputFigures {
  return {
    from: client?.local ?? end.name,
    format: client?.format.name ?? end.format?.type ?? "",
    received: client?.counters.received ??
      { ...noneReceived, datagrams: passed.messages, samples: passed.samples, refused: file?.refused ?? 0 },
    kernelDrops: client?.stats().kernelDrops ?? null,
  };
}

/** Returns the sums of several inputs; one stays as it is. */
export function sumReceived(inputs: readonly InputFigures[]): InputFigures {
  const [first, ...others] = inputs;
  if (first !== undefined && others.length === 0) return first;
  const received = { ...noneReceived };
  for (const name of Object.keys(received) as (keyof ReceivedCounters)[]) {
    for (const input of inputs) received[name] += input.received[name];
  }
  const drops = inputs.flatMap(({ kernelDrops }) => kernelDrops ?? []);
  return {
    from: inputs.map(({ from }) => from).join(" and "),
    format: [...new Set(inputs.map(({ format }) => format))].join(" and "),
    received,
    kernelDrops: drops.length === 0 ? null : drops.reduce((sum, count) => sum + count),
  };
}

/** Returns the figures of an output. */
export function outputFigures(
  { end, client, file }: OpenOutput,
  counters: OutputCounters = noneSent,
): OutputFigures {
  // The file's own format refuses what it cannot carry when it is written, and a full disk shows at the end.
  const refused = file?.refused ?? 0;
  const samples = Math.min(counters.samples - refused, file?.written ?? Infinity);
  return {
    to: client?.remote ?? end.name,
    format: client?.format.name ?? file?.format ?? "",
    ...counters,
    samples,
    refused: counters.refused + refused,
    undelivered: counters.undelivered + counters.samples - refused - samples,
  };
}

const noneSent: OutputCounters = { messages: 0, samples: 0, dropped: 0, refused: 0, undelivered: 0, waiting: 0 };

/** Counters of an input that is not a client. */
const noneReceived: ReceivedCounters = {
  datagrams: 0,
  bytes: 0,
  samples: 0,
  refused: 0,
  ignored: 0,
  missing: 0,
  duplicate: 0,
  reordered: 0,
  restarts: 0,
};

/** Describes the figures of one direction of a route, as lines of text. */
export function describeRoute(figures: RouteFigures, seconds: number): string[] {
  const { inputs = [figures], merged, skipped, looped, outputs } = figures;
  const notes = [merged > 0 && `merged ${merged}`, skipped > 0 && `left out ${skipped}`, looped && "came round again"]
    .flatMap((note) => note || []);
  const [received = "", ...others] = inputs.map((input) => describeInput(input, seconds));
  return [
    // What belongs to all inputs stands behind the last one.
    ...[received, ...others].map((line, index) =>
      index < others.length ? line : `${line}${notes.map((note) => `, ${note}`).join("")}`
    ),
    ...outputs.map(({ to, messages, samples, dropped, refused, undelivered }) => {
      const losses = [["dropped", dropped], ["refused", refused], ["undelivered", undelivered]] as const;
      const rest = losses.filter(([, count]) => count > 0).map(([name, count]) => `, ${name} ${count}`).join("");
      return `Sent ${plural(samples, "sample")} in ${plural(messages, "message")} to ${to}${rest}`;
    }),
  ];
}

function describeInput({ from, received, kernelDrops }: InputFigures, seconds: number): string {
  const rate = seconds > 0 ? ` (${(received.samples / seconds).toFixed(1)} samples/s)` : "";
  const counts = [
    ["missing", received.missing],
    ["duplicate", received.duplicate],
    ["reordered", received.reordered],
    ["refused", received.refused],
    ["ignored", received.ignored],
    ["dropped by the kernel", kernelDrops ?? 0],
  ] as const;
  const notes = counts.filter(([, count]) => count > 0).map(([name, count]) => `, ${name} ${count}`).join("");
  return `Received ${plural(received.samples, "sample")} from ${from}${rate}${notes}`;
}
