/// <reference lib="dom" />
/**
 * The keys.
 *
 * @module
 */

import { button, h } from "./dom.ts";
import type { Model } from "./model.ts";
import { stepSpan, toggleRun, toggleTrigger } from "./toolbar.ts";

const keys: readonly (readonly [key: string, what: string])[] = [
  ["Space", "pause or run"],
  ["← →", "move the window"],
  ["+ −", "shorter or longer window"],
  ["Home", "back to the newest samples, or all of a file"],
  ["C", "cursors"],
  ["T", "trigger"],
  ["A", "wait for the next single event"],
  ["D", "light or dark"],
  ["Wheel", "zoom around the pointer; with shift, move"],
  ["Drag", "zoom into a part; with shift or the middle button, move"],
  ["Double click", "back to the newest samples, or all of a file"],
  ["?", "these keys"],
];

/** Requests of the keys besides changes of the model. */
export interface KeyEvents {
  onArm(): void;
}

/** Shows the keys. */
export function showKeys(): void {
  document.querySelector("dialog")?.remove();
  const rows = keys.map(([key, what]) => h("tr", {}, h("th", {}, h("kbd", {}, key)), h("td", {}, what)));
  const dialog = h<HTMLDialogElement>("dialog", {}, h("h2", {}, "Keys"), h("table", {}, ...rows));
  dialog.append(button("Close", "Close", () => dialog.close()));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Listens to the keys, except in fields. */
export function listenToKeys(model: Model, { onArm }: KeyEvents): void {
  const actions: Readonly<Record<string, () => void>> = {
    " ": () => toggleRun(model),
    ArrowLeft: () => model.convertCursors(() => model.pan(-0.1)),
    ArrowRight: () => model.convertCursors(() => model.pan(0.1)),
    "+": () => model.isLive ? stepSpan(model, -1) : zoomMiddle(model, 0.8),
    "-": () => model.isLive ? stepSpan(model, 1) : zoomMiddle(model, 1.25),
    Home: () => model.convertCursors(() => model.resume()),
    c: () => model.toggleCursors(),
    t: () => toggleTrigger(model),
    a: onArm,
    d: () => model.change({ theme: model.theme === "dark" ? "light" : "dark" }),
    "?": showKeys,
  };
  addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey || (target instanceof Element && target.matches("input, select, textarea"))) {
      return;
    }
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function zoomMiddle(model: Model, factor: number): void {
  const [from, to] = model.window;
  model.zoom(factor, (from + to) / 2);
}
