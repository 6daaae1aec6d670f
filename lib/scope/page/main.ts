/// <reference lib="dom" />
/**
 * The page of the scope: it asks for pictures, draws them, and keeps its settings in its link.
 *
 * @module
 */

import { formatDuration } from "../axis.ts";
import type { PictureRequest, ServerMessage, WindowRequest } from "../protocol.ts";
import type { TriggerSettings } from "../trigger.ts";
import { Connection } from "./connection.ts";
import { ControlsBox } from "./controls_box.ts";
import { CursorTable } from "./cursor_table.ts";
import { h, save } from "./dom.ts";
import { listenToKeys, showKeys } from "./keys.ts";
import { LinkStrip } from "./link_strip.ts";
import { Model } from "./model.ts";
import { Panel } from "./panel.ts";
import { PaneList } from "./pane_list.ts";
import { savePng, saveSvg } from "./pictures.ts";
import { sampleLimits } from "./sample_panes.ts";
import { Sidebar } from "./sidebar.ts";
import { Toolbar } from "./toolbar.ts";
import { decodeView, defaultView, encodeView, layOutPanes, readView } from "./view.ts";

/** Times between statistics, and between the samples of a pane, in milliseconds. */
const statisticsInterval = 200;
const samplesInterval = 120;

/** Rows are asked for from a little before the window, which goes on while they are on their way. */
const surplus = 1.04;

/** The page. */
class Page {
  readonly #model: Model;
  readonly #connection: Connection;
  readonly #toolbar: Toolbar;
  readonly #sidebar: Sidebar;
  readonly #panes: PaneList;
  readonly #cursors: CursorTable;
  readonly #link = new LinkStrip();
  readonly #controls: ControlsBox;
  readonly #panel: Panel;
  /** Sources that are asked for a picture right now. */
  readonly #asked = new Set<number>();
  /** Settings with which the rows of a window that stands still were asked for. */
  readonly #shown = new Map<number, string>();
  #version: string | undefined;
  #statisticsAt = 0;
  #samplesAt = 0;
  #isDirty = true;
  /** True if the view is that of a link or a file; else the signals say what is shown. */
  #hasView: boolean;
  #pictures = 0;

