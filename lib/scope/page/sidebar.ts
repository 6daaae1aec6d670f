/// <reference lib="dom" />
/**
 * The list of signals: colours, values and figures of the window; a click shows or hides one, and it can be dragged.
 *
 * @module
 */

import { h, setText } from "./dom.ts";
import { describeFigure, figures, formatShort } from "./figures.ts";
import type { Model, Trace } from "./model.ts";

/** Type of what is dragged, for the browser. */
export const dragType = "application/x-villas-signal";

/** The most characters of a figure below the name; what is longer is shortened there, and whole in its tip. */
const figureLength = 8;

/** A row of the list. */
interface Row {
  readonly trace: Trace;
  readonly element: HTMLElement;
  readonly swatch: HTMLElement;
  readonly cells: readonly HTMLElement[];
}

/** The list of signals. */
export class Sidebar {
  readonly element: HTMLElement = h("aside.signals", { "aria-label": "Signals" });
  readonly #model: Model;
  readonly #search = h<HTMLInputElement>("input", {
    ...{ type: "search", placeholder: "Filter signals", "aria-label": "Filter signals" },
    oninput: () => this.#filter(),
  });
  readonly #body = h("div.list");
  #rows: readonly Row[] = [];

  constructor(model: Model) {
    this.#model = model;
    this.element.append(this.#search, this.#body);
    model.onChange((change) => {
      if (change === "signals") this.#rebuild();
      else if (change !== "time") this.#mark();
    });
  }

  /** Writes the figures of the window. */
  update(): void {
    for (const { trace, cells } of this.#rows) {
      const statistics = this.#model.sources[trace.source]?.statistics.get(trace.channel);
      for (const [index, figure] of figures.entries()) {
        const cell = cells[index];
        if (cell === undefined) continue;
        const { type } = trace.description;
        const whole = describeFigure(type, statistics, figure);
        const short = index === 0 ? whole : describeFigure(type, statistics, figure, formatShort);
        const text = index > 0 && short.length > figureLength ? formatShort(Number(short)) : short;
        setText(cell, text);
        const tip = text === whole ? "" : whole;
        if (cell.title !== tip) cell.title = tip;
      }
    }
  }

  #rebuild(): void {
    const { sources, traces } = this.#model;
    const groups = sources.map(({ description }, source) => {
      const rows = [...traces.values()].filter((trace) => trace.source === source).map((trace) =>
        this.#createRow(trace)
      );
      const title = sources.length > 1 ? [h("h2", { title: description.name }, description.name)] : [];
      return { rows, elements: [...title, ...rows.map(({ element }) => element)] };
    });
    this.#rows = groups.flatMap(({ rows }) => rows);
    const links = sources.filter(({ description }) => description.isLive).map(({ description }) => description.name);
    const place = links.length === 0 ? "" : ` on ${links.join(" and ")}`;
    const waiting = h("p.hint", {}, `Waiting for samples${place} …`);
    this.#body.replaceChildren(...this.#rows.length === 0 ? [waiting] : groups.flatMap(({ elements }) => elements));
    this.#search.hidden = this.#rows.length < 12;
    this.#mark();
    this.#filter();
  }

  #createRow(trace: Trace): Row {
    const { name, unit } = trace.description;
    const swatch = h("i.swatch");
    const cells = figures.map((figure) => h(figure === "last" ? "b" : "span", {}, "–"));
    const [last = "", ...others] = cells;
    const labels = ["min", "max", "mean", "RMS"];
    const element = h(
      "button.signal",
      {
        type: "button",
        draggable: "true",
        "data-signal": trace.key,
        title: `${name}: click to show or hide, drag onto a pane`,
        onclick: () => this.#toggle(trace.key),
        ondragstart: (event: DragEvent) => event.dataTransfer?.setData(dragType, trace.key),
      },
      h("span.head", {}, swatch, h("span.name", {}, name), h("span.value", {}, last, h("span.unit", {}, unit))),
      h("span.figures", {}, ...others.map((cell, index) => h("span", {}, h("em", {}, labels[index] ?? ""), cell))),
    );
    return { trace, element, swatch, cells };
  }

  /** Marks what is shown in a pane, in its colour. */
  #mark(): void {
    const shown = new Set(this.#model.view.panes.flatMap(({ signals }) => signals));
    for (const { trace, element, swatch } of this.#rows) {
      const isShown = shown.has(trace.key);
      element.classList.toggle("off", !isShown);
      element.setAttribute("aria-pressed", String(isShown));
      swatch.style.background = isShown ? this.#model.lookOf(trace).color : "transparent";
      swatch.style.borderColor = this.#model.lookOf(trace).color;
    }
  }

  #filter(): void {
    const wanted = this.#search.hidden ? "" : this.#search.value.trim().toLowerCase();
    for (const { trace, element } of this.#rows) {
      element.hidden = !trace.description.name.toLowerCase().includes(wanted);
    }
  }

  /** Hides a signal everywhere, or shows it in the first pane that suits it. */
  #toggle(key: string): void {
    const { panes } = this.#model.view;
    if (panes.some(({ signals }) => signals.includes(key))) {
      const others = panes.map((pane) => ({ ...pane, signals: pane.signals.filter((other) => other !== key) }));
      return this.#model.change({ panes: others });
    }
    const unit = this.#model.traces.get(key)?.description.unit;
    const suits = panes.findIndex((pane) =>
      pane.kind === "time" && this.#model.tracesOf(pane).every(({ description }) => description.unit === unit)
    );
    if (suits < 0) return this.#model.change({ panes: [...panes, { kind: "time", signals: [key] }] });
    this.#model.changePane(suits, { signals: [...panes[suits]?.signals ?? [], key] });
  }
}
