/// <reference lib="dom" />
/**
 * A pane of signals over time, drawn by uPlot.
 *
 * Surprises of uPlot, and what is done about them here: null is a gap, but NaN is bridged by a line, and a
 * value that is not finite empties its whole scale, so only null and finite numbers reach it; its own ranges do not show
 * what is nearly constant, its labels of times below a millisecond are all 0, so ranges and ticks are those of `axis.ts`;
 * `setData` without a new scale draws nothing, so the scale is always set.
 *
 * @module
 */

import uPlot from "npm:uplot@1.6.32";
import { formatValue, labelTicks, rangeOf, ticksOf, timeTicks } from "../axis.ts";
import { h } from "./dom.ts";
import { coverColumns } from "./envelope.ts";
import type { Model, Trace } from "./model.ts";
import type { Point } from "./row_store.ts";
import type { PaneView } from "./view.ts";

/** Width of an axis of values, and height of the axis of time, in pixels. */
export const axisWidth = 66;
const timeAxisHeight = 30;

/** The part of its lane that a boolean takes. */
const laneHeight = 0.64;

/** The most axes of values of a pane; further units share the last one. */
const maximumAxes = 3;

const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Scales of a pane: one for each unit. */
export function scalesOf(traces: readonly Trace[]): string[] {
  const units = traces.map(({ description }) => description.type === "boolean" ? "boolean" : `u:${description.unit}`);
  return [...new Set(units)].slice(0, maximumAxes);
}

function scaleOf({ description }: Trace, scales: readonly string[]): string {
  const own = description.type === "boolean" ? "boolean" : `u:${description.unit}`;
  return scales.includes(own) ? own : scales.at(-1) ?? own;
}

/** Reports of a pane. */
export interface TimePaneEvents {
  /** Called when a part of the window was marked. */
  onSelect(from: number, to: number): void;
}

