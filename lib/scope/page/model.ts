/// <reference lib="dom" />
/**
 * The state that all parts of the page share, and the events by which they hear of changes.
 *
 * @module
 */

import { lookOf, type Theme } from "../colors.ts";
import type { Channel } from "../channels.ts";
import type { ChannelStatistics, HelloMessage, RowsHead, SourceDescription } from "../protocol.ts";
import { LiveClock } from "./clock.ts";
import { RowStore } from "./row_store.ts";
import { keyOf } from "../panes.ts";
import { defaultView, longestSpan, type PaneView, shortestSpan, type View } from "./view.ts";

/** A signal as panes and lists show it. */
export interface Trace {
  readonly key: string;
  readonly source: number;
  readonly channel: number;
  readonly description: Channel;
  /** Number among all signals, which its colour comes from. */
  readonly number: number;
}

/** A source, and what the page has of it. */
export interface SourceState {
  readonly description: SourceDescription;
  readonly rows: RowStore;
  head: RowsHead | undefined;
  statistics: Map<number, ChannelStatistics>;
}

/** Kinds of changes: of the view, of the signals, of what is shown of time, and of the colours. */
export type Change = "view" | "signals" | "time" | "theme";

/** The shared state. */
export class Model {
  /** The links or files. */
  sources: SourceState[] = [];
  /** All signals by key. */
  traces = new Map<string, Trace>();
  /** Times of the two cursors, on the page's axis; in a live picture they are parts of the window instead. */
  cursors: [number, number] | undefined;
  readonly clock = new LiveClock();
  #view: View;
  /** The window where it stands still, on the page's axis. */
  #still: readonly [from: number, to: number] | undefined;
  /** The window of the last picture. */
  #window: readonly [from: number, to: number] = [0, 1];
  #isPrinting = false;
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  /** Kept here, because asking the browser may make it compute all styles. */
  #isDark = this.#dark.matches;

