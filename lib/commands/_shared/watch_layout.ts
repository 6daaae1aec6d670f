/**
 * The layout of `watch`: signals and the state of the link as lines that fit a terminal, or as one line where there is none.
 *
 * @module
 */

import { plural } from "../../system/text.ts";
import { isComplex } from "../../samples/sample.ts";
import { fitValue, formatTitle } from "./cells.ts";
import { showSeconds } from "./statistics_text.ts";
import { courseSteps, type WatchedSignal } from "./watched_signals.ts";

/** State of the link at one time. */
export interface LinkState {
  /** What is watched, such as `"udp://0.0.0.0:12001 from every address"`. */
  readonly title: string;
  /** Seconds since the beginning. */
  readonly elapsed: number;
  /** Samples per second, of the last second. */
  readonly rate: number;
  /** Samples so far. */
  readonly samples: number;
  /** Missing samples, and refused and ignored datagrams, so far. */
  readonly missing: number;
  readonly refused: number;
  readonly ignored: number;
  /** Median of the one-way delays of the last second, in seconds; undefined where it is not known. */
  readonly delay: number | undefined;
}

/** The part of the signals that is seen, and how. */
export interface WatchView {
  /** Index of the signal that is selected. */
  readonly selected: number;
  /** True while the signals stand still. */
  readonly isHeld: boolean;
  /** Width and height of the terminal, in characters. */
  readonly columns: number;
  readonly rows: number;
}

const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Widths of columns, in characters, and the fewest steps of a course that say anything. */
const numberWidth = 11;
const integerWidth = 20;
const complexWidth = 17;
const shortestName = 8;
const shortestCourse = 8;

/** Lines that are not of signals: two of the link, an empty one, the names of the columns, and the keys. */
const otherLines = 5;

/** The most signals on one line of `watch` without a terminal. */
const signalsPerLine = 8;

/**
 * Lays out the screen.
 *
 * @returns As many lines as the terminal has at most, none longer than it is wide
 */
export function layOutScreen(link: LinkState, signals: readonly WatchedSignal[], view: WatchView): string[] {
  const { columns, rows, selected, isHeld } = view;
  const room = Math.max(1, rows - otherLines);
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), signals.length - room));
  const shown = signals.slice(first, first + room);
  const isCut = shown.length < signals.length;
  const lines = [
    `${link.title}, ${link.elapsed.toFixed(0)} s${isHeld ? " [held]" : ""}`,
    describeLink(link, columns),
    "",
    ...(signals.length === 0
      ? [link.samples === 0 ? "No sample yet" : "No values"]
      : layOutSignals(shown, columns, selected - first)),
    isCut
      ? `${first + 1}-${first + shown.length} of ${signals.length}  q quit  up/down  space hold`
      : "q quit  up/down select  space hold",
  ];
  return lines.slice(0, rows).map((line) => cut(line, columns));
}

/** Describes the link in as many words as fit. */
function describeLink({ rate, missing, refused, ignored, delay }: LinkState, width: number): string {
  const parts = [
    `${rate.toFixed(1)}/s`,
    `missing ${missing}`,
    `delay ${delay === undefined ? "-" : showSeconds(delay)}`,
    `refused ${refused}`,
    `ignored ${ignored}`,
  ];
  while (parts.length > 1 && parts.join("  ").length > width) parts.pop();
  return parts.join("  ");
}

