/**
 * Options of recordings at another rate, and side by side.
 *
 * @module
 */

import type { AlignmentCounters, AlignOptions } from "../../recordings/alignment/align.ts";
import { type InterpolationMethod, interpolationMethods } from "../../recordings/alignment/interpolate.ts";
import { parseSampleRate, type SampleRate } from "../../recordings/alignment/rate.ts";
import { InputError } from "../../system/input_error.ts";
import { plural } from "../../system/text.ts";
import { choice, ChoiceError, duration, type Option } from "../../terminal/option.ts";

/** The part of time that several recordings side by side take: that of all of them, or of any of them. */
type JoinRange = NonNullable<AlignOptions["range"]>;

const ranges: readonly JoinRange[] = ["inner", "outer"];

const join: Option<JoinRange | undefined> = {
  value: "RANGE",
  isValueOptional: true,
  completes: ranges,
  help:
    "write the files side by side by their times, instead of one after the other: of the time that all have in common " +
    "(inner, the default), or of any (outer)",
  default: undefined,
  parse(given) {
    const found = ranges.find((range) => range === (given || "inner"));
    if (found === undefined) throw new ChoiceError(given, ranges);
    return found;
  },
};

const resample: Option<SampleRate | undefined> = {
  value: "RATE",
  help: "write samples at this rate (1kHz, 59.94Hz) or period (20ms), at multiples of the period since 1970",
  default: undefined,
  parse: parseSampleRate,
};

const needs = ["resample", "join"];

/** Options of aligning recordings. */
export const alignmentOptions = {
  join,
  tolerance: duration({
    needs: ["join"],
    excludes: ["resample"],
    help: "take samples of different files that are at most this far apart for simultaneous",
    defaultText: "0",
  }),
  resample,
  method: {
    ...choice("METHOD", interpolationMethods, "linear", {
      needs,
      help:
        "find values between two samples on a line (linear), or take the nearest or the earlier one (hold); integers " +
        "and booleans are held with linear, and complex numbers have their parts on lines",
    }),
    default: undefined,
  } as Option<InterpolationMethod | undefined>,
  "max-gap": duration({
    needs,
    help: "leave gaps between two samples of a file that are longer than this",
    defaultText: "a million periods of --resample, else any time",
  }),
};

/** Values of these options. */
export interface AlignmentValues {
  readonly join: JoinRange | undefined;
  readonly tolerance: number | undefined;
  readonly resample: SampleRate | undefined;
  readonly method: InterpolationMethod | undefined;
  readonly "max-gap": number | undefined;
}

/**
 * Reads the options of aligning recordings.
 *
 * @param values Values of the options
 * @param paths Paths of the recordings
 * @returns The options; undefined if the recordings stay as they are
 * @throws {InputError} If there is nothing to join
 */
export function readAlignment(values: AlignmentValues, paths: readonly string[]): AlignOptions | undefined {
  const { join, tolerance, resample, method = "linear", "max-gap": maximumGap } = values;
  if (join === undefined && resample === undefined) return undefined;
  if (join !== undefined && paths.length < 2) {
    throw new InputError("Cannot use --join with one file: it writes several side by side");
  }
  return { rate: resample, method, maximumGap, tolerance, range: join };
}

/** Describes in a line how samples came about: a remark for their file. */
export function describeAlignment(options: AlignOptions, paths: readonly string[]): string {
  const { rate, method, maximumGap, tolerance, range } = options;
  const hertz = rate && Number(rate.steps) * 1e9 / Number(rate.nanoseconds);
  return [
    range === undefined ? "Resampled" : `Joined from ${paths.join(", ")} (${range})`,
    ...hertz === undefined ? [] : [`${range === undefined ? "to" : "at"} ${hertz} Hz`],
    `by villas-client, method ${method}`,
    ...maximumGap === undefined ? [] : [`gaps above ${maximumGap} s left`],
    ...tolerance === undefined ? [] : [`tolerance ${tolerance} s`],
  ].join(range === undefined ? " " : ", ").replaceAll(/[\r\n]+/g, " ");
}

/** Describes what could not be aligned, for the user. */
export function describeUnaligned({ untimed, repeated, late, wide, gaps }: AlignmentCounters): string[] {
  const leftOut = [
    ...untimed > 0 ? [`${plural(untimed, "sample")} without a timestamp`] : [],
    ...repeated > 0 ? [`${plural(repeated, "sample")} with the timestamp of another one`] : [],
    ...late > 0 ? [`${plural(late, "sample")} that came too long after later ones`] : [],
  ];
  return [
    ...leftOut.length > 0 ? [`Left out ${leftOut.join(", and ")}`] : [],
    ...wide > 0 ? [`Left out the surplus values of ${plural(wide, "sample")}, which had more than the first one`] : [],
    ...gaps > 0 ? [`Left ${plural(gaps, "gap")} in which samples are too far from each other (--max-gap)`] : [],
  ];
}
