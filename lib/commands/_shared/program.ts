/**
 * The program as its help and its manual page introduce it.
 *
 * @module
 */

import { exitStatus, type Program } from "../../terminal/command.ts";
import { version } from "../../version.ts";
import { commonOptions } from "./common_options.ts";

/** The program `villas-client`. */
export const program: Program = {
  purpose: "exchange samples of simulation data with a VILLASnode",
  notes: [
    "Data goes to standard output, everything else to standard error. Exit status: " +
    `${exitStatus.done} done (an interrupt, too), ${exitStatus.failed} failed, ${exitStatus.usage} wrong usage, ` +
    `${exitStatus.timeout} a sample did not arrive in time; compare has its own.`,
    "An option whose help names an environment variable takes its value from there if it is not given. Text on a terminal " +
    "is coloured, unless NO_COLOR is set.",
  ],
  commonOptions,
  version,
};
