/**
 * The result of a comparison of files: as text for a person, as one JSON object for a program.
 *
 * @module
 */

import type { Comparison, FirstDifference } from "../../recordings/compare.ts";
import { differenceKinds } from "../../recordings/differences.ts";
import type { Position } from "../../formats/errors.ts";
import { json } from "../../formats/json.ts";
import { isComplex, type Sample, type Timestamp, type Value } from "../../samples/sample.ts";
import { plural } from "../../system/text.ts";
import { typeOfValue } from "../../samples/value_types.ts";

/** A comparison of files. */
export interface FileComparison extends Comparison {
  /** The files, in the order of the streams. */
  files: readonly { readonly path: string; readonly format: string }[];
  /** Greatest distance of numbers that count as equal. */
  epsilon: number;
  /** Places of the two samples of the first difference: in the first file, and in the other one. */
  positions: readonly [Position, Position];
}

/** Writes the result as lines of text; none if the files are equal. */
export function describeComparison(comparison: FileComparison): string[] {
  const { first, streams, files, positions, isComplete } = comparison;
  const [reference, ...others] = files.map(({ path }) => path);
  if (first === undefined) return [];
  const path = files[first.stream]?.path;
  const lines = [`${reference} and ${path} differ first in sample ${first.index}: ${describeFirst(first, comparison)}`];
  // Where the lines are alike, such as those of NaN and an unset value, they say what they do not show.
  const isAlike = first.expected !== undefined && first.actual !== undefined &&
    lineOf(first.expected) === lineOf(first.actual);
  const show = (sample: Sample) => `${lineOf(sample)}${isAlike ? `  (${describeSide(first, sample)})` : ""}`;
  if (first.expected) lines.push(`${reference}${placeOf(positions[0])}:`, show(first.expected));
  if (first.actual) lines.push(`${path}${placeOf(positions[1])}:`, show(first.actual));
  const widths = differenceKinds.map((kind) => Math.max(kind.length, 7) + 2);
  const row = (cells: readonly (string | number)[], end: string) =>
    `${cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join("")}  ${end}`;
  const samples = streams[0]?.samples ?? 0;
  lines.push(
    "",
    `Samples that differ from the ${samples} of ${reference}${isComplete ? "" : ", as far as compared"}, in`,
  );
  lines.push(row(differenceKinds, "file"));
  for (const [index, other] of others.entries()) {
    const differences = streams[index + 1]?.differences;
    lines.push(row(differenceKinds.map((kind) => differences?.[kind] ?? 0), other));
  }
  for (const [index, other] of others.entries()) {
    const { values = 0, largest } = streams[index + 1] ?? {};
    if (values === 0) continue;
    const apart = largest && `, at most ${largest.distance} apart (value ${largest.value} of sample ${largest.index})`;
    lines.push(`${other}: ${values} ${values === 1 ? "value differs" : "values differ"}${apart ?? ""}`);
  }
  return lines;
}

/** Writes the result as a JSON object with the same keys in every case, on one line. */
export function comparisonToJson(comparison: FileComparison, status: number): string {
  const { first, streams, files, positions, isComplete, epsilon } = comparison;
  const side = (stream: number, position: Position, sample: Sample | undefined) => ({
    file: files[stream]?.path ?? null,
    line: position.line ?? null,
    offset: position.offset ?? null,
    sample: sample === undefined ? null : toJsonObject(sample),
  });
  const number = (value: number | bigint | undefined) => value === undefined ? null : rawJson(numberToJson(value));
  return JSON.stringify({
    command: "compare",
    status,
    equal: first === undefined && isComplete,
    complete: isComplete,
    epsilon: number(epsilon),
    first: first === undefined ? null : {
      kind: first.kind,
      index: first.index,
      value: first.value ?? null,
      distance: number(first.distance),
      expected: side(0, positions[0], first.expected),
      actual: side(first.stream, positions[1], first.actual),
    },
    files: files.map(({ path, format }, index) => {
      const { samples = 0, differences, values = 0, largest } = streams[index] ?? {};
      const furthest = largest && { ...largest, distance: number(largest.distance) };
      return { file: path, format, samples, differences, values, largest: furthest ?? null };
    }),
  });
}

function describeFirst(first: FirstDifference, { files, epsilon }: FileComparison): string {
  const { kind, expected, actual, value = 0, distance } = first;
  const both = (show: (sample: Sample) => string) =>
    [expected, actual].map((sample) => sample && show(sample)).join(" and ");
  const apart = distance === undefined ? "" : `, ${distance} apart (epsilon ${epsilon})`;
  switch (kind) {
    case "length": {
      const [ended, longer] = expected === undefined ? [0, first.stream] : [first.stream, 0];
      return `${files[ended]?.path} has ended, ${files[longer]?.path} goes on`;
    }
    case "sequence":
      return `sequence number ${both(({ sequence }) => String(sequence ?? "none"))}`;
    case "timestamp":
      return `origin timestamp ${both(({ tsOrigin }) => showTimestamp(tsOrigin))}${
        apart.replace(" apart", " s apart")
      }`;
    case "values":
      return `number of values ${both(({ values }) => String(values.length))}`;
    case "type":
      return `type of value ${value}, ${both(({ values }) => typeOfValue(values[value] ?? null))}`;
    case "data":
      return `value ${value}, ${both(({ values }) => showValue(values[value] ?? null))}${apart}`;
  }
}

/** Describes the part of a sample that differs. */
function describeSide({ kind, value = 0 }: FirstDifference, { sequence, tsOrigin, values }: Sample): string {
  switch (kind) {
    case "sequence":
      return `sequence number ${sequence ?? "none"}`;
    case "timestamp":
      return `origin timestamp ${showTimestamp(tsOrigin)}`;
    case "type":
    case "data":
      return `value ${value} is ${typeOfValue(values[value] ?? null) ?? "unset"} ${showValue(values[value] ?? null)}`;
    default:
      return plural(values.length, "value");
  }
}

function placeOf({ line, offset }: Position): string {
  return line !== undefined ? `, line ${line}` : offset !== undefined ? `, offset ${offset}` : "";
}

function showTimestamp(time: Timestamp | undefined): string {
  return time === undefined ? "none" : `${time.sec}.${String(time.nsec).padStart(9, "0")}`;
}

function showValue(value: Value): string {
  if (!isComplex(value)) return Object.is(value, -0) ? "-0" : String(value);
  const { real, imag } = value;
  return `${real}${imag < 0 || Object.is(imag, -0) ? "-" : "+"}${Math.abs(imag)}i`;
}

/** Writes a sample as VILLASnode's format `json` does, without the line end. */
function lineOf(sample: Sample): string {
  return String(json().createEncoder()([sample])).trimEnd();
}

/** Writes a number with all its digits; JSON has none for infinities. */
function numberToJson(value: number | bigint): string {
  return typeof value === "bigint" || Number.isFinite(value) ? String(value) : "null";
}

/** Turns a sample into an object that is written as VILLASnode writes it: not all its numbers are JavaScript numbers. */
function toJsonObject(sample: Sample): unknown {
  // TypeScript does not know the third argument yet.
  const keepNumber = (_key: string, value: unknown, context?: { source: string }) =>
    typeof value === "number" && context !== undefined ? rawJson(context.source) : value;
  return JSON.parse(lineOf(sample), keepNumber);
}

/** Creates a number that is written with exactly these digits. */
function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
