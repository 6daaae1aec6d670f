/// <reference lib="dom" />
/**
 * The bar above the panes: run and stop, the window, the trigger, the cursors, and what the axis shows.
 *
 * @module
 */

import { formatDuration, type TimeNotation } from "../axis.ts";
import type { TimeBase } from "../history.ts";
import type { TriggerEvent, TriggerMode } from "../trigger.ts";
import { button, h, select, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import type { PaneKind, TriggerView } from "./view.ts";

const spans = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/** Requests of the bar besides changes of the view. */
export interface ToolbarEvents {
  /** Looks for the next event of a single trigger. */
  onArm(): void;
  /** Saves the samples of the window, all of them, or the view. */
  onSave(range: "window" | "all" | "view", format: string): void;
  /** Adds a widget to the panel. */
  onWidget(): void;
  /** Shows the keys. */
  onHelp(): void;
}

/** The bar. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #events: ToolbarEvents;
  readonly #run: HTMLButtonElement;
  readonly #state = h("span.state", { role: "status" });
  readonly #window = h("span.window");
  readonly #spans: HTMLSelectElement;
  readonly #trigger = h("span.group.trigger");
  readonly #cursors: HTMLButtonElement;
  #triggerSignature = "";
  #spanSignature = "";

  constructor(model: Model, events: ToolbarEvents) {
    this.#model = model;
    this.#events = events;
    this.#run = button("Pause", "Pause or run (space)", () => toggleRun(model), ".primary");
    this.#cursors = button("Cursors", "Show or hide the cursors (C)", () => model.toggleCursors());
    this.#spans = select("Window", [["10", "10 s"]], "10", (value) => setSpan(model, Number(value)));
    this.element = h("header.bar", {}, ...this.#createGroups());
    model.onChange(() => this.#refresh());
    this.#refresh();
  }

  /** Writes what changes with each picture. */
  update(isConnected: boolean): void {
    const { isLive, isFiles, isTriggered, sources, window: [from, to] } = this.#model;
    const { trigger } = sources[0]?.head ?? {};
    const state = !isConnected
      ? "Connection lost, trying again …"
      : isFiles
      ? ""
      : !isLive
      ? "Paused"
      : isTriggered
      ? { armed: "Waiting for the trigger", triggered: "Triggered", held: "Held" }[trigger?.state ?? "armed"]
      : "Live";
    setText(this.#state, state);
    this.#state.dataset.state = !isConnected ? "lost" : !isLive ? "paused" : "live";
    setText(this.#window, formatDuration(to - from, 3));
  }

  #createGroups(): HTMLElement[] {
    const model = this.#model;
    const { view } = model;
    const notation = select<TimeNotation>(
      "Axis",
      [["local", "Local time"], ["utc", "UTC"], ["seconds", "Seconds"]],
      view.notation,
      (value) => model.change({ notation: value }),
    );
    const timebase = select<TimeBase>(
      "Clock",
      [["origin", "Origin time"], ["received", "Reception time"]],
      view.timebase,
      (value) => model.change({ timebase: value }),
    );
    const add = select<PaneKind | "widget" | "">(
      "Add",
      [["", "+ Add"], ["time", "Signals over time"], ["spectrum", "Spectrum"], ["xy", "XY"], ["phasor", "Phasors"], [
        "widget",
        "Widget of a panel",
      ]],
      "",
      (kind) => {
        add.value = "";
        if (kind === "widget") this.#events.onWidget();
        else if (kind !== "") addPane(model, kind);
      },
    );
    const saving = select(
      "Save",
      [
        ...[["", "Save …"], ["window csv", "Window as CSV"], ["all csv", "All samples as CSV"]] as const,
        ...[["window json", "Window as JSON"], ["all villas.human", "All as villas.human"]] as const,
        ...[["all protobuf", "All as protobuf"], ["view", "View as JSON"]] as const,
      ],
      "",
      (value) => {
        saving.value = "";
        const [range = "", format = ""] = value.split(" ");
        if (range !== "") this.#events.onSave(range as "window" | "all" | "view", format);
      },
    );
    model.onChange(() => {
      notation.value = model.view.notation;
      timebase.value = model.view.timebase;
    });
    return [
      h("span.group", {}, h("strong.brand", {}, "scope"), this.#run, this.#state),
      h("span.group", {}, h("label", {}, "Window ", this.#spans), this.#window),
      this.#trigger,
      h("span.group", {}, this.#cursors, notation, timebase),
      h(
        "span.group.right",
        {},
        add,
        saving,
        this.#createTheme(),
        button("?", "Show the keys (?)", () => this.#events.onHelp()),
      ),
    ];
  }

  #createTheme(): HTMLElement {
    const next = { auto: "light", light: "dark", dark: "auto" } as const;
    const title = "Colours: as the system has them, light, or dark (D)";
    const element = button("◐", title, () => this.#model.change({ theme: next[this.#model.view.theme] }));
    this.#model.onChange(() => setText(element, { auto: "◐", light: "☀", dark: "☾" }[this.#model.view.theme]));
    return element;
  }

  #refresh(): void {
    const { isLive, isFiles, cursors } = this.#model;
    setText(this.#run, isFiles ? "Show all" : isLive ? "Pause" : "Run");
    this.#run.setAttribute("aria-pressed", String(!isLive));
    this.#cursors.setAttribute("aria-pressed", String(cursors !== undefined));
    this.#trigger.hidden = isFiles;
    this.#refreshSpans();
    this.#refreshTrigger();
  }

  #refreshSpans(): void {
    const { span } = this.#model.view;
    const all = spans.includes(span) ? spans : [...spans, span].sort((a, b) => a - b);
    if (this.#spanSignature !== String(all)) {
      this.#spans.replaceChildren(...all.map((value) => h("option", { value }, formatDuration(value, 3))));
      this.#spanSignature = String(all);
    }
    this.#spans.value = String(span);
  }

  #refreshTrigger(): void {
    const { view, traces } = this.#model;
    const { trigger } = view;
    const signature = JSON.stringify([trigger, [...traces.keys()]]);
    if (signature === this.#triggerSignature) return;
    this.#triggerSignature = signature;
    const change = (changes: Partial<TriggerView>) => this.#model.change({ trigger: { ...view.trigger, ...changes } });
    const toggle = button("Trigger", "Begin pictures at events (T)", () => toggleTrigger(this.#model));
    toggle.setAttribute("aria-pressed", String(trigger.isOn));
    if (!trigger.isOn) return this.#trigger.replaceChildren(toggle);
    const events: [TriggerEvent, string][] = [["rising", "↗ rising"], ["falling", "↘ falling"], ["either", "↕ change"]];
    const isEdge = events.some(([event]) => event === trigger.event);
    const number = (label: string, value: number, onChange: (value: number) => void) =>
      h("label", {}, `${label} `, numberField(label, value, onChange));
    this.#trigger.replaceChildren(
      toggle,
      select(
        "Event",
        [...events, ["frame", "new frame"], ["gap", "missing samples"]],
        trigger.event,
        (event) => change({ event }),
      ),
      ...isEdge
        ? [
          select(
            "Signal",
            [...traces].map(([key, { description }]) => [key, description.name]),
            trigger.signal,
            (signal) => change({ signal }),
          ),
          number("at", trigger.level, (level) => change({ level })),
          number("±", trigger.hysteresis, (hysteresis) => change({ hysteresis: Math.abs(hysteresis) })),
        ]
        : [],
      select<TriggerMode>(
        "Mode",
        [["auto", "auto"], ["normal", "normal"], ["single", "single"]],
        trigger.mode,
        (mode) => change({ mode }),
      ),
      number(
        "before %",
        Math.round(trigger.position * 100),
        (percent) => change({ position: Math.min(1, Math.max(0, percent / 100)) }),
      ),
      ...trigger.mode === "single" ? [button("Arm", "Wait for the next event (A)", () => this.#events.onArm())] : [],
    );
  }
}

function numberField(label: string, value: number, onChange: (value: number) => void): HTMLInputElement {
  const element = h<HTMLInputElement>("input", {
    ...{ type: "number", step: "any", value, "aria-label": label },
    onchange: () => {
      if (Number.isFinite(element.valueAsNumber)) onChange(element.valueAsNumber);
    },
  });
  return element;
}

/** Pauses a live picture, or lets it run. */
export function toggleRun(model: Model): void {
  model.convertCursors(() => model.isLive ? model.stop() : model.resume());
}

/** Sets the length of the window, around its middle where it stands still. */
export function setSpan(model: Model, span: number): void {
  if (!model.isLive) {
    const [from, to] = model.window;
    const middle = (from + to) / 2;
    model.stop([middle - span / 2, middle + span / 2]);
  }
  model.change({ span });
}

/** Sets the length of the window to the next shorter or longer one. */
export function stepSpan(model: Model, direction: -1 | 1): void {
  const { span } = model.view;
  const next = direction < 0
    ? spans.findLast((other) => other < span * 0.999)
    : spans.find((other) => other > span * 1.001);
  if (next !== undefined) setSpan(model, next);
}

/** Switches the trigger, on the first signal that is shown and at the middle of its values at first. */
export function toggleTrigger(model: Model): void {
  const { view, traces, sources } = model;
  const { trigger } = view;
  if (trigger.isOn || traces.has(trigger.signal)) {
    return model.change({ trigger: { ...trigger, isOn: !trigger.isOn } });
  }
  const signal = view.panes.flatMap(({ signals }) => signals).find((key) => traces.has(key)) ?? [...traces.keys()][0] ??
    "";
  const trace = traces.get(signal);
  const { min = 0, max = 0 } = sources[trace?.source ?? 0]?.statistics.get(trace?.channel ?? 0) ?? {};
  const level = Number((((min ?? 0) + (max ?? 0)) / 2).toPrecision(3));
  const hysteresis = Number((Math.abs((max ?? 0) - (min ?? 0)) / 50).toPrecision(1));
  model.change({ trigger: { ...trigger, isOn: true, signal, level, hysteresis } });
}

/** Adds a pane with the signals that suit it. */
export function addPane(model: Model, kind: PaneKind): void {
  const { view, traces } = model;
  const shown = view.panes.flatMap(({ signals }) => signals).filter((key) => traces.has(key));
  const keys = shown.length > 0 ? shown : [...traces.keys()];
  const analog = keys.filter((key) => traces.get(key)?.description.type !== "boolean");
  const parts = keys.filter((key) => ["magnitude", "phase"].includes(traces.get(key)?.description.part ?? ""));
  const signals = {
    time: [],
    spectrum: analog.slice(0, 3),
    xy: analog.slice(0, 2),
    phasor: parts.length > 0 ? parts : analog.slice(0, 2),
  }[kind];
  model.change({ panes: [...view.panes, { kind, signals }] });
}
