/// <reference lib="dom" />
/**
 * A pane of signals over time, drawn by uPlot.
 *
 * Surprises of uPlot, and what is done about them here: null is a gap, but NaN is bridged by a line, and a
 * value that is not finite empties its whole scale, so only null and finite numbers reach it; its own ranges do not show
 * what is nearly constant, its labels of times below a millisecond are all 0, so ranges and ticks are those of `axis.ts`;
 * `setData` without a new scale draws nothing, so the scale of time is always set, and the others follow.
 *
 * @module
 */

import uPlot from "npm:uplot@1.6.32";
import { timeTicks } from "../axis.ts";
import { DenseTraces, lineWidth } from "./dense_traces.ts";
import { h } from "./dom.ts";
import type { Model, Trace } from "./model.ts";
import { PanePointer } from "./pane_pointer.ts";
import { labelScale, placeOf, rangeOfScale, scaleOf, scalesOf, splitScale } from "./scales.ts";
import type { PaneView } from "./view.ts";

/** Width of an axis of values, and height of the axis of time, in pixels. */
const axisWidth = 66;
const timeAxisHeight = 30;

/** Room to the right of the traces, and the width that a character of a label may have, in pixels. */
const edgeWidth = 12;
const characterWidth = 7;

/** The smallest size of a plot, in pixels. */
const smallest = { width: 200, height: 60 } as const;

const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** A value for uPlot; null is a gap. */
type Point = number | null;

/** Reports of a pane. */
export interface TimePaneEvents {
  /** Called when a part of the window was marked. */
  onSelect(from: number, to: number): void;
  /** Called when the pane has another size, or has come into view, and needs to be drawn. */
  onStale(): void;
}

/** A pane over time. */
export class TimePane {
  readonly element: HTMLElement = h("div.plot");
  readonly #model: Model;
  readonly #events: TimePaneEvents;
  readonly #pointer: PanePointer;
  readonly #dense = new DenseTraces();
  readonly #sizes: ResizeObserver;
  readonly #views: IntersectionObserver;
  #plot: uPlot | undefined;
  #traces: readonly Trace[] = [];
  #signature = "";
  #timeLabels: string[] = [];
  /** The size of its place, which is measured when it changes only: asking for it costs a layout of the page. */
  #size: { readonly width: number; readonly height: number } | undefined;
  /** True if a part of it is in view; undefined until its place or the browser says so. */
  #isInView: boolean | undefined;

