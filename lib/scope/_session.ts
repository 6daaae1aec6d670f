/**
 * One page at the server: it reads what the page asks for, and answers it.
 *
 * @module
 */

import type { SampleHistory } from "./history.ts";
import { parsePageMessage } from "./page_message.ts";
import {
  type ChannelStatistics,
  type Control,
  encodeRows,
  type HelloMessage,
  type PageMessage,
  type PictureRequest,
  type RowsHead,
  type SamplesRequest,
  type ServerMessage,
  type WindowRequest,
} from "./protocol.ts";
import { reduceHistory, type Reduction } from "./reduction.ts";
import type { ScopeServerOptions, ScopeSource } from "./source.ts";
import { measureChannel } from "./statistics.ts";
import { Trigger } from "./trigger.ts";
import { version } from "../version.ts";

/** Messages per second that a page may send on average, and at once. */
const messageRate = 300;
const messageBurst = 600;

/** Interval of the statistics that the link and the controls get, in milliseconds. */
const newsInterval = 250;

/** Bytes that may wait for a page that does not read them; it is cut off then. */
const maximumBacklog = 64 * 2 ** 20;

/** The session of a page. */
export class PageSession {
  readonly #socket: WebSocket;
  readonly #options: ScopeServerOptions;
  #layouts: readonly (readonly unknown[])[] = [];
  #trigger: Trigger | undefined;
  /** The event whose picture the page has. */
  #shownMoment: number | undefined;
  #allowance = messageBurst;
  #allowedAt = performance.now();
  #figuresSeen = 0;
  #refusalSeen: unknown;
  #endSeen: string | undefined;
  #controlsSeen: readonly Control[] | undefined;
  #changesSeen = -1;
  #sentSeen = -1;
  readonly #news: ReturnType<typeof setInterval>;

  /** Begins the session of a socket that is open. */
  constructor(socket: WebSocket, options: ScopeServerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#greet();
    this.#tellNews();
    this.#news = setInterval(() => this.#tellNews(), newsInterval);
  }

  /** Takes a message of the page; a page that sends nonsense or too much is cut off. */
  receive(data: unknown): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const time = performance.now();
    this.#allowance = Math.min(messageBurst, this.#allowance + (time - this.#allowedAt) * messageRate / 1000);
    this.#allowedAt = time;
    if (--this.#allowance < 0) return this.#socket.close(1008, "too many messages");
    let message: PageMessage;
    try {
      message = parsePageMessage(typeof data === "string" ? data : "");
    } catch {
      return this.#socket.close(1008, "not a message of this page");
    }
    if (this.#socket.bufferedAmount > maximumBacklog) return this.#socket.close(1008, "too slow");
    this.#answer(message);
  }

  /** Ends the session: the page has gone. */
  end(): void {
    clearInterval(this.#news);
    this.#options.desk?.hold(this, false);
  }

  #answer(message: PageMessage): void {
    const { desk } = this.#options;
    switch (message.type) {
      case "picture":
        return this.#sendPicture(message);
      case "samples":
        return this.#sendSamples(message);
      case "arm":
        return this.#trigger?.arm();
      case "hold":
        desk?.hold(this, message.holds);
        return this.#tellNews();
      case "set":
        return desk?.set(this, message.values, message.revision);
    }
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #greet(): void {
    const { sources, desk, view } = this.#options;
    this.#layouts = sources.map(({ history }) => history.channels);
    this.#controlsSeen = desk?.controls;
    const hello: HelloMessage = {
      type: "hello",
      version,
      sources: sources.map(({ name, isLive, history }) => {
        const { run, channels, epochs, capacity, memory } = history;
        return { name, isLive, run, channels, epochs, capacity, memory };
      }),
      ...desk === undefined ? {} : { controls: desk.controls },
      ...view === undefined ? {} : { view },
    };
    this.#send(hello);
  }

  /** Tells what has changed about the link and the controls. */
  #tellNews(): void {
    const { monitor, desk } = this.#options;
    if (monitor !== undefined) {
      const figures = monitor.figuresFrom(this.#figuresSeen);
      this.#figuresSeen = monitor.taken;
      const { refusal, ended } = monitor;
      const hasRefusal = refusal !== undefined && refusal !== this.#refusalSeen;
      if (figures.length > 0 || hasRefusal || ended !== this.#endSeen) {
        this.#send({
          ...{ type: "link", figures },
          ...hasRefusal ? { refusal } : {},
          ...ended === undefined ? {} : { ended },
        });
      }
      this.#refusalSeen = refusal;
      this.#endSeen = ended;
    }
    if (desk !== undefined && desk.controls !== this.#controlsSeen) this.#greet();
    if (desk !== undefined && (desk.changes !== this.#changesSeen || desk.sent !== this.#sentSeen)) {
      this.#changesSeen = desk.changes;
      this.#sentSeen = desk.sent;
      const holder = desk.holder === this ? "you" : desk.holder === undefined ? "nobody" : "other";
      const { values, revision, sent, refusal } = desk;
      this.#send({ type: "controls", values, revision, holder, sent, ...refusal === undefined ? {} : { refusal } });
    }
  }

  /** Finds the source of a request; tells the page first where its signals have changed. */
  #sourceOf(index: number): { readonly source: ScopeSource; readonly isNew: boolean } | undefined {
    const { sources } = this.#options;
    const isNew = sources.some(({ history }, other) => history.channels !== this.#layouts[other]);
    if (isNew) this.#greet();
    const source = sources[index];
    return source && { source, isNew };
  }

  #sendPicture(request: PictureRequest): void {
    const { source, isNew } = this.#sourceOf(request.source) ?? {};
    if (source === undefined) return;
    const { history } = source;
    const { timebase, pixels, statistics } = request;
    const channels = request.channels.filter((channel) => channel < history.channels.length);
    const moment = this.#searchTrigger(request, history);
    const [from, to] = windowOf(request.window, history, request, moment);
    const isContinued = !isNew && request.trigger === undefined;
    const isShown = !isNew && moment !== undefined && moment === this.#shownMoment && request.cursor !== undefined;
    this.#shownMoment = moment;
    const reduction = isShown ? nothingNew(request, channels.length) : reduceHistory(history, {
      ...{ timebase, from, to, channels, width: (to - from) / pixels },
      ..."span" in request.window ? { width: request.window.span / pixels } : {},
      mode: request.mode,
      cursor: isContinued ? request.cursor : undefined,
    });
    const head: RowsHead = {
      ...describeWindow(request, history, from, to),
      mode: reduction.mode,
      cursor: reduction.cursor,
      replacesFrom: Number.isFinite(reduction.replacesFrom) ? reduction.replacesFrom : null,
      ...this.#trigger === undefined ? {} : { trigger: { state: this.#trigger.state, time: moment ?? null } },
      ...statistics.length === 0 ? {} : { statistics: measureWindow(history, request, from, to) },
    };
    this.#socket.send(encodeRows({ head, times: reduction.times, values: reduction.values }));
  }