/** A pane over time. */
export class TimePane {
  readonly element: HTMLElement = h("div.plot");
  readonly #model: Model;
  readonly #events: TimePaneEvents;
  readonly #tip = h("div.tip", { hidden: true });
  readonly #cursorLines = [0, 1].map((index) =>
    h("div.cursor", { hidden: true, "data-cursor": index }, h("span", {}, index === 0 ? "A" : "B"))
  );
  readonly #triggerLine = h("div.trigger-line", { hidden: true });
  #plot: uPlot | undefined;
  #traces: readonly Trace[] = [];
  #signature = "";
  #pointer: { readonly x: number; readonly y: number } | undefined;
  #timeLabels: string[] = [];

  constructor(model: Model, events: TimePaneEvents) {
    this.#model = model;
    this.#events = events;
    this.element.addEventListener("mousedown", (event) => this.#beginPan(event), { capture: true });
    this.element.addEventListener("wheel", (event) => this.#zoom(event), { passive: false });
    this.element.addEventListener("dblclick", () => model.convertCursors(() => model.resume()));
    this.element.addEventListener("pointermove", (event) => {
      const rect = this.#plot?.over.getBoundingClientRect();
      this.#pointer = rect && { x: event.clientX - rect.left, y: event.clientY - rect.top };
      this.#showTip();
    });
    this.element.addEventListener("pointerleave", () => {
      this.#pointer = undefined;
      this.#showTip();
    });
    for (const [index, line] of this.#cursorLines.entries()) this.#makeDraggable(line, index === 0 ? 0 : 1);
  }

  /** The canvas that it is drawn on. */
  get canvas(): HTMLCanvasElement | undefined {
    return this.#plot?.ctx.canvas;
  }

  /** The width of the area with the traces, in pixels. */
  get pixels(): number {
    return Math.max(50, this.#plot?.over.clientWidth ?? this.element.clientWidth - axisWidth);
  }

  /** Draws the pane as it is now. */
  draw(pane: PaneView, axes: number, isLast: boolean): void {
    this.#prepare(pane, axes, isLast);
    const plot = this.#plot;
    if (plot === undefined) return;
    const [min, max] = this.#model.window;
    plot.batch(() => {
      plot.setData(this.#collect(), false);
      plot.setScale("x", { min, max });
    });
    this.#placeLines();
    this.#showTip();
  }

  /** Removes the plot. */
  destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.element.remove();
  }

  /** Makes a new plot where the signals, the colours or the axes are others, and fits it to its place. */
  #prepare(pane: PaneView, axes: number, isLast: boolean): void {
    const traces = this.#model.tracesOf(pane);
    const { width, height } = this.element.getBoundingClientRect();
    const size = { width: Math.max(200, Math.floor(width)), height: Math.max(60, Math.floor(height)) };
    const parts = [traces.map(({ key, number }) => [key, number]), this.#model.theme, axes, isLast];
    const signature = JSON.stringify(parts);
    if (signature !== this.#signature || this.#plot === undefined) {
      this.#plot?.destroy();
      this.#traces = traces;
      this.#signature = signature;
      this.#plot = new uPlot(this.#describe(size, axes, isLast), this.#collect(), this.element);
      this.#plot.over.append(...this.#cursorLines, this.#triggerLine, this.#tip);
      return;
    }
    this.#traces = traces;
    if (this.#plot.width !== size.width || this.#plot.height !== size.height) this.#plot.setSize(size);
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
      padding: [8, 12 + right, isLast ? 0 : 6, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: "scope" }, points: { show: false } },
      scales: {
        x: { time: false, auto: false },
        ...Object.fromEntries(scales.map((scale) => [scale, { range: this.#rangeOf(scale) }])),
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
          splits: (plot, _axis, min, max) => this.#splitValues(scale, plot.over.clientHeight, min, max),
          values: (_plot, splits) => this.#labelValues(scale, splits),
        })),
        ...scales.length === 0 ? [{ ...look, scale: "y", size: axisWidth, show: true, values: () => [] }] : [],
      ],
      series: [{}, ...this.#traces.map((trace) => this.#describeSeries(trace, scales))],
      hooks: {
        drawSeries: [(plot, series) => this.#drawDense(plot, series)],
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
    const { type } = trace.description;
    const stepped = type === "integer" || type === "boolean" ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    return {
      scale: scaleOf(trace, scales),
      label: trace.description.name,
      stroke: color,
      width: 1.5,
      dash: [...dash],
      spanGaps: false,
      points: { show: (plot, series) => this.#showsPoints(plot, series), size: 5, fill: color },
      paths: (plot, series, first, last) => {
        // Dense traces are drawn as columns, when uPlot has drawn nothing.
        if (isDense(plot, first, last)) return null;
        return (stepped ?? uPlot.paths.linear?.())?.(plot, series, first, last) ?? null;
      },
    };
  }

  /** Draws a trace with about a row for each pixel, or more. */
  #drawDense(plot: uPlot, index: number): void {
    const trace = this.#traces[index - 1];
    const [first, last] = plot.series[0]?.idxs ?? [0, 0];
    const series = plot.series[index];
    const scale = plot.scales[series?.scale ?? ""];
    const { min: from = 0, max: to = 1 } = plot.scales.x ?? {};
    const { min: bottom, max: top } = scale ?? {};
    if (trace === undefined || bottom == null || top == null || from === null || to === null) return;
    if (!isDense(plot, first, last)) return;
    const { ctx, bbox } = plot;
    const { left, width, height } = bbox;
    const projection = {
      from,
      perSecond: width / (to - from),
      bottom,
      perUnit: height / (top - bottom),
      width,
      height,
    };
    const { color, dash } = this.#model.lookOf(trace);
    const { type } = trace.description;
    const isDrawn = dashColumns(dash, devicePixelRatio);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, height);
    ctx.clip();
    ctx.fillStyle = color;
    const draw = (x: number, y: number, length: number) => {
      if (isDrawn(x)) ctx.fillRect(left + x, bbox.top + y, 1, length);
    };
    const [times, values] = [plot.data[0].slice(first, last + 1), plot.data[index]?.slice(first, last + 1) ?? []];
    const thickness = 1.5 * devicePixelRatio;
    coverColumns(
      times as number[],
      values as Point[],
      projection,
      thickness,
      type === "integer" || type === "boolean",
      draw,
    );
    ctx.restore();
  }

  /** Shows the samples themselves where they are far enough from each other, and those that stand alone. */
  #showsPoints(plot: uPlot, series: number): boolean | undefined {
    const [first, last] = plot.series[0]?.idxs ?? [0, 0];
    const trace = this.#traces[series - 1];
    const mode = this.#model.sources[trace?.source ?? 0]?.rows.mode;
    return mode === "samples" && (last - first) * 12 < plot.over.clientWidth;
  }

  #rangeOf(scale: string): uPlot.Scale["range"] {
    if (scale === "boolean") {
      return () => [0, Math.max(1, this.#traces.filter(({ description }) => description.type === "boolean").length)];
    }
    return (_plot, min, max) => [...rangeOf(min ?? NaN, max ?? NaN)];
  }

  #splitTime(plot: uPlot, min: number, max: number): number[] {
    const { view, epoch, zero } = this.#model;
    const count = Math.max(2, Math.floor(plot.over.clientWidth / 110));
    const notation = this.#model.isTriggered ? "seconds" : view.notation;
    const { ticks, labels } = timeTicks(min, max, count, notation, epoch, zero);
    this.#timeLabels = labels;
    return ticks;
  }

  #splitValues(scale: string, height: number, min: number, max: number): number[] {
    if (scale !== "boolean") return ticksOf(min, max, Math.max(3, Math.floor(height / 26)));
    return Array.from({ length: Math.round(max) }, (_, lane) => lane + 0.5);
  }

  #labelValues(scale: string, splits: readonly number[]): string[] {
    if (scale !== "boolean") {
      const { labels, base } = labelTicks(splits);
      return base === "" ? labels : labels.map((text, index) => index === 0 ? base : text);
    }
    const names = this.#traces.filter(({ description }) => description.type === "boolean").reverse();
    return splits.map((_, lane) => shorten(names[lane]?.description.name ?? ""));
  }

  /** Collects the rows of the traces; those of several sources are joined by their times. */
  #collect(): uPlot.AlignedData {
    const { sources } = this.#model;
    const used = [...new Set(this.#traces.map(({ source }) => source))];
    const lanes = this.#traces.filter(({ description }) => description.type === "boolean");
    const columnOf = (trace: Trace): Point[] => {
      const column = sources[trace.source]?.rows.values.get(trace.channel) ?? [];
      if (trace.description.type !== "boolean") return column;
      // The first one is at the top.
      const bottom = lanes.length - 1 - lanes.indexOf(trace) + (1 - laneHeight) / 2;
      return column.map((value) => value === null ? null : bottom + value * laneHeight);
    };
    const tableOf = (source: number) => {
      const times = sources[source]?.rows.times ?? [];
      const columns = this.#traces.filter((trace) => trace.source === source).map(columnOf);
      // Rows of a signal that has just been added are not there yet.
      return [times, ...columns.map((column) => column.length === times.length ? column : times.map(() => null))];
    };
    if (used.length <= 1) return tableOf(used[0] ?? 0) as uPlot.AlignedData;
    const tables = used.map(tableOf) as uPlot.AlignedData[];
    const [times, ...columns] = uPlot.join(tables, tables.map((table) => table.map(() => 2 as const)));
    const order = used.flatMap((source) => this.#traces.filter((trace) => trace.source === source));
    return [times, ...this.#traces.map((trace) => columns[order.indexOf(trace)] ?? [])] as uPlot.AlignedData;
  }

  #placeLines(): void {
    const times = this.#model.cursorTimes();
    for (const [index, line] of this.#cursorLines.entries()) this.#placeLine(line, times?.[index]);
    const { isTriggered, sources } = this.#model;
    this.#placeLine(this.#triggerLine, isTriggered ? sources[0]?.head?.trigger?.time ?? undefined : undefined);
  }

  #placeLine(line: HTMLElement, time: number | undefined): void {
    const left = time === undefined ? NaN : this.#plot?.valToPos(time, "x") ?? NaN;
    line.hidden = !(left >= -1 && left <= this.pixels + 1);
    if (!line.hidden) line.style.transform = `translateX(${left}px)`;
  }

  /** Shows the values at the pointer, also while the traces move below it. */
  #showTip(): void {
    const plot = this.#plot;
    const isOver = this.#pointer !== undefined && this.#pointer.x >= 0 && this.#pointer.x <= this.pixels &&
      this.#pointer.y >= 0 && this.#pointer.y <= (plot?.over.clientHeight ?? 0);
    this.#tip.hidden = !isOver || this.#traces.length === 0;
    if (plot === undefined || !isOver || this.#pointer === undefined) return;
    const time = plot.posToVal(this.#pointer.x, "x");
    const rows = this.#traces.map((trace) => {
      const value = this.#model.sources[trace.source]?.rows.valueAt(trace.channel, time) ?? NaN;
      const swatch = h("i.swatch");
      swatch.style.background = this.#model.lookOf(trace).color;
      const { name, unit } = trace.description;
      return h(
        "div.row",
        {},
        swatch,
        h("span.name", {}, name),
        h("b", {}, formatValue(value)),
        h("span.unit", {}, unit),
      );
    });
    this.#tip.replaceChildren(h("div.time", {}, this.#describeTime(time)), ...rows);
    const isRight = this.#pointer.x > this.pixels / 2;
    this.#tip.style.left = isRight ? "auto" : `${this.#pointer.x + 14}px`;
    this.#tip.style.right = isRight ? `${this.pixels - this.#pointer.x + 14}px` : "auto";
  }

  #describeTime(time: number): string {
    const { view, epoch, zero, window: [from, to] } = this.#model;
    const notation = this.#model.isTriggered ? "seconds" : view.notation;
    const pixel = (to - from) / this.pixels;
    const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(pixel))));
    if (notation === "seconds") return `${(time - zero).toFixed(digits)} s`;
    return describeClock(time, epoch, notation, digits);
  }

  #zoom(event: WheelEvent): void {
    const plot = this.#plot;
    if (plot === undefined) return;
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const delta = event.deltaX === 0 ? event.deltaY : event.deltaX;
      return this.#model.convertCursors(() => this.#model.pan(delta / 1000));
    }
    const around = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x");
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 500)));
    this.#model.zoom(factor, around);
  }

  /** Moves the window with the middle button, or with the shift key. */
  #beginPan(event: MouseEvent): void {
    if (!(event.button === 1 || (event.button === 0 && event.shiftKey))) return;
    event.preventDefault();
    event.stopPropagation();
    const [from, to] = this.#model.window;
    const scale = (to - from) / this.pixels;
    const start = event.clientX;
    const move = ({ clientX }: MouseEvent) => {
      const distance = (start - clientX) * scale;
      this.#model.convertCursors(() => this.#model.stop([from + distance, to + distance]));
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", () => removeEventListener("mousemove", move), { once: true });
  }

  #makeDraggable(line: HTMLElement, index: 0 | 1): void {
    line.addEventListener("mousedown", (event) => event.stopPropagation());
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      line.setPointerCapture(event.pointerId);
      const move = ({ clientX }: PointerEvent) => {
        const plot = this.#plot;
        if (plot === undefined) return;
        const left = Math.max(0, Math.min(this.pixels, clientX - plot.over.getBoundingClientRect().left));
        this.#model.moveCursor(index, plot.posToVal(left, "x"));
        this.#model.notify("time");
      };
      line.addEventListener("pointermove", move);
      line.addEventListener("pointerup", () => line.removeEventListener("pointermove", move), { once: true });
    });
  }
}

/** Tells whether there are so many rows that a line through them is slow, and looks like columns anyway. */
function isDense(plot: uPlot, first: number, last: number): boolean {
  return last - first > plot.bbox.width * 0.75;
}

/** Tells which columns the dashes of a line leave. */
function dashColumns(dash: readonly number[], ratio: number): (x: number) => boolean {
  const period = dash.reduce((sum, length) => sum + length, 0) * ratio;
  if (period === 0) return () => true;
  return (x) => {
    let rest = x % period;
    const index = dash.findIndex((length) => (rest -= length * ratio) < 0);
    return index % 2 === 0;
  };
}

/** Describes a time of day, with digits of a second. */
export function describeClock(time: number, epoch: number, notation: "local" | "utc", digits: number): string {
  const whole = Math.floor(time);
  const date = new Date((epoch + whole) * 1000);
  const text = notation === "utc" ? date.toISOString().slice(11, 19) : date.toTimeString().slice(0, 8);
  // Cut, not rounded: a second of .9996 is not the next one.
  return digits === 0 ? text : `${text}.${String(time - whole).slice(2, 2 + digits).padEnd(digits, "0")}`;
}

function shorten(name: string): string {
  return name.length > 10 ? `${name.slice(0, 9)}…` : name;
}
