/**
 * A controller at a fixed rate that compares the time of its steps with the clock of the machine: a grid that drifts is farther
 * from it at the end than in the beginning.
 *
 * The least distance of a second is that of a step that was nearly on time. The last argument of the process is not its own, so
 * the environment names the file that it writes.
 *
 * @module
 */

import type { StepContext } from "@villas/client/controllers";

export const signals = { in: "8f", out: "8f" };

/** The least distances of the first second and of the current one, in seconds. */
const least = { first: Infinity, last: Infinity };
/** The second that goes on. */
let second = 0;
let current = Infinity;

export default (values: readonly number[], { time }: StepContext): readonly number[] => {
  const distance = performance.now() / 1000 - time;
  if (time >= second + 1) {
    if (second === 0) least.first = current;
    least.last = current;
    second = Math.floor(time);
    current = Infinity;
  }
  current = Math.min(current, distance);
  return values;
};

export function stop(): void {
  Deno.writeTextFileSync(Deno.env.get("DRIFT_FILE") ?? "drift.json", JSON.stringify({ ...least, seconds: second }));
}
