/**
 * Pictures of panes as SVG, for papers and reports: the same axes and colours as on the page, without a browser.
 *
 * @module
 */

import { escapeXml } from "../system/xml.ts";
import { labelTicks, rangeOf, readableTicks, type TimeNotation, timeTicks } from "./axis.ts";

/** A trace of a picture. */
export interface PictureTrace {
  /** Name of the signal. */
  readonly name: string;
  /** Unit of the signal; traces of one unit share an axis. */
  readonly unit: string;
  /** Colour, as CSS has it. */
  readonly color: string;
  /** Lengths of dashes and gaps, in pixels; none for a solid line. */
  readonly dash: readonly number[];
  /** Shape: as a line, in steps, or as a logic level in a lane of its own. */
  readonly shape: "line" | "steps" | "logic";
  /** Times of the rows, in seconds. */
  readonly times: ArrayLike<number>;
  /** Values of the rows; null or what is not finite is a gap. */
  readonly values: ArrayLike<number | null>;
}

/** Window and size of a picture. */
export interface PictureOptions {
  /** Beginning of the axis of time, in seconds. */
  readonly from: number;
  /** End of the axis of time, in seconds. */
  readonly to: number;
  /** Width, in pixels; default 900. */
  readonly width?: number;
  /** Height of each pane, in pixels; default 220. */
  readonly height?: number;
  /** Notation of the labels of the axis of time; default `"seconds"`. */
  readonly notation?: TimeNotation;
  /** Seconds since 1970 of the time 0; for the time of day. */
  readonly epoch?: number;
  /** The time at which seconds count from 0; default: the beginning. */
  readonly zero?: number;
}

const margins = { left: 68, right: 32, head: 24, foot: 30, gap: 12 } as const;
const axisWidth = 60;
const colors = { text: "#2b3138", muted: "#69737e", grid: "#e4e8ec" } as const;

/**
 * Draws panes below each other.
 *
 * @param panes The traces of each pane
 * @param options What is shown, and the size
 * @returns The picture, as text
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawPicture } from "@villas/client/scope";
 *
 * const trace = { name: "va", unit: "V", color: "#0072b2", dash: [], shape: "line" as const };
 * const svg = drawPicture([[{ ...trace, times: [0, 1, 2], values: [230, 231, 229] }]], { from: 0, to: 2 });
 * assertStringIncludes(svg, "<polyline");
 * ```
 */
export function drawPicture(panes: readonly (readonly PictureTrace[])[], options: PictureOptions): string {
  const { width = 900, height = 220 } = options;
  const unitsOf = (traces: readonly PictureTrace[]) => [...new Set(traces.map(axisOf))];
  const axes = Math.max(1, ...panes.map((traces) => unitsOf(traces).length));
  const right = margins.right + (axes - 1) * axisWidth;
  const inner = { left: margins.left, width: width - margins.left - right, height: height - margins.head };
  const total = panes.length * (height + margins.gap) + margins.foot;
  const parts: string[] = [];
  for (const [index, traces] of panes.entries()) {
    const top = index * (height + margins.gap) + margins.head;
    parts.push(drawPane(traces, unitsOf(traces), { ...inner, top }, options, index));
  }
  const last = (panes.length - 1) * (height + margins.gap) + height;
  parts.push(drawTimeLabels(inner, last, options));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" ` +
    `font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" font-size="11">` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>\n`;
}

/** The place of the traces of a pane. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function axisOf({ shape, unit }: PictureTrace): string {
  return shape === "logic" ? "logic" : `unit ${unit}`;
}

function drawPane(
  traces: readonly PictureTrace[],
  axes: readonly string[],
  box: Box,
  options: PictureOptions,
  index: number,
): string {
  const { from, to } = options;
  const x = (time: number) => box.left + (time - from) / (to - from) * box.width;
  const lanes = traces.filter(({ shape }) => shape === "logic");
  const parts: string[] = [];
  for (const tick of timesOf(box.width, options).ticks) {
    parts.push(line(x(tick), box.top, x(tick), box.top + box.height, colors.grid));
  }
  parts.push(
    `<clipPath id="pane${index}"><rect x="${px(box.left)}" y="${px(box.top)}" width="${px(box.width)}" ` +
      `height="${px(box.height)}"/></clipPath>`,
  );
  for (const [number, axis] of axes.entries()) {
    const shown = traces.filter((trace) => axisOf(trace) === axis);
    const range = axis === "logic" ? [0, lanes.length] as const : rangeOf(...extremesOf(shown, from, to));
    const y = (value: number) => box.top + box.height - (value - range[0]) / (range[1] - range[0]) * box.height;
    parts.push(drawValueLabels(axis, range, lanes, box, number, y));
    for (const trace of shown) parts.push(drawTrace(trace, lanes, x, y, index));
  }
  let offset = box.left;
  for (const { name, unit, color } of traces) {
    const text = unit === "" ? name : `${name} [${unit}]`;
    parts.push(line(offset, box.top - 11, offset + 14, box.top - 11, color, 2.5));
    parts.push(label(offset + 19, box.top - 7, text, colors.text, "start"));
    offset += 34 + text.length * 6.2;
  }
  return parts.join("");
}

function drawTrace(
  { color, dash, shape, times, values }: PictureTrace,
  lanes: readonly PictureTrace[],
  x: (time: number) => number,
  y: (value: number) => number,
  pane: number,
): string {
  const lane = shape === "logic" ? lanes.length - 1 - lanes.findIndex((other) => other.values === values) : 0;
  const runs: string[][] = [[]];
  let before: string | undefined;
  for (let index = 0; index < times.length; index++) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) {
      runs.push([]);
      before = undefined;
      continue;
    }
    const [left, top] = [px(x(times[index] ?? NaN)), px(y(shape === "logic" ? lane + 0.18 + value * 0.64 : value))];
    if (shape !== "line" && before !== undefined) runs.at(-1)?.push(`${left},${before}`);
    runs.at(-1)?.push(`${left},${top}`);
    before = top;
  }
  const dashes = dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
  return runs.filter((run) => run.length > 0).map((run) =>
    `<polyline points="${(run.length === 1 ? [...run, ...run] : run).join(" ")}" fill="none" stroke="${
      escapeXml(color)
    }" stroke-width="1.4" stroke-linejoin="round" stroke-linecap="round"${dashes} clip-path="url(#pane${pane})"/>`
  ).join("");
}

