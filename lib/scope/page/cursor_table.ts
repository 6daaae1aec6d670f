/// <reference lib="dom" />
/**
 * The table of the two cursors: their times and values, the differences, and the frequency that the time stands for.
 *
 * @module
 */

import { formatDuration, formatEngineering, formatValue } from "../axis.ts";
import { h } from "./dom.ts";
import type { Model } from "./model.ts";

/** Formats a frequency with the unit that suits it. */
function formatFrequency(hertz: number): string {
  return formatEngineering(hertz, 5).replace(/([^\d.+-]?)$/, " $1Hz");
}

/** The table. */
export class CursorTable {
  readonly element: HTMLElement = h("section.cursors", { hidden: true, "aria-label": "Cursors" });
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Writes the values of now. */
  update(): void {
    const times = this.#model.cursorTimes();
    this.element.hidden = times === undefined;
    if (times === undefined) return;
    const [a, b] = times;
    const difference = b - a;
    const frequency = difference === 0 ? "–" : formatFrequency(1 / difference);
    const keys = new Set(
      this.#model.view.panes.filter(({ kind }) => kind === "time").flatMap(({ signals }) => signals),
    );
    const rows = [...keys].flatMap((key) => {
      const trace = this.#model.traces.get(key);
      if (trace === undefined) return [];
      const { rows: store } = this.#model.sources[trace.source] ?? {};
      const [first, second] = times.map((time) => store?.valueAt(trace.channel, time) ?? NaN);
      const values = [first, second, (second ?? NaN) - (first ?? NaN)].map((value) =>
        h("td", {}, formatValue(value ?? NaN, 5))
      );
      const swatch = h("i.swatch");
      swatch.style.background = this.#model.lookOf(trace).color;
      return [h("tr", {}, h("th", {}, swatch, trace.description.name), ...values)];
    });
    this.element.replaceChildren(
      h(
        "p",
        {},
        h("span", {}, "Δt "),
        h("b", {}, formatDuration(difference, 5)),
        h("span", {}, " 1/Δt "),
        h("b", {}, frequency),
      ),
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...["", "A", "B", "B − A"].map((text) => h("th", {}, text)))),
        h("tbody", {}, ...rows),
      ),
    );
  }
}
