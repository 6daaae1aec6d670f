/**
 * The columns of a file of lines: how a line divides into cells, and what its header says about them.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import { readFloat, readSecond, TextValueError } from "./text_values.ts";

/** A line, divided into cells. */
export interface Cells {
  /** The cells, without quotes and the blanks around them. */
  readonly texts: readonly string[];
  /** Index of the first character of each cell in the line. */
  readonly starts: readonly number[];
}

/** The leading columns of a recording: which of them every line has. */
export interface RecordingColumns {
  readonly kind: "recording";
  /** Seconds and nanoseconds. */
  readonly hasOrigin: boolean;
  /** The time from origin to reception. */
  readonly hasOffset: boolean;
  /** The sequence number. */
  readonly hasSequence: boolean;
}

/** The columns of a table of another program: a time, and values in all other columns. */
export interface TableColumns {
  readonly kind: "table";
  /** Index of the time. */
  readonly time: number;
}

/** The columns of a file. */
export type FileColumns = RecordingColumns | TableColumns;

/** The leading columns in their order, by all names that a header may give them. */
const leadingNames: readonly (readonly string[])[] = [
  ["secs", "sec", "seconds"],
  ["nsecs", "nsec", "nanoseconds"],
  ["offset"],
  ["sequence"],
];

/** Names of the time in tables of other programs, without a unit. */
const timeNames: readonly string[] = ["time", "t", "timestamp", "datetime", "date"];

/** A unit behind a name: `time[s]`, `Time (s)`. */
const unitPattern = / *[[(][^\])]*[\])]$/;

/** Digits in front of a comma instead of a point, and behind it. */
const commaPattern = /^([-+]?[0-9]{1,310}),([0-9]{1,1000}(?:[eE][-+]?[0-9]{1,8})?)$/;

/** A time of ISO 8601, or RFC 3339 with a blank for the T; without a zone, UTC is meant. */
const datePattern = new RegExp(
  "^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ](?<time>[0-9]{2}:[0-9]{2})(?<second>:[0-9]{2})?" +
    "(?:[.,](?<fraction>[0-9]{1,30}))? ?(?<zone>Z|[-+][0-9]{2}:?[0-9]{2})?)?$",
  "i",
);

const secondsPattern = /^(?<sec>[0-9]{1,17})(?:\.(?<fraction>[0-9]{0,100}))?$/;

/**
 * Divides a line into cells.
 *
 * @param line The line
 * @param separator The character between cells; one inside quotes belongs to its cell
 * @returns The cells
 */
export function splitCells(line: string, separator: string): Cells {
  const texts: string[] = [];
  const starts: number[] = [];
  for (let start = 0; start <= line.length;) {
    starts.push(start);
    const end = endOfCell(line, start, separator);
    texts.push(cellText(line.slice(start, end).trim(), separator));
    start = end + 1;
  }
  return { texts, starts };
}

function endOfCell(line: string, start: number, separator: string): number {
  let pos = start;
  while (line.charCodeAt(pos) === 0x20) pos++;
  // Two quotes in a row are one that belongs to the text: they end it and begin it again.
  while (line[pos] === '"') {
    const closing = line.indexOf('"', pos + 1);
    if (closing < 0) break;
    pos = closing + 1;
  }
  const end = line.indexOf(separator, pos);
  return end < 0 ? line.length : end;
}

/** Removes quotes, and replaces a decimal comma, which only a number in quotes or between other separators has. */
function cellText(text: string, separator: string): string {
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
  const inner = isQuoted ? text.slice(1, -1).replaceAll('""', '"').trim() : text;
  return (isQuoted || separator !== ",") && inner.includes(",") ? inner.replace(commaPattern, "$1.$2") : inner;
}

/**
 * Finds the separator of a file whose options do not say it: a semicolon where the first cell in front of one is a whole
 * name or number, as spreadsheets write it where numbers have decimal commas.
 *
 * @param line The first line, or a header
 * @param initial The separator of other files
 */
export function findSeparator(line: string, initial: string): string {
  const end = line.indexOf(";");
  if (end < 0) return initial;
  const cell = line.slice(0, end).trim();
  return commaPattern.test(cell) || !cell.includes(initial) ? ";" : initial;
}

