/**
 * The options of `signal`.
 *
 * @module
 */

import { count, flag, number, numeric, positive, type Values } from "../../terminal/option.ts";
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
import { sentSignalOptions } from "./signals.ts";

const seedOption = numeric(
  "N",
  { help: "set the seed of random signals; the same seed gives the same samples", defaultText: "a random one" },
  undefined,
  "a whole number, 0 or greater",
  (number) => Number.isSafeInteger(number) && number >= 0,
);

// Samples are sent because the command line says so, not because of a variable that is set for other commands.
const { env: _variable, ...remote } = connectionOptions.remote;

/** The options. */
export const signalOptions = {
  values: count(
    "N",
    { short: "v", help: "generate N values of each SHAPE (-v as in villas-signal)", defaultText: "1" },
    1,
  ),
  rate: positive("HZ", { short: "r", help: "generate this many samples per second", defaultText: "10" }, 10),
  frequency: number("HZ", { short: "F", help: "set the frequency; of a ramp, the period in seconds" }, 1),
  amplitude: number("NUMBER", { short: "a", help: "set the amplitude; of a counter, its step" }, 1),
  stddev: number("NUMBER", { short: "D", help: "set the standard deviation of the steps of random" }, 0.02),
  offset: number("NUMBER", { short: "o", help: "add this to all values (-o as in villas-signal)" }, 0),
  phase: number("RADIANS", { short: "p", help: "set the initial phase (-p as in villas-signal)" }, 0),
  "pulse-width": number(
    "STEPS",
    { short: "w", help: "set the width of a pulse, which is high for one sample more" },
    1,
  ),
  "pulse-low": number("NUMBER", { short: "L", help: "set the low value of a pulse" }, 0),
  "pulse-high": number("NUMBER", { short: "H", help: "set the high value of a pulse" }, 1),
  seed: seedOption,
  "no-realtime": flag({ short: "n", help: "do not wait: sample N has the time N / rate after the start" }),
  format: format([], undefined, {
    short: "f",
    env: "VILLAS_FORMAT",
    // On standard output, it would be another format than the one that the variable is about.
    envWith: "remote",
    help: "set the format on standard output or, with --remote, of datagrams",
    defaultText: "villas.human, protobuf in datagrams",
  }),
  ...nodeOptions,
  ...sentSignalOptions,
  remote: { ...remote, help: "send to this address", defaultText: "standard output only" },
  local: {
    ...connectionOptions.local,
    // On its own, it is an address to which others connect, and not that of the variable.
    envWith: "remote",
    help:
      "send from this address, which a node with verify_source checks; or serve the samples there (c37.118), with " +
      "--remote only the commands",
    defaultText: "a free port, or unix:/var/run/villas-node.client.sock",
  },
  batch: { ...connectionOptions.batch, needs: ["remote"] },
  "when-down": { ...linkOptions["when-down"], needs: ["remote"] },
  "tls-ca": { ...linkOptions["tls-ca"], needs: ["remote"] },
  "no-check": { ...linkOptions["no-check"], needs: ["remote"] },
  mqtt: { ...linkOptions.mqtt, needs: ["remote"] },
  amqp: { ...linkOptions.amqp, needs: ["remote"] },
  "tls-cert": { ...linkOptions["tls-cert"], needs: ["tls-key", "remote"] },
  "tls-key": { ...linkOptions["tls-key"], needs: ["tls-cert", "remote"] },
  "no-batch": { ...connectionOptions["no-batch"], needs: ["remote"] },
  "busy-wait": flag({
    excludes: ["no-realtime"],
    help: "never sleep for less than 2 ms: more precise on a busy machine, but uses a whole CPU core",
  }),
  print: format(["none", "table"], undefined, {
    help: "set the format on standard output, or table or none",
    defaultText: "that of --format, none with --remote",
  }),
  count: limitOptions.count,
  duration: { ...limitOptions.duration, help: "quit after the last sample before this time" },
  interval: intervalOption,
  stats: statsOption,
  ...commonOptions,
  // As for VILLASnode's tool, -v is the number of values.
  verbose: flag({ help: commonOptions.verbose.help }),
};

/** Their values. */
export type SignalValues = Values<typeof signalOptions>;
