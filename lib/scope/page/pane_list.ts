/// <reference lib="dom" />
/**
 * The panes below each other: their heads, what is dragged onto them, and drawing them.
 *
 * @module
 */

import { windowFunctions } from "../spectrum.ts";
import { button, h, select } from "./dom.ts";
import type { Model } from "./model.ts";
import { type PaneSamples, SamplePane } from "./sample_panes.ts";
import { dragType } from "./sidebar.ts";
import { scalesOf } from "./scales.ts";
import { TimePane } from "./time_pane.ts";
import type { PaneKind, PaneView } from "./view.ts";

/** Requests of the panes. */
export interface PaneListEvents {
  onSavePicture(pane: number, type: "png" | "svg"): void;
  /** Called when a pane needs to be drawn, though nothing else has changed. */
  onStale(): void;
}

/** A pane as it is shown. */
interface ShownPane {
  readonly kind: PaneKind;
  readonly element: HTMLElement;
  readonly head: HTMLElement;
  readonly body: TimePane | SamplePane;
}

const kindNames: Readonly<Record<PaneKind, string>> = { time: "", spectrum: "Spectrum", xy: "XY", phasor: "Phasors" };

/** The panes. */
export class PaneList {
  readonly element: HTMLElement = h("main.panes");
  readonly #model: Model;
  readonly #events: PaneListEvents;
  #shown: ShownPane[] = [];
  #samples = new Map<number, PaneSamples>();

  constructor(model: Model, events: PaneListEvents) {
    this.#model = model;
    this.#events = events;
    model.onChange((change) => {
      if (change !== "time") this.#rebuild();
    });
    this.#takeDrops(
      this.element,
      (key) => model.change({ panes: [...model.view.panes, { kind: "time", signals: [key] }] }),
    );
  }

  /** Pixels of the panes over time. */
  get pixels(): number {
    const pane = this.#shown.find(({ kind }) => kind === "time")?.body;
    return pane instanceof TimePane ? pane.pixels : Math.max(200, this.element.clientWidth - 80);
  }

  /** Draws the panes that are in view, or all of them for a printer. */
  draw(isForced = false): void {
    const { panes } = this.#model.view;
    const timePanes = panes.filter(({ kind }) => kind === "time");
    const axes = Math.max(1, ...timePanes.map((pane) => scalesOf(this.#model.tracesOf(pane)).length));
    const last = panes.findLastIndex(({ kind }) => kind === "time");
    for (const [index, { body, kind }] of this.#shown.entries()) {
      const pane = panes[index];
      if (pane === undefined) continue;
      if (body instanceof TimePane) body.draw(pane, axes, index === last, isForced);
      else if (kind !== "time") {
        const samples = this.#samples.get(index) ?? { times: new Float64Array(0), values: new Map() };
        body.draw(kind, this.#model.tracesOf(pane), samples);
      }
    }
  }

  /** Takes the samples of a pane. */
  setSamples(index: number, samples: PaneSamples): void {
    this.#samples.set(index, samples);
  }

  /** Returns the canvas of a pane. */
  canvasOf(index: number): HTMLCanvasElement | undefined {
    return this.#shown[index]?.body.canvas;
  }

  #rebuild(): void {
    const { panes } = this.#model.view;
    const isSame = panes.length === this.#shown.length &&
      panes.every(({ kind }, index) => this.#shown[index]?.kind === kind);
    if (!isSame) {
      for (const { body, element } of this.#shown) {
        if (body instanceof TimePane) body.destroy();
        element.remove();
      }
      this.#samples.clear();
      this.#shown = panes.map((pane, index) => this.#createPane(pane, index));
      const hint = h("p.hint.empty", {}, "Click a signal to show it here, or drag it.");
      this.element.replaceChildren(...panes.length === 0 ? [hint] : this.#shown.map(({ element }) => element));
    }
    for (const [index, { head }] of this.#shown.entries()) this.#fillHead(head, panes[index], index);
  }

  #createPane({ kind }: PaneView, index: number): ShownPane {
    const body = kind === "time"
      ? new TimePane(this.#model, {
        onSelect: (from, to) => this.#model.convertCursors(() => this.#model.stop([from, to])),
        onStale: () => this.#events.onStale(),
      })
      : new SamplePane(this.#model);
    const head = h("div.head");
    const element = h("section.pane", { "data-kind": kind, "data-pane": index }, head, body.element);
    this.#takeDrops(element, (key) => {
      const signals = this.#model.view.panes[index]?.signals ?? [];
      if (!signals.includes(key)) this.#model.changePane(index, { signals: [...signals, key] });
    });
    return { kind, element, head, body };
  }

  #fillHead(head: HTMLElement, pane: PaneView | undefined, index: number): void {
    if (pane === undefined) return;
    const model = this.#model;
    const chips = model.tracesOf(pane).map((trace) => {
      const swatch = h("i.swatch");
      swatch.style.background = model.lookOf(trace).color;
      const remove = () => model.changePane(index, { signals: pane.signals.filter((key) => key !== trace.key) });
      const { name, unit } = trace.description;
      const { description } = model.sources[trace.source] ?? {};
      const source = model.sources.length > 1 ? ` · ${description?.name.replace(/^.*[/\\]/, "")}` : "";
      return h(
        "span.chip",
        { title: name },
        swatch,
        h("span.name", {}, name),
        h("span.unit", {}, `${unit === "" ? "" : ` ${unit}`}${source}`),
        button("×", `Take ${name} out of this pane`, remove),
      );
    });
    const close = () => model.change({ panes: model.view.panes.filter((_, other) => other !== index) });
    const { nominal, windowFunction } = model.view;
    const settings = pane.kind !== "spectrum" ? [] : [
      select(
        "Window function",
        windowFunctions.map((name) => [name, name]),
        windowFunction,
        (name) => model.change({ windowFunction: name }),
      ),
      select(
        "Nominal frequency",
        [["50", "50 Hz"], ["60", "60 Hz"], ["16.7", "16.7 Hz"]],
        String(nominal),
        (value) => model.change({ nominal: Number(value) }),
      ),
    ];
    head.replaceChildren(
      ...kindNames[pane.kind] === "" ? [] : [h("strong", {}, kindNames[pane.kind])],
      h("span.chips", {}, ...chips),
      h(
        "span.tools",
        {},
        ...settings,
        button("PNG", "Save this pane as PNG", () => this.#events.onSavePicture(index, "png")),
        ...pane.kind === "time"
          ? [button("SVG", "Save this pane as SVG", () => this.#events.onSavePicture(index, "svg"))]
          : [],
        button("×", "Close this pane", close),
      ),
    );
  }

  #takeDrops(element: HTMLElement, onDrop: (key: string) => void): void {
    element.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes(dragType)) event.preventDefault();
    });
    element.addEventListener("drop", (event) => {
      const key = event.dataTransfer?.getData(dragType) ?? "";
      if (key === "") return;
      event.preventDefault();
      event.stopPropagation();
      onDrop(key);
    });
  }
}