/** Lays out signals in the columns that fit: extremes give way first, then the course, then units. */
function layOutSignals(signals: readonly WatchedSignal[], width: number, selected: number): string[] {
  const marker = 2;
  const gap = 2;
  const unitWidth = Math.max(0, ...signals.map(({ unit }) => formatTitle(unit).length));
  const longestName = Math.max(4, ...signals.map(({ name }) => formatTitle(name).length));
  // Without the name, which takes what is left.
  const unitRoom = unitWidth === 0 ? 0 : gap + unitWidth;
  const valueRoom = width - marker - gap - unitRoom - shortestName;
  const valueWidth = Math.max(numberWidth, Math.min(valueRoom, Math.max(0, ...signals.map(widthOf))));
  const rest = width - marker - gap - valueWidth - unitRoom;
  const hasExtremes = rest - shortestName >= 2 * (gap + numberWidth);
  const afterExtremes = rest - (hasExtremes ? 2 * (gap + numberWidth) : 0);
  // A short course says more than the end of a long name.
  const besideCourse = afterExtremes - gap - shortestCourse;
  const nameRoom = besideCourse >= shortestName ? besideCourse : afterExtremes;
  const nameWidth = Math.max(1, Math.min(longestName, nameRoom));
  const steps = Math.min(courseSteps, afterExtremes - nameWidth - gap);
  const hasCourse = steps >= shortestCourse;
  const row = (mark: string, name: string, cells: readonly string[], unit: string, course: string) =>
    [
      `${mark} ${cut(name, nameWidth).padEnd(nameWidth)}`,
      ...cells.slice(0, 1).map((cell) => cut(cell, valueWidth).padStart(valueWidth)),
      ...(unitWidth === 0 ? [] : [unit.padEnd(unitWidth)]),
      ...(hasExtremes ? cells.slice(1).map((cell) => cut(cell, numberWidth).padStart(numberWidth)) : []),
      ...(hasCourse ? [course] : []),
    ].join("  ").trimEnd();
  return [
    row(" ", "NAME", ["VALUE", "MIN", "MAX"], "", "COURSE"),
    ...signals.map(({ name, unit, value, min, max, course }, index) =>
      row(
        index === selected ? ">" : " ",
        formatTitle(name),
        [showValue(value, valueWidth), showExtreme(value, min), showExtreme(value, max)],
        formatTitle(unit),
        drawCourse(course.slice(-steps)),
      )
    ),
  ];
}

/** Returns the width that a value needs, and others of its kind with it, so that columns do not move. */
function widthOf({ value }: WatchedSignal): number {
  if (typeof value === "bigint") return String(value).length > numberWidth ? integerWidth : numberWidth;
  return value !== undefined && value !== null && isComplex(value) ? complexWidth : numberWidth;
}

function showValue(value: WatchedSignal["value"], width = Infinity): string {
  return value === undefined || value === null ? "-" : fitValue(value, width);
}

/** Writes an extreme in the way of the signal's values. */
function showExtreme(value: WatchedSignal["value"], extreme: number | undefined): string {
  if (extreme === undefined) return "-";
  if (typeof value === "boolean") return String(extreme !== 0);
  const isInteger = typeof value === "bigint" && Number.isSafeInteger(extreme);
  return fitValue(isInteger ? BigInt(extreme) : extreme, numberWidth);
}

/** Draws numbers as bars of a height between the smallest and the largest of them; a course that stands still is low. */
function drawCourse(course: readonly (number | undefined)[]): string {
  const known = course.filter((number) => number !== undefined);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  return course.map((number) => {
    if (number === undefined) return " ";
    const height = max > min ? (number - min) / (max - min) : 0;
    return levels[Math.min(levels.length - 1, Math.floor(height * levels.length))];
  }).join("");
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Describes link and signals on one line. */
export function describeOnLine(
  { elapsed, samples, rate, missing, delay }: LinkState,
  signals: readonly WatchedSignal[],
): string {
  const link = `${elapsed.toFixed(0)} s: ${plural(samples, "sample")}, ${rate.toFixed(1)}/s, missing ${missing}` +
    (delay === undefined ? "" : `, delay ${showSeconds(delay)}`);
  const shown = signals.slice(0, signalsPerLine).map(({ name, unit, value }) =>
    `${formatTitle(name)} ${showValue(value)}${unit === "" ? "" : ` ${formatTitle(unit)}`}`
  );
  const more = signals.length > signalsPerLine ? [`and ${signals.length - signalsPerLine} more`] : [];
  return [link, ...[...shown, ...more].length === 0 ? [] : [[...shown, ...more].join(", ")]].join("; ");
}
