/**
 * The view: everything that the page's link or a file keeps, and reading it from whatever a link may hold.
 *
 * @module
 */

import type { TimeNotation } from "../axis.ts";
import type { TimeBase } from "../history.ts";
import { layOutSignals } from "../panes.ts";
import type { SourceDescription } from "../protocol.ts";
import { type WindowFunction, windowFunctions } from "../spectrum.ts";
import type { TriggerEvent, TriggerMode } from "../trigger.ts";

/** Kind of a pane. */
export type PaneKind = "time" | "spectrum" | "xy" | "phasor";

/** A pane: its kind, and the keys of the signals in it. */
export interface PaneView {
  readonly kind: PaneKind;
  readonly signals: readonly string[];
}

/** Settings of the trigger; the channel is the key of a signal. */
export interface TriggerView {
  readonly isOn: boolean;
  readonly event: TriggerEvent;
  readonly mode: TriggerMode;
  readonly signal: string;
  readonly level: number;
  readonly hysteresis: number;
  readonly position: number;
}

/** Kinds of the widgets of a panel. */
export const widgetKinds = [
  ...["number", "table", "lamp", "gauge", "label", "delay"],
  ...["slider", "field", "toggle", "button"],
] as const;

/** A widget of the panel. */
export interface Widget {
  /** Kind, one of `widgetKinds`. */
  readonly kind: string;
  /** Key of the signal, or name of the control. */
  readonly signal: string;
  /** Text of a label; else a title. */
  readonly text: string;
  /** Place and size in cells of the grid. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Range of a gauge. */
  readonly from: number;
  readonly to: number;
}

/** Everything that is kept. */
export interface View {
  readonly panes: readonly PaneView[];
  /** Length of the window, in seconds. */
  readonly span: number;
  readonly timebase: TimeBase;
  readonly notation: TimeNotation;
  readonly theme: "auto" | "light" | "dark";
  readonly trigger: TriggerView;
  /** Nominal frequency of the harmonics, in hertz. */
  readonly nominal: number;
  readonly windowFunction: WindowFunction;
  /** True if files begin at the same time. */
  readonly aligned: boolean;
  readonly panel: readonly Widget[];
  readonly showsLink: boolean;
}

/** The limits of the window: 10 ms to an hour; files may be longer. */
export const shortestSpan = 0.01;
export const longestSpan = 3600;

/** The view without any settings. */
export const defaultView: View = {
  panes: [],
  span: 10,
  timebase: "origin",
  notation: "local",
  theme: "auto",
  trigger: { isOn: false, event: "rising", mode: "auto", signal: "", level: 0, hysteresis: 0, position: 0.5 },
  nominal: 50,
  windowFunction: "hann",
  aligned: true,
  panel: [],
  showsLink: true,
};

/** Lays out the panes of a new view. */
export function layOutPanes(sources: readonly SourceDescription[]): PaneView[] {
  return layOutSignals(sources.map(({ channels }) => channels)).map((signals) => ({ kind: "time", signals }));
}

/** Writes a view into the part of a link behind `#`, leaving out what is as in the beginning. */
export function encodeView(view: View): string {
  const changed = Object.entries(view).filter(([name, value]) =>
    JSON.stringify(value) !== JSON.stringify(defaultView[name as keyof View])
  );
  if (changed.length === 0) return "";
  return encodeURIComponent(JSON.stringify(Object.fromEntries(changed)));
}

/** Reads a view from the part of a link behind `#`; undefined where there is none. */
export function decodeView(text: string): View | undefined {
  if (text === "") return undefined;
  try {
    return readView(JSON.parse(decodeURIComponent(text)));
  } catch {
    return undefined;
  }
}

/** Reads a view from anything: what is missing or wrong is as in the beginning. */
export function readView(given: unknown): View {
  const from = asObject(given);
  const trigger = asObject(from.trigger);
  const { trigger: normal } = defaultView;
  return {
    panes: asList(from.panes, 64).map((pane) => ({
      kind: asChoice(asObject(pane).kind, ["time", "spectrum", "xy", "phasor"] as const, "time"),
      signals: asList(asObject(pane).signals, 512).filter((key) => typeof key === "string") as string[],
    })),
    span: asNumber(from.span, 1e-6, 1e9, defaultView.span),
    timebase: asChoice(from.timebase, ["origin", "received"] as const, defaultView.timebase),
    notation: asChoice(from.notation, ["local", "utc", "seconds"] as const, defaultView.notation),
    theme: asChoice(from.theme, ["auto", "light", "dark"] as const, defaultView.theme),
    trigger: {
      isOn: trigger.isOn === true,
      event: asChoice(trigger.event, ["rising", "falling", "either", "frame", "gap"] as const, normal.event),
      mode: asChoice(trigger.mode, ["auto", "normal", "single"] as const, normal.mode),
      signal: asText(trigger.signal),
      level: asNumber(trigger.level, -1e300, 1e300, normal.level),
      hysteresis: asNumber(trigger.hysteresis, 0, 1e300, normal.hysteresis),
      position: asNumber(trigger.position, 0, 1, normal.position),
    },
    nominal: asNumber(from.nominal, 1, 1000, defaultView.nominal),
    windowFunction: asChoice(from.windowFunction, windowFunctions, defaultView.windowFunction),
    aligned: from.aligned !== false,
    panel: asList(from.panel, 200).map(readWidget),
    showsLink: from.showsLink !== false,
  };
}

function readWidget(given: unknown): Widget {
  const from = asObject(given);
  return {
    kind: asChoice(from.kind, widgetKinds, "label"),
    signal: asText(from.signal),
    text: asText(from.text),
    x: Math.round(asNumber(from.x, 0, 200, 0)),
    y: Math.round(asNumber(from.y, 0, 200, 0)),
    width: Math.round(asNumber(from.width, 1, 40, 4)),
    height: Math.round(asNumber(from.height, 1, 40, 3)),
    from: asNumber(from.from, -1e300, 1e300, 0),
    to: asNumber(from.to, -1e300, 1e300, 100),
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function asList(value: unknown, maximum: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, maximum) : [];
}

function asText(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 500) : "";
}

function asNumber(value: unknown, from: number, to: number, otherwise: number): number {
  return typeof value === "number" && value >= from && value <= to ? value : otherwise;
}

function asChoice<T extends string>(value: unknown, choices: readonly T[], otherwise: T): T {
  return choices.find((choice) => choice === value) ?? otherwise;
}