  constructor(model: Model, events: TimePaneEvents) {
    this.#model = model;
    this.#events = events;
    const { element } = this;
    const over = () => this.#plot?.over;
    const traces = () => this.#traces;
    this.#pointer = new PanePointer({
      element,
      get traces() {
        return traces();
      },
      get area() {
        return over()?.getBoundingClientRect();
      },
    }, model);
    this.#sizes = new ResizeObserver(() => {
      this.#size = undefined;
      events.onStale();
    });
    this.#sizes.observe(element);
    this.#views = new IntersectionObserver((entries) => {
      this.#isInView = entries.at(-1)?.isIntersecting;
      if (this.#isInView) events.onStale();
    });
    this.#views.observe(element);
  }

  /** The canvas that it is drawn on. */
  get canvas(): HTMLCanvasElement | undefined {
    return this.#plot?.ctx.canvas;
  }

  /** The width of the area with the traces, in pixels. */
  get pixels(): number {
    const width = this.#plot === undefined
      ? this.#measure().width - axisWidth
      : this.#plot.bbox.width / devicePixelRatio;
    return Math.max(50, width);
  }

  /**
   * Draws the pane as it is now.
   *
   * @param pane The signals
   * @param axes The most axes of values that a pane beside it has
   * @param isLast True if the labels of time are below it
   * @param isForced Draws it though nobody sees it, for a printer
   */
  draw(pane: PaneView, axes: number, isLast: boolean, isForced = false): void {
    this.#isInView ??= this.element.getBoundingClientRect().top < innerHeight;
    if (!this.#isInView && !isForced) return;
    this.#prepare(pane, axes, isLast);
    const plot = this.#plot;
    if (plot === undefined) return;
    const [min, max] = this.#model.window;
    plot.batch(() => {
      plot.setData(this.#isDense(plot) ? this.#leaveEmpty() : this.#collect(), false);
      plot.setScale("x", { min, max });
    });
    this.#pointer.update(this.pixels);
  }

  /** Removes the plot. */
  destroy(): void {
    this.#sizes.disconnect();
    this.#views.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
    this.element.remove();
  }

  #measure(): { readonly width: number; readonly height: number } {
    if (this.#size === undefined) {
      const { width, height } = this.element.getBoundingClientRect();
      this.#size = {
        width: Math.max(smallest.width, Math.floor(width)),
        height: Math.max(smallest.height, Math.floor(height)),
      };
    }
    return this.#size;
  }

  /** Makes a new plot where the signals, the colours or the axes are others, and fits it to its place. */
  #prepare(pane: PaneView, axes: number, isLast: boolean): void {
    const traces = this.#model.tracesOf(pane);
    const size = this.#measure();
    const parts = [traces.map(({ key, number }) => [key, number]), this.#model.theme, axes, isLast];
    const signature = JSON.stringify(parts);
    this.#traces = traces;
    if (signature !== this.#signature || this.#plot === undefined) {
      this.#plot?.destroy();
      this.#signature = signature;
      this.#plot = new uPlot(this.#describe(size, axes, isLast), this.#leaveEmpty(), this.element);
      this.#plot.over.append(...this.#pointer.elements);
    } else if (this.#plot.width !== size.width || this.#plot.height !== size.height) this.#plot.setSize(size);
  }

  #describe(size: { width: number; height: number }, axes: number, isLast: boolean): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const look = { stroke: color("--muted"), font, ticks: { show: false }, gap: 6 };
    const grid = { stroke: color("--grid"), width: 1 };
    const scales = scalesOf(this.#traces);
    const right = Math.max(0, axes - 1) * axisWidth - Math.max(0, scales.length - 1) * axisWidth;
    return {
      ...size,
      // The same place for the traces in all panes, whatever axes each has.
      padding: [8, edgeWidth + right, isLast ? 0 : 6, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: "scope" }, points: { show: false } },
      scales: {
        x: { time: false, auto: false },
        ...Object.fromEntries(scales.map((scale) => {
          const range = (): uPlot.Range.MinMax => [...rangeOfScale(scale, scales, this.#traces, this.#model)];
          return [scale, { range }];
        })),
      },
      axes: [
        {
          ...look,
          grid,
          show: true,
          size: isLast ? timeAxisHeight : 0,
          splits: (plot, _axis, min, max) => this.#splitTime(plot, min, max),
          values: () => isLast ? this.#timeLabels : this.#timeLabels.map(() => ""),
        },
        ...scales.map((scale, index): uPlot.Axis => ({
          ...look,
          scale,
          side: index === 0 ? 3 : 1,
          size: axisWidth,
          grid: index === 0 ? grid : { show: false },
          splits: (plot, _axis, min, max) => splitScale(scale, plot.bbox.height / devicePixelRatio, min, max),
          values: (_plot, splits) => labelScale(scale, splits, this.#traces),
        })),
        ...scales.length === 0 ? [{ ...look, scale: "y", size: axisWidth, show: true, values: () => [] }] : [],
      ],
      series: [{}, ...this.#traces.map((trace) => this.#describeSeries(trace, scales))],
      hooks: {
        draw: [(plot) => {
          if (this.#isDense(plot)) this.#drawDense(plot);
        }],
        setSelect: [(plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.#events.onSelect(from, to);
        }],
      },
    };
  }

  #describeSeries(trace: Trace, scales: readonly string[]): uPlot.Series {
    const { color, dash } = this.#model.lookOf(trace);
    const paths = isStepped(trace) ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.();
    return {
      scale: scaleOf(trace, scales),
      label: trace.description.name,
      stroke: color,
      width: lineWidth,
      dash: [...dash],
      spanGaps: false,
      points: { show: (plot, series) => this.#showsPoints(plot, series), size: 5, fill: color },
      ...paths && { paths },
    };
  }

  /** Tells whether there are so many rows that a line through them is slow, and looks like columns anyway. */
  #isDense({ bbox: { width } }: uPlot): boolean {
    return this.#sources.some((source) => {
      const { rows } = this.#model.sources[source] ?? {};
      if (rows === undefined) return false;
      const { first, end } = rows.within(...this.#model.window);
      return end - first > width * 0.75;
    });
  }

  get #sources(): readonly number[] {
    return [...new Set(this.#traces.map(({ source }) => source))];
  }

  #drawDense(plot: uPlot): void {
    const { sources, window } = this.#model;
    const scales = scalesOf(this.#traces);
    const traces = this.#traces.flatMap((trace) => {
      const { rows } = sources[trace.source] ?? {};
      const values = rows?.valuesOf(trace.channel);
      const { min, max } = plot.scales[scaleOf(trace, scales)] ?? {};
      if (rows === undefined || values === undefined || min == null || max == null) return [];
      // With the rows on both sides of the window, from which lines come in.
      const [first, end] = [Math.max(0, rows.indexAt(window[0]) - 1), rows.indexAt(window[1]) + 1];
      const { factor, offset } = placeOf(trace, this.#traces);
      return [{
        ...this.#model.lookOf(trace),
        times: rows.times.subarray(first, end),
        values: values.subarray(first, end),
        isStepped: isStepped(trace),
        bottom: (min - offset) / factor,
        top: (max - offset) / factor,
      }];
    });
    this.#dense.draw(plot.ctx, plot.bbox, window, traces);
  }

  /** Shows the samples themselves where they are far enough from each other, and those that stand alone. */
  #showsPoints(plot: uPlot, series: number): boolean | undefined {
    const [first, last] = plot.series[0]?.idxs ?? [0, 0];
    const trace = this.#traces[series - 1];
    const mode = this.#model.sources[trace?.source ?? 0]?.rows.mode;
    return mode === "samples" && (last - first) * 12 < this.pixels;
  }

  #splitTime(plot: uPlot, min: number, max: number): number[] {
    const { view, epoch, zero } = this.#model;
    const count = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / 110));
    const notation = this.#model.isTriggered ? "seconds" : view.notation;
    const { ticks, labels } = timeTicks(min, max, count, notation, epoch, zero);
    const pixelsTo = (tick: number) => (max - tick) / (max - min) * plot.bbox.width / devicePixelRatio + edgeWidth;
    // A label that the edge would cut says another time.
    this.#timeLabels = labels.map((label, index) =>
      label.length * characterWidth / 2 > pixelsTo(ticks[index] ?? max) ? "" : label
    );
    return ticks;
  }

  /** Returns data without a value, for a plot whose traces are drawn otherwise. */
  #leaveEmpty(): uPlot.AlignedData {
    const times = [...this.#model.window];
    return [times, ...this.#traces.map(() => times.map(() => null))];
  }

  /** Collects the rows of the window; those of several sources are joined by their times. */
  #collect(): uPlot.AlignedData {
    const [from, to] = this.#model.window;
    const tableOf = (source: number): [number[], ...Point[][]] => {
      const { rows } = this.#model.sources[source] ?? {};
      if (rows === undefined) return [[]];
      const [first, end] = [Math.max(0, rows.indexAt(from) - 1), rows.indexAt(to) + 1];
      const times = [...rows.times.subarray(first, end)];
      const columnOf = (trace: Trace): Point[] => {
        const values = rows.valuesOf(trace.channel)?.subarray(first, end);
        const { factor, offset } = placeOf(trace, this.#traces);
        // Rows of a signal that has just been added are not there yet.
        return times.map((_, index) => {
          const value = values?.[index] ?? NaN;
          return Number.isFinite(value) ? value * factor + offset : null;
        });
      };
      return [times, ...this.#traces.filter((trace) => trace.source === source).map(columnOf)];
    };
    const sources = this.#sources;
    if (sources.length <= 1) return tableOf(sources[0] ?? 0);
    const tables = sources.map(tableOf);
    const [times, ...columns] = uPlot.join(tables, tables.map((table) => table.map(() => 2 as const)));
    const order = sources.flatMap((source) => this.#traces.filter((trace) => trace.source === source));
    return [times, ...this.#traces.map((trace) => columns[order.indexOf(trace)] ?? [])] as uPlot.AlignedData;
  }
}

/** Tells whether a value holds until the next one. */
function isStepped({ description: { type } }: Trace): boolean {
  return type === "integer" || type === "boolean";
}
