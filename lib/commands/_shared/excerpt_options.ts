/**
 * Options of excerpts: the part of recordings that a command takes.
 *
 * @module
 */

import type { ExcerptOptions, TimePoint } from "../../recordings/excerpt.ts";
import type { Signal } from "../../samples/signals.ts";
import { count, type Option, text } from "../../terminal/option.ts";
import { parseSelection } from "./view.ts";

const isoPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?(Z|[-+]\d{2}:\d{2})?$/i;

/** Declares an option that takes a point in time. */
function timePoint(help: string): Option<TimePoint | undefined> {
  return {
    value: "TIME",
    help:
      `${help}: a date of ISO 8601 (UTC unless it names a zone), seconds since 1970, or +SECONDS from the first sample`,
    default: undefined,
    parse(given) {
      const [, sign, seconds = "", fraction = ""] = /^(\+)?(\d{1,12})(?:\.(\d{1,9}))?$/.exec(given) ?? [];
      const nsec = Number(fraction.padEnd(9, "0"));
      if (seconds !== "") {
        return sign === undefined ? { sec: Number(seconds), nsec } : { elapsed: Number(`${seconds}.${fraction || 0}`) };
      }
      const [, date, time = "00:00", digits = "", zone = "Z"] = isoPattern.exec(given) ?? [];
      const milliseconds = date === undefined ? NaN : Date.parse(`${date}T${time}${zone.toUpperCase()}`);
      if (!(milliseconds >= 0)) {
        throw new SyntaxError("expected a time such as 2024-02-29T12:00:00.5, 1700000000.5 or +10");
      }
      return { sec: milliseconds / 1000, nsec: Number(digits.padEnd(9, "0")) };
    },
  };
}

/** Options of an excerpt. */
export const excerptOptions = {
  from: timePoint("take samples from this time on"),
  to: timePoint("take samples before this time"),
  every: count("N", { help: "take every N-th sample of them" }),
  select: text("LIST", { help: "take only these values: indices from 0, ranges and names, such as 0-3,va" }),
};

/** Values of these options. */
export interface ExcerptValues {
  readonly from: TimePoint | undefined;
  readonly to: TimePoint | undefined;
  readonly every: number | undefined;
  readonly select: string | undefined;
}

/**
 * Reads the options of an excerpt.
 *
 * @param values Values of the options
 * @param signals The signals of the recordings, if they are known; else their names
 * @param names The names, if the signals are not known
 * @returns The excerpt; undefined if it is all of the recordings
 * @throws {InputError} If a value that is selected does not exist
 */
export async function readExcerpt(
  { from, to, every, select }: ExcerptValues,
  signals: readonly Signal[] | undefined,
  names: readonly string[] | undefined,
): Promise<ExcerptOptions | undefined> {
  if (from === undefined && to === undefined && every === undefined && select === undefined) return undefined;
  const known = signals ?? names?.map((name): Signal => ({ name, type: "float" }));
  return {
    ...from && { from },
    ...to && { to },
    ...every && { every },
    ...select === undefined ? {} : { indices: await parseSelection(select, known) },
  };
}

/** Returns the entries of a list that an excerpt takes. */
export function selected<T>(list: readonly T[] | undefined, excerpt: ExcerptOptions | undefined): T[] | undefined {
  const { indices } = excerpt ?? {};
  if (list === undefined || indices === undefined) return list?.slice();
  return indices.flatMap((index) => list[index] ?? []);
}
