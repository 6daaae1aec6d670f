/**
 * The options of `send`.
 *
 * @module
 */

import type { Timing } from "../../recordings/replay.ts";
import { choice, count, flag, type Option, positive, text, type Values } from "../../terminal/option.ts";
import { intervalOption } from "./intervals.ts";
import {
  commonOptions,
  connectionOptions,
  format,
  limitOptions,
  linkOptions,
  nodeOptions,
  statsOption,
} from "./options.ts";
import { inputFormatOption, rawCountsOption, timeColumnOption } from "./recording.ts";
import { sentSignalOptions } from "./signals.ts";

const timings: readonly Timing[] = ["original", "rate", "fast"];

const timing: Option<Timing | undefined> = {
  ...choice<Timing>("WHEN", timings, "original", {
    help: "send by the timestamps of the samples (original), at a rate (rate), or immediately (fast)",
    defaultText: "original for a file, fast for standard input, rate with --rate",
  }),
  default: undefined,
};

const loop: Option<number> = {
  ...count("N", { help: "send the file N times, or endlessly without N; timestamps and sequence numbers go on" }, 1),
  isValueOptional: true,
  parse: (given) => given === "" ? Infinity : count("N", { help: "" }, 1).parse(given),
};

/** The options. */
export const sendOptions = {
  values: text("VALUES", { help: "send these values, such as 1,2.5,7i,true,1+2j, instead of a file" }),
  "input-format": inputFormatOption,
  "time-column": timeColumnOption,
  "raw-counts": rawCountsOption,
  timing,
  rate: positive("HZ", { short: "r", help: "send this many samples per second" }),
  speed: positive("FACTOR", {
    excludes: ["rate"],
    help: "with --timing original, send so many times faster",
    defaultText: "1",
  }, 1),
  loop,
  vectorize: count("N", {
    help: "send N samples per datagram; the last one may have fewer, except over mqtt, where they are left out",
    defaultText: "1",
  }, 1),
  sequence: choice("HOW", ["renumber", "keep", "none"], "renumber", {
    help: "number the samples from 0 (renumber), as recorded (keep), or not at all (none)",
  }),
  restamp: flag({ help: "replace origin timestamps with the time of sending" }),
  format: format([], "protobuf", { short: "f", env: "VILLAS_FORMAT", help: "set the format of datagrams" }),
  ...nodeOptions,
  ...sentSignalOptions,
  local: { ...connectionOptions.local, help: "send from this address" },
  remote: { ...connectionOptions.remote, help: "send to this address" },
  batch: connectionOptions.batch,
  ...linkOptions,
  "no-batch": connectionOptions["no-batch"],
  count: limitOptions.count,
  duration: limitOptions.duration,
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
};

/** Their values. */
export type SendValues = Values<typeof sendOptions>;
