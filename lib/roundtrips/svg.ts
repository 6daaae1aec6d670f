/**
 * Draws round trips: for each case, their density and percentiles over time, and the curve of their percentiles.
 *
 * @module
 */

import { plural } from "../system/text.ts";
import { formatDuration } from "../timing/durations.ts";
import type { Histogram } from "../timing/histogram.ts";
import type { RoundTripCase, RoundTripReport } from "./round_trip.ts";
import { findCaveats } from "./summary.ts";
import { escapeXml } from "../system/xml.ts";
import { label, linearTicks, logarithmicTicks, polyline, px } from "./_svg_elements.ts";
import { createTimeline, type Timeline } from "../timing/timeline.ts";

/** One case of a picture. */
export interface RoundTripPanel {
  /** The report of the case. */
  report: RoundTripReport;
  /** The round trips over time. */
  timeline: Timeline;
  /** The client's overhead, where the loopback baseline was measured. */
  clientOverhead?: Histogram;
}

/** Caption of a picture. */
export interface RoundTripCaption {
  /** The title. */
  title: string;
  /** The circumstances: addresses, format, date. */
  subtitle: string;
}

const width = 960;
const headHeight = 78;
const titleHeight = 44;
const plotHeight = 220;
const axisHeight = 44;
const noteHeight = 16;

/** Horizontal positions of the two plots of a panel. */
const overTime = { left: 72, right: 600 };
const percentiles = { left: 664, right: 936 };

/** From few samples to many. */
const shades = ["#e3eef9", "#c2daf0", "#94c1e3", "#5fa2d1", "#3480bd", "#125b9c"];

/** Lines over the density, in colours that remain distinct in print and for colour-blind readers. */
const lines: readonly { percent: number; name: string; style: string }[] = [
  { percent: 50, name: "p50", style: 'stroke="#000000" stroke-width="1.6"' },
  { percent: 90, name: "p90", style: 'stroke="#b8860b" stroke-width="1.4" stroke-dasharray="6 3"' },
  { percent: 99, name: "p99", style: 'stroke="#c1440e" stroke-width="1.4"' },
];
const overheadStyle = 'stroke="#777777" stroke-width="1.4" stroke-dasharray="2 3"';

/** Cells of the density per octave. */
const cellsPerOctave = 8;

/** The most parts that the time is divided into, and the average number of samples that a part should have. */
const maximumSlots = 120;
const samplesPerSlot = 20;

/** The logarithmic axis that all plots of a picture share. */
interface DurationAxis {
  from: number;
  to: number;
  /** Returns the height of a duration in its plot, from 0 (bottom) to 1. */
  at(seconds: number): number;
}

/**
 * Creates the timeline of a case for its picture: as fine as the number of samples allows.
 *
 * @param plan The case
 * @param planned Number of samples that are to be sent
 * @returns An empty timeline
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRoundTripTimeline } from "@villas/client/roundtrips";
 *
 * const { span, slots } = createRoundTripTimeline({ rate: 100, values: 8 }, 1000);
 * assertEquals([span, slots], [10, 50]);
 * ```
 */
export function createRoundTripTimeline({ rate }: RoundTripCase, planned: number): Timeline {
  return createTimeline(planned / rate, Math.min(maximumSlots, Math.max(1, Math.floor(planned / samplesPerSlot))));
}

/**
 * Draws round trips as an SVG picture: one panel per case, all with the same scale.
 *
 * On the left is the density of the round trips over time, darker where there were more of them, with lines for three
 * percentiles. On the right is the share of samples with at most a given round trip, with the client's overhead beside it.
 * Below are the caveats. The picture needs no font, script or other file.
 *
 * @param panels The cases, from top to bottom
 * @param caption Title and subtitle
 * @returns The picture, a complete XML document
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { protobuf } from "@villas/client/formats";
 * import { measureLoopbackBaseline, createRoundTripTimeline, drawRoundTrips } from "@villas/client/roundtrips";
 *
 * const report = await measureLoopbackBaseline({ rate: 1000, values: 8, count: 50 }, { format: protobuf() });
 * const timeline = createRoundTripTimeline(report, 50);
 * timeline.record(0.02, report.roundTrips.mean);
 * const picture = drawRoundTrips([{ report, timeline }], { title: "Lab & link", subtitle: "protobuf" });
 * assertStringIncludes(picture, "Lab &amp; link");
 * assertStringIncludes(picture, "1000 samples/s, 8 values");
 * ```
 */
