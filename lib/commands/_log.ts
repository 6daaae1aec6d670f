/**
 * What a command says on standard error.
 *
 * @module
 */

import { plainStyle, type Style } from "./_style.ts";

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

/**
 * Makes what speaks on standard error.
 *
 * @param level The least important level that is shown
 * @param style How warnings and errors look
 */
export function createLog(level: LogLevel, style: Style = plainStyle): Log {
  const threshold = logLevels.indexOf(level);
  const encoder = new TextEncoder();
  const paint = (at: LogLevel, text: string) => at === "warning" || at === "error" ? style[at](text) : text;
  const say = (at: LogLevel) => (message: string) => {
    if (logLevels.indexOf(at) < threshold) return;
    const mark = at === "info" ? "" : `${paint(at, `${at}:`)} `;
    try {
      Deno.stderr.writeSync(encoder.encode(`villas-client: ${mark}${message}\n`));
    } catch {
      // Nobody reads it: no reason to stop working.
    }
  };
  const log = { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") };
  return { ...log, limited: (at) => createLimitedLog(log[at]) };
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
