/**
 * What a command says on standard error.
 *
 * @module
 */

import { plainStyle, type Style } from "./style.ts";

/** Levels, from the one that says most to the one that says nothing, by VILLASnode's names. */
export const logLevels = ["trace", "debug", "info", "warning", "error", "critical", "off"] as const;

/** How much to say. */
export type LogLevel = typeof logLevels[number];

/** Says something on standard error, if its level is loud enough. */
export interface Log {
  /** Details for who looks for a fault. */
  debug(message: string): void;
  /** What a user wants to know in normal operation. */
  info(message: string): void;
  /** What may be wrong. */
  warning(message: string): void;
  /** What is wrong. */
  error(message: string): void;
  /** A voice for what may happen very often: it speaks once a second and counts the rest. */
  limited(level: "debug" | "warning"): LimitedLog;
  /** Whether a status line is shown at all: on a terminal, and where the log is not quiet. */
  readonly hasStatus: boolean;
  /** Shows a line below the messages instead of the one before; without text there is none. */
  status(line: string): void;
}

/** Where messages go, as far as the log needs to know it. */
export interface LogSink {
  /** Writes some of the bytes; how many. */
  writeSync(bytes: Uint8Array): number;
  /** Whether a person watches. */
  isTerminal(): boolean;
}

/** Says what may happen very often. */
export interface LimitedLog {
  /** Says it now, or counts it if it has spoken within the last second. */
  say(message: string): void;
  /** Says how many messages were not shown since it spoke last. */
  end(): void;
}

/** The shortest time between two messages of a kind that may be frequent, in milliseconds. */
const limitInterval = 1000;

/** To the start of the line, and everything behind it away (ECMA-48: CR, EL). */
const clearLine = "\r\x1b[K";

/**
 * Makes what speaks on standard error.
 *
 * @param level The least important level that is shown
 * @param style How warnings and errors look
 * @param sink Where to write
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
  const say = (at: LogLevel) => (message: string) => {
    if (logLevels.indexOf(at) < threshold) return;
    const mark = at === "info" ? "" : `${paint(at, `${at}:`)} `;
    write(`${shown === "" ? "" : clearLine}villas-client: ${mark}${message}\n${shown}`);
  };
  const status = (line: string) => {
    if (!hasStatus) return;
    const before = shown === "" ? "" : clearLine;
    shown = line === "" ? "" : fit(line);
    if (before !== "" || shown !== "") write(before + shown);
  };
  const log = { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") };
  return { ...log, limited: (at) => createLimitedLog(log[at]), hasStatus, status };
}

/**
 * A line that the terminal cuts where it is too long, however wide that is and its characters are: without its automatic
 * line break (DEC private mode 7), which would leave the rest behind when the line is cleared.
 */
function fit(line: string): string {
  // deno-lint-ignore no-control-regex -- what a file's name may have, and a terminal would obey
  return `\x1b[?7l${line.replace(/[\x00-\x1f\x7f-\x9f]/g, "?")}\x1b[?7h`;
}

function createLimitedLog(say: (message: string) => void): LimitedLog {
  let last = -Infinity;
  let hidden = 0;
  return {
    say(message) {
      const now = performance.now();
      if (now - last < limitInterval) {
        hidden++;
        return;
      }
      say(hidden === 0 ? message : `${message} (and ${hidden} more since the last message)`);
      last = now;
      hidden = 0;
    },
    end() {
      if (hidden > 0) say(`${hidden} more of the last message`);
      hidden = 0;
    },
  };
}