export function drawRoundTrips(panels: readonly RoundTripPanel[], { title, subtitle }: RoundTripCaption): string {
  const axis = createAxis(panels);
  const body: string[] = [];
  let top = headHeight;
  for (const panel of panels) {
    const notes = findCaveats(panel.report, panel.clientOverhead);
    body.push(drawPanel(panel, axis, top, notes));
    top += titleHeight + plotHeight + axisHeight + noteHeight * notes.length + 18;
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" ` +
    'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222222">',
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${top}" fill="#ffffff"/>`,
    label(24, 32, title, 'font-size="18" font-weight="bold"'),
    label(24, 54, subtitle, 'fill="#555555"'),
    legend(panels.some(({ clientOverhead }) => clientOverhead !== undefined)),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function createAxis(panels: readonly RoundTripPanel[]): DurationAxis {
  const histograms = panels.flatMap((
    { report, clientOverhead },
  ) => [report.roundTrips, ...(clientOverhead ? [clientOverhead] : [])])
    .filter(({ count }) => count > 0);
  const shortest = Math.min(...histograms.map(({ min }) => min));
  const longest = Math.max(...histograms.map(({ max }) => max));
  const from = Number.isFinite(shortest) ? Math.max(shortest, 1e-7) / 1.2 : 1e-5;
  // An axis shorter than half a decade would make noise look like a result.
  const to = Math.max(Number.isFinite(longest) ? longest * 1.2 : 1e-2, from * 5);
  return { from, to, at: (seconds) => Math.log(seconds / from) / Math.log(to / from) };
}

function legend(hasOverhead: boolean): string {
  const entries = [
    ...lines.map(({ name, style }) => ({ name, style, length: 62 })),
    ...(hasOverhead ? [{ name: "client's own overhead, over loopback", style: overheadStyle, length: 0 }] : []),
  ];
  const pieces: string[] = [label(72, 74, "samples: few"), label(268, 74, "many")];
  shades.forEach((shade, index) => {
    pieces.push(`<rect x="${164 + index * 16}" y="64" width="16" height="11" fill="${shade}"/>`);
  });
  let x = 330;
  for (const { name, style, length } of entries) {
    pieces.push(polyline([[x, 70], [x + 26, 70]], style), label(x + 32, 74, name));
    x += length + 12;
  }
  return pieces.join("\n");
}

function drawPanel(panel: RoundTripPanel, axis: DurationAxis, top: number, notes: readonly string[]): string {
  const { report } = panel;
  const plotTop = top + titleHeight;
  const bottom = plotTop + plotHeight;
  const title = `${report.rate} samples/s, ${plural(report.values, "value")}`;
  const counts =
    `sent ${report.sent}, received ${report.received}, lost ${report.lost}, duplicate ${report.duplicate}, ` +
    `reordered ${report.reordered}, late ${report.lateCount}, corrupted ${report.corrupted}`;
  return [
    "<g>",
    label(24, top + 18, title, 'font-size="14" font-weight="bold"'),
    label(24, top + 36, counts, 'fill="#555555"'),
    drawDensity(panel.timeline, axis, plotTop),
    drawTimeAxes(panel.timeline, axis, plotTop, bottom),
    drawPercentiles(panel, axis, plotTop, bottom),
    ...notes.map((note, index) =>
      label(72, bottom + axisHeight + noteHeight * (index + 0.5), note, 'fill="#8a2f08" font-size="11"')
    ),
    "</g>",
  ].join("\n");
}

/** Draws the density, one path per shade, and the percentiles over it. */
function drawDensity(timeline: Timeline, axis: DurationAxis, top: number): string {
  const { left, right } = overTime;
  const { slots } = timeline;
  const slotWidth = (right - left) / slots;
  const cells = Math.ceil(Math.log2(axis.to / axis.from) * cellsPerOctave);
  const edge = (cell: number) => axis.from * 2 ** (cell / cellsPerOctave);
  const y = (seconds: number) => top + plotHeight * (1 - Math.min(1, Math.max(0, axis.at(seconds))));
  const paths = shades.map(() => "");
  for (let slot = 0; slot < slots; slot++) {
    const total = timeline.count(slot);
    if (total === 0) continue;
    for (let cell = 0; cell < cells; cell++) {
      const count = timeline.countBetween(slot, edge(cell), edge(cell + 1));
      if (count === 0) continue;
      const upper = y(edge(cell + 1));
      paths[shadeOf(count / total)] += `M${px(left + slot * slotWidth)} ${px(upper)}h${px(slotWidth)}` +
        `v${px(y(edge(cell)) - upper)}h${px(-slotWidth)}z`;
    }
  }
  const curves = lines.map(({ percent, style }) =>
    runsOf(timeline).map(([first, end]) => {
      const points: [number, number][] = [];
      for (let slot = first; slot < end; slot++) {
        const height = y(timeline.percentile(slot, percent));
        points.push([left + slot * slotWidth, height], [left + (slot + 1) * slotWidth, height]);
      }
      return polyline(points, `${style} stroke-linejoin="round"`);
    }).join("")
  );
  return [
    ...paths.map((path, shade) => path === "" ? "" : `<path d="${path}" fill="${shades[shade]}"/>`),
    ...curves,
  ].filter((piece) => piece !== "").join("\n");
}

/** Finds the runs of parts with samples: a line must not cross a time without any. */
function runsOf(timeline: Timeline): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (let slot = 0; slot < timeline.slots; slot++) {
    if (timeline.count(slot) === 0) continue;
    const last = runs.at(-1);
    if (last?.[1] === slot) last[1]++;
    else runs.push([slot, slot + 1]);
  }
  return runs;
}

/** Returns the shade for a share of the samples of a part: each stands for about three times as many as the one before. */
function shadeOf(share: number): number {
  return Math.max(0, Math.min(shades.length - 1, Math.floor(shades.length + 2 * Math.log10(share / 0.3))));
}

function frame(left: number, right: number, top: number, bottom: number): string {
  return `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="#222222"/>`;
}

/** Draws the lines of the durations, and their labels where there is room for them. */
function drawDurationTicks(
  axis: DurationAxis,
  left: number,
  right: number,
  bottom: number,
  hasLabels: boolean,
): string {
  return logarithmicTicks(axis.from, axis.to).map((tick) => {
    const y = bottom - plotHeight * axis.at(tick);
    const mark = `<path d="M${left} ${px(y)}H${right}" stroke="#000000" stroke-opacity="0.12"/>`;
    return hasLabels ? mark + label(left - 6, y + 4, formatDuration(tick), 'text-anchor="end"') : mark;
  }).join("\n");
}

function drawTimeAxes({ span }: Timeline, axis: DurationAxis, top: number, bottom: number): string {
  const { left, right } = overTime;
  const middle = (top + bottom) / 2;
  const ticks = linearTicks(span, 10).map((tick) => {
    const x = left + (right - left) * tick / span;
    return `<path d="M${px(x)} ${bottom}v5" stroke="#222222"/>` +
      label(x, bottom + 18, String(tick), 'text-anchor="middle"');
  });
  return [
    drawDurationTicks(axis, left, right, bottom, true),
    frame(left, right, top, bottom),
    ...ticks,
    label((left + right) / 2, bottom + 34, "time since the first sample in s", 'text-anchor="middle"'),
    label(16, middle, "round trip", `text-anchor="middle" transform="rotate(-90 16 ${middle})"`),
  ].join("\n");
}

/** Shares that are marked, in percent, as far as there are samples. */
const shares = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999];