  constructor() {
    const view = decodeView(location.hash.slice(1));
    this.#hasView = view !== undefined && view.panes.length > 0;
    this.#model = new Model(view ?? defaultView);
    this.#connection = new Connection({
      onMessage: (message) => this.#receive(message),
      onState: () => {
        this.#asked.clear();
        this.#isDirty = true;
      },
    });
    this.#controls = new ControlsBox({
      onHold: (holds) => this.#connection.send({ type: "hold", holds }),
      onSet: (values, revision) => this.#connection.send({ type: "set", values, revision }),
    });
    this.#sidebar = new Sidebar(this.#model);
    this.#panes = new PaneList(this.#model, {
      onSavePicture: (pane, type) => this.#savePicture(pane, type),
      onStale: () => this.#isDirty = true,
    });
    this.#cursors = new CursorTable(this.#model);
    this.#panel = new Panel(this.#model, this.#controls, this.#link);
    this.#toolbar = new Toolbar(this.#model, {
      onArm: () => this.#connection.send({ type: "arm" }),
      onSave: (range, format) => this.#saveSamples(range, format),
      onWidget: () => this.#panel.edit(),
      onHelp: showKeys,
    });
    this.#sidebar.element.prepend(this.#cursors.element);
    this.#sidebar.element.append(this.#controls.element);
    const main = h("div.main", {}, this.#panel.element, this.#panes.element);
    document.body.append(this.#toolbar.element, this.#sidebar.element, main, this.#link.element);
    this.#model.onChange((change) => {
      this.#isDirty = true;
      if (change === "view") this.#keepView();
      if (change === "theme") this.#applyTheme();
    });
    addEventListener("resize", () => this.#isDirty = true);
    addEventListener("beforeprint", () => this.#print(true));
    addEventListener("afterprint", () => this.#print(false));
    addEventListener("hashchange", () => this.#takeView(decodeView(location.hash.slice(1))));
    listenToKeys(this.#model, { onArm: () => this.#connection.send({ type: "arm" }) });
    this.#applyTheme();
    const frame = () => {
      this.#step();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** Number of pictures that were drawn, for measuring. */
  get pictures(): number {
    return this.#pictures;
  }

  /** True if nothing is on its way, and all that came is drawn; never so for long in a live picture. */
  get isSettled(): boolean {
    const { sources } = this.#model;
    return this.#connection.isOpen && this.#asked.size === 0 && sources.length > 0 &&
      sources.every(({ head }) => head !== undefined) &&
      (this.#model.isLive || (this.#shown.size === sources.length && !this.#isDirty));
  }

  get model(): Model {
    return this.#model;
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "hello": {
        // A server that was started anew may be of another version.
        if (this.#version !== undefined && this.#version !== message.version) return location.reload();
        this.#version = message.version;
        this.#shown.clear();
        this.#model.setSources(message);
        this.#controls.setControls(message.controls);
        if (!this.#hasView && message.view !== undefined) this.#takeView(readView(message.view));
        const hasSignals = message.sources.some(({ channels }) => channels.length > 0);
        if (!this.#hasView && hasSignals) {
          const panes = layOutPanes(message.sources);
          this.#model.change({ panes });
          this.#hasView = panes.length > 0;
        }
        // At once: the answer is on its way while the browser lays the page out.
        this.#askForPictures(performance.now());
        return;
      }
      case "link":
        return this.#link.add(message);
      case "controls":
        return this.#controls.update(message);
    }
  }

  /** Does what is due in each frame: asks for what is missing, and draws. */
  #step(): void {
    const time = performance.now();
    const { isLive, isTriggered, view } = this.#model;
    if (isLive && !isTriggered) {
      const edge = this.#model.clock.edge(time / 1000, view.span);
      if (edge !== undefined) this.#model.setLiveWindow(edge - view.span, edge);
    }
    this.#askForPictures(time);
    if (time - this.#samplesAt > samplesInterval) this.#askForSamples(time);
    this.#toolbar.update(this.#connection.isOpen);
    const moves = isLive && !isTriggered && this.#connection.isOpen;
    if ((!this.#isDirty && !moves) || this.#awaitsFirst) return;
    this.#isDirty = false;
    this.#panes.draw();
    this.#cursors.update();
    this.#pictures++;
  }

  /** True until the first rows are there: empty panes would be drawn for nothing, and keep them waiting. */
  get #awaitsFirst(): boolean {
    const { sources } = this.#model;
    return sources.length > 0 && this.#connection.isOpen && sources.every(({ head }) => head === undefined);
  }

  #askForPictures(time: number): void {
    for (const index of this.#model.sources.keys()) void this.#ask(index, time);
  }

  /** Asks for the picture of a source, unless one is on its way or nothing has changed. */
  async #ask(index: number, time: number): Promise<void> {
    const model = this.#model;
    const source = model.sources[index];
    if (source === undefined || this.#asked.has(index) || !this.#connection.isOpen) return;
    const { view, isLive, isTriggered } = model;
    const keys = new Set(view.panes.filter(({ kind }) => kind === "time").flatMap(({ signals }) => signals));
    const traces = [...keys].flatMap((key) => model.traces.get(key) ?? []);
    const channels = traces.filter((trace) => trace.source === index).map(({ channel }) => channel);
    const { description, rows } = source;
    const pixels = Math.round(this.#panes.pixels);
    const shift = model.shiftOf(index);
    const trigger = isTriggered ? this.#describeTrigger() : undefined;
    const window = this.#windowFor(shift);
    const width = isLive ? view.span / pixels : 0;
    const settings = JSON.stringify([channels, view.timebase, pixels, width, trigger, shift]);
    const isStill = "from" in window;
    const wants = JSON.stringify([settings, window]);
    const statistics = time - this.#statisticsAt > statisticsInterval;
    const isKnown = isStill && this.#shown.get(index) === wants;
    // What stands still may be the oldest part, which the ring still has.
    if (isKnown && !(statistics && description.isLive)) return;
    if (statistics) this.#statisticsAt = time;
    const request: Omit<PictureRequest, "id"> = {
      ...{ type: "picture", source: index, timebase: view.timebase, channels, window, pixels, trigger },
      // Now and then those of all signals, for the list.
      statistics: statistics || isStill ? [...description.channels.keys()] : [],
      ...isStill ? {} : { mode: rows.mode, cursor: rows.cursorFor(settings) },
    };
    this.#asked.add(index);
    const answer = await this.#connection.request(request);
    this.#asked.delete(index);
    if (answer === undefined || model.sources[index] !== source) return;
    const { head } = answer;
    if (head.run !== description.run) return;
    const isFirst = source.head === undefined;
    source.head = head;
    for (const [at, figures] of head.statistics?.entries() ?? []) {
      source.statistics.set(request.statistics[at] ?? -1, figures);
    }
    rows.add(answer, channels, settings, shift);
    if (isStill) this.#shown.set(index, wants);
    if (head.newest !== null && index === 0) model.clock.see(head.newest, performance.now() / 1000);
    if (isTriggered && isLive && index === 0) model.setLiveWindow(head.from, head.to);
    if (isFirst && model.isFiles) model.showAll();
    if (head.statistics !== undefined) this.#describe();
    this.#isDirty = true;
  }

  #windowFor(shift: number): WindowRequest {
    const { isLive, isTriggered, view, window: [from, to] } = this.#model;
    if (isLive) return { span: isTriggered ? view.span : view.span * surplus };
    return { from: from - shift, to: to - shift };
  }

  #describeTrigger(): TriggerSettings | undefined {
    const { view: { trigger }, traces } = this.#model;
    const { event, mode, level, hysteresis, position } = trigger;
    const channel = traces.get(trigger.signal)?.channel ?? 0;
    return { event, mode, channel, level, hysteresis, position };
  }

  /** Asks for the samples of the panes that need all of them. */
  #askForSamples(time: number): void {
    const { view, isLive } = this.#model;
    if (!isLive && !this.#isDirty && this.#samplesAt > 0) return;
    this.#samplesAt = time;
    for (const [index, pane] of view.panes.entries()) {
      const traces = this.#model.tracesOf(pane);
      const source = traces[0]?.source;
      if (pane.kind === "time" || source === undefined) continue;
      const same = traces.filter((trace) => trace.source === source);
      const [from, to] = this.#model.window;
      const shift = this.#model.shiftOf(source);
      void this.#connection.request({
        ...{ type: "samples", source, timebase: view.timebase, channels: same.map(({ channel }) => channel) },
        window: isLive && !this.#model.isTriggered ? { span: view.span } : { from: from - shift, to: to - shift },
        limit: sampleLimits[pane.kind],
      }).then((rows) => {
        if (rows === undefined) return;
        const values = new Map(same.map(({ key }, at) => [key, rows.values[at] ?? new Float64Array(0)]));
        this.#panes.setSamples(index, { times: rows.times, values });
        if (!isLive) this.#panes.draw();
      });
    }
  }

  #describe(): void {
    this.#sidebar.update();
    this.#panel.update();
    const { head, description } = this.#model.sources[0] ?? {};
    if (head?.oldest == null || head.newest == null || !description?.isLive) return;
    const size = `${Math.round(description.memory / 2 ** 20)} MiB`;
    this.#link.describeMemory(`History ${formatDuration(head.newest - head.oldest, 3)}, at most ${size}`);
  }

  #keepView(): void {
    const hash = encodeView(this.#model.view);
    if (hash !== location.hash.slice(1)) {
      history.replaceState(null, "", `${location.pathname}${location.search}#${hash}`);
    }
  }

  #takeView(view = defaultView): void {
    this.#hasView = view.panes.length > 0;
    this.#model.change(view);
  }

  /** Draws all panes for a printer, or gives back what is seen on the screen. */
  #print(isPrinting: boolean): void {
    this.#model.setPrinting(isPrinting);
    this.#panes.draw(isPrinting);
  }

  #applyTheme(): void {
    document.documentElement.dataset.theme = this.#model.theme;
    this.#isDirty = true;
  }

  #savePicture(index: number, type: "png" | "svg"): void {
    const pane = this.#model.view.panes[index];
    const canvas = this.#panes.canvasOf(index);
    if (pane === undefined || canvas === undefined) return;
    if (type === "png") savePng(this.#model, pane, canvas);
    else saveSvg(this.#model, pane, canvas.getBoundingClientRect());
  }

  #saveSamples(range: "window" | "all" | "view", format: string): void {
    if (range === "view") {
      return save("view.json", new Blob([JSON.stringify(this.#model.view, null, 2)], { type: "application/json" }));
    }
    const [from, to] = this.#model.window;
    for (const source of this.#model.sources.keys()) {
      const shift = this.#model.shiftOf(source);
      const url = new URL("samples", location.href);
      url.search = location.search;
      url.searchParams.set("source", String(source));
      url.searchParams.set("format", format);
      url.searchParams.set("timebase", this.#model.view.timebase);
      if (range === "window") {
        url.searchParams.set("from", String(from - shift));
        url.searchParams.set("to", String(to - shift));
      }
      const link = h<HTMLAnchorElement>("a", { href: url.href, download: "" });
      link.click();
    }
  }
}

const page = new Page();
// Tests and people at the console look at it.
Object.assign(globalThis, { scopePage: page });
