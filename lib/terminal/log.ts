/**
 * Messages on standard error.
 *
 * @module
 */

import { replaceControls } from "../system/text.ts";
import { plainStyle, type Style } from "./style.ts";

/** Levels, from the most talkative to silence, by VILLASnode's names. */
export const logLevels = ["trace", "debug", "info", "warning", "error", "critical", "off"] as const;

/** Least important level that is shown. */
export type LogLevel = typeof logLevels[number];

/** Writes messages to standard error, if their level is shown. */
export interface Log {
  /** Writes details for finding a fault. */
  debug(message: string): void;
  /** Writes what a user wants to know in normal operation. */
  info(message: string): void;
  /** Writes what may be wrong. */
  warning(message: string): void;
  /** Writes what is wrong. */
  error(message: string): void;
  /** Creates a log for one kind of message that may be very frequent: it writes one per second and counts the rest. */
  throttled(level: "debug" | "warning"): ThrottledLog;
  /** True if a status line is shown at all: on a terminal, if messages of level info are. */
  readonly hasStatus: boolean;
  /** Replaces the line that is shown below the messages; an empty one removes it. */
  status(line: string): void;
}

/** Destination of messages, as far as the log needs to know it. */
export interface LogSink {
  /** Writes some of the bytes and returns how many. */
  writeSync(bytes: Uint8Array): number;
  /** Tells whether a person watches. */
  isTerminal(): boolean;
}

/** Writes messages of a kind that may be very frequent. */
export interface ThrottledLog {
  /** Writes the message, or counts it if one was written within the last second. */
  log(message: string): void;
  /** Writes how many messages were not shown since the last one. */
  flush(): void;
}

/** Beginning of each message. */
export const logPrefix = "villas-client: ";

/** Shortest time between two messages of a throttled kind, in milliseconds. */
const throttleInterval = 1000;

/** To the start of the line, and everything after it away (ECMA-48: CR, EL). */
const clearLine = "\r\x1b[K";

/**
 * Creates a log.
 *
 * @param level The least important level that is shown
 * @param style Style of warnings and errors
 * @param sink Destination of the messages
 */
export function createLog(level: LogLevel, style: Style = plainStyle, sink: LogSink = Deno.stderr): Log {
  const threshold = logLevels.indexOf(level);
  const hasStatus = threshold <= logLevels.indexOf("info") && sink.isTerminal();
  const encoder = new TextEncoder();
  const paint = (at: LogLevel, text: string) => at === "warning" || at === "error" ? style[at](text) : text;
  let shown = "";
  const write = (text: string) => {
    try {
      sink.writeSync(encoder.encode(text));
    } catch {
      // Nobody reads it: no reason to stop working.
    }
  };
  const logAt = (at: LogLevel) => (message: string) => {
    if (logLevels.indexOf(at) < threshold) return;
    const mark = at === "info" ? "" : `${paint(at, `${at}:`)} `;
    // Only details, such as the stack of an error, have several lines.
    const text = at === "debug" ? message.split("\n").map(replaceControls).join("\n") : inOneLine(message);
    write(`${shown === "" ? "" : clearLine}${logPrefix}${mark}${text}\n${shown}`);
  };
  const status = (line: string) => {
    if (!hasStatus) return;
    const before = shown === "" ? "" : clearLine;
    shown = line === "" ? "" : truncated(line);
    if (before !== "" || shown !== "") write(before + shown);
  };
  const log = { debug: logAt("debug"), info: logAt("info"), warning: logAt("warning"), error: logAt("error") };
  return { ...log, throttled: (at) => throttle(log[at]), hasStatus, status };
}

/** The most messages that a held log keeps. */
const mostHeld = 100;

/** A log whose messages wait while something else has the terminal. */
export interface HeldLog extends Disposable {
  /** The log that keeps them. */
  readonly log: Log;
}

/**
 * Holds messages back until it is disposed of, because they would be drawn over.
 *
 * @param log The log that writes them then; of many, the first ones
 */
export function holdLog(log: Log): HeldLog {
  let held: (() => void)[] | undefined = [];
  let left = 0;
  const keep = (at: "debug" | "info" | "warning" | "error") => (message: string) => {
    if (held === undefined) log[at](message);
    else if (held.length < mostHeld) held.push(() => log[at](message));
    else left++;
  };
  const holding = { debug: keep("debug"), info: keep("info"), warning: keep("warning"), error: keep("error") };
  return {
    log: { ...holding, throttled: (at) => throttle(holding[at]), hasStatus: false, status: () => {} },
    [Symbol.dispose]() {
      const messages = held ?? [];
      held = undefined;
      for (const write of messages) write();
      if (left > 0) log.info(`${left} more messages were left out`);
    },
  };
}

/**
 * Makes the terminal truncate a line that is too long, whatever its width and that of the characters: without automatic
 * line breaks (DEC private mode 7), which would leave the rest behind when the line is cleared.
 */
function truncated(line: string): string {
  return `\x1b[?7l${replaceControls(line)}\x1b[?7h`;
}

/**
 * Puts a message into one line that orders nothing of a terminal: it may quote what came from a file or another machine.
 */
function inOneLine(message: string): string {
  return replaceControls(message.trimEnd().replace(/\s*[\r\n]\s*|\t/g, " "));
}

function throttle(write: (message: string) => void): ThrottledLog {
  let lastTime = -Infinity;
  let hidden = 0;
  return {
    log(message) {
      const now = performance.now();
      if (now - lastTime < throttleInterval) {
        hidden++;
        return;
      }
      write(hidden === 0 ? message : `${message} (and ${hidden} more since the last message)`);
      lastTime = now;
      hidden = 0;
    },
    flush() {
      if (hidden > 0) write(`${hidden} more ${hidden === 1 ? "message" : "messages"} like the last one`);
      hidden = 0;
    },
  };
}
