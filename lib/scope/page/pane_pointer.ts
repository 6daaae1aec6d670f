/// <reference lib="dom" />
/**
 * The pointer on a pane over time: it zooms and moves the window, moves the cursors, and shows the values below it.
 *
 * @module
 */

import { describeClock, formatValue } from "../axis.ts";
import { h } from "./dom.ts";
import type { Model, Trace } from "./model.ts";

/** The pane, as the pointer needs it. */
export interface PointedPane {
  readonly element: HTMLElement;
  /** Traces that it shows. */
  readonly traces: readonly Trace[];
  /** Rectangle of the traces in the browser's window; undefined where there are none yet. */
  readonly area: DOMRect | undefined;
}

/** Follows the pointer on a pane. */
export class PanePointer {
  readonly #pane: PointedPane;
  readonly #model: Model;
  readonly #tip = h("div.tip", { hidden: true });
  readonly #cursorLines = ([0, 1] as const).map((index) => this.#createCursor(index));
  readonly #triggerLine = h("div.trigger-line", { hidden: true });
  /** Place of the pointer, in the browser's window. */
  #place: { readonly x: number; readonly y: number } | undefined;

  constructor(pane: PointedPane, model: Model) {
    this.#pane = pane;
    this.#model = model;
    const { element } = pane;
    element.addEventListener("mousedown", (event) => this.#beginPan(event), { capture: true });
    element.addEventListener("wheel", (event) => this.#zoom(event), { passive: false });
    element.addEventListener("dblclick", () => model.convertCursors(() => model.resume()));
    element.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
      this.#place = { x, y };
      this.#showTip();
    });
    element.addEventListener("pointerleave", () => {
      this.#place = undefined;
      this.#showTip();
    });
  }

  /** Elements that lie over the traces. */
  get elements(): readonly HTMLElement[] {
    return [...this.#cursorLines, this.#triggerLine, this.#tip];
  }

  /**
   * Puts the lines and the values to where they are in the window of now.
   *
   * @param width Width of the traces, in pixels
   */
  update(width: number): void {
    const times = this.#model.cursorTimes();
    for (const [index, line] of this.#cursorLines.entries()) this.#placeLine(line, times?.[index], width);
    const { isTriggered, sources } = this.#model;
    this.#placeLine(this.#triggerLine, isTriggered ? sources[0]?.head?.trigger?.time ?? undefined : undefined, width);
    this.#showTip();
  }

  #placeLine(line: HTMLElement, time: number | undefined, width: number): void {
    const [from, to] = this.#model.window;
    const left = time === undefined ? NaN : (time - from) / (to - from) * width;
    const isShown = left >= -1 && left <= width + 1;
    if (line.hidden === isShown) line.hidden = !isShown;
    if (isShown) line.style.transform = `translateX(${left}px)`;
  }

  /** Returns the time at a place in the browser's window. */
  #timeAt(clientX: number, { left, width }: DOMRect): number {
    const [from, to] = this.#model.window;
    return from + (clientX - left) / width * (to - from);
  }

  /** Shows the values at the pointer, also while the traces move below it. */
  #showTip(): void {
    const { traces } = this.#pane;
    // Nothing is measured while the pointer is elsewhere.
    const area = this.#place === undefined ? undefined : this.#pane.area;
    const { x, y } = this.#place ?? { x: NaN, y: NaN };
    const isOver = area !== undefined && x >= area.left && x <= area.right && y >= area.top && y <= area.bottom;
    const isShown = isOver && traces.length > 0;
    if (this.#tip.hidden === isShown) this.#tip.hidden = !isShown;
    if (!isShown) return;
    const time = this.#timeAt(x, area);
    const rows = traces.map((trace) => {
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
    this.#tip.replaceChildren(h("div.time", {}, this.#describeTime(time, area.width)), ...rows);
    const isRight = x > (area.left + area.right) / 2;
    this.#tip.style.left = isRight ? "auto" : `${x - area.left + 14}px`;
    this.#tip.style.right = isRight ? `${area.right - x + 14}px` : "auto";
  }

  #describeTime(time: number, width: number): string {
    const { view, epoch, zero, window: [from, to], isTriggered } = this.#model;
    const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10((to - from) / width))));
    if (isTriggered || view.notation === "seconds") return `${(time - zero).toFixed(digits)} s`;
    return describeClock(time, epoch, view.notation, digits);
  }

  #zoom(event: WheelEvent): void {
    const { area } = this.#pane;
    if (area === undefined) return;
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const delta = event.deltaX === 0 ? event.deltaY : event.deltaX;
      return this.#model.convertCursors(() => this.#model.pan(delta / 1000));
    }
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 500)));
    this.#model.zoom(factor, this.#timeAt(event.clientX, area));
  }

  /** Moves the window with the middle button, or with the shift key. */
  #beginPan(event: MouseEvent): void {
    const { area } = this.#pane;
    if (area === undefined || !(event.button === 1 || (event.button === 0 && event.shiftKey))) return;
    event.preventDefault();
    event.stopPropagation();
    const [from, to] = this.#model.window;
    const start = event.clientX;
    const move = ({ clientX }: MouseEvent) => {
      const distance = (start - clientX) / area.width * (to - from);
      this.#model.convertCursors(() => this.#model.stop([from + distance, to + distance]));
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", () => removeEventListener("mousemove", move), { once: true });
  }

  #createCursor(index: 0 | 1): HTMLElement {
    const line = h("div.cursor", { hidden: true, "data-cursor": index }, h("span", {}, index === 0 ? "A" : "B"));
    line.addEventListener("mousedown", (event) => event.stopPropagation());
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      line.setPointerCapture(event.pointerId);
      const move = ({ clientX }: PointerEvent) => {
        const { area } = this.#pane;
        if (area === undefined) return;
        const place = Math.max(area.left, Math.min(area.right, clientX));
        this.#model.moveCursor(index, this.#timeAt(place, area));
        this.#model.notify("time");
      };
      line.addEventListener("pointermove", move);
      line.addEventListener("pointerup", () => line.removeEventListener("pointermove", move), { once: true });
    });
    return line;
  }
}