  /** Returns the moment of the trigger's last event, if the page wants pictures of that. */
  #searchTrigger({ trigger, timebase, window }: PictureRequest, history: SampleHistory): number | undefined {
    if (trigger === undefined || !("span" in window)) {
      this.#trigger = undefined;
      return undefined;
    }
    if (JSON.stringify(trigger) !== JSON.stringify(this.#trigger?.settings)) this.#trigger = new Trigger(trigger);
    return this.#trigger?.search(history, timebase, window.span);
  }

  #sendSamples(request: SamplesRequest): void {
    const { source } = this.#sourceOf(request.source) ?? {};
    if (source === undefined) return;
    const { history } = source;
    const { timebase, limit } = request;
    const channels = request.channels.filter((channel) => channel < history.channels.length);
    const [from, to] = windowOf(request.window, history, request, undefined);
    const end = history.indexAt(timebase, to + 1e-12);
    const begin = Math.max(history.indexAt(timebase, from), end - Math.min(limit, 4_000_000 / (channels.length + 1)));
    const numbers = Array.from({ length: Math.max(0, end - begin) }, (_, index) => Math.ceil(begin) + index);
    const head: RowsHead = {
      ...describeWindow(request, history, from, to),
      ...{ mode: "samples", cursor: end, replacesFrom: null },
    };
    const times = Float64Array.from(numbers, (number) => history.timeAt(timebase, number));
    const values = channels.map((channel) => Float64Array.from(numbers, (number) => history.valueAt(channel, number)));
    this.#socket.send(encodeRows({ head, times, values }));
  }
}

/** Returns what keeps the rows that the page has: a picture of an event does not change. */
function nothingNew({ mode = "samples", cursor = 0 }: PictureRequest, columns: number): Reduction {
  const none = new Float64Array(0);
  return { mode, cursor, replacesFrom: Number.MAX_VALUE, times: none, values: Array(columns).fill(none) };
}

/** Returns the window of a request: that of an event, the last seconds, or the one that was named. */
function windowOf(
  window: WindowRequest,
  history: SampleHistory,
  { timebase, trigger }: { timebase: PictureRequest["timebase"]; trigger?: PictureRequest["trigger"] },
  moment: number | undefined,
): [from: number, to: number] {
  if (!("span" in window)) return [window.from, window.to];
  if (moment !== undefined && trigger !== undefined) {
    const from = moment - window.span * trigger.position;
    return [from, from + window.span];
  }
  const newest = history.end > history.first ? history.timeAt(timebase, history.end - 1) : 0;
  return [newest - window.span, newest];
}

function describeWindow(
  { id, timebase }: { id: number; timebase: PictureRequest["timebase"] },
  history: SampleHistory,
  from: number,
  to: number,
) {
  const isEmpty = history.end === history.first;
  const count = history.indexAt(timebase, to) - history.indexAt(timebase, from);
  const [oldest, newest] = isEmpty
    ? [null, null]
    : [history.timeAt(timebase, history.first), history.timeAt(timebase, history.end - 1)];
  return { id, run: history.run, from, to, oldest, newest, count };
}

/** Measures the channels whose figures were asked for over a window. */
function measureWindow(
  history: SampleHistory,
  { timebase, statistics }: PictureRequest,
  from: number,
  to: number,
): ChannelStatistics[] {
  const end = Math.min(history.end, history.indexAt(timebase, to) + 1);
  const begin = history.indexAt(timebase, from);
  return statistics.map((channel) => measureChannel(history, channel, begin, end));
}
