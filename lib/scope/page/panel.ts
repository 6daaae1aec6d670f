/// <reference lib="dom" />
/**
 * The panel: widgets on a grid, for who runs a plant instead of looking at traces. It is kept in the view.
 *
 * @module
 */

import { formatDuration, formatValue } from "../axis.ts";
import type { Control } from "../protocol.ts";
import type { ControlsBox } from "./controls_box.ts";
import { button, type Choice, h, select, setText } from "./dom.ts";
import { describeFigure } from "./figures.ts";
import type { LinkStrip } from "./link_strip.ts";
import type { Model, Trace } from "./model.ts";
import type { Widget, widgetKinds } from "./view.ts";

/** Columns of the grid, and height of its rows in pixels. */
const columns = 24;
const rowHeight = 34;

type Kind = typeof widgetKinds[number];

const kindNames: readonly Choice<Kind>[] = [
  ...[["number", "Number"], ["table", "Table of all values"], ["lamp", "Lamp"], ["gauge", "Gauge"]] as const,
  ...[["label", "Label"], ["delay", "Delay of the link"], ["slider", "Slider"], ["field", "Number field"]] as const,
  ...[["toggle", "Switch"], ["button", "Button, while pressed"]] as const,
];

const controlKinds: readonly string[] = ["slider", "field", "toggle", "button"];

const sizes: Readonly<Record<Kind, readonly [width: number, height: number]>> = {
  number: [4, 2],
  table: [6, 6],
  lamp: [3, 2],
  gauge: [4, 4],
  label: [6, 1],
  delay: [4, 2],
  slider: [6, 2],
  field: [4, 2],
  toggle: [3, 2],
  button: [3, 2],
};

/** A widget as it is shown. */
interface Shown {
  readonly element: HTMLElement;
  /** Shows the value of now. */
  update(): void;
}

/** The panel. */
export class Panel {
  readonly element: HTMLElement = h("section.panel", { "aria-label": "Panel" });
  readonly #model: Model;
  readonly #controls: ControlsBox;
  readonly #link: LinkStrip;
  readonly #grid = h("div.grid");
  #shown: readonly Shown[] = [];
  #signature = "";

