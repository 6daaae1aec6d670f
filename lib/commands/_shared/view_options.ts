/**
 * Options of the part of the received samples that a command prints, and of its form.
 *
 * @module
 */

import { choice, count, numeric, type Option, positive, text } from "../../terminal/option.ts";
import type { TimeStyle } from "./sample_table.ts";

/** More digits than this say nothing about a float64. */
const maximumDigits = 17;

/** Options of what is printed; counters and statistics are those of all samples in any case. */
export const viewOptions = {
  every: count("N", { help: "print only every N-th sample" }),
  "max-rate": positive("HZ", { help: "print at most this many samples per second, and omit the others" }),
  select: text("LIST", {
    help: "print only these values: indices from 0, ranges and names of --signals, such as 0-3,va",
  }),
  digits: numeric(
    "N",
    { help: "print floats with N decimals (in JSON, N significant digits)", defaultText: "17, in a table 5 digits" },
    undefined,
    `a whole number from 0 to ${maximumDigits}`,
    (number) => Number.isInteger(number) && number >= 0 && number <= maximumDigits,
  ),
  time: {
    ...choice<TimeStyle>("STYLE", ["iso", "relative", "epoch"], "relative", {
      help:
        "in a table, print the time as UTC (iso), in seconds since the first sample (relative) or since 1970 (epoch)",
    }),
    default: undefined,
  } as Option<TimeStyle | undefined>,
};

/** Values of these options. */
export interface ViewValues {
  readonly every: number | undefined;
  readonly "max-rate": number | undefined;
  readonly select: string | undefined;
  readonly digits: number | undefined;
  readonly time: TimeStyle | undefined;
}
