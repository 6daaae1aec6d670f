/**
 * Options of every command, in a file of their own, because the program's own help needs no others.
 *
 * @module
 */

import { logLevels } from "../../terminal/log.ts";
import { choice, flag } from "../../terminal/option.ts";

/** Options of every command. */
export const commonOptions = {
  quiet: flag({
    short: "q",
    excludes: ["verbose", "log-level"],
    help: "write nothing but warnings and errors to standard error",
  }),
  verbose: flag({ short: "v", excludes: ["log-level"], help: "write more to standard error" }),
  "log-level": choice("LEVEL", logLevels, "info", {
    short: "d",
    env: "VILLAS_LOG_LEVEL",
    help: `set the least important level on standard error: ${logLevels.join(", ")}`,
  }),
  help: flag({ short: "h", help: "show this help" }),
};
