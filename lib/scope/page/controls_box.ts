/// <reference lib="dom" />
/**
 * The controls: sliders, fields and switches whose values the server sends to the node.
 *
 * @module
 */

import { formatValue } from "../axis.ts";
import type { Control, ControlsMessage } from "../protocol.ts";
import { button, h, setText } from "./dom.ts";

/** Requests of the controls. */
export interface ControlsEvents {
  onHold(holds: boolean): void;
  onSet(values: readonly number[], revision: number): void;
}

/** A control as it is shown. */
interface Shown {
  readonly control: Control;
  readonly inputs: readonly HTMLInputElement[];
  readonly text: HTMLElement;
}

/** The box with the controls. */
export class ControlsBox {
  readonly element: HTMLElement = h("section.controls", { hidden: true, "aria-label": "Controls" });
  readonly #events: ControlsEvents;
  readonly #hold: HTMLButtonElement;
  readonly #state = h("p.hint");
  #shown: readonly Shown[] = [];
  #values: number[] = [];
  #revision = 0;
  #holder: ControlsMessage["holder"] = "nobody";
  #listeners: (() => void)[] = [];

  constructor(events: ControlsEvents) {
    this.#events = events;
    this.#hold = button(
      "Take the controls",
      "One page at a time can send",
      () => events.onHold(this.#holder !== "you"),
    );
  }

  /** The controls. */
  get controls(): readonly Control[] {
    return this.#shown.map(({ control }) => control);
  }

  /** True if this page may set them. */
  get isHeld(): boolean {
    return this.#holder === "you";
  }

  /** Calls back when a value or the holder has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Returns the value of a control. */
  valueOf(name: string): number {
    return this.#values[this.controls.findIndex((control) => control.name === name)] ?? NaN;
  }

  /** Shows controls. */
  setControls(controls: readonly Control[] = []): void {
    this.element.hidden = controls.length === 0;
    if (JSON.stringify(controls) === JSON.stringify(this.controls)) return;
    this.#shown = controls.map((control, index) => this.#create(control, index));
    this.#values = controls.map(({ value }) => value);
    this.element.replaceChildren(
      h("h2", {}, "Controls"),
      ...this.#shown.map(({ control, inputs, text }) =>
        h("label.control", {}, h("span", {}, control.name), ...inputs, text)
      ),
      this.#hold,
      this.#state,
    );
    this.#refresh();
  }

  /** Takes the state of the server: the values of another page, and who holds the controls. */
  update({ values, revision, holder, sent, refusal }: ControlsMessage): void {
    const wasHeld = this.isHeld;
    this.#holder = holder;
    // What this page has set itself may be newer, unless something else has set them since.
    if (!this.isHeld || !wasHeld || revision !== this.#revision) this.#values = [...values];
    this.#revision = revision;
    const who = { you: "This page holds them", other: "Another page holds them", nobody: "Nobody holds them" }[holder];
    setText(this.#state, refusal === undefined ? `${who}; ${sent} sent` : `Not sent: ${refusal}`);
    this.#state.classList.toggle("bad", refusal !== undefined);
    this.#refresh();
  }

  /** Sets a control. */
  set(name: string, value: number): void {
    const index = this.controls.findIndex((control) => control.name === name);
    if (index < 0 || !this.isHeld || !Number.isFinite(value)) return;
    const { type, range } = this.controls[index] ?? {};
    const whole = type === "integer" ? Math.round(value) : value;
    this.#values[index] = range === undefined ? whole : Math.min(Math.max(whole, range[0]), range[1]);
    this.#events.onSet(this.#values, this.#revision);
    this.#refresh();
  }

  #create(control: Control, index: number): Shown {
    const { name, type, range } = control;
    const label = { "aria-label": name, "data-control": name };
    const changes = (read: (input: HTMLInputElement) => number) => ({ target }: Event) =>
      this.set(this.controls[index]?.name ?? "", read(target as HTMLInputElement));
    const asNumber = changes((input) => input.valueAsNumber);
    const step = type === "integer" ? 1 : "any";
    const inputs = type === "boolean"
      ? [
        h<HTMLInputElement>("input.switch", {
          ...label,
          type: "checkbox",
          onchange: changes(({ checked }) => Number(checked)),
        }),
      ]
      : range === undefined
      ? [h<HTMLInputElement>("input", { ...label, type: "number", step, onchange: asNumber })]
      : [
        h<HTMLInputElement>("input", {
          ...label,
          type: "range",
          min: range[0],
          max: range[1],
          step,
          oninput: asNumber,
        }),
      ];
    return { control, inputs, text: h("b", {}) };
  }

  #refresh(): void {
    setText(
      this.#hold,
      this.isHeld ? "Release the controls" : this.#holder === "other" ? "Take over" : "Take the controls",
    );
    for (const [index, { control, inputs, text }] of this.#shown.entries()) {
      const value = this.#values[index] ?? 0;
      for (const input of inputs) {
        input.disabled = !this.isHeld;
        // A number that is being typed is not done.
        if (input === document.activeElement && input.type === "number") continue;
        if (input.type === "checkbox") input.checked = value !== 0;
        else input.value = String(value);
      }
      setText(text, control.type === "boolean" ? value === 0 ? "off" : "on" : control.range ? formatValue(value) : "");
    }
    for (const listener of this.#listeners) listener();
  }
}
