/**
 * The options of `run`.
 *
 * @module
 */

import { templateNames } from "../../controllers/templates/template.ts";
import {
  ChoiceError,
  count,
  duration,
  durationOrZero,
  file,
  flag,
  type Option,
  positive,
  text,
  type Values,
} from "../../terminal/option.ts";
import { intervalOption } from "./intervals.ts";
import { freePort, type Listening, parseListening } from "./listening.ts";
import {
  busyPollOption,
  commonOptions,
  connectionOptions,
  limitOptions,
  printOption,
  statsOption,
  wireFormatOption,
} from "./options.ts";
import { viewOptions } from "./view_options.ts";

/** Name of a template. */
export type TemplateName = typeof templateNames[number];

const templateOption: Option<TemplateName | undefined> = {
  value: "TEMPLATE",
  excludes: ["plant", "config", "watch", "set", "scope"],
  help: `write a controller to begin with to FILE (or TEMPLATE.ts), and quit: ${templateNames.join(", ")}`,
  completes: templateNames,
  default: undefined,
  parse(given) {
    const found = templateNames.find((name) => name === given);
    if (found === undefined) throw new ChoiceError(given, templateNames);
    return found;
  },
};

const scopeOption: Option<Listening | undefined> = {
  value: "HOST:PORT",
  isValueOptional: true,
  help:
    "show inputs, outputs and parameters in the browser, where the parameters can be set; the log says the URL, which " +
    "has a token for any other machine than this one",
  defaultText: "none; 127.0.0.1 and a free port without HOST:PORT",
  default: undefined,
  parse: (given) => given === "" ? freePort : parseListening(given),
};

/** The options. */
export const runOptions = {
  plant: flag({
    excludes: ["config", "local", "remote", "multicast", "format"],
    help: "face the plant of villas-client demo plant, in this process: nothing else is needed",
  }),
  rate: positive("HZ", {
    short: "r",
    help: "take this many steps per second",
    defaultText: "the controller's rate, if any",
  }),
  set: text("NAME=VALUE", { help: "set parameters of the controller, several separated by commas" }),
  deadline: duration({
    help: "take a step that ends later than this after it was due, or after its sample has come, for a fault",
  }),
  strict: flag({ help: "quit with status 1 at the first fault" }),
  stuck: durationOrZero({
    help:
      "quit with status 1 when a step has not returned for this time, 0 for never; safe values are sent from outside",
    defaultText: "2",
  }, 2),
  watch: flag({ help: "load the controller again when it is saved" }),
  new: templateOption,
  scope: scopeOption,
  ...connectionOptions,
  format: wireFormatOption,
  print: printOption,
  ...viewOptions,
  log: file("FILE", {
    help: "record inputs and outputs in this file; its name ends with the format, such as .csv, .mat or .parquet",
  }),
  count: count("N", { short: "l", help: "quit after this many steps" }),
  duration: limitOptions.duration,
  timeout: limitOptions.timeout,
  "busy-poll": busyPollOption,
  "busy-wait": flag({
    help:
      "wait actively for the steps of a fixed rate (later by less, at the price of one processor), as --busy-poll does",
  }),
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
};

/** Their values. */
export type RunValues = Values<typeof runOptions>;
