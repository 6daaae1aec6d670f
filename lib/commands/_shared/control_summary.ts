/**
 * The figures of a controller as lines of text.
 *
 * @module
 */

import { plural } from "../../system/text.ts";
import type { ControlFigures } from "../../controllers/figures.ts";
import type { FaultKind } from "../../controllers/faults.ts";
import type { DistributionFigures } from "../../timing/distribution.ts";
import { formatDuration } from "../../timing/durations.ts";

/** Names of faults in the summary. */
const faultNames: Readonly<Record<FaultKind, string>> = {
  exception: "exception",
  value: "value that was not finite",
  length: "wrong length",
  type: "wrong type",
  deadline: "missed deadline",
  overlap: "overlap",
  refused: "output that was refused",
  silence: "silence",
};

/** Writes the figures of a controller. */
export function describeControl(figures: ControlFigures): string[] {
  const { steps, skipped, outputs, safeOutputs, limited, faults, reloads, stepTime, lateness, inputAge } = figures;
  const found = Object.entries(faults).filter(([, count]) => count > 0)
    .map(([kind, count]) => countFaults(count, faultNames[kind as FaultKind]));
  return [
    `Took ${plural(steps, "step")}: ${describeTimes(stepTime)}`,
    ...steps === 0 ? [] : [`Began them late by ${describeTimes(lateness)}`],
    ...skipped === 0 ? [] : [`Left out ${plural(skipped, "step")}, because the next one was due already`],
    ...inputAge.count === 0 ? [] : [`Age of the input ${describeTimes(inputAge)}`],
    `Sent ${plural(outputs, "output")} of steps, and the safe values ${times(safeOutputs)}`,
    ...limited === 0 ? [] : [`Limited ${plural(limited, "value")}`],
    ...reloads === 0 ? [] : [`Replaced the controller ${times(reloads)}`],
    ...found.length === 0 ? [] : [`Faults: ${found.join(", ")}`],
  ];
}

function describeTimes({ p50, p99, p999, max }: DistributionFigures): string {
  if (p50 === null || p99 === null || p999 === null || max === null) return "none";
  const [median, high, higher, highest] = [p50, p99, p999, max].map(formatDuration);
  return `p50 ${median}, p99 ${high}, p99.9 ${higher}, max ${highest}`;
}

function countFaults(count: number, name: string): string {
  if (count === 1) return `1 ${name}`;
  const plurals: Readonly<Record<string, string>> = {
    "value that was not finite": "values that were not finite",
    "output that was refused": "outputs that were refused",
  };
  return `${count} ${plurals[name] ?? `${name}s`}`;
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
