/**
 * A log whose output a test can read.
 *
 * @module
 */

import { createLog, type LogLevel } from "../../lib/terminal/log.ts";
import { plainStyle } from "../../lib/terminal/style.ts";

/** Creates a log whose output is kept. */
export function createKeptLog(level: LogLevel, isTerminal: boolean) {
  const kept = { text: "" };
  const log = createLog(level, plainStyle, {
    writeSync(bytes) {
      kept.text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    isTerminal: () => isTerminal,
  });
  return { log, kept };
}