  constructor(view: View = defaultView) {
    this.#view = view;
    this.#window = [0, view.span];
    this.#dark.addEventListener("change", ({ matches }) => {
      this.#isDark = matches;
      this.notify("theme");
    });
  }

  get view(): View {
    return this.#view;
  }

  get theme(): Theme {
    if (this.#isPrinting) return "light";
    const { theme } = this.#view;
    return theme === "auto" ? this.#isDark ? "dark" : "light" : theme;
  }

  /** True if nothing can come any more: all are files. */
  get isFiles(): boolean {
    return this.sources.length > 0 && this.sources.every(({ description }) => !description.isLive);
  }

  /** True while the window follows the samples. */
  get isLive(): boolean {
    return this.#still === undefined;
  }

  /** The window that is drawn. */
  get window(): readonly [from: number, to: number] {
    return this.#still ?? this.#window;
  }

  /** True while pictures begin at events. */
  get isTriggered(): boolean {
    return this.isLive && this.#view.trigger.isOn && !this.isFiles;
  }

  /** Seconds since 1970 of the page's axis. */
  get epoch(): number {
    return this.sources[0]?.description.epochs[this.#view.timebase] ?? 0;
  }

  /** Time at which seconds count from 0: the event of the trigger, or the first sample of files. */
  get zero(): number {
    const { head } = this.sources[0] ?? {};
    if (this.isTriggered && head?.trigger?.time != null) return head.trigger.time;
    return this.isFiles && head?.oldest != null ? head.oldest : 0;
  }

  /** Makes everything light for a printer, which paints no backgrounds, and gives back the colours behind it. */
  setPrinting(isPrinting: boolean): void {
    if (isPrinting === this.#isPrinting) return;
    this.#isPrinting = isPrinting;
    this.notify("theme");
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  notify(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Changes the view. */
  change(changes: Partial<View>): void {
    const before = this.#view;
    this.#view = { ...before, ...changes };
    if (changes.timebase !== undefined && changes.timebase !== before.timebase) {
      this.clock.reset();
      if (!this.isFiles) this.#still = undefined;
    }
    this.notify("view");
    if (changes.theme !== undefined) this.notify("theme");
  }

  /** Changes one pane. */
  changePane(index: number, changes: Partial<PaneView>): void {
    this.change({ panes: this.#view.panes.map((pane, other) => other === index ? { ...pane, ...changes } : pane) });
  }

  /** Takes the sources from the server; rows of the ones before are void. */
  setSources({ sources }: HelloMessage): void {
    this.sources = sources.map((description) => ({
      ...{ description, rows: new RowStore(), head: undefined, statistics: new Map() },
    }));
    const all = sources.flatMap(({ channels }, source) =>
      channels.map((description, channel) => ({ key: keyOf(source, description), source, channel, description }))
    );
    // Parts of complex signals come behind all others, so that the arrows of phasors, which have no dashes, differ.
    const numbers = new Map<string, number>();
    for (const { key } of all.toSorted((a, b) => rankOf(a.description) - rankOf(b.description))) {
      if (!numbers.has(key)) numbers.set(key, numbers.size);
    }
    this.traces = new Map(all.map((trace) => [trace.key, { ...trace, number: numbers.get(trace.key) ?? 0 }]));
    this.clock.reset();
    this.notify("signals");
  }

  /** Returns the difference of a source's times from those of the page's axis. */
  shiftOf(index: number): number {
    const [first, source] = [this.sources[0], this.sources[index]];
    if (first === undefined || source === undefined || index === 0) return 0;
    const { timebase, aligned } = this.#view;
    if (this.isFiles && aligned) return (first.head?.oldest ?? 0) - (source.head?.oldest ?? 0);
    return source.description.epochs[timebase] - first.description.epochs[timebase];
  }

  lookOf({ number }: Trace): { readonly color: string; readonly dash: readonly number[] } {
    return lookOf(number, this.theme);
  }

  /** Returns the traces of a pane that are there. */
  tracesOf({ signals }: PaneView): Trace[] {
    return signals.flatMap((key) => this.traces.get(key) ?? []);
  }

  /** Sets the window of a live picture. */
  setLiveWindow(from: number, to: number): void {
    this.#window = [from, to];
  }

  /** Stops the window where it is, or at another one. */
  stop(window: readonly [from: number, to: number] = this.window): void {
    const [from, to] = window;
    const longest = this.isFiles ? 1e9 : longestSpan;
    const length = Math.min(longest, Math.max(1e-6, to - from));
    if (!Number.isFinite(length)) return;
    const middle = (from + to) / 2;
    this.#still = length === to - from ? [from, to] : [middle - length / 2, middle + length / 2];
    this.notify("time");
  }

  /** Lets the window follow the samples again. */
  resume(): void {
    if (this.isFiles) return this.showAll();
    this.#still = undefined;
    this.notify("time");
  }

  /** Shows all samples of files. */
  showAll(): void {
    const ends = this.sources.flatMap(({ head }, index) =>
      head?.oldest == null || head.newest == null
        ? []
        : [[head.oldest + this.shiftOf(index), head.newest + this.shiftOf(index)] as const]
    );
    if (ends.length === 0) return;
    const [from, to] = [Math.min(...ends.map(([first]) => first)), Math.max(...ends.map(([, last]) => last))];
    this.stop([from, to > from ? to : from + 1]);
  }

  /** Makes the window longer or shorter around a time. */
  zoom(factor: number, around: number): void {
    const [from, to] = this.window;
    if (this.isLive) {
      return this.change({ span: Math.min(longestSpan, Math.max(shortestSpan, this.#view.span * factor)) });
    }
    this.stop([around - (around - from) * factor, around + (to - around) * factor]);
  }

  /** Moves the window by a part of its length. */
  pan(part: number): void {
    const [from, to] = this.window;
    const distance = (to - from) * part;
    this.stop([from + distance, to + distance]);
  }

  /** Returns the times of the cursors in this window. */
  cursorTimes(): readonly [number, number] | undefined {
    if (this.cursors === undefined) return undefined;
    const [from, to] = this.window;
    const timeOf = (part: number) => from + part * (to - from);
    return this.isLive ? [timeOf(this.cursors[0]), timeOf(this.cursors[1])] : this.cursors;
  }

  /** Moves a cursor to a time. */
  moveCursor(index: 0 | 1, time: number): void {
    if (this.cursors === undefined) return;
    const [from, to] = this.window;
    this.cursors[index] = this.isLive ? (time - from) / (to - from) : time;
  }

  /** Shows or hides the cursors. */
  toggleCursors(): void {
    const [from, to] = this.window;
    const placed = (part: number) => this.isLive ? part : from + part * (to - from);
    this.cursors = this.cursors === undefined ? [placed(1 / 3), placed(2 / 3)] : undefined;
    this.notify("time");
  }

  /** Keeps the cursors at their times when the window stops, and at their places when it goes on. */
  convertCursors(change: () => void): void {
    const times = this.cursorTimes();
    change();
    if (times === undefined) return;
    const [from, to] = this.window;
    const part = (time: number) => Math.min(1, Math.max(0, (time - from) / (to - from)));
    this.cursors = this.isLive ? [part(times[0]), part(times[1])] : [...times];
  }
}

const parts = ["magnitude", "phase", "real", "imag"] as const;

/** Returns the rank of a channel in the order of colours: magnitudes are like signals that are not complex. */
function rankOf({ part = "magnitude" }: Channel): number {
  return parts.indexOf(part);
}