/**
 * Reads a header.
 *
 * @param cells The names of the columns
 * @param timeColumn Name or index (from 0) of the time, if it is given
 * @param isComment Whether it begins with the comment character: then it may also be any other comment
 * @returns The columns, or undefined if it is not a header that says them
 */
export function readHeader(
  cells: readonly string[],
  timeColumn: string | number | undefined,
  isComment: boolean,
): FileColumns | undefined {
  const names = cells.map((cell) => cell.replace(unitPattern, "").toLowerCase());
  if (timeColumn !== undefined) return findTimeColumn(cells, names, timeColumn, isComment);
  const found: boolean[] = [];
  let next = 0;
  for (const aliases of leadingNames) {
    const isThere = aliases.includes(names[next] ?? "");
    if (isThere) next++;
    found.push(isThere);
  }
  const [hasSecond = false, hasNanosecond = false, hasOffset = false, hasSequence = false] = found;
  if (next > 0 && hasSecond === hasNanosecond) {
    return { kind: "recording", hasOrigin: hasSecond, hasOffset, hasSequence };
  }
  const time = names.findIndex((name) => timeNames.includes(name));
  // "# time, as the controller sees it" is a remark.
  const isRemark = isComment && (time !== 0 || names.length < 2 || names.some((name) => name.includes(" ")));
  if (time >= 0 && !isRemark) return { kind: "table", time };
  // Seconds without nanoseconds.
  return hasSecond && names.length > 1 ? { kind: "table", time: 0 } : undefined;
}

function findTimeColumn(
  cells: readonly string[],
  names: readonly string[],
  timeColumn: string | number,
  isComment: boolean,
): TableColumns | undefined {
  if (typeof timeColumn === "number") return { kind: "table", time: timeColumn };
  const exact = cells.indexOf(timeColumn);
  const time = exact >= 0 ? exact : names.indexOf(timeColumn.toLowerCase());
  if (time >= 0) return { kind: "table", time };
  if (isComment) return undefined;
  throw new TextValueError(`there is no column "${timeColumn}": the header has ${cells.join(", ")}`);
}

/** Tells whether a line begins like a header: with a name, and not with a number or a time. */
export function isHeaderCell(text: string): boolean {
  return /^[A-Za-z_]/.test(text) && !/^[-+]?(?:nan|inf)/i.test(text);
}

/**
 * Reads a time of a table: seconds since 1970 or since the start, or a date of ISO 8601.
 *
 * @param text The text; digits behind the ninth decimal are dropped
 * @returns The timestamp
 * @throws {TextValueError} If it is no such time, or one before 1970
 */
export function readTime(text: string): Timestamp {
  const seconds = secondsPattern.exec(text)?.groups;
  if (seconds !== undefined) return { sec: readSecond(seconds.sec ?? ""), nsec: nanoseconds(seconds.fraction) };
  const parts = datePattern.exec(text)?.groups;
  if (parts !== undefined) {
    const { date, time = "00:00", second = ":00", fraction, zone = "Z" } = parts;
    const milliseconds = Date.parse(
      `${date}T${time}${second}${zone.toUpperCase().replace(/^(.\d\d)(\d\d)$/, "$1:$2")}`,
    );
    if (milliseconds >= 0) return { sec: milliseconds / 1000, nsec: nanoseconds(fraction) };
    throw new TextValueError(`expected a time since 1970, got "${text}"`);
  }
  if (!/^[-+]?[0-9.]/.test(text)) {
    throw new TextValueError(`expected a time in seconds or as in ISO 8601, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  // With an exponent, such as 1e-3.
  const value = readFloat(text);
  if (!(value >= 0 && value < 2 ** 53)) {
    throw new TextValueError(`expected a time since 1970 or since the start, got ${value}`);
  }
  const sec = Math.floor(value);
  const nsec = Math.round((value - sec) * 1e9);
  return nsec < 1e9 ? { sec, nsec } : { sec: sec + 1, nsec: 0 };
}

function nanoseconds(fraction = ""): number {
  return Number(fraction.slice(0, 9).padEnd(9, "0"));
}
