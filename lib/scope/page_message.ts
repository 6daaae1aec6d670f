/**
 * Reading what a page sends to the server, which may be anything: nothing in it is trusted.
 *
 * @module
 */

import type { TimeBase } from "./history.ts";
import type { PageMessage, WindowRequest } from "./protocol.ts";
import type { ReductionMode } from "./reduction.ts";
import type { TriggerEvent, TriggerMode, TriggerSettings } from "./trigger.ts";

/** The longest message of a page, in characters. */
const maximumMessageLength = 65_536;

/** The most pixels, channels and samples that a page may ask for. */
const limits = { pixels: 16_384, channels: 512, samples: 131_072, controls: 256 } as const;

/**
 * Reads a message of a page, and trusts nothing in it.
 *
 * @throws {SyntaxError} If it is not one that a page sends
 */
export function parsePageMessage(text: string): PageMessage {
  if (text.length > maximumMessageLength) throw new SyntaxError(`Cannot read a message of ${text.length} characters`);
  const fields = new Fields(JSON.parse(text));
  switch (fields.choice("type", ["picture", "samples", "arm", "hold", "set"])) {
    case "arm":
      return { type: "arm" };
    case "hold":
      return { type: "hold", holds: fields.flag("holds") };
    case "set":
      return {
        type: "set",
        values: fields.numbers("values", limits.controls, -Number.MAX_VALUE, Number.MAX_VALUE),
        ...fields.has("revision") ? { revision: fields.whole("revision", 2 ** 52) } : {},
      };
    case "samples":
      return { ...readWindow(fields), type: "samples", limit: fields.whole("limit", limits.samples) };
    case "picture":
      return {
        ...readWindow(fields),
        type: "picture",
        pixels: fields.number("pixels", 1, limits.pixels),
        mode: fields.has("mode") ? fields.choice<ReductionMode>("mode", ["samples", "extremes"]) : undefined,
        cursor: fields.has("cursor") ? fields.number("cursor", -1e15, 1e15) : undefined,
        trigger: fields.has("trigger") ? readTrigger(fields.inner("trigger")) : undefined,
        statistics: readChannels(fields, "statistics"),
      };
  }
}

function readWindow(fields: Fields) {
  const window = fields.inner("window");
  const channels = readChannels(fields, "channels");
  const timebase: TimeBase = fields.choice("timebase", ["origin", "received"]);
  const shown: WindowRequest = window.has("span")
    ? { span: window.number("span", 1e-9, 1e7) }
    : { from: window.number("from", -1e12, 1e12), to: window.number("to", -1e12, 1e12) };
  if ("from" in shown && !(shown.to > shown.from)) throw new SyntaxError("Cannot read a window without length");
  return { id: fields.whole("id", 2 ** 52), source: fields.whole("source", 1024), timebase, channels, window: shown };
}

function readChannels(fields: Fields, name: string): number[] {
  const channels = fields.numbers(name, limits.channels, 0, limits.channels);
  if (!channels.every(Number.isInteger)) throw new SyntaxError(`Cannot read ${name}: expected whole numbers`);
  return channels;
}

const events: readonly TriggerEvent[] = ["rising", "falling", "either", "frame", "gap"];
const modes: readonly TriggerMode[] = ["auto", "normal", "single"];

function readTrigger(fields: Fields): TriggerSettings {
  return {
    event: fields.choice("event", events),
    mode: fields.choice("mode", modes),
    channel: fields.whole("channel", limits.channels),
    level: fields.number("level", -Number.MAX_VALUE, Number.MAX_VALUE),
    hysteresis: fields.number("hysteresis", 0, Number.MAX_VALUE),
    position: fields.number("position", 0, 1),
  };
}

/** Reads the fields of an object that may be anything. */
class Fields {
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null) throw new SyntaxError("Cannot read a message: expected an object");
    this.#object = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name) && this.#object[name] !== null && this.#object[name] !== undefined;
  }

  inner(name: string): Fields {
    return new Fields(this.#get(name));
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.#get(name));
    return found ?? fail(name, choices.join(", "));
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    return typeof value === "boolean" ? value : fail(name, "true or false");
  }

  number(name: string, from: number, to: number): number {
    return checkNumber(name, this.#get(name), from, to);
  }

  whole(name: string, to: number): number {
    const value = this.number(name, 0, to);
    return Number.isInteger(value) ? value : fail(name, "a whole number");
  }

  numbers(name: string, maximum: number, from: number, to: number): number[] {
    const list = this.#get(name);
    if (!Array.isArray(list) || list.length > maximum) return fail(name, `a list of at most ${maximum} numbers`);
    return list.map((value: unknown) => checkNumber(name, value, from, to));
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }
}

function checkNumber(name: string, value: unknown, from: number, to: number): number {
  return typeof value === "number" && value >= from && value <= to ? value : fail(name, `${from} to ${to}`);
}

function fail(name: string, expected: string): never {
  throw new SyntaxError(`Cannot read "${name}" of a message: expected ${expected}`);
}