function drawValueLabels(
  axis: string,
  [low, high]: readonly [number, number],
  lanes: readonly PictureTrace[],
  box: Box,
  number: number,
  y: (value: number) => number,
): string {
  const isLeft = number === 0;
  const place = isLeft ? box.left - 7 : box.left + box.width + 7 + (number - 1) * axisWidth;
  const anchor = isLeft ? "end" : "start";
  if (axis === "logic") {
    return lanes.map(({ name }, lane) =>
      label(
        place,
        y(lanes.length - 1 - lane + 0.5) + 4,
        name.length > 10 ? `${name.slice(0, 9)}…` : name,
        colors.muted,
        anchor,
      )
    ).join("");
  }
  const ticks = readableTicks(low, high, Math.max(2, box.height / 34));
  const { labels, base } = labelTicks(ticks);
  return ticks.map((tick, index) =>
    (isLeft ? line(box.left, y(tick), box.left + box.width, y(tick), colors.grid) : "") +
    label(place, y(tick) + 4, base !== "" && index === 0 ? base : labels[index] ?? "", colors.muted, anchor)
  ).join("");
}

function drawTimeLabels(box: { left: number; width: number }, top: number, options: PictureOptions): string {
  const { from, to } = options;
  const { ticks, labels } = timesOf(box.width, options);
  return ticks.map((tick, index) =>
    label(box.left + (tick - from) / (to - from) * box.width, top + 16, labels[index] ?? "", colors.muted, "middle")
  ).join("");
}

function timesOf(width: number, { from, to, notation = "seconds", epoch = 0, zero = from }: PictureOptions) {
  return timeTicks(from, to, Math.max(2, Math.floor(width / 110)), notation, epoch, zero);
}

function extremesOf(traces: readonly PictureTrace[], from: number, to: number): [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (const { times, values } of traces) {
    for (let index = 0; index < times.length; index++) {
      const [time, value] = [times[index] ?? NaN, values[index] ?? NaN];
      if (!Number.isFinite(value) || time < from || time > to) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return [min, max];
}

function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function line(x1: number, y1: number, x2: number, y2: number, color: string, width = 1): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${
    escapeXml(color)
  }" stroke-width="${width}"/>`;
}

function label(x: number, y: number, text: string, color: string, anchor: string): string {
  return `<text x="${px(x)}" y="${px(y)}" fill="${color}" text-anchor="${anchor}">${escapeXml(text)}</text>`;
}
