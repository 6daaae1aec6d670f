/**
 * Options of recordings in one file after the other.
 *
 * @module
 */

import { count, duration, type Option } from "../../terminal/option.ts";

/** The limit of a file: a time in seconds, a number of bytes, or of samples; or an event, of which each file has one. */
export interface RotationLimit {
  readonly kind: "seconds" | "bytes" | "samples" | "event";
  readonly amount: number;
}

const byteUnits: Readonly<Record<string, number>> = {
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const time = duration({ help: "" });

/** Option of the limit of a file. */
export const rotateOption: Option<RotationLimit | undefined> = {
  value: "LIMIT",
  needs: ["output"],
  excludes: ["append"],
  help:
    "begin a new file after a time (1h), a size (100MB, before compression) or a number of samples (100000), and with " +
    "--trigger for each event (event for nothing else); the name of the files has the time as strftime writes it, such as " +
    "run-%Y%m%dT%H%M%S.csv",
  default: undefined,
  parse(given) {
    if (given === "event") return { kind: "event", amount: 1 };
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([kKMG]i?B)$/.exec(given) ?? [];
    const bytes = Number(digits) * (byteUnits[unit] ?? NaN);
    if (bytes >= 1) return { kind: "bytes", amount: bytes };
    if (/^[1-9]\d*$/.test(given)) return { kind: "samples", amount: Number(given) };
    const seconds = /[a-z]$/.test(given) ? time.parse(given) : undefined;
    if (seconds !== undefined) return { kind: "seconds", amount: seconds };
    throw new SyntaxError(
      "expected a time such as 1h, a size such as 100MB, a number of samples such as 100000, or event",
    );
  },
};

/** Option of the number of files that stay. */
export const keepOption: Option<number | undefined> = count("N", {
  needs: ["rotate"],
  help: "keep the N latest files of this run, and remove the others",
});
