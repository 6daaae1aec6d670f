/**
 * The scales of a pane over time: one for each unit, and lanes for booleans, the first one at the top.
 *
 * @module
 */

import { labelTicks, type Range, rangeOf, readableTicks } from "../axis.ts";
import type { Model, Trace } from "./model.ts";

/** The scale of the lanes. */
export const laneScale = "boolean";

/** The part of its lane that a boolean takes. */
const laneHeight = 0.64;

/** The most axes of values of a pane; further units share the last one. */
const maximumAxes = 3;

/** Returns the scales of traces. */
export function scalesOf(traces: readonly Trace[]): string[] {
  return [...new Set(traces.map(ownScaleOf))].slice(0, maximumAxes);
}

/** Returns the scale of a trace, which is one of those. */
export function scaleOf(trace: Trace, scales: readonly string[]): string {
  const own = ownScaleOf(trace);
  return scales.includes(own) ? own : scales.at(-1) ?? own;
}

function ownScaleOf({ description: { type, unit } }: Trace): string {
  return type === "boolean" ? laneScale : `u:${unit}`;
}

/** Returns the factor, and then the offset, that put the values of a trace to their place on its scale. */
export function placeOf(trace: Trace, traces: readonly Trace[]): { readonly factor: number; readonly offset: number } {
  if (trace.description.type !== "boolean") return { factor: 1, offset: 0 };
  const lanes = lanesOf(traces);
  return { factor: laneHeight, offset: lanes.length - 1 - lanes.indexOf(trace) + (1 - laneHeight) / 2 };
}

/** Returns the range that a scale needs for what the model's window shows. */
export function rangeOfScale(scale: string, scales: readonly string[], traces: readonly Trace[], model: Model): Range {
  if (scale === laneScale) return [0, Math.max(1, lanesOf(traces).length)];
  let [min, max] = [Infinity, -Infinity];
  for (const trace of traces) {
    const { rows } = model.sources[trace.source] ?? {};
    const values = scaleOf(trace, scales) === scale ? rows?.valuesOf(trace.channel) : undefined;
    if (rows === undefined || values === undefined) continue;
    const { first, end } = rows.within(...model.window);
    for (let index = first; index < end; index++) {
      const value = values[index] ?? NaN;
      if (value - value !== 0) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return rangeOf(min, max);
}

/** Returns the places of the labels of a scale of some height. */
export function splitScale(scale: string, height: number, min: number, max: number): number[] {
  if (scale !== laneScale) return readableTicks(min, max, Math.max(3, Math.floor(height / 26)));
  return Array.from({ length: Math.round(max) }, (_, lane) => lane + 0.5);
}

/** Returns the labels at those places. */
export function labelScale(scale: string, splits: readonly number[], traces: readonly Trace[]): string[] {
  if (scale !== laneScale) {
    const { labels, base } = labelTicks(splits);
    return base === "" ? labels : labels.map((text, index) => index === 0 ? base : text);
  }
  const lanes = lanesOf(traces).reverse();
  return splits.map((_, lane) => shorten(lanes[lane]?.description.name ?? ""));
}

function lanesOf(traces: readonly Trace[]): Trace[] {
  return traces.filter(({ description }) => description.type === "boolean");
}

function shorten(name: string): string {
  return name.length > 10 ? `${name.slice(0, 9)}…` : name;
}
