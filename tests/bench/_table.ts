/**
 * Figures as text, 80 columns wide.
 *
 * @module
 */

import { type Figure, findFigure, median, quantile, ratio } from "./_figures.ts";
import type { Outcome } from "./_targets.ts";

/** The figures of a group as a table. */
export function describeFigures(figures: readonly Figure[], title: string): string[] {
  const [first] = figures;
  if (first === undefined) return [];
  const { group, reference } = first;
  const lines = [row(`${group}: ${title}`, "median", "quartiles", "runs", reference === undefined ? "" : "ratio")];
  for (const task of new Set(figures.map((figure) => figure.task))) {
    const other = reference === undefined ? undefined : findFigure(figures, group, task, reference);
    lines.push(`  ${task}${other === undefined ? "" : ` (ratio: times ${reference})`}`);
    for (const figure of figures.filter((figure) => figure.task === task)) lines.push(figureRow(figure, other));
  }
  return lines;
}

/** The targets and what became of them as a table. */
export function describeOutcomes(outcomes: readonly Outcome[]): string[] {
  const verdict = ({ isMet }: Outcome) => isMet === undefined ? "not measured" : isMet ? "met" : "MISSED";
  return [
    `${"targets".padEnd(52)}${"wanted".padStart(8)}${"got".padStart(7)}`,
    ...outcomes.map((outcome) =>
      `  ${outcome.what.padEnd(50)}${outcome.wanted.padStart(8)}${(outcome.got?.toFixed(2) ?? "").padStart(7)}  ` +
      verdict(outcome)
    ),
  ];
}

function figureRow(figure: Figure, other: Figure | undefined): string {
  const { subject, unit, runs } = figure;
  const quartiles = `${format(quantile(runs, 0.25))} to ${format(quantile(runs, 0.75))}`;
  const times = other === undefined ? "" : ratio(figure, other).toFixed(2);
  return row(`    ${subject}`, `${format(median(runs))} ${unit}`, quartiles, String(runs.length), times);
}

function row(name: string, middle: string, spread: string, runs: string, times: string): string {
  return `${name.padEnd(36)}${middle.padStart(12)}${spread.padStart(18)}${runs.padStart(6)}${times.padStart(8)}`
    .trimEnd();
}

/** A figure with three digits. */
function format(value: number): string {
  if (value >= 999_500) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 999.5) return `${(value / 1e3).toPrecision(3)}k`;
  return value === 0 ? "0" : value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
