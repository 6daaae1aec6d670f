/**
 * The trigger of an oscilloscope: it finds the moments at which a picture begins.
 *
 * @module
 */

import { LevelComparator } from "../recordings/trigger/level_comparator.ts";
import type { SampleHistory, TimeBase } from "./history.ts";

/** The event that triggers: an edge of a channel, the first sample of a frame, or missing samples. */
export type TriggerEvent = "rising" | "falling" | "either" | "frame" | "gap";

/**
 * Mode of following events: `"auto"` runs freely while there are none, `"normal"` shows the last one, `"single"` keeps
 * the first one.
 */
export type TriggerMode = "auto" | "normal" | "single";

/** Settings of a trigger. */
export interface TriggerSettings {
  /** The event. */
  readonly event: TriggerEvent;
  /** Mode of following events. */
  readonly mode: TriggerMode;
  /** Index of the channel; only for edges. */
  readonly channel: number;
  /** Level of an edge, in the unit of the channel; 0.5 for a boolean. */
  readonly level: number;
  /** Distance that a channel must have been beyond the level before an edge counts, in its unit; 0 or more. */
  readonly hysteresis: number;
  /** Part of the picture that comes before the event, 0 to 1. */
  readonly position: number;
}

/** The state of a trigger: looking for an event, showing one, or holding the single one. */
export type TriggerState = "armed" | "triggered" | "held";

/** The most samples that one search goes back: enough for the picture of the last ones. */
const maximumSearch = 2_000_000;

/** Time without an event after which the mode `"auto"` runs freely: the picture's own length, but at least this. */
const minimumPatience = 0.25;

/**
 * Finds events in a history as it grows.
 *
 * An event counts when all of its picture is there; those that come while a picture is being completed are passed over. The
 * moment of an edge is interpolated between two samples, so that a picture stands still however it was sampled.
 *
 * @example The rising edges of a square wave
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SampleHistory, Trigger } from "@villas/client/scope";
 *
 * const history = new SampleHistory();
 * history.push(Array.from({ length: 100 }, (_, i) => ({
 *   tsOrigin: { sec: 0, nsec: i * 10_000_000 },
 *   values: [i % 50 < 25 ? -1 : 1],
 * })));
 * const trigger = new Trigger({
 *   ...{ event: "rising", mode: "normal", channel: 0, level: 0, hysteresis: 0.5, position: 0.5 },
 * });
 * assertEquals(trigger.search(history, "origin", 0.2), 0.745);
 * ```
 */
export class Trigger {
  /** The settings. */
  readonly settings: TriggerSettings;
  #run = -1;
  #timebase: TimeBase = "origin";
  /** Number of the sample to look at next; undefined before the first search. */
  #next: number | undefined;
  /** What has been beyond the level, in either direction. */
  #above: LevelComparator;
  #below: LevelComparator;
  /** The event whose picture is being completed. */
  #pending: number | undefined;
  /** The event whose picture is complete. */
  #shown: number | undefined;
  #readyAt = -Infinity;

  /** Creates a trigger that is armed. */
  constructor(settings: TriggerSettings) {
    this.settings = settings;
    this.#above = this.#createComparator("above");
    this.#below = this.#createComparator("below");
  }

  /** The state that a person wants to see. */
  get state(): TriggerState {
    if (this.#shown === undefined) return "armed";
    return this.settings.mode === "single" ? "held" : "triggered";
  }

  /** Looks for the next event, which a single one waits for. */
  arm(): void {
    this.#shown = undefined;
    this.#pending = undefined;
    this.#next = undefined;
  }

  /**
   * Looks at the samples that have come since the last search.
   *
   * @param history The samples
   * @param timebase The clock to go by
   * @param span Length of the picture, in seconds
   * @returns The moment of the last event with a complete picture, in seconds since the epoch of that clock; undefined where
   * there is none to show
   */
  search(history: SampleHistory, timebase: TimeBase, span: number): number | undefined {
    const { mode, position } = this.settings;
    if (history.run !== this.#run || timebase !== this.#timebase) {
      this.arm();
      this.#run = history.run;
      this.#timebase = timebase;
    }
    if (history.end === history.first) return undefined;
    if (mode === "single" && this.#shown !== undefined) return this.#shown;
    const last = history.timeAt(timebase, history.end - 1);
    if (this.#next === undefined) this.#begin(history, last - 2 * span);
    const after = span * (1 - position);
    const start = Math.max(this.#next ?? 0, history.first + 1, history.end - maximumSearch);
    for (let number = start; number < history.end; number++) {
      const time = history.timeAt(timebase, number);
      if (this.#pending !== undefined && time >= this.#pending + after) {
        this.#shown = this.#pending;
        this.#pending = undefined;
        if (mode === "single") return this.#shown;
      }
      const event = this.#find(history, number, time);
      if (event === undefined || event < this.#readyAt || this.#pending !== undefined) continue;
      this.#pending = event;
      this.#readyAt = event + after;
    }
    this.#next = history.end;
    if (mode !== "auto" || this.#shown === undefined) return this.#shown;
    return last - this.#shown > Math.max(minimumPatience, span) + after ? undefined : this.#shown;
  }

  #begin(history: SampleHistory, time: number): void {
    this.#next = history.indexAt(this.#timebase, time);
    this.#readyAt = -Infinity;
    this.#above = this.#createComparator("above");
    this.#below = this.#createComparator("below");
  }

  #createComparator(side: "above" | "below"): LevelComparator {
    const { level, hysteresis } = this.settings;
    return new LevelComparator({ side, level, isInclusive: true, hysteresis });
  }

  /** Returns the moment of an event between a sample and the one before. */
  #find(history: SampleHistory, number: number, time: number): number | undefined {
    const { event, channel, level } = this.settings;
    if (event === "gap") return history.hasGapBefore(number) ? time : undefined;
    if (event === "frame") return history.beginsFrame(number) ? time : undefined;
    const before = history.valueAt(channel, number - 1);
    const value = history.valueAt(channel, number);
    this.#above.update(before);
    this.#below.update(before);
    const rises = this.#above.update(value) && event !== "falling";
    const falls = this.#below.update(value) && event !== "rising";
    if (!rises && !falls) return undefined;
    const earlier = history.timeAt(this.#timebase, number - 1);
    const part = (level - before) / (value - before);
    return part >= 0 && part <= 1 && !history.hasGapBefore(number) ? earlier + part * (time - earlier) : time;
  }
}
