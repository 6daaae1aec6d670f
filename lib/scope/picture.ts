/**
 * A picture of recordings: the panes of the page as SVG, drawn without it.
 *
 * @module
 */

import { lookOf } from "./colors.ts";
import { keyOf, layOutSignals } from "./panes.ts";
import { reduceHistory } from "./reduction.ts";
import type { ScopeSource } from "./source.ts";
import { drawPicture, type PictureTrace } from "./svg.ts";

/** Part of recordings that a picture shows. */
export interface RecordingPictureOptions {
  /** Names of the signals of each pane; default: those of a unit together. A name stands for it in every recording. */
  readonly panes?: readonly (readonly string[])[] | undefined;
  /** Beginning of the window, in seconds from the first sample; default 0. */
  readonly from?: number | undefined;
  /** End of the window, in seconds from the first sample; default: that of the longest recording. */
  readonly to?: number | undefined;
}

/** Width of the traces, in pixels; and pixels of a reduction for each, because paper has more of them. */
const width = 900;
const fineness = 3;

/**
 * Draws recordings, one over the other from their beginnings.
 *
 * @param sources The recordings
 * @param options What to show
 * @returns The picture, as text
 * @throws {SyntaxError} If there is no signal of a name, or nothing in the window
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawRecordings, SampleHistory } from "@villas/client/scope";
 *
 * const history = new SampleHistory({ signals: [{ name: "va", unit: "V", type: "float" }] });
 * history.push([1, 2, 3].map((sec) => ({ tsOrigin: { sec, nsec: 0 }, values: [230 + sec] })));
 * assertStringIncludes(drawRecordings([{ name: "run1", isLive: false, history }]), "va [V]");
 * ```
 */
export function drawRecordings(sources: readonly ScopeSource[], options: RecordingPictureOptions = {}): string {
  const { from = 0, to = Math.max(...sources.map(durationOf)) } = options;
  if (!(to > from)) {
    const [begin, end] = [from, to].map((seconds) => Number(seconds.toPrecision(6)));
    throw new SyntaxError(`Cannot draw from ${begin} s to ${end} s: there is nothing between`);
  }
  const channels = sources.map(({ history }) => history.channels);
  const all = channels.flatMap((list, source) =>
    list.map((description, channel) => ({ key: keyOf(source, description), source, channel, description }))
  );
  const keysOf = (name: string) => {
    const keys = all.filter(({ description }) => description.name === name).map(({ key }) => key);
    const names = [...new Set(all.map(({ description }) => description.name))];
    if (keys.length === 0) throw new SyntaxError(`Cannot draw "${name}": there are ${names.join(", ")}`);
    return keys;
  };
  const panes = options.panes?.map((names) => names.flatMap(keysOf)) ?? layOutSignals(channels);
  const traceOf = (key: string): PictureTrace[] => {
    const index = all.findIndex((other) => other.key === key);
    const { source, channel, description } = all[index] ?? {};
    const { history, name: path = "" } = sources[source ?? 0] ?? {};
    if (history === undefined || channel === undefined || description === undefined) return [];
    const begin = history.timeAt("origin", history.first);
    const window = {
      timebase: "origin",
      from: begin + from,
      to: begin + to,
      width: (to - from) / width / fineness,
    } as const;
    const { times, values } = reduceHistory(history, { ...window, channels: [channel] });
    const { name, unit, type } = description;
    return [{
      ...lookOf(index, "light"),
      name: sources.length > 1 ? `${name} · ${path.replace(/^.*[/\\]/, "")}` : name,
      unit,
      shape: type === "boolean" ? "logic" : type === "integer" ? "steps" : "line",
      times: times.map((time) => time - begin),
      values: values[0] ?? [],
    }];
  };
  return drawPicture(panes.map((keys) => keys.flatMap(traceOf)), { from, to, zero: 0, width });
}

function durationOf({ history }: ScopeSource): number {
  if (history.end === history.first) return 0;
  return history.timeAt("origin", history.end - 1) - history.timeAt("origin", history.first);
}
