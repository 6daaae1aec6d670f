/// <reference lib="dom" />
/**
 * The strip at the bottom: rate, delay, jitter, missing and refused of the link as small plots.
 *
 * @module
 */

import { formatDuration, formatEngineering } from "../axis.ts";
import type { LinkFigures, LinkMessage } from "../protocol.ts";
import { h, setText } from "./dom.ts";

/** Figures that are drawn: two minutes. */
const keptFigures = 480;

interface Plot {
  readonly label: string;
  readonly value: (figures: LinkFigures, before: LinkFigures | undefined) => number;
  readonly text: (last: LinkFigures, value: number) => string;
}

const plots: readonly Plot[] = [
  { label: "Rate", value: ({ rate }) => rate, text: (_, value) => `${formatEngineering(value, 3)}/s` },
  { label: "Delay", value: ({ delay }) => delay ?? NaN, text: (_, value) => formatDuration(value, 3) },
  { label: "Jitter", value: ({ jitter }) => jitter ?? NaN, text: (_, value) => formatDuration(value, 3) },
  {
    label: "Missing",
    value: ({ missing }, before) => Math.max(0, missing - (before?.missing ?? missing)),
    text: ({ missing }) => String(missing),
  },
  {
    label: "Refused",
    value: ({ refused }, before) => Math.max(0, refused - (before?.refused ?? refused)),
    text: ({ refused }) => String(refused),
  },
];

/** The strip. */
export class LinkStrip {
  readonly element: HTMLElement = h("footer.link", { "aria-label": "Link", hidden: true });
  readonly #figures: LinkFigures[] = [];
  readonly #refusal = h("details.refusal", { hidden: true });
  readonly #ended = h("span.ended", { hidden: true });
  readonly #memory = h("span.memory");
  readonly #parts = plots.map((plot) => {
    const canvas = h<HTMLCanvasElement>("canvas", { width: 240, height: 44 });
    const text = h("b", {}, "–");
    return { plot, canvas, text, element: h("figure", {}, h("figcaption", {}, plot.label, text), canvas) };
  });

  constructor() {
    this.element.append(...this.#parts.map(({ element }) => element), this.#refusal, this.#ended, this.#memory);
  }

  /** The last figures. */
  get last(): LinkFigures | undefined {
    return this.#figures.at(-1);
  }

  /** Says how far back the samples go. */
  describeMemory(text: string): void {
    setText(this.#memory, text);
  }

  /** Adds what is new. */
  add({ figures, refusal, ended }: LinkMessage): void {
    this.element.hidden = false;
    this.#figures.push(...figures);
    if (this.#figures.length > keptFigures) this.#figures.splice(0, this.#figures.length - keptFigures);
    if (refusal !== undefined) {
      const { time, reason, bytes, length } = refusal;
      this.#refusal.hidden = false;
      this.#refusal.replaceChildren(
        h("summary", {}, `Last refused datagram, ${new Date(time).toLocaleTimeString()}: ${reason}`),
        h("code", {}, `${length} bytes: ${bytes}`),
      );
    }
    this.#ended.hidden = ended === undefined;
    setText(this.#ended, ended ?? "");
    this.#draw();
  }

  #draw(): void {
    const last = this.#figures.at(-1);
    if (last === undefined) return;
    const style = getComputedStyle(document.documentElement);
    for (const { plot, canvas, text } of this.#parts) {
      const values = this.#figures.map((figures, index) => plot.value(figures, this.#figures[index - 1]));
      setText(text, plot.text(last, values.at(-1) ?? NaN));
      drawSparkline(canvas, values, style.getPropertyValue("--accent").trim());
    }
  }
}

/** Draws values as a small line from 0, or from the smallest one where there are negative ones. */
export function drawSparkline(canvas: HTMLCanvasElement, values: readonly number[], color: string): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return;
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const y = (value: number) => height - 3 - (value - low) / (high - low || 1) * (height - 6);
  context.beginPath();
  context.strokeStyle = color;
  context.lineWidth = 2;
  for (const [index, value] of values.entries()) {
    const x = width - (values.length - 1 - index) * width / (keptFigures / 2);
    if (Number.isFinite(value) && x >= 0) context.lineTo(x, y(value));
  }
  context.stroke();
}
