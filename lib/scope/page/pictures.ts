/// <reference lib="dom" />
/**
 * Pictures of a pane to keep: PNG as it is on the screen, SVG for papers.
 *
 * @module
 */

import { lookOf } from "../colors.ts";
import { drawPicture, type PictureTrace } from "../svg.ts";
import { h, save } from "./dom.ts";
import type { Model, Trace } from "./model.ts";
import type { PaneView } from "./view.ts";

/** Height of the names above a picture, in pixels. */
const headHeight = 26;

/** Saves what a pane shows, with the names above it and a background. */
export function savePng(model: Model, pane: PaneView, canvas: HTMLCanvasElement): void {
  const ratio = devicePixelRatio;
  const picture = h<HTMLCanvasElement>("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + headHeight * ratio;
  const context = picture.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--panel").trim();
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, headHeight * ratio);
  context.scale(ratio, ratio);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  let left = 12;
  for (const trace of model.tracesOf(pane)) {
    const text = nameOf(trace);
    context.fillStyle = model.lookOf(trace).color;
    context.fillRect(left, headHeight / 2 - 2, 14, 4);
    context.fillStyle = style.getPropertyValue("--text").trim();
    context.fillText(text, left + 20, headHeight / 2);
    left += 40 + context.measureText(text).width;
  }
  picture.toBlob((blob) => {
    if (blob !== null) save("scope.png", blob);
  });
}

/** Saves a pane over time as SVG, in the colours for paper. */
export function saveSvg(model: Model, pane: PaneView, { width, height }: DOMRect): void {
  const [from, to] = model.window;
  const traces = model.tracesOf(pane).map((trace): PictureTrace => {
    const { rows } = model.sources[trace.source] ?? {};
    const { type, unit } = trace.description;
    return {
      ...{ name: trace.description.name, unit, ...lookOf(trace.number, "light") },
      shape: type === "boolean" ? "logic" : type === "integer" ? "steps" : "line",
      times: rows?.times ?? [],
      values: rows?.valuesOf(trace.channel) ?? [],
    };
  });
  const { view: { notation }, epoch, zero } = model;
  const svg = drawPicture([traces], { from, to, width, height: height + headHeight, notation, epoch, zero });
  save("scope.svg", new Blob([svg], { type: "image/svg+xml" }));
}

function nameOf({ description: { name, unit } }: Trace): string {
  return unit === "" ? name : `${name} [${unit}]`;
}
