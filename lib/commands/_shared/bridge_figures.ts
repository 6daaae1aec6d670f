/**
 * Figures of a bridge's routes: for `--stats`, for metrics, and as lines for a person.
 *
 * @module
 */

import { plural } from "../../system/text.ts";
import type { OutputCounters } from "../../client/bridge.ts";
import type { ReceivedCounters } from "../../client/counters.ts";

/** Figures of an output. */
export interface OutputFigures extends OutputCounters {
  /** The address or the path. */
  readonly to: string;
  /** Name of the format. */
  readonly format: string;
}

/** Figures of one direction of a route. */
export interface RouteFigures {
  /** Name of the route. */
  readonly name: string;
  /** The address that it receives on, or the path that it reads. */
  readonly from: string;
  /** Name of the format that is received. */
  readonly format: string;
  /** Counters of what was received. */
  readonly received: ReceivedCounters;
  /** Number of datagrams that the kernel dropped before they could be received; null if unknown. */
  readonly kernelDrops: number | null;
  /** Samples that were left out on purpose. */
  readonly skipped: number;
  /** True if samples came round again. */
  readonly looped: boolean;
  /** Figures of the outputs. */
  readonly outputs: readonly OutputFigures[];
}

/** Counters of an input that is not a client. */
export const noneReceived: ReceivedCounters = {
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
  const { from, received, kernelDrops, skipped, looped, outputs } = figures;
  const rate = seconds > 0 ? ` (${(received.samples / seconds).toFixed(1)} samples/s)` : "";
  const notes = [
    received.missing > 0 && `missing ${received.missing}`,
    received.duplicate > 0 && `duplicate ${received.duplicate}`,
    received.reordered > 0 && `reordered ${received.reordered}`,
    received.refused > 0 && `refused ${received.refused}`,
    received.ignored > 0 && `ignored ${received.ignored}`,
    kernelDrops !== null && kernelDrops > 0 && `dropped by the kernel ${kernelDrops}`,
    skipped > 0 && `left out ${skipped}`,
    looped && "came round again",
  ].filter((note) => note !== false);
  return [
    `Received ${plural(received.samples, "sample")} from ${from}${rate}${notes.map((note) => `, ${note}`).join("")}`,
    ...outputs.map(({ to, messages, samples, dropped, refused, undelivered }) => {
      const losses = [["dropped", dropped], ["refused", refused], ["undelivered", undelivered]] as const;
      const rest = losses.filter(([, count]) => count > 0).map(([name, count]) => `, ${name} ${count}`).join("");
      return `Sent ${plural(samples, "sample")} in ${plural(messages, "message")} to ${to}${rest}`;
    }),
  ];
}