function drawPercentiles(
  { report, clientOverhead }: RoundTripPanel,
  axis: DurationAxis,
  top: number,
  bottom: number,
): string {
  const { left, right } = percentiles;
  const count = Math.max(10, report.roundTrips.count);
  /** Each step to the right leaves a tenth of the samples. */
  const end = Math.log10(count);
  const x = (share: number) => left + (right - left) * Math.min(end, -Math.log10(Math.max(1e-12, 1 - share))) / end;
  const y = (seconds: number) => bottom - plotHeight * Math.min(1, Math.max(0, axis.at(seconds)));
  const curve = (histogram: Histogram): [number, number][] => {
    const points: [number, number][] = [];
    let seen = 0;
    for (const bucket of histogram.buckets()) {
      const height = y(Math.min(histogram.max, Math.max(histogram.min, (bucket.from + bucket.to) / 2)));
      points.push([x(seen / histogram.count), height]);
      seen += bucket.count;
      points.push([x(seen / histogram.count), height]);
    }
    return thin(points);
  };
  const ticks = shares.filter((share) => -Math.log10(1 - share / 100) <= end + 1e-9).map((share) =>
    `<path d="M${px(x(share / 100))} ${bottom}v5" stroke="#222222"/>` +
    `<path d="M${px(x(share / 100))} ${top}V${bottom}" stroke="#000000" stroke-opacity="0.12"/>` +
    label(x(share / 100), bottom + 18, String(share), 'text-anchor="middle"')
  );
  return [
    drawDurationTicks(axis, left, right, bottom, true),
    frame(left, right, top, bottom),
    ...ticks,
    clientOverhead === undefined ? "" : polyline(curve(clientOverhead), overheadStyle),
    polyline(curve(report.roundTrips), 'stroke="#125b9c" stroke-width="1.8"'),
    label((left + right) / 2, bottom + 34, "share of the samples in %", 'text-anchor="middle"'),
  ].filter((piece) => piece !== "").join("\n");
}

/** Removes points that are nearer than half a pixel to the last one that is kept. */
function thin(points: [number, number][]): [number, number][] {
  const kept: [number, number][] = [];
  for (const [index, point] of points.entries()) {
    const [x, y] = kept.at(-1) ?? [-Infinity, -Infinity];
    if (index === points.length - 1 || Math.hypot(point[0] - x, point[1] - y) > 0.5) kept.push(point);
  }
  return kept;
}