  constructor(model: Model, controls: ControlsBox, link: LinkStrip) {
    this.#model = model;
    this.#controls = controls;
    this.#link = link;
    this.element.append(this.#grid);
    model.onChange((change) => {
      if (change !== "time") this.#rebuild();
    });
    controls.onChange(() => this.update());
  }

  /** Shows the values of now. */
  update(): void {
    for (const { update } of this.#shown) update();
  }

  /** Asks what to add, and adds it below the others. */
  edit(index?: number): void {
    const { view: { panel }, traces } = this.#model;
    const old = index === undefined ? undefined : panel[index];
    const signals = [...traces].map(([key, { description }]): Choice<string> => [key, description.name]);
    const controls = this.#controls.controls.map(({ name }): Choice<string> => [name, name]);
    const signal = select("Signal", [], "", () => {});
    const kind = select<Kind>(
      "Kind",
      kindNames.filter(([name]) => controls.length > 0 || !controlKinds.includes(name)),
      (old?.kind ?? "number") as Kind,
      () => fill(),
    );
    const text = h<HTMLInputElement>("input", { value: old?.text ?? "", maxlength: 200, placeholder: "as the signal" });
    const [from, to] = [old?.from ?? 0, old?.to ?? 100].map((value) =>
      h<HTMLInputElement>("input", { type: "number", step: "any", value })
    );
    const signalRow = h("label", {}, "Signal", signal);
    const rangeRow = h("label", {}, "Range", from ?? "", to ?? "");
    const fill = () => {
      const choices = controlKinds.includes(kind.value) ? controls : signals;
      signal.replaceChildren(...choices.map(([value, name]) => h("option", { value }, name)));
      if (old !== undefined) signal.value = old.signal;
      signalRow.hidden = ["label", "table", "delay"].includes(kind.value);
      rangeRow.hidden = kind.value !== "gauge";
    };
    fill();
    const dialog = h<HTMLDialogElement>(
      "dialog.widget-dialog",
      {},
      h("h2", {}, old === undefined ? "Add to the panel" : "Widget"),
      h("label", {}, "Kind", kind),
      signalRow,
      h("label", {}, "Text", text),
      rangeRow,
    );
    const done = () => {
      const [width, height] = sizes[kind.value as Kind];
      const bottom = Math.max(0, ...panel.map(({ y, height }) => y + height));
      const place = old === undefined ? findPlace(panel, width, height, bottom) : old;
      const widget: Widget = {
        ...{ kind: kind.value, signal: signal.value, text: text.value, width, height },
        ...{ x: place.x, y: place.y, from: from?.valueAsNumber ?? 0, to: to?.valueAsNumber ?? 100 },
        ...old?.kind === kind.value ? { width: old.width, height: old.height } : {},
      };
      this.#model.change({
        panel: old === undefined ? [...panel, widget] : panel.map((other, at) => at === index ? widget : other),
      });
      dialog.close();
    };
    const remove = () => {
      this.#model.change({ panel: panel.filter((_, at) => at !== index) });
      dialog.close();
    };
    dialog.append(h(
      "div.buttons",
      {},
      button(old === undefined ? "Add" : "Done", "Keep this", done, ".primary"),
      ...old === undefined ? [] : [button("Remove", "Remove the widget", remove)],
      button("Cancel", "Change nothing", () => dialog.close()),
    ));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  #rebuild(): void {
    const { panel } = this.#model.view;
    this.element.hidden = panel.length === 0;
    const signature = JSON.stringify([panel, [...this.#model.traces.keys()], this.#controls.controls]);
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#shown = panel.map((widget, index) => this.#create(widget, index));
    this.#grid.style.height = `${Math.max(0, ...panel.map(({ y, height }) => y + height)) * rowHeight}px`;
    this.#grid.replaceChildren(...this.#shown.map(({ element }) => element));
    this.update();
  }

  #create(widget: Widget, index: number): Shown {
    const trace = this.#model.traces.get(widget.signal);
    const control = this.#controls.controls.find(({ name }) => name === widget.signal);
    const name = widget.text || (trace?.description.name ?? control?.name ?? "");
    const title = h("span.title", {}, widget.kind === "label" ? "" : name || (widget.kind === "delay" ? "Delay" : ""));
    const { body, update } = this.#createBody(widget, control);
    const handle = h("i.handle", { title: "Drag to resize" });
    const settings = button("⋯", "Change or remove", () => this.edit(index));
    const element = h("div.widget", { "data-kind": widget.kind }, h("div.top", {}, title, settings), body, handle);
    place(element, widget);
    this.#makeMovable(element, title.parentElement ?? title, widget, index, false);
    this.#makeMovable(element, handle, widget, index, true);
    return { element, update };
  }

  /** Creates the inner part of a widget, and what shows its value. */
  #createBody(widget: Widget, control: Control | undefined): { body: HTMLElement; update(): void } {
    const value = () => {
      const trace = this.#model.traces.get(widget.signal);
      return this.#model.sources[trace?.source ?? -1]?.statistics.get(trace?.channel ?? -1)?.last ?? NaN;
    };
    const textOf = () => {
      const trace = this.#model.traces.get(widget.signal);
      return trace === undefined ? "–" : `${this.#describeLast(trace)} ${trace.description.unit}`;
    };
    switch (widget.kind) {
      case "number": {
        const body = h("b.big");
        return { body, update: () => setText(body, textOf()) };
      }
      case "delay": {
        const body = h("b.big");
        return { body, update: () => setText(body, formatDuration(this.#link.last?.delay ?? NaN, 4)) };
      }
      case "label":
        return { body: h("b.big", {}, widget.text), update() {} };
      case "lamp": {
        const body = h("i.lamp", { role: "img" });
        const update = () => {
          const isOn = value() > 0.5;
          body.classList.toggle("on", isOn);
          body.setAttribute("aria-label", isOn ? "on" : "off");
        };
        return { body, update };
      }
      case "gauge":
        return this.#createGauge(widget, value, textOf);
      case "table": {
        const body = h("table");
        const update = () => {
          const rows = [...this.#model.traces.values()].map((trace) => {
            const { name, unit } = trace.description;
            return h("tr", {}, h("th", {}, name), h("td", {}, this.#describeLast(trace)), h("td.unit", {}, unit));
          });
          body.replaceChildren(...rows);
        };
        return { body: h("div.scroll", {}, body), update };
      }
      default:
        return this.#createControl(widget, control);
    }
  }

  #describeLast({ source, channel, description: { type } }: Trace): string {
    return describeFigure(type, this.#model.sources[source]?.statistics.get(channel), "last");
  }

  #createGauge({ from, to }: Widget, value: () => number, textOf: () => string) {
    const canvas = h<HTMLCanvasElement>("canvas");
    const text = h("b");
    const update = () => {
      setText(text, textOf());
      const [width, height] = [canvas.clientWidth * devicePixelRatio, canvas.clientHeight * devicePixelRatio];
      const context = canvas.getContext("2d");
      if (context === null || width === 0) return;
      [canvas.width, canvas.height] = [width, height];
      const style = getComputedStyle(document.documentElement);
      const radius = Math.min(width / 2, height) * 0.82;
      const part = Math.min(1, Math.max(0, (value() - from) / (to - from)));
      const arc = (end: number, color: string) => {
        context.beginPath();
        context.lineWidth = radius * 0.22;
        context.strokeStyle = style.getPropertyValue(color).trim();
        context.arc(width / 2, height * 0.94, radius, Math.PI, Math.PI * (1 + end));
        context.stroke();
      };
      arc(1, "--grid");
      if (part > 0) arc(part, "--accent");
    };
    const ends = h("span.ends", {}, h("span", {}, formatValue(from)), text, h("span", {}, formatValue(to)));
    return { body: h("div.gauge", {}, canvas, ends), update };
  }

  #createControl({ kind, signal }: Widget, control: Control | undefined): { body: HTMLElement; update(): void } {
    if (control === undefined) return { body: h("span.hint", {}, `no control ${signal}`), update() {} };
    const set = (value: number) => this.#controls.set(signal, value);
    const [low, high] = control.range ?? [0, 1];
    const step = control.type === "integer" ? 1 : "any";
    if (kind === "button") {
      const body = h<HTMLButtonElement>("button.press", { type: "button" }, "Press");
      body.addEventListener("pointerdown", (event) => {
        body.setPointerCapture(event.pointerId);
        set(high);
      });
      // It is let go in every case, also where the pointer is lost.
      for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
        body.addEventListener(name, () => set(low));
      }
      return { body, update: () => body.disabled = !this.#controls.isHeld };
    }
    const type = { slider: "range", field: "number", toggle: "checkbox" }[kind] ?? "number";
    const input = h<HTMLInputElement>(`input${type === "checkbox" ? ".switch" : ""}`, {
      ...{ type, step, "aria-label": signal },
      ...kind === "slider" ? { min: low, max: high } : {},
      [kind === "slider" ? "oninput" : "onchange"]: () =>
        set(type === "checkbox" ? input.checked ? high : low : input.valueAsNumber),
    });
    const text = h("b");
    const update = () => {
      const value = this.#controls.valueOf(signal);
      input.disabled = !this.#controls.isHeld;
      if (type === "checkbox") input.checked = value > (low + high) / 2;
      else if (input !== document.activeElement) input.value = String(value);
      if (kind === "slider") setText(text, formatValue(value));
    };
    return { body: h("span.line", {}, input, ...kind === "slider" ? [text] : []), update };
  }

  /** Moves or resizes a widget by dragging, cell by cell. */
  #makeMovable(element: HTMLElement, grip: HTMLElement, widget: Widget, index: number, resizes: boolean): void {
    grip.addEventListener("pointerdown", (event) => {
      if (event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const cell = this.#grid.clientWidth / columns;
      const [startX, startY] = [event.clientX, event.clientY];
      let moved = widget;
      const move = ({ clientX, clientY }: PointerEvent) => {
        const [x, y] = [Math.round((clientX - startX) / cell), Math.round((clientY - startY) / rowHeight)];
        moved = resizes
          ? {
            ...widget,
            width: clamp(widget.width + x, 1, columns - widget.x),
            height: clamp(widget.height + y, 1, 20),
          }
          : { ...widget, x: clamp(widget.x + x, 0, columns - widget.width), y: clamp(widget.y + y, 0, 100) };
        place(element, moved);
      };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", () => {
        grip.removeEventListener("pointermove", move);
        if (moved === widget) return;
        this.#model.change({ panel: this.#model.view.panel.map((other, at) => at === index ? moved : other) });
      }, { once: true });
    });
  }
}

/** Finds a free place: beside the last widget where there is room, else below all. */
function findPlace(panel: readonly Widget[], width: number, height: number, bottom: number): { x: number; y: number } {
  const isFree = (x: number, y: number) =>
    panel.every((other) =>
      x + width <= other.x || other.x + other.width <= x || y + height <= other.y || other.y + other.height <= y
    );
  for (let y = 0; y <= bottom; y++) {
    for (let x = 0; x + width <= columns; x++) if (isFree(x, y)) return { x, y };
  }
  return { x: 0, y: bottom };
}

function place(element: HTMLElement, { x, y, width, height }: Widget): void {
  element.style.left = `${x / columns * 100}%`;
  element.style.top = `${y * rowHeight}px`;
  element.style.width = `${width / columns * 100}%`;
  element.style.height = `${height * rowHeight}px`;
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(Math.max(value, from), to);
}
