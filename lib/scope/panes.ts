/**
 * The signals of the panes of a new view.
 *
 * @module
 */

import type { Channel } from "./channels.ts";

/** The most signals that a pane of a new view has, and the most such panes. */
const signalsPerPane = 8;
const panesOfNewView = 8;

/** Names a signal by its source and name, which stay when the server starts anew. */
export function keyOf(source: number, { name }: Channel): string {
  return `${source}/${name}`;
}

/**
 * Lays out signals in panes: those of a unit together, complex ones by magnitude and phase, and booleans in the last panes,
 * because they are read below what they switch.
 *
 * @param sources The channels of each source
 * @returns The keys of the signals of each pane
 */
export function layOutSignals(sources: readonly (readonly Channel[])[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const [source, channels] of sources.entries()) {
    for (const channel of channels) {
      if (channel.part === "real" || channel.part === "imag") continue;
      const group = channel.type === "boolean" ? "boolean" : `${channel.part ?? ""} ${channel.unit}`;
      const keys = groups.get(group) ?? [];
      keys.push(keyOf(source, channel));
      groups.set(group, keys);
    }
  }
  const ordered = [...groups].sort(([a], [b]) => Number(a === "boolean") - Number(b === "boolean"));
  const panes = ordered.flatMap(([, keys]) =>
    Array.from(
      { length: Math.ceil(keys.length / signalsPerPane) },
      (_, index) => keys.slice(index * signalsPerPane, (index + 1) * signalsPerPane),
    )
  );
  return panes.slice(0, panesOfNewView);
}
